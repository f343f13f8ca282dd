"""c-ares on the loop: its sockets are watched, its time is told, its answers are delivered on ticks.

c-ares opens and closes sockets as it likes, and says by a callback which of them it wants watched for what.  The asyncio
loop watches them, which works the same on our own loop (whose poller does it, see _engine/selector.pyx), in an embedded
one and in uvloop.  The other way, c-ares' own event thread, costs a thread and four descriptors for each channel, and
was measured at 68 us of CPU time for a question, against 58 this way, with 100 of them under way.

c-ares keeps answers for their TTL, and reads ``/etc/resolv.conf`` when a channel is made.  Node promises no
cache, and a long-lived program should notice another network.  So a channel takes questions for a second only, enough
for those that come together; then the resolver makes a new one, and this one ends with its last answer.

Thousands of questions at once go out a window at a time, the next ones as answers come: a socket's receive buffer has
room for some 250 of them, and one that is lost there, or on the server's side, costs a timeout.  Answers that do not come
hold nobody up for longer than a short pause.

What must hold: c-ares is never called from within one of its callbacks, which only queue a tick.  A channel without a
question has no socket open.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

import pycares

from .._engine.timer_lists import Timer
from ..loop import Loop

if TYPE_CHECKING:
    from .query import Query

__all__ = ["Channel", "Settings"]

LIFETIME_S = 1.0
WINDOW = 100        # questions that wait for their answers, until more are asked
PAUSE_MS = 100      # after which they are asked nevertheless


class Settings(NamedTuple):
    """What a `Resolver` was told."""

    timeout: int = -1                           # milliseconds; -1: as c-ares has it
    tries: int = 4
    servers: tuple[str, ...] | None = None      # None: those of the system
    local_addresses: tuple[str, ...] = ()


def new_ares_channel(settings: Settings, **options: Any) -> pycares.Channel:
    """A channel of c-ares with these settings."""
    if settings.timeout >= 0:
        options["timeout"] = settings.timeout / 1000
    ares = pycares.Channel(tries=settings.tries, **options)
    if settings.servers is not None:
        ares.servers = settings.servers
    for address in settings.local_addresses:
        ares.set_local_ip(address)  # type: ignore[no-untyped-call]
    return ares


class Channel:
    """The questions that one resolver has under way on one loop."""

    def __init__(self, loop: Loop, settings: Settings) -> None:
        self.loop = loop
        self._queries: set[Query] = set()
        self._waiting: deque[Query] = deque()       # to be asked
        self._unanswered = 0                        # by c-ares, also of queries that were cancelled
        self._watched: dict[int, tuple[bool, bool]] = {}
        self._ares: pycares.Channel | None = new_ares_channel(settings, sock_state_cb=self._watch)
        self._alarm = Alarm(self._on_alarm)
        self._pause = Alarm(self._on_pause)
        self._expires = monotonic() + LIFETIME_S

    @property
    def fresh(self) -> bool:
        """Whether it takes more questions."""
        return self._ares is not None and monotonic() < self._expires

    @property
    def busy(self) -> bool:
        return bool(self._queries)

    # --- questions ------------------------------------------------------------------------------------------------

    def start(self, query: Query) -> None:
        """Ask.  The query is finished on a later tick, also when c-ares knows at once."""
        self._queries.add(query)
        query.channel = self
        if self._waiting or self._unanswered >= WINDOW:
            if not self._waiting:
                self._pause.start(self.loop.timers, PAUSE_MS)
            self._waiting.append(query)
        else:
            self._ask(query)

    def _ask(self, query: Query) -> None:
        def on_answer(answer: Any, status: int | None) -> None:
            self._unanswered -= 1
            self.loop.next_tick(self._finish, (query, answer, status))

        self._unanswered += 1
        try:
            query.ask(self._ares, on_answer)
        except pycares.AresError:
            pass                    # on_answer was called with the reason
        except (UnicodeError, RuntimeError):        # what the idna codec, or the package idna, cannot write
            on_answer(None, pycares.errno.ARES_EBADNAME)
        if not self._alarm.active:
            self._set_alarm()

    def _ask_more(self, most: int) -> None:
        """Ask those that wait, until so many are unanswered."""
        while self._waiting and self._unanswered < most:
            query = self._waiting.popleft()
            if query in self._queries:      # else it was cancelled
                self._ask(query)
        if self._waiting:
            self._pause.start(self.loop.timers, PAUSE_MS)
        else:
            self._pause.stop()

    def _on_pause(self) -> None:
        self._ask_more(self._unanswered + WINDOW)

    def remove(self, query: Query) -> None:
        """A query is over.  After the last one, what c-ares still waits for is for nobody."""
        self._queries.discard(query)
        query.channel = None
        if not self._queries:
            self._rest()

    def cancel(self) -> None:
        """Every query ends with ECANCELLED."""
        waiting, self._waiting = self._waiting, deque()
        self._pause.stop()
        for query in waiting:
            self.loop.next_tick(self._finish, (query, None, pycares.errno.ARES_ECANCELLED))
        if self._ares is not None and self._unanswered:
            self._ares.cancel()

    def abandon(self) -> None:
        """The loop was closed without a word: nobody waits any more."""
        self._queries.clear()
        self._rest()
        self._close()

    def _finish(self, query: Query, answer: Any, status: int | None) -> None:
        if self._waiting and self._unanswered < WINDOW:
            self._ask_more(WINDOW)
        if query in self._queries:
            self.remove(query)
            query.finish(answer, status)

    def _rest(self) -> None:
        """Nothing is asked: close the sockets, and for good if there will be no more questions."""
        self._alarm.stop()
        self.cancel()
        if not self.fresh:
            self._close()

    def _close(self) -> None:
        ares, self._ares = self._ares, None
        if ares is not None:
            ares.close()

    # --- sockets and time -----------------------------------------------------------------------------------------

    def _watch(self, fd: int, readable: bool, writable: bool) -> None:
        """c-ares wants to know when this socket is ready; with neither, it is about to close it."""
        loop = self.loop.asyncio_loop
        was_readable, was_writable = self._watched.pop(fd, (False, False))
        if readable or writable:
            self._watched[fd] = bool(readable), bool(writable)
        if loop.is_closed():
            return
        if readable and not was_readable:
            loop.add_reader(fd, self._process, fd, pycares.ARES_SOCKET_BAD)
        elif was_readable and not readable:
            loop.remove_reader(fd)
        if writable and not was_writable:
            loop.add_writer(fd, self._process, pycares.ARES_SOCKET_BAD, fd)
        elif was_writable and not writable:
            loop.remove_writer(fd)

    def _process(self, readable_fd: int, writable_fd: int) -> None:
        """Let c-ares read, write, and look at the clock."""
        if self._ares is not None:
            self._ares.process_fd(readable_fd, writable_fd)
            self._set_alarm()

    def _on_alarm(self) -> None:
        self._process(pycares.ARES_SOCKET_BAD, pycares.ARES_SOCKET_BAD)

    def _set_alarm(self) -> None:
        """Wake c-ares when its next try is due."""
        if self._ares is not None and self._queries:
            seconds: float = self._ares.timeout()  # type: ignore[no-untyped-call]
            self._alarm.start(self.loop.timers, max(1, math.ceil(seconds * 1000)))


class Alarm(Timer):
    """Calls back after a while.  What keeps the loop alive is the queries."""

    def __init__(self, callback: Callable[[], object]) -> None:
        self._callback = callback
        self.unref()

    def on_timeout(self) -> None:
        self._callback()
