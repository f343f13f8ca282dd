"""The events of http, typed: for editors and type checkers.  See events/signatures.py.

Where a listener gets a connection it is typed as a `Socket`, which it is unless a program gave the server another Duplex.
"""

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
from ..net.signatures import DataListener, DropListener, OneData, OneDrop, OneSocket, ServerEvent, SocketListener
from ..stream.signatures import OneSource, ReadableEvent, SourceListener, WritableEvent

if TYPE_CHECKING:
    from ..net.socket import Socket
    from ..tls.socket import TLSSocket
    from .client_options import RequestOptions
    from .client_request import Information
    from .incoming_message import IncomingMessage
    from .server_response import ServerResponse

# --- listeners -------------------------------------------------------------------------------------------------------

OneMessage: TypeAlias = "Callable[[IncomingMessage], object] | NoArguments"
Exchange: TypeAlias = "Callable[[IncomingMessage, ServerResponse], object] | OneMessage"
MessageAndSocket: TypeAlias = "Callable[[IncomingMessage, Socket], object] | OneMessage"
Leaving: TypeAlias = "Callable[[IncomingMessage, Socket, bytes], object] | MessageAndSocket"
ErrorAndSocket: TypeAlias = "Callable[[Any, Socket], object] | OneError | NoArguments"
SocketAndOptions: TypeAlias = "Callable[[Socket, RequestOptions], object] | OneSocket"
OneClientSocket: TypeAlias = "Callable[[Socket], object] | Callable[[TLSSocket], object] | NoArguments"
LeavingClient: TypeAlias = ("Callable[[IncomingMessage, TLSSocket, bytes], object] | "
                            "Callable[[IncomingMessage, TLSSocket], object] | Leaving")
OneInformation: TypeAlias = "Callable[[Information], object] | NoArguments"

MessageListener = TypeVar("MessageListener", bound=OneMessage)
ExchangeListener = TypeVar("ExchangeListener", bound=Exchange)
MessageAndSocketListener = TypeVar("MessageAndSocketListener", bound=MessageAndSocket)
LeavingListener = TypeVar("LeavingListener", bound=Leaving)
ErrorAndSocketListener = TypeVar("ErrorAndSocketListener", bound=ErrorAndSocket)
FreeListener = TypeVar("FreeListener", bound=SocketAndOptions)
ClientSocketListener = TypeVar("ClientSocketListener", bound=OneClientSocket)
LeavingClientListener = TypeVar("LeavingClientListener", bound=LeavingClient)
InformationListener = TypeVar("InformationListener", bound=OneInformation)

_ListenerEvent: TypeAlias = Literal["new_listener", "remove_listener"]
_PipeEvent: TypeAlias = Literal["pipe", "unpipe"]
_LeavingEvent: TypeAlias = Literal["upgrade", "connect"]
_ExchangeEvent: TypeAlias = Literal["request", "check_continue", "check_expectation"]
_SocketEvent: TypeAlias = Literal["connection", "timeout"]
_ServerSignal: TypeAlias = Literal["listening", "close"]
_IncomingSignal: TypeAlias = Literal["end", "close", "aborted", "pause", "readable", "resume"]
_OutgoingSignal: TypeAlias = Literal["close", "drain", "finish", "prefinish"]
_RequestSignal: TypeAlias = Literal["close", "drain", "finish", "prefinish", "timeout", "continue", "abort"]

HTTPServerEvent: TypeAlias = ServerEvent | _ExchangeEvent | _LeavingEvent | Literal["client_error", "drop_request", "timeout"]
IncomingEvent: TypeAlias = ReadableEvent | Literal["aborted", "timeout"]
ResponseEvent: TypeAlias = WritableEvent | Literal["timeout"]
AgentEvent: TypeAlias = EmitterEvent | Literal["free"]
RequestEvent: TypeAlias = WritableEvent | _RequestSignal | _LeavingEvent | Literal["socket", "response", "information"]


# --- Server ----------------------------------------------------------------------------------------------------------

@overload
def http_server_on(self: E, event: _ExchangeEvent, listener: Exchange) -> E: ...
@overload
def http_server_on(self: object, event: _ExchangeEvent) -> Callable[[ExchangeListener], ExchangeListener]: ...
@overload
def http_server_on(self: E, event: _LeavingEvent, listener: Leaving) -> E: ...
@overload
def http_server_on(self: object, event: _LeavingEvent) -> Callable[[LeavingListener], LeavingListener]: ...
@overload
def http_server_on(self: E, event: Literal["client_error"], listener: ErrorAndSocket) -> E: ...
@overload
def http_server_on(self: object, event: Literal["client_error"]
                   ) -> Callable[[ErrorAndSocketListener], ErrorAndSocketListener]: ...
@overload
def http_server_on(self: E, event: Literal["drop_request"], listener: MessageAndSocket) -> E: ...
@overload
def http_server_on(self: object, event: Literal["drop_request"]
                   ) -> Callable[[MessageAndSocketListener], MessageAndSocketListener]: ...
@overload
def http_server_on(self: E, event: _SocketEvent, listener: OneSocket) -> E: ...
@overload
def http_server_on(self: object, event: _SocketEvent) -> Callable[[SocketListener], SocketListener]: ...
@overload
def http_server_on(self: E, event: _ServerSignal, listener: NoArguments) -> E: ...
@overload
def http_server_on(self: object, event: _ServerSignal) -> Callable[[PlainListener], PlainListener]: ...
@overload
def http_server_on(self: E, event: Literal["drop"], listener: OneDrop) -> E: ...
@overload
def http_server_on(self: object, event: Literal["drop"]) -> Callable[[DropListener], DropListener]: ...
@overload
def http_server_on(self: E, event: Literal["error"], listener: OneError) -> E: ...
@overload
def http_server_on(self: object, event: Literal["error"]) -> Callable[[ErrorListener], ErrorListener]: ...
@overload
def http_server_on(self: E, event: _ListenerEvent, listener: NameAndListener) -> E: ...
@overload
def http_server_on(self: object, event: _ListenerEvent) -> Callable[[ListenerListener], ListenerListener]: ...
@overload
def http_server_on(self: E, event: Hashable, listener: Listener) -> E: ...
@overload
def http_server_on(self: object, event: Hashable) -> Callable[[AnyListener], AnyListener]: ...
def http_server_on(self: Any, event: Any, listener: Any = ...) -> Any:
    """Add a listener for an event, and return the server.  Without `listener`, a decorator."""


def http_server_off(self: E, event: HTTPServerEvent | Hashable, listener: Listener) -> E:
    """Remove the newest entry of this listener, and return the server."""
    return self


# --- IncomingMessage -------------------------------------------------------------------------------------------------

@overload
def incoming_on(self: E, event: Literal["data"], listener: OneData) -> E: ...
@overload
def incoming_on(self: object, event: Literal["data"]) -> Callable[[DataListener], DataListener]: ...
@overload
def incoming_on(self: E, event: _IncomingSignal, listener: NoArguments) -> E: ...
@overload
def incoming_on(self: object, event: _IncomingSignal) -> Callable[[PlainListener], PlainListener]: ...
@overload
def incoming_on(self: E, event: Literal["timeout"], listener: OneSocket) -> E: ...
@overload
def incoming_on(self: object, event: Literal["timeout"]) -> Callable[[SocketListener], SocketListener]: ...
@overload
def incoming_on(self: E, event: Literal["error"], listener: OneError) -> E: ...
@overload
def incoming_on(self: object, event: Literal["error"]) -> Callable[[ErrorListener], ErrorListener]: ...
@overload
def incoming_on(self: E, event: _ListenerEvent, listener: NameAndListener) -> E: ...
@overload
def incoming_on(self: object, event: _ListenerEvent) -> Callable[[ListenerListener], ListenerListener]: ...
@overload
def incoming_on(self: E, event: Hashable, listener: Listener) -> E: ...
@overload
def incoming_on(self: object, event: Hashable) -> Callable[[AnyListener], AnyListener]: ...
def incoming_on(self: Any, event: Any, listener: Any = ...) -> Any:
    """Add a listener for an event, and return the message.  Without `listener`, a decorator."""


def incoming_off(self: E, event: IncomingEvent | Hashable, listener: Listener) -> E:
    """Remove the newest entry of this listener, and return the message."""
    return self


# --- ServerResponse --------------------------------------------------------------------------------------------------

@overload
def response_on(self: E, event: _OutgoingSignal, listener: NoArguments) -> E: ...
@overload
def response_on(self: object, event: _OutgoingSignal) -> Callable[[PlainListener], PlainListener]: ...
@overload
def response_on(self: E, event: Literal["timeout"], listener: OneSocket) -> E: ...
@overload
def response_on(self: object, event: Literal["timeout"]) -> Callable[[SocketListener], SocketListener]: ...
@overload
def response_on(self: E, event: _PipeEvent, listener: OneSource) -> E: ...
@overload
def response_on(self: object, event: _PipeEvent) -> Callable[[SourceListener], SourceListener]: ...
@overload
def response_on(self: E, event: Literal["error"], listener: OneError) -> E: ...
@overload
def response_on(self: object, event: Literal["error"]) -> Callable[[ErrorListener], ErrorListener]: ...
@overload
def response_on(self: E, event: _ListenerEvent, listener: NameAndListener) -> E: ...
@overload
def response_on(self: object, event: _ListenerEvent) -> Callable[[ListenerListener], ListenerListener]: ...
@overload
def response_on(self: E, event: Hashable, listener: Listener) -> E: ...
@overload
def response_on(self: object, event: Hashable) -> Callable[[AnyListener], AnyListener]: ...
def response_on(self: Any, event: Any, listener: Any = ...) -> Any:
    """Add a listener for an event, and return the response.  Without `listener`, a decorator."""


def response_off(self: E, event: ResponseEvent | Hashable, listener: Listener) -> E:
    """Remove the newest entry of this listener, and return the response."""
    return self


# --- ClientRequest ---------------------------------------------------------------------------------------------------

@overload
def request_on(self: E, event: Literal["response"], listener: OneMessage) -> E: ...
@overload
def request_on(self: object, event: Literal["response"]) -> Callable[[MessageListener], MessageListener]: ...
@overload
def request_on(self: E, event: _RequestSignal, listener: NoArguments) -> E: ...
@overload
def request_on(self: object, event: _RequestSignal) -> Callable[[PlainListener], PlainListener]: ...
@overload
def request_on(self: E, event: _LeavingEvent, listener: LeavingClient) -> E: ...
@overload
def request_on(self: object, event: _LeavingEvent) -> Callable[[LeavingClientListener], LeavingClientListener]: ...
@overload
def request_on(self: E, event: Literal["socket"], listener: OneClientSocket) -> E: ...
@overload
def request_on(self: object, event: Literal["socket"]) -> Callable[[ClientSocketListener], ClientSocketListener]: ...
@overload
def request_on(self: E, event: Literal["information"], listener: OneInformation) -> E: ...
@overload
def request_on(self: object, event: Literal["information"]) -> Callable[[InformationListener], InformationListener]: ...
@overload
def request_on(self: E, event: _PipeEvent, listener: OneSource) -> E: ...
@overload
def request_on(self: object, event: _PipeEvent) -> Callable[[SourceListener], SourceListener]: ...
@overload
def request_on(self: E, event: Literal["error"], listener: OneError) -> E: ...
@overload
def request_on(self: object, event: Literal["error"]) -> Callable[[ErrorListener], ErrorListener]: ...
@overload
def request_on(self: E, event: _ListenerEvent, listener: NameAndListener) -> E: ...
@overload
def request_on(self: object, event: _ListenerEvent) -> Callable[[ListenerListener], ListenerListener]: ...
@overload
def request_on(self: E, event: Hashable, listener: Listener) -> E: ...
@overload
def request_on(self: object, event: Hashable) -> Callable[[AnyListener], AnyListener]: ...
def request_on(self: Any, event: Any, listener: Any = ...) -> Any:
    """Add a listener for an event, and return the request.  Without `listener`, a decorator."""


def request_off(self: E, event: RequestEvent | Hashable, listener: Listener) -> E:
    """Remove the newest entry of this listener, and return the request."""
    return self


# --- Agent -----------------------------------------------------------------------------------------------------------

@overload
def agent_on(self: E, event: Literal["free"], listener: SocketAndOptions) -> E: ...
@overload
def agent_on(self: object, event: Literal["free"]) -> Callable[[FreeListener], FreeListener]: ...
@overload
def agent_on(self: E, event: Literal["error"], listener: OneError) -> E: ...
@overload
def agent_on(self: object, event: Literal["error"]) -> Callable[[ErrorListener], ErrorListener]: ...
@overload
def agent_on(self: E, event: _ListenerEvent, listener: NameAndListener) -> E: ...
@overload
def agent_on(self: object, event: _ListenerEvent) -> Callable[[ListenerListener], ListenerListener]: ...
@overload
def agent_on(self: E, event: Hashable, listener: Listener) -> E: ...
@overload
def agent_on(self: object, event: Hashable) -> Callable[[AnyListener], AnyListener]: ...
def agent_on(self: Any, event: Any, listener: Any = ...) -> Any:
    """Add a listener for an event, and return the agent.  Without `listener`, a decorator."""


def agent_off(self: E, event: AgentEvent | Hashable, listener: Listener) -> E:
    """Remove the newest entry of this listener, and return the agent."""
    return self
