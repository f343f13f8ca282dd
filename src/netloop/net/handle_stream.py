"""HandleStream: a Duplex over one native stream handle.  It is the part of `Socket` that every byte goes through.

In:  the handle received a chunk    -> `push`, to the `data` listeners at once when the stream flows
                                       (push() says "enough": the handle stops reading until `_read`)
Out: write()                        -> `_try_write`, to the kernel at once when nothing is queued, or with what other
                                       sockets have to send in this turn
                                       (what the kernel refuses: `_write`, the handle keeps it and calls `_flushed`)

A socket that is still connecting has no handle yet: one write and the end may be under way already, and wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .._engine.references import begin_without_attributes
from .._engine.stream_handle import StreamHandle
from ..diagnostics import channel
from ..errors import StateError, system_error
from ..events.listener import call_fitting
from ..stream.duplex import Duplex
from ..stream.idle_stream import IdleStream
from ..stream.intake import push
from ..stream.state import ReadableState, WritableState
from ..stream.writing import write

if TYPE_CHECKING:
    from typing import Self

    from ..loop import Loop
    from ..stream.state import Callback, Done

__all__ = ["HandleStream", "SocketHandle"]

_READ = channel("socket.read")
_WRITE = channel("socket.write")
_END = channel("socket.end")
_ERROR = channel("socket.error")
_CLOSE = channel("socket.close")


class HandleStream(IdleStream):
    """A Duplex over one stream handle."""

    if TYPE_CHECKING:
        connecting: bool
        _handle: SocketHandle | None
        _refd: bool
        _peer_finished: bool
        _bytes_received: int
        _bytes_sent: int
        _unsent: list[bytes] | None
        _sent_callback: Callback | None
        _final_callback: Callback | None
        _buffer: Any
        _buffer_source: Callable[[], Any] | None
        _buffer_callback: Callable[[int, Any], object] | None

    def __cinit__(self) -> None:
        """Compiled only: most sockets never get attributes of users."""
        begin_without_attributes(self)

    # --- opening -------------------------------------------------------------------------------------------------

    def _start(self, loop: Loop | None, high_water_mark: int | None, allow_half_open: bool) -> None:
        reading = ReadableState(high_water_mark)
        writing = WritableState(high_water_mark)
        reading.continuous = True
        writing.direct = True
        self._set_up(loop, reading, writing, True, True)
        self.allow_half_open = allow_half_open
        self.connecting = self._peer_finished = False
        self._refd = True
        self._handle = self._idle = None
        self._bytes_received = self._bytes_sent = 0
        self._unsent = self._sent_callback = self._final_callback = None
        self._buffer = self._buffer_source = self._buffer_callback = None
        if not allow_half_open:
            self._add("end", self._on_end, False)

    def _own(self, fd: int, tcp: bool) -> None:
        """Own a connected, non-blocking descriptor from now on.  `tcp`: it is known to be one of TCP."""
        handle = self._handle = SocketHandle(self._loop, fd)
        handle.socket = self
        if tcp:
            handle.told_of_changes()
        if not self._refd:
            handle.unref()
        if self._buffer is not None:
            handle.receive_into(self._buffer)

    def _open(self) -> None:
        """The handle is there: do what waited for it."""
        callback = self._sent_callback
        if callback is not None:
            pieces, self._unsent, self._sent_callback = self._unsent, None, None
            self._send(pieces, callback)  # type: ignore[arg-type]  # both are set together
        if self._final_callback is not None and self._handle is not None:
            callback, self._final_callback = self._final_callback, None
            self._final(callback)
        if self._readable_state.reading and self._handle is not None:
            self._handle.read_start()

    # --- receiving -----------------------------------------------------------------------------------------------

    def _receive(self, data: bytes) -> None:
        self._bytes_received += len(data)
        if self._idle is not None:
            self._stir()
        if _READ.subscribers is not None:
            _READ.publish({"socket": self, "size": len(data)})
        if not push(self, data) and self._handle is not None:
            self._handle.read_stop()

    def _unpack(self, data: bytes) -> bytes:
        """Hook of the handle's `unpack_early`: `_receive` will get what is returned; until then nobody may notice."""
        return data

    def _receive_into(self, size: int) -> None:
        """`onread`: the bytes are in the user's buffer; False from the callback means pause."""
        self._bytes_received += size
        self._stir()
        if _READ.subscribers is not None:
            _READ.publish({"socket": self, "size": size})
        buffer = self._buffer
        try:
            callback = self._buffer_callback
            if callback is not None and callback(size, buffer) is False and self._handle is not None:
                self._handle.read_stop()
        finally:
            if self._buffer_source is not None and self._handle is not None:
                self._buffer = self._buffer_source()
                self._handle.receive_into(self._buffer)

    def _receive_now(self) -> None:
        """Tell what the kernel has already, which the loop has not seen yet."""
        if self._handle is not None:
            self._handle.receive_now()

    def _finish_receiving(self) -> None:
        """The peer has finished.  `end` follows once the data before it was consumed: at once if there is none."""
        if _END.subscribers is not None:
            _END.publish({"socket": self})
        push(self, None)
        self.read(0)

    def _read(self, size: int) -> None:
        if self._handle is not None:
            self._handle.read_start()

    def pause(self) -> Self:
        """Stop `data`.  With `onread` the kernel's buffer fills up at once, else ours does first."""
        if self._buffer is not None and self._handle is not None:
            self._handle.read_stop()
        return Duplex.pause(self)

    def resume(self) -> Self:
        if self._buffer is not None and self._handle is not None:
            self._handle.read_start()
        return Duplex.resume(self)

    def _on_end(self) -> None:
        """The socket's own `end` listener.  With `allow_half_open` off the stream ends by itself right after it."""
        self._peer_finished = True

    # --- sending -------------------------------------------------------------------------------------------------

    def write(self, chunk: Any, encoding: str | Done | None = None, callback: Done | None = None) -> bool:
        """Send `chunk`; False means: wait for `drain` before more.  It is accepted in any case.

        bytes go to the kernel at once when nothing is queued, or with what other sockets send in this turn, so True with
        nothing left to send is the normal answer.
        While connecting, writes are queued; if that fails, their callbacks get ERR_SOCKET_CLOSED_BEFORE_CONNECTION
        after `close`.  After the peer has finished, and this socket with it, the answer is False, and the callback and
        `error` get EPIPE.  For the rest see `Writable.write`.

        Source: https://nodejs.org/api/net.html#socketwritedata-encoding-callback
        """
        if self._peer_finished and self._writable_state.ending:
            return self._refuse_after_end(encoding, callback)
        return write(self, chunk, encoding, callback)

    def _refuse_after_end(self, encoding: Any, callback: Any) -> bool:
        import errno
        error = system_error(errno.EPIPE, "write")
        callback = encoding if callable(encoding) else callback
        if callback is not None:
            self._loop.next_tick(call_fitting, (callback, (error,)))
        self.destroy(error)
        return False

    def _try_write(self, chunk: bytes) -> int:
        handle = self._handle
        if handle is None:
            return -1
        taken = handle.try_write(chunk)
        if taken <= 0:
            return -1           # none, or an error: `_write` meets it again, and tells
        self._bytes_sent += taken
        if self._idle is not None:
            self._stir()
        if _WRITE.subscribers is not None:
            _WRITE.publish({"socket": self, "size": taken})
        return taken

    def _write(self, chunk: Any, encoding: str, callback: Callback) -> None:
        self._bytes_sent += len(chunk)
        self._send([chunk], callback)

    def _writev(self, chunks: list[tuple[Any, str]], callback: Callback) -> None:
        pieces = [chunk for chunk, _ in chunks]
        self._bytes_sent += self._writable_state.flight_length
        self._send(pieces, callback)

    def _send(self, pieces: list[bytes], callback: Callback) -> None:
        handle = self._handle
        if handle is None:
            if self.connecting:
                self._unsent, self._sent_callback = pieces, callback
            else:
                callback(StateError("Socket is closed", "ERR_SOCKET_CLOSED"))
            return
        self._stir()
        if _WRITE.subscribers is not None:
            _WRITE.publish({"socket": self, "size": sum(map(len, pieces))})
        result = handle.write(pieces)
        if result == 0:
            self._sent_callback = callback
        elif result > 0:
            callback(None)
        else:
            callback(system_error(-result, "write"))

    def _flushed(self) -> None:
        """The kernel took what the handle had kept."""
        self._stir()
        callback, self._sent_callback = self._sent_callback, None
        if callback is not None:
            callback(None)

    def _pack(self) -> None:
        """Hook: what waited because of the handle's `pack_later` is to be written."""

    def _unsent_bytes(self) -> int:
        return 0 if self._handle is None else self._handle.unsent()

    def _final(self, callback: Callback) -> None:
        """All was written: finish (FIN)."""
        handle = self._handle
        if handle is None and self.connecting:
            self._final_callback = callback
            return
        result = 1 if handle is None else handle.write([])
        if result > 0:
            self._finish(callback)
        elif result == 0:           # what listeners wrote in one turn was too much for the kernel
            self._final_callback, self._sent_callback = callback, self._finish_after
        else:
            callback(system_error(-result, "write"))

    def _finish_after(self, error: Exception | None) -> None:
        callback, self._final_callback = self._final_callback, None
        if error is not None:
            callback(error)  # type: ignore[misc]  # it was set together with this one
        else:
            self._finish(callback)  # type: ignore[arg-type]  # the same

    def _finish(self, callback: Callback) -> None:
        handle = self._handle
        if handle is not None and not self._peer_finished:
            handle.shutdown()       # fails only when the connection is gone already: reading tells how
        callback(None)              # where both sides have finished, close() follows at once, and sends the FIN

    # --- ending --------------------------------------------------------------------------------------------------

    def _handle_failed(self, error: int, syscall: str) -> None:
        failure = system_error(error, syscall)
        callback, self._sent_callback = self._sent_callback, None
        if callback is not None and syscall == "write":
            callback(failure)
        else:
            self.destroy(failure)

    def _destroy(self, error: Exception | None, callback: Callback) -> None:
        if error is not None and _ERROR.subscribers is not None:
            _ERROR.publish({"socket": self, "error": error})
        self._stop_idle_timer()
        handle = self._handle
        if handle is not None:
            self._handle = None
            handle.close()
            handle.socket = None
        callback(error)

    def _emit_closed(self) -> None:
        if _CLOSE.subscribers is not None:
            _CLOSE.publish({"socket": self, "had_error": self.errored is not None})
        self._emit1("close", self.errored is not None)
        self._readable_state.sink = None        # nothing comes any more, and it usually refers to us
        self._forget_listeners()

    def _forget_listeners(self) -> None:
        """Hook: nothing is emitted any more."""

    # --- asking --------------------------------------------------------------------------------------------------

    def ref(self) -> Self:
        """Let the socket keep the loop alive (the default)."""
        self._refd = True
        if self._handle is not None:
            self._handle.ref()
        return self

    def unref(self) -> Self:
        """Let the loop end although the socket is open."""
        self._refd = False
        if self._handle is not None:
            self._handle.unref()
        return self

    @property
    def bytes_read(self) -> int:
        """Bytes received so far."""
        return self._bytes_received

    @property
    def bytes_written(self) -> int:
        """Bytes given to `write` so far, those that are queued included."""
        state = self._writable_state
        return self._bytes_sent + state.length - state.flight_length


class SocketHandle(StreamHandle):
    """The native handle of a socket: tells it what happens."""

    if TYPE_CHECKING:
        socket: HandleStream | None

    def on_unpack(self, data: bytes) -> bytes:
        return data if self.socket is None else self.socket._unpack(data)

    def on_read(self, data: bytes) -> None:
        if self.socket is not None:
            self.socket._receive(data)

    def on_read_into(self, size: int) -> None:
        if self.socket is not None:
            self.socket._receive_into(size)

    def on_end(self) -> None:
        if self.socket is not None:
            self.socket._finish_receiving()

    def on_pack(self) -> None:
        if self.socket is not None:
            self.socket._pack()

    def on_flush(self) -> None:
        if self.socket is not None:
            self.socket._flushed()

    def on_error(self, error: int, syscall: str) -> None:
        if self.socket is not None:
            self.socket._handle_failed(error, syscall)

    def on_abandon(self) -> None:
        if self.socket is not None:
            self.socket.destroy()

    def describe(self) -> str:
        return repr(self.socket)
