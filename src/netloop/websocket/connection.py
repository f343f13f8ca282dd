"""Connection: a Protocol on its socket, which may be any duplex stream.

In:  `receive` gets what the socket receives: the chunk goes through the protocol, which calls the hooks.
Out: see `Outbound`.

A large message that is compressed is inflated in a thread.  Until it is delivered the connection is `held`: it reads
nothing, and what was received behind it waits, the end of the connection included.

The socket is ended by whom RFC 6455 section 7.1.1 wants to (see `Protocol.should_end`), and destroyed where the peer does not
do its part within `close_timeout`.  How it ends is no error of the WebSocket: a reset in the middle is close code 1006.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .._engine.timer_lists import Timer
from ..errors import StateError
from ..stream.duplex import Duplex
from ..stream.sink import Sink
from .errors import WebSocketError
from .outbound import Outbound

__all__ = ["Connection", "INFLATED_IN_THREAD"]

INFLATED_IN_THREAD = 16384      # bytes and more, compressed: 0.2 ms of inflating, and a hundred times that for a bomb
_INFLATED_IN_THREAD = INFLATED_IN_THREAD


class Connection(Outbound):
    """One end of a WebSocket connection, with its socket.  What drives it overrides the hooks."""

    if TYPE_CHECKING:
        close_timeout: int
        _ending: bool
        _end_waits: bool
        heard: bool
        _inflated: tuple[int, Any, Exception | None] | None
        _closing_timer: ClosingTimer | None

    def attach(self, socket: Duplex, head: bytes, close_timeout: int, high_water_mark: int) -> None:
        """Own the socket from now on.  `head` is what was received behind the opening handshake.

        Nothing is received before the next tick.
        """
        self._attach_output(socket, high_water_mark)
        self.close_timeout = close_timeout
        self._ending = self._end_waits = self.heard = False
        self._inflated = self._closing_timer = None
        if len(head) > 0:
            self.loop.next_tick(self.receive, (head,))      # before the tick in which the socket begins to flow
        socket.on("end", self._on_end)
        socket.on("error", _ignore)
        socket.on("close", self._on_close)
        incoming = Incoming()
        incoming.connection = self
        socket.on("data", incoming)

    # --- hooks, besides those of the protocol ------------------------------------------------------------------------

    def on_closed(self) -> None:
        """Hook: the socket is closed."""

    # --- receiving ---------------------------------------------------------------------------------------------------

    def receive(self, chunk: bytes) -> None:
        """A chunk from the socket."""
        self.heard = True
        self.receive_data(chunk)
        self.settle()

    def pause_receiving(self) -> None:
        self.pause()
        if self.socket is not None:
            self.socket.pause()

    def resume_receiving(self) -> None:
        self.paused = False
        if self._inflated is not None:
            self._deliver_inflated()
        if self.paused or self.held:
            return
        if self.socket is not None:
            self.socket.resume()
        self.resume()
        self.settle()
        if self._end_waits and not (self.paused or self.held or self.receiving):
            self._finish_receiving()

    def _on_end(self) -> None:
        self._end_waits = True
        if not (self.paused or self.held):
            self._finish_receiving()

    def _on_close(self, had_error: bool = False) -> None:
        self._detach_output()
        self._end_waits = True
        self.stop_closing_timer()
        callbacks = self._take_callbacks()
        if callbacks:
            self._call_back(callbacks, StateError("the WebSocket was closed before this was sent"))
        if not (self.paused or self.held) or self.eof_received:
            self._finish_receiving()

    def _finish_receiving(self) -> None:
        """The peer has finished, and what it sent before was delivered: that comes first, even after a pause."""
        self.receive_eof()
        if self.socket is None:
            self.on_closed()
        else:
            self._end()

    # --- inflating in threads ----------------------------------------------------------------------------------------

    def _inflate_later(self, opcode: int, payload: bytes) -> bool:
        if len(payload) < _INFLATED_IN_THREAD:
            return False
        from .zlib_threads import inflate
        self.held = True
        if self.socket is not None:
            self.socket.pause()
        inflate(self.loop, self.deflate, payload, self._max_payload, partial(self._on_inflated, opcode))
        return True

    def _on_inflated(self, opcode: int, payload: Any, error: Exception | None) -> None:
        self._inflated = opcode, payload, error
        if not self.paused:
            self.resume_receiving()

    def _deliver_inflated(self) -> None:
        inflated, self._inflated = self._inflated, None
        opcode, payload, error = inflated  # type: ignore[misc]  # there is one
        self.held = False
        if self._finished:
            return                      # the program has terminated the connection meanwhile
        if isinstance(error, WebSocketError):
            self._finish(error)
        elif error is not None:         # out of memory
            self.loop.report(error)
            self.destroy_socket()
        else:
            self._finish_inflated(opcode, payload)

    # --- ending ------------------------------------------------------------------------------------------------------

    def _proceed_closing(self) -> None:
        """A close frame was sent: the socket is ended by us, or by the peer, and in good time."""
        if self.should_end:
            self._end()
        if self._closing_timer is None and self.socket is not None and self.close_timeout:
            timer = self._closing_timer = ClosingTimer()
            timer.connection = self
            timer.start(self.loop.timers, self.close_timeout)

    def _end(self) -> None:
        if self._backlog is not None:
            self._backlog.ends = True           # when what was sent before has gone out
        elif not self._ending and self.socket is not None:
            self._ending = True
            self.socket.end()

    def destroy_socket(self) -> None:
        """Close now; what was not sent is lost."""
        self.receive_eof()
        if self.socket is not None:
            self.socket.destroy()

    def stop_closing_timer(self) -> None:
        if self._closing_timer is not None:
            self._closing_timer.stop()
            self._closing_timer = None


class Incoming(Sink):
    """The `data` listener of the socket."""

    if TYPE_CHECKING:
        connection: Connection

    def take(self, chunk: Any) -> None:
        connection = self.connection        # a local holds what a compiled attribute lends
        connection.receive(chunk)


class ClosingTimer(Timer):
    """How long the peer may take to close."""

    if TYPE_CHECKING:
        connection: Connection

    def on_timeout(self) -> None:
        self.connection.destroy_socket()


def _ignore(error: Exception) -> None:
    """The `error` listener of the socket: `close` follows, and says all there is to say."""
