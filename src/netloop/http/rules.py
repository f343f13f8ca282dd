"""The checks of a complete head that go beyond llhttp's, and how long its body is.

llhttp reads a message as its sender may have meant it; whoever stands between a client and a server must read it in
the one way in which everybody does.  So what RFC 9112 calls an error is one here, and what it leaves to taste (two
spaces in a request line) is refused where a proxy in front might see it in another way.  With `insecure` settings only
what is needed to find the end of the message is left.

Each check returns the fault, or None.  Sections are those of RFC 9112 where nothing else is said.
"""

from __future__ import annotations

import re

from .._engine.head_lines import CODING, CONNECTION, HOST, LENGTH, UPGRADE
from . import faults
from .faults import Fault
from .framing import CHUNKED, FIXED, NO_BODY, UNTIL_CLOSE
from .message_head import MessageHead
from .settings import ParserSettings

__all__ = ["read_version", "read_request_framing", "read_response_framing", "check_host", "are_field_lines",
           "refused_in_trailers", "FORBIDDEN_TRAILERS"]

LARGEST = 2**63 - 1
_LENGTH, _CODING, _CONNECTION, _HOST, _UPGRADE = LENGTH, CODING, CONNECTION, HOST, UPGRADE

# uri-host [ ":" port ], RFC 9110 section 7.2 and RFC 3986 section 3.2.2.  Empty is allowed.
_is_host = re.compile(rb"(\[([0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(%[\w.~%-]+)?|[vV][0-9A-Fa-f]+\.[\w.~!$&'()*+,;=:-]+)\]"
                      rb"|([\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(:\d*)?", re.ASCII).fullmatch

_are_field_lines = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00\r\n]*\r\n)*\r\n").fullmatch

# RFC 9110 section 6.5.1.  What says where a message ends, whither it goes and what becomes of the connection is refused
# after the body, for somebody may heed it there who joins header and trailers.  Of the rest, how to read the content or
# to serve the request, we keep to sending none.
REFUSED_TRAILERS = frozenset(
    b"transfer-encoding content-length host connection keep-alive proxy-connection te trailer upgrade".split())
FORBIDDEN_TRAILERS = REFUSED_TRAILERS.union(
    b"authorization proxy-authorization www-authenticate proxy-authenticate cookie set-cookie "
    b"content-encoding content-type content-range "
    b"cache-control expect max-forwards pragma range".split())


def read_version(head: MessageHead, version: bytes, insecure: bool) -> Fault | None:
    """Set ``minor_version``.  llhttp would let pass what is no HTTP/1, and RTSP and ICE with it."""
    head.minor_version = 0 if version == b"HTTP/1.0" or version == b"HTTP/0.9" else 1
    if insecure or version == b"HTTP/1.1" or version == b"HTTP/1.0":
        return None
    return faults.WRONG_VERSION if version.startswith(b"HTTP/") else faults.NOT_HTTP


def read_request_framing(head: MessageHead, settings: ParserSettings) -> Fault | None:
    """Section 6.3: a request has a body when it says how long it is."""
    _read_connection(head)
    if not head.count(_CODING):
        return _read_length(head) if head.count(_LENGTH) else None
    if head.count(_LENGTH) and not settings.insecure:
        return faults.LENGTH_AND_CODING
    _, comma, last = (head.value(_CODING) or b"").lower().rpartition(b",")
    if last.strip() != b"chunked":
        return faults.UNFINISHED_CODING
    if not settings.insecure:
        if comma:
            return faults.UNKNOWN_CODING           # section 6.1: "SHOULD respond with 501"
        if head.minor_version == 0:
            return faults.CODING_IN_1_0            # section 6.1: "as if the framing is faulty"
    head.framing = CHUNKED
    return None


def read_response_framing(head: MessageHead, settings: ParserSettings, method: str) -> Fault | None:
    """Section 6.3: the end of a response depends also on the `method` of its request."""
    _read_connection(head)
    status = head.status
    if status < 100:
        return faults.WRONG_STATUS
    fault = _read_length(head) if head.count(_LENGTH) else None
    if fault is not None:
        return fault
    if method == "HEAD" or status < 200 or status == 204 or status == 304 or (method == "CONNECT" and status < 300):
        head.framing = NO_BODY
    elif head.count(_CODING):
        if head.count(_LENGTH) and not settings.insecure:
            return faults.LENGTH_AND_CODING
        chunked = (head.value(_CODING) or b"").lower().rpartition(b",")[2].strip() == b"chunked"
        head.framing = CHUNKED if chunked else UNTIL_CLOSE
        head.keep_alive = head.keep_alive and head.minor_version == 1       # section 6.1: close after such a message
    elif not head.count(_LENGTH):
        head.framing = UNTIL_CLOSE
    if head.framing == UNTIL_CLOSE:
        head.keep_alive = False
    return None


def _read_length(head: MessageHead) -> Fault | None:
    """llhttp has seen to it that these are digits, and few enough for 64 bits."""
    if head.count(_LENGTH) > 1:
        return faults.LENGTH_TWICE
    length = head.number(_LENGTH)
    if length < 0:
        return faults.LENGTH_TOO_LARGE
    head.content_length = length
    head.framing = FIXED
    return None


def _read_connection(head: MessageHead) -> None:
    """Section 9.3: HTTP/1.1 stays open unless it says ``close``, HTTP/1.0 closes unless it says ``keep-alive``."""
    head.keep_alive = head.minor_version == 1
    count = head.count(_CONNECTION)
    if count == 0 or (count == 1 and head.keep_alive and head.equals(_CONNECTION, b"keep-alive")):      # as browsers say
        return
    options = [option.strip(b" \t") for option in (head.value(_CONNECTION) or b"").lower().split(b",")]
    head.keep_alive = b"close" not in options and (head.minor_version == 1 or b"keep-alive" in options)
    # RFC 9110 section 7.8: "A server MUST ignore an Upgrade header field received in an HTTP/1.0 request"
    head.upgrade = head.count(_UPGRADE) > 0 and b"upgrade" in options and head.minor_version == 1


def check_host(head: MessageHead, settings: ParserSettings) -> Fault | None:
    """Section 3.2: 400 to a request that lacks Host, has more than one, or an invalid one."""
    host = head.value(_HOST)
    if host is None:
        return faults.HOST_MISSING if settings.require_host_header and head.minor_version == 1 else None
    if settings.insecure:
        return None
    if head.count(_HOST) > 1:
        return faults.HOST_TWICE
    return None if _is_host(host) else faults.HOST_INVALID


def are_field_lines(section: bytes, at: int) -> bool:
    """Whether a section has nothing but field lines from `at` on, each whole and for itself (section 5).

    For the relaxed parser: then control characters in values are all that is unusual.  NUL is not let pass, as in
    browsers (https://fetch.spec.whatwg.org/#header-value).
    """
    return _are_field_lines(section, at) is not None


def refused_in_trailers(trailers: list[bytes]) -> bool:
    """Whether one of these fields (names and values in turn) is to be refused after the body."""
    return not REFUSED_TRAILERS.isdisjoint([name.lower() for name in trailers[::2]])
