"""Into the writable half: write(), the queue behind the write in flight, and what follows it.

The sink gets one write at a time.  The ways of a chunk, from the shortest:

    direct      nothing is queued and the sink can take bytes at once: a socket's `_try_write` gives them to
                the kernel.  What it took is done: nothing is counted, stored or scheduled.
    in flight   nothing is queued, so `_write` gets the chunk, or what the direct way left of it
    queued      a write is in flight, or the stream is corked or not open yet; when the sink calls back, the
                whole queue goes out with one `_writev`, or chunk by chunk with `_write`

write() answers after the attempt: False when what is left, in flight or queued, has reached the high-water
mark.  Then `drain` follows when all of it is gone.

A sink that calls back before `_write` returns must not make its caller's listeners run inside write(): what
follows then is put on a tick, one for all writes that finished so.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from ..encoding import encode, normalise
from ..errors import ArgumentTypeError, StateError, invalid_type
from ..events.listener import call_fitting
from ..loop.origin import add_origin, caller
from .base import call_back, multiple_callback
from .finish import finish_maybe

if TYPE_CHECKING:
    from .base import Stream
    from .state import Done, WritableState

__all__ = ["write", "end", "cork", "uncork", "on_write", "clear_queue"]


# --- write --------------------------------------------------------------------------------------------------

def write(stream: Stream, chunk: Any, encoding: Any = None, callback: Done | None = None) -> bool:
    """Write a chunk; whether the stream takes more.  A class that overrides write() ends here."""
    state = stream._writable_state
    if state.gatherer is not None:
        state.gatherer.flush()
    if encoding is not None and callable(encoding):
        encoding, callback = None, encoding
    if type(chunk) is not bytes:
        if chunk is None:
            raise ArgumentTypeError("May not write null values to stream", "ERR_STREAM_NULL_VALUES")
        if not state.object_mode:
            chunk = _as_bytes_or_text(state, chunk, encoding)
    if state.ending or stream.destroyed or stream.errored is not None:
        _refuse(stream, state, callback, "write")
        return False
    if (state.direct and type(chunk) is bytes and state.queue is None and not (state.writing or state.corked)
            and stream._constructed and len(chunk) > 0):
        taken = stream._try_write(chunk)
        if taken == len(chunk):
            if callback is not None:
                _complete_later(stream, state, [callback])
            return True
        if taken > 0:
            chunk = chunk[taken:]
    return _write(stream, state, chunk, _encoding_of(state, chunk, encoding), callback)


def _as_bytes_or_text(state: WritableState, chunk: Any, encoding: str | None) -> Any:
    if isinstance(chunk, str):
        encoding = encoding or state.default_encoding
        if state.decode_strings:
            return encode(chunk, encoding)
        normalise(encoding)     # refuses what is no encoding
        return chunk
    if isinstance(chunk, (bytes, bytearray, memoryview)):
        return bytes(chunk)
    raise invalid_type("chunk", "bytes, bytearray, memoryview or str", chunk)


def _encoding_of(state: WritableState, chunk: Any, encoding: str | None) -> str:
    """What `_write` is told: a str's own encoding, ``"buffer"`` for bytes."""
    return "buffer" if type(chunk) is bytes else encoding or state.default_encoding


def _refusal(stream: Stream, state: WritableState) -> Exception | None:
    """Why the stream takes no write any more; None if it does."""
    if state.ending:
        return StateError("write after end", "ERR_STREAM_WRITE_AFTER_END")
    if stream.destroyed:
        return StateError("Cannot call write after a stream was destroyed", "ERR_STREAM_DESTROYED")
    return stream.errored


def _refuse(stream: Stream, state: WritableState, callback: Done | None, called: str) -> None:
    error = _refusal(stream, state)
    assert error is not None
    if state.ending and not stream.destroyed:       # else no `error` event comes of it
        add_origin(error, f"{called}() was called", caller())
    if callback is not None:
        stream._loop.next_tick(call_fitting, (callback, (error,)))
    stream._fail(error)


def _write(stream: Stream, state: WritableState, chunk: Any, encoding: str,
           callback: Done | None) -> bool:
    """The general way: to the sink if it is free, else to the queue."""
    state.length += 1 if state.object_mode else len(chunk)
    if state.writing or state.corked or state.queue is not None or not stream._constructed:
        if state.queue is None:
            state.queue = deque()
        state.queue.append((chunk, encoding, callback))
    else:
        _start_write(stream, state, chunk, encoding, callback)
    if state.length >= state.high_water_mark and state.length > 0:
        state.need_drain = True
        return False
    return not stream.destroyed and stream.errored is None


# --- in flight ----------------------------------------------------------------------------------------------

def _start_write(stream: Stream, state: WritableState, chunk: Any, encoding: str,
                 callback: Done | None) -> None:
    state.writing = state.sync = True
    state.flight_length = 1 if state.object_mode else len(chunk)
    state.flight_callback = callback
    try:
        stream._write(chunk, encoding, stream._on_write)
    except Exception as error:
        _on_raise(stream, state, error)
    finally:
        state.sync = False


def _start_writev(stream: Stream, state: WritableState) -> None:
    chunks = [(chunk, encoding) for chunk, encoding, _ in state.queue]
    callbacks = state.take_queue()
    state.writing = state.sync = True
    state.flight_length = state.length
    state.flight_callback = callbacks
    try:
        stream._writev(chunks, stream._on_write)
    except Exception as error:
        _on_raise(stream, state, error)
    finally:
        state.sync = False


def _on_raise(stream: Stream, state: WritableState, error: Exception) -> None:
    """A hook raised: that is its answer, unless it gave one before."""
    if state.writing:
        on_write(stream, error)
    else:
        stream._fail(error)


def on_write(stream: Stream, error: Exception | None) -> None:
    """The callback of `_write` and `_writev`."""
    state = stream._writable_state
    if not state.writing:
        stream._fail(multiple_callback())
        return
    callbacks = state.take_flight()
    if error is not None:
        if stream.errored is None:
            stream.errored = error
        if state.sync:
            stream._loop.next_tick(_after_failure, (stream, callbacks, error))
        else:
            _after_failure(stream, callbacks, error)
        return
    later = state.sync or state.completed is not None
    if later:
        _complete_later(stream, state, callbacks)   # now, before the next write puts its own there
    clear_queue(stream, state)
    if not later:
        _after_write(stream, state, callbacks)


def clear_queue(stream: Stream, state: WritableState) -> None:
    """Hand the queue to the sink, if it is free: all at once, or until it is busy again."""
    if state.clearing or not _sink_is_free(stream, state):
        return
    if state.has_writev and len(state.queue) > 1:
        _start_writev(stream, state)
        return
    state.clearing = True       # a sink that calls back at once brings us here again
    try:
        while _sink_is_free(stream, state):
            chunk, encoding, callback = state.queue.popleft()
            if not state.queue:
                state.queue = None
            _start_write(stream, state, chunk, encoding, callback)
    finally:
        state.clearing = False


def _sink_is_free(stream: Stream, state: WritableState) -> bool:
    return (state.queue is not None and not (state.writing or state.corked)
            and stream._constructed and not stream.destroyed and stream.errored is None)


# --- after it -----------------------------------------------------------------------------------------------

def _complete_later(stream: Stream, state: WritableState, callbacks: list[Done | None]) -> None:
    if state.completed is None:
        state.completed = callbacks
        stream._loop.next_tick_of(_complete, stream)
    else:
        state.completed += callbacks


def _complete(stream: Stream) -> None:
    state = stream._writable_state
    callbacks = state.completed or []
    state.completed = None
    _after_write(stream, state, callbacks)


def _after_write(stream: Stream, state: WritableState, callbacks: list[Done | None]) -> None:
    if state.need_drain and state.length == 0 and not (state.ending or stream.destroyed):
        state.need_drain = False
        stream._announce("drain")
    call_back(stream._loop, callbacks, None)
    if stream.destroyed:
        stream._refuse_waiting()
    else:
        finish_maybe(stream, state)


def _after_failure(stream: Stream, callbacks: list[Done | None], error: Exception) -> None:
    """The write in flight failed, and so do those behind it; then the stream."""
    call_back(stream._loop, callbacks, error)
    stream._refuse_rest()
    stream._fail(error)


# --- cork and end -------------------------------------------------------------------------------------------

def cork(stream: Stream) -> None:
    stream._writable_state.corked += 1


def uncork(stream: Stream) -> None:
    state = stream._writable_state
    if state.corked:
        state.corked -= 1
        clear_queue(stream, state)


def end(stream: Stream, chunk: Any = None, encoding: Any = None, callback: Done | None = None) -> None:
    """No more writes after this one: when all is flushed, `finish`."""
    state = stream._writable_state
    if state.gatherer is not None:
        state.gatherer.flush()
    if callable(chunk) and not state.object_mode:
        chunk, callback = None, chunk
    elif callable(encoding):
        encoding, callback = None, encoding
    if chunk is not None:
        if _refusal(stream, state) is not None:
            _refuse(stream, state, callback, "end")
            return
        write(stream, chunk, encoding)
    if state.corked:
        state.corked = 1
        uncork(stream)
    error = _start_ending(stream, state)
    if callback is None:
        return
    if error is not None or state.finished:
        stream._loop.next_tick(call_fitting, (callback, (error,)))
    elif state.finish_callbacks is None:
        state.finish_callbacks = [callback]
    else:
        state.finish_callbacks.append(callback)


def _start_ending(stream: Stream, state: WritableState) -> Exception | None:
    """Begin to end; the error if that cannot be: only a callback hears of it."""
    if state.finished:
        return StateError("Cannot call end after a stream was finished", "ERR_STREAM_ALREADY_FINISHED")
    if stream.destroyed:
        return StateError("Cannot call end after a stream was destroyed", "ERR_STREAM_DESTROYED")
    if stream.errored is not None:
        return stream.errored
    if not state.ending:
        state.ending = True
        finish_maybe(stream, state)
        state.ended = True
    return None
