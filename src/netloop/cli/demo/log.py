"""What the demo prints: a line for each event, when it happens.

What connections do is heard on the diagnostics channels, so that a service need not tell; what only the
service knows it writes itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ... import diagnostics

if TYPE_CHECKING:
    from rich.console import Console

    from ... import dgram
    from ...net import Server, Socket

__all__ = ["Log"]

BULK = 65536        # bytes from one peer; from here on a line for each chunk would hide everything else


class Log:
    """Prints what happens.  A ``with`` block listens to the channels."""

    def __init__(self, console: Console, colours: dict[str, str]) -> None:
        self._console = console
        self._colours = colours
        self._width = max(map(len, colours))
        self._names: dict[Server, str] = {}
        self._datagram_names: dict[dgram.Socket, str] = {}
        self._received: dict[Socket | dgram.Socket, int] = {}
        self._channels: dict[str, Callable[[dict[str, Any], str], None]] = {
            "net.server.connection": self._on_connection,
            "socket.read": self._on_read,
            "socket.end": self._on_end,
            "socket.error": self._on_error,
            "socket.close": self._on_close,
            "dgram.message": self._on_datagram,
        }

    def __enter__(self) -> Self:
        for channel, subscriber in self._channels.items():
            diagnostics.subscribe(channel, subscriber)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        for channel, subscriber in self._channels.items():
            diagnostics.unsubscribe(channel, subscriber)

    def show_connections(self, server: Server, name: str) -> None:
        """Print what happens to the connections of `server`, as those of the service `name`."""
        self._names[server] = name

    def show_datagrams(self, socket: dgram.Socket, name: str) -> None:
        """Print what arrives at `socket`, as the messages of the service `name`."""
        self._datagram_names[socket] = name

    def write(self, name: str, text: str, peer: str = "") -> None:
        """Print a line of the service `name`, about one of its peers if there is one to name."""
        from rich.text import Text

        line = Text(time.strftime("%H:%M:%S  "), style="dim")
        line.append(name.ljust(self._width + 2), style=f"not dim {self._colours[name]}")
        line.append(f"{peer}  " if peer else "")
        line.append(text, style="not dim")
        self._console.print(line)

    # --- subscribers ---

    def _on_connection(self, message: dict[str, Any], channel: str) -> None:
        self._about(message["socket"], "connected")

    def _on_read(self, message: dict[str, Any], channel: str) -> None:
        text = self._amount(message["socket"], message["size"])
        if text:
            self._about(message["socket"], f"sent {text}")

    def _on_end(self, message: dict[str, Any], channel: str) -> None:
        self._about(message["socket"], "has finished")

    def _on_error(self, message: dict[str, Any], channel: str) -> None:
        self._about(message["socket"], str(message["error"]))

    def _on_datagram(self, message: dict[str, Any], channel: str) -> None:
        socket, sender = message["socket"], message["sender"]
        text = self._amount(socket, message["size"]) if socket in self._datagram_names else ""
        if text:
            self.write(self._datagram_names[socket], f"sent {text}", f"{sender.address}:{sender.port}")

    def _on_close(self, message: dict[str, Any], channel: str) -> None:
        socket = message["socket"]
        self._received.pop(socket, None)
        self._about(socket, f"closed: {_bytes(socket.bytes_read)} in, {_bytes(socket.bytes_written)} out")

    def _amount(self, socket: Socket | dgram.Socket, size: int) -> str:
        """Each chunk has its line, until they are many: then there is one whenever their sum has doubled."""
        before = self._received.get(socket, 0)
        after = self._received[socket] = before + size
        if after < BULK:
            return _bytes(size)
        return f"{_bytes(after)} by now" if after.bit_length() > before.bit_length() else ""

    def _about(self, socket: Socket, text: str) -> None:
        name = self._names.get(socket.server) if socket.server is not None else None
        if name is not None:
            self.write(name, text, f"{socket.remote_address}:{socket.remote_port}")


def _bytes(count: int) -> str:
    return "1 byte" if count == 1 else f"{count:,} bytes"
