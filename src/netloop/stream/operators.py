"""The operators of a Readable: those of a list, for data that is still to come.

`map`, `filter`, `flat_map`, `drop` and `take` give another Readable, which reads the first one only as it is
read itself.  The others are awaited.  An operator that has seen enough destroys the stream.

Source: https://nodejs.org/api/stream.html#readablemapfn-options
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentTypeError, invalid_type, out_of_range
from .abort import add_abort_signal
from .concurrency import ordered_calls
from .functions import check_function
from .iterable import from_iterable
from .iteration import ReadableIterator
from .stages import async_iterator
from .watch import StreamWatch

if TYPE_CHECKING:
    from ..events.abort import Signal
    from .readable import Readable

__all__ = ["map_", "filter_", "flat_map", "drop", "take", "for_each", "to_array", "some", "find", "every", "reduce"]

NO_INITIAL: Any = object()


# --- to another stream --------------------------------------------------------------------------------------

def map_(stream: Readable, fn: Callable[..., Any], *, concurrency: int = 1,
         high_water_mark: int | None = None, signal: Signal | None = None) -> Readable:
    """A stream of what `fn` gives for each chunk, in their order."""
    calls = _calls(stream, fn, concurrency, high_water_mark)

    async def results() -> AsyncIterator[Any]:
        async with aclosing(calls):
            async for _, result in calls:
                yield result

    return _result(stream, results(), signal)


def filter_(stream: Readable, fn: Callable[..., Any], *, concurrency: int = 1,
            high_water_mark: int | None = None, signal: Signal | None = None) -> Readable:
    """A stream of the chunks for which `fn` gives something true."""
    return _result(stream, _filtered(_calls(stream, fn, concurrency, high_water_mark)), signal)


async def _filtered(calls: Any) -> AsyncIterator[Any]:
    async with aclosing(calls):
        async for chunk, passes in calls:
            if passes:
                yield chunk


def flat_map(stream: Readable, fn: Callable[..., Any], *, concurrency: int = 1,
             high_water_mark: int | None = None, signal: Signal | None = None) -> Readable:
    """A stream of the items of the iterables, or streams, that `fn` gives for each chunk."""
    calls = _calls(stream, fn, concurrency, high_water_mark)

    async def items() -> AsyncIterator[Any]:
        async with aclosing(calls):
            async for _, iterable in calls:
                async for item in async_iterator(iterable):
                    yield item

    return _result(stream, items(), signal)


def drop(stream: Readable, limit: float, *, signal: Signal | None = None) -> Readable:
    """A stream without the first `limit` chunks."""
    limit = _checked_limit(limit)

    async def rest() -> AsyncIterator[Any]:
        dropped = 0
        async with aclosing(ReadableIterator(stream)) as chunks:
            async for chunk in chunks:
                if dropped < limit:
                    dropped += 1
                else:
                    yield chunk

    return _result(stream, rest(), signal)


def take(stream: Readable, limit: float, *, signal: Signal | None = None) -> Readable:
    """A stream of the first `limit` chunks; then `stream` is destroyed."""
    limit = _checked_limit(limit)

    async def first() -> AsyncIterator[Any]:
        taken = 0
        async with aclosing(ReadableIterator(stream)) as chunks:
            while taken < limit:
                try:
                    chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
                taken += 1
                yield chunk

    return _result(stream, first(), signal)


def _result(stream: Readable, items: AsyncIterator[Any], signal: Signal | None) -> Readable:
    """A stream of `items`, which are made from `stream`.

    Once the items are asked for, it is their generator that destroys `stream` when they are wanted no more.
    When they never were, nobody else does.
    """
    def on_over(error: Exception | None) -> None:
        if not stream.readable_ended:
            stream.destroy()

    result = from_iterable(items, signal=signal)
    StreamWatch(result, on_over, error=False, cleanup=True).start()
    return result


# --- to a result --------------------------------------------------------------------------------------------

async def for_each(stream: Readable, fn: Callable[..., Any], *, concurrency: int = 1,
                   signal: Signal | None = None) -> None:
    """Call `fn` for each chunk, and wait until all are done."""
    calls = _calls(stream, fn, concurrency, None)
    _obey(signal, stream)
    async with aclosing(calls):
        async for _ in calls:
            pass


async def to_array(stream: Readable, *, signal: Signal | None = None) -> list[Any]:
    """All chunks, in a list."""
    _obey(signal, stream)
    return [chunk async for chunk in ReadableIterator(stream)]


async def some(stream: Readable, fn: Callable[..., Any], *, concurrency: int = 1,
               signal: Signal | None = None) -> bool:
    """Whether `fn` gives something true for any chunk."""
    return await _first(stream, fn, True, concurrency, signal) is not None


async def find(stream: Readable, fn: Callable[..., Any], *, concurrency: int = 1,
               signal: Signal | None = None) -> Any:
    """The first chunk for which `fn` gives something true, or None."""
    return await _first(stream, fn, True, concurrency, signal)


async def every(stream: Readable, fn: Callable[..., Any], *, concurrency: int = 1,
                signal: Signal | None = None) -> bool:
    """Whether `fn` gives something true for every chunk."""
    return await _first(stream, fn, False, concurrency, signal) is None


async def _first(stream: Readable, fn: Callable[..., Any], wanted: bool, concurrency: int,
                 signal: Signal | None) -> Any:
    """The first chunk for which `fn` answers as wanted, or None, which no stream can carry."""
    calls = _calls(stream, fn, concurrency, None)
    _obey(signal, stream)
    async with aclosing(calls):
        async for chunk, answer in calls:
            if bool(answer) is wanted:
                return chunk
    return None


async def reduce(stream: Readable, fn: Callable[..., Any], initial: Any = NO_INITIAL, *,
                 signal: Signal | None = None) -> Any:
    """Fold the chunks to one value by ``fn(value_so_far, chunk)``.

    The value to begin with is `initial`, or else the first chunk.

    Raises:
        ArgumentTypeError: the stream is empty and there is no `initial` (ERR_MISSING_ARGS).
    """
    check_function("fn", fn)
    _obey(signal, stream)
    value = initial
    async for chunk in ReadableIterator(stream):
        if value is NO_INITIAL:
            value = chunk
        else:
            value = fn(value, chunk)
            if hasattr(value, "__await__"):
                value = await value
    if value is NO_INITIAL:
        raise ArgumentTypeError("Reduce of an empty stream requires an initial value", "ERR_MISSING_ARGS")
    return value


# --- arguments ----------------------------------------------------------------------------------------------

def _calls(stream: Readable, fn: object, concurrency: object,
           high_water_mark: object) -> AsyncGenerator[tuple[Any, Any], None]:
    function = check_function("fn", fn)
    at_once = _checked_count("concurrency", concurrency, 1)
    waiting = None if high_water_mark is None else _checked_count("high_water_mark", high_water_mark, 0)
    return ordered_calls(stream, function, at_once, waiting)


def _checked_count(name: str, value: object, lowest: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid_type(name, "an int", value)
    if value < lowest:
        raise out_of_range(name, f">= {lowest}", value)
    return value


def _checked_limit(limit: object) -> float:
    """How many chunks: an int, or ``math.inf``."""
    if isinstance(limit, bool) or not isinstance(limit, int | float):
        raise invalid_type("limit", "a number", limit)
    if not limit >= 0:      # so written, it refuses nan too
        raise out_of_range("limit", ">= 0", limit)
    return limit


def _obey(signal: Signal | None, stream: Readable) -> None:
    if signal is not None:
        add_abort_signal(signal, stream)
