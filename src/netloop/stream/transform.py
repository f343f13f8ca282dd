"""Transform: a Duplex whose output is made of its input.  PassThrough: one that changes nothing.

Backpressure goes through: the next chunk is transformed only when the reader has taken enough of the last
ones, so the write stays in flight until then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .base import multiple_callback, not_implemented
from .duplex import Duplex
from .writing import on_write

if TYPE_CHECKING:
    from typing import Unpack

    from .signatures import DuplexOptions
    from .state import Callback

__all__ = ["Transform", "PassThrough"]


class Transform(Duplex):
    """A stream that gives what it makes of the data written to it.

    Subclass it and define `_transform`, and `_flush` if something is left at the end; or give them as
    functions.

    Parameters, besides those of `Duplex`:
        transform, flush: the hooks `_transform` and `_flush` as functions; each gets the stream as its first
            argument.

    Source: https://nodejs.org/api/stream.html#class-streamtransform
    """

    if TYPE_CHECKING:
        _waiting: bool          # the last chunk is done; its write is answered when the reader wants more
        _length_before: int     # what was buffered before it

    def __init__(self, *, transform: Callable[..., object] | None = None,
                 flush: Callable[..., object] | None = None, **options: Unpack[DuplexOptions]) -> None:
        if options.get("readable_high_water_mark") == 0 and options.get("writable_high_water_mark") is None:
            options["writable_high_water_mark"] = 0     # who wants nothing buffered wants it on both sides
        super().__init__(**options)
        self._readable_state.sync = False   # output does not come from _read, but from the first write on
        self._waiting = False
        self._take_options({"_transform": transform, "_flush": flush}, None)
        if options.get("final") is not None or type(self)._final is not _OWN_FINAL:
            self.on("prefinish", self._start_flush)     # _final is taken: flush after it

    # --- hooks for implementers -----------------------------------------------------------------------------

    def _transform(self, chunk: Any, encoding: str, callback: Callable[..., object]) -> object:
        """Hook: `push` what becomes of `chunk`, then ``callback(error_or_none)``.

        ``callback(None, data)`` does both.
        """
        raise not_implemented("_transform()")

    def _flush(self, callback: Callable[..., object]) -> object:
        """Hook, optional: all was transformed; `push` what is left, then ``callback(error_or_none)``.

        ``callback(None, data)`` does both.
        """
        return callback(None)

    # --- the two halves meet --------------------------------------------------------------------------------

    def _write(self, chunk: Any, encoding: str, callback: Callback) -> object:
        self._length_before = self._readable_state.length
        return self._transform(chunk, encoding, self._on_transform)

    def _on_transform(self, error: Exception | None = None, data: Any = None) -> None:
        """The callback of `_transform`."""
        if error is not None:
            on_write(self, error)
        elif self._waiting:
            self._fail(multiple_callback())
        else:
            if data is not None:
                self.push(data)
            self._answer_write()

    def _answer_write(self) -> None:
        """Take the next chunk, unless this one filled the readable half."""
        state = self._readable_state
        if (state.length == self._length_before or state.length < state.high_water_mark
                or self._writable_state.ended or self.destroyed):
            on_write(self, None)
        else:
            self._waiting = True

    def _read(self, size: int) -> None:
        if self._waiting:
            self._waiting = False
            on_write(self, None)

    def _final(self, callback: Callback) -> None:
        self._start_flush()

    def _start_flush(self) -> None:
        try:
            self._flush(self._on_flush)
        except Exception as error:
            self._on_flush(error)

    def _on_flush(self, error: Exception | None = None, data: Any = None) -> None:
        """The callback of `_flush`: the output ends, and then the input is finished."""
        if error is None:
            if data is not None:
                self.push(data)
            self.push(None)
        if self._writable_state.final_pending:
            self._on_final(error)
        elif error is not None:
            self._fail(error)


_OWN_FINAL = vars(Transform)["_final"]


class PassThrough(Transform):
    """A stream that gives what is written to it, unchanged.

    Source: https://nodejs.org/api/stream.html#class-streampassthrough
    """

    def _transform(self, chunk: Any, encoding: str, callback: Callable[..., object]) -> object:
        return callback(None, chunk)
