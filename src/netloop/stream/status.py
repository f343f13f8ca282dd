"""Questions about a stream, whatever its kind.

Source: https://nodejs.org/api/stream.html#streamisreadablestream
"""

from __future__ import annotations

from typing import TypeGuard

from ..errors import invalid_type
from .base import Stream

__all__ = ["check_stream", "has_readable_half", "has_writable_half",
           "is_destroyed", "is_disturbed", "is_errored", "is_readable", "is_writable"]


def is_readable(stream: object) -> bool | None:
    """Whether there is, or may come, something to read; None for what is no stream or has no readable
    half.
    """
    if not isinstance(stream, Stream) or stream._readable_state is None:
        return None
    return not (stream.destroyed or stream.errored is not None or stream._readable_state.end_emitted)


def is_writable(stream: object) -> bool | None:
    """Whether a write may still succeed; None for what is no stream or has no writable half."""
    if not isinstance(stream, Stream) or stream._writable_state is None:
        return None
    return not (stream.destroyed or stream.errored is not None or stream._writable_state.ending)


def is_errored(stream: object) -> bool:
    """Whether the stream has met an error."""
    return isinstance(stream, Stream) and stream.errored is not None


def is_disturbed(stream: object) -> bool:
    """Whether the stream was read from, or destroyed."""
    return has_readable_half(stream) and bool(stream._readable_state.did_read or stream.destroyed)


def is_destroyed(stream: object) -> bool | None:
    """Whether `destroy` was called; None for what is no stream."""
    return stream.destroyed if isinstance(stream, Stream) else None


def has_readable_half(stream: object) -> TypeGuard[Stream]:
    """Whether it is a Readable, or a Duplex with this half."""
    return (isinstance(stream, Stream) and stream._readable_state is not None
            and stream._readable_state.readable)


def has_writable_half(stream: object) -> TypeGuard[Stream]:
    """Whether it is a Writable, or a Duplex with this half."""
    return (isinstance(stream, Stream) and stream._writable_state is not None
            and stream._writable_state.writable)


def check_stream(name: str, stream: object) -> Stream:
    """The stream, or ArgumentTypeError (ERR_INVALID_ARG_TYPE); `name` is the argument's, for the message."""
    if not isinstance(stream, Stream):
        raise invalid_type(name, "a stream", stream)
    return stream
