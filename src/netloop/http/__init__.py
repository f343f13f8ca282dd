"""HTTP/1.1: servers, and what travels.

    from netloop import http, run

    def on_request(request, response):
        response.write_head(200, {"Content-Type": "text/plain"})
        response.end("Hello World\\n")

    http.create_server(on_request).listen(8000)
    run()

The message core is without any I/O: `RequestParser` and `ResponseParser` take bytes and call a `MessageReceiver`;
`OutgoingHead`, `framing` and `chunks` make bytes.  Source: RFC 9110, RFC 9112, https://nodejs.org/api/http.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._on_demand import names_on_demand
from .constants import METHODS, STATUS_CODES
from .settings import MAX_HEADER_SIZE as max_header_size  # noqa: N811  (Node's name)
from .tokens import validate_header_name, validate_header_value

if TYPE_CHECKING:
    from .incoming_message import IncomingMessage
    from .outgoing_message import OutgoingMessage
    from .server import Server, create_server
    from .server_response import ServerResponse

__all__ = [
    "create_server", "Server", "IncomingMessage", "OutgoingMessage", "ServerResponse",
    "METHODS", "STATUS_CODES", "max_header_size", "validate_header_name", "validate_header_value",
]

__getattr__ = names_on_demand(__name__, {
    "create_server": "server", "Server": "server", "IncomingMessage": "incoming_message",
    "OutgoingMessage": "outgoing_message", "ServerResponse": "server_response",
})
