"""How a stream becomes a connection of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import invalid_type
from ..stream.duplex import Duplex
from ..stream.sink import Sink
from .connection import ServerConnection
from .service import Service

__all__ = ["accept"]


class Incoming(Sink):
    """The `data` listener of the stream."""

    if TYPE_CHECKING:
        connection: ServerConnection

    def take(self, chunk: bytes) -> None:
        self.connection.on_data(chunk)


def accept(service: Service, socket: Duplex) -> None:
    """Read requests from a stream."""
    if not isinstance(socket, Duplex):
        raise invalid_type("socket", "a Duplex stream", socket)
    incoming = Incoming()
    incoming.connection = ServerConnection(service, socket)
    service.connections.add(incoming.connection)
    incoming.connection.start(incoming)
    if service.timeout and hasattr(socket, "set_timeout"):      # not every Duplex has a clock
        socket.set_timeout(service.timeout)
