"""MessageHead: the start line and the header fields of a message that came in, and what they say about its body.

llhttp has judged the head before it comes here: every line after the first is ``name: value``, with nothing in it that
could be taken for a line end.  So the head stays the bytes that it came in (see `HeadLines`), and its fields are cut
out when somebody asks for ``fields``.

That walk goes byte by byte: ``text`` is a pointer where this is compiled, and the bytes themselves where it is not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .._engine.head_lines import EXPECT, KEEP_ALIVE, HeadLines
from .framing import NO_BODY

__all__ = ["MessageHead", "split_fields", "unfold"]

_NO_BODY = NO_BODY
_EXPECT, _KEEP_ALIVE = EXPECT, KEEP_ALIVE
_COLON, _SPACE, _TAB, _CR, _LF = b": \t\r\n"

_fold = re.compile(rb"\r?\n[ \t]+")
_line_end = re.compile(rb"\r?\n")


class MessageHead(HeadLines):
    """What a message begins with.

    Of a request: ``method`` (``"GET"``) and ``url``, the request target as it came (str).  Of a response: ``status``
    (int) and ``reason`` (str).  Of both:

    - ``minor_version``: 1 or 0, of HTTP/1.1 or HTTP/1.0
    - ``fields``: flat list of bytes, name, value, name, value...; names as they came, see `headers.decode` and its kin
    - ``framing``: `framing.NO_BODY`, `FIXED`, `CHUNKED` or `UNTIL_CLOSE`
    - ``content_length``: the value of Content-Length, -1 without one; a response to HEAD may have one and no body
    - ``keep_alive``: whether the connection may be used after this message
    - ``upgrade``: the peer wants to leave HTTP (Upgrade, CONNECT), or does (101, 2xx to CONNECT); a server that does not
      want to sets it to False in `on_head`
    - ``expect``: the value of Expect, None without one
    - ``keep_alive_parameters``: the value of Keep-Alive, None without one
    """

    if TYPE_CHECKING:
        method: str
        url: str
        status: int
        reason: str
        minor_version: int
        framing: int
        content_length: int
        keep_alive: bool
        upgrade: bool
        _most: int

    def read(self, section: bytes, most: int) -> None:
        """Begin.  `section`: the head, its empty line included; `most`: how many names and values ``fields`` may have.

        This is no ``__init__`` because calling a C function is cheaper than calling a class.
        """
        self._start(most)
        self.read_lines(section)

    def read_another(self, known: MessageHead, data: bytes, start: int) -> bool:
        """Begin, if what stands in `data` at `start` is a line and then exactly the fields of `known`; else False."""
        self._start(known._most)
        return self.read_like(known, data, start)

    def _start(self, most: int) -> None:
        self._most = most
        self.framing = _NO_BODY
        self.content_length = -1
        self.minor_version = 1
        self.status = 0
        self.keep_alive = True
        self.upgrade = False
        self.method = self.url = self.reason = ""

    @property
    def expect(self) -> bytes | None:
        return self.value(_EXPECT)

    @property
    def keep_alive_parameters(self) -> bytes | None:
        """The value of Keep-Alive."""
        return self.value(_KEEP_ALIVE)

    @property
    def start_line(self) -> bytes:
        return self.section[:self.first_field].rstrip(b"\r\n")

    @property
    def fields(self) -> list[bytes]:
        """Names and values in turn."""
        return split_fields(self.section, self.first_field, self._most)

    def __repr__(self) -> str:
        return f"<MessageHead {self.start_line.decode('latin-1')!r}>"


def split_fields(section: bytes, at: int, most: int) -> list[bytes]:
    """The names and values of the field lines from `at` to the empty line; those beyond `most` are dropped."""
    text = section
    size = len(section)
    fields: list[bytes] = []
    while at < size and text[at] != _CR and len(fields) < most:
        start = at
        while at < size and text[at] != _COLON:
            at += 1
        fields.append(text[start:at])
        start = at + 1
        while at < size and text[at] != _LF:
            at += 1
        fields.append(stripped(section, start, at - 1))     # a CR stands there, llhttp has seen to that
        at += 1
    return fields


def stripped(section: bytes, start: int, end: int) -> bytes:
    """A part of the section without the white space around it."""
    text = section
    while start < end and (text[start] == _SPACE or text[start] == _TAB):
        start += 1
    while start < end and (text[end - 1] == _SPACE or text[end - 1] == _TAB):
        end -= 1
    return text[start:end]


def unfold(section: bytes) -> bytes:
    """The section as it would be without what an insecure parser lets pass: folded lines, and LF alone for CRLF."""
    return _line_end.sub(b"\r\n", _fold.sub(b" ", section))
