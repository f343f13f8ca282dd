"""The echo service of RFC 862."""

from __future__ import annotations

from ...net import Socket
from .service import TCPService

__all__ = ["Echo"]


class Echo(TCPService):
    """Sends back every byte, at the pace at which the peer takes them."""

    name = "echo"
    colour = "cyan"
    summary = "sends back every byte, as fast as you read"

    def serve(self, socket: Socket) -> None:
        socket.pipe(socket)
