"""finished: hear once that a stream is over, and how.

A stream is over when the halves that count have ended (`end`) or finished (`finish`), or when it closed
before that, which is an error (ERR_STREAM_PREMATURE_CLOSE) even if the stream itself reports none.  Where
`close` is sure to follow it is waited for, so that whoever is told may rely on everything being released.

Source: https://nodejs.org/api/stream.html#streamfinishedstream-options-callback
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, overload

from ..errors import AbortError, StateError
from .functions import check_function
from .promise import promise
from .signals import when_aborted
from .status import check_stream, is_disturbed

if TYPE_CHECKING:
    from ..events import AbortSignal
    from .base import Stream
    from .state import Callback

__all__ = ["StreamWatch", "finished", "is_disturbed", "premature_close"]


@overload
def finished(stream: Stream, callback: Callback, *, error: bool = True, readable: bool = True,
             writable: bool = True, signal: AbortSignal | None = None,
             cleanup: bool = False) -> Callable[[], None]: ...
@overload
def finished(stream: Stream, *, error: bool = True, readable: bool = True, writable: bool = True,
             signal: AbortSignal | None = None, cleanup: bool = False) -> Awaitable[None]: ...


def finished(stream: Stream, callback: Callback | None = None, *, error: bool = True, readable: bool = True,
             writable: bool = True, signal: AbortSignal | None = None, cleanup: bool = False) -> Any:
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
    check_stream("stream", stream)
    if callback is not None:
        check_function("callback", callback)
        watch = StreamWatch(stream, callback, error, readable, writable, cleanup)
        watch.start(signal)
        return watch.stop
    return _awaitable(stream, error, readable, writable, signal, cleanup)


def _awaitable(stream: Stream, error: bool, readable: bool, writable: bool, signal: AbortSignal | None,
               cleanup: bool) -> Awaitable[None]:
    future, settle = promise(stream._loop, lambda: watch.stop())
    watch = StreamWatch(stream, settle, error, readable, writable, cleanup)
    watch.start(signal)
    return future


class StreamWatch:
    """The listeners on one stream until the halves that count are over.

    They stay when it has told, so that an `error` that comes late is heard, unless `cleanup` is True.
    """

    def __init__(self, stream: Stream, callback: Callback, error: bool = True, readable: bool = True,
                 writable: bool = True, cleanup: bool = False) -> None:
        self._stream = stream
        self._callback: Callback | None = callback
        self._hears_error = error
        self._reading = readable and stream._readable_state is not None
        self._writing = writable and stream._writable_state is not None
        self._cleanup = cleanup
        self._forget_signal: Callable[[], object] | None = None

    def start(self, signal: AbortSignal | None = None) -> None:
        """Listen.  A stream that is over already is told of on the next tick."""
        stream = self._stream
        if self._reading:
            stream.on("end", self._on_half_over)
        if self._writing:
            stream.on("finish", self._on_half_over)
        if self._hears_error:
            stream.on("error", self._tell)
        stream.on("close", self._on_close)
        nothing_follows = not self._close_follows() and (self._halves_over() or stream.errored is not None)
        if stream.closed or nothing_follows:
            stream._loop.next_tick(self._on_close)
        if signal is not None:
            self._forget_signal = when_aborted(signal, self._on_abort)

    def stop(self) -> None:
        """Remove the listeners; the callback is not called any more."""
        self._callback = None
        self._remove_listeners()

    # --- what happens to the stream ---

    def _on_half_over(self) -> None:
        if not self._close_follows() and self._halves_over():
            self._tell(None)

    def _on_close(self) -> None:
        error = self._stream.errored
        if error is None and not self._halves_over():
            error = premature_close()
        self._tell(error)

    def _tell(self, error: Exception | None) -> None:
        callback, self._callback = self._callback, None
        if callback is None:
            return
        if self._cleanup:
            self._remove_listeners()
        elif self._forget_signal is not None:
            self._forget_signal()
        callback(error)

    def _halves_over(self) -> bool:
        stream = self._stream
        return ((not self._reading or stream._readable_state.end_emitted)
                and (not self._writing or stream._writable_state.finished))

    def _close_follows(self) -> bool:
        """Whether `close` comes by itself after the halves that count: not if the other half may live on."""
        stream = self._stream
        return (stream._auto_destroy and stream._emit_close and not stream.closed
                and self._reading == (stream._readable_state is not None)
                and self._writing == (stream._writable_state is not None))

    # --- stop listening ---

    def _on_abort(self, error: AbortError) -> None:
        """Nobody waits any more.  Not at once: the signal may have been aborted before `start`."""
        self._remove_listeners()
        self._stream._loop.next_tick(self._tell, (error,))

    def _remove_listeners(self) -> None:
        stream = self._stream
        stream.remove_listener("end", self._on_half_over)
        stream.remove_listener("finish", self._on_half_over)
        stream.remove_listener("error", self._tell)
        stream.remove_listener("close", self._on_close)
        if self._forget_signal is not None:
            self._forget_signal()


def premature_close() -> StateError:
    """A stream closed before it had ended or finished."""
    return StateError("Premature close", "ERR_STREAM_PREMATURE_CLOSE")
