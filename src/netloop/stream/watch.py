"""StreamWatch: hear once that a stream is over, and how.

A stream is over when the halves that count have ended (`end`) or finished (`finish`), or when it closed
before that, which is an error (ERR_STREAM_PREMATURE_CLOSE) even if the stream itself reports none.  Where
`close` is sure to follow it is waited for, so that whoever is told may rely on everything being released.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import AbortError, StateError

if TYPE_CHECKING:
    from ..events.abort import Signal
    from .base import Stream
    from .state import Callback

__all__ = ["StreamWatch", "premature_close"]


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

    def start(self, signal: Signal | None = None) -> None:
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
            from .signals import when_aborted
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
        return (stream._closes_when_over() and not stream.closed
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
