"""Sends that need more than the shortest way: other kinds of messages, look-ups, sockets that are not bound yet.

A send is *pending* until its peer is known: the socket may wait for its own address, and the name of the peer must be looked
up.  What is pending is bounded as the handle's queue is, and for the same reason; what becomes of each is told by its
departure, also when the socket is closed before.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from .._engine.datagram_batch import Departure, new_departure
from ..errors import ArgumentValueError, StateError, invalid_type, system_error
from .arguments import check_remote_port
from .lookups import Lookup, loopback

if TYPE_CHECKING:
    from .._engine.peers import Peer
    from .socket import Socket

__all__ = ["PendingSends", "send"]

MOST_PENDING = 16384                # sends, and bytes in them: as of the handle's queue
MOST_PENDING_BYTES = 16777216


def send(socket: Any, message: Any, args: tuple[Any, ...]) -> Departure:
    """What `Socket.send` does in any case but the simplest."""
    wanted = _parse(socket, message, args)
    socket._check_running()
    departure = new_departure(socket, wanted.message, None, wanted.listener)
    if socket._connected:
        return socket._depart(departure)  # type: ignore[no-any-return]
    if socket._handle is None and socket._opening is None:
        try:
            socket._open_unasked()
        except OSError as error:
            socket._departed(departure, error)
            return departure
    PendingSend(socket, departure, wanted.port, wanted.address).start()
    return departure


# --- arguments ------------------------------------------------------------------------------------------------------

class _Wanted(NamedTuple):
    message: bytes
    port: int
    address: str
    listener: Callable[..., object] | None


def _parse(socket: Socket, message: Any, args: tuple[Any, ...]) -> _Wanted:
    """The forms that `Socket.send` lists."""
    rest = list(args)
    while rest and rest[-1] is None:
        del rest[-1]
    listener = rest.pop() if rest and callable(rest[-1]) else None
    most = 0 if socket._connected else 1 if socket.type == "unix_dgram" else 2
    if len(rest) > most and (not socket._connected or _are_numbers(rest)):
        message = _part(message, *[*rest, None][:2])
        del rest[:2]
    if len(rest) > most:
        if socket._connected:
            raise StateError("the socket is connected: send() takes no port and address", "ERR_SOCKET_DGRAM_IS_CONNECTED")
        raise TypeError("send() takes a message, offset and length, port and address, and a callback")
    data = _as_bytes(message)
    if socket._connected:
        return _Wanted(data, 0, "", listener)
    if socket.type == "unix_dgram":
        return _Wanted(data, 0, _path(rest), listener)
    port, address = [*rest, None, None][:2]
    if address is not None and not isinstance(address, str):
        raise invalid_type("address", "a str", address)
    return _Wanted(data, check_remote_port(port), address or loopback(socket), listener)


def _are_numbers(rest: list[Any]) -> bool:
    return len(rest) >= 2 and all(isinstance(each, int) for each in rest[:2])


def _path(rest: list[Any]) -> str:
    import os

    from ..addresses.paths import path_of
    return os.fsdecode(path_of(rest[0] if rest else None))


def _as_bytes(message: Any) -> bytes:
    """What leaves in the datagram; a copy of what can change until then."""
    if isinstance(message, bytes):
        return bytes(message)           # itself, unless it is of a subclass
    if isinstance(message, str):
        return message.encode()
    if isinstance(message, list | tuple):
        return b"".join([_as_bytes(each) for each in message])
    try:
        return bytes(memoryview(message))
    except TypeError:
        raise invalid_type("message", "bytes, a str, or a list of these", message) from None


def _part(message: Any, offset: Any, length: Any) -> bytes:
    if isinstance(message, str | list | tuple):
        raise invalid_type("message", "bytes, where offset and length are given", message)
    data = _as_bytes(message)
    for name, value in (("offset", offset), ("length", length)):
        if not isinstance(value, int) or isinstance(value, bool):
            raise invalid_type(name, "an int", value)
    if not 0 <= offset <= len(data):
        raise ArgumentValueError(f"offset must be within the {len(data)} bytes of the message; got {offset}",
                                 "ERR_BUFFER_OUT_OF_BOUNDS")
    if not 0 <= length <= len(data) - offset:
        raise ArgumentValueError(f"length must be within the {len(data) - offset} bytes after the offset; got {length}",
                                 "ERR_BUFFER_OUT_OF_BOUNDS")
    return data[offset:offset + length]


# --- pending --------------------------------------------------------------------------------------------------------

class PendingSends:
    """The pending sends of a socket."""

    def __init__(self) -> None:
        self.bytes = 0
        self._sends: dict[PendingSend, None] = {}   # in the order in which they came

    def __len__(self) -> int:
        return len(self._sends)

    def add(self, send: PendingSend) -> bool:
        """False when there is no room."""
        size = len(send.departure.message)
        if len(self._sends) >= MOST_PENDING or self.bytes + size > MOST_PENDING_BYTES:
            return False
        self._sends[send] = None
        self.bytes += size
        return True

    def discard(self, send: PendingSend) -> None:
        if send in self._sends:
            del self._sends[send]
            self.bytes -= len(send.departure.message)

    def proceed(self) -> None:
        """The socket is bound."""
        for send in list(self._sends):
            send.proceed()

    def fail(self, error: Exception) -> None:
        for send in list(self._sends):
            send.fail(error)


class PendingSend:
    """One of them."""

    def __init__(self, socket: Socket, departure: Departure, port: int, address: str) -> None:
        self.departure = departure
        self._socket = socket
        self._port = port
        self._address = address
        self._lookup: Lookup | None = None

    def start(self) -> None:
        if not self._socket._pending.add(self):
            self.fail(system_error(errno.ENOBUFS, "send", self._address, self._port or None))
        elif self._socket._handle is not None:
            self.proceed()

    def proceed(self) -> None:
        """The socket is bound: find the peer, and send."""
        if self._lookup is None:
            self._lookup = Lookup(self._socket, self._address, self._port, "send", self._found)

    def _found(self, error: Exception | None, peer: Peer | None) -> None:
        socket = self._socket
        if peer is not None and socket._send_block_list is not None and socket._send_block_list.check(peer.address):
            error = StateError(f"{peer.address} is blocked by the block list", "ERR_IP_BLOCKED")
        socket._pending.discard(self)
        if error is not None:
            socket._departed(self.departure, error)
        else:
            self.departure.peer = peer
            socket._depart(self.departure)

    def fail(self, error: Exception) -> None:
        if self._lookup is not None:
            self._lookup.cancel()
        self._socket._pending.discard(self)
        self._socket._departed(self.departure, error)
