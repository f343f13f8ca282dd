"""How the events of a class are typed: for editors and type checkers, nothing here runs.

An editor that is told which events a class has, and what the listener of each is called with, can complete
``socket.on("`` and warn of a wrong listener.  Seven methods take an event and a listener, so each class has
one table of its events, an overloaded function like `emitter_on` below, and gives it all their names:

    class Socket(Duplex):
        if TYPE_CHECKING:  # typed events, see events/signatures.py
            on = add_listener = once = socket_on                  # type: ignore[assignment]
            prepend_listener = prepend_once_listener = socket_on  # type: ignore[assignment]
            off = remove_listener = socket_off

In a table each kind of listener has two overloads, to add and to decorate; those of `EventEmitter` come last,
because events may have any name.  A table repeats the events of the base class.  It lives in the module
`signatures.py` of its package:

    @overload
    def socket_on(self: E, event: Literal["data"], listener: Callable[[bytes], object]) -> E: ...
    @overload
    def socket_on(self: object, event: Literal["data"]) -> Callable[[DataListener], DataListener]: ...
    ...
    def socket_on(self: Any, event: Any, listener: Any = ...) -> Any:
        '''Add a listener.  Without `listener`, a decorator.'''

    SocketEvent = Literal["data", ...]
    def socket_off(self: E, event: SocketEvent | Hashable, listener: Listener) -> E: ...

    DataListener = TypeVar("DataListener", bound=Callable[[bytes], object])

The methods themselves stand in `EventEmitter` under ``else`` of ``if TYPE_CHECKING``: a checker that had seen
them would take their types for those of the subclasses.  The ignored error is mypy's: it wants an overloaded
function to be replaced by one with the same overloads in the same order, and a table that knows more events
has some before.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Literal, TypeAlias, TypeVar, overload

Listener: TypeAlias = Callable[..., object]
NoArguments: TypeAlias = Callable[[], object]
OneError: TypeAlias = Callable[[Any], object]       # an exception; most have a `code`, and more, by their kind
NameAndListener: TypeAlias = Callable[[Hashable, Listener], object]

E = TypeVar("E")
AnyListener = TypeVar("AnyListener", bound=Listener)
PlainListener = TypeVar("PlainListener", bound=NoArguments)
ErrorListener = TypeVar("ErrorListener", bound=OneError)
ListenerListener = TypeVar("ListenerListener", bound=NameAndListener)

EmitterEvent: TypeAlias = Literal["error", "new_listener", "remove_listener"]
_ListenerEvent: TypeAlias = Literal["new_listener", "remove_listener"]


@overload
def emitter_on(self: E, event: Literal["error"], listener: OneError) -> E: ...
@overload
def emitter_on(self: object, event: Literal["error"]) -> Callable[[ErrorListener], ErrorListener]: ...
@overload
def emitter_on(self: E, event: _ListenerEvent, listener: NameAndListener) -> E: ...
@overload
def emitter_on(self: object, event: _ListenerEvent) -> Callable[[ListenerListener], ListenerListener]: ...
@overload
def emitter_on(self: E, event: Hashable, listener: Listener) -> E: ...
@overload
def emitter_on(self: object, event: Hashable) -> Callable[[AnyListener], AnyListener]: ...
def emitter_on(self: Any, event: Any, listener: Any = ...) -> Any:
    """Add a listener for an event, and return the emitter.  Without `listener`, a decorator."""


def emitter_off(self: E, event: EmitterEvent | Hashable, listener: Listener) -> E:
    """Remove the newest entry of this listener, and return the emitter."""
    return self
