"""Connection: a Protocol on its socket, which may be any duplex stream.

In:  the socket's `data` listener is `receive`: the chunk goes through the protocol, which calls the hooks.
Out: what hooks sent while a chunk was read leaves after it, in one write; what is sent otherwise leaves at once.

`settle` is called after everything that may have produced output: it writes, and takes the next step of the closing
handshake.  A socket with nothing queued has given all to the kernel.  For one with a queue an empty write follows, whose
callback tells when what is before it has gone.

The socket is ended by whom RFC 6455 section 7.1.1 wants to (see `Protocol.should_end`), and destroyed where the peer does not
do its part within `close_timeout`.  How it ends is no error of the WebSocket: a reset in the middle is close code 1006.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from .._engine.timer_lists import Timer
from ..errors import StateError
from ..events.listener import call_fitting
from ..stream.duplex import Duplex
from ..stream.state import WritableState
from ..stream.writing import write
from .protocol import Protocol

if TYPE_CHECKING:
    from ..loop import Loop

__all__ = ["Connection", "HIGH_WATER_MARK"]

HIGH_WATER_MARK = 65536         # bytes, as streams have it
_JOINED_BYTES = 65536           # up to here, copying the pieces into one costs less than a list of buffers


class Connection(Protocol):
    """One end of a WebSocket connection, with its socket.  What drives it overrides the hooks."""

    if TYPE_CHECKING:
        loop: Loop
        socket: Duplex | None           # None when it is closed
        close_timeout: int
        high_water_mark: int
        _writing: WritableState
        _drain_is_owed: bool
        _marked: bool
        _ending: bool
        _end_waits: bool
        heard: bool
        _callbacks: list[Callable[..., object]] | None
        _closing_timer: ClosingTimer | None

    def attach(self, socket: Duplex, head: bytes, close_timeout: int, high_water_mark: int) -> None:
        """Own the socket from now on.  `head` is what was received behind the opening handshake.

        Nothing is received before the next tick.
        """
        self.loop = socket._loop
        self.socket = socket
        self.close_timeout = close_timeout
        self.high_water_mark = high_water_mark
        self._writing = socket._writable_state
        self._drain_is_owed = self._marked = self._ending = self._end_waits = self.heard = False
        self._callbacks = self._closing_timer = None
        if len(head) > 0:
            self.loop.next_tick(self.receive, (head,))      # before the tick in which the socket begins to flow
        socket.on("end", self._on_end)
        socket.on("error", _ignore)
        socket.on("close", self._on_close)
        socket.on("data", self.receive)

    # --- hooks, besides those of the protocol ------------------------------------------------------------------------

    def on_drain(self) -> None:
        """Hook: everything was written, after `is_full` said that it was too much."""

    def on_closed(self) -> None:
        """Hook: the socket is closed."""

    # --- receiving ---------------------------------------------------------------------------------------------------

    def receive(self, chunk: bytes) -> None:
        """The `data` listener of the socket."""
        self.heard = True
        self.receive_data(chunk)
        self.settle()

    def pause_receiving(self) -> None:
        self.pause()
        if self.socket is not None:
            self.socket.pause()

    def resume_receiving(self) -> None:
        if self.socket is not None:
            self.socket.resume()
        self.resume()
        self.settle()
        if self._end_waits and not self.paused and not self.receiving:
            self._finish_receiving()

    def _on_end(self) -> None:
        self._end_waits = True
        if not self.paused:
            self._finish_receiving()

    def _on_close(self, had_error: bool = False) -> None:
        self.socket = None
        self._end_waits = True
        self.stop_closing_timer()
        callbacks, self._callbacks = self._callbacks, None
        if callbacks is not None:
            self._call_back(callbacks, StateError("the WebSocket was closed before this was sent"))
        if not self.paused or self.eof_received:
            self._finish_receiving()

    def _finish_receiving(self) -> None:
        """The peer has finished, and what it sent before was delivered: that comes first, even after a pause."""
        self.receive_eof()
        if self.socket is None:
            self.on_closed()
        else:
            self._end()

    # --- sending -----------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Write what there is to be written, and go on with closing."""
        if self.receiving:
            return
        if self.output_size > 0:
            self._flush()
        if self.close_sent is not None:
            self._proceed_closing()

    def settle_after_send(self) -> None:
        """The same after a message; within a hook only once much has come together."""
        if not self.receiving:
            self.settle()
        elif self.output_size >= self.high_water_mark:
            self._flush()

    def _flush(self) -> None:
        socket = self.socket
        if socket is None:
            self.take_output()
            return
        if self._more_output is None:
            piece, self._output = self._output, None
            self.output_size = 0
            write(socket, piece)
        elif self.output_size <= _JOINED_BYTES:
            write(socket, b"".join(self.take_output()))
        else:
            socket.cork()
            for piece in self.take_output():
                write(socket, piece)
            socket.uncork()
        if self._writing.length == 0:
            self._written()
        elif not self._marked or self._callbacks is not None:
            self._mark()

    def _mark(self) -> None:
        """Learn when what is queued now has gone."""
        self._marked = True
        callbacks, self._callbacks = self._callbacks, None
        if self.socket is not None:
            write(self.socket, b"", partial(self._on_mark, callbacks))

    def _on_mark(self, callbacks: list[Callable[..., object]] | None, error: Exception | None = None) -> None:
        self._marked = False
        if callbacks is not None:
            self._call_back(callbacks, error)
        if error is None and self._writing.length == 0:
            self._written()
        elif error is None and not self._marked:
            self._mark()

    def _written(self) -> None:
        """The kernel has everything."""
        self.output_written()
        callbacks, self._callbacks = self._callbacks, None
        if callbacks is not None:
            self.loop.next_tick(self._call_back, (callbacks, None))
        if self._drain_is_owed:
            self._drain_is_owed = False
            self.loop.next_tick(self._drain)

    def _drain(self) -> None:
        if self.socket is not None:
            self.on_drain()

    def call_when_written(self, callback: Callable[..., object]) -> None:
        """``callback(error_or_none)`` once what is sent now is in the kernel, or never will be."""
        if self._callbacks is None:
            self._callbacks = []
        self._callbacks.append(callback)

    def _call_back(self, callbacks: list[Any], error: Exception | None) -> None:
        for callback in callbacks:
            try:
                call_fitting(callback, (error,))
            except Exception as raised:
                self.loop.report(raised)

    @property
    def buffered_amount(self) -> int:
        """Bytes that the kernel does not have yet, heads of frames included."""
        return self.output_size + self._writing.length

    @property
    def in_message(self) -> bool:
        """Whether a message was begun in fragments and is not finished."""
        return self._sending

    def is_full(self) -> bool:
        """Whether to wait for `on_drain` before sending more."""
        if self.output_size + self._writing.length < self.high_water_mark or self.socket is None:
            return False
        self._drain_is_owed = True
        return True

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
        if not self._ending and self.socket is not None:
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


class ClosingTimer(Timer):
    """How long the peer may take to close."""

    if TYPE_CHECKING:
        connection: Connection

    def on_timeout(self) -> None:
        self.connection.destroy_socket()


def _ignore(error: Exception) -> None:
    """The `error` listener of the socket: `close` follows, and says all there is to say."""
