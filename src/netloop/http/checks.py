"""Checks: one timer that looks for requests that come too slowly, instead of timers for each (see `clocks`).

It is what the option `connections_checking_interval` asks for: a request that begins to come only notes when, and one that is
too slow lives until the next check.  While there are no connections there are no checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._engine.timer_lists import Timer

if TYPE_CHECKING:
    from ..loop import Loop
    from .connection_ending import ConnectionEnding

__all__ = ["Checks"]


class Checks(Timer):
    """Those of one server."""

    def __init__(self, connections: set[ConnectionEnding], interval_ms: int) -> None:
        """`connections`: those of the server, now and later."""
        self._connections = connections
        self._interval_ms = interval_ms
        self._loop: Loop | None = None
        self.unref()

    def begin(self, loop: Loop) -> None:
        """A request comes: check from now on, if that is not done already."""
        if not self.active:
            self._loop = loop
            self.start(loop.timers, self._interval_ms)

    def on_timeout(self) -> None:
        for connection in [*self._connections]:
            connection.clocks.look()
        if self._connections and self._loop is not None:
            self.begin(self._loop)
