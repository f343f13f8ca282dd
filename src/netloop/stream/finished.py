"""finished: be told once when a stream is over.

Source: https://nodejs.org/api/stream.html#streamfinishedstream-options-callback
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, overload

from ..errors import invalid_type
from .status import check_stream, is_disturbed

if TYPE_CHECKING:
    from ..events.abort import Signal
    from .base import Stream
    from .state import Callback

__all__ = ["finished", "is_disturbed"]


@overload
def finished(stream: Stream, callback: Callback, *, error: bool = True, readable: bool = True,
             writable: bool = True, signal: Signal | None = None,
             cleanup: bool = False) -> Callable[[], None]: ...
@overload
def finished(stream: Stream, *, error: bool = True, readable: bool = True, writable: bool = True,
             signal: Signal | None = None, cleanup: bool = False) -> Awaitable[None]: ...


def finished(stream: Stream, callback: Callback | None = None, *, error: bool = True, readable: bool = True,
             writable: bool = True, signal: Signal | None = None, cleanup: bool = False) -> Any:
    """Tell once when `stream` is over: ``callback(error_or_none)``, or an awaitable that raises the error.

    With a callback it returns a function that takes the interest back: it removes the listeners.  They stay
    until then, so that an `error` that comes late does not end the program; `cleanup` removes them as soon as
    the stream is over.

    Parameters:
        error: False leaves `error` events alone, and waits for `close`.
        readable, writable: False does not wait for this half of a Duplex.
        signal: aborts the wait, with an AbortError; the stream goes on.
        cleanup: remove the listeners when the stream is over.

    Raises, or calls back with:
        the stream's error; StateError (ERR_STREAM_PREMATURE_CLOSE): closed before it had ended and finished;
        AbortError (ABORT_ERR).

    Raises at once:
        ArgumentTypeError: `stream` is no stream, or `callback` no function (ERR_INVALID_ARG_TYPE).
    """
    from .watch import StreamWatch

    check_stream("stream", stream)
    future = None
    if callback is None:
        from .promise import promise
        future, callback = promise(stream._loop, lambda: watch.stop())
    elif not callable(callback):
        raise invalid_type("callback", "a function", callback)
    watch = StreamWatch(stream, callback, error, readable, writable, cleanup)
    watch.start(signal)
    return watch.stop if future is None else future
