"""The field ``Sec-WebSocket-Extensions`` (RFC 6455 section 9.1): extensions in the order in which they are preferred.

    permessage-deflate; client_max_window_bits; server_max_window_bits=10, permessage-deflate
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from .errors import HandshakeError

__all__ = ["Extension", "parse_extensions", "format_extensions", "is_token"]

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_SPACE = re.compile(r"[ \t]*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


class Extension(NamedTuple):
    """An extension with its parameters, as they came: a value is None where there is none, and a name may come twice."""

    name: str
    parameters: tuple[tuple[str, str | None], ...] = ()


def is_token(text: str) -> bool:
    """Whether the text is a token (RFC 9110 section 5.6.2)."""
    return _TOKEN.fullmatch(text) is not None


def parse_extensions(field: str) -> list[Extension]:
    """The extensions in the field's value.  Empty elements of the list are left out, as RFC 9110 section 5.6.1 asks.

    Raises:
        HandshakeError: it is malformed.
    """
    return _Parser(field).extensions()


def format_extensions(extensions: Iterable[Extension]) -> str:
    """The field's value; every value of a parameter must be a token."""
    return ", ".join("; ".join([name, *(key if value is None else f"{key}={value}" for key, value in parameters)])
                     for name, parameters in extensions)


class _Parser:
    def __init__(self, field: str) -> None:
        self._field = field
        self._at = 0

    def extensions(self) -> list[Extension]:
        found: list[Extension] = []
        while True:
            while self._skip(","):
                pass
            if self._at == len(self._field):
                return found
            found.append(Extension(self._token(), tuple(self._parameters())))
            if self._at < len(self._field) and self._field[self._at] != ",":
                raise self._malformed()

    def _parameters(self) -> list[tuple[str, str | None]]:
        found: list[tuple[str, str | None]] = []
        while self._skip(";"):
            found.append((self._token(), self._value() if self._skip("=") else None))
        return found

    def _value(self) -> str:
        quoted = _QUOTED.match(self._field, self._at)
        if quoted is None:
            return self._token()
        self._at = quoted.end()
        self._skip("")
        value = re.sub(r"\\(.)", r"\1", quoted[1])
        if not is_token(value):         # RFC 6455 section 9.1: also what is quoted must be one
            raise self._malformed()
        return value

    def _token(self) -> str:
        token = _TOKEN.match(self._field, self._at)
        if token is None:
            raise self._malformed()
        self._at = token.end()
        self._skip("")
        return token[0]

    def _skip(self, delimiter: str) -> bool:
        """Whether the delimiter was there; it, and the space around it, has been passed."""
        self._at = _SPACE.match(self._field, self._at).end()  # type: ignore[union-attr]  # it matches nothing, too
        if not delimiter or not self._field.startswith(delimiter, self._at):
            return False
        self._at = _SPACE.match(self._field, self._at + 1).end()  # type: ignore[union-attr]
        return True

    def _malformed(self) -> HandshakeError:
        return HandshakeError(f"Sec-WebSocket-Extensions is malformed at character {self._at}: {self._field!r}", 400)
