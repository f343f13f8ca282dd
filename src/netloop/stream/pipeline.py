"""pipeline: connect streams, iterables and functions, and be told once when all of it is done.

Source: https://nodejs.org/api/stream.html#streampipelinesource-transforms-destination-callback
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import AbortError
from ..loop import current
from .base import Stream

if TYPE_CHECKING:
    from ..events.abort import Signal

__all__ = ["pipeline"]


def pipeline(*streams: Any, signal: Signal | None = None, end: bool = True) -> Any:
    """Pass data from the first of `streams` through the others into the last, and clean up whatever happens.

    A plain function in last place is the callback: ``callback(error_or_none)``, when everything is done and
    closed, or ``callback(error_or_none, value)`` if the last stage is a function; `pipeline` returns the last
    stream then.  Without one it returns an awaitable of the value; cancelling it destroys the streams.  The
    value is what a coroutine function in last place returned, else None.

    Stages, also given as one list:
        first: a Readable, an iterable, an async iterable, or a function that gives one of these.
        between: a Duplex, or an async generator function, whose argument is an async iterable.
        last: a Writable, a coroutine function, or an async generator function, whose items are dropped.

    A function with a parameter named `signal` gets an AbortSignal, which aborts when the pipeline is over.

    Parameters:
        signal: destroys the streams with an AbortError.
        end: False leaves the last stream open, whatever happens; done is when everything was written to it.

    Raises, or calls back with:
        the first error; it has destroyed every stream that was not over.
        StateError: a stream closed before it had ended and finished (ERR_STREAM_PREMATURE_CLOSE); one was
            ended before (ERR_STREAM_WRITE_AFTER_END).

    Raises at once:
        ArgumentTypeError: a stage cannot stand where it stands (ERR_INVALID_ARG_TYPE).
        ArgumentValueError: fewer than two stages (ERR_MISSING_ARGS).

    Listeners stay on streams that are not closed yet, so that a late `error` does not end the program, but
    not on a last stream that is still in use: a Duplex, or one that `end` left open.
    """
    from .plumbing import Pipeline
    from .stages import check_stages, split_callback

    stages, callback = split_callback(streams)
    check_stages(stages)
    future = None
    if callback is None:
        from .promise import promise
        future, callback = promise(current(), lambda: running.fail(AbortError()))
    running = Pipeline(stages, callback, end)
    running.start(signal)
    if future is not None:
        return future
    return stages[-1] if isinstance(stages[-1], Stream) else None
