"""``async for chunk in stream``: the iterator of a Readable.

The iterator that the loop holds and the listeners on the stream are two objects.  The stream knows only the
second, so that leaving the loop by ``break`` drops the first, and its end is what destroys the stream: at
once, where an async generator would be closed only when the event loop comes round to it.

Source: https://nodejs.org/api/stream.html#readablesymbolasynciterator
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Self

from ..errors import StateError
from .watch import StreamWatch

if TYPE_CHECKING:
    import asyncio

    from .readable import Readable

__all__ = ["ReadableIterator"]


class ReadableIterator(AsyncIterator[Any]):
    """Gives a stream's chunks until it ends, and raises the error if it fails.

    When iteration stops before that (``break``, ``return``, an exception), the stream is destroyed, unless
    `destroy_on_return` is False.
    """

    def __init__(self, stream: Readable, destroy_on_return: bool = True) -> None:
        self._reading = _Reading(stream, destroy_on_return)

    def __aiter__(self) -> Self:
        return self

    def __anext__(self) -> Any:
        return self._reading.next(self)

    async def aclose(self) -> None:
        """Stop before the end."""
        self._reading.stop()

    def __del__(self) -> None:
        try:
            self._reading.stop()
        except RuntimeError:        # asyncio's loop is closed, and whatever lived in it is gone
            pass


class _Reading:
    """Takes chunks out of the stream by `read`, and waits for `readable` when there is none."""

    def __init__(self, stream: Readable, destroy_on_return: bool) -> None:
        self._stream = stream
        self._destroy_on_return = destroy_on_return
        self._watch: StreamWatch | None = None      # None: not begun, or over
        self._begun = False
        self._over = False                          # the stream is: it ended, closed or failed
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    async def next(self, iterator: ReadableIterator) -> Any:
        """The next chunk.  Whoever waits for it holds the iterator, which must not end meanwhile."""
        if self._waiter is not None:
            raise StateError("This iterator is being waited for already", "ERR_INVALID_STATE")
        if not self._begun:
            self._begin()
        while self._watch is not None:
            chunk = None if self._stream.destroyed else self._stream.read()
            if chunk is not None:
                return chunk
            if self._over:
                self.stop()
                if self._error is not None:
                    raise self._error
            else:
                await self._wait()
        raise StopAsyncIteration

    def stop(self) -> None:
        """Leave the stream: nothing of ours stays on it."""
        self._begun = True
        if self._watch is None:
            return
        self._watch.stop()
        self._watch = None
        self._stream.remove_listener("readable", self._wake)
        if not self._over and self._destroy_on_return:
            self._stream._leave()

    def _begin(self) -> None:
        self._begun = True
        self._watch = StreamWatch(self._stream, self._on_over, writable=False)
        self._watch.start()
        self._stream.on("readable", self._wake)

    async def _wait(self) -> None:
        self._waiter = self._stream._loop.asyncio_loop.create_future()
        try:
            await self._waiter
        except BaseException:       # cancelled: as in an async generator, that is the end of it
            self.stop()
            raise
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _on_over(self, error: Exception | None) -> None:
        self._over = True
        self._error = error
        self._wake()
