"""A conversation: a socket joined to an input and an output, both ways at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..net import Socket
    from .stdio import Input, Output

__all__ = ["Session"]


class Session:
    """Pipes the input to the socket and the socket to the output, until both have ended or something failed.

    The end of the input is a half-close: the peer hears of it and may still send.  The end of what the peer
    sends ends the output; whether the input goes on then is the socket's option `allow_half_open`.

    `error` is the first failure, or None.
    """

    def __init__(self, socket: Socket, source: Input, sink: Output) -> None:
        self.error: Exception | None = None
        self.socket = socket
        self._streams = (socket, source, sink)
        for stream in self._streams:
            stream.on("error", self.fail)
        if not socket.allow_half_open:
            socket.on("end", self._stop_input)
        source.pipe(socket)
        socket.pipe(sink)

    def fail(self, error: Exception) -> None:
        """One of the three failed, and so do the others."""
        if self.error is None:
            self.error = error
            for stream in self._streams:
                stream.destroy(error)

    def _stop_input(self) -> None:
        """Whoever sits at the terminal is not to press a key before it can end."""
        _, source, _ = self._streams
        source.destroy()
