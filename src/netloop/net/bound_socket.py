"""BoundSocket: an address reserved now, for a server or a connection later."""

from __future__ import annotations

import os
import socket
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..errors import StateError, invalid_type, invalid_value, system_error
from .address import AddressInfo, check_port, is_ip
from .options import local_address
from .paths import path_of, shown

if TYPE_CHECKING:
    from typing import Self

__all__ = ["BoundSocket"]


class BoundSocket:
    """A TCP or UNIX socket that is bound and does nothing yet: the way to know a port before anybody listens on it.

    Options (keyword arguments):
        host: a numeric address (default ``"::"``, or ``"0.0.0.0"`` where there is no IPv6).
        port: 0 (default) lets the system choose.
        ipv6_only: an IPv6 socket that does not take IPv4 (default False).
        reuse_port: let other processes bind the same port, and share what comes (default False).
        path: a UNIX socket instead.

    Give it to ``server.listen(bound)``, or to ``Socket(handle=bound)`` to connect from its address: then it is theirs.
    A ``with`` block closes it, unless it was adopted.

    Raises OSError with `code` (EADDRINUSE, EACCES, ...) at once.
    Source: https://nodejs.org/api/net.html#class-netboundsocket
    """

    def __init__(self, *, host: str | None = None, port: int | str = 0, ipv6_only: bool = False,
                 reuse_port: bool = False, path: Any = None) -> None:
        self.path = None if path is None else path_of(path)
        if self.path is not None:
            self._socket: socket.socket | None = bind_path(self.path)
            return
        if host is not None and not is_ip(host):
            if not isinstance(host, str):
                raise invalid_type("host", "a numeric address", host)
            raise invalid_value("host", "a numeric address", host)
        self._socket = bind_port(host, check_port("port", port), ipv6_only=ipv6_only, reuse_port=reuse_port)

    def address(self) -> AddressInfo | str:
        """Where it is bound: address, family and port, or the path.

        Raises StateError (ERR_SOCKET_HANDLE_ADOPTED) once a server or a socket owns it.
        """
        owned = self._owned()
        if self.path is not None:
            return os.fsdecode(self.path)
        found = local_address(owned.fileno())
        assert found is not None
        return found

    def is_pipe(self) -> bool:
        """Whether this is a UNIX socket."""
        return self.path is not None

    def fd(self) -> int:
        """The descriptor."""
        return self._owned().fileno()

    def take(self) -> socket.socket:
        """Give the Python socket to a new owner: whoever listens or connects with it."""
        owned, self._socket = self._owned(), None
        return owned

    def close(self) -> None:
        """Let go of the address.  Nothing happens when it was adopted or closed already."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
            if self.path is not None:
                unlink_path(self.path)

    def _owned(self) -> socket.socket:
        if self._socket is None:
            raise StateError("the bound socket was closed, or adopted by a server or socket", "ERR_SOCKET_HANDLE_ADOPTED")
        return self._socket

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<BoundSocket {self.address() if self._socket is not None else 'closed or adopted'}>"


# --- binding --------------------------------------------------------------------------------------------------------

def bind_port(host: str | None, port: int, *, ipv6_only: bool = False, reuse_port: bool = False) -> socket.socket:
    """A bound, non-blocking TCP socket; without a host on all addresses of both families.

    Raises OSError as `system_error` makes it.
    """
    if host is None:
        try:
            return _bind_port("::", port, socket.AF_INET6, ipv6_only, reuse_port)
        except OSError as error:
            if getattr(error, "code", None) not in ("EAFNOSUPPORT", "EADDRNOTAVAIL", "EINVAL"):
                raise
            host = "0.0.0.0"            # a system without IPv6
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return _bind_port(host, port, family, ipv6_only, reuse_port)


def _bind_port(host: str, port: int, family: int, ipv6_only: bool, reuse_port: bool) -> socket.socket:
    bound = None
    try:
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, ipv6_only)
        target = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)[0][4]
        bound.bind(target)
    except OSError as error:
        if bound is not None:
            bound.close()
        raise system_error(error.errno or 0, "listen", host, port) from error
    return bound


def bind_path(path: str | bytes) -> socket.socket:
    """A bound, non-blocking UNIX socket."""
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        bound.setblocking(False)
        bound.bind(path)
    except OSError as error:
        bound.close()
        raise system_error(error.errno or 0, "listen", shown(path)) from error
    return bound


def unlink_path(path: str | bytes) -> None:
    """Remove a UNIX socket that we made from the file system; abstract names go by themselves."""
    if not os.fsencode(path).startswith(b"\0"):
        try:
            os.unlink(path)
        except OSError:
            pass                        # somebody was faster
