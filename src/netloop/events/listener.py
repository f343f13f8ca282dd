"""What may stand in a listener table: a callable, or a wrapper around one.

A listener gets as many of an event's arguments as it takes, as in JavaScript, where nobody declares what he does not
use: ``socket.on("close", lambda: print("closed"))`` works although `close` has an argument.  Functions and methods,
compiled ones as well, say in their code object how many they take; every other callable gets all of them.  What a
function wants beyond them is None, as it is undefined there: ``server.on("close", lambda error: ...)`` works too.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from .._engine.arity import least_arguments, most_arguments
from ..errors import invalid_type

if TYPE_CHECKING:
    from .emitter import EventEmitter
    from .signatures import Listener

__all__ = ["OnceListener", "ListenerDecorator", "call_fitting", "checked", "is_entry_of", "unwrapped"]


def call_fitting(function: Any, arguments: tuple[Any, ...]) -> object:
    """Call with as many of the arguments as the function takes, and None for those that it wants beyond them."""
    most = most_arguments(function)
    if most < 0 or most == len(arguments):
        return function(*arguments)
    if most < len(arguments):
        return function(*arguments[:most])
    missing = least_arguments(function) - len(arguments)
    return function(*arguments, *(None,) * missing) if missing > 0 else function(*arguments)


class OnceListener:
    """What `once` adds: removes itself, then calls `listener`.  Re-entered, it does nothing."""

    if TYPE_CHECKING:
        listener: Listener

    def __init__(self, emitter: EventEmitter, event: Hashable, listener: Listener) -> None:
        self._emitter = emitter
        self._event = event
        self._fired = False
        self.listener = listener

    def __call__(self, *arguments: Any) -> object:
        if self._fired:
            return None
        self._fired = True
        self._emitter.remove_listener(self._event, self)
        return call_fitting(self.listener, arguments)

    def __repr__(self) -> str:
        return f"<once {self.listener!r}>"


class ListenerDecorator:
    """``@emitter.on("event")``: adds the function below it, and leaves it as it is."""

    def __init__(self, add: Callable[..., object], event: Hashable) -> None:
        self._add = add
        self._event = event

    def __call__(self, listener: Listener) -> Listener:
        self._add(self._event, listener)
        return listener


def checked(listener: Any) -> Listener:
    """The listener itself; ArgumentTypeError (ERR_INVALID_ARG_TYPE) if it is not callable."""
    if not callable(listener):
        raise invalid_type("listener", "callable", listener)
    return listener  # type: ignore[no-any-return]


def unwrapped(entry: Any) -> Listener:
    """The listener as it was given."""
    return entry.listener if type(entry) is OnceListener else entry


def is_entry_of(entry: Any, listener: Listener) -> bool:
    """Whether `entry` is there because `listener` was added."""
    # By equality, because obj.method is a new object each time it is written.
    return entry is listener or unwrapped(entry) == listener
