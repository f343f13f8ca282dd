"""WebSocket: messages over a connection that began as HTTP (RFC 6455), compressed where both ends agree (RFC 7692).

    from netloop import run
    from netloop.websocket import WebSocketServer

    server = WebSocketServer(port=8080)
    server.on("connection", lambda websocket: websocket.on("message", lambda data: websocket.send(data)))
    run()

Sources: https://github.com/websockets/ws/blob/master/doc/ws.md, https://websockets.spec.whatwg.org
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._on_demand import names_on_demand

if TYPE_CHECKING:
    from .broadcasting import broadcast
    from .deflate_options import DeflateOptions
    from .errors import HandshakeError, WebSocketError
    from .events import CloseEvent, ErrorEvent, MessageEvent
    from .prepared import PreparedMessage
    from .server import WebSocketServer
    from .stream_view import create_web_socket_stream
    from .websocket import WebSocket

__all__ = [
    "WebSocket", "WebSocketServer", "create_web_socket_stream", "broadcast", "PreparedMessage", "DeflateOptions",
    "MessageEvent", "CloseEvent", "ErrorEvent", "WebSocketError", "HandshakeError",
]

if not TYPE_CHECKING:       # a checker would take it for any name at all, misspelled ones too
    __getattr__ = names_on_demand(__name__, {
        "WebSocket": "websocket", "WebSocketServer": "server", "broadcast": "broadcasting", "PreparedMessage": "prepared",
        "create_web_socket_stream": "stream_view", "DeflateOptions": "deflate_options",
        "MessageEvent": "events", "CloseEvent": "events", "ErrorEvent": "events",
        "WebSocketError": "errors", "HandshakeError": "errors",
    })
