"""Tunnels through a proxy: ``CONNECT host:port``, and what follows is between us and the host (RFC 9110 section 9.3.6).

The proxy learns the host and the port, and its own credentials; nothing else of the request goes to it.  Where it is
spoken to over TLS, nobody on the way to it learns these, and the TLS of the request is within that to the proxy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import NetloopError
from ..http.agent import Agent
from ..http.client_functions import request
from ..http.client_options import basic
from ..http.proxies import address_of, connect_securely

if TYPE_CHECKING:
    from ..http.client_request import ClientRequest
    from ..http.client_url import URL
    from ..http.incoming_message import IncomingMessage
    from ..stream import Duplex

__all__ = ["ProxyTunnelError", "open_tunnel"]

_SUCCESSFUL = range(200, 300)
_AUTHENTICATION_REQUIRED = 407
_CONNECT = Agent.connect_names - {"lookup"}     # for the way to the proxy; a look-up of one's own is for the host


class ProxyTunnelError(NetloopError, ConnectionError):
    """A proxy did not open a tunnel.  `status_code` is what it answered instead; None: it did not answer."""

    code = "ERR_PROXY_TUNNEL"

    def __init__(self, message: str, status_code: int | None = None) -> None:
        super().__init__(message)
        self.status_code = status_code


def open_tunnel(proxy: URL, host: str, port: int, options: dict[str, Any], timeout_ms: int,
                callback: Callable[[Exception | None, Duplex | None], object]) -> ClientRequest:
    """Ask `proxy` for a tunnel: ``callback(None, stream)`` when it is open, ``callback(error, None)`` when it is not.

    `options`: those of `net.connect` among them are for the connection to the proxy.  Errors: ProxyTunnelError
    (ERR_PROXY_TUNNEL), and those of connecting to the proxy.
    """
    via, via_port = address_of(proxy)
    secure = proxy.protocol == "https:"
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    headers = {"Host": target, "Proxy-Connection": "keep-alive"}        # not Connection: close, which our agent would say
    if proxy.auth is not None:
        headers["Proxy-Authorization"] = basic(proxy.auth)
    asked = request(method="CONNECT", path=target, protocol=proxy.protocol, host=via, port=via_port,
                    agent=Agent(protocol=proxy.protocol),
                    create_connection=connect_securely if secure else None,
                    headers=headers, set_default_headers=False, timeout=timeout_ms,
                    **{name: options[name] for name in _CONNECT & options.keys()})
    where = f"to {target} through {proxy.origin}"

    def on_connect(response: IncomingMessage, stream: Duplex, head: bytes) -> None:
        if response.status_code in _SUCCESSFUL:
            if head:
                stream.unshift(head)
            callback(None, stream)
        else:
            stream.destroy()
            callback(refusal(response), None)

    def refusal(response: IncomingMessage) -> ProxyTunnelError:
        error = ProxyTunnelError(f"no tunnel {where}: the proxy answered {response.status_code} {response.status_message}",
                                 response.status_code)
        if response.status_code == _AUTHENTICATION_REQUIRED:
            error.add_note("The proxy did not accept the credentials of its URL" if proxy.auth is not None else
                           f"The proxy wants to know who asks: {proxy.protocol}//user:password@...")
        return error

    def on_timeout() -> None:
        asked.destroy(ProxyTunnelError(f"no tunnel {where}: the proxy did not answer in {timeout_ms} ms"))

    def on_error(error: Exception) -> None:
        callback(error, None)

    return asked.once("connect", on_connect).on("timeout", on_timeout).on("error", on_error).end()
