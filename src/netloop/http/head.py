"""Start lines and header fields as they are sent.

`OutgoingHead` collects the fields of a head and notes on the way what decides about the body and the connection; then
`framing` completes it, and `serialise` makes bytes of it.  Names keep the case in which they were given.

Every name and value is checked as it is added, and there is no other way in: a head has no line that was not meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .._engine.field_buffer import FieldBuffer
from ..errors import ArgumentValueError, invalid_type, invalid_value, out_of_range
from .constants import STATUS_CODES
from .field_names import (
    CODING,
    CONNECTION,
    COOKIE,
    DATE,
    KEEP_ALIVE,
    LENGTH,
    TRAILER,
    UPGRADE,
    field_name,
)
from .tokens import is_value, validate_header_value

__all__ = ["OutgoingHead", "filled_head", "listed", "new_head", "pairs", "status_line", "Headers"]

Value = str | int | float
Headers = Mapping[str, Value | Iterable[Value]] | Iterable[Any]

_LENGTH, _CODING, _CONNECTION, _DATE, _COOKIE, _UPGRADE, _TRAILER, _KEEP_ALIVE = (
    LENGTH, CODING, CONNECTION, DATE, COOKIE, UPGRADE, TRAILER, KEEP_ALIVE)

_STATUS_LINES = {status: f"HTTP/1.1 {status} {reason}\r\n" for status, reason in STATUS_CODES.items()}
_last_status = 200
_last_line = _STATUS_LINES[_last_status]


def status_line(status: int, message: str | None = None) -> str:
    """``HTTP/1.1 200 OK`` with its line end.  `message` None: the usual reason phrase, ``unknown`` without one.

    Raises ERR_HTTP_INVALID_STATUS_CODE unless 100 <= `status` <= 999, ERR_INVALID_CHAR for a bad message.
    """
    global _last_status, _last_line
    if message is None:
        if status is _last_status:          # mostly the same number
            return _last_line
        line = _STATUS_LINES.get(status) if isinstance(status, int) else None
        if line is not None:
            _last_status, _last_line = status, line
            return line
        message = "unknown"
    if not isinstance(status, int) or not 100 <= status <= 999:
        error = out_of_range("status code", "from 100 to 999", status)
        error.code = "ERR_HTTP_INVALID_STATUS_CODE"
        raise error
    if not isinstance(message, str):
        raise invalid_type("status message", "a str", message)
    message = str.__str__(message)      # not what a subclass may say it is
    if not is_value(message):
        raise ArgumentValueError(f"invalid character in the status message: {message[:80]!r}", "ERR_INVALID_CHAR")
    return f"HTTP/1.1 {int(status)} {message}\r\n"


class OutgoingHead(FieldBuffer):
    """The header fields of a message to be sent.

    Noted from them: ``content_length`` (-1 without one), ``chunked``, ``date_given``, ``connection_given``,
    ``close_given``, ``upgrade_given``, ``trailer_given`` and ``keep_alive_given``.  Set by the owner, for what a program
    removed on purpose: ``removed_length``, ``removed_coding``, ``removed_connection``.  Set by `framing`: ``keep_alive``.
    Lines that come by `add_text` are not looked at; whoever adds them answers for them.
    """

    if TYPE_CHECKING:
        content_length: int
        chunked: bool
        date_given: bool
        connection_given: bool
        close_given: bool
        upgrade_given: bool
        trailer_given: bool
        keep_alive_given: bool
        removed_length: bool
        removed_coding: bool
        removed_connection: bool
        keep_alive: bool
        _framing_at: int        # where the line stands that says Content-Length or Transfer-Encoding
        _framing_end: int
        _noted: bool            # a field decides about the body or the connection

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self.content_length = -1
        self.chunked = self.keep_alive = False
        self.date_given = self.connection_given = self.close_given = self.upgrade_given = False
        self.trailer_given = self.keep_alive_given = False
        self.removed_length = self.removed_coding = self.removed_connection = False
        self._framing_at = self._framing_end = 0
        self._noted = False

    def add_all(self, headers: Headers, joined: frozenset[str] | None = None) -> None:
        """Add the fields of a mapping, of a flat list (name, value, name, value...) or of a list of pairs; see `add`."""
        if type(headers) is dict or isinstance(headers, Mapping):
            for name, value in headers.items():
                self.add(name, value, joined)
        else:
            for name, value in pairs(headers):
                self.add(name, value, joined)

    def add(self, name: str, value: Any, joined: frozenset[str] | None = None) -> None:
        """Add a field; a list of values gives a field for each, but one Cookie (RFC 6265 section 5.4).

        `joined`: lower-case names of other fields whose values stand in one line.

        Raises ERR_INVALID_HTTP_TOKEN, ERR_HTTP_INVALID_HEADER_VALUE or ERR_INVALID_CHAR, and ERR_INVALID_ARG_VALUE for
        lengths and transfer codings that cannot be true.
        """
        known = field_name(name)
        kind = known.kind
        if type(value) is int:
            value = str(value)
        elif type(value) is not str:
            if isinstance(value, (list, tuple)) and kind != _COOKIE and not (joined and known.lower in joined):
                for each in value:
                    self.add(name, each)
                return
            value = _exact_value(known.spelled, value)
        start = self.size
        if kind:
            self._note(kind, value)
        if not self.add_field(known.spelled, value):
            validate_header_value(known.spelled, value)     # raises, and says what is wrong
        if kind in (_LENGTH, _CODING):
            self._framing_at = start
            self._framing_end = self.size

    def _note(self, kind: int, value: str) -> None:
        self._noted = True
        if kind == _LENGTH:
            self._note_length(_length(value.strip()))
        elif kind == _CODING:
            self._note_coding(value)
        elif kind == _DATE:
            self.date_given = True
        elif kind == _UPGRADE:
            self.upgrade_given = True
        elif kind == _TRAILER:
            self.trailer_given = True
        elif kind == _KEEP_ALIVE:
            self.keep_alive_given = True
        elif kind == _CONNECTION:
            self.connection_given = True
            if "close" in [option.strip() for option in value.lower().split(",")]:
                self.close_given = True

    def _note_length(self, value: int) -> None:
        if self.content_length >= 0:
            raise invalid_value("Content-Length", "given once", value)
        if self.chunked:
            raise invalid_value("Content-Length", "left out beside Transfer-Encoding", value)
        self.content_length = value

    def _note_coding(self, value: str) -> None:
        if self.chunked:
            raise invalid_value("Transfer-Encoding", "given once", value)
        if value.lower().rpartition(",")[2].strip() != "chunked":
            raise invalid_value("Transfer-Encoding", "chunked, or a list that ends so", value)
        if self.content_length >= 0:
            raise invalid_value("Transfer-Encoding", "left out beside Content-Length", value)
        self.chunked = True

    def drop_framing(self) -> None:
        """Take Content-Length and Transfer-Encoding out again."""
        self.cut(self._framing_at, self._framing_end)
        self._framing_end = self._framing_at
        self.content_length = -1
        self.chunked = False

    def drop_coding(self) -> None:
        """Take Transfer-Encoding out again."""
        if self.chunked:
            self.drop_framing()


def pairs(headers: Headers) -> list[tuple[Any, Any]]:
    """Names and values, in whatever form they were given; raises ERR_INVALID_ARG_TYPE or ERR_INVALID_ARG_VALUE if in none."""
    if isinstance(headers, Mapping):
        return list(headers.items())
    fields = listed(headers)
    if fields and isinstance(fields[0], (tuple, list)):
        return [_pair(field) for field in fields]
    if len(fields) % 2:
        raise invalid_value("headers", "a list of as many values as names", fields)
    return list(zip(fields[::2], fields[1::2], strict=True))


def listed(headers: Any) -> list[Any]:
    """Header fields that are no mapping; raises ERR_INVALID_ARG_TYPE if they are no list either."""
    if isinstance(headers, (str, bytes)) or not isinstance(headers, Iterable):
        raise invalid_type("headers", "a mapping or a list", headers)
    return list(headers)


def _pair(field: Any) -> tuple[Any, Any]:
    if not isinstance(field, (tuple, list)) or len(field) != 2:
        raise invalid_value("headers", "a list of pairs, as its first member is one", field)
    return field[0], field[1]


def new_head(spare: OutgoingHead | None = None) -> OutgoingHead:
    """An empty head: `spare`, if there is one that was sent."""
    if spare is None:
        spare = OutgoingHead.__new__(OutgoingHead)      # cheaper than to call the class
    else:
        spare.clear()
    spare._start()
    return spare


def filled_head(spare: OutgoingHead | None, headers: Headers | None, joined: frozenset[str] | None) -> OutgoingHead:
    """A head with these fields: `spare`, if there is one that was sent.

    A server says mostly the same as the last time.  Then the lines stand in the spare head, and to compare them takes half
    the time of making them.
    """
    if spare is not None and type(headers) is dict and spare.repeat(headers):
        spare._start()
        return spare
    head = new_head(spare)
    if headers is not None:
        head.add_all(headers, joined)
        if not head._noted:
            head.mark()
    return head


def _exact_value(name: str, value: object) -> str:
    """As it is sent: a subclass of str may say something else than it is when it is formatted."""
    if isinstance(value, (list, tuple)):
        return "; ".join([_exact_value(name, each) for each in value])
    if isinstance(value, str):
        return str.__str__(value)
    validate_header_value(name, value)
    return str(value)


def _length(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise invalid_value("Content-Length", "a number of bytes", value)
    return int(value)
