"""Agent: an `http.Agent` whose connections are encrypted, and resume sessions.

A connection may serve a request only if it was made just as the request wants it: with the same authorities, the same
certificate of our own, the same checks.  So all options of TLS are part of an origin's name.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any, cast

from ..errors import invalid_type, out_of_range
from ..http.agent import Agent as HTTPAgent
from ..timers import milliseconds
from ..tls.checks import UNAVAILABLE
from ..tls.functions import connect
from ..tls.keywords import ClientKeywords
from ..tls.material import version_of
from ..tls.options import HANDSHAKE_TIMEOUT_MS, check_client_options
from ..tls.session import TLSSession
from .tunnel import open_tunnel

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from ..http.client_request import ClientRequest
    from ..http.client_url import URL
    from ..net.keywords import Port
    from ..stream import Duplex
    from ..tls.socket import TLSSocket
    from .keywords import AgentKeywords
    from .signatures import https_agent_off, https_agent_on

__all__ = ["Agent"]

_TLS_NAMES = {"min_dh_size", *UNAVAILABLE}.union(ClientKeywords.__annotations__) - HTTPAgent.connect_names - {
    "socket", "host", "port", "path", "signal", "timeout", "allow_half_open", "onread"}


class Agent(HTTPAgent):
    """Keeps encrypted connections to origins, and hands them to requests.

    Parameters, besides those of `http.Agent` and the options of `tls.connect` for every connection:
        max_cached_sessions: for how many origins a TLS session is kept, which makes the next handshake a short one
            (default 100; 0: none).

    Options of TLS that are wrong raise here, as `tls.connect` would.

    With `proxy_env` connections go through a tunnel of the proxy that HTTPS_PROXY names, which may be spoken to over TLS.
    When it does not open one, the request's error is a `ProxyTunnelError` (ERR_PROXY_TUNNEL) with the `status_code` of its
    answer.

    Events, besides those of `http.Agent`:
        keylog (line, socket): secrets of a handshake, in the format of SSLKEYLOGFILE.  Of connections that are opened
            while somebody listens.

    Source: https://nodejs.org/api/https.html#class-httpsagent
    """

    connect_names = HTTPAgent.connect_names | _TLS_NAMES
    own_names = HTTPAgent.own_names | {"max_cached_sessions"}

    if TYPE_CHECKING:  # typed events, see events/signatures.py
        on = add_listener = once = https_agent_on                       # type: ignore[assignment]
        prepend_listener = prepend_once_listener = https_agent_on       # type: ignore[assignment]
        off = remove_listener = https_agent_off

        max_cached_sessions: int
        _sessions: OrderedDict[str, TLSSession]
        _tunnels: dict[Callable[..., object], ClientRequest]        # that are being opened, by who gets them

    def __init__(self, *, max_cached_sessions: int = 100, default_port: Port = 443, protocol: str = "https:",
                 **options: Unpack[AgentKeywords]) -> None:
        if isinstance(max_cached_sessions, bool) or not isinstance(max_cached_sessions, int):
            raise invalid_type("max_cached_sessions", "an int", max_cached_sessions)
        if max_cached_sessions < 0:
            raise out_of_range("max_cached_sessions", ">= 0", max_cached_sessions)
        HTTPAgent.__init__(self, default_port=default_port, protocol=protocol, **options)  # type: ignore[misc]  # takes them all
        if not _TLS_NAMES.isdisjoint(options):
            check_client_options(cast("dict[str, Any]", options))
        self.max_cached_sessions = max_cached_sessions
        self._sessions = OrderedDict()
        self._tunnels = {}

    def get_name(self, **options: Any) -> str:
        """As that of `http.Agent`, and every option of TLS.

        Source: https://nodejs.org/api/http.html#agentgetnameoptions
        """
        given = [f"{name}={_text(options[name])}" for name in sorted(_TLS_NAMES.intersection(options))]
        return ":".join([HTTPAgent.get_name(self, **options), *given])

    def create_connection(self, callback: Callable[..., object] | None = None, /, **options: Any) -> Duplex | None:
        """Hook: open an encrypted connection; see `http.Agent.create_connection`."""
        proxy = self._proxy_for(options)
        if proxy is None:
            return self._secure(options)
        if callback is None:
            raise invalid_type("callback", "a function, for what comes through a proxy is not there at once", callback)
        self._tunnel(proxy, callback, options)
        return None

    def _secure(self, options: dict[str, Any]) -> TLSSocket:
        if not self.max_cached_sessions:
            socket = connect(**options)
        else:
            name = self.get_name(**options)
            session = self._sessions.get(name)
            if session is not None:
                options.setdefault("session", session)
            socket = connect(**options)
            socket.on("session", partial(self._keep_session, name))
            socket.on("close", partial(self._on_socket_close, name))
        if self.listener_count("keylog"):
            socket.on("keylog", partial(self._on_keylog, socket))
        return socket

    # --- tunnels -------------------------------------------------------------------------------------------------

    def _proxy_for(self, options: dict[str, Any]) -> URL | None:
        if self._proxies is None or "path" in options:
            return None
        proxy: URL | None = self._proxies.proxy_for(self.protocol, options["host"], options["port"])
        return proxy

    def _tunnel(self, proxy: URL, callback: Callable[..., object], options: dict[str, Any]) -> None:
        """Have a proxy open a tunnel, and begin TLS in it.  To do both may take as long as a handshake."""
        def done(error: Exception | None, stream: Duplex | None) -> None:
            self._tunnels.pop(callback, None)
            if stream is None:
                callback(error)
                return
            inside = {name: value for name, value in options.items() if name not in HTTPAgent.connect_names}
            try:
                socket = self._secure({**inside, "socket": stream})
            except Exception as raised:
                stream.destroy()
                callback(raised)
            else:
                callback(None, socket)

        limit = options.get("timeout") or options.get("handshake_timeout", HANDSHAKE_TIMEOUT_MS)
        asked = open_tunnel(proxy, options["host"], options["port"], options, milliseconds("timeout", limit), done)
        self._tunnels[callback] = asked

    def _give_up_opening(self, callback: Callable[..., object]) -> None:
        """Nobody waits for the tunnel any more; a proxy that is silent would keep it, and its place in the agent."""
        asked = self._tunnels.get(callback)
        if asked is not None:
            asked.destroy()

    def destroy(self) -> None:
        """Destroy all connections, those in use and those that are being opened too."""
        for asked in list(self._tunnels.values()):
            asked.destroy()
        HTTPAgent.destroy(self)

    # --- sessions ------------------------------------------------------------------------------------------------

    def _keep_session(self, name: str, session: TLSSession) -> None:
        self._sessions[name] = session
        self._sessions.move_to_end(name)
        while len(self._sessions) > self.max_cached_sessions:
            self._sessions.popitem(last=False)

    def _on_socket_close(self, name: str, had_error: bool) -> None:
        """A session that leads to errors is not tried again."""
        if had_error:
            self._sessions.pop(name, None)

    def _on_keylog(self, socket: TLSSocket, line: bytes) -> None:
        self.emit("keylog", line, socket)


def _text(value: Any) -> str:
    """What tells one value from another.  The connections keep those that are told apart by identity alive."""
    if isinstance(value, PathLike):
        return repr(version_of(value))      # the program may well make a new object each time; and the file may change
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_text, value))}]"
    return repr(value) if isinstance(value, (str, bytes, int, type(None))) else str(id(value))
