"""Application protocols (ALPN, RFC 7301): the option, and the server's choice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import invalid_type, invalid_value, unavailable

__all__ = ["NO_APPLICATION_PROTOCOL", "checked_protocols", "choose"]

# An alert: fatal, no_application_protocol.  `ssl` would go on without a protocol; nothing is encrypted yet, so we can say it.
NO_APPLICATION_PROTOCOL = b"\x15\x03\x03\x00\x02\x02\x78"


def checked_protocols(protocols: Any) -> tuple[bytes, ...]:
    """The option `alpn_protocols`: a list of str or bytes, or bytes in the wire format (each name behind its length)."""
    if protocols is None:
        return ()
    if isinstance(protocols, bytes | bytearray | memoryview):
        return _from_wire(bytes(protocols))
    if isinstance(protocols, str) or not isinstance(protocols, Iterable):
        raise invalid_type("alpn_protocols", "a list of str or bytes, or bytes in the wire format", protocols)
    return tuple(map(_checked, protocols))


def _checked(protocol: Any) -> bytes:
    if isinstance(protocol, str):
        protocol = protocol.encode()
    if not isinstance(protocol, bytes):
        raise invalid_type("alpn_protocols", "a list of str or bytes", protocol)
    if not protocol.isascii():
        raise unavailable("a name in alpn_protocols that is not ASCII", "Python's ssl takes no others")
    if not 1 <= len(protocol) <= 255:
        error = invalid_value("alpn_protocols", "names of 1 to 255 bytes", protocol)
        error.code = "ERR_OUT_OF_RANGE"
        raise error
    return protocol


def _from_wire(data: bytes) -> tuple[bytes, ...]:
    names = []
    at = 0
    while at < len(data):
        name = data[at + 1:at + 1 + data[at]]
        if len(name) != data[at] or not name:
            raise invalid_value("alpn_protocols", "names of 1 to 255 bytes, each behind its length", data)
        names.append(_checked(name))
        at += 1 + len(name)
    return tuple(names)


def choose(ours: tuple[bytes, ...], offered: tuple[bytes, ...]) -> bytes | None:
    """The first of ours that the client offers."""
    for protocol in ours:
        if protocol in offered:
            return protocol
    return None
