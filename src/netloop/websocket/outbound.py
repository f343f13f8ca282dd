"""Outbound: what a connection sends, on its way into the socket.

What hooks sent while a chunk was read leaves after it, in one write; what is sent otherwise leaves at once.  `settle` is
called after everything that may have produced output: it writes, and takes the next step of the closing handshake.

A socket with nothing queued has given all to the kernel.  For one with a queue an empty write follows, whose callback tells
when what is before it has gone.

A large message is compressed in a thread: everything behind it waits in a `Backlog`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ..events.listener import call_fitting
from ..stream.duplex import Duplex
from ..stream.state import WritableState
from ..stream.writing import write
from .protocol import Protocol

if TYPE_CHECKING:
    from ..loop import Loop

__all__ = ["Outbound", "COMPRESSED_IN_THREAD", "HIGH_WATER_MARK"]

HIGH_WATER_MARK = 65536         # bytes, as streams have it
_JOINED_BYTES = 65536           # up to here, copying the pieces into one costs less than a list of buffers
COMPRESSED_IN_THREAD = 32768    # bytes and more: 0.6 ms of compressing, in which nothing else would happen
_COMPRESSED_IN_THREAD = COMPRESSED_IN_THREAD


class Outbound(Protocol):
    """The sending half of a connection, with its socket."""

    if TYPE_CHECKING:
        loop: Loop
        socket: Duplex | None           # None when it is closed
        high_water_mark: int
        _writing: WritableState
        _drain_is_owed: bool
        _marked: bool
        _callbacks: list[Callable[..., object]] | None

    def _attach_output(self, socket: Duplex, high_water_mark: int) -> None:
        self.loop = socket._loop
        self.socket = socket
        self.high_water_mark = high_water_mark
        self._writing = socket._writable_state
        self._drain_is_owed = self._marked = False
        self._callbacks = None

    # --- hooks -------------------------------------------------------------------------------------------------------

    def on_drain(self) -> None:
        """Hook: everything was written, after `is_full` said that it was too much."""

    def _proceed_closing(self) -> None:
        """Hook: a close frame was sent, and perhaps written."""

    def _end(self) -> None:
        """Hook: end the socket."""

    def destroy_socket(self) -> None:
        """Hook: close now."""

    # --- writing -----------------------------------------------------------------------------------------------------

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
        if self._drain_is_owed and self._backlog is None:
            self._drain_is_owed = False
            self.loop.next_tick(self._drain)

    def _drain(self) -> None:
        if self.socket is not None:
            self.on_drain()

    # --- telling -----------------------------------------------------------------------------------------------------

    def call_when_written(self, callback: Callable[..., object]) -> None:
        """``callback(error_or_none)`` once what was sent is in the kernel, or never will be."""
        if self._backlog is not None:
            self._backlog.add_callback(callback)
        else:
            self.call_when_put_out(callback)

    def call_when_put_out(self, callback: Callable[..., object]) -> None:
        """The same for what was put out by now."""
        if self._callbacks is None:
            self._callbacks = []
        self._callbacks.append(callback)

    def _detach_output(self) -> None:
        """The socket is closed: leave what refers to this connection, which would keep it for the garbage collector."""
        self.socket = None

    def _take_callbacks(self) -> list[Callable[..., object]]:
        """All of them: the socket is closed."""
        callbacks, self._callbacks = self._callbacks or [], None
        if self._backlog is not None:
            callbacks += self._backlog.drop()
            self._backlog = None
            self.backlog_size = 0
        return callbacks

    def _call_back(self, callbacks: list[Any], error: Exception | None) -> None:
        for callback in callbacks:
            try:
                call_fitting(callback, (error,))
            except Exception as raised:
                self.loop.report(raised)

    @property
    def buffered_amount(self) -> int:
        """Bytes that the kernel does not have yet, heads of frames included."""
        return self.output_size + self.backlog_size + self._writing.length

    @property
    def in_message(self) -> bool:
        """Whether a message was begun in fragments and is not finished."""
        return self._sending

    def is_full(self) -> bool:
        """Whether to wait for `on_drain` before sending more."""
        waiting = self.output_size + self.backlog_size + self._writing.length
        if waiting < self.high_water_mark or self.socket is None:
            return False
        self._drain_is_owed = True
        return True

    # --- compressing in threads --------------------------------------------------------------------------------------

    def _compress_later(self, first: int, payload: bytes, final: bool) -> bool:
        if self._backlog is not None:
            self._backlog.add_message(first, payload, final)
            return True
        if len(payload) < _COMPRESSED_IN_THREAD:
            return False
        from .backlog import Backlog
        backlog = self._backlog = Backlog(self)
        backlog.add_message(first, payload, final)
        backlog.go_on()
        return True

    def finish_backlog(self) -> None:
        """Everything that waited was put out."""
        ends = self._backlog is not None and self._backlog.ends
        self._backlog = None
        self.settle()
        if ends:
            self._end()
