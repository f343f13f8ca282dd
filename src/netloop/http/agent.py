"""Agent: what programs see of it: its options, its hooks, and what can be asked.  `AgentCore` does the work."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Unpack, cast

from ..addresses.arguments import check_port
from ..errors import invalid_type, invalid_value, out_of_range, unknown_option
from ..events.emitter import EventEmitter
from ..net.functions import connect
from ..timers import milliseconds
from .agent_core import AgentCore
from .agent_pool import AgentPool
from .client_options import CONNECT_NAMES

if TYPE_CHECKING:
    from datetime import timedelta

    from ..net.keywords import Port
    from ..stream import Duplex
    from .client_keywords import ConnectionKeywords
    from .client_request import ClientRequest
    from .signatures import agent_off, agent_on

__all__ = ["Agent"]


class Agent(AgentCore):
    """Keeps connections to origins (host and port, or host and the path of a UNIX socket), and hands them to requests.

    Parameters:
        keep_alive: keep connections when a request is done, for the next one to the same origin (default False:
            each closes, unless a request waits for it).
        keep_alive_msecs: with `keep_alive`, milliseconds of silence before TCP probes the peer (default 1000).
        agent_keep_alive_timeout_buffer: a server that says ``Keep-Alive: timeout=5`` may close after 5 s; its
            connection is given up this many milliseconds before (default 1000).
        max_sockets: connections per origin at a time (default infinite); further requests wait.
        max_total_sockets: connections of all origins together, idle ones included (default infinite).
        max_free_sockets: idle connections per origin (default 256).
        scheduling: which idle connection is taken: ``"lifo"``, the one used last (default), or ``"fifo"``.
        timeout: milliseconds, as `set_timeout` of each connection; an idle one is closed then (default: none).
        proxy_env: a mapping with ``HTTP_PROXY``, ``HTTPS_PROXY`` and ``NO_PROXY``, such as `os.environ`; see `proxies`.
        default_port, protocol: of the requests (defaults 80 and ``"http:"``).
        connection options: those of `net.connect`, for every connection.

    An idle connection does not keep the loop alive.  One whose peer has finished is never used again, nor one with
    something unsent.

    Events:
        free (socket, options): a request is done with its connection, which stays open.

    A socket given out by the agent may be taken out of it for good by ``socket.emit("agent_remove")``.

    Source: https://nodejs.org/api/http.html#class-httpagent
    """

    connect_names = CONNECT_NAMES
    own_names = frozenset((
        "keep_alive", "keep_alive_msecs", "agent_keep_alive_timeout_buffer", "max_sockets", "max_total_sockets",
        "max_free_sockets", "scheduling", "timeout", "proxy_env", "default_port", "protocol"))

    if TYPE_CHECKING:  # typed events, see events/signatures.py
        on = add_listener = once = agent_on                     # type: ignore[assignment]
        prepend_listener = prepend_once_listener = agent_on     # type: ignore[assignment]
        off = remove_listener = agent_off

        scheduling: Literal["lifo", "fifo"]
        default_port: int
        protocol: str

    def __init__(self, *, keep_alive: bool = False, keep_alive_msecs: float | timedelta = 1000,
                 agent_keep_alive_timeout_buffer: float | timedelta = 1000, max_sockets: float = math.inf,
                 max_total_sockets: float = math.inf, max_free_sockets: float = 256,
                 scheduling: Literal["lifo", "fifo"] = "lifo", timeout: float | timedelta | None = None,
                 proxy_env: Mapping[str, str] | None = None, default_port: Port = 80, protocol: str = "http:",
                 **options: Unpack[ConnectionKeywords]) -> None:
        EventEmitter.__init__(self)
        if not isinstance(protocol, str):
            raise invalid_type("protocol", "a str such as 'http:'", protocol)
        unknown = options.keys() - self.connect_names
        if unknown:
            raise unknown_option(f"{protocol.removesuffix(':')}.Agent", min(unknown), self.connect_names | self.own_names)
        if scheduling not in ("lifo", "fifo"):
            raise invalid_value("scheduling", "'lifo' or 'fifo'", scheduling)
        self.options = cast("dict[str, Any]", options)
        self.keep_alive = bool(keep_alive)
        self.keep_alive_msecs = milliseconds("keep_alive_msecs", keep_alive_msecs)
        self.scheduling = scheduling
        self.timeout = None if timeout is None else milliseconds("timeout", timeout)
        self.default_port = check_port("default_port", default_port)
        self.protocol = protocol
        self._buffer_ms = milliseconds("agent_keep_alive_timeout_buffer", agent_keep_alive_timeout_buffer)
        self._pool = AgentPool(_limit("max_sockets", max_sockets), _limit("max_total_sockets", max_total_sockets),
                               _limit("max_free_sockets", max_free_sockets, 0), scheduling == "lifo")
        self._proxies = None
        self._names = {}
        self._serves_waiting = False
        if proxy_env is not None:
            from .proxies import Proxies
            self._proxies = Proxies(proxy_env)

    # --- for programs that change how connections are made --------------------------------------------------------

    def create_connection(self, callback: Callable[..., object] | None = None, /, **options: Any) -> Duplex | None:
        """Hook: open a connection; returns the stream, or None and calls ``callback(error, stream)`` later.

        Source: https://nodejs.org/api/http.html#agentcreateconnectionoptions-callback
        """
        return connect(**options)

    def keep_socket_alive(self, socket: Any) -> bool:
        """Hook: a request is done with `socket`; True keeps it.

        Source: https://nodejs.org/api/http.html#agentkeepsocketalivesocket
        """
        _call_if_there(socket, "unref")
        return True

    def reuse_socket(self, socket: Any, request: ClientRequest) -> None:
        """Hook: `request` gets a kept socket.

        Source: https://nodejs.org/api/http.html#agentreusesocketsocket-request
        """
        _call_if_there(socket, "ref")

    def get_name(self, *, host: str = "localhost", port: int | str = "", local_address: str | None = None, family: int = 0,
                 path: Any = None, socket_path: Any = None, **options: Any) -> str:
        """What the connections to one origin have in common: ``host:port:local_address[:family]``, and a path.

        That is `path` of `net.connect`, or `socket_path` of a request.

        Source: https://nodejs.org/api/http.html#agentgetnameoptions
        """
        name = f"{host}:{port}:{local_address or ''}"
        if family:
            name = f"{name}:{family}"
        path = socket_path if path is None else path
        return name if path is None else f"{name}:{path}"

    def destroy(self) -> None:
        """Destroy all connections, those in use too.

        Source: https://nodejs.org/api/http.html#agentdestroy
        """
        for origin in list(self._pool.origins.values()):
            for connection in [*origin.active, *origin.idle]:
                connection.socket.destroy()

    # --- asking ---------------------------------------------------------------------------------------------------

    @property
    def sockets(self) -> dict[str, list[Any]]:
        """The sockets in use, by origin."""
        return {name: [each.socket for each in origin.active]
                for name, origin in self._pool.origins.items() if origin.active}

    @property
    def free_sockets(self) -> dict[str, list[Any]]:
        """The idle sockets, by origin."""
        return {name: [each.socket for each in origin.idle]
                for name, origin in self._pool.origins.items() if origin.idle}

    @property
    def requests(self) -> dict[str, list[ClientRequest]]:
        """The requests that wait for a socket, by origin."""
        return {name: list(origin.waiting) for name, origin in self._pool.origins.items() if origin.waiting}

    @property
    def max_sockets(self) -> float:
        return self._pool.max_sockets

    @max_sockets.setter
    def max_sockets(self, value: float) -> None:
        self._pool.max_sockets = _limit("max_sockets", value)

    @property
    def max_total_sockets(self) -> float:
        return self._pool.max_total_sockets

    @max_total_sockets.setter
    def max_total_sockets(self, value: float) -> None:
        self._pool.max_total_sockets = _limit("max_total_sockets", value)

    @property
    def max_free_sockets(self) -> float:
        return self._pool.max_free_sockets

    @max_free_sockets.setter
    def max_free_sockets(self, value: float) -> None:
        self._pool.max_free_sockets = _limit("max_free_sockets", value, 0)

    @property
    def total_socket_count(self) -> int:
        """Connections in use, idle, and being opened."""
        return self._pool.total

    def __repr__(self) -> str:
        origins = self._pool.origins.values()
        active = sum([len(origin.active) + origin.opening for origin in origins])
        idle = sum([len(origin.idle) for origin in origins])
        queued = sum([len(origin.waiting) for origin in origins])
        return f"<Agent sockets: {active} active, {idle} idle, {queued} queued>"


def _limit(name: str, value: Any, least: int = 1) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise invalid_type(name, "an int, or math.inf", value)
    if not value >= least:
        raise out_of_range(name, f">= {least}", value)
    return value


def _call_if_there(stream: Any, method: str) -> None:
    """Not every Duplex can be ref'd."""
    found = getattr(stream, method, None)
    if found is not None:
        found()
