"""What may stand in a listener table: a callable, or a wrapper around one.

A listener gets as many of an event's arguments as it takes, as in JavaScript, where nobody declares what he does not
use: ``socket.on("close", lambda: print("closed"))`` works although `close` has an argument.  Functions and methods,
compiled ones as well, say in their code object how many they take; every other callable gets all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from types import BuiltinMethodType, CodeType, MethodType
from typing import TYPE_CHECKING, Any

from ..errors import invalid_type

if TYPE_CHECKING:
    from .emitter import EventEmitter
    from .signatures import Listener

__all__ = ["FittedListener", "OnceListener", "ListenerDecorator", "call_fitting", "checked", "fitted", "is_entry_of",
           "most_arguments", "unwrapped"]

_VARIADIC = 0x04        # CO_VARARGS of a code object's flags


def most_arguments(function: Any) -> int:
    """How many arguments a function takes by position; -1 for any number, and for what does not say."""
    if type(function) is BuiltinMethodType:
        return -1                               # and not by an exception for the attribute that it has not
    bound = 0
    if type(function) is MethodType:
        function, bound = function.__func__, 1
    # By its code and not by its type: functions compiled by Cython have a type for each version of it.
    code = getattr(function, "__code__", None)
    if type(code) is not CodeType or code.co_flags & _VARIADIC:
        return -1
    return code.co_argcount - bound


def call_fitting(function: Any, arguments: tuple[Any, ...]) -> object:
    """Call with as many of the arguments as the function takes."""
    most = most_arguments(function)
    return function(*arguments) if most < 0 or most >= len(arguments) else function(*arguments[:most])


def fitted(function: Any) -> Any:
    """The function itself if it takes an argument, else a wrapper that leaves the arguments out."""
    return FittedListener(function) if most_arguments(function) == 0 else function


class FittedListener:
    """A listener that takes no arguments, and is called with none."""

    if TYPE_CHECKING:
        listener: Listener

    def __init__(self, listener: Listener) -> None:
        self.listener = listener

    def __call__(self, *arguments: Any) -> object:
        return self.listener()

    def __repr__(self) -> str:
        return repr(self.listener)


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
    return entry.listener if type(entry) is OnceListener or type(entry) is FittedListener else entry


def is_entry_of(entry: Any, listener: Listener) -> bool:
    """Whether `entry` is there because `listener` was added."""
    # By equality, because obj.method is a new object each time it is written.
    return entry is listener or unwrapped(entry) == listener
