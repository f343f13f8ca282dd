"""The end of the writable half: everything was written, `_final` has run, `finish` is emitted.

`finish_maybe` is called whenever one of the conditions may have become true.  `_final` runs once, as soon as
nothing is queued or in flight; `finish` follows when it has called back and the callbacks of all writes were
called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .base import call_back, multiple_callback

if TYPE_CHECKING:
    from .base import Stream
    from .state import WritableState

__all__ = ["finish_maybe", "on_final"]


def _may_finish(stream: Stream, state: WritableState) -> bool:
    return (state.ending and not state.finished and state.length == 0 and state.queue is None
            and not state.writing and stream._constructed and not stream.destroyed and stream.errored is None)


def finish_maybe(stream: Stream, state: WritableState) -> None:
    if not _may_finish(stream, state):
        return
    if not state.final_called:
        state.final_called = state.final_pending = True
        try:
            stream._final(stream._on_final)
        except Exception as error:
            on_final(stream, error)
    elif state.prefinished and state.completed is None:
        stream._loop.next_tick_of(_finish, stream)


def on_final(stream: Stream, error: Exception | None) -> None:
    """The callback of `_final`."""
    state = stream._writable_state
    if not state.final_pending:
        stream._fail(multiple_callback())
        return
    state.final_pending = False
    if error is not None:
        if stream.errored is None:
            stream.errored = error
        call_back(stream._loop, state.take_finish_callbacks(), error)
        stream._fail(error)
    elif _may_finish(stream, state):
        state.prefinished = True
        stream._announce("prefinish")
        stream._loop.next_tick_of(_finish, stream)


def _finish(stream: Stream) -> None:
    state = stream._writable_state
    if not _may_finish(stream, state) or state.completed is not None:
        return      # finished or destroyed meanwhile; or callbacks are due, and finish_maybe comes after them
    state.finished = True
    call_back(stream._loop, state.take_finish_callbacks(), None)
    stream._announce("finish")
    stream._on_writable_finish()
