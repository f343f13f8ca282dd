"""Sections: the bytes that came, and where the part of a message ends that llhttp may see.

A section is a head, a chunk line or the trailers.  It usually comes in one piece, as a whole `feed`: then nothing is
copied or kept.  One that comes in several is handed to llhttp as it comes, so that faults are found at once, and its
pieces are kept until it is complete.

The search for the empty line looks at every fourth byte: the bytes of CR LF CR LF cannot all lie between two looks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .._engine.blocks import part

__all__ = ["Sections"]

_strict_end = re.compile(rb"\r\n\r\n").search
_lenient_end = re.compile(rb"\n\r?\n").search
_CR, _LF = b"\r\n"


class Sections:
    """What a `MessageParser` has before it: ``_data`` from ``_position`` on, and the section that it is in."""

    if TYPE_CHECKING:
        _lenient: bool
        _data: bytes
        _position: int
        _pieces: list[bytes] | None
        _section: bytes
        _section_size: int
        _tail: bytes
        _blank: bool

    def __init__(self, lenient: bool) -> None:
        """`lenient`: lines may end with LF alone."""
        self._lenient = lenient
        self._data = self._section = self._tail = b""
        self._position = self._section_size = 0
        self._pieces = None
        self._blank = True

    # --- the bytes -----------------------------------------------------------------------------------------------

    def _take(self, most: int) -> bytes:
        """The bytes that are there, up to `most`."""
        start = self._position
        available = len(self._data) - start
        if available > most:
            available = most
        self._position = start + available
        return part(self._data, start, start + available)

    def _drop_data(self) -> None:
        self._data = b""
        self._position = 0

    # --- the section ---------------------------------------------------------------------------------------------

    def _section_end(self) -> int:
        """Where the empty line ends, -1 when it has not come."""
        if self._lenient:
            return self._end_in(self._tail + self._data[self._position:])
        if self._tail:
            end = self._end_in(self._tail + self._data[self._position:self._position + 3])
            if end >= 0:
                return end
        text = self._data
        size = len(self._data)
        at = self._position + 3
        while at < size:            # the last of four bytes, of which the first was not ruled out
            byte = text[at]
            if byte == _LF:
                if text[at - 1] == _CR and text[at - 2] == _LF and text[at - 3] == _CR:
                    return at + 1
                at += 2
            elif byte == _CR:
                at += 1
            else:
                at += 4
        return -1

    def _line_end(self, start: int) -> int:
        """Where the line that goes on at `start` ends, -1 when its end has not come.  It is short."""
        text = self._data
        size = len(self._data)
        at = start
        while at < size:
            if text[at] == _LF:
                return at + 1
            at += 1
        return -1

    def _end_in(self, tail_and_data: bytes) -> int:
        match = (_lenient_end if self._lenient else _strict_end)(tail_and_data)
        return -1 if match is None else self._position + match.end() - len(self._tail)

    def _parse_section(self, end: int, limit: int) -> bool:
        """Hand llhttp what there is of a section up to `end`, -1 when its end has not come; False after an error.

        That it is larger than `limit` counts only once llhttp has found nothing wrong in what is allowed: so it is
        the same fault however the bytes were cut.
        """
        data = self._data
        start = self._position
        stop = len(data) if end < 0 else end
        over = stop - start > limit - self._section_size
        if over:
            stop = start + limit - self._section_size
        piece = part(data, start, stop)
        self._section_size += stop - start
        if end >= 0 and self._pieces is None and not over:
            self._section = piece
        else:
            self._collect(piece)
        if not self._parse(piece, end >= 0 and not over):
            return False
        self._position = stop
        if over:
            self._section_too_large()
            return False
        return True

    def _collect(self, piece: bytes) -> None:
        """A section that comes in several pieces: keep them, and the end, which may be a part of the empty line."""
        if self._pieces is None:
            self._pieces = []
        self._pieces.append(piece)
        self._blank = self._blank and not piece.strip(b"\r\n")
        tail = self._tail + piece
        self._tail = tail if len(tail) < 4 else tail[len(tail) - 3:]

    def _whole_section(self) -> bytes:
        return self._section if self._pieces is None else b"".join(self._pieces)

    def _forget_section(self) -> None:
        self._forget_pieces()
        self._section_size = 0

    def _forget_pieces(self) -> None:
        self._section = self._tail = b""
        self._pieces = None
        self._blank = True

    def _nothing_but_line_ends(self) -> bool:
        return self._section_size == 0 or (self._blank and not self._section.strip(b"\r\n"))

    # --- hooks ---------------------------------------------------------------------------------------------------

    def _parse(self, piece: bytes, ends_section: bool) -> bool:
        """Hand bytes to llhttp; False when it found a fault, which the receiver knows then."""
        raise NotImplementedError

    def _section_too_large(self) -> None:
        raise NotImplementedError
