"""The events of tls, typed: for editors and type checkers.  See events/signatures.py."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, overload

from ..events.signatures import AnyListener, E, ErrorListener, Listener, NoArguments, OneError, PlainListener
from ..net.signatures import CloseListener, DataListener, HadError, OneData, ServerEvent, SocketEvent

if TYPE_CHECKING:
    from .session import TLSSession
    from .socket import TLSSocket

OneSession: TypeAlias = "Callable[[TLSSession], object] | NoArguments"
OneLine: TypeAlias = Callable[[bytes], object] | NoArguments
OneTLSSocket: TypeAlias = "Callable[[TLSSocket], object] | NoArguments"
ClientError: TypeAlias = "Callable[[Exception, TLSSocket], object] | OneError"
LineAndSocket: TypeAlias = "Callable[[bytes, TLSSocket], object] | OneLine"

SessionListener = TypeVar("SessionListener", bound=OneSession)
LineListener = TypeVar("LineListener", bound=OneLine)
TLSSocketListener = TypeVar("TLSSocketListener", bound=OneTLSSocket)
ClientErrorListener = TypeVar("ClientErrorListener", bound=ClientError)
ServerLineListener = TypeVar("ServerLineListener", bound=LineAndSocket)

_Secure: TypeAlias = Literal["secure", "secure_connect", "connect", "ready", "timeout", "end", "finish", "drain", "readable"]
TLSSocketEvent: TypeAlias = SocketEvent | _Secure | Literal["session", "keylog"]
TLSServerEvent: TypeAlias = ServerEvent | Literal["secure_connection", "tls_client_error", "keylog"]


# --- TLSSocket -------------------------------------------------------------------------------------------------------

@overload
def tls_socket_on(self: E, event: _Secure, listener: NoArguments) -> E: ...
@overload
def tls_socket_on(self: object, event: _Secure) -> Callable[[PlainListener], PlainListener]: ...
@overload
def tls_socket_on(self: E, event: Literal["data"], listener: OneData) -> E: ...
@overload
def tls_socket_on(self: object, event: Literal["data"]) -> Callable[[DataListener], DataListener]: ...
@overload
def tls_socket_on(self: E, event: Literal["session"], listener: OneSession) -> E: ...
@overload
def tls_socket_on(self: object, event: Literal["session"]) -> Callable[[SessionListener], SessionListener]: ...
@overload
def tls_socket_on(self: E, event: Literal["keylog"], listener: OneLine) -> E: ...
@overload
def tls_socket_on(self: object, event: Literal["keylog"]) -> Callable[[LineListener], LineListener]: ...
@overload
def tls_socket_on(self: E, event: Literal["close"], listener: HadError) -> E: ...
@overload
def tls_socket_on(self: object, event: Literal["close"]) -> Callable[[CloseListener], CloseListener]: ...
@overload
def tls_socket_on(self: E, event: Literal["error"], listener: OneError) -> E: ...
@overload
def tls_socket_on(self: object, event: Literal["error"]) -> Callable[[ErrorListener], ErrorListener]: ...
@overload
def tls_socket_on(self: E, event: Hashable, listener: Listener) -> E: ...
@overload
def tls_socket_on(self: object, event: Hashable) -> Callable[[AnyListener], AnyListener]: ...
def tls_socket_on(self: Any, event: Any, listener: Any = ...) -> Any:
    """Add a listener for an event, and return the socket.  Without `listener`, a decorator."""


def tls_socket_off(self: E, event: TLSSocketEvent | Hashable, listener: Listener) -> E:
    """Remove the newest entry of this listener, and return the socket."""
    return self


# --- Server ----------------------------------------------------------------------------------------------------------

@overload
def tls_server_on(self: E, event: Literal["secure_connection"], listener: OneTLSSocket) -> E: ...
@overload
def tls_server_on(self: object, event: Literal["secure_connection"]
                  ) -> Callable[[TLSSocketListener], TLSSocketListener]: ...
@overload
def tls_server_on(self: E, event: Literal["tls_client_error"], listener: ClientError) -> E: ...
@overload
def tls_server_on(self: object, event: Literal["tls_client_error"]
                  ) -> Callable[[ClientErrorListener], ClientErrorListener]: ...
@overload
def tls_server_on(self: E, event: Literal["keylog"], listener: LineAndSocket) -> E: ...
@overload
def tls_server_on(self: object, event: Literal["keylog"]) -> Callable[[ServerLineListener], ServerLineListener]: ...
@overload
def tls_server_on(self: E, event: Literal["error"], listener: OneError) -> E: ...
@overload
def tls_server_on(self: object, event: Literal["error"]) -> Callable[[ErrorListener], ErrorListener]: ...
@overload
def tls_server_on(self: E, event: Hashable, listener: Listener) -> E: ...
@overload
def tls_server_on(self: object, event: Hashable) -> Callable[[AnyListener], AnyListener]: ...
def tls_server_on(self: Any, event: Any, listener: Any = ...) -> Any:
    """Add a listener for an event, and return the server.  Without `listener`, a decorator."""


def tls_server_off(self: E, event: TLSServerEvent | Hashable, listener: Listener) -> E:
    """Remove the newest entry of this listener, and return the server."""
    return self
