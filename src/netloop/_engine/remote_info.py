"""What is told of the sender of a datagram."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["RemoteInfo"]


class RemoteInfo(NamedTuple):
    """Where a datagram came from, and how large it was."""

    address: str                # of a UNIX socket its path, empty when it has none; link-local IPv6 ends with %zone
    family: str                 # "IPv4", "IPv6" or "unix"
    port: int                   # 0 for a UNIX socket
    size: int                   # bytes of the message
    truncated: bool = False     # it was larger than 65,536 bytes, and the rest is lost: only UNIX sockets can do that


RemoteInfo.__module__ = "netloop.dgram"
