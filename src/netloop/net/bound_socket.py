"""BoundSocket: an address reserved now, for a server or a connection later."""

from __future__ import annotations

import socket
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..addresses.arguments import check_port, check_reuse_port
from ..addresses.descriptor import bound_name
from ..addresses.paths import SocketFile, path_of, shown
from ..addresses.socket_address import AddressInfo
from ..errors import StateError, invalid_type, invalid_value, system_error
from ..ip import is_ip

if TYPE_CHECKING:
    from typing import Self

__all__ = ["BoundSocket", "bind_path", "bind_port"]


class BoundSocket:
    """A TCP or UNIX socket that is bound and does nothing yet: the way to know a port before anybody listens on it.

    Options (keyword arguments):
        host: a numeric address (default ``"0.0.0.0"``, or ``"::"`` with `ipv6_only`).
        port: 0 (default) lets the system choose.
        ipv6_only: an IPv6 socket that does not take IPv4 (default False).
        reuse_port: let other processes bind the same port, and share what comes (default False).
        path: a UNIX socket instead; the other options do not go with it.

    Give it to ``server.listen(bound)``, or to ``Socket(handle=bound)`` to connect from its address: then it is theirs.
    A ``with`` block closes it, unless it was adopted.

    Raises OSError with `code` (EADDRINUSE, EACCES, ...) at once.
    Source: https://nodejs.org/api/net.html#class-netboundsocket
    """

    def __init__(self, *, host: str | None = None, port: int | str | None = None, ipv6_only: bool = False,
                 reuse_port: bool = False, path: Any = None) -> None:
        self._path = None if path is None else path_of(path)
        self._file: SocketFile | None = None
        self._adopted = False
        if self._path is not None:
            if host is not None or port is not None or ipv6_only or reuse_port:
                raise invalid_value("path", "alone: host, port, ipv6_only and reuse_port are of TCP", path)
            self._socket: socket.socket | None = bind_path(self._path)
            self._file = SocketFile.of(self._path)
            return
        if host is not None and not is_ip(host):
            if not isinstance(host, str):
                raise invalid_type("host", "a numeric address", host)
            raise invalid_value("host", "a numeric address", host)
        check_reuse_port(reuse_port)
        self._socket = bind_port(host or ("::" if ipv6_only else "0.0.0.0"), 0 if port is None else check_port("port", port),
                                 ipv6_only=ipv6_only, reuse_port=reuse_port)
        # While both have SO_REUSEADDR, Linux lets another socket bind the same port as long as nobody listens.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)

    def address(self) -> AddressInfo | Any:
        """Where it is bound: address, family and port, or the path.

        Raises StateError: ERR_SOCKET_HANDLE_ADOPTED once a server or a socket owns it, ERR_SOCKET_CLOSED when closed.
        """
        return bound_name(self._owned())

    @property
    def is_pipe(self) -> bool:
        """Whether this is a UNIX socket."""
        return self._path is not None

    def fd(self) -> int:
        """The descriptor, which stays ours; raises as `address`."""
        return self._owned().fileno()

    def take(self) -> tuple[socket.socket, SocketFile | None]:
        """The Python socket, and the file to remove after it, for a new owner; raises as `address`."""
        owned = self._owned()
        if not self.is_pipe:
            owned.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._adopted, self._socket = True, None
        return owned, self._file

    def close(self) -> None:
        """Let go of the address; once is enough.

        Raises StateError (ERR_SOCKET_HANDLE_ADOPTED) when a server or a socket owns it.
        """
        if self._adopted:
            self._owned()
        if self._socket is not None:
            self._socket.close()
            self._socket = None
            if self._file is not None:
                self._file.remove()

    def _owned(self) -> socket.socket:
        if self._adopted:
            raise StateError("the bound socket belongs to a server or a socket now", "ERR_SOCKET_HANDLE_ADOPTED")
        if self._socket is None:
            raise StateError("the bound socket is closed", "ERR_SOCKET_CLOSED")
        return self._socket

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        if not self._adopted:
            self.close()

    def __repr__(self) -> str:
        if self._socket is None:
            return f"<BoundSocket {'adopted' if self._adopted else 'closed'}>"
        return f"<BoundSocket {self.address() if self._path is None else shown(self._path)}>"


# --- binding --------------------------------------------------------------------------------------------------------

def bind_port(host: str | None, port: int, *, ipv6_only: bool = False, reuse_port: bool = False) -> socket.socket:
    """A bound, non-blocking TCP socket; without a host on all addresses of both families.

    Raises OSError as `system_error` makes it.
    """
    if host is None:
        try:
            return _bind_port("::", port, ipv6_only, reuse_port)
        except OSError as error:
            if getattr(error, "code", None) not in ("EAFNOSUPPORT", "EADDRNOTAVAIL", "EINVAL"):
                raise
            host = "0.0.0.0"            # a system without IPv6
    return _bind_port(host, port, ipv6_only, reuse_port)


def _bind_port(host: str, port: int, ipv6_only: bool, reuse_port: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = None
    try:
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, ipv6_only)
        bound.bind(_numeric(host, port, family))
    except OSError as error:
        if bound is not None:
            bound.close()
        raise system_error(error.errno or 0, "listen", host, port) from error
    return bound


def _numeric(host: str, port: int, family: int) -> Any:
    """What bind() takes; only getaddrinfo understands zone ids (RFC 4007 section 11)."""
    if "%" not in host:
        return host, port
    try:
        return socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)[0][4]
    except socket.gaierror as error:
        import errno
        raise OSError(errno.EINVAL, "no such zone") from error


def bind_path(path: str | bytes) -> socket.socket:
    """A bound, non-blocking UNIX socket."""
    bound = None
    try:
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        bound.setblocking(False)
        bound.bind(path)
    except OSError as error:
        if bound is not None:
            bound.close()
        raise system_error(error.errno or 0, "listen", shown(path)) from error
    return bound
