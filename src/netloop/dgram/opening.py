"""The ways to a bound socket and to a connected one.

Both are made of a look-up, if there is a name, and a system call that returns at once.  What needs no look-up is done in the
call, so that the port is known when it returns; the event comes on a later tick all the same.
"""

from __future__ import annotations

import errno
import os
import socket as _socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from .._engine.peers import find_peer
from ..diagnostics import channel
from ..errors import StateError, invalid_value, system_error
from ..events.listener import call_fitting
from ..loop.origin import add_origin, caller
from .lookups import Lookup, loopback, unspecified

if TYPE_CHECKING:
    from .._engine.peers import Peer
    from .arguments import Where
    from .binding import Bindable
    from .endpoint import DatagramSocketHandle
    from .socket import Socket

__all__ = ["Bind", "Connect", "Opening", "open_socket"]

_LISTENING = channel("dgram.listening")
_CONNECT = channel("dgram.connect")

# The BSDs, and macOS, let several sockets have one multicast port only by this name.
_REUSE_ADDR = _socket.SO_REUSEADDR if sys.platform == "linux" else getattr(_socket, "SO_REUSEPORT", _socket.SO_REUSEADDR)


class Opening:
    """A bind or a connect under way: until its event, an error, or close()."""

    called = ""         # the method that began it

    def __init__(self, socket: Bindable, where: Where) -> None:
        self.origin = caller()
        self.over = False
        self._socket = socket
        self._where = where
        self._lookup: Lookup | None = None
        self._watchers: list[Callable[[Exception | None], object]] = []
        socket._loop.start_request(self)

    def watch(self, watcher: Callable[[Exception | None], object]) -> None:
        """Call ``watcher(error)`` when it is over."""
        self._watchers.append(watcher)

    def on_abandon(self) -> None:
        self._socket.close()

    def describe(self) -> str:
        return repr(self._socket)

    def end(self, error: Exception | None) -> None:
        """It is over; the socket's event or error follows on a later tick."""
        if not self.over:
            self.over = True
            if error is not None:
                add_origin(error, f"{self.called}() was called", self.origin)
            self._socket._loop.next_tick(self._tell, (error,))

    def cancel(self, error: Exception) -> None:
        """The socket was closed meanwhile."""
        if self._lookup is not None:
            self._lookup.cancel()
        self.over = True
        self._leave(error)

    def _tell(self, error: Exception | None) -> None:
        raise NotImplementedError

    def _leave(self, error: Exception | None) -> bool:
        """Whether somebody was told."""
        self._socket._loop.end_request(self)
        watchers, self._watchers = self._watchers, []
        for watcher in watchers:
            watcher(error)
        return bool(watchers)


# --- binding --------------------------------------------------------------------------------------------------------

class Bind(Opening):
    """A bind() under way."""

    called = "bind"

    def start(self) -> None:
        self._socket._opening = self
        if self._socket.type == "unix_dgram" or self._where.fd is not None:
            self._finish(None, None)
        else:
            self._lookup = Lookup(self._socket, self._where.address or unspecified(self._socket), self._where.port, "bind",
                                  self._finish)

    def _finish(self, error: Exception | None, peer: Peer | None) -> None:
        if error is None:
            try:
                open_socket(self._socket, self._where, peer)
            except (OSError, ValueError) as failure:
                error = failure
        self.end(error)

    def _tell(self, error: Exception | None) -> None:
        socket = self._socket
        if socket._opening is not self:
            return
        socket._opening = None
        told = self._leave(error)
        listener = self._where.listener
        if error is None:
            tell_listening(socket)
        else:
            if listener is not None:
                socket.remove_listener("listening", listener)
            socket._pending.fail(error)
            if not told or socket.listener_count("error"):
                socket._fail(error)


def open_socket(socket: Bindable, where: Where, peer: Peer | None) -> None:
    """Make the descriptor, set the options that must be there before, and bind; raises OSError.

    `peer` is where to, in the kernel's form; None for a UNIX socket, whose path `where` has.
    """
    if where.fd is not None:
        handle = socket._own(_adopted(socket, where.fd))
        result = handle.adopt()
    else:
        handle = socket._own(_new_descriptor(socket))
        if socket.type == "unix_dgram" and where.address is not None:
            peer = find_peer(where.address, 0, socket._family)
        result = handle.bind(peer) if peer is not None or sys.platform == "linux" else handle.adopt()
    if result < 0:
        handle.close()
        raise system_error(-result, "bind", where.address or (peer.address if peer is not None else None),
                           peer.port or None if peer is not None else None)
    if socket.type == "unix_dgram" and where.address is not None:
        from ..addresses.paths import SocketFile
        socket._file = SocketFile.of(where.address)
    socket._start(handle)
    socket._pending.proceed()


def _new_descriptor(socket: Bindable) -> int:
    try:
        with _socket.socket(socket._family, _socket.SOCK_DGRAM) as python_socket:
            python_socket.setblocking(False)
            _set_options(socket, python_socket)
            return python_socket.detach()
    except OSError as error:
        raise system_error(error.errno or 0, "bind") from error


def _set_options(socket: Bindable, python_socket: _socket.socket) -> None:
    options = socket._bind_options
    if options.reuse_addr:
        python_socket.setsockopt(_socket.SOL_SOCKET, _REUSE_ADDR, 1)
    if options.reuse_port:
        python_socket.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEPORT, 1)
    if socket._family == _socket.AF_INET6:
        python_socket.setsockopt(_socket.IPPROTO_IPV6, _socket.IPV6_V6ONLY, options.ipv6_only)
    for name, size in ((_socket.SO_RCVBUF, options.recv_buffer_size), (_socket.SO_SNDBUF, options.send_buffer_size)):
        if size is not None:
            python_socket.setsockopt(_socket.SOL_SOCKET, name, size)


def _adopted(socket: Bindable, fd: int) -> int:
    """The descriptor, ours from now on; raises ArgumentValueError (ERR_INVALID_FD_TYPE) or OSError."""
    try:
        python_socket = _socket.socket(fileno=fd)
    except OSError as error:
        raise system_error(error.errno or 0, "open") from error
    kind, family = python_socket.type, python_socket.family
    python_socket.detach()
    if kind != _socket.SOCK_DGRAM or family != socket._family:
        wrong = invalid_value("fd", f"a socket of type {socket.type}", fd)
        wrong.code = "ERR_INVALID_FD_TYPE"
        raise wrong
    os.set_blocking(fd, False)
    return fd


def tell_listening(socket: Bindable) -> None:
    if socket._closed:
        return
    if _LISTENING.subscribers is not None:
        _LISTENING.publish({"socket": socket})
    socket.emit("listening")


# --- connecting -----------------------------------------------------------------------------------------------------

class Connect(Opening):
    """A connect() under way.  The kernel sends nothing for it: it only notes the peer."""

    called = "connect"

    if TYPE_CHECKING:
        _socket: Socket

    def start(self) -> None:
        socket = self._socket
        socket._connecting = self
        if socket._handle is None and socket._opening is None:
            try:
                socket._open_unasked()
            except OSError as error:
                self.end(error)
                return
        if socket._opening is not None and socket._handle is None:
            socket._opening.watch(self._on_bound)
        else:
            self._on_bound(None)

    def _on_bound(self, error: Exception | None) -> None:
        if error is not None:
            self.end(error)
        elif not self.over:
            self._lookup = Lookup(self._socket, self._where.address or loopback(self._socket), self._where.port, "connect",
                                  self._finish)

    def _finish(self, error: Exception | None, peer: Peer | None) -> None:
        self.end(error if peer is None else connect_handle(self._socket, self._socket._handle, peer))

    def _tell(self, error: Exception | None) -> None:
        socket = self._socket
        if socket._connecting is not self:
            return
        socket._connecting = None
        told = self._leave(error)
        listener = self._where.listener
        if error is None:
            if _CONNECT.subscribers is not None:
                _CONNECT.publish({"socket": socket})
            socket.emit("connect")
        elif listener is not None:
            socket.remove_listener("connect", listener)
            call_fitting(listener, (error,))
        elif not told or socket.listener_count("error"):
            socket._fail(error)


def connect_handle(socket: Socket, handle: DatagramSocketHandle | None, peer: Peer) -> Exception | None:
    """Connect now; returns what prevented it."""
    if socket._send_block_list is not None and socket._send_block_list.check(peer.address):
        return StateError(f"{peer.address} is blocked by the block list", "ERR_IP_BLOCKED")
    result = -errno.EBADF if handle is None else handle.connect(peer)
    if result < 0:
        return system_error(-result, "connect", peer.address, peer.port or None)
    socket._connected = True
    return None
