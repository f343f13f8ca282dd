"""The events of https, typed: for editors and type checkers.  See events/signatures.py."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, overload

from ..events.signatures import AnyListener, E, ErrorListener, Listener, NoArguments, OneError, PlainListener
from ..http.signatures import AgentEvent, Exchange, ExchangeListener, HTTPServerEvent, OneMessage
from ..net.signatures import OneSocket, SocketListener
from ..tls.signatures import (
    ClientError,
    ClientErrorListener,
    LineAndSocket,
    OneTLSSocket,
    ServerLineListener,
    TLSServerEvent,
    TLSSocketListener,
)

if TYPE_CHECKING:
    from ..http.client_options import RequestOptions
    from ..http.incoming_message import IncomingMessage
    from ..tls.socket import TLSSocket

MessageAndTLSSocket: TypeAlias = "Callable[[IncomingMessage, TLSSocket], object] | OneMessage"
LeavingTLS: TypeAlias = "Callable[[IncomingMessage, TLSSocket, bytes], object] | MessageAndTLSSocket"
TLSSocketAndOptions: TypeAlias = "Callable[[TLSSocket, RequestOptions], object] | OneTLSSocket"

MessageAndTLSSocketListener = TypeVar("MessageAndTLSSocketListener", bound=MessageAndTLSSocket)
LeavingTLSListener = TypeVar("LeavingTLSListener", bound=LeavingTLS)
FreeTLSListener = TypeVar("FreeTLSListener", bound=TLSSocketAndOptions)

_ExchangeEvent: TypeAlias = Literal["request", "check_continue", "check_expectation"]
_LeavingEvent: TypeAlias = Literal["upgrade", "connect"]
_FailedEvent: TypeAlias = Literal["client_error", "tls_client_error"]
_SecureEvent: TypeAlias = Literal["secure_connection", "timeout"]
_ServerSignal: TypeAlias = Literal["listening", "close"]

HTTPSServerEvent: TypeAlias = HTTPServerEvent | TLSServerEvent


@overload
def https_server_on(self: E, event: _ExchangeEvent, listener: Exchange) -> E: ...
@overload
def https_server_on(self: object, event: _ExchangeEvent) -> Callable[[ExchangeListener], ExchangeListener]: ...
@overload
def https_server_on(self: E, event: _LeavingEvent, listener: LeavingTLS) -> E: ...
@overload
def https_server_on(self: object, event: _LeavingEvent) -> Callable[[LeavingTLSListener], LeavingTLSListener]: ...
@overload
def https_server_on(self: E, event: _FailedEvent, listener: ClientError) -> E: ...
@overload
def https_server_on(self: object, event: _FailedEvent) -> Callable[[ClientErrorListener], ClientErrorListener]: ...
@overload
def https_server_on(self: E, event: Literal["drop_request"], listener: MessageAndTLSSocket) -> E: ...
@overload
def https_server_on(self: object, event: Literal["drop_request"]
                    ) -> Callable[[MessageAndTLSSocketListener], MessageAndTLSSocketListener]: ...
@overload
def https_server_on(self: E, event: _SecureEvent, listener: OneTLSSocket) -> E: ...
@overload
def https_server_on(self: object, event: _SecureEvent) -> Callable[[TLSSocketListener], TLSSocketListener]: ...
@overload
def https_server_on(self: E, event: Literal["connection"], listener: OneSocket) -> E: ...
@overload
def https_server_on(self: object, event: Literal["connection"]) -> Callable[[SocketListener], SocketListener]: ...
@overload
def https_server_on(self: E, event: Literal["keylog"], listener: LineAndSocket) -> E: ...
@overload
def https_server_on(self: object, event: Literal["keylog"]) -> Callable[[ServerLineListener], ServerLineListener]: ...
@overload
def https_server_on(self: E, event: _ServerSignal, listener: NoArguments) -> E: ...
@overload
def https_server_on(self: object, event: _ServerSignal) -> Callable[[PlainListener], PlainListener]: ...
@overload
def https_server_on(self: E, event: Literal["error"], listener: OneError) -> E: ...
@overload
def https_server_on(self: object, event: Literal["error"]) -> Callable[[ErrorListener], ErrorListener]: ...
@overload
def https_server_on(self: E, event: Hashable, listener: Listener) -> E: ...
@overload
def https_server_on(self: object, event: Hashable) -> Callable[[AnyListener], AnyListener]: ...
def https_server_on(self: Any, event: Any, listener: Any = ...) -> Any:
    """Add a listener for an event, and return the server.  Without `listener`, a decorator."""


def https_server_off(self: E, event: HTTPSServerEvent | Hashable, listener: Listener) -> E:
    """Remove the newest entry of this listener, and return the server."""
    return self


@overload
def https_agent_on(self: E, event: Literal["free"], listener: TLSSocketAndOptions) -> E: ...
@overload
def https_agent_on(self: object, event: Literal["free"]) -> Callable[[FreeTLSListener], FreeTLSListener]: ...
@overload
def https_agent_on(self: E, event: Literal["keylog"], listener: LineAndSocket) -> E: ...
@overload
def https_agent_on(self: object, event: Literal["keylog"]) -> Callable[[ServerLineListener], ServerLineListener]: ...
@overload
def https_agent_on(self: E, event: Literal["error"], listener: OneError) -> E: ...
@overload
def https_agent_on(self: object, event: Literal["error"]) -> Callable[[ErrorListener], ErrorListener]: ...
@overload
def https_agent_on(self: E, event: Hashable, listener: Listener) -> E: ...
@overload
def https_agent_on(self: object, event: Hashable) -> Callable[[AnyListener], AnyListener]: ...
def https_agent_on(self: Any, event: Any, listener: Any = ...) -> Any:
    """Add a listener for an event, and return the agent.  Without `listener`, a decorator."""


def https_agent_off(self: E, event: AgentEvent | Literal["keylog"] | Hashable, listener: Listener) -> E:
    """Remove the newest entry of this listener, and return the agent."""
    return self
