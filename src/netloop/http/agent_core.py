"""AgentCore: how an agent gives requests their connections, and keeps those that can be used again.

`AgentPool` decides; here connections are opened, handed out and let go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import invalid_type
from ..events.emitter import EventEmitter
from ..stream.duplex import Duplex
from .agent_pool import AgentPool, Origin
from .client_connection import ClientConnection

if TYPE_CHECKING:
    from collections.abc import Callable

    from .client_options import RequestOptions
    from .client_request import ClientRequest
    from .proxies import Proxies

__all__ = ["AgentCore"]

_MOST_NAMES = 1000              # as many origins a program may ask in turns without their names being made again


class AgentCore(EventEmitter):
    """The part of `Agent` that deals with connections."""

    if TYPE_CHECKING:
        options: dict[str, Any]
        keep_alive: bool
        keep_alive_msecs: int
        timeout: int | None
        _pool: AgentPool
        _buffer_ms: int
        _proxies: Proxies | None
        _names: dict[tuple[str, int], str]      # of origins that are host and port, by these
        _serves_waiting: bool                   # now

    # --- a request wants a connection -----------------------------------------------------------------------------

    def add_request(self, request: ClientRequest, options: RequestOptions) -> None:
        """Give `request` a connection, as soon as there may be one."""
        if self._proxies is not None:
            self._proxies.apply(request, options)
        pool = self._pool
        origin = pool.origin(self._name_of(options))
        connection = None if request._replayed else pool.take_idle(origin)     # one kept as long may be lost as well
        if connection is not None:
            connection.rouse()
            if self._reused(connection, request):
                connection.serve(request)
        elif pool.may_open(origin):
            self._open(origin, request, options)
        else:
            pool.wait(origin, request, options)

    def _name_of(self, options: RequestOptions) -> str:
        if options.create_connection is not None:
            return f"{self.get_name(**options.connect)}:by {_identity(options.create_connection)}"
        if options.proxy is not None:
            return f"{options.proxy.protocol}//{self.get_name(**options.connect)}"
        if not options.only_address or self._proxies is not None:
            return self.get_name(**options.connect)
        address = options.host, options.port
        name = self._names.get(address)
        if name is None:
            if len(self._names) >= _MOST_NAMES:
                self._names.clear()
            name = self._names[address] = self.get_name(**options.connect)
        return name

    def _reused(self, connection: ClientConnection, request: ClientRequest) -> bool:
        """Have the hook know; what it raises is the error of the request, as what `create_connection` raises."""
        try:
            self.reuse_socket(connection.socket, request)
        except Exception as error:
            self._removed(connection)
            connection.retire()
            request.destroy(error)
            return False
        return True

    def _open(self, origin: Origin, request: ClientRequest, options: RequestOptions) -> None:
        spare = self._pool.open(origin)
        if spare is not None:
            spare.retire()
        opening = request._opening = Opening(self, origin, request, options)
        error, stream = self._create(options, opening.done)
        if error is not None or stream is not None:
            opening.done(error, stream)

    def _create(self, options: RequestOptions, callback: Callable[..., object]) -> tuple[Exception | None, Any]:
        """A stream, or why there is none; neither where `callback` will be told.

        What is raised is dealt with by the caller, outside of the `except`: it would be the context of what follows.
        """
        create = options.create_connection or self.create_connection
        if options.proxy is not None and options.proxy.protocol == "https:":
            from .proxies import connect_securely
            create = connect_securely
        try:
            return None, create(callback, **self._connect_options(options))
        except Exception as error:
            return error, None

    def _connect_options(self, options: RequestOptions) -> dict[str, Any]:
        """What `create_connection` gets: of the agent, then of the request."""
        wanted = self.options | options.connect
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
            connection.serve(request)

    def _serve_on(self, stream: Any, request: ClientRequest, options: RequestOptions) -> None:
        """Have a stream that came from elsewhere serve a request."""
        origin = self._pool.origin(self.get_name(**options.connect))
        self._pool.open(origin)
        self._opened(origin, request, options, stream)

    def _open_failed(self, origin: Origin, request: ClientRequest, error: Exception) -> None:
        self._pool.open_failed(origin)
        request.destroy(error)
        self._serve_waiting()

    # --- a connection is free, or gone ----------------------------------------------------------------------------

    def _released(self, connection: ClientConnection) -> None:
        """A request is done, and its connection may serve another."""
        origin: Origin = connection.origin
        waiting = None
        if origin.waiting and connection.still_connected():
            waiting = self._pool.next_waiting(origin)
        if waiting is not None:
            connection.serve(waiting[0])
            return
        idle_ms = self._idle_timeout(connection)
        if (self.keep_alive and idle_ms != 0 and connection.usable() and self._pool.may_keep(origin)
                and self._keeps(connection)):
            self._pool.keep(connection)
            connection.rest(idle_ms)
            self._tell_free(connection)
        else:
            self._pool.remove(connection)
            connection.retire()
        self._serve_waiting()

    def _keeps(self, connection: ClientConnection) -> bool:
        """What the hook says; one that raises keeps nothing."""
        try:
            return self.keep_socket_alive(connection.socket)
        except Exception as raised:
            connection.socket._loop.report(raised)
            return False

    def _tell_free(self, connection: ClientConnection) -> None:
        """Where a listener raises, others wait for a connection all the same."""
        if self._has_listeners("free"):
            try:
                self.emit("free", connection.socket, connection.options)
            except Exception as raised:
                connection.socket._loop.report(raised)

    def _idle_timeout(self, connection: ClientConnection) -> int:
        """Milliseconds that a connection may be idle; 0: it must not be kept, -1: for ever."""
        idle_ms = self.timeout or -1
        hint = connection.keep_alive_hint()
        if hint >= 0:
            hint = max(0, hint - self._buffer_ms)
            return hint if idle_ms < 0 else min(hint, idle_ms)
        return idle_ms

    def _removed(self, connection: ClientConnection) -> None:
        """The connection closed, or somebody took it for himself."""
        if self._pool.remove(connection):
            self._serve_waiting()

    def _serve_waiting(self) -> None:
        """There may be room for a connection that somebody waits for.

        One that cannot be opened makes room at once, and so leads here again: for that the loop below is there already.
        """
        pool = self._pool
        if pool.waiting == 0 or self._serves_waiting:
            return
        self._serves_waiting = True
        try:
            while (found := pool.next_to_open()) is not None:
                self._open(*found)
        finally:
            self._serves_waiting = False

    # --- hooks, see `Agent` ---------------------------------------------------------------------------------------

    def get_name(self, **options: Any) -> str:
        raise NotImplementedError

    def create_connection(self, callback: Any = None, /, **options: Any) -> Duplex | None:
        raise NotImplementedError

    def _give_up_opening(self, callback: Callable[..., object]) -> None:
        """Nobody waits any more for the connection that `create_connection` was to give to `callback`.

        It may fail then, or come all the same: another request gets it.
        """

    def keep_socket_alive(self, socket: Any) -> bool:
        return True

    def reuse_socket(self, socket: Any, request: ClientRequest) -> None:
        pass


def _identity(function: Any) -> str:
    """What tells a function from others while the options of a request refer to it; a method is made anew at each use."""
    return f"{id(getattr(function, '__self__', None)):x}.{id(getattr(function, '__func__', function)):x}"


class Opening:
    """One call of `create_connection`, which may answer in two ways and shall be heard once."""

    def __init__(self, agent: AgentCore, origin: Origin, request: ClientRequest, options: RequestOptions) -> None:
        self._agent: AgentCore | None = agent
        self._for = origin, request, options
        self._stream: Any = None

    def done(self, error: Exception | None = None, stream: Any = None, /) -> None:
        agent, self._agent = self._agent, None
        origin, request, options = self._for
        if agent is None:
            if stream is not None and stream is not self._stream and error is None:
                stream.destroy()        # two streams: nobody would ever close the second
            return
        self._stream = stream
        if error is not None:
            agent._open_failed(origin, request, error)
        elif not isinstance(stream, Duplex):
            agent._open_failed(origin, request, invalid_type("create_connection()'s result", "a Duplex", stream))
        else:
            agent._opened(origin, request, options, stream)

    def give_up(self) -> None:
        """The request does not want the connection any more."""
        if self._agent is not None:
            self._agent._give_up_opening(self.done)
