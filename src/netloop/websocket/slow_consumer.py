"""What becomes of messages for a peer that does not read, when the program goes on sending: the option `slow_consumer`.

    block       nothing: `send` says to wait, and the queue grows for whoever does not
    drop        messages wait here, not framed yet, and the oldest are dropped; what counts is the newest (prices, positions)
    close       the connection is closed with 1013, try again later

A dropped message was never framed, so that neither compression nor the order of fragments suffers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import StateError
from ..events.listener import call_fitting

if TYPE_CHECKING:
    from .options import ConnectionOptions
    from .prepared import PreparedMessage
    from .sending import SendingEndpoint

__all__ = ["SlowConsumer", "policy"]

TRY_AGAIN_LATER = 1013


def policy(websocket: SendingEndpoint, options: ConnectionOptions) -> SlowConsumer:
    """The policy that the options ask for."""
    kind = CloseConnection if options.slow_consumer == "close" else DropOldest
    return kind(websocket, options.max_buffered_amount)


class SlowConsumer:
    """Base: is asked before each message whether to send it now."""

    size = 0        # bytes that wait here

    def __init__(self, websocket: SendingEndpoint, most: int) -> None:
        self._websocket = websocket
        self._most = most

    def admits(self, data: Any, callback: Any, binary: bool | None, compress: bool, fin: bool) -> bool:
        raise NotImplementedError

    def admits_prepared(self, message: PreparedMessage, callback: Any) -> bool:
        raise NotImplementedError

    def stop(self) -> None:
        """The connection is closed."""


class CloseConnection(SlowConsumer):
    """Ends a connection that has too much waiting; the message that it was asked about is not sent."""

    def admits(self, data: Any, callback: Any, binary: bool | None, compress: bool, fin: bool) -> bool:
        return self._admits(callback)

    def admits_prepared(self, message: PreparedMessage, callback: Any) -> bool:
        return self._admits(callback)

    def _admits(self, callback: Any) -> bool:
        if self._websocket.buffered_amount <= self._most:
            return True
        self._websocket.close(TRY_AGAIN_LATER, "too slow")
        if callback is not None:
            error = StateError("the WebSocket was closed: the peer reads too slowly")
            self._websocket._loop.next_tick(call_fitting, (callback, (error,)))
        return False


class Waiting(NamedTuple):
    """A message that waits, as a call that sends it."""

    send: Callable[[], object]
    callback: Callable[..., object] | None
    size: int


class DropOldest(SlowConsumer):
    """Keeps what the socket is too full for, the newest of it."""

    def __init__(self, websocket: SendingEndpoint, most: int) -> None:
        super().__init__(websocket, most)
        self._queue: deque[Waiting] = deque()
        self._sending = False
        websocket.on("drain", self._send_waiting)

    def admits(self, data: Any, callback: Any, binary: bool | None, compress: bool, fin: bool) -> bool:
        if self._sending or not self._is_full():
            return True
        if not fin:
            raise StateError("a fragment cannot wait where the oldest messages are dropped")
        kept = data if isinstance(data, (str, bytes)) else bytes(data)
        self._keep(lambda: self._websocket.send(kept, callback, binary=binary, compress=compress), callback, len(kept))
        return False

    def admits_prepared(self, message: PreparedMessage, callback: Any) -> bool:
        if self._sending or not self._is_full():
            return True
        self._keep(lambda: self._websocket.send_prepared(message, callback), callback, message.size)
        return False

    def stop(self) -> None:
        while self._queue:
            self._drop("the WebSocket was closed before this was sent")

    def _is_full(self) -> bool:
        return bool(self._queue) or self._wire_is_full()

    def _wire_is_full(self) -> bool:
        wire = self._websocket._wire
        return wire is not None and wire.is_full()

    def _keep(self, send: Callable[[], object], callback: Any, size: int) -> None:
        self._queue.append(Waiting(send, callback, size))
        self.size += size
        while self.size > self._most and len(self._queue) > 1:
            self._drop("dropped: the peer reads too slowly")

    def _drop(self, reason: str) -> None:
        oldest = self._queue.popleft()
        self.size -= oldest.size
        if oldest.callback is not None:
            self._websocket._loop.next_tick(call_fitting, (oldest.callback, (StateError(reason),)))

    def _send_waiting(self) -> None:
        self._sending = True
        try:
            while self._queue and not self._wire_is_full():
                oldest = self._queue.popleft()
                self.size -= oldest.size
                oldest.send()
        finally:
            self._sending = False
