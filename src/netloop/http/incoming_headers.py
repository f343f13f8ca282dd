"""The header fields of a message that came in, as programs read them.

The head stays the bytes that it came in until somebody asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..stream.readable import Readable
from .headers import decode, distinct, merge
from .message_head import MessageHead

__all__ = ["IncomingHeaders"]


class IncomingHeaders(Readable):
    """`headers` and its kin; the counterpart of `OutgoingHeaders`."""

    if TYPE_CHECKING:
        join_duplicate_headers: bool
        _head: MessageHead | None       # None for a message that a program made
        _headers_read: dict[str, Any] | None
        _trailer_fields: list[bytes] | None

    @property
    def headers(self) -> dict[str, Any]:
        """The header fields by lower-case name: a str for each, a list for set-cookie; see `http.headers`.

        Source: https://nodejs.org/api/http.html#messageheaders
        """
        if self._headers_read is None:
            self._headers_read = merge(self._fields(), self.join_duplicate_headers)
        return self._headers_read

    @headers.setter
    def headers(self, headers: dict[str, Any]) -> None:
        self._headers_read = headers

    @property
    def headers_distinct(self) -> dict[str, list[str]]:
        """The header fields by lower-case name, every value in a list."""
        return distinct(self._fields())

    @property
    def raw_headers(self) -> list[str]:
        """Names and values in turn, exactly as they came."""
        return decode(self._fields())

    @property
    def trailers(self) -> dict[str, Any]:
        """The fields after the body, as `headers`; empty before `end`."""
        return merge(self._trailer_fields or [], self.join_duplicate_headers)

    @property
    def trailers_distinct(self) -> dict[str, list[str]]:
        """The fields after the body, as `headers_distinct`."""
        return distinct(self._trailer_fields or [])

    @property
    def raw_trailers(self) -> list[str]:
        """The fields after the body, as `raw_headers`."""
        return decode(self._trailer_fields or [])

    def _fields(self) -> list[bytes]:
        return [] if self._head is None else self._head.fields

    @property
    def http_version(self) -> str:
        """``"1.1"`` or ``"1.0"``."""
        return f"1.{self.http_version_minor}"

    @property
    def http_version_major(self) -> int:
        return 1

    @property
    def http_version_minor(self) -> int:
        return 1 if self._head is None else self._head.minor_version
