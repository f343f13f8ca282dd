"""WebSocketServer: turns requests to upgrade into `WebSocket` objects (RFC 6455 section 4.2).

    server = WebSocketServer(port=8080)                         its own http server
    server = WebSocketServer(server=http_server, path="/chat")  on one that exists; several can share it, by path
    server = WebSocketServer(no_server=True)                    whoever gets the upgrade calls handle_upgrade

What becomes of a request is in upgrader.py.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Unpack

from ..errors import StateError, check_options, invalid_value
from ..events.listener import call_fitting
from ..loop import current
from .options import ConnectionKeywords
from .upgrader import Upgrader
from .verification import is_coroutine_listener
from .websocket import WebSocket

if TYPE_CHECKING:
    from typing import Self

    from ..addresses.socket_address import AddressInfo
    from ..http import IncomingMessage, Server
    from ..stream.duplex import Duplex
    from .signatures import server_off, server_on

__all__ = ["WebSocketServer"]

GOING_AWAY = 1001


class WebSocketServer(Upgrader):
    """Accepts WebSocket connections.

    Options (keyword arguments), exactly one of the first three:
        port: listen there, on `host` (all addresses) with `backlog` (511), with an http server of its own.
        server: an `http.Server`, or an `https.Server`, that goes on serving everything else.
        no_server: True: `handle_upgrade` is called by the program.
        path: accept requests for this path only (None: any).
        client_tracking: keep `clients` (True).
        handle_protocols: ``f(protocols, request)`` returns which of the offered subprotocols to speak, or False; without
            it the first one.
        verify_client: ``f(info)`` returns whether to accept; or ``f(info, callback)``, or a coroutine function.  `info` has
            `origin`, `secure` and `request`.  For those who port: an own `should_handle` or `handle_upgrade` is simpler.
        web_socket: the class to make (`WebSocket`).
    and those of `ConnectionOptions` for each connection.

    Events:
        listening, error (exception), close: as those of its http server.
        connection (websocket, request): somebody connected.
        headers (lines, request): the lines of the answer, to be appended to.
        ws_client_error (error, socket, request): a handshake failed; the listener answers, and ends the socket.

    ``async with`` closes the server and says 1001 to the clients.

    Source: https://github.com/websockets/ws/blob/master/doc/ws.md#class-websocketserver
    """

    if TYPE_CHECKING:  # typed events, see events/signatures.py
        on = add_listener = once = server_on                        # type: ignore[assignment]
        prepend_listener = prepend_once_listener = server_on        # type: ignore[assignment]
        off = remove_listener = server_off

    def __init__(self, listener: Callable[[], object] | None = None, *, port: int | None = None, host: str | None = None,
                 backlog: int | None = None, server: Server | None = None, no_server: bool = False,
                 path: str | None = None, client_tracking: bool = True,
                 handle_protocols: Callable[[tuple[str, ...], Any], str | bool] | None = None,
                 verify_client: Callable[..., Any] | None = None, web_socket: type[WebSocket] = WebSocket,
                 **options: Unpack[ConnectionKeywords]) -> None:
        check_options("WebSocketServer", (listener,), options, {*_OWN_OPTIONS, *ConnectionKeywords.__annotations__})
        if (port is not None) + (server is not None) + bool(no_server) != 1:
            raise invalid_value("options", "one of port, server and no_server", (port, server, no_server))
        super().__init__(path, client_tracking, handle_protocols, verify_client, web_socket, options)
        self._loop = current()
        self._closed = False
        self._server: Server | None = server
        self._own_server = port is not None
        self._listeners_of_server: dict[str, Callable[..., object]] = {
            "listening": partial(self.emit, "listening"), "error": partial(self.emit, "error"),
            "upgrade": self._on_upgrade}
        if port is not None:
            from ..http import create_server
            self._server = create_server(_upgrade_required)
        if self._server is not None:
            for event, on_event in self._listeners_of_server.items():
                self._server.on(event, on_event)
        if port is not None and self._server is not None:
            where: dict[str, Any] = {"port": port, "host": host, "backlog": backlog}
            self._server.listen(**{name: value for name, value in where.items() if value is not None})
        if listener is not None:
            self.once("listening", listener)

    # --- upgrades ----------------------------------------------------------------------------------------------------

    def _on_upgrade(self, request: IncomingMessage, socket: Duplex, head: bytes) -> None:
        if not self.should_handle(request) and self._is_shared():
            return                      # it is for another, who may be asked after us
        self.handle_upgrade(request, socket, head, self._announce)

    def _is_shared(self) -> bool:
        return self._server is not None and self._server.listener_count("upgrade") > 1

    def _announce(self, websocket: WebSocket, request: IncomingMessage) -> None:
        if any(map(is_coroutine_listener, self.listeners("connection"))):
            websocket._collect()        # it may not ask for messages at once, and must miss none
        self.emit("connection", websocket, request)

    def _forget(self, websocket: WebSocket) -> None:
        super()._forget(websocket)
        if self._closing and not self.clients:
            self._loop.next_tick(self._finish)

    # --- ending ------------------------------------------------------------------------------------------------------

    def close(self, callback: Callable[..., object] | None = None) -> None:
        """Accept no more; connections live on, and `close` follows when the last one has ended.

        An http server that was given stays open.  `callback` is called at `close`, or with the error that it is closed
        already.  To end the connections as well see `shutdown`.
        """
        if callback is not None and self._closed:
            self._loop.next_tick(call_fitting, (callback, (StateError("the server is not running"),)))
        elif callback is not None:
            self.once("close", callback)
        if self._closing:
            return
        self._closing = True
        server, self._server = self._server, None
        if server is not None:
            for event, on_event in self._listeners_of_server.items():
                server.remove_listener(event, on_event)
        if server is not None and self._own_server:
            server.close(self._finish)
        elif not self.clients:
            self._loop.next_tick(self._finish)

    def shutdown(self, reason: str = "") -> None:
        """`close`, and say 1001 (going away) to the clients."""
        self.close()
        for client in list(self.clients):
            client.close(GOING_AWAY, reason)

    def _finish(self, error: Exception | None = None) -> None:
        if not self._closed and not self.clients:
            self._closed = True
            self.emit("close")

    # --- asking ------------------------------------------------------------------------------------------------------

    def address(self) -> AddressInfo | Any:
        """Where the http server listens: what its `address` gives; None when it does not.

        Raises:
            StateError: there is none, because of `no_server`.
        """
        if self._server is None and not self._closing:
            raise StateError("a WebSocketServer with no_server has no address")
        return None if self._server is None else self._server.address()

    def __repr__(self) -> str:
        return f"<WebSocketServer {self.path or '*'}, {len(self.clients)} clients>"

    # --- asyncio -----------------------------------------------------------------------------------------------------

    def __await__(self) -> Generator[Any, Any, Self]:
        return self._ready().__await__()

    async def _ready(self) -> Self:
        if self._server is not None:
            await self._server
        return self

    async def __aenter__(self) -> Self:
        return await self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        traceback: TracebackType | None) -> None:
        """`shutdown`, and wait for `close`; a body that failed does not wait."""
        from ..events import once
        self.shutdown()
        if kind is None and not self._closed:
            await once(self, "close")


_OWN_OPTIONS = WebSocketServer.__init__.__kwdefaults__ or {}


def _upgrade_required(request: Any, response: Any) -> None:
    """What the own http server answers to everything that is no upgrade."""
    body = b"Upgrade Required\n"
    response.write_head(426, {"Content-Type": "text/plain", "Content-Length": len(body), "Upgrade": "websocket",
                              "Connection": "Upgrade"})
    response.end(body)
