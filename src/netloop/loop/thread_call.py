"""Work in a thread, for what the system offers no other way: a name look-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .origin import caller

if TYPE_CHECKING:
    import asyncio

    from .loops import Loop

__all__ = ["ThreadCall"]


class ThreadCall:
    """A call that runs in a thread.  It keeps the loop alive until it is over or nobody is interested any more."""

    def __init__(self, loop: Loop, description: str, work: Callable[[], Any],
                 done: Callable[[Any, Exception | None], object]) -> None:
        self.origin = caller()
        self._loop = loop
        self._description = description
        self._done: Callable[[Any, Exception | None], object] | None = done
        loop.start_request(self)
        loop.asyncio_loop.run_in_executor(None, work).add_done_callback(self._finish)

    def cancel(self) -> None:
        """Nobody is interested any more: the thread ends by itself and `done` is not called."""
        self._done = None
        self._loop.end_request(self)

    on_abandon = cancel

    def describe(self) -> str:
        return self._description

    def _finish(self, future: asyncio.Future[Any]) -> None:
        error = None if future.cancelled() else future.exception()
        done = self._done
        if done is None:
            return
        self.cancel()
        if not isinstance(error, BaseException):
            self._loop.next_tick(done, (None if future.cancelled() else future.result(), None))
        elif isinstance(error, Exception):
            self._loop.next_tick(done, (None, error))
