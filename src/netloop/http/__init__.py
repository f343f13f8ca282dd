"""HTTP/1.1: what travels, and how it is read and written.

The message core is here, without any I/O: `RequestParser` and `ResponseParser` take bytes and call a `MessageReceiver`;
`OutgoingHead`, `framing` and `chunks` make bytes.  Source: RFC 9110, RFC 9112, https://nodejs.org/api/http.html
"""

from __future__ import annotations

from .constants import METHODS, STATUS_CODES
from .settings import MAX_HEADER_SIZE as max_header_size  # noqa: N811  (Node's name)
from .tokens import validate_header_name, validate_header_value

__all__ = ["METHODS", "STATUS_CODES", "max_header_size", "validate_header_name", "validate_header_value"]
