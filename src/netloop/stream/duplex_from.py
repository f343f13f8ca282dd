"""Duplex.from_: a Duplex of anything that gives data, takes data, or both.

An iterable has a read half only, a coroutine function a write half only.  An async generator function is a
transform: its source is what is written, its items are what is read.

Source: https://nodejs.org/api/stream.html#streamduplexfromsrc
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

from ..errors import invalid_type
from .base import Stream
from .duplex import Duplex
from .functions import is_coroutine_function
from .iterable import from_iterable
from .joined import JoinedDuplex
from .stages import async_iterator, invalid_return_value, is_iterable
from .status import has_readable_half, has_writable_half
from .watch import StreamWatch
from .writable import Writable

if TYPE_CHECKING:
    import asyncio

    from .state import Callback

__all__ = ["duplex_from"]

_EXPECTED = "a stream, a pair of streams, an iterable, an awaitable or an async function"


def duplex_from(source: Any) -> Duplex:
    """A Duplex of `source`, which is one of

        a stream;
        a pair ``(readable, writable)`` of streams;
        an iterable, an async iterable or an awaitable: read only, a str or bytes is one chunk;
        an async generator function that takes an async iterable: a transform;
        a coroutine function that takes one: write only, and finished when the function has returned.

    Raises:
        ArgumentTypeError: it is none of these (ERR_INVALID_ARG_TYPE).

    The Duplex fails when either half fails, and destroys both when it is destroyed.
    """
    if _is_pair(source):
        return JoinedDuplex(*source)
    if isinstance(source, Duplex):
        return source
    if isinstance(source, Stream):
        return JoinedDuplex(source if has_readable_half(source) else None,
                            source if has_writable_half(source) else None)
    if is_iterable(source):
        return JoinedDuplex(from_iterable(source))
    if isinstance(source, Awaitable):
        return JoinedDuplex(from_iterable(_awaited(source)))
    if is_coroutine_function(source):
        return JoinedDuplex(None, _consumer(source))
    if callable(source):
        return _transform(source)
    raise invalid_type("source", _EXPECTED, source)


def _is_pair(source: object) -> bool:
    return (isinstance(source, tuple) and len(source) == 2
            and has_readable_half(source[0]) and has_writable_half(source[1]))


async def _awaited(awaitable: Awaitable[Any]) -> AsyncIterator[Any]:
    value = await awaitable
    if value is not None:
        yield value


def _transform(function: Callable[[AsyncIterator[Any]], Any]) -> Duplex:
    inlet = Inlet()
    items = function(inlet.chunks())
    if not is_iterable(items):
        raise invalid_return_value("the function", "an iterable or an async iterable", items)
    outlet = from_iterable(async_iterator(items))
    StreamWatch(outlet, inlet.on_reader_over).start()
    return JoinedDuplex(outlet, inlet)


def _consumer(function: Callable[[AsyncIterator[Any]], Awaitable[Any]]) -> Writable:
    inlet = Inlet(waits_for_reader=True)

    async def consume() -> None:
        try:
            await function(inlet.chunks())
        except Exception as error:
            inlet.on_reader_over(error)
        else:
            inlet.on_reader_over(None)

    inlet.reader = inlet._loop.spawn(consume())
    return inlet


class Inlet(Writable):
    """A Writable that a function reads by ``async for``: a write is done when the function has taken it.

    When the function is over before the stream ends, the rest of what is written is dropped.
    """

    def __init__(self, waits_for_reader: bool = False) -> None:
        super().__init__(object_mode=True, high_water_mark=1)
        self.reader: asyncio.Task[None] | None = None   # cancelled when the stream is destroyed
        self._waits_for_reader = waits_for_reader       # `finish` comes when the function is over, not before
        self._reader_over = False
        self._chunk: Any = None                         # None: nothing waits to be taken
        self._taken: Callback | None = None
        self._finished: Callback | None = None
        self._waiter: asyncio.Future[None] | None = None

    async def chunks(self) -> AsyncIterator[Any]:
        """What is written, until the end."""
        while True:
            if self._chunk is not None:
                chunk = self._chunk
                self._take()
                yield chunk
            elif self._finished is not None:
                return
            else:
                self._waiter = self._loop.asyncio_loop.create_future()
                await self._waiter

    def on_reader_over(self, error: Exception | None) -> None:
        """The function has returned, or failed."""
        self._reader_over = True
        if error is not None:
            self.destroy(error)
            return
        self._take()
        if self._finished is not None and self._waits_for_reader:
            self._finished(None)

    def _write(self, chunk: Any, encoding: str, callback: Callback) -> None:
        if self._reader_over:
            callback(None)
            return
        self._chunk, self._taken = chunk, callback
        self._wake()

    def _take(self) -> None:
        taken, self._chunk, self._taken = self._taken, None, None
        if taken is not None:
            taken(None)

    def _final(self, callback: Callback) -> None:
        if self._reader_over or not self._waits_for_reader:
            callback(None)
        self._finished = callback
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _destroy(self, error: Exception | None, callback: Callback) -> None:
        if self.reader is not None and not self._reader_over:
            self.reader.cancel()
        callback(error)
