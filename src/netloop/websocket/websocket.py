"""WebSocket: one end of a connection, as programs see it.

It is an emitter, has the face of browsers (events.py), and can be awaited and iterated (waiting.py, messages.py).  What it
knows about the connection it asks the `Wire`, which is the connection that calls back here; before the opening handshake
is done there is none.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Hashable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..diagnostics import channel
from ..errors import StateError, invalid_value
from ..events.emitter import EventEmitter
from ..events.listener import call_fitting, most_arguments
from ..loop import current
from ..stream.duplex import Duplex
from .close import ABNORMAL, serialise_close
from .connection import Connection
from .deflate import Deflate
from .events import EventProperty, add_event_listener, remove_event_listener
from .handshake import Agreement
from .options import ConnectionKeywords, ConnectionOptions
from .sent import GO_ON, Full, Refused

if TYPE_CHECKING:
    from typing import Self

    from ..loop import Loop
    from .client import Opening
    from .errors import WebSocketError
    from .messages import Messages
    from .prepared import PreparedMessage
    from .sent import Sent
    from .signatures import websocket_off, websocket_on
    from .slow_consumer import SlowConsumer

__all__ = ["WebSocket", "Wire"]

_OPEN = channel("websocket.open")
_ERROR = channel("websocket.error")
_CLOSE = channel("websocket.close")

_CONNECTING, _OPENED, _CLOSING, _CLOSED = 0, 1, 2, 3
_BINARY_TYPES = ("bytes", "fragments", "memoryview")


class WebSocket(EventEmitter):
    """A WebSocket connection.

    ``WebSocket(url, protocols, **options)`` connects: `url` is like ``ws://host/path``, and `protocols` are the subprotocols
    to offer.  For the options see `ConnectionOptions` and `Opening`; `per_message_deflate` is on.

    ``WebSocket(None, **options)`` has no connection until `set_socket` gives it one; a `WebSocketServer` does that.

    Attributes:
        onopen, onmessage, onclose, onerror: listeners that get an event, as in browsers; see `MessageEvent`,
            `CloseEvent`, `ErrorEvent`.

    Events:
        open: messages can be sent.
        message (data, is_binary): a message: a str, or bytes (what `binary_type` says).
        ping (data), pong (data): control frames; a ping has been answered already.
        drain: what `send` said to wait for.
        error (exception): it could not be opened, or the peer broke a rule or a limit; `close` follows.
        upgrade (response): a client's opening handshake was answered; `unexpected_response` (request, response): otherwise
            than with an upgrade; `redirect` (url, request): it was sent elsewhere.
        close (code, reason): nothing more will happen.  1005: the peer gave no code; 1006: it did not say goodbye.

    ``await websocket`` waits until it is open; ``async with`` too, and closes it at the end; ``async for message in
    websocket`` gives the messages.

    Sources: https://websockets.spec.whatwg.org, https://github.com/websockets/ws/blob/master/doc/ws.md
    """

    CONNECTING = _CONNECTING
    OPEN = _OPENED
    CLOSING = _CLOSING
    CLOSED = _CLOSED

    onopen = EventProperty("open")
    onmessage = EventProperty("message")
    onclose = EventProperty("close")
    onerror = EventProperty("error")

    if TYPE_CHECKING:  # typed events, see events/signatures.py
        on = add_listener = once = websocket_on                     # type: ignore[assignment]
        prepend_listener = prepend_once_listener = websocket_on     # type: ignore[assignment]
        off = remove_listener = websocket_off

        url: str
        protocol: str
        extensions: str
        _loop: Loop
        _wire: Wire | None
        _opening: Opening | None
        _options: ConnectionOptions
        _binary_type: str
        _wants_views: bool
        _message_listener: Callable[..., object] | None
        _takes_data_only: bool
        _closed: bool
        _refused_bytes: int
        _messages: Messages | None
        _slow_consumer: SlowConsumer | None
        _heartbeat: Any
        _forget_server: Callable[[WebSocket], object] | None

    def __init__(self, url: str | None = None, protocols: str | Sequence[str] = (), **options: Any) -> None:
        if url is None:
            self._prepare(ConnectionOptions(**options))
            return
        own = {name: options.pop(name) for name in ConnectionKeywords.__annotations__ if name in options}
        self._prepare(ConnectionOptions(**{"per_message_deflate": True, **own}))
        from .client import Opening
        self._opening = Opening(self, url, protocols, **options)
        self.url = self._opening.url

    def _prepare(self, options: ConnectionOptions) -> None:
        self._loop = current()
        self._options = options
        self.url = self.protocol = self.extensions = ""
        self._binary_type = "bytes"
        self._wants_views = self._closed = False
        self._refused_bytes = 0
        self._opening = self._wire = self._messages = self._slow_consumer = self._heartbeat = self._forget_server = None
        self._message_listener = None
        self._takes_data_only = False

    # --- opening -----------------------------------------------------------------------------------------------------

    def set_socket(self, socket: Duplex, head: bytes = b"", *, protocol: str = "") -> None:
        """Be the server's end of the connection on `socket`, on which the opening handshake was done.

        `head` is what was received behind it; `protocol` is the subprotocol that was agreed on.  `open` follows.

        Raises:
            StateError: it has a connection already.

        Source: https://github.com/websockets/ws/blob/master/lib/websocket.js (setSocket)
        """
        self._open(socket, head, Agreement(protocol), True)

    def _open(self, socket: Duplex, head: bytes, agreement: Agreement, is_server: bool) -> None:
        if self._wire is not None or self._closed:
            raise StateError("the WebSocket has a connection already")
        options = self._options
        deflate = None
        if agreement.deflate is not None and options.deflate is not None:
            deflate = Deflate(agreement.deflate, is_server, options.deflate)
        self.protocol, self.extensions = agreement.protocol, agreement.extensions
        wire = self._wire = Wire(
            is_server, options.max_payload, options.max_fragments, options.max_buffered_chunks, deflate,
            options.skip_utf8_validation, self._binary_type == "fragments", options.auto_pong,
            options.max_pending_auto_pongs, options.keys)
        wire.owner = wire.websocket = self
        self._loop.next_tick(self._announce_open)       # before the first message
        wire.attach(socket, head, options.close_timeout, options.high_water_mark)
        if options.slow_consumer != "block":
            from .slow_consumer import policy
            self._slow_consumer = policy(self, options)
        if options.heartbeat:
            from .heartbeat import Heartbeat
            self._heartbeat = Heartbeat(self, wire, options)
        if _OPEN.subscribers is not None:
            _OPEN.publish({"websocket": self})

    def _announce_open(self) -> None:
        if not self._closed:
            self._emit_safely("open", ())

    # --- sending -----------------------------------------------------------------------------------------------------

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

    # --- receiving ---------------------------------------------------------------------------------------------------

    def pause(self) -> None:
        """Deliver nothing until `resume`, not even what has been received already.  Pings are not answered, too."""
        if self._wire is not None and not self._closed:
            self._wire.pause_receiving()

    def resume(self) -> None:
        """Deliver again, what waits first."""
        if self._wire is not None and not self._closed and self._wire.paused:
            self._wire.resume_receiving()

    @property
    def is_paused(self) -> bool:
        """Whether `pause` was called."""
        return self._wire is not None and self._wire.paused

    def _listener_added(self, event: Hashable) -> None:
        if event == "message":
            self._find_message_listener()

    def _listener_removed(self, event: Hashable) -> None:
        if event == "message":
            self._find_message_listener()

    def _find_message_listener(self) -> None:
        found = None if self._listeners is None else self._listeners.get("message")
        self._message_listener = None if type(found) is tuple else found
        self._takes_data_only = found is not None and most_arguments(found) == 1

    def _deliver(self, data: Any, is_binary: bool) -> None:
        if self._wants_views and is_binary:
            data = memoryview(data)
        try:
            if self._message_listener is None:
                self._emit("message", (data, is_binary))
            else:
                self._deliver_to(self._message_listener, data, is_binary)
        except Exception as error:
            self._loop.report(error)

    def _deliver_to(self, listener: Callable[..., object], data: Any, is_binary: bool) -> None:
        """`emit` for the only listener; nothing is looked up or packed for it."""
        result = listener(data) if self._takes_data_only else listener(data, is_binary)
        if result is not None and result is not GO_ON and type(result) is not bool:
            self._adopt(result, "message", (data, is_binary))

    def _emit_safely(self, event: str, arguments: tuple[Any, ...]) -> None:
        """What a listener raises goes to the loop: the protocol must go on."""
        try:
            self._emit(event, arguments)
        except Exception as error:
            self._loop.report(error)

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

    def _fail_to_open(self, error: Exception) -> None:
        """The opening handshake has failed."""
        if _ERROR.subscribers is not None:
            _ERROR.publish({"websocket": self, "error": error})
        self._closed = True
        self._emit_safely("error", (error,))
        self._emit_safely("close", (ABNORMAL, ""))

    def _fail(self, error: WebSocketError) -> None:
        if _ERROR.subscribers is not None:
            _ERROR.publish({"websocket": self, "error": error})
        self._emit_safely("error", (error,))

    def _finish(self) -> None:
        """The connection is gone, and everything that was received was delivered."""
        if self._closed or self._wire is None:
            return
        self._closed = True
        if self._heartbeat is not None:
            self._heartbeat.stop()
        if self._slow_consumer is not None:
            self._slow_consumer.stop()
        if self._forget_server is not None:
            self._forget_server(self)
        code, reason = self._wire.close_code, self._wire.close_reason
        if _CLOSE.subscribers is not None:
            _CLOSE.publish({"websocket": self, "code": code, "reason": reason})
        self._emit_safely("close", (code, reason))

    # --- asking ------------------------------------------------------------------------------------------------------

    @property
    def ready_state(self) -> int:
        """CONNECTING (0), OPEN (1), CLOSING (2), CLOSED (3)."""
        if self._closed:
            return _CLOSED
        if self._wire is None:
            return _CONNECTING
        return min(self._wire.ready_state, _CLOSING)

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
    def binary_type(self) -> str:
        """How binary messages come: as "bytes" (default), a "memoryview", or "fragments": a list of bytes."""
        return self._binary_type

    @binary_type.setter
    def binary_type(self, value: str) -> None:
        if value not in _BINARY_TYPES:
            raise invalid_value("binary_type", f"one of {', '.join(_BINARY_TYPES)}", value)
        self._binary_type = value
        self._wants_views = value == "memoryview"
        if self._wire is not None:
            self._wire.fragments = value == "fragments"

    @property
    def was_clean(self) -> bool:
        """Whether the closing handshake was done."""
        return self._wire is not None and self._wire.was_clean

    @property
    def is_sending_fragments(self) -> bool:
        """Whether a message was begun by ``send(..., fin=False)`` and is not finished."""
        return self._wire is not None and self._wire.in_message

    @property
    def is_server(self) -> bool:
        """Whether this is the end that accepted the connection."""
        return self._wire is not None and self._wire.is_server

    def __repr__(self) -> str:
        state = ("connecting", "open", "closing", "closed")[self.ready_state]
        return f"<WebSocket {self.url} {state}>" if self.url else f"<WebSocket {state}>"

    # --- as browsers have it -----------------------------------------------------------------------------------------

    def add_event_listener(self, type: str, listener: Any, *, once: bool = False) -> None:
        """Call `listener` with an event, for "open", "message", "close" or "error"; the same one is added once only.

        Raises:
            ArgumentTypeError, ArgumentValueError: the listener cannot be called, or there is no such event.
        """
        add_event_listener(self, type, listener, once)

    def remove_event_listener(self, type: str, listener: Any) -> None:
        """Remove what `add_event_listener` added."""
        remove_event_listener(self, type, listener)

    # --- asyncio -----------------------------------------------------------------------------------------------------

    async def drain(self) -> None:
        """Wait until `send` may go on; returns at once when it may already.

        Raises:
            StateError: the connection is closing or closed.
        """
        from .waiting import drained
        await drained(self)

    async def wait_closed(self) -> None:
        """Wait until the connection is closed."""
        from .waiting import closed
        await closed(self)

    def _collect(self) -> Messages:
        """Keep messages for whoever iterates, from now on."""
        if self._messages is None:
            from .messages import Messages
            self._messages = Messages(self)
        return self._messages

    def __await__(self) -> Generator[Any, Any, Self]:
        from .waiting import opened
        return opened(self).__await__()

    async def __aenter__(self) -> Self:
        return await self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        traceback: TracebackType | None) -> None:
        """Close, with 1000, or with 1011 if the body failed; wait until it is closed."""
        from .waiting import left
        await left(self, error)

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._collect()


class Wire(Connection):
    """The connection of a WebSocket: tells it what happens."""

    if TYPE_CHECKING:
        websocket: WebSocket

    def on_message(self, data: Any, is_binary: bool) -> None:
        self.websocket._deliver(data, is_binary)

    def on_ping(self, data: bytes) -> None:
        Connection.on_ping(self, data)
        self.websocket._emit_safely("ping", (data,))

    def on_pong(self, data: bytes) -> None:
        heartbeat = self.websocket._heartbeat
        if heartbeat is not None:
            heartbeat.on_pong()
        self.websocket._emit_safely("pong", (data,))

    def on_failure(self, error: WebSocketError) -> None:
        Connection.on_failure(self, error)
        self.websocket._fail(error)

    def on_drain(self) -> None:
        self.websocket._emit_safely("drain", ())

    def on_closed(self) -> None:
        self.websocket._finish()
