"""Stream: what every stream is, whichever halves it has.  Here is its way in and its one way out.

In: a stream whose class has `_construct` (or that got the option `construct`) opens first; reads, writes and
destruction wait for its callback.

Out: `destroy` is the only exit, taken by users, by errors, and by the stream itself when both halves are
done.  The steps are always these:

    destroy(error)      destroyed is True at once; reads and writes are refused from here on
    _destroy            the implementer releases what it holds, and calls back, perhaps later
    the next tick       `error` (if there was one), then `close`, each at most once
    after `close`       nothing: a write that the sink never answered is given up here

State is set first and events are emitted last, so a listener that calls any method of the stream finds it in
order.  What a listener raises goes to the loop (`report`), not to the implementer whose call happened to
cause the event, and nothing that is due is left out for it.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType, TracebackType
from typing import TYPE_CHECKING, Any

from ..errors import StateError, invalid_type
from ..events.emitter import EventEmitter
from ..events.listener import call_fitting
from ..loop import current
from .state import ReadableState, WritableState
from .waiting import left

if TYPE_CHECKING:
    from typing import Self

    from ..loop import Loop
    from .state import Callback

__all__ = ["Stream", "call_back", "multiple_callback", "not_implemented"]


class Stream(EventEmitter):
    """Base of all streams: `Readable`, `Writable`, `Duplex`, `Transform`.

    Events:
        error (exception): something failed; then only `close` follows.
        close: nothing more will happen.

    Source: https://nodejs.org/api/stream.html
    """

    if TYPE_CHECKING:
        _loop: Loop
        _readable_state: ReadableState      # None in a stream that has no such half
        _writable_state: WritableState      # the same
        destroyed: bool
        closed: bool
        errored: Exception | None
        _auto_destroy: bool
        _emit_close: bool
        _constructed: bool
        _construct_answered: bool
        _destroy_answered: bool
        _error_emitted: bool

    def _set_up(self, loop: Loop | None, readable_state: Any, writable_state: Any, emit_close: bool,
                auto_destroy: bool) -> None:
        """What constructors share.  A half that the stream has not is None."""
        self._loop = current() if loop is None else loop
        self._readable_state = readable_state
        self._writable_state = writable_state
        self.destroyed = self.closed = False
        self.errored = None
        self._emit_close = emit_close
        self._auto_destroy = auto_destroy
        self._construct_answered = self._destroy_answered = self._error_emitted = False
        if writable_state is not None:
            writable_state.has_writev = type(self)._writev is not _NO_WRITEV
        self._constructed = type(self)._construct is _NO_CONSTRUCT
        if not self._constructed:
            self._loop.next_tick(self._start_construct)

    def _take_options(self, hooks: dict[str, Callable[..., object] | None], signal: Any) -> None:
        """The options that few streams have: hooks given as functions, and a signal that destroys.

        A hook becomes a method of this one stream, as in Node.
        """
        for name, function in hooks.items():
            if function is None:
                continue
            if not callable(function):
                raise invalid_type(name.lstrip("_"), "callable", function)
            setattr(self, name, MethodType(function, self))
            if name == "_writev":
                self._writable_state.has_writev = True
            elif name == "_construct" and self._constructed:
                self._constructed = False
                self._loop.next_tick(self._start_construct)
        if signal is not None:
            from .abort import add_abort_signal
            add_abort_signal(signal, self)

    # --- in -------------------------------------------------------------------------------------------------

    def _start_construct(self) -> None:
        try:
            self._construct(self._on_construct)
        except Exception as error:
            self._on_construct(error)

    def _on_construct(self, error: Exception | None = None) -> None:
        """The callback of `_construct`."""
        if self._construct_answered:
            self._fail(multiple_callback())
            return
        self._construct_answered = True
        self._loop.next_tick(self._finish_construct, (error,))

    def _finish_construct(self, error: Exception | None) -> None:
        self._constructed = True
        if self.destroyed:
            self._start_destroy(self.errored if self.errored is not None else error)
        elif error is not None:
            self._fail(error)
        else:
            self._on_constructed()

    # --- out ------------------------------------------------------------------------------------------------

    def destroy(self, error: Exception | None = None) -> Self:
        """Release the stream now and drop what is buffered; returns the stream.  Only the first call counts.

        Emits `error` (if `error` is given), then `close`, on the next tick or as soon as the implementer has
        released its resources.  Callbacks of writes that were not done get ERR_STREAM_DESTROYED, or the
        error.

        Source: https://nodejs.org/api/stream.html#readabledestroyerror
        """
        if self.destroyed:
            return self
        state = self._writable_state
        if error is None and state is not None and state.gatherer is not None:
            state.gatherer.flush()              # it was written, as far as anybody knows
        if error is not None and self.errored is None:
            self.errored = error
        self.destroyed = True
        if self._readable_state is not None:
            self._readable_state.drop_buffer()
        if state is not None and (state.queue is not None or state.finish_callbacks is not None):
            self._loop.next_tick(self._refuse_waiting)
        if self._constructed:
            self._start_destroy(error)
        return self

    def _leave(self, error: Exception | None = None) -> None:
        """Destroy it for a consumer that stops before the end: an iteration, a pipeline.  Some streams live on for others."""
        self.destroy(error)

    def _fail(self, error: Exception) -> None:
        """An error of the stream itself: destroys it, or is only told when `auto_destroy` is off."""
        if self.destroyed:
            return
        if self._auto_destroy:
            self.destroy(error)
            return
        if self.errored is None:
            self.errored = error
        self._loop.next_tick(self._emit_error, (error,))

    def capture_rejection(self, error: Exception, event: Any, *arguments: Any) -> None:
        """A coroutine listener failed: destroy the stream with its error, or report that if too late."""
        if self.destroyed:
            self._loop.report(error)
        else:
            self.destroy(error)

    def _closes_when_over(self) -> bool:
        """Hook: whether `close` comes by itself once all halves have ended."""
        return self._auto_destroy and self._emit_close

    def _start_destroy(self, error: Exception | None) -> None:
        try:
            self._destroy(error, self._on_destroy)
        except Exception as raised:
            self._on_destroy(raised)

    def _on_destroy(self, error: Exception | None = None) -> None:
        """The callback of `_destroy`."""
        if self._destroy_answered:
            return
        self._destroy_answered = True
        if error is not None and self.errored is None:
            self.errored = error
        self._loop.next_tick(self._finish_destroy, (error,))

    def _finish_destroy(self, error: Exception | None) -> None:
        if error is not None and self._may_be_awaited_yet() and not self._has_listeners("error"):
            self._loop.after_first_steps(self._end_destroy, error)
        else:
            self._end_destroy(error)

    def _may_be_awaited_yet(self) -> bool:
        """Hook: whether a task that has not begun may be there to wait for this, and hear of its error."""
        return False

    def _end_destroy(self, error: Exception | None) -> None:
        if error is not None:
            self._emit_error(error)
        self.closed = True
        if self._emit_close:
            try:
                self._emit_closed()
            except Exception as raised:
                self._loop.report(raised)
        self._refuse_rest()

    def _emit_error(self, error: Exception) -> None:
        if not self._error_emitted:
            self._error_emitted = True
            try:
                self._emit1("error", error)
            except Exception as raised:
                self._loop.report(raised)

    def _announce(self, event: str) -> None:
        """Emit an event that has no arguments."""
        try:
            self._emit0(event)
        except Exception as raised:
            self._loop.report(raised)

    # --- writes that come to nothing ------------------------------------------------------------------------

    def _refuse_waiting(self) -> None:
        """Answer the writes behind the one in flight; that one the sink answers: it may have succeeded."""
        if not self._writable_state.writing:
            self._refuse_rest()

    def _refuse_rest(self) -> None:
        state = self._writable_state
        if state is None:
            return
        if not state.writing and state.queue is None and state.finish_callbacks is None:
            return
        callbacks = state.take_flight() if state.writing else []
        callbacks += state.take_queue()
        callbacks += state.take_finish_callbacks()
        state.length = 0
        call_back(self._loop, callbacks, self._write_error())

    def _write_error(self) -> Exception:
        """What the callback of a write gets that was given up."""
        if self.errored is not None:
            return self.errored
        return StateError("Cannot call write after a stream was destroyed", "ERR_STREAM_DESTROYED")

    # --- hooks for implementers -----------------------------------------------------------------------------

    def _construct(self, callback: Callback) -> object:
        """Hook: open what the stream needs, then ``callback(error_or_none)``."""
        return callback(None)

    def _destroy(self, error: Exception | None, callback: Callback) -> object:
        """Hook: release what the stream holds, then ``callback(error)``."""
        return callback(error)

    def _read(self, size: int) -> object:
        """Hook: fetch data and `push` it; `size`, bytes or objects, is advice.  Called again after a push."""
        raise not_implemented("_read()")

    def _write(self, chunk: Any, encoding: str, callback: Callback) -> object:
        """Hook: pass `chunk` on, then ``callback(error_or_none)`` once.  No other write comes before that.

        `encoding` is ``"buffer"`` for bytes, else that of the str in `chunk`.
        """
        raise not_implemented("_write()")

    def _writev(self, chunks: list[tuple[Any, str]], callback: Callback) -> object:
        """Hook, optional: pass on all ``(chunk, encoding)`` that wait, then ``callback(error_or_none)``."""
        raise not_implemented("_writev()")

    def _try_write(self, chunk: bytes) -> int:
        """Hook for sinks whose state is `direct`: take what goes at once, and return how many bytes.

        Called only when no write is in flight or waits.  -1 is "not now"; `_write` gets what was not taken,
        and is also where errors are told.  For compiled classes: compiled code does not see a definition in
        Python.
        """
        return -1

    def _final(self, callback: Callback) -> object:
        """Hook: everything was written and end() called; do the rest, then ``callback(error_or_none)``."""
        return callback(None)

    def _emit_closed(self) -> None:
        """Hook: emit `close`, with whatever arguments the class gives it."""
        self._emit0("close")

    # --- hooks for the halves -------------------------------------------------------------------------------

    def _on_constructed(self) -> None:
        """The stream is open: do what waited for that."""

    def _on_readable_end(self) -> None:
        """`end` was emitted: destroy the stream, or let the other half end."""

    def _on_writable_finish(self) -> None:
        """`finish` was emitted: destroy the stream, if the other half is done too."""

    def _on_write(self, error: Exception | None = None) -> None:
        """The callback of `_write` and `_writev`."""

    def _on_final(self, error: Exception | None = None) -> None:
        """The callback of `_final`."""

    # --- asyncio --------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        traceback: TracebackType | None) -> None:
        """Leave the stream closed.  What was written is flushed first, unless the body failed."""
        await left(self, error)


# What a class has that does not define the hook.  By name: a compiled class would give its C function.
_NO_CONSTRUCT = vars(Stream)["_construct"]
_NO_WRITEV = vars(Stream)["_writev"]


def call_back(loop: Loop, callbacks: list[Any], error: Exception | None) -> None:
    """Call each callback with `error`."""
    for callback in callbacks:
        if callback is not None:
            try:
                call_fitting(callback, (error,))
            except Exception as raised:
                loop.report(raised)


def multiple_callback() -> StateError:
    return StateError("Callback called multiple times", "ERR_MULTIPLE_CALLBACK")


def not_implemented(method: str) -> StateError:
    return StateError(f"The {method} method is not implemented", "ERR_METHOD_NOT_IMPLEMENTED")


if __file__.endswith(".py"):
    # What an extension type has by itself: no half, before it gets one.
    Stream._readable_state = None  # type: ignore[assignment]
    Stream._writable_state = None  # type: ignore[assignment]
