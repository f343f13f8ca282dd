"""Writable: a sink of data, which says when it has had enough.

The class is the face; what it does is in `writing` (write, cork, end) and `finish`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..encoding import normalise
from .base import Stream
from .finish import finish_maybe, on_final
from .state import WritableState
from .waiting import drained
from .writing import clear_queue, cork, end, on_write, uncork, write

if TYPE_CHECKING:
    from typing import Self

    from ..loop import Loop
    from .signatures import writable_off, writable_on
    from .state import Done

__all__ = ["Writable"]


class Writable(Stream):
    """A sink of data.

    Subclass it and define `_write`; or give the hooks as functions.

    Parameters:
        high_water_mark: how much may wait before write() returns False; bytes (65536), or objects (16).
        object_mode: chunks are any objects but None, and are counted, not measured.
        decode_strings: give `_write` str as bytes (default True).
        default_encoding: of str that is written without one; "utf8".
        emit_close: emit `close` (default True).
        auto_destroy: destroy the stream after `finish` or an error (default True).
        write, writev, final, destroy, construct: the hooks `_write`, `_writev`, `_final`, `_destroy` and
            `_construct` as functions; each gets the stream as its first argument.
        signal: an abort signal that destroys the stream with an `AbortError`.
        loop: the loop to live in; by default that of this thread.

    Events:
        drain: write() returned False, and now nothing waits any more.
        finish: end() was called and everything was handed on.
        pipe (source), unpipe (source): a readable was piped here, was taken away.
        error (exception), close: see `Stream`.

    Source: https://nodejs.org/api/stream.html#class-streamwritable
    """

    if TYPE_CHECKING:  # typed events, see events/signatures.py
        on = add_listener = once = writable_on                      # type: ignore[assignment]
        prepend_listener = prepend_once_listener = writable_on      # type: ignore[assignment]
        off = remove_listener = writable_off

    def __init__(self, *, high_water_mark: int | None = None, object_mode: bool = False,
                 decode_strings: bool = True, default_encoding: str = "utf8", emit_close: bool = True,
                 auto_destroy: bool = True,
                 write: Callable[..., object] | None = None, writev: Callable[..., object] | None = None,
                 final: Callable[..., object] | None = None, destroy: Callable[..., object] | None = None,
                 construct: Callable[..., object] | None = None, signal: Any = None,
                 loop: Loop | None = None) -> None:
        state = WritableState(high_water_mark, object_mode, decode_strings, normalise(default_encoding))
        self._set_up(loop, None, state, emit_close, auto_destroy)
        self._take_options({"_write": write, "_writev": writev, "_final": final, "_destroy": destroy,
                            "_construct": construct}, signal)

    # --- write ----------------------------------------------------------------------------------------------

    def write(self, chunk: Any, encoding: str | Done | None = None,
              callback: Done | None = None) -> bool:
        """Write `chunk`; False means: wait for `drain` before more.  It is accepted in any case.

        Parameters:
            chunk: bytes, bytearray, memoryview or str; in object mode anything but None.
            encoding: of a str; by default `default_encoding`.  May be left out before `callback`.
            callback: called with the error or None when this chunk was handed on.

        After end() the callback and `error` get ERR_STREAM_WRITE_AFTER_END, after destroy() the callback
        alone gets ERR_STREAM_DESTROYED.

        Raises:
            ArgumentTypeError: `chunk` is None (ERR_STREAM_NULL_VALUES) or no data (ERR_INVALID_ARG_TYPE).

        Source: https://nodejs.org/api/stream.html#writablewritechunk-encoding-callback
        """
        return write(self, chunk, encoding, callback)

    def end(self, chunk: Any = None, encoding: str | Done | None = None,
            callback: Done | None = None) -> Self:
        """Write `chunk` if one is given, then no more; returns the stream.

        `callback`, which may come first, is called with None at `finish`, or with the error that prevented
        it: ERR_STREAM_ALREADY_FINISHED, ERR_STREAM_DESTROYED or what happened.

        Source: https://nodejs.org/api/stream.html#writableendchunk-encoding-callback
        """
        end(self, chunk, encoding, callback)
        return self

    def cork(self) -> None:
        """Hold writes back until `uncork` is called as often, or `end`; then they leave as one.

        Source: https://nodejs.org/api/stream.html#writablecork
        """
        cork(self)

    def uncork(self) -> None:
        """Write what `cork` held back, once this was called as often.

        Source: https://nodejs.org/api/stream.html#writableuncork
        """
        uncork(self)

    def set_default_encoding(self, encoding: str) -> Self:
        """The encoding of str that is written without one.

        Raises:
            ArgumentValueError: the encoding is unknown (ERR_UNKNOWN_ENCODING).
        """
        self._writable_state.default_encoding = normalise(encoding)
        return self

    async def drain(self) -> None:
        """Wait until the stream takes more; returns at once when it does already.

        Raises:
            the error of the stream; StateError: it was destroyed (ERR_STREAM_DESTROYED) or closed meanwhile
            (ERR_STREAM_PREMATURE_CLOSE).
        """
        await drained(self)

    @staticmethod
    def from_web(writer: Any, **options: Any) -> Writable:
        """A stream that writes to an `asyncio.StreamWriter`: asyncio's stands where Node has the web's."""
        from .sources import from_stream_writer
        return from_stream_writer(writer, **options)

    @staticmethod
    def to_web(writable: Any) -> Any:
        """An object with the methods of `asyncio.StreamWriter` that writes to the stream."""
        from .sources import to_stream_writer
        return to_stream_writer(writable)

    # --- ask ------------------------------------------------------------------------------------------------
    @property
    def writable(self) -> bool:
        """Whether write() may be called: not ended, not destroyed, no error."""
        state = self._writable_state
        return not (state.ending or self.destroyed or self.errored is not None)

    @property
    def writable_aborted(self) -> bool:
        """Whether the stream was destroyed or failed before `finish`."""
        state = self._writable_state
        return state.writable and not state.finished and (self.destroyed or self.errored is not None)

    @property
    def writable_ended(self) -> bool:
        """Whether end() was called."""
        return self._writable_state.ending

    @property
    def writable_finished(self) -> bool:
        """Whether `finish` was emitted."""
        return self._writable_state.finished

    @property
    def writable_high_water_mark(self) -> int:
        return self._writable_state.high_water_mark

    @property
    def writable_length(self) -> int:
        """How much was written and not handed on yet: bytes or objects."""
        return self._writable_state.length

    @property
    def writable_need_drain(self) -> bool:
        """Whether write() returned False and `drain` will come."""
        state = self._writable_state
        return state.need_drain and not (state.ending or self.destroyed)

    @property
    def writable_object_mode(self) -> bool:
        return self._writable_state.object_mode

    @property
    def writable_corked(self) -> int:
        """How often uncork() must be called."""
        return self._writable_state.corked

    # --- how the halves hear of things ----------------------------------------------------------------------

    def _on_write(self, error: Exception | None = None) -> None:
        on_write(self, error)

    def _on_final(self, error: Exception | None = None) -> None:
        on_final(self, error)

    def _on_constructed(self) -> None:
        clear_queue(self, self._writable_state)
        finish_maybe(self, self._writable_state)

    def _on_writable_finish(self) -> None:
        if self._auto_destroy:
            self.destroy()
