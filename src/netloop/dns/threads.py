"""The threads in which the system's resolver blocks.

They are no `concurrent.futures` pool, for three reasons.  A resolver that hangs, for half a minute if the network does,
must not hold up a program that wants to exit, and that pool is joined at exit.  Starting a `threading.Thread` waits until
it runs, and the loop is what would wait.  And nobody has to shut this one down: a thread that found no work for a
second ends, so a program that resolves names only when it starts keeps no threads.
"""

from __future__ import annotations

import os
from _thread import allocate_lock, start_new_thread
from collections.abc import Callable
from queue import Empty, SimpleQueue

__all__ = ["Threads", "threads"]

LIMIT = 32          # as asyncio's default pool has at most; each waits for a network, none needs a processor
LINGER_S = 1.0      # a look-up is often followed by another, and a new thread costs more than many look-ups

Work = Callable[[], object]


class Threads:
    """Calls functions, none of which may raise, in at most `limit` threads."""

    def __init__(self, limit: int = LIMIT, linger: float = LINGER_S) -> None:
        self._limit = limit
        self._linger = linger
        self.forget()

    def forget(self) -> None:
        """Begin anew: in the child of a fork there are no threads, and a lock may be held for ever."""
        self._work: SimpleQueue[Work] = SimpleQueue()
        self._lock = allocate_lock()
        self._running = 0
        self._idle = 0

    @property
    def running(self) -> int:
        """How many threads there are, idle ones included."""
        return self._running

    @property
    def idle(self) -> int:
        """How many of them wait for work."""
        return self._idle

    def call(self, work: Work) -> None:
        """Call `work()` in a thread, soon.

        Raises RuntimeError when the system has no thread for it and none is running.
        """
        with self._lock:
            self._work.put(work)
            if self._work.qsize() > self._idle and self._running < self._limit:
                self._start()

    def _start(self) -> None:
        try:
            start_new_thread(self._run, ())
        except RuntimeError:
            if self._running == 0:
                self._work.get_nowait()
                raise               # otherwise the threads that run will come to it
        else:
            self._running += 1

    def _run(self) -> None:
        while (work := self._next()) is not None:
            work()
            del work                # what it holds must not wait for the next one

    def _next(self) -> Work | None:
        with self._lock:
            self._idle += 1
        try:
            work = self._work.get(timeout=self._linger)
        except Empty:
            work = None
        with self._lock:
            self._idle -= 1
            if work is None and self._work.empty():
                self._running -= 1
                return None
        return work if work is not None else self._work.get()


threads = Threads()
os.register_at_fork(after_in_child=threads.forget)
