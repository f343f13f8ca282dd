"""The header fields of a message that is written, until its head is made.

They are kept by lower-case name, each with the name as it was given, which is what the wire sees.  Every name and value
is checked as it comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import StateError, invalid_type
from ..stream.writable import Writable
from .field_names import field_name
from .head import OutgoingHead, new_head
from .tokens import validate_header_name, validate_header_value

if TYPE_CHECKING:
    from typing import Self


__all__ = ["OutgoingHeaders", "joined_names"]


class OutgoingHeaders(Writable):
    """`set_header` and its kin.  A value is a str, a number, or a list of them: a field for each."""

    if TYPE_CHECKING:
        _headers: dict[str, tuple[str, Any]] | None
        _removed: set[str] | None
        _joined_names: frozenset[str] | None     # of the option `unique_headers`
        _framed: bool

    def set_header(self, name: str, value: Any) -> Self:
        """Set a field, instead of what was there under this name; returns the message.

        Raises:
            StateError: the head was sent (ERR_HTTP_HEADERS_SENT).
            ArgumentValueError, ArgumentTypeError: ERR_INVALID_HTTP_TOKEN, ERR_HTTP_INVALID_HEADER_VALUE,
            ERR_INVALID_CHAR.

        Source: https://nodejs.org/api/http.html#outgoingmessagesetheadername-value
        """
        self._refuse_after_head("set")
        known = field_name(name)
        _check_value(known.spelled, value)
        if self._headers is None:
            self._headers = {}
        self._headers[known.lower] = known.spelled, value
        return self

    def append_header(self, name: str, value: Any) -> Self:
        """Add values to a field, which is sent once for each; returns the message.

        Source: https://nodejs.org/api/http.html#outgoingmessageappendheadername-value
        """
        found = None if self._headers is None else self._headers.get(name.lower() if isinstance(name, str) else "")
        if found is not None:
            name, before = found
            value = [*_as_list(before), *_as_list(value)]
        return self.set_header(name, value)

    def set_headers(self, headers: Mapping[str, Any]) -> Self:
        """Set every field of a mapping; returns the message.

        Source: https://nodejs.org/api/http.html#outgoingmessagesetheadersheaders
        """
        self._refuse_after_head("set")
        if not isinstance(headers, Mapping):
            raise invalid_type("headers", "a mapping", headers)
        for name, value in headers.items():
            self.set_header(name, value)
        return self

    def remove_header(self, name: str) -> None:
        """Do not send this field.  What netloop adds by itself (Date, Content-Length, Connection...) is left out too.

        Source: https://nodejs.org/api/http.html#outgoingmessageremoveheadername
        """
        self._refuse_after_head("remove")
        if not isinstance(name, str):
            raise invalid_type("name", "a str", name)
        if self._headers is not None:
            self._headers.pop(name.lower(), None)
        if self._removed is None:
            self._removed = set()
        self._removed.add(name.lower())

    def get_header(self, name: str) -> Any:
        """The value that was set, as it was given; None without one.

        Source: https://nodejs.org/api/http.html#outgoingmessagegetheadername
        """
        if not isinstance(name, str):
            raise invalid_type("name", "a str", name)
        found = None if self._headers is None else self._headers.get(name.lower())
        return None if found is None else found[1]

    def get_headers(self) -> dict[str, Any]:
        """The fields that were set: a new dict, by lower-case names.

        Source: https://nodejs.org/api/http.html#outgoingmessagegetheaders
        """
        return {} if self._headers is None else {name: value for name, (_, value) in self._headers.items()}

    def get_header_names(self) -> list[str]:
        """The lower-case names of the fields that were set.

        Source: https://nodejs.org/api/http.html#outgoingmessagegetheadernames
        """
        return [] if self._headers is None else list(self._headers)

    def get_raw_header_names(self) -> list[str]:
        """The names of the fields that were set, as they were given.

        Source: https://nodejs.org/api/http.html#requestgetrawheadernames
        """
        return [] if self._headers is None else [name for name, _ in self._headers.values()]

    def has_header(self, name: str) -> bool:
        """Whether this field was set.

        Source: https://nodejs.org/api/http.html#outgoingmessagehasheadername
        """
        if not isinstance(name, str):
            raise invalid_type("name", "a str", name)
        return self._headers is not None and name.lower() in self._headers

    @property
    def headers_sent(self) -> bool:
        """Whether the head is made: nothing can be changed in it any more."""
        return self._has_head()

    def _has_head(self) -> bool:
        return self._framed

    def _refuse_after_head(self, verb: str) -> None:
        if self._has_head():
            raise StateError(f"Cannot {verb} headers after they are sent to the client", "ERR_HTTP_HEADERS_SENT")

    def _note_removed(self, head: OutgoingHead) -> set[str]:
        """Tell the head what was removed on purpose, and not set again; returns the names."""
        removed = (self._removed or set()).difference(self._headers or ())
        head.removed_length = "content-length" in removed
        head.removed_coding = "transfer-encoding" in removed
        head.removed_connection = "connection" in removed
        return removed

    def _begin_head(self, spare: OutgoingHead | None) -> OutgoingHead:
        """A head with the fields that were set: `spare`, if there is one that was sent."""
        head = new_head(spare)
        if self._headers is not None:
            for name, value in self._headers.values():
                head.add(name, value, self._joined_names)
        return head


def joined_names(unique_headers: Iterable[str] | None) -> frozenset[str] | None:
    """The option `unique_headers`: names of fields that are sent once, a list of values joined by ``; ``.

    Raises ERR_INVALID_ARG_TYPE, ERR_INVALID_HTTP_TOKEN.
    """
    if unique_headers is None:
        return None
    if isinstance(unique_headers, (str, bytes)) or not isinstance(unique_headers, Iterable):
        raise invalid_type("unique_headers", "a list of names", unique_headers)
    names = list(unique_headers)
    for name in names:
        validate_header_name(name)
    return frozenset([name.lower() for name in names]) or None


def _check_value(name: str, value: object) -> None:
    if type(value) is not str and isinstance(value, (list, tuple)):
        for each in value:
            validate_header_value(name, each)
    else:
        validate_header_value(name, value)


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
