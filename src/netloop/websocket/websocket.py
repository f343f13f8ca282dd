"""WebSocket: one end of a connection, as programs see it.

It is an emitter (endpoint.py) that sends (sending.py), has the face of browsers (events.py), and can be awaited and iterated
(waiting.py, messages.py).  Here is how it opens and closes.  What it knows about the connection it asks the `Wire`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..diagnostics import channel
from ..errors import StateError, check_options
from ..stream.duplex import Duplex
from .close import ABNORMAL
from .deflate import Deflate
from .endpoint import Wire
from .events import EventProperty, add_event_listener, remove_event_listener
from .handshake import Agreement
from .options import ConnectionKeywords, ConnectionOptions
from .sending import SendingEndpoint

if TYPE_CHECKING:
    from typing import Self

    from .messages import Messages
    from .signatures import websocket_off, websocket_on

__all__ = ["WebSocket"]

_OPEN = channel("websocket.open")
_ERROR = channel("websocket.error")

_CONNECTING, _OPENED, _CLOSING, _CLOSED = 0, 1, 2, 3


class WebSocket(SendingEndpoint):
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

    def __init__(self, url: str | None = None, protocols: str | Sequence[str] = (), **options: Any) -> None:
        self.url = ""
        try:
            if url is None:
                self._prepare(ConnectionOptions(**options))
            else:
                self._connect(url, protocols, options)
        except TypeError:
            from .client import option_names
            check_options("WebSocket", (url,), options, option_names())
            raise

    def _connect(self, url: str, protocols: str | Sequence[str], options: dict[str, Any]) -> None:
        own = {name: options.pop(name) for name in ConnectionKeywords.__annotations__ if name in options}
        self._prepare(ConnectionOptions(**{"per_message_deflate": True, **own}))
        from .client import Opening
        self._opening = Opening(self, url, protocols, **options)
        self.url = self._opening.url

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
        self._opening = deflate = None
        if agreement.deflate is not None and options.deflate is not None:
            deflate = Deflate(agreement.deflate, is_server, options.deflate)
        self.protocol, self.extensions = agreement.protocol, agreement.extensions
        wire = self._wire = Wire(
            is_server, options.max_payload, options.max_fragments, options.max_buffered_chunks, deflate,
            options.skip_utf8_validation, self._binary_type == "fragments", options.auto_pong,
            options.max_pending_auto_pongs, options.keys)
        wire.owner = wire.websocket = self
        wire.one_at_a_time = not options.allow_synchronous_events
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

    def _fail_to_open(self, error: Exception) -> None:
        """The opening handshake has failed."""
        if _ERROR.subscribers is not None:
            _ERROR.publish({"websocket": self, "error": error})
        self._closed = True
        self._emit_safely("error", (error,))
        self._emit_safely("close", (ABNORMAL, ""))
        self._let_go()

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
