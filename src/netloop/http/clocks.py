"""The three clocks of a server's connection.

    idle        nothing is coming: how long the connection is kept for the next request, after the last message either
                way; empty lines that come meanwhile are no sign of one
    headers     how long a head may take, from its first byte (of the first request: from the connection)
    request     how long a whole request may take

They are exact: each is a timer of its own, made when it is first needed.  A request that comes in one piece, as most
do, never starts the last two.  Of the first it only notes the time: a timer that is due looks when that was, and is set
for the rest, which costs a busy connection one timer in a minute instead of one for each request.

With the option `connections_checking_interval` the last two are no timers either: see `checks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._engine.tick_queue import recent
from .._engine.timer_lists import Timer

if TYPE_CHECKING:
    from ..loop import Loop
    from .connection_ending import ConnectionEnding

__all__ = ["Clocks"]

LINGER_MS = 2000            # how long a client may go on sending after we have answered and finished
IDLE, REQUEST, LINGER = range(3)
_IDLE, _REQUEST, _LINGER = IDLE, REQUEST, LINGER


class Clocks:
    """See the module."""

    if TYPE_CHECKING:
        _connection: ConnectionEnding
        _loop: Loop
        _idle: ConnectionTimer | None
        _headers: ConnectionTimer | None
        _request: ConnectionTimer | None
        _coming: bool
        _in_head: bool
        _coming_since: int      # nanoseconds, in the time of loops; for checks
        _idle_since: int        # the same
        active: bool            # a message came or was sent since then

    def __init__(self, connection: ConnectionEnding) -> None:
        self._connection = connection
        self._loop = connection.socket._loop
        self._idle = self._headers = self._request = None
        self._coming = self._in_head = self.active = False
        self._coming_since = self._idle_since = 0

    def start_first(self) -> None:
        """The connection is there: the client must say something."""
        self.head_is_coming()

    def nothing_is_coming(self) -> None:
        if self._coming:
            if self._connection.requests == 0:
                return                          # it connected, and the clocks run
            self.message_came()
        if self.active or self._idle is None:
            self._idle_since = recent(self._loop)
            self.active = False
        if self._idle is None:
            self._start_idle(self._idle_limit())

    def _idle_limit(self) -> int:
        service = self._connection.service
        return service.keep_alive_timeout + service.keep_alive_timeout_buffer if service.keep_alive_timeout > 0 else 0

    def _start_idle(self, milliseconds: int) -> None:
        self._idle = self._start(milliseconds, _IDLE) if milliseconds > 0 else None

    def idle_time_is_up(self) -> bool:
        """The idle clock's timer is due; False when a message came or was sent since it was set, and it runs again."""
        limit = self._idle_limit()
        passed = self._loop.clock() - self._idle_since
        if limit and 1_000_000 * limit > passed:
            self._start_idle(limit - passed // 1_000_000)
            return False
        self._idle = None
        return True

    def head_is_coming(self) -> None:
        if not self._coming:
            self._coming = True
            service = self._connection.service
            if service.checks is not None:
                self._in_head = True
                self._coming_since = self._loop.clock()
                service.checks.begin(self._loop)
                return
            if service.headers_timeout > 0:
                self._headers = self._start(service.headers_timeout, _REQUEST)
            if service.request_timeout > 0:
                self._request = self._start(service.request_timeout, _REQUEST)

    def body_is_coming(self) -> None:
        if not self._coming:
            self.head_is_coming()
        self._in_head = False
        if self._headers is not None:
            self._headers.stop()
            self._headers = None

    def message_came(self) -> None:
        """All of it, so the next one starts anew."""
        self.active = True
        if self._coming:
            self._coming = False
            if self._headers is not None:
                self._headers.stop()
            if self._request is not None:
                self._request.stop()
            self._headers = self._request = None

    def begin_anew(self, in_head: bool) -> None:
        """What is coming has its time once more."""
        self.message_came()
        if in_head:
            self.head_is_coming()
        else:
            self.body_is_coming()

    def look(self) -> None:
        """A check: a request that is too slow is given up."""
        service = self._connection.service
        passed = (self._loop.clock() - self._coming_since) // 1_000_000
        if self._coming and (0 < service.request_timeout <= passed or (
                self._in_head and 0 < service.headers_timeout <= passed)):
            self._connection.time_is_up()

    def linger(self) -> None:
        self._stop_all()
        self._idle = self._start(LINGER_MS, _LINGER)

    def stop(self) -> None:
        """For good.  The connection, which refers to us, is let go, but not now: it may be about to do something else."""
        self._stop_all()
        self._loop.next_tick(self._let_go)

    def _let_go(self) -> None:
        self._connection = None  # type: ignore[assignment]  # nobody asks any more

    def _stop_all(self) -> None:
        self.message_came()
        if self._idle is not None:
            self._idle.stop()
            self._idle = None

    def _start(self, duration: int, kind: int) -> ConnectionTimer:
        timer = ConnectionTimer()
        timer.connection = self._connection
        timer.kind = kind
        timer.unref()                           # the socket keeps the loop alive, if it shall
        timer.start(self._loop.timers, duration)
        return timer


class ConnectionTimer(Timer):
    """One clock."""

    if TYPE_CHECKING:
        connection: ConnectionEnding
        kind: int

    def on_timeout(self) -> None:
        connection = self.connection
        if self.kind == _REQUEST:
            connection.time_is_up()
        elif self.kind == _LINGER or (connection.clocks.idle_time_is_up() and connection.idle):
            connection.close()
