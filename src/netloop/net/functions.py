"""The functions of `net`: short ways to a `Server` and a `Socket`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Never, TypeAlias, Unpack, overload

from ..errors import AbortError, StateError, check_options
from ..timers import milliseconds
from .server import Server
from .socket import Socket

if TYPE_CHECKING:
    from .keywords import ClientKeywords, Handle, ListeningServerKeywords, Path, Port, ServerKeywords

__all__ = ["connect", "create_connection", "create_server", "listen"]

_SOCKET_OPTIONS = ("allow_half_open", "no_delay", "keep_alive", "keep_alive_initial_delay", "type_of_service",
                   "block_list", "high_water_mark", "onread", "signal", "handle")
_SERVER_OPTIONS = ("allow_half_open", "pause_on_connect", "no_delay", "keep_alive", "keep_alive_initial_delay",
                   "high_water_mark", "block_list")

Listener: TypeAlias = Callable[[], object]
OnConnection: TypeAlias = Callable[[Socket], object]


def create_server(listener: OnConnection | None = None, /, *more: Never,
                  **options: Unpack[ServerKeywords]) -> Server:
    """A new server; `listener` is called with each accepted socket.  The options are those of `Server`.

    Source: https://nodejs.org/api/net.html#netcreateserveroptions-connectionlistener
    """
    try:
        return Server(listener, *more, **options)
    except TypeError:
        from . import keywords
        check_options("net.create_server", (listener, *more), options,
                      keywords.ServerKeywords.__annotations__)
        raise


@overload
def connect(port: Port, host: str | None, listener: Listener | None = None, /,
            **options: Unpack[ClientKeywords]) -> Socket: ...
@overload
def connect(port_or_path: Port | Path, listener: Listener | None = None, /,
            **options: Unpack[ClientKeywords]) -> Socket: ...
@overload
def connect(listener: Listener, /, **options: Unpack[ClientKeywords]) -> Socket: ...
@overload
def connect(**options: Unpack[ClientKeywords]) -> Socket: ...


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
    from .connect_options import parse
    from .connecting import start
    for_socket = {name: options.pop(name) for name in _SOCKET_OPTIONS if name in options}
    timeout = options.pop("timeout", None)
    idle_ms = 0 if timeout is None else milliseconds("timeout", timeout)
    try:
        wanted, listener = parse(args, options)     # wrong arguments raise before anything is opened
    except TypeError:
        from . import keywords
        check_options("net.connect", args, options, keywords.ClientKeywords.__annotations__)
        raise
    socket = Socket(**for_socket).set_timeout(idle_ms)
    if listener is not None:
        socket.once("connect", listener)
    if not socket.destroyed:                    # by a signal that had been aborted
        start(socket, wanted)
    return socket


create_connection = connect


@overload
async def listen(port: Port | None, host: str | None, backlog: int | None, listener: OnConnection | None = None, /,
                 **options: Unpack[ListeningServerKeywords]) -> Server: ...
@overload
async def listen(port: Port | None, host: str | None, listener: OnConnection | None = None, /,
                 **options: Unpack[ListeningServerKeywords]) -> Server: ...
@overload
async def listen(where: Port | Path | Handle | None, backlog: int | None, listener: OnConnection | None = None, /,
                 **options: Unpack[ListeningServerKeywords]) -> Server: ...
@overload
async def listen(where: Port | Path | Handle | None, listener: OnConnection | None = None, /,
                 **options: Unpack[ListeningServerKeywords]) -> Server: ...
@overload
async def listen(listener: OnConnection, /, **options: Unpack[ListeningServerKeywords]) -> Server: ...
@overload
async def listen(**options: Unpack[ListeningServerKeywords]) -> Server: ...


async def listen(*args: Any, **options: Any) -> Server:
    """Make a server and wait until it listens: ``server = await net.listen(8124, on_connection)``.

    The arguments are those of `Server.listen`, the options those of `create_server` too; the trailing listener is for
    `connection`.  Cancelling closes the server.

    Raises what `Server.listen` raises and what `error` would tell; AbortError when `signal` aborted before.
    Source: https://nodejs.org/api/net.html#netpromiseslistenoptions
    """
    listener = None
    if args and callable(args[-1]):
        listener, args = args[-1], args[:-1]
    for_server = {name: options.pop(name) for name in _SERVER_OPTIONS if name in options}
    signal = options.get("signal")
    server = Server(listener, **for_server)
    try:
        server.listen(*args, **options)
    except TypeError:
        from . import keywords
        check_options("net.listen", args if listener is None else (*args, listener), options,
                      keywords.ListeningServerKeywords.__annotations__)
        raise
    try:
        await server
    except StateError:              # closed before it listened
        if signal is None or not signal.aborted:
            raise
    if signal is not None and signal.aborted and not server.listening:
        raise AbortError(cause=signal.reason)
    return server
