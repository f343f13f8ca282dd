"""Into the readable half: push(), unshift() and the end of the data.

The way of nearly every chunk of a busy stream is the first branch of `push`: the stream flows and nothing is
buffered, so the chunk goes straight to the `data` listeners.  No state changes, nothing is allocated, and no
tick asks for more when the source is one that goes on by itself (`ReadableState.continuous`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..encoding import StreamDecoder, decode, encode, normalise
from ..errors import StateError, invalid_type
from .buffer import append, prepend, take_everything
from .flow import emit_readable, emit_readable_now, end_readable, read_more

if TYPE_CHECKING:
    from .base import Stream
    from .state import ReadableState

__all__ = ["push", "unshift", "set_encoding"]


def push(stream: Stream, chunk: Any, encoding: str | None = None) -> bool:
    """Take a chunk from the source; whether it should go on."""
    state = stream._readable_state
    if (state.continuous and state.flowing and state.length == 0 and type(chunk) is bytes and len(chunk) > 0
            and not (state.object_mode or state.sync or state.ended or stream.destroyed)
            and state.decoder is None and stream.errored is None):
        state.did_read = True
        if _emit_data(stream, state, chunk):
            if not stream.destroyed and state.wants_more():
                return True
            state.reading = False       # the listener unshifted that much: `_read` asks again when it was read
            return False
    return _push(stream, state, chunk, encoding)


def _push(stream: Stream, state: ReadableState, chunk: Any, encoding: str | None) -> bool:
    state.reading = False
    if chunk is None:
        _push_end(stream, state)
        return False
    if state.ended:
        stream._fail(StateError("stream.push() after EOF", "ERR_STREAM_PUSH_AFTER_EOF"))
        return False
    if stream.destroyed or stream.errored is not None:
        return False
    if not state.object_mode:
        chunk = _as_bytes_or_text(stream, state, chunk, encoding)
        if chunk is None:
            return False
    if state.object_mode or len(chunk) > 0:
        _add(stream, state, chunk, False)
    if state.continuous:
        state.reading = state.wants_more()      # the source hears what we return
        if state.sync and not state.reading:
            read_more(stream, state)            # but this is within `_read`, for a reader who is about to make room
    else:
        read_more(stream, state)
    return not stream.destroyed and state.wants_more()


def _push_end(stream: Stream, state: ReadableState) -> None:
    """The source has no more."""
    if state.ended or stream.destroyed:
        return
    if state.decoder is not None:
        rest = state.decoder.end()
        if rest:
            append(state, rest)
    state.ended = True
    if state.flowing and state.length == 0 and not state.sync:
        state.need_readable = state.emitted_readable = False
        end_readable(stream, state)                  # nobody waits for `readable`, and nothing is left to flow
    elif state.sync:
        emit_readable(stream, state)
    else:
        state.need_readable = False
        state.emitted_readable = True
        emit_readable_now(stream)


def unshift(stream: Stream, chunk: Any, encoding: str | None = None) -> bool:
    """Put a chunk back to the front."""
    state = stream._readable_state
    if chunk is None:
        state.reading = False
        _push_end(stream, state)
        return False
    if state.end_emitted:
        stream._fail(StateError("stream.unshift() after end event", "ERR_STREAM_UNSHIFT_AFTER_END_EVENT"))
        return False
    if stream.destroyed or stream.errored is not None:
        return False
    if not state.object_mode:
        chunk = _as_buffered(stream, state, chunk, encoding)
        if chunk is None:
            return False
    if state.object_mode or len(chunk) > 0:
        _add(stream, state, chunk, True)
    if not state.continuous:
        read_more(stream, state)
    return not stream.destroyed and state.wants_more()


def _add(stream: Stream, state: ReadableState, chunk: Any, front: bool) -> None:
    """Hand a chunk to the listeners if they can have it now, else buffer it."""
    if state.flowing and state.length == 0 and not state.sync and stream._has_listeners("data"):
        state.did_read = True
        _emit_data(stream, state, chunk)
        return
    if front:
        prepend(state, chunk)
    else:
        append(state, chunk)
    if state.need_readable:
        emit_readable(stream, state)


def _emit_data(stream: Stream, state: ReadableState, chunk: Any) -> bool:
    try:
        sink = state.sink
        if sink is not None:
            sink.take(chunk)        # the stream may drop it meanwhile
            return True
        return stream._emit1("data", chunk)
    except Exception as raised:
        stream._loop.report(raised)
        return True


# --- bytes and text -----------------------------------------------------------------------------------------

def _as_bytes_or_text(stream: Stream, state: ReadableState, chunk: Any, encoding: str | None) -> Any:
    """A chunk from the source as it is buffered; None (and the stream fails) if it is no data."""
    if isinstance(chunk, str):
        if state.encoding is not None and normalise(encoding or "utf8") == state.encoding:
            return chunk
        chunk = encode(chunk, encoding or "utf8")
    chunk = _as_bytes(stream, chunk)
    if chunk is not None and state.decoder is not None:
        return state.decoder.write(chunk)
    return chunk


def _as_buffered(stream: Stream, state: ReadableState, chunk: Any, encoding: str | None) -> Any:
    """The same for a chunk that was read and comes back: what was decoded is not decoded again."""
    if isinstance(chunk, str):
        if state.encoding is not None and normalise(encoding or state.encoding) == state.encoding:
            return chunk
        chunk = encode(chunk, encoding or "utf8")
    chunk = _as_bytes(stream, chunk)
    if chunk is not None and state.encoding is not None:
        return decode(chunk, state.encoding)
    return chunk


def _as_bytes(stream: Stream, chunk: Any) -> bytes | None:
    if isinstance(chunk, bytes):
        return chunk
    if isinstance(chunk, (bytearray, memoryview)):
        return bytes(chunk)
    stream._fail(invalid_type("chunk", "bytes, bytearray, memoryview or str", chunk))
    return None


def set_encoding(stream: Stream, encoding: str) -> None:
    """Give str from now on; what is buffered is decoded too."""
    state = stream._readable_state
    decoder = StreamDecoder(encoding)
    text = "".join([decoder.write(chunk) for chunk in take_everything(state)]) if state.length else ""
    state.decoder = decoder
    if text:
        append(state, text)
