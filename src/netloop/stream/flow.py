"""Out of the readable half: read(), and the flow that calls it.

A stream starts undecided: it buffers up to its high-water mark and waits.  A consumer decides how it wants
the data:

    flowing         a `data` listener, a pipe or resume(): `flow` reads chunk after chunk and emits each
    paused          pause(): chunks stay in the buffer until resume()
    by read()       a `readable` listener: it is told that there is something, and calls read() itself

Whatever the mode, data leaves by `read`, which emits `data`; only a chunk that is pushed while the stream
flows and nothing is buffered before it goes straight to the listeners (see `intake`).  `read` is also what
asks the source for more: it calls `_read` when the buffer is below the high-water mark and the source has
answered the last call.

Events that Node emits later come from the tick queue: `readable`, `end`, and the flow that resume() starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .buffer import available, take

if TYPE_CHECKING:
    from .base import Stream
    from .state import ReadableState

__all__ = ["read", "flow", "pause", "resume", "data_wanted", "readable_wanted", "readable_unwanted",
           "read_more", "emit_readable", "emit_readable_now", "end_readable", "resume_now"]

_NO_SIZE = -1                   # read() without one: a chunk when flowing, else all that is buffered
_HIGHEST_MARK = 1 << 30         # no read(size) raises the high-water mark beyond 1 GiB, as in Node


# --- read ---------------------------------------------------------------------------------------------------

def read(stream: Stream, size: int) -> Any:
    """Take `size` from the buffer, or None if it has less; ask the source for more if there is room."""
    state = stream._readable_state
    if size > state.high_water_mark:
        state.high_water_mark = _next_mark(size)
    if size != 0:
        state.emitted_readable = False
    elif state.need_readable and (state.ended or state.length >= max(state.high_water_mark, 1)):
        # read(0) only looks.  There is enough: no more is fetched, but whoever waits is told.
        _announce(stream, state)
        return None
    amount = available(state, size)
    if amount == 0 and state.ended:
        if state.length == 0:
            end_readable(stream, state)
        return None
    if _must_fetch(stream, state, amount):
        _fetch(stream, state)
        amount = available(state, size)     # the source may have pushed at once
    return _deliver(stream, state, size, amount)


def _must_fetch(stream: Stream, state: ReadableState, amount: int) -> bool:
    if state.ended or state.reading or not stream._constructed:
        return False
    if stream.destroyed or stream.errored is not None:
        return False
    return state.need_readable or state.length == 0 or state.length - amount < state.high_water_mark


def _fetch(stream: Stream, state: ReadableState) -> None:
    """Call `_read`.  What it pushes before it returns is buffered, so no listener runs inside it."""
    state.reading = state.sync = True
    if state.length == 0:
        state.need_readable = True
    try:
        stream._read(state.high_water_mark)
    except Exception as error:
        stream._fail(error)
    finally:
        state.sync = False


def _deliver(stream: Stream, state: ReadableState, size: int, amount: int) -> Any:
    chunk = take(state, amount) if amount > 0 else None
    if chunk is None:
        state.need_readable = state.length <= state.high_water_mark
    if state.length == 0:
        if not state.ended:
            state.need_readable = True
        elif size != amount:
            end_readable(stream, state)
    if chunk is not None and stream.errored is None:
        state.did_read = True
        stream._emit1("data", chunk)
    return chunk


def _next_mark(size: int) -> int:
    """The power of two that holds `size`: a reader that asks for more than the mark must get it one day."""
    return int(min(1 << (size - 1).bit_length(), _HIGHEST_MARK))


# --- the end ------------------------------------------------------------------------------------------------

def end_readable(stream: Stream, state: ReadableState) -> None:
    """Emit `end` on the next tick: all was pushed, and all was read."""
    if not (state.end_due or state.end_emitted):
        state.ended = state.end_due = True
        stream._loop.next_tick_of(_emit_end, stream)


def _emit_end(stream: Stream) -> None:
    state = stream._readable_state
    state.end_due = False
    if stream.destroyed or stream.errored is not None or state.end_emitted or state.length > 0:
        return
    state.end_emitted = True
    stream._announce("end")
    stream._on_readable_end()


# --- `readable` ---------------------------------------------------------------------------------------------

def _announce(stream: Stream, state: ReadableState) -> None:
    if state.length == 0 and state.ended:
        end_readable(stream, state)
    else:
        emit_readable(stream, state)


def emit_readable(stream: Stream, state: ReadableState) -> None:
    """Emit `readable` on the next tick, once until somebody reads."""
    state.need_readable = False
    if not state.emitted_readable:
        state.emitted_readable = True
        stream._loop.next_tick_of(emit_readable_now, stream)


def emit_readable_now(stream: Stream) -> None:
    state = stream._readable_state
    state.emitted_readable = False      # also when all was read before this tick: the next chunk is to be told
    if not stream.destroyed and stream.errored is None and (state.length > 0 or state.ended):
        stream._announce("readable")
    # Wanted again unless the data flows by itself, ended, or is more than the consumer takes.
    state.need_readable = not state.flowing and not state.ended and state.length <= state.high_water_mark
    flow(stream)


# --- asking for more ----------------------------------------------------------------------------------------

def read_more(stream: Stream, state: ReadableState) -> None:
    """Fill the buffer up to the high-water mark, from the next tick on."""
    if not state.reading_more and stream._constructed:
        state.reading_more = True
        stream._loop.next_tick_of(_read_more_now, stream)


def _read_more_now(stream: Stream) -> None:
    state = stream._readable_state
    while not state.reading and not state.ended and not stream.destroyed and (
            state.length < state.high_water_mark or (state.flowing and state.length == 0)):
        length = state.length
        read(stream, 0)
        if length == state.length:
            break       # the source has nothing now; its next push goes on
    state.reading_more = False


# --- flowing and paused -------------------------------------------------------------------------------------

def flow(stream: Stream) -> None:
    """Emit what is buffered, as long as the listeners let it flow."""
    state = stream._readable_state
    try:
        while state.flowing and read(stream, _NO_SIZE) is not None:
            pass
    except Exception as raised:
        stream._loop.report(raised)
        # By a listener: what is behind that chunk flows all the same, but not if the loop ends now.
        if state.flowing:
            stream._loop.next_tick_of(flow, stream)


def resume(stream: Stream) -> None:
    state = stream._readable_state
    if not state.flowing:
        state.flow_decided = True
        state.flowing = not state.readable_listening    # else the listener drives, by read()
        _schedule_resume(stream, state)
    state.paused = False


def _schedule_resume(stream: Stream, state: ReadableState) -> None:
    if not state.resume_scheduled:
        state.resume_scheduled = True
        stream._loop.next_tick_of(resume_now, stream)


def resume_now(stream: Stream) -> None:
    state = stream._readable_state
    state.resume_scheduled = False
    if stream.destroyed or state.paused:
        return
    if not state.reading:
        read(stream, 0)
    stream._announce("resume")
    flow(stream)
    if state.flowing and not state.reading:
        read(stream, 0)


def pause(stream: Stream) -> None:
    state = stream._readable_state
    was_paused = state.flow_decided and not state.flowing
    state.flow_decided = state.paused = True
    state.flowing = False
    if not was_paused and not stream.destroyed:
        stream._announce("pause")


def data_wanted(stream: Stream) -> None:
    """A `data` listener came: flow, unless somebody paused or reads by himself."""
    state = stream._readable_state
    state.readable_listening = stream._has_listeners("readable")
    if not state.flow_decided or state.flowing:
        resume(stream)


def readable_wanted(stream: Stream) -> None:
    """A `readable` listener came: from now on read() drives the stream."""
    state = stream._readable_state
    if state.end_emitted or state.readable_listening:
        return
    state.readable_listening = state.need_readable = state.flow_decided = True
    state.flowing = state.emitted_readable = False
    if state.length > 0:
        emit_readable(stream, state)
    elif not state.reading:
        stream._loop.next_tick_of(_read_nothing, stream)


def _read_nothing(stream: Stream) -> None:
    read(stream, 0)


def readable_unwanted(stream: Stream) -> None:
    """A `readable` listener left: look on the next tick who is left, for it may come back at once."""
    stream._loop.next_tick_of(_reconsider_mode, stream)


def _reconsider_mode(stream: Stream) -> None:
    state = stream._readable_state
    state.readable_listening = stream._has_listeners("readable")
    if state.resume_scheduled and not state.paused:
        state.flow_decided = state.flowing = True       # resume() waited for the listener to leave
    elif stream._has_listeners("data"):
        resume(stream)
    elif not state.readable_listening:
        state.flow_decided = state.flowing = False
