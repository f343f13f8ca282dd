"""The way to a listening socket: arguments, look-up of the host, binding."""

from __future__ import annotations

import os
import socket as _socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import StateError, invalid_type, invalid_value, out_of_range, system_error, unavailable
from ..loop.origin import caller
from .address import check_port, is_ip
from .bound_socket import BoundSocket, bind_path, bind_port, unlink_path
from .opening import adopted_fd
from .paths import path_of

if TYPE_CHECKING:
    from .server import Server

__all__ = ["Listen", "ListenOptions", "start"]

BACKLOG = 511       # as Node's; the kernel lowers it to net.core.somaxconn


class ListenOptions:
    """Where and how to listen, checked.  The keyword arguments of `Server.listen`."""

    def __init__(self, *, port: int | str | None = None, host: str | None = None, path: Any = None, handle: Any = None,
                 fd: int | None = None, backlog: int | None = None, ipv6_only: bool = False, reuse_port: bool = False,
                 exclusive: bool = False, readable_all: bool = False, writable_all: bool = False,
                 signal: Any = None) -> None:
        self.handle = fd if handle is None else handle
        self.port = 0 if port is None else check_port("port", port)
        self.path = None if path is None or port is not None else path_of(path)
        if host is not None and not isinstance(host, str):
            raise invalid_type("host", "a str", host)
        self.host = host or None
        backlog = BACKLOG if backlog is None else backlog
        if not isinstance(backlog, int) or isinstance(backlog, bool):
            raise invalid_type("backlog", "an int", backlog)
        if backlog < 0:
            raise out_of_range("backlog", ">= 0", backlog)
        self.backlog = min(backlog, 2**31 - 1) or BACKLOG
        for name, value in (("ipv6_only", ipv6_only), ("reuse_port", reuse_port), ("exclusive", exclusive),
                            ("readable_all", readable_all), ("writable_all", writable_all)):
            if not isinstance(value, bool):
                raise invalid_type(name, "a bool", value)
        if reuse_port and not hasattr(_socket, "SO_REUSEPORT"):
            raise unavailable("reuse_port", "this system has no SO_REUSEPORT")
        self.ipv6_only = ipv6_only
        self.reuse_port = reuse_port
        self.mode = (0o444 if readable_all else 0) | (0o222 if writable_all else 0)
        self.signal = signal


def parse(args: tuple[Any, ...], options: dict[str, Any]) -> tuple[ListenOptions, Callable[[], object] | None]:
    """The forms that `Server.listen` lists."""
    listener = None
    if args and (callable(args[-1]) or args[-1] is None):
        listener, args = args[-1], args[:-1]
    names: tuple[str, ...] = ("port", "host", "backlog")
    if args and isinstance(args[0], str | bytes | os.PathLike) and not _is_port(args[0]):
        names = ("path", "backlog")
    elif args and not isinstance(args[0], int | str) and args[0] is not None:
        names = ("handle", "backlog")
    elif len(args) == 2 and isinstance(args[1], int):
        names = ("port", "backlog")
    if len(args) > len(names):
        raise TypeError(f"listen() takes {', '.join(names)} and a listener by position; got {len(args)} before it")
    positional = dict(zip(names, args, strict=False))
    for key in positional:
        if key in options:
            raise TypeError(f"listen() got {key!r} both by position and by keyword")
    return ListenOptions(**options, **positional), listener


def _is_port(value: Any) -> bool:
    return isinstance(value, str) and value.strip().isdigit()


def start(server: Server, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    """What `server.listen` does."""
    if server._handle is not None or server._listening is not None:
        raise StateError("listen() was called on a server that listens, or is about to", "ERR_SERVER_ALREADY_LISTEN")
    wanted, listener = parse(args, options)
    if wanted.handle is not None:
        check_handle(wanted.handle)
    if listener is not None:
        server.once("listening", listener)
    if wanted.signal is not None:
        _close_on_abort(server, wanted.signal)
    server._listening = Listen(server, wanted)
    server._listening.start()


def check_handle(handle: Any) -> None:
    if isinstance(handle, bool) or not (isinstance(handle, int) or hasattr(handle, "fileno")
                                        or isinstance(handle, BoundSocket)):
        raise invalid_type("handle", "a Server, a Socket, a BoundSocket, a Python socket or a descriptor", handle)


def _close_on_abort(server: Server, signal: Any) -> None:
    from ..events.abort import add_abort_listener
    if signal.aborted:
        server._loop.next_tick(server.close)
        return
    disposable = add_abort_listener(signal, lambda *_: server.close())
    server.once("close", lambda: disposable.__exit__(None, None, None))


class Listen:
    """A listen() under way: until `listening` or `error`, which come on a later tick."""

    def __init__(self, server: Server, options: ListenOptions) -> None:
        self._server = server
        self._options = options
        self._lookup: Any = None
        self.origin = caller()

    def start(self) -> None:
        host = self._options.host
        if host is None or is_ip(host) or self._options.path is not None or self._options.handle is not None:
            self._bind(host)
            return
        from ..dns.lookup import SystemLookup
        self._lookup = SystemLookup(self._server._loop, host, self._resolved)

    def cancel(self) -> None:
        if self._lookup is not None:
            self._lookup.cancel()

    def _resolved(self, error: Exception | None, addresses: Sequence[tuple[str, int]]) -> None:
        if self._server._listening is self:
            if error is not None:
                self._fail(error)
            else:
                self._bind(addresses[0][0])

    def _bind(self, host: str | None) -> None:
        """Bind now, so that the port is ours when listen() returns, and tell on the next tick."""
        options = self._options
        try:
            bound, path = open_socket(options, host)
            self._server._bound(bound, options.backlog, path)
        except (OSError, StateError) as error:
            self._server._loop.hold()
            self._server._loop.next_tick(self._fail_later, (error,))
            return
        self._server._loop.next_tick(self._tell)

    def _tell(self) -> None:
        server = self._server
        if server._listening is self:
            server._listening = None
            server.emit("listening")

    def _fail_later(self, error: Exception) -> None:
        self._server._loop.release()
        if self._server._listening is self:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self._server._listening = None
        self._server.emit("error", error)


def open_socket(options: ListenOptions, host: str | None) -> tuple[_socket.socket, str | bytes | None]:
    """The bound socket, and the path that is ours to remove."""
    if options.handle is not None:
        return _from_handle(options.handle), None
    if options.path is not None:
        bound = bind_path(options.path)
        try:
            _open_to_others(options)
        except OSError as error:
            bound.close()
            unlink_path(options.path)
            raise system_error(error.errno or 0, "chmod", os.fsdecode(options.path)) from error
        return bound, options.path
    return bind_port(host, options.port, ipv6_only=options.ipv6_only, reuse_port=options.reuse_port), None


def _open_to_others(options: ListenOptions) -> None:
    if options.mode and options.path is not None and not os.fsencode(options.path).startswith(b"\0"):
        os.chmod(options.path, os.stat(options.path).st_mode | options.mode)


def _from_handle(handle: Any) -> _socket.socket:
    if isinstance(handle, BoundSocket):
        return handle.take()
    if hasattr(handle, "_handle"):          # a Server or a Socket of ours keeps its own descriptor
        own = handle._handle
        if own is None:
            raise invalid_value("handle", "open", handle)
        return _socket.socket(fileno=os.dup(own.fd))
    return _socket.socket(fileno=adopted_fd("handle", handle))
