"""Heartbeat: finds a dead peer, which TCP alone would not miss for hours.

When nothing came for the interval, a ping goes out; when nothing comes for the timeout after that, the connection is ended,
with an `error` whose code is WS_ERR_HEARTBEAT.  Whatever the peer sends counts as a sign of life, not only the pong.

A loop that is blocked by the program hears nobody either.  So the clock tells how late this timer was: when that is more than
half of the timeout, the peer gets another one, and if it is silent then, too, the error says that our loop was blocked.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .._engine.timer_lists import Timer
from .errors import WebSocketError

if TYPE_CHECKING:
    from .connection import Connection
    from .options import ConnectionOptions
    from .websocket import WebSocket

__all__ = ["Heartbeat"]


class Heartbeat(Timer):
    """The heartbeat of one connection.  It does not keep the loop alive: the connection does."""

    def __init__(self, websocket: WebSocket, wire: Connection, options: ConnectionOptions) -> None:
        self._websocket = websocket
        self._wire = wire
        self._interval = options.heartbeat
        self._timeout = options.heartbeat_timeout
        self._waiting = False           # a ping is under way
        self._blocked_ms = 0            # by how much the timer was late
        self.unref()
        self._wait(self._interval)

    def on_timeout(self) -> None:
        late_ms = int((time.monotonic() - self._due) * 1000)
        heard, self._wire.heard = self._wire.heard, False
        if heard or self._wire.paused or self._wire.held:       # who does not listen cannot complain of silence
            self._waiting = False
            self._wait(self._interval)
        elif self._waiting and late_ms > self._timeout // 2:
            self._blocked_ms = late_ms
            self._wait(self._timeout)
        elif self._waiting:
            self._end()
        else:
            self._ping()

    def on_pong(self) -> None:
        """It is alive: the interval begins anew, which need not wait for the end of the timeout."""
        if self._waiting:
            self._waiting = self._wire.heard = False
            self._wait(self._interval)

    def _wait(self, duration: int) -> None:
        self._due = time.monotonic() + duration / 1000
        self.start(self._websocket._loop.timers, duration)

    def _ping(self) -> None:
        if self._websocket.ready_state == 1:
            self._waiting = True
            self._blocked_ms = 0
            self._websocket.ping()
            self._wait(self._timeout)

    def _end(self) -> None:
        message = f"nothing came for {self._timeout} ms after a ping"
        if self._blocked_ms:
            message += f"; but the loop of this program was blocked for {self._blocked_ms} ms, which may be why"
        self._websocket._emit_safely("error", (WebSocketError(message, "WS_ERR_HEARTBEAT", close_code=1006),))
        self._websocket.terminate()
