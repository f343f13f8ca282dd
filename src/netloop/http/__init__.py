"""HTTP/1.1: servers, clients, and what travels.

    from netloop import http, run

    def on_request(request, response):
        response.write_head(200, {"Content-Type": "text/plain"})
        response.end("Hello World\\n")

    http.create_server(on_request).listen(8000)
    run()

and

    response = await http.get("http://localhost:8000/")
    print(response.status_code, await response.text())

``http.global_agent`` is the `Agent` of requests that name none, one for each loop; assigned to, it holds for all.

The message core is without any I/O: `RequestParser` and `ResponseParser` take bytes and call a `MessageReceiver`;
`OutgoingHead`, `framing` and `chunks` make bytes.  Source: RFC 9110, RFC 9112, https://nodejs.org/api/http.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._on_demand import names_on_demand
from .constants import METHODS, STATUS_CODES
from .settings import MAX_HEADER_SIZE as max_header_size  # noqa: N811  (Node's name)
from .tokens import validate_header_name, validate_header_value

if TYPE_CHECKING:
    from ..websocket import CloseEvent, MessageEvent, WebSocket
    from .agent import Agent
    from .agent_default import set_global_proxy_from_env
    from .client_functions import get, request
    from .client_request import ClientRequest, Information
    from .client_response import Response
    from .faults import ParseError
    from .idle_parsers import set_max_idle_http_parsers
    from .incoming_message import IncomingMessage
    from .outgoing_message import OutgoingMessage
    from .server import Server, create_server
    from .server_response import ServerResponse

    global_agent: Agent

__all__ = [
    "create_server", "Server", "IncomingMessage", "OutgoingMessage", "ServerResponse",
    "request", "get", "ClientRequest", "Information", "Response", "Agent", "global_agent", "set_global_proxy_from_env",
    "ParseError",
    "METHODS", "STATUS_CODES", "max_header_size", "validate_header_name", "validate_header_value",
    "set_max_idle_http_parsers", "WebSocket", "CloseEvent", "MessageEvent",
]

_find = names_on_demand(__name__, {
    "create_server": "server", "Server": "server", "IncomingMessage": "incoming_message",
    "OutgoingMessage": "outgoing_message", "ServerResponse": "server_response",
    "request": "client_functions", "get": "client_functions", "ClientRequest": "client_request",
    "Information": "client_request", "Response": "client_response", "Agent": "agent",
    "set_global_proxy_from_env": "agent_default", "ParseError": "faults",
    "set_max_idle_http_parsers": "idle_parsers",
    # Of a layer above, as Node has them here: for programs only, nothing in this package knows them.
    "WebSocket": ".websocket", "CloseEvent": ".websocket", "MessageEvent": ".websocket",
})


if not TYPE_CHECKING:       # a checker would take it for any name at all, misspelled ones too
    def __getattr__(name: str) -> Any:
        if name == "global_agent":          # of the current loop, so it must not be remembered here
            from .agent_default import default_agent
            return default_agent()
        return _find(name)
