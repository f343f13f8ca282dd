"""A blocking call in a thread, shared by all who ask the same at the same time.

A server that is asked for one name a thousand times while the name server thinks must not wait for it in a thousand
threads.  So whoever asks joins the call that is under way, if there is one with the same arguments on the same loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ..loop import Loop
from .threads import threads

__all__ = ["SharedCall", "share"]

Waiter: TypeAlias = Callable[[Any, Exception | None], object]
Key: TypeAlias = tuple[Loop, Callable[..., Any], tuple[Any, ...]]

_under_way: dict[Key, SharedCall] = {}


class SharedCall:
    """``function(*arguments)`` in a thread, and those who wait for its result."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self._loop, self._function, self._arguments = key
        self._waiters: list[Waiter] = []

    def start(self) -> None:
        """Raises RuntimeError or OSError when the program is out of threads or descriptors."""
        self._asyncio_loop = self._loop.asyncio_loop
        threads.call(self.run)

    def join(self, waiter: Waiter) -> None:
        """Have ``waiter(result, error)`` called, in the loop."""
        self._waiters.append(waiter)

    def leave(self, waiter: Waiter) -> None:
        """Not interested any more.  When nobody is, a call that has not begun never will."""
        if waiter in self._waiters:
            self._waiters.remove(waiter)
            if not self._waiters:
                self._forget()

    def run(self) -> None:
        """In the thread: the call, and its result on the way to the loop."""
        if not self._waiters:
            return
        result, error = None, None
        try:
            result = self._function(*self._arguments)
        except Exception as failure:
            error = failure
        try:
            self._asyncio_loop.call_soon_threadsafe(self._finish, result, error)
        except RuntimeError:
            pass                    # the loop was closed meanwhile

    def _finish(self, result: Any, error: Exception | None) -> None:
        self._forget()
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            self._loop.next_tick(waiter, (result, error))

    def _forget(self) -> None:
        if _under_way.get(self._key) is self:
            del _under_way[self._key]


def share(loop: Loop, function: Callable[..., Any], *arguments: Any, waiter: Waiter) -> SharedCall:
    """Call ``function(*arguments)`` in a thread, or join the call of the same that is under way."""
    key = (loop, function, arguments)
    call = _under_way.get(key)
    if call is None:
        call = _under_way[key] = SharedCall(key)
        call.join(waiter)
        try:
            call.start()
        except (RuntimeError, OSError) as error:
            loop.next_tick(call._finish, (None, error))
    else:
        call.join(waiter)
    return call
