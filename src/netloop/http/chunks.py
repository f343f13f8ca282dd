"""Chunked bodies as they are sent: RFC 9112 section 7.1."""

from __future__ import annotations

from ..errors import invalid_value
from .head import Headers, OutgoingHead
from .message_head import split_fields
from .rules import FORBIDDEN_TRAILERS

__all__ = ["chunk_line", "encode_chunk", "last_chunk", "CRLF", "LAST_CHUNK"]

CRLF = b"\r\n"
LAST_CHUNK = b"0\r\n\r\n"


def chunk_line(size: int) -> bytes:
    """What stands before a chunk of `size` bytes; CRLF stands after it.  For large chunks, which nobody should copy."""
    return b"%x\r\n" % size


def encode_chunk(data: bytes) -> bytes:
    """A chunk with what stands around it.  Of nothing it is nothing: an empty chunk would end the body."""
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


def last_chunk(trailers: Headers | None = None) -> bytes:
    """The end of a chunked body.  Raises as `OutgoingHead.add` does, and for fields that must not be trailers."""
    if not trailers:
        return LAST_CHUNK
    section = OutgoingHead()
    section.add_all(trailers)
    end = section.serialise("0\r\n")
    for name in split_fields(end, len("0\r\n"), len(end))[::2]:
        if name.lower() in FORBIDDEN_TRAILERS:
            raise invalid_value("trailer", "a field that may come after the body", name.decode())
    return end
