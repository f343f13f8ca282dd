"""SendingEndpoint: what a program sends, up to the close frame, and whether it should go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import StateError
from ..events.listener import call_fitting
from .close import serialise_close
from .endpoint import Endpoint, Wire
from .sent import GO_ON, Full, Refused

if TYPE_CHECKING:
    from .prepared import PreparedMessage
    from .sent import Sent

__all__ = ["SendingEndpoint"]


class SendingEndpoint(Endpoint):
    """The methods of a WebSocket that send, and end."""

    def send(self, data: str | bytes | bytearray | memoryview, callback: Callable[..., object] | None = None, *,
             binary: bool | None = None, compress: bool = True, fin: bool = True) -> Sent:
        """Send a message; False means: wait for `drain` before more.  It is accepted in any case.

        The answer can be awaited as well, which waits for that.  After `close` was called, and when the connection is
        gone, nothing is sent: the answer is False, and raises when it is awaited.

        Parameters:
            data: a str is sent as text, everything else as binary, unless `binary` says otherwise.
            callback: called with None when the kernel has it, or with why it could not be sent.
            compress: whether to compress it, where that was agreed on.
            fin: False sends a fragment, which the next call continues.

        Raises:
            StateError: it is not open yet (ERR_INVALID_STATE).
            ArgumentTypeError, ArgumentValueError: the data cannot be sent.

        Source: https://websockets.spec.whatwg.org/#dom-websocket-send
        """
        wire = self._wire
        if wire is None or wire.close_sent is not None or wire.eof_received:
            return self._refuse(data, callback)
        if self._slow_consumer is not None and not self._slow_consumer.admits(data, callback, binary, compress, fin):
            return Full(self)
        wire.send(data, fin, binary, compress)
        return self._sent(wire, callback)

    def send_prepared(self, message: PreparedMessage, callback: Callable[..., object] | None = None) -> Sent:
        """Send a message that was framed, and compressed, once for many; see `broadcast`.  For the rest see `send`."""
        wire = self._wire
        if wire is None or wire.close_sent is not None or wire.eof_received:
            return self._refuse(b"", callback)
        if self._slow_consumer is not None and not self._slow_consumer.admits_prepared(message, callback):
            return Full(self)
        message.send_to(wire)
        return self._sent(wire, callback)

    def ping(self, data: str | bytes | bytearray | memoryview = b"", callback: Callable[..., object] | None = None) -> Sent:
        """Send a ping with at most 125 bytes; the peer answers with a pong that has the same.  For the rest see `send`."""
        wire = self._wire
        if wire is None or wire.close_sent is not None or wire.eof_received:
            return self._refuse(data, callback)
        wire.send_ping(data)
        return self._sent(wire, callback)

    def pong(self, data: str | bytes | bytearray | memoryview = b"", callback: Callable[..., object] | None = None) -> Sent:
        """Send a pong, unasked.  For the rest see `ping`."""
        wire = self._wire
        if wire is None or wire.close_sent is not None or wire.eof_received:
            return self._refuse(data, callback)
        wire.send_pong(data)
        return self._sent(wire, callback)

    def _sent(self, wire: Wire, callback: Callable[..., object] | None) -> Sent:
        if callback is not None:
            wire.call_when_written(callback)
        wire.settle_after_send()
        return Full(self) if wire.is_full() else GO_ON

    def _refuse(self, data: Any, callback: Callable[..., object] | None) -> Sent:
        if self._wire is None and not self._closed:
            raise StateError("the WebSocket is not open yet")
        self._refused_bytes += len(data.encode("utf-8", "replace") if isinstance(data, str) else bytes(data))
        error = StateError("the WebSocket is closing or closed")
        if callback is not None:
            self._loop.next_tick(call_fitting, (callback, (error,)))
        return Refused(error)

    @property
    def buffered_amount(self) -> int:
        """Bytes that were sent and that the kernel does not have yet, heads of frames included.

        What was sent after the connection had closed counts, too, as in browsers.
        """
        waiting = 0 if self._wire is None else self._wire.buffered_amount
        if self._slow_consumer is not None:
            waiting += self._slow_consumer.size
        return waiting + self._refused_bytes

    @property
    def is_sending_fragments(self) -> bool:
        """Whether a message was begun by ``send(..., fin=False)`` and is not finished."""
        return self._wire is not None and self._wire.in_message

    # --- closing -----------------------------------------------------------------------------------------------------

    def close(self, code: int | None = None, reason: str = "") -> None:
        """Begin the closing handshake; messages that were sent before go out first.  `close` follows.

        `code` is 1000 to 1003, 1007 to 1014 or 3000 to 4999; `reason` has at most 123 bytes of UTF-8.  A peer that does
        not answer within `close_timeout` is cut off.

        Raises:
            ArgumentTypeError, ArgumentValueError: the code or the reason may not travel.

        Source: https://websockets.spec.whatwg.org/#dom-websocket-close
        """
        wire = self._wire
        if wire is None:
            serialise_close(code, reason)           # raises what is wrong with them
            self._abort_opening()
        elif not self._closed:
            wire.send_close(code, reason)
            wire.settle()

    def terminate(self) -> None:
        """Close at once, without a handshake; what was not sent is lost."""
        if self._wire is None:
            self._abort_opening()
        elif not self._closed:
            self._wire.destroy_socket()

    def _abort_opening(self) -> None:
        if self._opening is not None:
            self._opening.abort()
        elif not self._closed:
            raise StateError("the WebSocket is not open yet")
