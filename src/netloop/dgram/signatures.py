"""The events of dgram, typed: for editors and type checkers.  See events/signatures.py."""

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
    from .._engine.remote_info import RemoteInfo

OneMessage: TypeAlias = "Callable[[bytes, RemoteInfo], object] | Callable[[bytes], object] | NoArguments"
MessageListener = TypeVar("MessageListener", bound=OneMessage)

_ListenerEvent: TypeAlias = Literal["new_listener", "remove_listener"]
_Signal: TypeAlias = Literal["listening", "connect", "close"]
SocketEvent: TypeAlias = EmitterEvent | _Signal | Literal["message"]


@overload
def socket_on(self: E, event: Literal["message"], listener: OneMessage) -> E: ...
@overload
def socket_on(self: object, event: Literal["message"]) -> Callable[[MessageListener], MessageListener]: ...
@overload
def socket_on(self: E, event: _Signal, listener: NoArguments) -> E: ...
@overload
def socket_on(self: object, event: _Signal) -> Callable[[PlainListener], PlainListener]: ...
@overload
def socket_on(self: E, event: Literal["error"], listener: OneError) -> E: ...
@overload
def socket_on(self: object, event: Literal["error"]) -> Callable[[ErrorListener], ErrorListener]: ...
@overload
def socket_on(self: E, event: _ListenerEvent, listener: NameAndListener) -> E: ...
@overload
def socket_on(self: object, event: _ListenerEvent) -> Callable[[ListenerListener], ListenerListener]: ...
@overload
def socket_on(self: E, event: Hashable, listener: Listener) -> E: ...
@overload
def socket_on(self: object, event: Hashable) -> Callable[[AnyListener], AnyListener]: ...
def socket_on(self: Any, event: Any, listener: Any = ...) -> Any:
    """Add a listener for an event, and return the socket.  Without `listener`, a decorator."""


def socket_off(self: E, event: SocketEvent | Hashable, listener: Listener) -> E:
    """Remove the newest entry of this listener, and return the socket."""
    return self
