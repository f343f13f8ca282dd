"""Server: accepts connections and makes a `Socket` of each."""

from __future__ import annotations

import os
import socket as _socket
from collections.abc import AsyncIterator, Callable, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from .._engine.listen_handle import ListenHandle
from ..addresses import descriptor
from ..addresses.arguments import check_block_list
from ..addresses.paths import SocketFile, shown
from ..addresses.socket_address import AddressInfo
from ..diagnostics import channel
from ..errors import StateError, invalid_type, out_of_range, system_error
from ..events.emitter import EventEmitter
from ..events.listener import call_fitting
from ..loop import current
from ..stream.state import chosen_high_water_mark
from . import options
from .socket import Socket, accepted
from .waiting import connections, listening_or_closed

if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Self, TypeAlias, Unpack, overload

    from ..addresses.block_list import BlockList
    from ..loop import Loop
    from .keywords import Handle, ListenKeywords, Path, Port
    from .listening import Listen
    from .signatures import server_off, server_on

    Listener: TypeAlias = Callable[[], object]

__all__ = ["DropInfo", "Server"]

_LISTEN = channel("net.server.listen")
_CONNECTION = channel("net.server.connection")
_DROP = channel("net.server.drop")
_CLOSE = channel("net.server.close")


class Server(EventEmitter):
    """A TCP or UNIX server.

    Options (keyword arguments):
        allow_half_open: False (default): an accepted socket ends by itself when its peer has finished.
        pause_on_connect: accepted sockets read nothing until `resume` (default False).
        no_delay, keep_alive, keep_alive_initial_delay: as of `Socket`, for each accepted socket.
        high_water_mark: bytes, for both halves of accepted sockets (default 64 KiB).
        block_list: a `BlockList` of peers whose connections are closed at once, with no event.

    Attributes:
        max_connections: how many connections at once; more are closed, with a `drop` event.  None (default): no limit.
        drop_max_connection: of Node's cluster, which netloop does not have: a process is not told of others.

    Events:
        listening: the server is bound.
        connection (socket): a connection was accepted.
        drop (DropInfo, or None on a UNIX socket): a connection was closed because of `max_connections`.
        error (exception): it could not listen, or cannot accept.  `listen` may be called again.
        close: closed, and all connections have ended.

    When the process has no descriptor left, that is no error: connections wait in the backlog until one is free.

    ``await server`` waits for `listening`, or after `close()` for `close`; ``async with server`` closes at the end;
    ``async for socket in server`` gives the connections.

    Source: https://nodejs.org/api/net.html#class-netserver
    """

    if TYPE_CHECKING:  # typed events, see events/signatures.py
        on = add_listener = once = server_on                        # type: ignore[assignment]
        prepend_listener = prepend_once_listener = server_on        # type: ignore[assignment]
        off = remove_listener = server_off

        _loop: Loop
        _handle: ServerHandle | None
        _max_connections: int | None
        drop_max_connection: bool
        _settings: dict[str, Any] | None
        _options_to_set: list[tuple[int, int, int]] | None      # on each accepted descriptor
        _block_list: BlockList | None
        _high_water_mark: int | None
        allow_half_open: bool
        pause_on_connect: bool
        _connections: int
        _refd: bool
        _closing: bool
        _tcp: bool
        _listening: Listen | None
        _forget_signal: Callable[[], object] | None
        _address: AddressInfo | str | None
        _file: SocketFile | None                # ours to remove

    def __init__(self, listener: Callable[[Socket], object] | None = None, *, allow_half_open: bool = False,
                 pause_on_connect: bool = False, no_delay: bool = False, keep_alive: bool = False,
                 keep_alive_initial_delay: float | timedelta = 0, high_water_mark: int | None = None,
                 block_list: BlockList | None = None) -> None:
        if listener is not None and not callable(listener):
            raise invalid_type("listener", "a function of the accepted socket", listener)
        check_block_list(block_list)
        self._loop = current()
        self._handle = self._listening = self._forget_signal = None
        self._address = self._file = self._max_connections = None
        self.drop_max_connection = False
        self.allow_half_open = allow_half_open
        self.pause_on_connect = pause_on_connect
        self._high_water_mark = None if high_water_mark is None else chosen_high_water_mark(high_water_mark, False)
        self._block_list = block_list
        self._connections = 0
        self._refd = True
        self._closing = self._tcp = False
        settings: dict[str, Any] = {"no_delay": True} if no_delay else {}
        if keep_alive:
            settings["keep_alive"] = options.check_keep_alive(True, keep_alive_initial_delay, 1000, 10)
        self._settings = settings or None
        self._options_to_set = None
        if listener is not None:
            self.on("connection", listener)

    # --- listening -----------------------------------------------------------------------------------------------

    if TYPE_CHECKING:
        @overload
        def listen(self, port: Port | None, host: str | None, backlog: int | None = None,
                   listener: Listener | None = None, /, **options: Unpack[ListenKeywords]) -> Self: ...
        @overload
        def listen(self, port: Port | None, host: str | None, listener: Listener, /,
                   **options: Unpack[ListenKeywords]) -> Self: ...
        @overload
        def listen(self, where: Port | Path | Handle | None, backlog: int | None, listener: Listener | None = None, /,
                   **options: Unpack[ListenKeywords]) -> Self: ...
        @overload
        def listen(self, where: Port | Path | Handle | None, listener: Listener | None = None, /,
                   **options: Unpack[ListenKeywords]) -> Self: ...
        @overload
        def listen(self, listener: Listener, /, **options: Unpack[ListenKeywords]) -> Self: ...
        @overload
        def listen(self, **options: Unpack[ListenKeywords]) -> Self: ...

    def listen(self, *args: Any, **options: Any) -> Self:
        """Listen; returns the server at once, and `listening` or `error` follows.

            listen([port[, host[, backlog]]][, listener])   port 0 or none: the system chooses, see `address()`
            listen(path[, backlog][, listener])             a UNIX socket; a str beginning with NUL is an abstract name
            listen(handle[, backlog][, listener])           a `Server`, a `BoundSocket`, a Python socket
            listen([listener, ]port=, host=, path=, handle=, fd=, backlog=511, ipv6_only=False, reuse_port=False,
                   exclusive=False, readable_all=False, writable_all=False, signal=None)

        Without a host it listens on all addresses of both families.  A name is looked up, and its first address
        taken.  `backlog`: connections the kernel keeps until they are accepted.  `readable_all`, `writable_all`: who
        may use a UNIX socket.  `exclusive` is of Node's cluster: a netloop server never shares its handle.

        Raises StateError (ERR_SERVER_ALREADY_LISTEN), and for wrong arguments ArgumentTypeError or ArgumentValueError.

        Source: https://nodejs.org/api/net.html#serverlisten
        """
        from .listening import start
        if self._handle is None and self._listening is None and self._connections == 0:
            self._loop = current()              # that of the caller, wherever the server was made
        start(self, args, options)
        return self

    def _bound(self, python_socket: _socket.socket, backlog: int, file: SocketFile | None) -> None:
        """Own a bound socket, and accept from it."""
        try:
            python_socket.listen(backlog)
            address = descriptor.bound_name(python_socket)
        except OSError as error:
            python_socket.close()
            if file is not None:
                file.remove()
            raise system_error(error.errno or 0, "listen") from error
        self._address = address
        self._file = file
        self._tcp = python_socket.family in (_socket.AF_INET, _socket.AF_INET6)
        if self._settings is not None and self._tcp:
            self._options_to_set = options.as_system_options(self._settings)
        handle = self._handle = ServerHandle(self._loop, python_socket.detach())
        handle.server = self
        handle.origin = self._listening.origin if self._listening is not None else None
        if not self._refd:
            handle.unref()
        handle.start()
        if _LISTEN.subscribers is not None:
            _LISTEN.publish({"server": self})

    def _accept(self, fd: int) -> None:
        """A connection: check it, then give it to the listeners."""
        if self._block_list is not None and self._is_blocked(fd):
            os.close(fd)
            return
        if self._max_connections is not None and self._connections >= self._max_connections:
            self._drop(fd)
            return
        self._connections += 1
        socket = accepted(self, self._loop, fd, self._high_water_mark, self.allow_half_open, self.pause_on_connect,
                          self._options_to_set)
        if _CONNECTION.subscribers is not None:
            _CONNECTION.publish({"server": self, "socket": socket})
        self._emit1("connection", socket)

    def _is_blocked(self, fd: int) -> bool:
        peer = descriptor.remote_address(fd)
        return peer is not None and self._block_list is not None and self._block_list.check(
            peer.address, peer.family.lower())

    def _drop(self, fd: int) -> None:
        info = _drop_info(fd)
        os.close(fd)
        if _DROP.subscribers is not None:
            _DROP.publish({"server": self, "info": info})
        self._emit1("drop", info)

    # --- ending --------------------------------------------------------------------------------------------------

    def close(self, callback: Callable[..., object] | None = None) -> Self:
        """Stop accepting; connections live on, and `close` follows when the last one has ended.

        `callback` is called with nothing at `close`, or with ERR_SERVER_NOT_RUNNING when the server is not open.

        Source: https://nodejs.org/api/net.html#serverclosecallback
        """
        if callback is not None and not callable(callback):
            raise invalid_type("callback", "a function", callback)
        is_open = self._handle is not None or self._listening is not None
        if callback is not None:
            if is_open:
                self.once("close", callback)
            else:
                error = StateError("Server is not running", "ERR_SERVER_NOT_RUNNING")
                self.once("close", lambda: call_fitting(callback, (error,)))
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.cancel()
        self._leave_signal()
        self._release_handle()
        self._closing = True
        self._close_if_drained()
        return self

    def _leave_signal(self) -> None:
        forget, self._forget_signal = self._forget_signal, None
        if forget is not None:
            forget()

    def _release_handle(self) -> None:
        handle, self._handle = self._handle, None
        if handle is None:
            return
        handle.close()
        handle.server = None
        if self._file is not None:
            self._file.remove()
        self._address = self._file = None

    def _connection_closed(self) -> None:
        self._connections -= 1
        if self._closing:
            self._close_if_drained()

    def _close_if_drained(self) -> None:
        if self._handle is None and self._connections == 0 and self._closing:
            self._loop.next_tick(self._emit_closed)

    def _emit_closed(self) -> None:
        if not self._closing or self._connections:
            return
        self._closing = False
        if _CLOSE.subscribers is not None:
            _CLOSE.publish({"server": self})
        self._emit0("close")

    def _accept_failed(self, error: int, syscall: str) -> None:
        self._emit1("error", system_error(error, syscall))

    # --- asking --------------------------------------------------------------------------------------------------

    def address(self) -> AddressInfo | str | None:
        """The bound address, family ("IPv4" or "IPv6") and port, or the path; None before `listening` and after `close`."""
        return None if self._listening is not None else self._address

    @property
    def listening(self) -> bool:
        """Whether the server is bound."""
        return self._handle is not None

    @property
    def closing(self) -> bool:
        """Whether `close` was called and is still to come."""
        return bool(self._closing)

    @property
    def max_connections(self) -> int | None:
        """How many connections at once; those beyond are closed, with a `drop` event.  None (default): no limit.

        0 drops every connection.  Raises ArgumentTypeError, ArgumentValueError (ERR_OUT_OF_RANGE) when it is set.
        """
        return self._max_connections

    @max_connections.setter
    def max_connections(self, value: int | None) -> None:
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise invalid_type("max_connections", "an int or None", value)
        if value is not None and value < 0:
            raise out_of_range("max_connections", ">= 0", value)
        self._max_connections = value

    def get_connections(self, callback: Callable[[Exception | None, int], object] | None = None) -> Any:
        """``callback(error, count)`` with the number of open connections; without a callback an awaitable of it."""
        if callback is None:
            return _now(self._connections)
        if not callable(callback):
            raise invalid_type("callback", "a function of (error, count)", callback)
        self._loop.next_tick(call_fitting, (callback, (None, self._connections)))
        return self

    @property
    def connections(self) -> int:
        """Deprecated: the number of open connections; use `get_connections`."""
        import warnings
        warnings.warn("server.connections is deprecated: use get_connections()", DeprecationWarning, stacklevel=2)
        return self._connections

    def ref(self) -> Self:
        """Let the server keep the loop alive (the default)."""
        self._refd = True
        if self._handle is not None:
            self._handle.ref()
        return self

    def unref(self) -> Self:
        """Let the loop end although the server is open.  It goes on accepting."""
        self._refd = False
        if self._handle is not None:
            self._handle.unref()
        return self

    def __repr__(self) -> str:
        where = "not listening" if self._address is None else f"on {_shown(self._address)}"
        return f"<Server {where}, {self._connections} connections>"

    # --- asyncio -------------------------------------------------------------------------------------------------

    def __await__(self) -> Generator[Any, Any, Self]:
        return listening_or_closed(self).__await__()

    async def __aenter__(self) -> Self:
        return await self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        traceback: TracebackType | None) -> None:
        """Close, and wait until the last connection has ended; a body that failed does not wait."""
        if self._handle is not None or self._listening is not None:
            self.close()
        if kind is None:
            await self

    def __aiter__(self) -> AsyncIterator[Socket]:
        return connections(self)


class DropInfo(NamedTuple):
    """Which connection was dropped."""

    local_address: str
    local_port: int
    local_family: str
    remote_address: str
    remote_port: int
    remote_family: str


class ServerHandle(ListenHandle):
    """The native handle of a server: tells it what happens."""

    if TYPE_CHECKING:
        server: Server | None

    def on_connection(self, fd: int) -> None:
        if self.server is None:
            os.close(fd)
        else:
            self.server._accept(fd)

    def on_error(self, error: int, syscall: str) -> None:
        if self.server is not None:
            self.server._accept_failed(error, syscall)

    def on_abandon(self) -> None:
        if self.server is not None:
            self.server.close()

    def describe(self) -> str:
        return repr(self.server)


def _shown(address: AddressInfo | str) -> str:
    return shown(address) if isinstance(address, str) else str(address)


def _drop_info(fd: int) -> DropInfo | None:
    local, remote = descriptor.local_address(fd), descriptor.remote_address(fd)
    if local is None or remote is None:
        return None
    return DropInfo(local.address, local.port, local.family, remote.address, remote.port, remote.family)


async def _now(value: int) -> int:
    return value
