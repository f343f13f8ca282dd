"""Departures: answers that were made in a turn leave at its end, one after the other.

A server that is busy finds many requests at once.  To answer each before the next is read sends the processor to and fro
between the kernel and us, and each side finds its caches full of the other's: with 64 connections that costs an eighth of
the time of a short request.  So what a connection's listeners answered while it looked at what came in is kept until the
poller has handed out everything that it found.

Nobody waits for long: when listeners take their time, what is kept leaves before the next listener is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..loop import Loop
    from .outlet import Outlet

__all__ = ["Departures"]

_LONGEST_WAIT_NS = 1_000_000    # as long as some 100 short requests take


class Departures:
    """The outlets of one loop that have something to send."""

    if TYPE_CHECKING:
        _outlets: list[Outlet]

    def __init__(self) -> None:
        self._outlets = []

    def add(self, outlet: Outlet, loop: Loop) -> None:
        """Flush `outlet` at the end of this turn, or now if this turn is long already."""
        outlets = self._outlets
        if not outlets:
            loop.set_immediate(self.leave)
        outlets.append(outlet)
        if loop.clock() - loop.now > _LONGEST_WAIT_NS:
            self.leave()

    def leave(self) -> None:
        """Flush all."""
        outlets = self._outlets
        if not outlets:
            return
        self._outlets = []
        for outlet in outlets:
            try:
                outlet.flush()
            except Exception as error:
                outlet.stream._loop.report(error)
