"""The ClientHello: what a client wants, read before OpenSSL gets to see it (RFC 8446, section 4.1.2).

A server chooses certificate and protocol by it.  `ssl` has a callback for names, but none that may take its time, and
none for protocols.  So the bytes are looked at first, the choice is made, and only then a connection begins with them.
What is not understood here is left to OpenSSL, which refuses it with the proper alert.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ClientHello", "HelloReader", "LARGEST_HELLO", "NEED_DATA", "NO_HELLO", "read_client_hello"]

LARGEST_HELLO = 65536       # bytes; usual are 300 to 2000.  OpenSSL takes twice as much
_HEADER_BYTES = 5
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
    return HelloReader().receive(data)


class HelloReader:
    """Takes what a client sends, in whatever pieces, and looks at each byte once: many small pieces are no way to keep
    a server busy.  `received` is all of it.
    """

    def __init__(self) -> None:
        self.received = bytearray()
        self._message = bytearray()     # what the records hold; a message may be spread over several
        self._header = b""              # the beginning of a record
        self._missing = 0               # how much of its content is still to come

    def receive(self, data: bytes) -> ClientHello:
        """Take a piece: the ClientHello when it is complete, or NEED_DATA, or NO_HELLO."""
        self.received += data
        at = 0
        while at < len(data):
            if self._missing:
                part = data[at:at + self._missing]
                self._message += part
                self._missing -= len(part)
            else:
                part = data[at:at + _HEADER_BYTES - len(self._header)]
                self._header += part
                if self._header[0] != _HANDSHAKE or self._header[1:2] not in (b"", b"\x03"):
                    break
                if len(self._header) == _HEADER_BYTES:
                    self._missing = int.from_bytes(self._header[3:], "big")
                    self._header = b""
            at += len(part)
        return self._look(is_handshake=at == len(data))

    def _look(self, is_handshake: bool) -> ClientHello:
        message = self._message
        end = 4 + int.from_bytes(message[1:4], "big")
        if message and message[0] != _CLIENT_HELLO:
            return NO_HELLO
        if len(message) < 4 or len(message) < end:
            return NEED_DATA if is_handshake and len(self.received) < LARGEST_HELLO else NO_HELLO
        try:
            return _read_message(_Fields(bytes(message[4:end])))
        except ValueError:
            return NO_HELLO


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
