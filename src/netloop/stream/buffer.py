"""The read buffer: chunks in the order in which they came, taken out in any size.

It is a deque that exists only while something is in it, and an offset into its first chunk: a reader that
takes small pieces of a large chunk does not copy the rest of it each time.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .state import ReadableState

__all__ = ["append", "prepend", "available", "take", "take_everything"]


def append(state: ReadableState, chunk: Any) -> None:
    state.length += 1 if state.object_mode else len(chunk)
    if state.buffer is None:
        state.buffer = deque()
    state.buffer.append(chunk)


def prepend(state: ReadableState, chunk: Any) -> None:
    state.length += 1 if state.object_mode else len(chunk)
    if state.buffer is None:
        state.buffer = deque()
    else:
        _cut_first(state)
    state.buffer.appendleft(chunk)


def available(state: ReadableState, size: int) -> int:
    """How much a read of `size` gets now.  Without a size (negative) it is one chunk if flowing, else all."""
    if size == 0 or state.length == 0:
        return 0
    if state.object_mode:
        return 1
    if size < 0:
        return len(state.buffer[0]) - state.offset if state.flowing else state.length
    if size <= state.length:
        return size
    return state.length if state.ended else 0


def take(state: ReadableState, size: int) -> Any:
    """Remove `size` (that is there) from the front, joined to one chunk; or one object."""
    if state.object_mode:
        return _take_object(state)
    pieces = take_everything(state) if size == state.length else _take_pieces(state, size)
    return pieces[0] if len(pieces) == 1 else pieces[0][:0].join(pieces)


def take_everything(state: ReadableState) -> Any:
    """Remove all chunks and return them."""
    _cut_first(state)
    chunks = state.buffer
    state.drop_buffer()
    return chunks


def _take_object(state: ReadableState) -> Any:
    chunk = state.buffer.popleft()
    state.length -= 1
    if state.length == 0:
        state.drop_buffer()
    return chunk


def _take_pieces(state: ReadableState, size: int) -> list[Any]:
    buffer = state.buffer
    pieces = []
    state.length -= size
    while size > 0:
        first = buffer[0]
        stop = state.offset + size
        if stop < len(first):
            pieces.append(first[state.offset:stop])
            state.offset = stop
            break
        size = stop - len(first)
        _cut_first(state)
        pieces.append(buffer.popleft())
    return pieces


def _cut_first(state: ReadableState) -> None:
    """Forget the part of the first chunk that was read."""
    if state.offset:
        state.buffer[0] = state.buffer[0][state.offset:]
        state.offset = 0
