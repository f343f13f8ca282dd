"""Agent: gives requests their connections, and keeps those that can be used again.

`AgentPool` decides; here connections are opened, handed out and let go.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import invalid_type, invalid_value, out_of_range
from ..events.emitter import EventEmitter
from ..net.functions import connect
from ..timers import milliseconds
from .agent_pool import AgentPool, Origin
from .client_connection import ClientConnection
from .client_options import CONNECT_NAMES

if TYPE_CHECKING:
    from datetime import timedelta

    from ..stream import Duplex
    from .client_options import RequestOptions
    from .client_request import ClientRequest
    from .proxies import Proxies

__all__ = ["Agent"]


class Agent(EventEmitter):
    """Keeps connections to origins (host and port, or the path of a UNIX socket), and hands them to requests.

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
        proxy_env: a mapping with ``HTTP_PROXY``, ``HTTPS_PROXY`` and ``NO_PROXY``, such as `os.environ`.
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

    if TYPE_CHECKING:
        scheduling: str
        default_port: int
        protocol: str
        options: dict[str, Any]
        keep_alive: bool
        keep_alive_msecs: int
        timeout: int | None
        _pool: AgentPool
        _buffer_ms: int
        _proxies: Proxies | None

    def __init__(self, *, keep_alive: bool = False, keep_alive_msecs: float | timedelta = 1000,
                 agent_keep_alive_timeout_buffer: float | timedelta = 1000, max_sockets: float = math.inf,
                 max_total_sockets: float = math.inf, max_free_sockets: float = 256, scheduling: str = "lifo",
                 timeout: float | timedelta | None = None, proxy_env: Any = None, default_port: int = 80,
                 protocol: str = "http:", **options: Any) -> None:
        EventEmitter.__init__(self)
        unknown = options.keys() - self.connect_names
        if unknown:
            raise TypeError(f"Agent() got an unexpected keyword argument {min(unknown)!r}")
        if scheduling not in ("lifo", "fifo"):
            raise invalid_value("scheduling", "'lifo' or 'fifo'", scheduling)
        self.options = options
        self.keep_alive = bool(keep_alive)
        self.keep_alive_msecs = milliseconds("keep_alive_msecs", keep_alive_msecs)
        self.scheduling = scheduling
        self.timeout = None if timeout is None else milliseconds("timeout", timeout)
        self.default_port = default_port
        self.protocol = protocol
        self._buffer_ms = milliseconds("agent_keep_alive_timeout_buffer", agent_keep_alive_timeout_buffer)
        self._pool = AgentPool(_limit("max_sockets", max_sockets), _limit("max_total_sockets", max_total_sockets),
                               _limit("max_free_sockets", max_free_sockets, 0), scheduling == "lifo")
        self._proxies = None
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
                 path: Any = None, **options: Any) -> str:
        """What the connections to one origin have in common: ``host:port:local_address[:family]``, and a path.

        Source: https://nodejs.org/api/http.html#agentgetnameoptions
        """
        name = f"{host}:{port}:{local_address or ''}"
        if family:
            name = f"{name}:{family}"
        return name if path is None else f"{name}:{path}"

    # --- a request wants a connection -----------------------------------------------------------------------------

    def add_request(self, request: ClientRequest, options: RequestOptions) -> None:
        """Give `request` a connection, as soon as there may be one."""
        if self._proxies is not None:
            self._proxies.apply(request, options)
        pool = self._pool
        origin = pool.origin(self.get_name(**options.connect))
        connection = pool.take_idle(origin)
        if connection is not None:
            self._reuse(connection, request)
        elif pool.may_open(origin):
            self._open(origin, request, options)
        else:
            pool.wait(origin, request, options)

    def _reuse(self, connection: ClientConnection, request: ClientRequest) -> None:
        self.reuse_socket(connection.socket, request)
        connection.serve(request, True)

    def _open(self, origin: Origin, request: ClientRequest, options: RequestOptions) -> None:
        spare = self._pool.open(origin)
        if spare is not None:
            spare.retire()
        opening = Opening(self, origin, request, options)
        create = options.create_connection or self.create_connection
        try:
            stream = create(opening.done, **self._connect_options(options))
        except Exception as error:
            opening.done(error)
            return
        if stream is not None:
            opening.done(None, stream)

    def _connect_options(self, options: RequestOptions) -> dict[str, Any]:
        """What `create_connection` gets: of the agent, then of the request."""
        wanted = self.options | options.connect
        if "path" in wanted:
            wanted.pop("host", None)
            wanted.pop("port", None)
        wanted.setdefault("no_delay", True)     # a head and a body written apart would wait for each other's ACK
        timeout = self.timeout if options.timeout is None else options.timeout
        if timeout:
            wanted["timeout"] = timeout
        if self.keep_alive:
            wanted.setdefault("keep_alive", True)
            wanted.setdefault("keep_alive_initial_delay", self.keep_alive_msecs)
        return wanted

    def _opened(self, origin: Origin, request: ClientRequest, options: RequestOptions, stream: Any) -> None:
        connection = ClientConnection(stream, self, origin, options)
        self._pool.opened(connection)
        if request.destroyed:
            self._released(connection)
        else:
            connection.serve(request, False)

    def _serve_on(self, stream: Any, request: ClientRequest, options: RequestOptions) -> None:
        """Have a stream that came from elsewhere serve a request."""
        origin = self._pool.origin(self.get_name(**options.connect))
        self._pool.open(origin)
        self._opened(origin, request, options, stream)

    def _open_failed(self, origin: Origin, request: ClientRequest, error: Exception) -> None:
        self._pool.open_failed(origin)
        request.destroy(error)
        self._feed_hungry()

    # --- a connection is free, or gone ----------------------------------------------------------------------------

    def _released(self, connection: ClientConnection) -> None:
        """A request is done, and its connection may serve another."""
        if not connection.usable():
            self._pool.remove(connection)
            connection.retire()
            self._feed_hungry()
            return
        waiting = self._pool.next_waiting(connection.origin) if connection.origin.waiting else None
        if waiting is not None:
            connection.serve(waiting[0], True)
            return
        idle_ms = self._idle_timeout(connection)
        if (self.keep_alive and idle_ms != 0 and self._pool.may_keep(connection.origin)
                and self.keep_socket_alive(connection.socket)):
            self._pool.keep(connection)
            connection.rest(idle_ms)
            if self.listener_count("free"):
                self.emit("free", connection.socket, connection.options)
        else:
            self._pool.remove(connection)
            connection.retire()
        self._feed_hungry()

    def _idle_timeout(self, connection: ClientConnection) -> int:
        """Milliseconds that a connection may be idle; 0: it must not be kept, -1: for ever."""
        idle_ms = self.timeout or -1
        hint = connection.keep_alive_hint_ms
        if hint >= 0:
            hint = max(0, hint - self._buffer_ms)
            return hint if idle_ms < 0 else min(hint, idle_ms)
        return idle_ms

    def _removed(self, connection: ClientConnection) -> None:
        """The connection closed, or somebody took it for himself."""
        if self._pool.remove(connection):
            self._feed_hungry()

    def _feed_hungry(self) -> None:
        """There may be room for a connection that somebody waits for."""
        for origin in self._pool.hungry():
            while self._pool.may_open(origin):
                waiting = self._pool.next_waiting(origin)
                if waiting is None:
                    break
                self._open(origin, *waiting)

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
        return {name: [request for request, _ in origin.waiting]
                for name, origin in self._pool.origins.items() if origin.waiting}

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


class Opening:
    """One call of `create_connection`, which may answer in two ways and shall be heard once."""

    def __init__(self, agent: Agent, origin: Origin, request: ClientRequest, options: RequestOptions) -> None:
        self._agent: Agent | None = agent
        self._for = origin, request, options

    def done(self, error: Exception | None = None, stream: Any = None, /) -> None:
        agent, self._agent = self._agent, None
        origin, request, options = self._for
        if agent is None:
            if stream is not None and error is None:
                stream.destroy()        # two answers: nobody would ever close the second
        elif error is not None:
            agent._open_failed(origin, request, error)
        elif not callable(getattr(stream, "write", None)):
            agent._open_failed(origin, request, invalid_type("create_connection()'s result", "a Duplex", stream))
        else:
            agent._opened(origin, request, options, stream)


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
