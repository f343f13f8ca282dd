"""The functions of `net`: short ways to a `Server` and a `Socket`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

from .server import Server
from .socket import Socket

__all__ = ["connect", "create_connection", "create_server", "listen"]

_SOCKET_OPTIONS = ("allow_half_open", "no_delay", "keep_alive", "keep_alive_initial_delay", "type_of_service",
                   "block_list", "high_water_mark", "onread", "signal", "handle")
_SERVER_OPTIONS = ("allow_half_open", "pause_on_connect", "no_delay", "keep_alive", "keep_alive_initial_delay",
                   "high_water_mark", "block_list")

Listener = Callable[[], object]


def create_server(listener: Callable[[Socket], object] | None = None, /, **options: Any) -> Server:
    """A new server; `listener` is called with each accepted socket.  The options are those of `Server`.

    Source: https://nodejs.org/api/net.html#netcreateserveroptions-connectionlistener
    """
    return Server(listener, **options)


@overload
def connect(port: int | str, host: str, listener: Listener | None = None, /, **options: Any) -> Socket: ...
@overload
def connect(port: int | str, listener: Listener | None = None, /, **options: Any) -> Socket: ...
@overload
def connect(path: Any, listener: Listener | None = None, /, **options: Any) -> Socket: ...
@overload
def connect(listener: Listener, /, **options: Any) -> Socket: ...
@overload
def connect(**options: Any) -> Socket: ...


def connect(*args: Any, **options: Any) -> Socket:
    """Connect to a server; returns the socket at once, still connecting.  ``await`` it to wait for the connection.

        connect(port[, host][, listener])       TCP; host is "localhost" by default
        connect(path[, listener])               a UNIX socket
        connect([listener, ]**options)

    `listener` is called once, at `connect`.  Options, besides those of `Socket`:
        port, host, path: where to.
        family: 4 or 6 to use only such addresses (default 0: both).
        hints: ``socket.AI_*`` flags of the look-up.
        local_address, local_port: where to connect from.
        lookup: a function instead of the system's look-up: ``lookup(hostname, callback, family=, hints=, all=)``.
        auto_select_family: race the addresses of the name (default True; see RFC 8305).
        auto_select_family_attempt_timeout: milliseconds before the next address is tried as well (default 500, at least 10).
        timeout: milliseconds, as `set_timeout` before connecting.

    Errors come as an `error` event: the built-in ConnectionRefusedError, TimeoutError, ... with `code`, `address` and
    `port`; an AggregateError when several addresses failed.  Wrong arguments raise at once.

    Source: https://nodejs.org/api/net.html#netconnect
    """
    for_socket = {name: options.pop(name) for name in _SOCKET_OPTIONS if name in options}
    timeout = options.pop("timeout", None)
    socket = Socket(**for_socket)
    if timeout is not None:
        socket.set_timeout(timeout)
    return socket.connect(*args, **options)


create_connection = connect


async def listen(*args: Any, **options: Any) -> Server:
    """Make a server and wait until it listens: ``server = await net.listen(8124, on_connection)``.

    The arguments are those of `Server.listen`, the options those of `create_server` too; the trailing listener is for
    `connection`.  Cancelling closes the server.

    Source: https://nodejs.org/api/net.html (net/promises)
    """
    listener = None
    if args and callable(args[-1]):
        listener, args = args[-1], args[:-1]
    for_server = {name: options.pop(name) for name in _SERVER_OPTIONS if name in options}
    return await Server(listener, **for_server).listen(*args, **options)
