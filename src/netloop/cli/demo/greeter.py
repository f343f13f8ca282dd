"""A first server: a greeting, and an echo."""

from __future__ import annotations

from ...net import Socket
from .service import TCPService

__all__ = ["Greeter"]


class Greeter(TCPService):
    """Says hello, and repeats what it gets."""

    name = "greeter"
    colour = "green"
    summary = "says hello, then repeats what you type"

    def serve(self, socket: Socket) -> None:
        socket.write("hello\r\n")
        socket.pipe(socket)
