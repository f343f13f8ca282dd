"""MessageHead: the start line and the header fields of a message that came in, and what they say about its body.

llhttp has judged the head before it comes here: every line after the first is ``name: value``, with nothing in it that
could be taken for a line end.  So the head stays the bytes that it came in.  Once, when it is complete, its lines are
walked over for the few fields that decide where the message ends and what becomes of the connection; the others are cut
out when somebody asks for ``fields``.

The walks go byte by byte: ``text`` is a pointer where this is compiled, and the bytes themselves where it is not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .framing import NO_BODY

__all__ = ["MessageHead", "split_fields", "unfold"]

_HOST, _LENGTH, _CODING, _CONNECTION, _UPGRADE, _EXPECT, _KEEP_ALIVE = range(1, 8)
_NOTED = {
    b"host": _HOST,
    b"content-length": _LENGTH,
    b"transfer-encoding": _CODING,
    b"connection": _CONNECTION,
    b"proxy-connection": _CONNECTION,       # llhttp takes it for the same
    b"upgrade": _UPGRADE,
    b"expect": _EXPECT,
    b"keep-alive": _KEEP_ALIVE,
}
# Most names are found as they are spelled, also those that are nothing to note but begin with the same letters.
_NOTED |= dict.fromkeys((b"cache-control", b"content-type", b"cookie", b"pragma", b"user-agent"), 0)
_NOTED |= {name.title(): kind for name, kind in _NOTED.items()}
_LONGEST = 17                   # of these names
_NO_BODY = NO_BODY
_COLON, _SPACE, _TAB, _CR, _LF, _LOWER_CASE = b": \t\r\n\x20"

_fold = re.compile(rb"\r?\n[ \t]+")
_line_end = re.compile(rb"\r?\n")


class MessageHead:
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
        expect: bytes | None
        keep_alive_parameters: bytes | None
        host: bytes | None
        length: bytes | None
        coding: bytes | None
        connection: bytes | None
        upgrade_to: bytes | None
        host_repeated: bool
        length_repeated: bool
        _section: bytes
        _first_field: int
        _fields: list[bytes] | None
        _most: int

    def read(self, section: bytes, most: int) -> None:
        """Begin.  `section`: the head, its empty line included; `most`: how many names and values ``fields`` may have.

        This is no ``__init__`` because calling a C function is cheaper than calling a class.
        """
        self._section = section
        self._most = most
        self._fields = None
        self.framing = _NO_BODY
        self.content_length = -1
        self.minor_version = 1
        self.status = 0
        self.keep_alive = True
        self.upgrade = self.host_repeated = self.length_repeated = False
        self.method = self.url = self.reason = ""
        self.expect = self.host = self.length = self.coding = self.connection = self.upgrade_to = None
        self.keep_alive_parameters = None
        self._look_for_noted(section, len(section))

    def _look_for_noted(self, section: bytes, size: int) -> None:
        """Walk over the lines.  Each ends with CR and LF: of a value it is enough to see every second byte."""
        text = section
        start = at = 0
        while at < size:
            byte = text[at]
            if byte > _CR:
                at += 2
            elif byte != _LF:               # CR, and LF comes next; or a tab in a value
                at += 1
            else:
                if start == 0:
                    self._first_field = at + 1
                elif text[start] | _LOWER_CASE in b"cehkptu":
                    self._look_at(section, start, at - 1)
                start = at = at + 1

    def _look_at(self, section: bytes, start: int, end: int) -> None:
        text = section
        colon = start
        while text[colon] != _COLON and colon < end:
            colon += 1
        if colon - start <= _LONGEST:
            name = text[start:colon]
            kind = _NOTED.get(name)
            if kind is None:
                kind = _NOTED.get(name.lower(), 0)
            if kind:
                self._note(kind, stripped(section, colon + 1, end))

    def _note(self, kind: int, value: bytes) -> None:
        if kind == _HOST:
            self.host_repeated = self.host_repeated or self.host is not None
            self.host = value
        elif kind == _LENGTH:
            self.length_repeated = self.length_repeated or self.length is not None
            self.length = value
        elif kind == _CODING:
            self.coding = value if self.coding is None else self.coding + b", " + value
        elif kind == _CONNECTION:
            self.connection = value if self.connection is None else self.connection + b", " + value
        elif kind == _UPGRADE:
            self.upgrade_to = value
        elif kind == _EXPECT:
            self.expect = value
        elif kind == _KEEP_ALIVE:
            self.keep_alive_parameters = value

    @property
    def start_line(self) -> bytes:
        return self._section[:self._first_field].rstrip(b"\r\n")

    @property
    def fields(self) -> list[bytes]:
        """Names and values in turn; the same list each time."""
        if self._fields is None:
            self._fields = split_fields(self._section, self._first_field, self._most)
        return self._fields

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
