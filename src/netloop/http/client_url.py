"""URLs as clients are given them: taken apart, checked, and escaped where a browser would escape.

What may not stand in a URL at all is refused instead of repaired: `urllib` would drop tabs and line ends in silence.
Source: https://nodejs.org/api/http.html#httprequesturl-options-callback
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from ..errors import ArgumentValueError, invalid_type
from ..ip import is_ipv4

__all__ = ["DEFAULT_PORTS", "URL", "parse_url", "resolve"]

DEFAULT_PORTS = {"http:": 80, "https:": 443}

# What stays as it is in a path or query: RFC 3986 section 3.3, and "%", which has been escaped by whoever wrote it.
_PATH_CHARACTERS = "!#$%&'()*+,/:;=?@[]~"
_is_control = re.compile(r"[\x00-\x1f\x7f]").search
_is_name = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=-]+").fullmatch
_ends_in_number = re.compile(r"(.*\.)?([0-9]+|0[xX][0-9A-Fa-f]*)\.?").fullmatch
_has_scheme = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://").match
_has_backslash_for_host = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:)?/?\\").match     # browsers would take what follows for one


class URL(NamedTuple):
    """The parts of a URL that a request needs."""

    protocol: str           # "http:", as Node has it
    host: str               # without brackets
    port: int | None        # None: the protocol's
    path: str               # path and query, escaped: the request target
    auth: str | None        # "user:password"

    def __str__(self) -> str:
        """Without the password, for messages and logs."""
        return self.origin + self.path

    @property
    def origin(self) -> str:
        """What comes before the path: who is asked."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.protocol}//{host}{'' if self.port is None else f':{self.port}'}"


def parse_url(url: Any) -> URL:
    """Take an absolute URL apart: a str, or what `urllib.parse.urlsplit` made of one.

    Raises ArgumentTypeError (ERR_INVALID_ARG_TYPE), ArgumentValueError (ERR_INVALID_URL).
    """
    text = url.geturl() if isinstance(url, SplitResult) else url
    if not isinstance(text, str):
        raise invalid_type("url", "a str, or the result of urllib.parse.urlsplit", url)
    text = text.strip(" ")
    if _is_control(text):
        raise _invalid(text, "it contains a control character")
    if not _has_scheme(text):
        raise _invalid(text, "it does not begin with a scheme such as http://")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _invalid(text, str(error)) from None
    # Browsers take "\\" for "/": before the path, they and we would ask different hosts.
    if "\\" in parts.netloc:
        raise _invalid(text, "there is a backslash in its host")
    path = quote(_without_dots(parts.path.replace("\\", "/") or "/"), safe=_PATH_CHARACTERS)
    if parts.query:
        path = f"{path}?{quote(parts.query, safe=_PATH_CHARACTERS)}"
    return URL(f"{parts.scheme}:", _host(text, parts.hostname), port, path, _auth(parts))


def _without_dots(path: str) -> str:
    """The path that one with dot segments means (RFC 3986 section 5.2.4); ``%2e`` is a dot too, as browsers have it."""
    if "/." not in path and "/%2" not in path:
        return path
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        meaning = segment.lower().replace("%2e", ".")
        if meaning == ".." and kept:
            kept.pop()
        if meaning not in (".", ".."):
            kept.append(segment)
    return "/".join(["", *kept, ""] if meaning in (".", "..") else ["", *kept])


def resolve(base: str, reference: str) -> str:
    """The absolute URL that `reference`, from a Location field, means on the page `base` (RFC 3986 section 5).

    Fields are read as Latin-1; a server that writes other letters than a URL may have means UTF-8, as in browsers.
    Raises ArgumentValueError (ERR_INVALID_URL) where it cannot be told what is meant.  `urljoin` would repair that: whatever
    names a host goes to `parse_url` as it is.
    """
    try:
        reference = reference.encode("latin-1").decode()
    except UnicodeError:
        pass
    if _is_control(reference):
        raise _invalid(reference, "it contains a control character")
    if _has_backslash_for_host(reference):
        raise _invalid(reference, "there is a backslash before its path")
    if _has_scheme(reference):
        return reference
    if reference.startswith("//"):
        return base.partition("//")[0] + reference
    try:
        return urljoin(base, reference)
    except ValueError as error:
        raise _invalid(reference, str(error)) from None


def _host(url: str, name: str | None) -> str:
    if not name:
        raise _invalid(url, "it names no host")
    if ":" in name:
        return name             # an IPv6 address, which urlsplit has looked at
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            raise _invalid(url, "its host is no domain name") from None
    if not _is_name(name):
        raise _invalid(url, "its host contains characters that no host has")
    if _ends_in_number(name) and not is_ipv4(name):
        raise _invalid(url, "its host is neither a domain name nor an IPv4 address")      # to resolvers it may be one
    return name


def _auth(parts: SplitResult) -> str | None:
    if not parts.username and not parts.password:
        return None
    return f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"


def _invalid(url: str, reason: str) -> ArgumentValueError:
    shown = repr(url if len(url) <= 80 else url[:77] + "...")
    return ArgumentValueError(f"Invalid URL {shown}: {reason}", "ERR_INVALID_URL")
