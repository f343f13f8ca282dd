"""Settings: the options of the descriptor, which Node has as methods of the socket."""

from __future__ import annotations

import errno
import socket as _socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from ..addresses.descriptor import borrowed
from ..errors import ArgumentTypeError, invalid_type, system_error
from .arguments import check_buffer_size
from .endpoint import Endpoint
from .multicast import Option, membership, outgoing_interface, source_membership

__all__ = ["Settings"]


class Settings(Endpoint):
    """An endpoint with options.  They can be set once it is bound, and are lost with it.

    Before, each raises OSError (EBADF); after close(), StateError (ERR_SOCKET_DGRAM_NOT_RUNNING).
    """

    # --- reach ---------------------------------------------------------------------------------------------------

    def set_broadcast(self, flag: bool) -> None:
        """Allow sending to broadcast addresses (default: not allowed, EACCES)."""
        with self._descriptor("set_broadcast") as python_socket:
            python_socket.setsockopt(_socket.SOL_SOCKET, _socket.SO_BROADCAST, bool(flag))

    def set_ttl(self, ttl: int) -> int:
        """How many routers a datagram may pass, 1 to 255 (the system's default is 64); returns it."""
        return self._set_hops("set_ttl", "ttl", ttl, 1, _socket.IP_TTL, _socket.IPV6_UNICAST_HOPS)

    def set_multicast_ttl(self, ttl: int) -> int:
        """How many routers a multicast datagram may pass, 0 to 255 (default 1); returns it."""
        return self._set_hops("set_multicast_ttl", "ttl", ttl, 0, _socket.IP_MULTICAST_TTL, _socket.IPV6_MULTICAST_HOPS)

    def set_multicast_loopback(self, flag: bool) -> bool:
        """Whether this host receives its own multicast datagrams too (default True); returns it."""
        with self._descriptor("set_multicast_loopback") as python_socket:
            python_socket.setsockopt(*self._of_family(_socket.IP_MULTICAST_LOOP, _socket.IPV6_MULTICAST_LOOP), bool(flag))
        return flag

    def set_multicast_interface(self, interface: str) -> None:
        """Where multicast leaves: the address of an interface, with IPv6 its name as in ``"::%eth0"``."""
        if not isinstance(interface, str):
            raise invalid_type("interface", "a str", interface)
        self._set_option("set_multicast_interface", lambda: outgoing_interface(self._family, interface))

    def _set_hops(self, method: str, name: str, hops: int, least: int, ipv4: int, ipv6: int) -> int:
        if not isinstance(hops, int) or isinstance(hops, bool):
            raise invalid_type(name, "an int", hops)
        with self._descriptor(method) as python_socket:
            if not least <= hops <= 255:
                raise OSError(errno.EINVAL, "out of range")
            python_socket.setsockopt(*self._of_family(ipv4, ipv6), hops)
        return hops

    def _of_family(self, ipv4: int, ipv6: int) -> tuple[int, int]:
        if self._family == _socket.AF_INET6:
            return _socket.IPPROTO_IPV6, ipv6
        return _socket.IPPROTO_IP, ipv4

    # --- multicast groups ----------------------------------------------------------------------------------------

    def add_membership(self, group: str, interface: str | None = None) -> None:
        """Receive what is sent to a multicast group; a socket that is not bound yet is bound to any port.

        `interface`: where from, as of `set_multicast_interface`; the system's choice without it.

        Raises OSError: EINVAL for what is no multicast address, EADDRINUSE for a group that is joined already, ENODEV.
        Source: https://nodejs.org/api/dgram.html#socketaddmembershipmulticastaddress-multicastinterface
        """
        _check_texts(group=group, interface=interface)
        self._bind_if_needed()
        self._set_option("add_membership", lambda: membership(self._family, True, group, interface))

    def drop_membership(self, group: str, interface: str | None = None) -> None:
        """Leave a group; close() does that by itself.  Raises OSError: EADDRNOTAVAIL when it was not joined."""
        _check_texts(group=group, interface=interface)
        self._set_option("drop_membership", lambda: membership(self._family, False, group, interface))

    def add_source_specific_membership(self, source: str, group: str, interface: str | None = None) -> None:
        """Receive what one sender, at `source`, sends to a group (RFC 4607); see `add_membership`.

        Source: https://nodejs.org/api/dgram.html#socketaddsourcespecificmembershipsourceaddress-groupaddress-multicastinterface
        """
        _check_texts(source=source, group=group, interface=interface)
        self._bind_if_needed()
        self._set_option("add_source_specific_membership",
                         lambda: source_membership(self._family, True, source, group, interface))

    def drop_source_specific_membership(self, source: str, group: str, interface: str | None = None) -> None:
        """Take that back."""
        _check_texts(source=source, group=group, interface=interface)
        self._set_option("drop_source_specific_membership",
                         lambda: source_membership(self._family, False, source, group, interface))

    def _set_option(self, method: str, option: Callable[[], Option]) -> None:
        with self._descriptor(method) as python_socket:
            if self.type == "unix_dgram":
                raise OSError(errno.EOPNOTSUPP, "a UNIX socket has no multicast")
            python_socket.setsockopt(*option())

    def _bind_if_needed(self) -> None:
        self._check_running()
        if self._handle is None:
            self._open_unasked()

    def _open_unasked(self) -> None:
        """Hook: bind to any port now; raises OSError."""

    # --- buffers -------------------------------------------------------------------------------------------------

    def get_recv_buffer_size(self) -> int:
        """Bytes of the kernel's buffer for what was not received yet.  Linux tells twice what was asked for."""
        return self._get_buffer_size("get_recv_buffer_size", _socket.SO_RCVBUF)

    def get_send_buffer_size(self) -> int:
        """Bytes of the kernel's buffer for what was not sent yet.  Linux tells twice what was asked for."""
        return self._get_buffer_size("get_send_buffer_size", _socket.SO_SNDBUF)

    def set_recv_buffer_size(self, size: int) -> None:
        """Ask for a larger or smaller one; the system has its limits.

        Raises ArgumentTypeError or ArgumentValueError (ERR_SOCKET_BAD_BUFFER_SIZE), OSError (ERR_SOCKET_BUFFER_SIZE) when
        the socket is not bound.
        """
        self._set_buffer_size("set_recv_buffer_size", _socket.SO_RCVBUF, size)

    def set_send_buffer_size(self, size: int) -> None:
        """The same for sending."""
        self._set_buffer_size("set_send_buffer_size", _socket.SO_SNDBUF, size)

    def _get_buffer_size(self, method: str, name: int) -> int:
        with self._descriptor(method, "ERR_SOCKET_BUFFER_SIZE") as python_socket:
            return python_socket.getsockopt(_socket.SOL_SOCKET, name)

    def _set_buffer_size(self, method: str, name: int, size: int) -> None:
        check_buffer_size("size", size)
        with self._descriptor(method, "ERR_SOCKET_BUFFER_SIZE") as python_socket:
            python_socket.setsockopt(_socket.SOL_SOCKET, name, size)

    @contextmanager
    def _descriptor(self, method: str, code: str | None = None) -> Generator[_socket.socket]:
        """The descriptor as a Python socket; errors become those of `method`, with `code` instead of their own if given."""
        self._check_running()
        try:
            if self._handle is None:
                raise OSError(errno.EBADF, "not bound")
            with borrowed(self._handle.fd) as python_socket:
                yield python_socket
        except OSError as error:
            failure: Any = system_error(error.errno or 0, method)
            failure.code = code or failure.code
            raise failure from error


def _check_texts(**arguments: Any) -> None:
    for name, value in arguments.items():
        if value is None and name == "interface":
            continue
        if not value and name == "group":
            raise ArgumentTypeError("a multicast group is missing", "ERR_MISSING_ARGS")
        if not isinstance(value, str):
            raise invalid_type(name, "a str", value)

