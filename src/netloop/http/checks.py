"""Checks: one timer that looks for requests that come too slowly, instead of timers for each (see `clocks`).

It is what the option `connections_checking_interval` asks for: a request that begins to come only notes when, and one that is
too slow lives until the next check.  While there are no connections there are no checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._engine.timer_lists import Timer

if TYPE_CHECKING:
    from ..loop import Loop
    from .service import Service

__all__ = ["Checks"]


class Checks(Timer):
    """Those of one server."""

    def __init__(self, service: Service, interval_ms: int) -> None:
        self._service = service
        self._interval_ms = interval_ms
        self._loop: Loop | None = None
        self.unref()

    def begin(self, loop: Loop) -> None:
        """A request comes: check from now on, if that is not done already."""
        if not self.active:
            self._loop = loop
            self.start(loop.timers, self._interval_ms)

    def on_timeout(self) -> None:
        for connection in [*self._service.connections]:
            connection.clocks.look()
        if self._service.connections and self._loop is not None:
            self.begin(self._loop)
