"""BodyParser: the bodies of messages, as their heads announced them.

A body goes to the receiver without a copy when it comes alone.  Of chunks llhttp sees every byte, and counts along; of a
body with Content-Length it sees the bytes if it saw that field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import faults
from .judged_sections import JudgedSections
from .message_head import split_fields, unfold
from .parser_states import CHUNK_DATA, CHUNK_LINE, END, TRAILERS
from .receiver import MessageReceiver
from .rules import LARGEST, are_field_lines, refused_in_trailers
from .settings import ParserSettings

__all__ = ["BodyParser", "CHUNK_LINE_SIZE"]

CHUNK_LINE_SIZE = 16384         # bytes of a chunk's size and extensions; as Node's limit of extensions

_CHUNK_LINE, _CHUNK_DATA, _TRAILERS, _END = CHUNK_LINE, CHUNK_DATA, TRAILERS, END
_LINE_LIMIT = CHUNK_LINE_SIZE
_LARGEST = LARGEST
_HEX = b"\r\n0123456789abcdefABCDEF"


class BodyParser(JudgedSections):
    """The part of a `MessageParser` that reads bodies and trailers."""

    if TYPE_CHECKING:
        _max_size: int
        _max_fields: int
        _remaining: int
        _trailers: list[bytes] | None
        _counting_alone: bool

    def __init__(self, receiver: MessageReceiver, settings: ParserSettings, chunked_head: bytes) -> None:
        JudgedSections.__init__(self, receiver, settings, chunked_head)
        self._max_size = settings.max_header_size
        self._max_fields = settings.max_fields
        self._remaining = 0
        self._trailers = None
        self._counting_alone = False

    def _read_fixed(self) -> bool:
        chunk = self._take(self._remaining)
        self._remaining -= len(chunk)
        if not self._counting_alone and not self._parse(chunk, False):
            return False
        if self._remaining == 0:
            self._state = _END
        self._receiver.on_body(chunk)
        return True

    def _read_until_close(self) -> bool:
        self._receiver.on_body(self._take(len(self._data)))
        return True

    def _read_chunk_line(self) -> bool:
        """The size of a chunk.  The CRLF of the chunk before, if there was one, comes first."""
        unread = 2 - self._section_size if self._after_chunk and self._section_size < 2 else 0
        end = self._line_end(self._position + unread)
        if not self._parse_section(end, _LINE_LIMIT + 4):
            return False
        if end < 0:
            return True
        size = _chunk_size(self._whole_section())
        if size < 0:                    # no number: llhttp is insecure, and reads until the end what we read in chunks
            self._fail(faults.DISAGREEMENT if size == -1 else faults.CHUNK_TOO_LARGE)
            return False
        self._forget_section()
        self._remaining = size
        if size:
            self._state = _CHUNK_DATA
        else:
            self._state = _TRAILERS
            self._tail = b"\r\n"        # an empty line ends the trailers also when it comes at once
        return True

    def _read_chunk_data(self) -> bool:
        chunk = self._take(self._remaining)
        self._remaining -= len(chunk)
        if not self._parse_chunk(chunk):
            return False
        if self._remaining == 0:
            self._state = _CHUNK_LINE
            self._after_chunk = True
        self._receiver.on_body(chunk)
        return True

    def _read_trailers(self) -> bool:
        end = self._section_end()
        if not self._parse_section(end, self._max_size):
            return False
        if end >= 0:
            section = self._whole_section()
            insecure = self.settings.insecure
            if self.settings.relaxed and not are_field_lines(section, 0):
                self._fail(faults.INVALID_FIELD_LINE)
                return False
            self._trailers = split_fields(unfold(section) if insecure else section, 0, len(section)) or None
            if self._trailers is not None:
                if not insecure and refused_in_trailers(self._trailers):
                    self._fail(faults.FORBIDDEN_TRAILER)
                    return False
                del self._trailers[self._max_fields:]
            self._forget_section()
            self._state = _END
        return True


def _chunk_size(line: bytes) -> int:
    """The number that a chunk line begins with, maybe after an empty one; -1 if there is none, -2 if it is too large.

    Read digit by digit, for it is done for each chunk: by the methods of bytes and int it takes ten times as long.
    """
    size = digits = 0
    for byte in line:
        if 0x30 <= byte <= 0x39:                    # 0 to 9
            value = byte - 0x30
        elif 0x61 <= byte | 0x20 <= 0x66:           # a to f, A to F
            value = (byte | 0x20) - 0x57
        elif digits == 0 and byte in b"\r\n":
            continue
        else:
            break
        if size > _LARGEST >> 4:
            return -2
        size = size * 16 + value
        digits += 1
    if digits == 0 or (byte not in b"\r\n;" and line.lstrip(_HEX).partition(b";")[0].strip()):
        return -1                                   # insecure, white space may follow
    return size
