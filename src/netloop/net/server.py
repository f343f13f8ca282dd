"""Server: accepts connections and makes a `Socket` of each."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ..addresses import descriptor
from ..addresses.arguments import check_block_list
from ..diagnostics import channel
from ..errors import invalid_type, out_of_range
from ..events.listener import call_fitting
from ..stream.state import chosen_high_water_mark
from . import options
from .handle_server import HandleServer
from .socket import Socket, accepted
from .waiting import connections

if TYPE_CHECKING:
    from datetime import timedelta

    from ..addresses.block_list import BlockList
    from .signatures import server_off, server_on

__all__ = ["DropInfo", "Server"]

_CONNECTION = channel("net.server.connection")
_DROP = channel("net.server.drop")


class Server(HandleServer):
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

        allow_half_open: bool
        pause_on_connect: bool
        drop_max_connection: bool
        _high_water_mark: int | None
        _options_for_tcp: list[tuple[int, int, int]] | None     # set on each descriptor
        _block_list: BlockList | None
        _max_connections: int | None

    def __init__(self, listener: Callable[[Socket], object] | None = None, *, allow_half_open: bool = False,
                 pause_on_connect: bool = False, no_delay: bool = False, keep_alive: bool = False,
                 keep_alive_initial_delay: float | timedelta = 0, high_water_mark: int | None = None,
                 block_list: BlockList | None = None) -> None:
        if listener is not None and not callable(listener):
            raise invalid_type("listener", "a function of the accepted socket", listener)
        check_block_list(block_list)
        HandleServer.__init__(self)
        self.allow_half_open = allow_half_open
        self.pause_on_connect = pause_on_connect
        self.drop_max_connection = False
        self._high_water_mark = None if high_water_mark is None else chosen_high_water_mark(high_water_mark, False)
        wanted = options.check_keep_alive(True, keep_alive_initial_delay, 1000, 10) if keep_alive else None
        self._options_for_tcp = options.for_accepted(no_delay, wanted)
        self._block_list = block_list
        self._max_connections = None
        if listener is not None:
            self.on("connection", listener)

    # --- connections ---------------------------------------------------------------------------------------------

    def _accept(self, fd: int) -> None:
        if not self._admits(fd):
            return
        socket = accepted(self, self._loop, fd, self._high_water_mark, self.allow_half_open, self.pause_on_connect,
                          self._options_for_tcp if self._tcp else None)
        if _CONNECTION.subscribers is not None:
            _CONNECTION.publish({"server": self, "socket": socket})
        self._emit1("connection", socket)

    def _admits(self, fd: int) -> bool:
        """Count the connection, or close it."""
        if self._block_list is not None and self._is_blocked(fd):
            os.close(fd)
            return False
        if self._max_connections is not None and self._connections >= self._max_connections:
            self._drop(fd)
            return False
        self._connections += 1
        return True

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

    # --- asking --------------------------------------------------------------------------------------------------

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


def _drop_info(fd: int) -> DropInfo | None:
    local, remote = descriptor.local_address(fd), descriptor.remote_address(fd)
    if local is None or remote is None:
        return None
    return DropInfo(local.address, local.port, local.family, remote.address, remote.port, remote.family)


async def _now(value: int) -> int:
    return value
