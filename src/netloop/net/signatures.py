"""The events of net, typed: for editors and type checkers.  See events/signatures.py."""

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
from ..stream.signatures import DuplexEvent, OneSource, SourceListener

if TYPE_CHECKING:
    from .server import DropInfo
    from .socket import Socket

# --- listeners -------------------------------------------------------------------------------------------------------

OneData: TypeAlias = Callable[[bytes], object] | Callable[[str], object]
HadError: TypeAlias = Callable[[bool], object] | NoArguments
Lookup: TypeAlias = "Callable[[Exception | None, str | None, int | None, str], object]"
Attempt: TypeAlias = Callable[[str, int, int], object]
FailedAttempt: TypeAlias = Callable[[str, int, int, Exception], object]
OneSocket: TypeAlias = "Callable[[Socket], object] | NoArguments"
OneDrop: TypeAlias = "Callable[[DropInfo | None], object] | NoArguments"

DataListener = TypeVar("DataListener", bound=OneData)
CloseListener = TypeVar("CloseListener", bound=HadError)
LookupListener = TypeVar("LookupListener", bound=Lookup)
AttemptListener = TypeVar("AttemptListener", bound=Attempt)
FailedAttemptListener = TypeVar("FailedAttemptListener", bound=FailedAttempt)
SocketListener = TypeVar("SocketListener", bound=OneSocket)
DropListener = TypeVar("DropListener", bound=OneDrop)

_ListenerEvent: TypeAlias = Literal["new_listener", "remove_listener"]
_PipeEvent: TypeAlias = Literal["pipe", "unpipe"]
_SocketSignal: TypeAlias = Literal["connect", "ready", "timeout", "end", "finish", "drain", "readable", "pause", "resume",
                                   "prefinish"]
_AttemptEvent: TypeAlias = Literal["connection_attempt", "connection_attempt_timeout"]
_ServerSignal: TypeAlias = Literal["listening", "close"]

SocketEvent: TypeAlias = DuplexEvent | _SocketSignal | _AttemptEvent | Literal["lookup", "connection_attempt_failed"]
ServerEvent: TypeAlias = EmitterEvent | _ServerSignal | Literal["connection", "drop"]


# --- Socket ----------------------------------------------------------------------------------------------------------

@overload
def socket_on(self: E, event: Literal["data"], listener: OneData) -> E: ...
@overload
def socket_on(self: object, event: Literal["data"]) -> Callable[[DataListener], DataListener]: ...
@overload
def socket_on(self: E, event: Literal["close"], listener: HadError) -> E: ...
@overload
def socket_on(self: object, event: Literal["close"]) -> Callable[[CloseListener], CloseListener]: ...
@overload
def socket_on(self: E, event: _SocketSignal, listener: NoArguments) -> E: ...
@overload
def socket_on(self: object, event: _SocketSignal) -> Callable[[PlainListener], PlainListener]: ...
@overload
def socket_on(self: E, event: Literal["lookup"], listener: Lookup) -> E: ...
@overload
def socket_on(self: object, event: Literal["lookup"]) -> Callable[[LookupListener], LookupListener]: ...
@overload
def socket_on(self: E, event: _AttemptEvent, listener: Attempt) -> E: ...
@overload
def socket_on(self: object, event: _AttemptEvent) -> Callable[[AttemptListener], AttemptListener]: ...
@overload
def socket_on(self: E, event: Literal["connection_attempt_failed"], listener: FailedAttempt) -> E: ...
@overload
def socket_on(self: object, event: Literal["connection_attempt_failed"]
              ) -> Callable[[FailedAttemptListener], FailedAttemptListener]: ...
@overload
def socket_on(self: E, event: _PipeEvent, listener: OneSource) -> E: ...
@overload
def socket_on(self: object, event: _PipeEvent) -> Callable[[SourceListener], SourceListener]: ...
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


# --- Server ----------------------------------------------------------------------------------------------------------

@overload
def server_on(self: E, event: Literal["connection"], listener: OneSocket) -> E: ...
@overload
def server_on(self: object, event: Literal["connection"]) -> Callable[[SocketListener], SocketListener]: ...
@overload
def server_on(self: E, event: _ServerSignal, listener: NoArguments) -> E: ...
@overload
def server_on(self: object, event: _ServerSignal) -> Callable[[PlainListener], PlainListener]: ...
@overload
def server_on(self: E, event: Literal["drop"], listener: OneDrop) -> E: ...
@overload
def server_on(self: object, event: Literal["drop"]) -> Callable[[DropListener], DropListener]: ...
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
