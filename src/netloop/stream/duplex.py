"""Duplex: both halves in one object, as a socket has them.

An extension type has one base, so `Duplex` is a `Readable` that also has the methods of `Writable`; each is
one call of the function that both share.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from ..encoding import normalise
from .finish import finish_maybe, on_final
from .flow import read_more
from .readable import Readable
from .state import ReadableState, WritableState
from .waiting import drained
from .writable import Writable
from .writing import clear_queue, cork, end, on_write, uncork, write

if TYPE_CHECKING:
    from typing import Self

    from ..loop import Loop
    from .signatures import duplex_off, duplex_on
    from .state import Done

__all__ = ["Duplex", "AnyWritable"]


class Duplex(Readable):
    """A stream that can be read and written, two ways that know nothing of each other but their end.

    Parameters, besides those of `Readable` and `Writable`:
        allow_half_open: whether the writable half stays open after `end` (default True).
        readable, writable: whether it has this half at all (default True).
        readable_object_mode, writable_object_mode: `object_mode` for one half.
        readable_high_water_mark, writable_high_water_mark: `high_water_mark` for one half.
        writable_corked: how often it is corked to begin with (default 0).

    Events: those of `Readable` and `Writable`; one `close` for both halves.

    Source: https://nodejs.org/api/stream.html#class-streamduplex
    """

    if TYPE_CHECKING:  # typed events, see events/signatures.py
        on = add_listener = once = duplex_on                        # type: ignore[assignment]
        prepend_listener = prepend_once_listener = duplex_on        # type: ignore[assignment]
        off = remove_listener = duplex_off

        allow_half_open: bool

    def __init__(self, *, allow_half_open: bool = True, readable: bool = True, writable: bool = True,
                 high_water_mark: int | None = None, readable_high_water_mark: int | None = None,
                 writable_high_water_mark: int | None = None, object_mode: bool = False,
                 readable_object_mode: bool = False, writable_object_mode: bool = False,
                 writable_corked: int = 0, encoding: str | None = None, decode_strings: bool = True,
                 default_encoding: str = "utf8", emit_close: bool = True, auto_destroy: bool = True,
                 read: Callable[..., object] | None = None, write: Callable[..., object] | None = None,
                 writev: Callable[..., object] | None = None, final: Callable[..., object] | None = None,
                 destroy: Callable[..., object] | None = None, construct: Callable[..., object] | None = None,
                 signal: Any = None, loop: Loop | None = None) -> None:
        if high_water_mark is not None:
            readable_high_water_mark = writable_high_water_mark = high_water_mark
        reading = ReadableState(readable_high_water_mark, object_mode or readable_object_mode, encoding)
        writing = WritableState(writable_high_water_mark, object_mode or writable_object_mode, decode_strings,
                                normalise(default_encoding))
        writing.corked = writable_corked
        if not readable:
            reading.close_half()
        if not writable:
            writing.close_half()
        self._set_up(loop, reading, writing, emit_close, auto_destroy)
        self.allow_half_open = allow_half_open
        self._take_options({"_read": read, "_write": write, "_writev": writev, "_final": final,
                            "_destroy": destroy, "_construct": construct}, signal)

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
    def from_(source: Any) -> Duplex:  # type: ignore[override]
        """A Duplex made of an iterable, an async generator function, an awaitable, or a pair of streams.

        Source: https://nodejs.org/api/stream.html#streamduplexfromsrc
        """
        from .sources import duplex_from
        return duplex_from(source)

    @staticmethod
    def from_web(pair: Any, **options: Any) -> Duplex:  # type: ignore[override]
        """A Duplex over a pair of `asyncio.StreamReader` and `asyncio.StreamWriter`."""
        from .sources import from_stream_pair
        return from_stream_pair(pair, **options)

    @staticmethod
    def to_web(duplex: Any) -> Any:
        """A pair of `asyncio.StreamReader` and an object with the methods of `asyncio.StreamWriter`."""
        from .sources import to_stream_pair
        return to_stream_pair(duplex)

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
        if self._readable_state.need_readable:
            read_more(self, self._readable_state)
        clear_queue(self, self._writable_state)
        finish_maybe(self, self._writable_state)

    def _on_readable_end(self) -> None:
        if not self.allow_half_open and self.writable:
            self._loop.next_tick(self._end_other_half)
        elif self._auto_destroy and self._writable_state.finished:
            self.destroy()

    def _end_other_half(self) -> None:
        if self.writable:
            self.end()

    def _on_writable_finish(self) -> None:
        if self._auto_destroy and self._readable_state.end_emitted:
            self.destroy()


AnyWritable: TypeAlias = Writable | Duplex
"""Whatever can be written to: for annotations, and for isinstance, because a Duplex is no `Writable`."""
