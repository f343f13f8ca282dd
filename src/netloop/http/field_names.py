"""The names of header fields that programs send.

A name is judged once; what is known of it then is remembered, for programs use few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .tokens import validate_header_name

__all__ = ["FieldName", "field_name", "LENGTH", "CODING", "CONNECTION", "DATE", "COOKIE", "UPGRADE", "TRAILER", "KEEP_ALIVE"]

LENGTH, CODING, CONNECTION, DATE, COOKIE, UPGRADE, TRAILER, KEEP_ALIVE = range(1, 9)
_KINDS = {"content-length": LENGTH, "transfer-encoding": CODING, "connection": CONNECTION, "date": DATE,
          "cookie": COOKIE, "upgrade": UPGRADE, "trailer": TRAILER, "keep-alive": KEEP_ALIVE}
_MOST_KNOWN, _LONGEST_KNOWN = 1000, 64      # names may come from outside, through a proxy


class FieldName:
    """A name that is a token: as it was spelled, in lower case, and its kind: what the field is about, 0 for most."""

    if TYPE_CHECKING:
        spelled: str
        lower: str
        kind: int

    def __init__(self, spelled: str) -> None:
        self.spelled = spelled
        self.lower = spelled.lower()
        self.kind = _KINDS.get(self.lower, 0)


_known: dict[str, FieldName] = {}


def field_name(name: object) -> FieldName:
    """What is known of a name.  Raises ERR_INVALID_HTTP_TOKEN unless it is one."""
    if type(name) is not str:
        validate_header_name(name)  # type: ignore[arg-type]  # raises unless it is a str
        name = str.__str__(name)    # not what a subclass may say it is
    known = _known.get(name)
    if known is None:
        validate_header_name(name)
        known = FieldName(name)
        if len(_known) < _MOST_KNOWN and len(name) <= _LONGEST_KNOWN:
            _known[name] = known
    return known
