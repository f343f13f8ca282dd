"""Server: an `http.Server` whose connections are encrypted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..http.server import Server as HTTPServer
from ..net.server import Server as NetServer
from ..tls.server import Server as TLSServer
from ..tls.socket import TLSSocket

__all__ = ["Server", "create_server"]


class Server(HTTPServer, TLSServer):
    """A server of HTTP/1.1 over TLS.

    `listener` gets each `request`.  Options (keyword arguments) are those of `http.Server` and of `tls.Server`.
    `alpn_protocols` is ``["http/1.1"]`` unless it or an `alpn_callback` is given.

    Events are those of both.  When a handshake fails, `tls_client_error` comes first, then `client_error`; the socket is
    destroyed.  ``async for socket in server`` gives the secure connections, as `tls.Server` does.

    Source: https://nodejs.org/api/https.html#class-httpsserver
    """

    _begins_with = "secure_connection"

    def __init__(self, listener: Callable[..., object] | None = None, **options: Any) -> None:
        if options.get("alpn_protocols") is None and options.get("alpn_callback") is None:
            options["alpn_protocols"] = ["http/1.1"]
        HTTPServer.__init__(self, listener, **options)
        self.on("tls_client_error", self._on_tls_client_error)

    def _on_tls_client_error(self, error: Exception, socket: TLSSocket) -> None:
        """It was no request either."""
        self.emit("client_error", error, socket)

    def __repr__(self) -> str:
        return "<https." + NetServer.__repr__(self)[1:]


def create_server(listener: Callable[..., object] | None = None, /, **options: Any) -> Server:
    """A new server; `listener` is called with each request and its response.  The options are those of `Server`.

    Source: https://nodejs.org/api/https.html#httpscreateserveroptions-requestlistener
    """
    return Server(listener, **options)
