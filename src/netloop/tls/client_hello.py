"""The ClientHello: what a client wants, read before OpenSSL gets to see it (RFC 8446, section 4.1.2).

A server chooses certificate and protocol by it.  `ssl` has a callback for names, but none that may take its time, and
none for protocols.  So the bytes are looked at first, the choice is made, and only then a connection begins with them.
What is not understood here is left to OpenSSL, which refuses it with the proper alert.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ClientHello", "LARGEST_HELLO", "NEED_DATA", "NO_HELLO", "read_client_hello"]

LARGEST_HELLO = 65536       # bytes; usual are 300 to 2000.  OpenSSL takes twice as much
_HANDSHAKE, _CLIENT_HELLO = 22, 1
_SERVER_NAME, _ALPN = 0, 16
_HOST_NAME = 0


class ClientHello(NamedTuple):
    """The name that the client asked for, or None, and the protocols that it offers."""

    servername: str | None
    protocols: tuple[bytes, ...]


NEED_DATA = ClientHello("more", ())     # compared by identity: the hello is not complete
NO_HELLO = ClientHello(None, ())        # something else, or broken


def read_client_hello(data: bytes) -> ClientHello:
    """The ClientHello that `data` begins with, or NEED_DATA, or NO_HELLO."""
    message = _join_records(data)
    if message is None:
        return NO_HELLO
    if len(message) >= 1 and message[0] != _CLIENT_HELLO:
        return NO_HELLO
    if len(message) < 4 or len(message) < 4 + int.from_bytes(message[1:4], "big"):
        return NEED_DATA if len(data) < LARGEST_HELLO else NO_HELLO
    try:
        return _read_message(_Fields(message[4:4 + int.from_bytes(message[1:4], "big")]))
    except (ValueError, IndexError):
        return NO_HELLO


def _join_records(data: bytes) -> bytes | None:
    """What the records hold that arrived so far; a message may be spread over several.  None: they are no handshake."""
    parts: list[bytes] = []
    at = 0
    while at < len(data):
        if data[at] != _HANDSHAKE or (at + 1 < len(data) and data[at + 1] != 3):
            return b"".join(parts) if parts else None
        length = int.from_bytes(data[at + 3:at + 5], "big") if len(data) >= at + 5 else 0
        parts.append(data[at + 5:at + 5 + length])
        at += 5 + length
    return b"".join(parts)


class _Fields:
    """Reads lengths and vectors one after the other.  Raises ValueError when they go beyond the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def take(self, size: int) -> bytes:
        taken = self._data[self._at:self._at + size]
        if len(taken) < size:
            raise ValueError("the message ends too early")
        self._at += size
        return taken

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def vector(self, size: int) -> bytes:
        return self.take(self.number(size))


def _read_message(fields: _Fields) -> ClientHello:
    fields.take(2 + 32)             # legacy version, random
    fields.vector(1)                # session id
    fields.vector(2)                # cipher suites
    fields.vector(1)                # compression methods
    servername, protocols = None, []
    extensions = _Fields(fields.vector(2)) if fields else fields
    while extensions:
        kind, content = extensions.number(2), _Fields(extensions.vector(2))
        if kind == _SERVER_NAME and content:
            servername = _read_server_name(_Fields(content.vector(2)))
        elif kind == _ALPN:
            names = _Fields(content.vector(2))
            while names:
                protocols.append(names.vector(1))
    return ClientHello(servername, tuple(protocols))


def _read_server_name(names: _Fields) -> str | None:
    while names:
        kind, name = names.number(1), names.vector(2)
        if kind == _HOST_NAME:
            return name.decode("ascii").lower()     # UnicodeDecodeError is a ValueError
    return None
