"""Readable.from_: a stream of the items of an iterable.

The iterable is advanced only as fast as the stream is read: `_read` takes items until `push` says that it is
enough.  An async iterable is advanced by a task, which ends as soon as it is enough and is started anew by
the next `_read`: so a stream that nobody reads holds no task, and does not keep the loop alive.

Source: https://nodejs.org/api/stream.html#streamreadablefromiterable-options
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterator
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from ..errors import invalid_type
from .abort import add_abort_signal
from .readable import Readable
from .stages import is_awaitable, is_iterable, null_value

if TYPE_CHECKING:
    import asyncio

    from ..events.abort import Signal
    from .state import Callback

__all__ = ["from_iterable"]

_END: Any = object()


def from_iterable(iterable: Any, *, object_mode: bool = True, high_water_mark: int | None = None,
                  signal: Signal | None = None, **options: Any) -> Readable:
    """A Readable of the items of an iterable or an async iterable; a str or bytes is one chunk.

    Items that are awaitable are awaited.  When the stream is destroyed before its end, a generator is closed.

    Parameters:
        object_mode: True unless given, because items may be anything.
        high_water_mark: how many items are taken ahead; 1 unless given, because making them may cost.
        signal: destroys the stream with an AbortError.
        options: the others of `Readable`.

    Raises:
        ArgumentTypeError: it is no iterable (ERR_INVALID_ARG_TYPE).

    The stream fails with ArgumentTypeError (ERR_STREAM_NULL_VALUES) at an item that is None.
    """
    if not is_iterable(iterable):
        raise invalid_type("iterable", "an iterable or an async iterable", iterable)
    if high_water_mark is None and object_mode:
        high_water_mark = 1
    if isinstance(iterable, str | bytes | bytearray | memoryview):
        iterable = (iterable,)
    kind = _AsyncSource if hasattr(iterable, "__aiter__") else _Source
    stream = kind(iterable, object_mode=object_mode, high_water_mark=high_water_mark, **options)
    # Not an option of the constructor: a signal that was aborted before would destroy what is not made yet.
    return stream if signal is None else add_abort_signal(signal, stream)


class _Source(Readable):
    """A stream of the items of an iterable."""

    def __init__(self, iterable: Any, **options: Any) -> None:
        super().__init__(**options)
        self._iterator: Iterator[Any] = iter(iterable)
        self._awaiting: asyncio.Task[None] | None = None    # waits for an item that is awaitable

    def _read(self, size: int) -> None:
        if self._awaiting is not None:
            return
        try:
            while not self.destroyed:
                item = next(self._iterator, _END)
                if is_awaitable(item):
                    self._awaiting = self._loop.spawn(self._await(item))
                    return
                if not self._take(item):
                    return
        except Exception as error:
            self.destroy(error)

    async def _await(self, item: Awaitable[Any]) -> None:
        try:
            value = await item
            self._awaiting = None
            self._take(value)       # and the stream asks for more by itself
        except Exception as error:
            self.destroy(error)

    def _take(self, item: Any) -> bool:
        """Push an item; whether to go on with the next."""
        if item is None:
            raise null_value()
        if item is _END:
            self.push(None)
            return False
        return self.push(item)

    def _destroy(self, error: Exception | None, callback: Callback) -> None:
        if self._awaiting is not None:
            self._awaiting.cancel()
        # A generator that destroys its own stream is running, and cannot be closed now.
        if isinstance(self._iterator, GeneratorType) and not self._iterator.gi_running:
            self._iterator.close()
        callback(error)


class _AsyncSource(Readable):
    """A stream of the items of an async iterable."""

    def __init__(self, iterable: Any, **options: Any) -> None:
        super().__init__(**options)
        self._iterator: AsyncIterator[Any] = iterable.__aiter__()
        self._pulling: asyncio.Task[None] | None = None
        self._exhausted = False

    def _read(self, size: int) -> None:
        if self._pulling is None:
            self._pulling = self._loop.spawn(self._pull())

    async def _pull(self) -> None:
        """Take items until it is enough."""
        try:
            while not self.destroyed:
                item = await anext(self._iterator)
                if item is None:
                    raise null_value()
                if not self.push(item):
                    return
        except StopAsyncIteration:
            self._exhausted = True
            self.push(None)
        except Exception as error:
            self.destroy(error)
        finally:
            self._pulling = None

    def _destroy(self, error: Exception | None, callback: Callback) -> None:
        if self._exhausted or not hasattr(self._iterator, "aclose"):
            if self._pulling is not None:
                self._pulling.cancel()
            callback(error)
        else:
            self._loop.spawn(self._close(error, callback))

    async def _close(self, error: Exception | None, callback: Callback) -> None:
        """Close the generator, which must not be running then."""
        pulling = self._pulling
        if pulling is not None:
            pulling.cancel()
            try:
                await pulling
            except BaseException:   # its cancellation, most likely; it concerns nobody any more
                pass
        try:
            await self._iterator.aclose()  # type: ignore[attr-defined]
        except Exception as raised:
            error = raised if error is None else error
        callback(error)
