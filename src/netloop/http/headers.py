"""Header fields as programs read them: from the flat list of bytes that came to Node's `headers`, lazily.

Node joins what is repeated, by the name of the field:

- the fields of `SINGLETONS` keep the first value, as RFC 9110 allows no more (with `join_duplicates` they join by ", ")
- set-cookie is always a list, for its values have commas of their own
- cookie joins by "; "
- everything else joins by ", "

Names and values are Latin-1.  Source: https://nodejs.org/api/http.html#messageheaders
"""

from __future__ import annotations

from .._engine.lower_names import lower_name
from .._engine.text import is_text

__all__ = ["decode", "merge", "distinct", "SINGLETONS"]

SINGLETONS = frozenset((
    "age", "authorization", "content-length", "content-type", "etag", "expires", "from", "host", "if-modified-since",
    "if-unmodified-since", "last-modified", "location", "max-forwards", "proxy-authorization", "referer", "retry-after",
    "server", "user-agent",
))

_USUAL = (
    "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Connection", "Content-Encoding",
    "Content-Length", "Content-Type", "Cookie", "Date", "ETag", "Expect", "Host", "If-Modified-Since", "If-None-Match",
    "Keep-Alive", "Last-Modified", "Location", "Origin", "Pragma", "Referer", "Sec-Fetch-Dest", "Sec-Fetch-Mode",
    "Sec-Fetch-Site", "Sec-WebSocket-Accept", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Server", "Set-Cookie",
    "Transfer-Encoding", "Upgrade", "User-Agent", "Vary", "X-Forwarded-For", "X-Forwarded-Proto",
)
# Not to decode, nor to keep, the same few names again and again.
_NAMES = {spelled.encode(): spelled for name in _USUAL for spelled in (name, name.lower())}


def decode(fields: list[bytes]) -> list[str]:
    """`raw_headers`: names and values in turn, names as they were spelled."""
    raw = []
    for at in range(0, len(fields) - 1, 2):
        raw.append(_NAMES.get(fields[at]) or fields[at].decode("latin-1"))
        raw.append(fields[at + 1].decode("latin-1"))
    return raw


def merge(fields: list[bytes], join_duplicates: bool = False) -> dict[str, str | list[str]]:
    """`headers`: lower-case names, a str for each, a list for set-cookie."""
    merged: dict[str, str | list[str]] = {}
    for at in range(0, len(fields) - 1, 2):
        name = lower_name(fields[at])
        raw = fields[at + 1]
        value = raw.decode("latin-1")
        before = merged.get(name)
        if is_text(name, "set-cookie"):
            if before is None:
                merged[name] = [value]
            else:
                before.append(value)  # type: ignore[union-attr]  # what is there under this name is a list
        elif before is None:
            merged[name] = value
        elif name == "cookie":
            merged[name] = f"{before}; {value}"
        elif join_duplicates or name not in SINGLETONS:
            merged[name] = f"{before}, {value}"
    return merged


def distinct(fields: list[bytes]) -> dict[str, list[str]]:
    """`headers_distinct`: lower-case names, every value in a list."""
    lists: dict[str, list[str]] = {}
    for at in range(0, len(fields) - 1, 2):
        lists.setdefault(lower_name(fields[at]), []).append(fields[at + 1].decode("latin-1"))
    return lists
