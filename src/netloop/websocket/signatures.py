"""The events of websocket, typed: for editors and type checkers.  See events/signatures.py."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, overload

from ..events.signatures import (
    AnyListener,
    E,
    EmitterEvent,
    ErrorListener,
    Listener,
    ListenerListener,
    NameAndListener,
    NoArguments,
    OneError,
    PlainListener,
)

if TYPE_CHECKING:
    from .websocket import WebSocket

# --- listeners -------------------------------------------------------------------------------------------------------

OneMessage: TypeAlias = Callable[[Any, bool], object] | Callable[[Any], object] | NoArguments
OneClose: TypeAlias = Callable[[int, str], object] | Callable[[int], object] | NoArguments
ControlData: TypeAlias = Callable[[bytes], object] | NoArguments
OneConnection: TypeAlias = "Callable[[WebSocket, Any], object] | Callable[[WebSocket], object] | NoArguments"

MessageListener = TypeVar("MessageListener", bound=OneMessage)
CloseListener = TypeVar("CloseListener", bound=OneClose)
ControlListener = TypeVar("ControlListener", bound=ControlData)
ConnectionListener = TypeVar("ConnectionListener", bound=OneConnection)

_ListenerEvent: TypeAlias = Literal["new_listener", "remove_listener"]
_Control: TypeAlias = Literal["ping", "pong"]
_Signal: TypeAlias = Literal["open", "drain"]
_ServerSignal: TypeAlias = Literal["listening", "close"]

WebSocketEvent: TypeAlias = EmitterEvent | _Control | _Signal | Literal["message", "close"]
ServerEvent: TypeAlias = EmitterEvent | _ServerSignal | Literal["connection", "headers", "ws_client_error"]


# --- WebSocket -------------------------------------------------------------------------------------------------------

@overload
def websocket_on(self: E, event: Literal["message"], listener: OneMessage) -> E: ...
@overload
def websocket_on(self: object, event: Literal["message"]) -> Callable[[MessageListener], MessageListener]: ...
@overload
def websocket_on(self: E, event: Literal["close"], listener: OneClose) -> E: ...
@overload
def websocket_on(self: object, event: Literal["close"]) -> Callable[[CloseListener], CloseListener]: ...
@overload
def websocket_on(self: E, event: _Control, listener: ControlData) -> E: ...
@overload
def websocket_on(self: object, event: _Control) -> Callable[[ControlListener], ControlListener]: ...
@overload
def websocket_on(self: E, event: _Signal, listener: NoArguments) -> E: ...
@overload
def websocket_on(self: object, event: _Signal) -> Callable[[PlainListener], PlainListener]: ...
@overload
def websocket_on(self: E, event: Literal["error"], listener: OneError) -> E: ...
@overload
def websocket_on(self: object, event: Literal["error"]) -> Callable[[ErrorListener], ErrorListener]: ...
@overload
def websocket_on(self: E, event: _ListenerEvent, listener: NameAndListener) -> E: ...
@overload
def websocket_on(self: object, event: _ListenerEvent) -> Callable[[ListenerListener], ListenerListener]: ...
@overload
def websocket_on(self: E, event: Hashable, listener: Listener) -> E: ...
@overload
def websocket_on(self: object, event: Hashable) -> Callable[[AnyListener], AnyListener]: ...
def websocket_on(self: Any, event: Any, listener: Any = ...) -> Any:
    """Add a listener for an event, and return the WebSocket.  Without `listener`, a decorator."""


def websocket_off(self: E, event: WebSocketEvent | Hashable, listener: Listener) -> E:
    """Remove the newest entry of this listener, and return the WebSocket."""
    return self


# --- WebSocketServer -------------------------------------------------------------------------------------------------

@overload
def server_on(self: E, event: Literal["connection"], listener: OneConnection) -> E: ...
@overload
def server_on(self: object, event: Literal["connection"]) -> Callable[[ConnectionListener], ConnectionListener]: ...
@overload
def server_on(self: E, event: _ServerSignal, listener: NoArguments) -> E: ...
@overload
def server_on(self: object, event: _ServerSignal) -> Callable[[PlainListener], PlainListener]: ...
@overload
def server_on(self: E, event: Literal["error"], listener: OneError) -> E: ...
@overload
def server_on(self: object, event: Literal["error"]) -> Callable[[ErrorListener], ErrorListener]: ...
@overload
def server_on(self: E, event: _ListenerEvent, listener: NameAndListener) -> E: ...
@overload
def server_on(self: object, event: _ListenerEvent) -> Callable[[ListenerListener], ListenerListener]: ...
@overload
def server_on(self: E, event: Hashable, listener: Listener) -> E: ...
@overload
def server_on(self: object, event: Hashable) -> Callable[[AnyListener], AnyListener]: ...
def server_on(self: Any, event: Any, listener: Any = ...) -> Any:
    """Add a listener for an event, and return the server.  Without `listener`, a decorator."""


def server_off(self: E, event: ServerEvent | Hashable, listener: Listener) -> E:
    """Remove the newest entry of this listener, and return the server."""
    return self
