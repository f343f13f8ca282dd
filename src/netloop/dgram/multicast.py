"""Multicast groups and interfaces in the forms in which system calls take them.

Source: RFC 3678 (source filters), ip(7), ipv6(7)
"""

from __future__ import annotations

import errno
import socket as _socket
import struct
import sys
from typing import NamedTuple

__all__ = ["Option", "membership", "outgoing_interface", "source_membership"]

_LINUX = sys.platform == "linux"
# Python names them since 3.12; on Linux and on the BSDs they are these.
_IP_ADD_SOURCE_MEMBERSHIP = getattr(_socket, "IP_ADD_SOURCE_MEMBERSHIP", 39 if _LINUX else 70)
_IP_DROP_SOURCE_MEMBERSHIP = getattr(_socket, "IP_DROP_SOURCE_MEMBERSHIP", 40 if _LINUX else 71)
_MCAST_JOIN_SOURCE_GROUP = 46 if _LINUX else 82
_MCAST_LEAVE_SOURCE_GROUP = 47 if _LINUX else 83


class Option(NamedTuple):
    """The arguments of setsockopt."""

    level: int
    name: int
    value: bytes


def membership(family: int, join: bool, group: str, interface: str | None) -> Option:
    """Join or leave a group, for all senders.  Raises OSError (EINVAL) for what is no address."""
    if family == _socket.AF_INET6:
        name = _socket.IPV6_JOIN_GROUP if join else _socket.IPV6_LEAVE_GROUP
        return Option(_socket.IPPROTO_IPV6, name, _packed(family, group) + struct.pack("@I", _interface_index(interface)))
    name = _socket.IP_ADD_MEMBERSHIP if join else _socket.IP_DROP_MEMBERSHIP
    return Option(_socket.IPPROTO_IP, name, _packed(family, group) + _packed(family, interface or "0.0.0.0"))


def source_membership(family: int, join: bool, source: str, group: str, interface: str | None) -> Option:
    """Join or leave a group, for one sender."""
    if family == _socket.AF_INET6:
        name = _MCAST_JOIN_SOURCE_GROUP if join else _MCAST_LEAVE_SOURCE_GROUP
        pad = "4x" if _LINUX else ""            # macOS packs this structure
        value = struct.pack(f"@I{pad}", _interface_index(interface)) + _storage(group) + _storage(source)
        return Option(_socket.IPPROTO_IPV6, name, value)
    name = _IP_ADD_SOURCE_MEMBERSHIP if join else _IP_DROP_SOURCE_MEMBERSHIP
    here = _packed(family, interface or "0.0.0.0")
    sender = _packed(family, source)
    return Option(_socket.IPPROTO_IP, name, _packed(family, group) + (here + sender if _LINUX else sender + here))


def outgoing_interface(family: int, interface: str) -> Option:
    """Where multicast leaves."""
    if family == _socket.AF_INET6:
        return Option(_socket.IPPROTO_IPV6, _socket.IPV6_MULTICAST_IF, struct.pack("@I", _interface_index(interface)))
    return Option(_socket.IPPROTO_IP, _socket.IP_MULTICAST_IF, _packed(family, interface))


def _packed(family: int, address: str) -> bytes:
    try:
        return _socket.inet_pton(family, address)
    except (OSError, ValueError) as error:
        raise OSError(errno.EINVAL, "not an address of this family") from error


def _interface_index(interface: str | None) -> int:
    """``"::%eth0"`` names an interface, with Node; 0, the system's choice, without a name."""
    if interface is None:
        return 0
    address, _, zone = interface.partition("%")
    _packed(_socket.AF_INET6, address)
    if not zone:
        return 0
    if zone.isascii() and zone.isdigit():
        return int(zone) & 0xFFFFFFFF
    try:
        return _socket.if_nametoindex(zone)
    except OSError as error:
        raise OSError(errno.ENODEV, "no such interface") from error


def _storage(address: str) -> bytes:
    """A sockaddr_in6, in the room of the largest address."""
    family = struct.pack("@H" if _LINUX else "BB", *((_socket.AF_INET6,) if _LINUX else (28, _socket.AF_INET6)))
    return (family + bytes(6) + _packed(_socket.AF_INET6, address)).ljust(128, b"\0")
