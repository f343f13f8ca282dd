"""What ends a WebSocket connection before its time: one class, the codes of `ws`, and the close code that each one sends.

    WebSocketError              the peer broke a rule or a limit, or its data cannot be read; .code, .close_code, .reason
    └── HandshakeError          the opening handshake failed; .status and .headers are what a server answers

Sources: RFC 6455 section 7.4.1 for the close codes; the codes of the errors are those of https://github.com/websockets/ws
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import NetloopError

__all__ = ["WebSocketError", "HandshakeError", "violation", "CLOSE_CODES"]

# The close code that is sent for each error.  The last four are not among those of `ws`.
CLOSE_CODES = {
    "WS_ERR_EXPECTED_FIN": 1002,
    "WS_ERR_EXPECTED_MASK": 1002,
    "WS_ERR_INVALID_CLOSE_CODE": 1002,
    "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH": 1002,
    "WS_ERR_INVALID_OPCODE": 1002,
    "WS_ERR_INVALID_UTF8": 1007,
    "WS_ERR_UNEXPECTED_MASK": 1002,
    "WS_ERR_UNEXPECTED_RSV_1": 1002,
    "WS_ERR_UNEXPECTED_RSV_2_3": 1002,
    "WS_ERR_TOO_MANY_BUFFERED_PARTS": 1008,
    "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH": 1009,
    "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH": 1009,
    "WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH": 1002,
    "WS_ERR_INVALID_COMPRESSED_DATA": 1007,
    "WS_ERR_TOO_MANY_PENDING_PONGS": 1008,
    "WS_ERR_HANDSHAKE": 1002,
}


class WebSocketError(NetloopError):
    """A WebSocket connection failed.

    `code` is a ``WS_ERR_*`` string, `close_code` the number that is sent to the peer, `reason` the text beside it.
    """

    code = "WS_ERR_PROTOCOL"

    def __init__(self, message: str = "", code: str | None = None, *, close_code: int | None = None,
                 reason: str = "") -> None:
        super().__init__(message, code)
        self.close_code = CLOSE_CODES.get(self.code, 1002) if close_code is None else close_code
        self.reason = reason


class HandshakeError(WebSocketError):
    """The opening handshake failed.

    On a server `status` and `headers` are the answer to send; on a client `status` is the server's, or None.
    """

    code = "WS_ERR_HANDSHAKE"

    def __init__(self, message: str = "", status: int | None = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})


def violation(code: str, message: str) -> WebSocketError:
    """The peer broke the rule that `code` names; the message is the reason that the peer is given, too."""
    return WebSocketError(message, code, reason=message)
