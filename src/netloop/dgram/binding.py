"""Bindable: a socket gets a local address, because it is told to or because it needs one."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from .._engine.peers import find_peer
from ..addresses.descriptor import bound_name
from ..errors import StateError, system_error
from .arguments import Where, parse_bind
from .opening import Bind, open_socket, tell_listening
from .settings import Settings

if TYPE_CHECKING:
    from typing import Self, Unpack, overload

    from ..addresses.paths import SocketFile
    from ..addresses.socket_address import AddressInfo
    from .keywords import BindKeywords, Path, Port
    from .sending import PendingSends

    Listener = Callable[[], object]

__all__ = ["Bindable", "BindOptions"]


class BindOptions(NamedTuple):
    """What is set before binding."""

    reuse_addr: bool
    reuse_port: bool
    ipv6_only: bool
    recv_buffer_size: int | None
    send_buffer_size: int | None


class Bindable(Settings):
    """An endpoint with options that can be bound."""

    if TYPE_CHECKING:
        _bind_options: BindOptions
        _opening: Bind | None
        _lookup: Callable[..., object] | None
        _pending: PendingSends              # what waits for the address
        _file: SocketFile | None

    if TYPE_CHECKING:
        @overload
        def bind(self, port: Port | None, address: str | None, listener: Listener | None = None, /) -> Self: ...
        @overload
        def bind(self, port_or_path: Port | Path | None, listener: Listener | None = None, /,
                 **options: Unpack[BindKeywords]) -> Self: ...
        @overload
        def bind(self, listener: Listener, /, **options: Unpack[BindKeywords]) -> Self: ...
        @overload
        def bind(self, **options: Unpack[BindKeywords]) -> Self: ...

    def bind(self, *args: Any, **options: Any) -> Self:
        """Receive at a local address; returns the socket at once, and `listening` or `error` follows.

            bind([port][, address][, listener])     port 0 or none: the system chooses, see `address()`
            bind(path[, listener])                  of a UNIX socket; a str beginning with NUL is an abstract name
            bind([listener, ]port=, address=, path=, exclusive=False, fd=)

        Without an address it receives at all addresses of its family, with ``udp6`` of IPv4 too, unless `ipv6_only`.
        A name is looked up.  `fd` is an open and bound descriptor, which the socket owns from then on.  `exclusive` is of
        Node's cluster: a netloop socket never shares its handle.  After an `error` it may be bound again.

        Raises StateError (ERR_SOCKET_ALREADY_BOUND, ERR_SOCKET_DGRAM_NOT_RUNNING), and for wrong arguments
        ArgumentTypeError or ArgumentValueError (ERR_SOCKET_BAD_PORT, ...).

        Source: https://nodejs.org/api/dgram.html#socketbindport-address-callback
        """
        where = self._where_to_bind(args, options)
        if where.listener is not None:
            self.once("listening", where.listener)
        Bind(self, where).start()
        return self

    def bind_sync(self, *args: Any, **options: Any) -> Self:
        """`bind`, but what fails raises at once: OSError with `code` (EADDRINUSE, EACCES, ...).  Takes no names.

        Source: https://nodejs.org/api/dgram.html#socketbindsyncoptions
        """
        where = self._where_to_bind(args, options)
        self._open(where, "bind")
        if where.listener is not None:
            self.once("listening", where.listener)
        return self

    def _where_to_bind(self, args: tuple[Any, ...], options: dict[str, Any]) -> Where:
        where = parse_bind(self.type, args, options)
        self._check_running()
        if self._handle is not None or self._opening is not None:
            raise StateError("the socket is bound already", "ERR_SOCKET_ALREADY_BOUND")
        return where

    def _open_unasked(self) -> None:
        """Bind to any port, because something needs a descriptor; raises OSError."""
        self._open(Where(), "bind")

    def _open(self, where: Where, syscall: str) -> None:
        peer = None
        if self.type != "unix_dgram" and where.fd is None:
            from .lookups import unspecified
            peer = self._numeric(where, unspecified(self), syscall)
        open_socket(self, where, peer)
        self._loop.next_tick(tell_listening, (self,))

    def _numeric(self, where: Where, default: str, syscall: str) -> Any:
        """The peer at an address that needs no look-up."""
        peer = find_peer(where.address or default, where.port, self._family)
        if peer is None:
            raise system_error(errno.EINVAL, syscall, where.address, where.port)
        return peer

    def address(self) -> AddressInfo | Any:
        """Where it is bound: address, family ("IPv4" or "IPv6") and port, or the path.

        Raises OSError (EBADF) when it is not bound, StateError (ERR_SOCKET_DGRAM_NOT_RUNNING) when it is closed.
        """
        with self._descriptor("getsockname") as python_socket:
            return bound_name(python_socket)
