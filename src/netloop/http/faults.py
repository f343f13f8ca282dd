"""What can be wrong with a message, and the error that tells.

llhttp names its faults by codes (``HPE_INVALID_HEADER_TOKEN``), but httptools hands on only the text that goes with
them: `CODES` leads from the one to the other.  The faults that we look for ourselves, because llhttp lets them pass,
stand below it by name.  A fault knows the status that a server answers with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from httptools import HttpParserError, HttpParserInvalidURLError, HttpParserUpgrade

from ..errors import NetloopError

if TYPE_CHECKING:
    from httptools import HttpRequestParser, HttpResponseParser

__all__ = ["Fault", "ParseError", "Evidence", "llhttp_fault"]


class Fault(NamedTuple):
    """`code` as Node has it, the `reason` in words, and the `status` of a server's answer."""

    code: str
    reason: str
    status: int = 400


CODES = {
    "Chunk size overflow": "HPE_INVALID_CHUNK_SIZE",
    "Content-Length can't be present with Transfer-Encoding": "HPE_UNEXPECTED_CONTENT_LENGTH",
    "Content-Length overflow": "HPE_INVALID_CONTENT_LENGTH",
    "Data after `Connection: close`": "HPE_CLOSED_CONNECTION",
    "Duplicate Content-Length": "HPE_UNEXPECTED_CONTENT_LENGTH",
    "Empty Content-Length": "HPE_INVALID_CONTENT_LENGTH",
    "Empty Transfer-Encoding": "HPE_INVALID_TRANSFER_ENCODING",
    "Expected CRLF": "HPE_STRICT",
    "Expected CRLF after version": "HPE_INVALID_VERSION",
    "Expected HTTP/": "HPE_INVALID_CONSTANT",
    "Expected HTTP/, RTSP/ or ICE/": "HPE_INVALID_CONSTANT",
    "Expected HTTP/2 Connection Preface": "HPE_INVALID_CONSTANT",
    "Expected LF after CR": "HPE_STRICT",
    "Expected LF after chunk data": "HPE_STRICT",
    "Expected LF after chunk size": "HPE_STRICT",
    "Expected LF after headers": "HPE_STRICT",
    "Expected SOURCE method for ICE/x.x request": "HPE_INVALID_CONSTANT",
    "Expected dot": "HPE_INVALID_VERSION",
    "Expected space after method": "HPE_INVALID_METHOD",
    "Expected space after version": "HPE_INVALID_VERSION",
    "Invalid HTTP version": "HPE_INVALID_VERSION",
    "Invalid `Transfer-Encoding` header value": "HPE_INVALID_TRANSFER_ENCODING",
    "Invalid character in Content-Length": "HPE_INVALID_CONTENT_LENGTH",
    "Invalid character in chunk extensions": "HPE_STRICT",
    "Invalid character in chunk extensions name": "HPE_STRICT",
    "Invalid character in chunk extensions quote value": "HPE_STRICT",
    "Invalid character in chunk extensions quoted value": "HPE_STRICT",
    "Invalid character in chunk extensions value": "HPE_STRICT",
    "Invalid character in chunk size": "HPE_INVALID_CHUNK_SIZE",
    "Invalid header field char": "HPE_INVALID_HEADER_TOKEN",
    "Invalid header token": "HPE_INVALID_HEADER_TOKEN",
    "Invalid header value char": "HPE_INVALID_HEADER_TOKEN",
    "Invalid major version": "HPE_INVALID_VERSION",
    "Invalid method encountered": "HPE_INVALID_METHOD",
    "Invalid method for HTTP/x.x request": "HPE_INVALID_CONSTANT",
    "Invalid method for RTSP/x.x request": "HPE_INVALID_CONSTANT",
    "Invalid minor version": "HPE_INVALID_VERSION",
    "Invalid quoted-pair in chunk extensions quoted value": "HPE_STRICT",
    "Invalid response status": "HPE_INVALID_STATUS",
    "Invalid status code": "HPE_INVALID_STATUS",
    "Invalid word encountered": "HPE_INVALID_METHOD",
    "Missing expected CR after chunk data": "HPE_CR_EXPECTED",
    "Missing expected CR after chunk extension name": "HPE_CR_EXPECTED",
    "Missing expected CR after chunk extension value": "HPE_CR_EXPECTED",
    "Missing expected CR after chunk size": "HPE_CR_EXPECTED",
    "Missing expected CR after header value": "HPE_CR_EXPECTED",
    "Missing expected CR after response line": "HPE_CR_EXPECTED",
    "Missing expected LF after header value": "HPE_LF_EXPECTED",
    "Pause on PRI/Upgrade": "HPE_PAUSED_H2_UPGRADE",
    "Request has invalid `Transfer-Encoding`": "HPE_INVALID_TRANSFER_ENCODING",
    "Transfer-Encoding can't be present with Content-Length": "HPE_INVALID_TRANSFER_ENCODING",
    "Unexpected space after start line": "HPE_UNEXPECTED_SPACE",
    "Unexpected whitespace after header value": "HPE_INVALID_HEADER_TOKEN",
}
STATUSES = {"Invalid HTTP version": 505, "Pause on PRI/Upgrade": 505}
_SECOND_END = "`on_message_complete` callback error"    # our parser refused to go on, see there


def llhttp_fault(error: HttpParserError) -> Fault:
    """The fault that llhttp found."""
    reason = str(error)
    if reason == _SECOND_END:
        return DISAGREEMENT
    code = "HPE_INVALID_URL" if isinstance(error, HttpParserInvalidURLError) else CODES.get(reason, "HPE_INTERNAL")
    return Fault(code, reason, STATUSES.get(reason, 400))


# --- what llhttp lets pass ----------------------------------------------------------------------------------------

HEAD_TOO_LARGE = Fault("HPE_HEADER_OVERFLOW", "Header overflow", 431)
TRAILERS_TOO_LARGE = Fault("HPE_HEADER_OVERFLOW", "Trailers overflow", 431)
CHUNK_LINE_TOO_LARGE = Fault("HPE_CHUNK_EXTENSIONS_OVERFLOW", "Chunk extensions overflow", 413)
CHUNK_TOO_LARGE = Fault("HPE_INVALID_CHUNK_SIZE", "Chunk size overflow")
LENGTH_TOO_LARGE = Fault("HPE_INVALID_CONTENT_LENGTH", "Content-Length overflow")
LENGTH_TWICE = Fault("HPE_UNEXPECTED_CONTENT_LENGTH", "Duplicate Content-Length")
LENGTH_AND_CODING = Fault("HPE_INVALID_TRANSFER_ENCODING", "Transfer-Encoding can't be present with Content-Length")
UNFINISHED_CODING = Fault("HPE_INVALID_TRANSFER_ENCODING", "Request has invalid `Transfer-Encoding`")
UNKNOWN_CODING = Fault("HPE_INVALID_TRANSFER_ENCODING", "Transfer codings other than chunked are not supported", 501)
CODING_IN_1_0 = Fault("HPE_INVALID_TRANSFER_ENCODING", "Transfer-Encoding can't be present in HTTP/1.0")
INVALID_FIELD_LINE = Fault("HPE_INVALID_HEADER_TOKEN", "Invalid header line")
FORBIDDEN_TRAILER = Fault("HPE_INVALID_HEADER_TOKEN", "Field is not allowed in trailers")
HOST_MISSING = Fault("HPE_INVALID_HEADER_TOKEN", "Missing Host header")
HOST_TWICE = Fault("HPE_INVALID_HEADER_TOKEN", "Duplicate Host header")
HOST_INVALID = Fault("HPE_INVALID_HEADER_TOKEN", "Invalid Host header")
EXTRA_SPACE = Fault("HPE_INVALID_CONSTANT", "Expected single spaces in the request line")
UNKNOWN_METHOD = Fault("HPE_INVALID_METHOD", "Invalid method encountered")
NOT_HTTP = Fault("HPE_INVALID_CONSTANT", "Expected HTTP/")
WRONG_VERSION = Fault("HPE_INVALID_VERSION", "HTTP version is not supported", 505)
WRONG_STATUS = Fault("HPE_INVALID_STATUS", "Invalid status code")
WRONG_REASON = Fault("HPE_INVALID_STATUS", "Invalid character in the reason phrase")
UNASKED_SWITCH = Fault("HPE_INVALID_STATUS", "101 Switching Protocols without being asked")
AFTER_CLOSE = Fault("HPE_CLOSED_CONNECTION", "Data after `Connection: close`")
UNASKED = Fault("HPE_CLOSED_CONNECTION", "Data after the last response")
EARLY_END = Fault("HPE_INVALID_EOF_STATE", "Invalid EOF state")
DISAGREEMENT = Fault("HPE_INTERNAL", "The end of the message is in doubt")


# --- the error ----------------------------------------------------------------------------------------------------

class Evidence(NamedTuple):
    """What llhttp refused: whoever makes a new parser and feeds it `before` and `piece` sees it refuse again."""

    make_parser: Callable[[object], HttpRequestParser | HttpResponseParser]
    before: bytes
    piece: bytes

    def accepted(self) -> int:
        """How many bytes of `piece` llhttp took before the one that it refused."""
        parser = self.make_parser(None)
        try:
            parser.feed_data(self.before)
        except HttpParserUpgrade:       # it saw the end of the head where we saw none, and takes nothing more
            return 0
        for at in range(len(self.piece)):
            try:
                parser.feed_data(self.piece[at:at + 1])
            except (HttpParserError, HttpParserUpgrade):
                return at
        return len(self.piece)


class ParseError(NetloopError):
    """The peer sent something that is no HTTP message.

    `code` is Node's (``HPE_INVALID_METHOD``), `reason` says it in words, `status` is what a server answers: 400, 413,
    431, 501 or 505.  `raw_packet` holds the bytes in which it was found, `bytes_parsed` how many of them were good.

    Source: https://nodejs.org/api/http.html#event-clienterror
    """

    def __init__(self, fault: Fault, raw_packet: bytes = b"", offset: int = 0, evidence: Evidence | None = None) -> None:
        super().__init__(f"Parse Error: {fault.reason}", fault.code)
        self.reason = fault.reason
        self.status = fault.status
        self.raw_packet = raw_packet
        self._offset = offset
        self._evidence = evidence

    @property
    def bytes_parsed(self) -> int:
        """How many bytes of `raw_packet` were parsed before the fault."""
        # Found out only for those who ask: it means parsing byte by byte, which a flood of bad requests must not cost.
        return self._offset + (0 if self._evidence is None else self._evidence.accepted())

    def __reduce__(self) -> tuple[Any, ...]:
        return ParseError, (Fault(self.code, self.reason, self.status), self.raw_packet, self.bytes_parsed)
