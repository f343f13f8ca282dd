"""The keyword arguments of https, typed: for editors and type checkers.  The classes that take them check them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from ..http.client_keywords import ConnectionKeywords as HTTPConnectionKeywords
from ..http.client_keywords import RequestKeywords as HTTPRequestKeywords
from ..http.server_keywords import OwnKeywords
from ..tls.keywords import ContextKeywords
from ..tls.keywords import ServerKeywords as TLSServerKeywords

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Mapping

    from ..net.keywords import Milliseconds
    from ..tls.secure_context import SecureContext
    from ..tls.session import TLSSession

__all__ = ["AgentKeywords", "ConnectionKeywords", "RequestKeywords", "ServerKeywords"]


class ServerKeywords(OwnKeywords, TLSServerKeywords, total=False):
    """The keyword arguments of `https.Server`."""


class ConnectionKeywords(HTTPConnectionKeywords, ContextKeywords, total=False):
    """Those for a new connection, as `tls.connect` has them; an agent takes them too."""

    alpn_protocols: Iterable[str | bytes] | bytes | None
    check_server_identity: Callable[[str, dict[str, Any]], ssl.SSLError | Exception | None] | None
    close_timeout: Milliseconds
    enable_trace: bool
    handshake_timeout: Milliseconds
    reject_unauthorized: bool
    secure_context: SecureContext | None
    servername: str | None
    session: TLSSession | None


class RequestKeywords(HTTPRequestKeywords, ConnectionKeywords, total=False):
    """The keyword arguments of `https.request`."""


class AgentKeywords(ConnectionKeywords, total=False):
    """The keyword arguments of `https.Agent`, besides those that it names."""

    keep_alive: bool
    keep_alive_msecs: Milliseconds
    agent_keep_alive_timeout_buffer: Milliseconds
    max_sockets: float
    max_total_sockets: float
    max_free_sockets: float
    scheduling: Literal["lifo", "fifo"]
    timeout: Milliseconds | None
    proxy_env: Mapping[str, str] | None
