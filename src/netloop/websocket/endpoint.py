"""Endpoint: what happens on a connection, as events of an emitter.

The connection is a `Wire`, which calls back here.  The way of nearly every message is the first branch of `_deliver`: one
listener, of which was found out when it was added how many arguments it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from .._engine.arity import most_arguments
from .._engine.listener_table import ListenerTable
from ..diagnostics import channel
from ..errors import invalid_value
from ..events.emitter import EventEmitter, error_monitor
from ..loop import current
from .connection import Connection
from .sent import GO_ON

if TYPE_CHECKING:
    from ..loop import Loop
    from .client import Opening
    from .errors import WebSocketError
    from .messages import Messages
    from .options import ConnectionOptions
    from .slow_consumer import SlowConsumer

__all__ = ["Endpoint", "Wire"]

_ERROR = channel("websocket.error")
_CLOSE = channel("websocket.close")

_CONNECTING, _CLOSING, _CLOSED = 0, 2, 3
_BINARY_TYPES = ("bytes", "fragments", "memoryview")


class Endpoint(EventEmitter):
    """One end of a connection, of which there is none before the opening handshake is done: `_wire` is None."""

    if TYPE_CHECKING:
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
        _forget_server: Callable[[Any], object] | None

    def _prepare(self, options: ConnectionOptions) -> None:
        self._loop = current()
        self._options = options
        self.protocol = self.extensions = ""
        self._binary_type = "bytes"
        self._wants_views = self._closed = False
        self._refused_bytes = 0
        self._opening = self._wire = self._messages = self._slow_consumer = self._heartbeat = self._forget_server = None
        self._message_listener = None
        self._takes_data_only = False

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
        most = 0 if found is None or type(found) is tuple else most_arguments(found)
        self._message_listener = found if most != 0 else None
        self._takes_data_only = most == 1

    def _deliver(self, data: Any, is_binary: bool) -> None:
        if self._wants_views and is_binary:
            data = memoryview(data)
        try:
            listener = self._message_listener
            if listener is None:
                self._emit("message", (data, is_binary))
                return
            # What `emit` does, but for the only listener nothing is looked up or packed.
            result = listener(data) if self._takes_data_only else listener(data, is_binary)
            if result is not None and result is not GO_ON and type(result) is not bool:
                self._adopt(result, "message", (data, is_binary))
        except Exception as error:
            self._loop.report(error)

    def _emit_safely(self, event: str, arguments: tuple[Any, ...]) -> None:
        """What a listener raises goes to the loop: the protocol must go on."""
        try:
            self._emit(event, arguments)
        except Exception as error:
            self._loop.report(error)

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

    # --- the end -----------------------------------------------------------------------------------------------------

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
        self._let_go()

    def _let_go(self) -> None:
        """`close` was emitted: what refers to the WebSocket lets it go, so that it need not wait for the garbage collector.

        Its listeners usually refer to it as well.  Those of `error` stay: a coroutine listener may fail even now.
        """
        self._opening = self._heartbeat = self._slow_consumer = self._forget_server = self._message_listener = None
        if self._wire is not None:
            self._wire.owner = self._wire.websocket = None  # type: ignore[assignment]  # it calls no more
        if self._messages is not None:
            self._messages.end()
        if self._listeners is not None:
            left = ListenerTable()
            for event in ("error", error_monitor):
                if (listeners := self._listeners.get(event)) is not None:
                    left.add(event, listeners)
            self._listeners = left

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
    def was_clean(self) -> bool:
        """Whether the closing handshake was done."""
        return self._wire is not None and self._wire.was_clean

    @property
    def is_server(self) -> bool:
        """Whether this is the end that accepted the connection."""
        return self._wire is not None and self._wire.is_server


class Wire(Connection):
    """The connection of an endpoint: tells it what happens.

    Each hook takes the endpoint into a local first: compiled code lends what an attribute has, and a listener may be the end
    of both.
    """

    if TYPE_CHECKING:
        websocket: Endpoint             # None when it was told that all is over
        one_at_a_time: bool

    def on_message(self, data: Any, is_binary: bool) -> None:
        websocket = self.websocket
        websocket._deliver(data, is_binary)
        if self.one_at_a_time:
            self._rest()

    def on_ping(self, data: bytes) -> None:
        Connection.on_ping(self, data)
        websocket = self.websocket
        websocket._emit_safely("ping", (data,))
        if self.one_at_a_time:
            self._rest()

    def on_pong(self, data: bytes) -> None:
        websocket = self.websocket
        heartbeat = websocket._heartbeat
        if heartbeat is not None:
            heartbeat.on_pong()
        websocket._emit_safely("pong", (data,))
        if self.one_at_a_time:
            self._rest()

    def _rest(self) -> None:
        """Let ticks run before the next event."""
        self.held = True
        self.loop.next_tick(self._go_on)

    def _go_on(self) -> None:
        self.held = False
        if not self.paused:
            self.resume_receiving()

    def on_failure(self, error: WebSocketError) -> None:
        Connection.on_failure(self, error)
        websocket = self.websocket
        websocket._fail(error)

    def on_drain(self) -> None:
        websocket = self.websocket
        websocket._emit_safely("drain", ())

    def on_closed(self) -> None:
        websocket = self.websocket
        if websocket is not None:           # else it heard that already
            websocket._finish()
