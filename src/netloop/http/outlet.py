"""Outlet: where the messages of one connection are written, and how they leave in few system calls.

    outlet = Outlet(stream)         # a socket, or any Duplex
    outlet.hold()                   # what is sent from here on is gathered ...
    outlet.send(head)
    outlet.send(body)
    outlet.release()                # ... and leaves as one

A connection holds its outlet while it looks at what came in: the answers to pipelined requests leave together.  What
is sent outside goes with `send_soon`: a head and the first chunks that a listener writes leave at the end of the turn.
Little is joined, which is cheaper than to hand the kernel several pieces; what is large goes as it is.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ..net.handle_stream import HandleStream
from ..stream.base import call_back
from ..stream.duplex import Duplex
from ..stream.gatherer import Gatherer
from ..stream.writing import write

if TYPE_CHECKING:
    from ..stream.state import Callback

__all__ = ["Outlet", "SMALL"]

SMALL = 16384               # bytes: up to here joining costs less than it saves
_SMALL = SMALL
_ENOUGH = 65536             # bytes gathered: send, whoever holds
_WRITE: Any = HandleStream.write        # of a socket, a TLSSocket


class Outlet(Gatherer):
    """The writing side of one connection; see the module."""

    if TYPE_CHECKING:
        stream: Duplex
        _direct: bool           # nobody overrides write(): what it does can be had without the look-up
        _first: bytes | None
        _others: list[bytes] | None
        _size: int
        _callbacks: list[Callback] | None
        _holders: int
        _release_due: bool

    def __init__(self, stream: Duplex) -> None:
        self.stream = stream
        self._direct = type(stream).write is _WRITE
        self._first = self._others = self._callbacks = None
        self._size = self._holders = 0
        self._release_due = False

    def send(self, data: bytes, callback: Callback | None = None) -> None:
        """Write `data`; ``callback(error_or_none)`` once the stream has passed it on."""
        if self._holders == 0 and self._first is None:
            self._write(data, callback)
            return
        if callback is not None:
            if self._callbacks is None:
                self._callbacks = []
            self._callbacks.append(callback)
        if self._first is None:
            self._first = data
            self.stream._writable_state.gatherer = self     # who writes or ends past us comes after this
        else:
            if self._others is None:
                self._others = []
            self._others.append(data)
        self._size += len(data)
        if self._size >= _ENOUGH:
            self.flush()

    def send_soon(self, data: bytes, callback: Callback | None = None) -> None:
        """Write `data`, together with whatever else is written in this turn."""
        if self._holders == 0:
            self._holders = 1
            self._release_due = True
            self.stream._loop.next_tick(self._release_now)
        self.send(data, callback)

    def after_all(self, callback: Callback) -> None:
        """``callback(error_or_none)`` once everything sent so far was passed on."""
        if self._first is None and self.stream._writable_state.length == 0:
            callback(None)
        else:
            self.send(b"", callback)

    def hold(self) -> None:
        """Gather until `release` was called as often."""
        self._holders += 1

    def release(self) -> None:
        """End a `hold`: send what was gathered, unless somebody else holds."""
        self._holders -= 1
        if self._first is not None and (self._holders == 0 or (self._holders == 1 and self._release_due)):
            self.flush()

    def _release_now(self) -> None:
        self._release_due = False
        self.release()

    def is_empty(self) -> bool:
        """Whether nothing is gathered."""
        return self._first is None

    def is_full(self) -> bool:
        """Whether the writer shall wait: the peer does not take what was sent already."""
        state = self.stream._writable_state
        return state.length + self._size >= state.high_water_mark

    def _write(self, data: bytes, callback: Any) -> None:
        if self._direct and not self.stream._writable_state.ending:
            write(self.stream, data, None, callback)
        else:
            self.stream.write(data, None, callback)

    def flush(self) -> None:
        """Send what was gathered, whoever holds."""
        first, others, callbacks = self._first, self._others, self._callbacks
        size = self._size
        self._first = self._others = self._callbacks = None
        self._size = 0
        if first is None:
            return
        stream = self.stream
        stream._writable_state.gatherer = None
        callback: Any = None
        if callbacks is not None:
            callback = callbacks[0] if len(callbacks) == 1 else partial(call_back, stream._loop, callbacks)
        if others is None:
            self._write(first, callback)
        elif size <= _SMALL:
            self._write(b"".join([first, *others]), callback)
        else:
            stream.cork()
            stream.write(first)
            last = others.pop()
            for piece in others:
                stream.write(piece)
            stream.write(last, None, callback)
            stream.uncork()
