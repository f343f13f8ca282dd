"""The way to a listening socket: arguments, look-up of the host, binding."""

from __future__ import annotations

import os
import socket as _socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..addresses.arguments import check_port, check_reuse_port
from ..addresses.paths import SocketFile, is_abstract, path_of, shown
from ..addresses.system_lookup import system_lookup
from ..errors import (
    ArgumentValueError,
    StateError,
    check_options,
    invalid_type,
    invalid_value,
    out_of_range,
    system_error,
)
from ..ip import is_ip
from ..loop.origin import add_origin, caller
from . import connect_options, connecting  # noqa: F401  (out of descriptors, a server could not load them any more)
from .bound_socket import BoundSocket, bind_path, bind_port
from .opening import adopted_fd

if TYPE_CHECKING:
    from .handle_server import HandleServer

__all__ = ["Listen", "ListenOptions", "start"]

BACKLOG = 511       # as Node's; the kernel lowers it to net.core.somaxconn


class ListenOptions:
    """Where and how to listen, checked.  `ListenKeywords` in signatures.py has the types."""

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
        for name, value in (("ipv6_only", ipv6_only), ("exclusive", exclusive), ("readable_all", readable_all),
                            ("writable_all", writable_all)):
            if not isinstance(value, bool):
                raise invalid_type(name, "a bool", value)
        check_reuse_port(reuse_port)
        self.ipv6_only = ipv6_only
        self.reuse_port = reuse_port
        self.mode = (0o444 if readable_all else 0) | (0o222 if writable_all else 0)
        if self.handle is not None:
            _check_handle(self.handle)
        self.signal = signal
        if signal is not None:
            from ..events.abort import check_signal
            check_signal("signal", signal)


def _check_handle(handle: Any) -> None:
    if isinstance(handle, int) and not isinstance(handle, bool):
        if handle < 0:
            raise out_of_range("fd", ">= 0", handle)
    elif not (isinstance(handle, BoundSocket | _socket.socket) or hasattr(handle, "_handle")):
        raise invalid_type("handle", "a Server, a Socket, a BoundSocket, a Python socket or a descriptor", handle)


def parse(args: tuple[Any, ...], options: dict[str, Any]) -> tuple[ListenOptions, Callable[[], object] | None]:
    """The forms that `Server.listen` lists."""
    listener = None
    if args and (callable(args[-1]) or args[-1] is None):
        listener, args = args[-1], args[:-1]
    names = _names(args)
    if len(args) > len(names):
        raise TypeError(f"listen() takes {', '.join(names)} and a listener by position; got {len(args)} before it")
    for name, argument in zip(names, args, strict=False):
        if name in options:
            raise TypeError(f"listen() got {name!r} both by position and by keyword")
        options[name] = argument
    return ListenOptions(**options), listener


def _names(args: tuple[Any, ...]) -> tuple[str, ...]:
    """What the positional arguments are, by the kind of the first."""
    first = args[0] if args else None
    if isinstance(first, str | bytes | os.PathLike):
        is_port = isinstance(first, str) and first.strip().isdigit()
        if not is_port:
            return "path", "backlog"
    elif not isinstance(first, int | float | None):
        return "handle", "backlog"
    if len(args) == 2 and isinstance(args[1], int):
        return "port", "backlog"
    return "port", "host", "backlog"


def start(server: HandleServer, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    """What `server.listen` does."""
    if server._handle is not None or server._listening is not None:
        raise StateError("listen() was called on a server that listens, or is about to", "ERR_SERVER_ALREADY_LISTEN")
    try:
        wanted, listener = parse(args, options)
    except TypeError:
        from . import keywords
        check_options("listen", args, options, keywords.ListenKeywords.__annotations__)
        raise
    if listener is not None:
        server.once("listening", listener)
    Listen(server, wanted).start()


class Listen:
    """A listen() under way: until `listening` or `error`, which come on a later tick, or until close()."""

    def __init__(self, server: HandleServer, options: ListenOptions) -> None:
        self._server = server
        self._options = options
        self._lookup: Any = None
        self.origin = caller()

    def start(self) -> None:
        server, options = self._server, self._options
        server._listening = self
        server._loop.start_request(self)
        if options.signal is not None:
            from ..stream.signals import when_aborted
            server._forget_signal = when_aborted(options.signal, lambda error: server.close())
        if server._listening is not self:
            return                      # the signal had been aborted before
        if options.host is None or is_ip(options.host) or options.path is not None or options.handle is not None:
            self._bind(options.host)
        else:
            self._lookup = system_lookup(self._server._loop, options.host, self._resolved)

    def cancel(self) -> None:
        self._server._loop.end_request(self)
        if self._lookup is not None:
            self._lookup.cancel()

    def on_abandon(self) -> None:
        self._server.close()

    def describe(self) -> str:
        return repr(self._server)

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
        except (OSError, StateError, ArgumentValueError) as error:
            if self._server.listener_count("error"):
                self._server._loop.next_tick(self._fail, (error,))
            else:
                self._server._loop.after_first_steps(self._fail, error)
        else:
            self._server._loop.next_tick(self._tell)

    def _tell(self) -> None:
        server = self._server
        if server._listening is self:
            server._listening = None
            server._loop.end_request(self)
            server.emit("listening")

    def _fail(self, error: Exception) -> None:
        server = self._server
        if server._listening is self:
            server._listening = None
            server._loop.end_request(self)
            server._leave_signal()
            add_origin(error, "listen() was called", self.origin)
            server.emit("error", error)


# --- the listening socket -------------------------------------------------------------------------------------------

def open_socket(options: ListenOptions, host: str | None) -> tuple[_socket.socket, SocketFile | None]:
    """The bound socket, and the file that is ours to remove after it."""
    if options.handle is not None:
        return _from_handle(options.handle)
    if options.path is not None:
        return _from_path(options.path, options.mode)
    return bind_port(host, options.port, ipv6_only=options.ipv6_only, reuse_port=options.reuse_port), None


def _from_path(path: str | bytes, mode: int) -> tuple[_socket.socket, SocketFile | None]:
    bound = bind_path(path)
    file = SocketFile.of(path)
    try:
        if mode and not is_abstract(path):
            os.chmod(path, os.stat(path).st_mode | mode)
    except OSError as error:
        bound.close()
        if file is not None:
            file.remove()
        raise system_error(error.errno or 0, "chmod", shown(path)) from error
    return bound, file


def _from_handle(handle: Any) -> tuple[_socket.socket, SocketFile | None]:
    if isinstance(handle, BoundSocket):
        return handle.take()
    if hasattr(handle, "_handle"):          # a Server or a Socket of ours keeps its own descriptor
        if handle._handle is None:
            raise invalid_value("handle", "open", handle)
        return _socket.socket(fileno=os.dup(handle._handle.fd)), None
    return _socket.socket(fileno=adopted_fd("handle", handle)), None
