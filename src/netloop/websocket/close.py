"""Close codes and the payload of a close frame (RFC 6455 sections 5.5.1 and 7.4).

    1000  normal closure              1008  policy violation
    1001  going away                  1009  message too big
    1002  protocol error              1010  mandatory extension (the server did not agree to it)
    1003  unsupported data            1011  internal error
    1007  invalid payload data        1012  service restart, 1013 try again later, 1014 bad gateway
    3000 to 3999  registered with IANA by libraries;  4000 to 4999  for applications

Three codes say what happened where no close frame could, and never travel: 1005 (the frame had no code), 1006 (there was
no frame) and 1015 (TLS failed).  1004 is reserved.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..encoding import encode
from ..errors import invalid_type, invalid_value, out_of_range
from .errors import violation

__all__ = ["Close", "may_travel", "parse_close", "serialise_close", "shortened", "NO_STATUS", "ABNORMAL"]

NO_STATUS = 1005
ABNORMAL = 1006
MOST_REASON_BYTES = 123             # 125 in a control frame, less two for the code


class Close(NamedTuple):
    """What a close frame says: its code, 1005 if it has none, and its reason."""

    code: int
    reason: str


def may_travel(code: int) -> bool:
    """Whether the code may be in a close frame."""
    return (1000 <= code <= 1014 and code not in (1004, NO_STATUS, ABNORMAL)) or 3000 <= code <= 4999


def parse_close(payload: bytes) -> Close:
    """The code and the reason in the payload of a close frame.

    Raises:
        WebSocketError: half a code (WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH), one that may not travel
            (WS_ERR_INVALID_CLOSE_CODE), a reason that is no text (WS_ERR_INVALID_UTF8).
    """
    if not payload:
        return Close(NO_STATUS, "")
    if len(payload) == 1:
        raise violation("WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH", "a close frame must have a whole code, or none")
    code = int.from_bytes(payload[:2], "big")
    if not may_travel(code):
        raise violation("WS_ERR_INVALID_CLOSE_CODE", f"a close frame must not have the code {code}")
    try:
        return Close(code, payload[2:].decode())
    except UnicodeDecodeError:
        raise violation("WS_ERR_INVALID_UTF8", "the reason in a close frame must be UTF-8") from None


def serialise_close(code: int | None = None, reason: str = "") -> bytes:
    """The payload of a close frame; empty without a code.

    Raises:
        ArgumentTypeError: the code is no int, or the reason no str.
        ArgumentValueError: the code may not travel, the reason comes without a code, or has more than 123 bytes.
    """
    checked_code: Any = code
    if not isinstance(reason, str):
        raise invalid_type("reason", "a str", reason)
    if code is None:
        if reason:
            raise invalid_value("code", "given, where there is a reason", code)
        return b""
    if not isinstance(checked_code, int):
        raise invalid_type("code", "an int", code)
    if not may_travel(code):
        raise invalid_value("code", "1000 to 1003, 1007 to 1014 or 3000 to 4999", code)
    text = encode(reason)
    if len(text) > MOST_REASON_BYTES:
        raise out_of_range("reason", f"at most {MOST_REASON_BYTES} bytes of UTF-8", reason)
    return code.to_bytes(2, "big") + text


def shortened(reason: str) -> str:
    """As much of a reason as fits into a close frame."""
    return encode(reason)[:MOST_REASON_BYTES].decode("utf-8", "ignore")
