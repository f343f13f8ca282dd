"""Server: an `http.Server` whose connections are encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Never

from ..errors import check_options
from ..http.server import Server as HTTPServer
from ..net.server import Server as NetServer
from ..tls.options import OPTION_NAMES
from ..tls.server import Server as TLSServer
from ..tls.socket import TLSSocket

if TYPE_CHECKING:
    from typing import Unpack

    from ..http.signatures import Exchange
    from .keywords import ServerKeywords
    from .signatures import https_server_off, https_server_on

__all__ = ["Server", "create_server"]


class Server(HTTPServer, TLSServer):
    """A server of HTTP/1.1 over TLS.

    `listener` gets each `request`.  Options (keyword arguments) are those of `http.Server` and of `tls.Server`.
    `alpn_protocols` is ``["http/1.1", "http/1.0"]`` unless it or an `alpn_callback` is given; Node has the first only, and
    refuses clients such as ``curl --http1.0``.

    Events are those of both.  When a handshake fails, `client_error` comes first, then `tls_client_error`; the socket is
    destroyed.  ``async for socket in server`` gives the secure connections, as `tls.Server` does.

    Source: https://nodejs.org/api/https.html#class-httpsserver
    """

    if TYPE_CHECKING:  # typed events, see events/signatures.py
        on = add_listener = once = https_server_on                      # type: ignore[assignment]
        prepend_listener = prepend_once_listener = https_server_on      # type: ignore[assignment]
        off = remove_listener = https_server_off

    _begins_with = "secure_connection"

    def __init__(self, listener: Exchange | None = None, **options: Unpack[ServerKeywords]) -> None:
        if options.get("alpn_protocols") is None and options.get("alpn_callback") is None:
            options["alpn_protocols"] = ["http/1.1", "http/1.0"]
        given: Any = options                    # those of TLS go on to the next class
        HTTPServer.__init__(self, listener, **given)
        self.on("tls_client_error", self._on_tls_client_error)

    def _on_tls_client_error(self, error: Exception, socket: TLSSocket) -> None:
        """It was no request either."""
        self.emit("client_error", error, socket)

    def close_all_connections(self) -> None:
        """Close every connection now, also in the middle of a response, or of the handshake."""
        for socket in [*self._handshaking]:
            socket.destroy()
        HTTPServer.close_all_connections(self)

    def __repr__(self) -> str:
        return "<https." + NetServer.__repr__(self)[1:]


def create_server(listener: Exchange | None = None, /, *more: Never,
                  **options: Unpack[ServerKeywords]) -> Server:
    """A new server; `listener` is called with each request and its response.  The options are those of `Server`.

    Source: https://nodejs.org/api/https.html#httpscreateserveroptions-requestlistener
    """
    try:
        return Server(listener, *more, **options)
    except TypeError:
        from . import keywords
        check_options("https.create_server", (listener, *more), options,
                      {*keywords.ServerKeywords.__annotations__, *OPTION_NAMES})
        raise
