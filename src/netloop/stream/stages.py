"""The stages of a pipeline: what may stand at which place, and how a function or an iterable becomes a
source.

    first     a Readable, an iterable or async iterable, or a function without arguments that gives one of
    these between   a Duplex, or a function that takes an async iterable and gives an iterable (an async
    generator function) last      a Writable, or such a function; a coroutine function may consume its source
    and return a value
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from typing import Any

from ..errors import ArgumentTypeError, ArgumentValueError, invalid_type
from .base import Stream
from .functions import is_async_generator_function, is_coroutine_function, is_generator_function
from .status import has_readable_half, has_writable_half

__all__ = ["async_iterator", "call_stage", "check_stages", "is_awaitable", "is_iterable", "split_callback",
           "invalid_return_value", "null_value"]


def split_callback(streams: tuple[Any, ...]) -> tuple[list[Any], Callable[..., object] | None]:
    """The stages, and the callback that came last.

    A plain function in last place is the callback.  One that consumes the stream is a coroutine function, an
    async generator function or a stream, so the two cannot be mixed up.
    """
    stages, callback = list(streams), None
    if stages and _is_callback(stages[-1]):
        callback = stages.pop()
    if len(stages) == 1 and isinstance(stages[0], list | tuple):
        stages = list(stages[0])
    return stages, callback


def _is_callback(value: object) -> bool:
    return (callable(value) and not is_iterable(value) and not isinstance(value, Stream)
            and not is_coroutine_function(value) and not is_async_generator_function(value)
            and not is_generator_function(value))


def check_stages(stages: list[Any]) -> None:
    """Refuse what cannot stand where it stands, before anything is connected.

    Raises ArgumentValueError (ERR_MISSING_ARGS) or ArgumentTypeError (ERR_INVALID_ARG_TYPE).
    """
    if len(stages) < 2:
        raise ArgumentValueError(f"pipeline needs two streams or more; got {len(stages)}", "ERR_MISSING_ARGS")
    last = len(stages) - 1
    for index, stage in enumerate(stages):
        if isinstance(stage, Stream):
            fits = (index == 0 or has_writable_half(stage)) and (index == last or has_readable_half(stage))
        elif index > 0:
            # Its source is an async iterable, which an ordinary generator cannot iterate over.
            fits = callable(stage) and not is_generator_function(stage)
        else:
            fits = callable(stage) or is_iterable(stage)
        if not fits:
            raise invalid_type(f"streams[{index}]", _EXPECTED[(index > 0) + (index == last)], stage)


_EXPECTED = ("a Readable, an iterable or a function that gives one",
             "a Duplex or a function that takes an async iterable and gives one",
             "a Writable, a coroutine function or an async generator function")


def call_stage(stage: Callable[..., Any], arguments: tuple[Any, ...], index: int, is_last: bool) -> Any:
    """What a function in a pipeline gives: an iterable, or an awaitable if it is the last.

    Raises ArgumentTypeError (ERR_INVALID_RETURN_VALUE) for anything else.
    """
    result = stage(*arguments)
    if is_iterable(result) or (is_last and isinstance(result, Awaitable)):
        return result
    expected = "an awaitable or an iterable" if is_last else "an iterable or an async iterable"
    if isinstance(result, Coroutine):
        result.close()          # it would complain that nobody awaited it
    raise invalid_return_value(f"the function streams[{index}]", expected, result)


def is_iterable(value: object) -> bool:
    """Whether ``for`` or ``async for`` can go over it."""
    return isinstance(value, Iterable | AsyncIterable)


def async_iterator(iterable: Any) -> AsyncIterator[Any]:
    """An async iterator over an iterable of either kind; a str or bytes is one item."""
    if hasattr(iterable, "__aiter__"):
        iterator: AsyncIterator[Any] = iterable.__aiter__()
        return iterator
    is_one_item = isinstance(iterable, str | bytes | bytearray | memoryview)
    return _from_iterable((iterable,) if is_one_item else iterable)


async def _from_iterable(iterable: Iterable[Any]) -> AsyncIterator[Any]:
    for item in iterable:
        yield await item if is_awaitable(item) else item


def is_awaitable(item: object) -> bool:
    """Whether an item stands for its result.  A socket can be awaited too, but is an item as it is."""
    return hasattr(item, "__await__") and not isinstance(item, Stream)


def invalid_return_value(name: str, expected: str, actual: object) -> ArgumentTypeError:
    """A function gave something that cannot be used: ERR_INVALID_RETURN_VALUE."""
    return ArgumentTypeError(f"{name} must return {expected}; got {type(actual).__name__}",
                             "ERR_INVALID_RETURN_VALUE")


def null_value() -> ArgumentTypeError:
    """None among the items of an iterable: in a stream it would mean the end."""
    return ArgumentTypeError("May not write null values to stream", "ERR_STREAM_NULL_VALUES")
