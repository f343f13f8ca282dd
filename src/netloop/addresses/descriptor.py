"""A descriptor lent to Python's `socket`, and its addresses: our own, and the peer's."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Generator
from contextlib import contextmanager

from .._engine.names import local_name, remote_name
from .socket_address import AddressInfo

__all__ = ["borrowed", "bound_name", "is_unix", "local_address", "peer_name", "remote_address"]


@contextmanager
def borrowed(fd: int) -> Generator[socket.socket]:
    """A Python socket over a descriptor that stays ours."""
    python_socket = socket.socket(fileno=fd)
    try:
        yield python_socket
    finally:
        python_socket.detach()


def is_unix(fd: int) -> bool:
    with borrowed(fd) as python_socket:
        return python_socket.family == socket.AF_UNIX


def bound_name(python_socket: socket.socket) -> AddressInfo | str:
    """Where a Python socket is bound: an address, or the path of a UNIX socket."""
    if python_socket.family == socket.AF_UNIX:
        return os.fsdecode(python_socket.getsockname())
    found = local_address(python_socket.fileno())
    if found is None:
        raise OSError(errno.EAFNOSUPPORT, "neither an IP nor a UNIX socket")
    return found


def peer_name(python_socket: socket.socket) -> AddressInfo | str:
    """Where a Python socket is connected to."""
    if python_socket.family == socket.AF_UNIX:
        return os.fsdecode(python_socket.getpeername())
    found = remote_address(python_socket.fileno())
    if found is None:
        raise OSError(errno.ENOTCONN, "not connected")
    return found


def local_address(fd: int) -> AddressInfo | None:
    """Our address, or None for a UNIX socket, or one that is not bound."""
    return _address_info(local_name(fd))


def remote_address(fd: int) -> AddressInfo | None:
    """The peer's address, or None for a UNIX socket, or when there is no peer any more."""
    return _address_info(remote_name(fd))


def _address_info(name: tuple[str, int, int] | None) -> AddressInfo | None:
    return None if name is None else AddressInfo(name[0], "IPv6" if name[1] == 6 else "IPv4", name[2])
