"""How the other side knows where the body of a message ends, and whether the connection goes on after it.

    NO_BODY       nothing follows the head
    FIXED         as many bytes as Content-Length says
    CHUNKED       chunks, each with its length, until one of length 0
    UNTIL_CLOSE   all until the connection closes: only where an HTTP/1.0 peer leaves no other way

`frame_response` and `frame_request` decide it for a message to be sent, once its head is known, and add the fields
that say so; what a program set itself is kept where it is true.  Sections are those of RFC 9112 where nothing else is
said.  What a message that came in says is read in `rules`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._engine.text import is_text
from ..errors import StateError

if TYPE_CHECKING:
    from .head import OutgoingHead

__all__ = ["NO_BODY", "FIXED", "CHUNKED", "UNTIL_CLOSE", "frame_response", "frame_request", "has_body", "keep_alive_lines",
           "BodyLength", "NO_CONTENT_EXPECTED"]

NO_BODY, FIXED, CHUNKED, UNTIL_CLOSE = range(4)
_NO_BODY, _FIXED, _CHUNKED, _UNTIL_CLOSE = NO_BODY, FIXED, CHUNKED, UNTIL_CLOSE

NO_CONTENT_EXPECTED = frozenset(("GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"))       # requests with these methods
_NO_CONTENT_EXPECTED = NO_CONTENT_EXPECTED
_PLAIN_KEEP_ALIVE = "Connection: keep-alive\r\n"

_last_date = _last_connection = _last_joined = ""


def keep_alive_lines(timeout_ms: int = 0, max_requests: int = 0) -> str:
    """The lines that a server says ``keep-alive`` with; with its idle timeout, in whole seconds, if it has one."""
    if timeout_ms < 1000:
        return _PLAIN_KEEP_ALIVE
    most = f", max={max_requests}" if max_requests else ""
    return f"{_PLAIN_KEEP_ALIVE}Keep-Alive: timeout={timeout_ms // 1000}{most}\r\n"


def has_body(status: int, method: str) -> bool:
    """Whether a response with this status to a request with this method may have a body (section 6.3)."""
    if status < 200 or status == 204 or status == 304:
        return False
    return not is_text(method, "HEAD") and (status >= 300 or not is_text(method, "CONNECT"))


def frame_response(head: OutgoingHead, status: int, method: str, minor_version: int, length: int, keep_alive: bool,
                   keep_alive_text: str = _PLAIN_KEEP_ALIVE, date: str = "") -> int:
    """Complete the head of a response; returns the framing of its body, and sets ``head.keep_alive``.

    As in Node the `date` comes first, which is a line, or empty; then what becomes of the connection, then the body.

    `method` and `minor_version` are the request's; `length` is that of the whole body, -1 when it is not known yet;
    `keep_alive` says whether the connection would go on, were it for the server.
    """
    if not has_body(status, method):
        if status < 200 or status == 204 or (method != "HEAD" and status != 304):
            head.drop_framing()             # sections 6.1 and 6.2: MUST NOT in 1xx, 204, and 2xx to CONNECT
        framing = _NO_BODY
    else:
        if minor_version == 0:
            head.drop_coding()              # section 6.1: only to a peer that is known to understand it
        framing = _framing_of(head, length, minor_version == 1)
    if framing == _UNTIL_CLOSE:
        keep_alive = False
    _say_connection(head, keep_alive, keep_alive_text, date)
    _say_framing(head, framing, length)
    return framing


def frame_request(head: OutgoingHead, method: str, length: int, keep_alive: bool) -> int:
    """Complete the head of a request; returns the framing of its body, and sets ``head.keep_alive``."""
    if method == "CONNECT":
        head.drop_framing()
        framing = _NO_BODY
    elif length == 0 and method in _NO_CONTENT_EXPECTED and head.content_length < 0 and not head.chunked:
        framing = _NO_BODY
    else:
        head.removed_coding = False         # a request cannot end with the connection: nobody could answer
        framing = _framing_of(head, length, True)
    _say_connection(head, keep_alive, _PLAIN_KEEP_ALIVE, "")
    _say_framing(head, framing, length)
    return framing


def _framing_of(head: OutgoingHead, length: int, may_chunk: bool) -> int:
    if head.chunked:
        return _CHUNKED
    may_chunk = may_chunk and not head.removed_coding
    if head.content_length >= 0:
        if head.trailer_given:
            raise StateError("a body with Content-Length has no trailers", "ERR_HTTP_TRAILER_INVALID")
        return _FIXED
    if length >= 0 and not head.removed_length and not (head.trailer_given and may_chunk):
        return _FIXED
    return _CHUNKED if may_chunk else _UNTIL_CLOSE


def _say_framing(head: OutgoingHead, framing: int, length: int) -> None:
    if framing == _FIXED and head.content_length < 0:
        head.content_length = length
        head.add_number("Content-Length", length)
    elif framing == _CHUNKED and not head.chunked:
        head.chunked = True
        head.add_text("Transfer-Encoding: chunked\r\n")


def _say_connection(head: OutgoingHead, keep_alive: bool, keep_alive_text: str, date: str) -> None:
    text = ""
    if head.connection_given:
        keep_alive = keep_alive and not head.close_given
    elif not head.removed_connection:
        text = "Connection: close\r\n" if not keep_alive else _PLAIN_KEEP_ALIVE if head.keep_alive_given else keep_alive_text
    head.keep_alive = keep_alive
    head.add_text(_joined(date, text))


def _joined(date: str, connection: str) -> str:
    """Both lines.  Most responses of a second have the same two."""
    global _last_date, _last_connection, _last_joined
    if date is not _last_date or connection is not _last_connection:
        _last_date, _last_connection, _last_joined = date, connection, date + connection
    return _last_joined


class BodyLength:
    """Keeps a body to the length that its head gave: what else follows would be taken for the next message.

    Source: https://nodejs.org/api/http.html#responsestrictcontentlength
    """

    def __init__(self, declared: int) -> None:
        self.declared = declared
        self.written = 0

    def add(self, size: int, last: bool = False) -> None:
        """Count bytes that are about to be sent; `last`: the body ends with them.

        Raises ERR_HTTP_CONTENT_LENGTH_MISMATCH when they are too many, or the body is too short.  Then they are not counted,
        for they are not sent.
        """
        written = self.written + size
        if written > self.declared or (last and written < self.declared):
            raise StateError(f"the body has {written} bytes, and its Content-Length says {self.declared}",
                             "ERR_HTTP_CONTENT_LENGTH_MISMATCH")
        self.written = written
