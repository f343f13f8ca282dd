"""The states of a `MessageParser`: which part of a message comes next, and which may follow it."""

from __future__ import annotations

__all__ = ["HEAD", "FIXED", "CHUNK_LINE", "CHUNK_DATA", "TRAILERS", "UNTIL_CLOSE", "END", "LEAVING", "GONE", "CLOSING"]

HEAD, FIXED, CHUNK_LINE, CHUNK_DATA, TRAILERS, UNTIL_CLOSE, END, LEAVING, GONE, CLOSING = range(10)
