# cython: boundscheck=True
"""The ClientHello: what a client wants, read before OpenSSL gets to see it (RFC 8446, section 4.1.2).

A server chooses certificate and protocol by it.  `ssl` has a callback for names, but none that may take its time, and
none for protocols.  So the bytes are looked at first, the choice is made, and only then a connection begins with them.
What is not understood here is left to OpenSSL, which refuses it with the proper alert; but where the choice matters it is
refused at once: OpenSSL might understand it, and serve a client that was never looked at.

Every length in it is the client's word, so this module is compiled with bounds checks, which the others do without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias

    ClientHello: TypeAlias = tuple[str | None, tuple[bytes, ...]]

__all__ = ["HelloReader", "LARGEST_HELLO", "NEED_DATA", "NO_HELLO", "read_client_hello", "read_whole_hello"]

LARGEST_HELLO = 131396      # bytes, as OpenSSL has it; usual are 300 to 2000
_MOST_RECEIVED = LARGEST_HELLO + 4096       # with the headers of its records, of which a few would do
_HEADER_BYTES = 5
_MESSAGE_BYTES = _HEADER_BYTES + 4      # and the type and length of the message
_HANDSHAKE, _CLIENT_HELLO = 22, 1
_SERVER_NAME, _ALPN = 0, 16
_HOST_NAME = 0


# A ClientHello: the name that the client asked for, or None, and the protocols that it offers.
NEED_DATA: ClientHello = ("more", ())   # compared by identity: the hello is not complete
NO_HELLO: ClientHello = (None, ())      # something else, or broken


def read_client_hello(data: bytes) -> ClientHello:
    """The ClientHello that `data` begins with, or NEED_DATA, or NO_HELLO."""
    return HelloReader().receive(data)


def read_whole_hello(data: bytes) -> ClientHello | None:
    """The same, if `data` is one record with one whole ClientHello and nothing else, as nearly always."""
    if len(data) < _MESSAGE_BYTES or data[0] != _HANDSHAKE or data[1] != 3 or data[5] != _CLIENT_HELLO:
        return None
    record, message = data[3] << 8 | data[4], data[6] << 16 | data[7] << 8 | data[8]
    if not len(data) == _HEADER_BYTES + record == _MESSAGE_BYTES + message:
        return None
    return _read_body(data, _MESSAGE_BYTES)


class HelloReader:
    """Takes what a client sends, in whatever pieces, and looks at each byte once: many small pieces are no way to keep
    a server busy.  `received` is all of it.
    """

    if TYPE_CHECKING:
        received: bytearray
        _message: bytearray             # what the records hold; a message may be spread over several
        _header: bytes                  # the beginning of a record
        _missing: int                   # how much of its content is still to come

    def __init__(self) -> None:
        self.received, self._message = bytearray(), bytearray()
        self._header = b""
        self._missing = 0

    def receive(self, data: bytes) -> ClientHello:
        """Take a piece: the ClientHello when it is complete, or NEED_DATA, or NO_HELLO."""
        found = read_whole_hello(data) if len(self.received) == 0 else None
        self.received += data
        if found is not None:
            return found
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
            return NEED_DATA if is_handshake and len(self.received) < _MOST_RECEIVED else NO_HELLO
        return _read_body(bytes(message[4:end]), 0)


def _read_body(data: bytes, at: int) -> ClientHello:
    """The body of a ClientHello, from `at` to the end."""
    try:
        return _read_extensions(data, at)
    except (ValueError, IndexError):
        return NO_HELLO


def _read_extensions(data: bytes, at: int) -> ClientHello:
    """Lengths may lie: what goes beyond the end raises IndexError, or is cut."""
    at += 2 + 32                                            # legacy version, random
    at += 1 + data[at]                                      # session id
    at += 2 + (data[at] << 8 | data[at + 1])                # cipher suites
    at += 1 + data[at]                                      # compression methods
    servername: str | None = None
    protocols: list[bytes] = []
    at += 2                                                 # the length of the extensions, which are the rest
    while at < len(data):
        kind, length = data[at] << 8 | data[at + 1], data[at + 2] << 8 | data[at + 3]
        at += 4
        if kind == _SERVER_NAME and length:
            servername = _read_server_name(data[at:at + length])
        elif kind == _ALPN:
            protocols = _read_protocols(data[at:at + length])
        at += length
    return servername, tuple(protocols)


def _read_server_name(names: bytes) -> str | None:
    at = 2
    while at < len(names):
        length = names[at + 1] << 8 | names[at + 2]
        if names[at] == _HOST_NAME:
            return names[at + 3:at + 3 + length].lower().decode("latin-1")      # as in Node, whatever it is
        at += 3 + length
    return None


def _read_protocols(names: bytes) -> list[bytes]:
    found = []
    at = 2
    while at < len(names):
        found.append(names[at + 1:at + 1 + names[at]])
        at += 1 + names[at]
    return found
