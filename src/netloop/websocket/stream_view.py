"""create_web_socket_stream(): a WebSocket as a Duplex, for what works on streams.

Each write is a binary message, or a text one where it is a str and `decode_strings` is off; each message
that arrives is a chunk.  The backpressure of both sides carries over: a stream that is not read pauses the WebSocket, and a
write is done when the WebSocket has handed it on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..stream.duplex import Duplex

if TYPE_CHECKING:
    from ..stream.state import Callback
    from .websocket import WebSocket

__all__ = ["create_web_socket_stream", "WebSocketStreamView"]

_CONNECTING, _CLOSED = 0, 3


def create_web_socket_stream(websocket: WebSocket, **options: Any) -> WebSocketStreamView:
    """A Duplex over the WebSocket; `options` are those of `Duplex`.

    Ending it closes the WebSocket, destroying it terminates it; an `error` of the WebSocket is the stream's.

    Source: https://github.com/websockets/ws/blob/master/doc/ws.md#createwebsocketstreamwebsocket-options
    """
    return WebSocketStreamView(websocket, **options)


class WebSocketStreamView(Duplex):
    """What `create_web_socket_stream` makes."""

    def __init__(self, websocket: WebSocket, **options: Any) -> None:
        super().__init__(**{"allow_half_open": False, **options})
        self._websocket = websocket
        self._construct_callback: Callback | None = None
        websocket.on("message", self._on_message)
        websocket.once("error", self._on_error)
        websocket.once("close", self._on_close)

    def _on_message(self, data: Any, is_binary: bool) -> None:
        chunk = data if self.readable_object_mode or not isinstance(data, str) else data.encode()
        if not self.push(chunk):
            self._websocket.pause()

    def _on_error(self, error: Exception) -> None:
        self.destroy(error)

    def _on_close(self) -> None:
        self._websocket.remove_listener("error", self._on_error)
        if not self.destroyed:
            self.push(None)

    def _read(self, size: int) -> None:
        self._websocket.resume()

    def _construct(self, callback: Callback) -> None:
        if self._websocket.ready_state != _CONNECTING:
            callback(None)
            return
        self._construct_callback = callback
        self._websocket.once("open", self._on_opened_or_closed)
        self._websocket.once("close", self._on_opened_or_closed)

    def _on_opened_or_closed(self) -> None:
        callback, self._construct_callback = self._construct_callback, None
        if callback is not None:
            callback(None)

    def _write(self, chunk: Any, encoding: str, callback: Callback) -> None:
        self._websocket.send(chunk, callback)

    def _final(self, callback: Callback) -> None:
        if self._websocket.ready_state == _CLOSED:
            callback(None)
        else:
            self._websocket.once("close", lambda: callback(None))
            self._websocket.close()

    def _destroy(self, error: Exception | None, callback: Callback) -> None:
        if self._websocket.ready_state == _CLOSED:
            callback(error)
        else:
            self._websocket.once("close", lambda: callback(error))
            self._websocket.terminate()
