"""Departures: answers that were made in a turn leave at its end, one after the other.

A server that is busy finds many requests at once.  To answer each before the next is read sends the processor to and fro
between the kernel and us, and each side finds its caches full of the other's: with 64 connections that costs an eighth of
the time of a short request.  So what a connection's listeners answered while it looked at what came in is kept, by a
`Gatherer`, until the poller has handed out everything that it found.

Nobody waits for long: when listeners take their time, what is kept leaves before the next listener is called.  And nobody
waits for himself: what was found alone is answered at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..loop import Loop

__all__ = ["Departures", "Gatherer"]

_LONGEST_WAIT_NS = 1_000_000    # as long as some 100 short requests take


class Gatherer:
    """Who keeps what is to be written to a stream.

    As long as it does, it is the `gatherer` of the stream's `WritableState`: whoever writes past it comes after it.
    """

    def flush(self) -> None:
        """Hook: write what was gathered, and be the stream's gatherer no more."""


class Departures:
    """Those of one loop that have something to send."""

    if TYPE_CHECKING:
        _gatherers: list[Gatherer]
        _loop: Loop | None

    def __init__(self) -> None:
        self._gatherers = []
        self._loop = None

    def add(self, gatherer: Gatherer, loop: Loop) -> None:
        """Flush `gatherer` at the end of this turn, or now if nothing else was found in it, or if it is long already."""
        if loop.found < 2:
            gatherer.flush()
        else:
            self._keep(gatherer, loop)

    def _keep(self, gatherer: Gatherer, loop: Loop) -> None:
        gatherers = self._gatherers
        if not gatherers:
            self._loop = loop
            loop.set_immediate(self.leave)
        gatherers.append(gatherer)
        if loop.clock() - loop.now > _LONGEST_WAIT_NS:
            self.leave()

    def leave(self) -> None:
        """Flush all."""
        gatherers = self._gatherers
        if not gatherers:
            return
        self._gatherers = []
        for gatherer in gatherers:
            try:
                gatherer.flush()
            except Exception as error:
                self._loop.report(error)  # type: ignore[union-attr]  # `add` has set it
