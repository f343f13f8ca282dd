"""A WebSocket server that sends every message back, and tells what happens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from ..errors import NetloopError
from ..websocket import WebSocket, WebSocketServer
from .printable import printable
from .stdio import STDOUT, Output
from .ws_conversation import closed_with, shown

if TYPE_CHECKING:
    from ..http import IncomingMessage

__all__ = ["serve"]

LONGEST_SHOWN = 200     # characters of a message


async def serve(port: int, host: str | None, subprotocols: list[str]) -> None:
    """Listen; raises OSError."""
    server = WebSocketServer(port=port, host=host, per_message_deflate=True,
                             handle_protocols=lambda offered, request: next(
                                 (name for name in subprotocols if name in offered), False))
    echo = Echo()
    server.on("connection", echo.serve)
    await server
    server.on("error", lambda error: echo.tell("", str(error)))
    address = server.address()
    typer.echo(f"listening on {_shown(address.address, address.port)}", err=True)


class Echo:
    """Answers, and writes a line for each event; lines that a slow terminal has no room for are left out."""

    def __init__(self) -> None:
        self._output = Output(STDOUT)

    def serve(self, websocket: WebSocket, request: IncomingMessage) -> Coroutine[Any, Any, None]:
        # All of this at once: when the first step of a coroutine comes, the connection may have failed already.
        socket: Any = request.socket
        tell = partial(self.tell, _shown(socket.remote_address, socket.remote_port))
        tell(f"connected to {request.url}")
        websocket.on("ping", lambda data: tell(f"ping {shown(data)}"))
        websocket.on("close", lambda code, reason: tell(f"closed: {closed_with(code, reason)}"))
        return _echo(websocket, aiter(websocket), tell)

    def tell(self, peer: str, text: str) -> None:
        if not self._output.writable_need_drain:
            self._output.write(f"{peer}  {printable(text).rstrip()}\n")


async def _echo(websocket: WebSocket, messages: AsyncIterator[str | bytes], tell: Callable[[str], None]) -> None:
    """Answer each message, until the connection is closed."""
    try:
        async for message in messages:
            tell(f"< {_excerpt(message)}")
            await websocket.send(message)
    except NetloopError as error:       # the peer broke a rule, or was gone before it was answered
        tell(str(error))


def _excerpt(message: str | bytes) -> str:
    text = message[:LONGEST_SHOWN]
    rest = len(message) - len(text)
    shown = text if isinstance(text, str) else text.hex(" ")
    unit = "characters" if isinstance(message, str) else "bytes"
    return shown + (f" and {rest:,} {unit} more" if rest else "")


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
