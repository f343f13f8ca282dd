"""Upgrader: a request to upgrade becomes a `WebSocket`, or is answered with what is wrong about it (RFC 6455 section 4.2).

    handle_upgrade      should_handle (path), and the rules of the opening handshake
    verify_client       whether the program wants this client
    complete_upgrade    the subprotocol, the answer 101, and a `WebSocket`
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import invalid_type
from ..events.emitter import EventEmitter
from .errors import HandshakeError
from .options import ConnectionOptions
from .server_handshake import UpgradeRequest, answer_head, check_request, choose, refusal, serialise_head
from .verification import verify
from .websocket import WebSocket

if TYPE_CHECKING:
    from ..http import IncomingMessage
    from ..stream.duplex import Duplex
    from .options import ConnectionKeywords

__all__ = ["Upgrader"]


class Upgrader(EventEmitter):
    """What a `WebSocketServer` does with a request; its options are described there."""

    def __init__(self, path: str | None, client_tracking: bool,
                 handle_protocols: Callable[[tuple[str, ...], Any], str | bool] | None,
                 verify_client: Callable[..., Any] | None, web_socket: type[WebSocket],
                 options: ConnectionKeywords) -> None:
        for name, function in (("handle_protocols", handle_protocols), ("verify_client", verify_client)):
            if function is not None and not callable(function):
                raise invalid_type(name, "a function", function)
        self.path = path
        self.clients: set[WebSocket] = set()
        self._options = options
        self._deflate = ConnectionOptions(**options).deflate        # checks them all
        self._client_tracking = client_tracking
        self._handle_protocols = handle_protocols
        self._verify_client = verify_client
        self._web_socket = web_socket
        self._closing = False

    def should_handle(self, request: IncomingMessage) -> bool:
        """Whether this request is for this server: its path is.  To be overridden."""
        return self.path is None or (request.url or "").partition("?")[0] == self.path

    def handle_upgrade(self, request: IncomingMessage, socket: Duplex, head: bytes,
                       callback: Callable[[WebSocket, IncomingMessage], object]) -> None:
        """Accept a connection: ``callback(websocket, request)``, or answer with what is wrong about the request.

        The arguments are those of the http server's `upgrade`.  Source: as that of the class (handleUpgrade)
        """
        socket.on("error", _ignore)
        try:
            if not self.should_handle(request):
                raise HandshakeError("there is no WebSocket at this path", 400)
            asked = check_request(request.method or "", request.http_version, request.headers)
            if self._closing:
                raise HandshakeError("the server is closing", 503)
        except HandshakeError as error:
            self._refuse(error, socket, request)
            return
        proceed = partial(self._proceed, request, asked, socket, head, callback)
        if self._verify_client is None:
            proceed(None)
        else:
            verify(self._verify_client, request, asked, socket, proceed)

    def _proceed(self, request: IncomingMessage, asked: UpgradeRequest, socket: Duplex, head: bytes,
                 callback: Callable[[WebSocket, IncomingMessage], object], error: HandshakeError | None) -> None:
        """`verify_client` has spoken."""
        if error is not None:
            self._refuse(error, socket, request)
        elif socket.destroyed or not socket.readable or not socket.writable:
            socket.destroy()
        else:
            self.complete_upgrade(request, asked, socket, head, callback)

    def complete_upgrade(self, request: IncomingMessage, asked: UpgradeRequest, socket: Duplex, head: bytes,
                         callback: Callable[[WebSocket, IncomingMessage], object]) -> None:
        """Answer 101, and make the `WebSocket`.  To be overridden by those who look before or after."""
        agreement = choose(asked, self._choose_protocol(asked, request), self._deflate)
        lines = answer_head(asked, agreement)
        self.emit("headers", lines, request)
        socket.write(serialise_head(lines))
        socket.remove_listener("error", _ignore)
        websocket = self._web_socket(None, **self._options)
        websocket._open(socket, head, agreement, True)
        if self._client_tracking:
            self.clients.add(websocket)
            websocket._forget_server = self._forget
        callback(websocket, request)

    def _choose_protocol(self, asked: UpgradeRequest, request: IncomingMessage) -> str | None:
        if not asked.protocols:
            return None
        if self._handle_protocols is None:
            return asked.protocols[0]
        chosen = self._handle_protocols(asked.protocols, request)
        return chosen if isinstance(chosen, str) and chosen else None

    def _refuse(self, error: HandshakeError, socket: Duplex, request: IncomingMessage) -> None:
        if self.listener_count("ws_client_error"):
            self.emit("ws_client_error", error, socket, request)
            return
        socket.once("finish", lambda: socket.destroy())
        socket.end(refusal(error))

    def _forget(self, websocket: WebSocket) -> None:
        """A client has closed."""
        self.clients.discard(websocket)


def _ignore(error: Exception) -> None:
    """A client that goes away before it is answered is nobody's error."""
