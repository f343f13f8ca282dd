"""EventEmitter: named events, and the listeners that are called when one is emitted.

The listener table is a dict from the event's name to its one listener, or to a tuple of them in calling order.  Nearly
every event of a network program has exactly one listener, so that one is found with a single look-up and called without a
loop.  A tuple is never changed, only replaced: `emit` walks over the tuple that it found, so whoever adds or removes
a listener meanwhile does not disturb it, and no copy is made for each emission.

The table is created by the first listener.  A subclass that does not call ``super().__init__()`` works all the same.

A listener may be a coroutine function.  What it returned is started as a task of the loop; `rejection.py` says where its
failure goes.

Subclasses in this package have typed events: see `signatures.py`.

Source: https://nodejs.org/api/events.html
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Coroutine, Hashable
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from ..errors import MaxListenersExceededWarning, UnhandledError, invalid_type, out_of_range

if TYPE_CHECKING:
    from typing import Final, Self, TypeAlias, TypeVar, overload

    Listener: TypeAlias = Callable[..., object]
    _L = TypeVar("_L", bound=Listener)

__all__ = ["EventEmitter", "OnceListener", "Symbol", "error_monitor"]


class Symbol:
    """A value that is equal to nothing but itself, so that it cannot clash with a name that a user chose."""

    def __init__(self, description: str) -> None:
        self.description = description

    def __repr__(self) -> str:
        return self.description


error_monitor: Final = Symbol("events.error_monitor")

_ABSENT: Any = Symbol("absent")

# Its attributes default_max_listeners and capture_rejections are settings that a program may change at any time.
_settings: Any = sys.modules[__name__.rpartition(".")[0]]


class EventEmitter:
    """An object that emits named events to listeners, synchronously and in the order in which they were added.

    A listener is any callable; it is called with the arguments of `emit`.  Event names are strings, or anything hashable.

    Parameters:
        capture_rejections: where the failure of a coroutine listener goes.  True: to the method ``capture_rejection(error,
            event, *arguments)`` if the class has one, else to the `error` event.  False: to the loop, as an exception that
            nobody could catch.  By default as `events.capture_rejections` says, which is True.

    Events:
        new_listener (event, listener): a listener is about to be added.
        remove_listener (event, listener): a listener was removed.
        error (exception): something went wrong.  Without a listener for it, `emit` raises the exception.

    Source: https://nodejs.org/api/events.html#class-eventemitter
    """

    if TYPE_CHECKING:
        _listeners: dict[Hashable, Any] | None
        _monitored: bool
        _max_listeners: float | None
        _warned: set[Hashable] | None
        _capture_rejections: bool | None

    def __init__(self, *, capture_rejections: bool | None = None) -> None:
        if capture_rejections is not None:
            self._capture_rejections = capture_rejections

    # --- emit ----------------------------------------------------------------------------------------------------

    def emit(self, event: Hashable, *arguments: Any) -> bool:
        """Call the event's listeners with `arguments`; whether there were any.

        What a listener raises leaves here, and the listeners after it are not called.

        Raises:
            the argument, when `event` is ``"error"`` and nobody listens to it; `UnhandledError` (ERR_UNHANDLED_ERROR)
            when that argument is no exception.
        """
        return self._emit(event, arguments)

    def _emit0(self, event: Hashable) -> bool:
        """`emit` without arguments, for calls from compiled code."""
        if self._listeners is not None and not self._monitored:
            found = self._listeners.get(event)
            if found is not None and type(found) is not tuple:
                result = found()
                if result is not None and type(result) is not bool:
                    self._adopt(result, event, ())
                return True
        return self._emit(event, ())

    def _emit1(self, event: Hashable, argument: object) -> bool:
        """`emit` with one argument, for calls from compiled code: the way of every chunk of data."""
        if self._listeners is not None and not self._monitored:
            found = self._listeners.get(event)
            if found is not None and type(found) is not tuple:
                result = found(argument)
                if result is not None and type(result) is not bool:
                    self._adopt(result, event, (argument,))
                return True
        return self._emit(event, (argument,))

    def _emit(self, event: Hashable, arguments: tuple[Any, ...]) -> bool:
        if self._monitored and event == "error":
            self._emit(error_monitor, arguments)
        found = None if self._listeners is None else self._listeners.get(event)
        if found is None:
            if event == "error":
                _raise_unhandled(arguments)
            return False
        if type(found) is not tuple:
            self._call(found, event, arguments)
        else:
            for listener in found:
                self._call(listener, event, arguments)
        return True

    def _call(self, listener: Listener, event: Hashable, arguments: tuple[Any, ...]) -> None:
        result = listener(*arguments)
        if result is not None and type(result) is not bool:
            self._adopt(result, event, arguments)

    def _adopt(self, result: object, event: Hashable, arguments: tuple[Any, ...]) -> None:
        """Start what a coroutine listener returned.  Any other result means nothing, as in Node."""
        # The second test finds the coroutines of compiled functions, which have a type of their own.
        if type(result) is CoroutineType or isinstance(result, Coroutine):
            from .rejection import start  # at the first coroutine, because few programs of callbacks need asyncio
            start(self, result, event, arguments)

    # --- add -----------------------------------------------------------------------------------------------------

    if TYPE_CHECKING:
        @overload
        def on(self, event: Hashable, listener: Listener) -> Self: ...
        @overload
        def on(self, event: Hashable) -> Callable[[_L], _L]: ...

    def on(self, event: Hashable, listener: Any = _ABSENT) -> Any:
        """Add a listener at the end; returns the emitter, so that calls can be chained.

        The same listener added twice is called twice.  Without `listener` it is a decorator: ``@server.on("connection")``.

        Raises:
            ArgumentTypeError: `listener` is not callable (ERR_INVALID_ARG_TYPE).
        """
        if listener is _ABSENT:
            return _Decorator(self.on, event)
        self._add(event, listener, False)
        return self

    if TYPE_CHECKING:
        @overload
        def add_listener(self, event: Hashable, listener: Listener) -> Self: ...
        @overload
        def add_listener(self, event: Hashable) -> Callable[[_L], _L]: ...

    def add_listener(self, event: Hashable, listener: Any = _ABSENT) -> Any:
        """The same as `on`."""
        return self.on(event, listener)

    if TYPE_CHECKING:
        @overload
        def once(self, event: Hashable, listener: Listener) -> Self: ...
        @overload
        def once(self, event: Hashable) -> Callable[[_L], _L]: ...

    def once(self, event: Hashable, listener: Any = _ABSENT) -> Any:
        """Add a listener for the next time only: it is removed before it is called.  Otherwise as `on`."""
        if listener is _ABSENT:
            return _Decorator(self.once, event)
        return self.on(event, OnceListener(self, event, _callable(listener)))

    if TYPE_CHECKING:
        @overload
        def prepend_listener(self, event: Hashable, listener: Listener) -> Self: ...
        @overload
        def prepend_listener(self, event: Hashable) -> Callable[[_L], _L]: ...

    def prepend_listener(self, event: Hashable, listener: Any = _ABSENT) -> Any:
        """Add a listener before all others.  Otherwise as `on`."""
        if listener is _ABSENT:
            return _Decorator(self.prepend_listener, event)
        self._add(event, listener, True)
        return self

    if TYPE_CHECKING:
        @overload
        def prepend_once_listener(self, event: Hashable, listener: Listener) -> Self: ...
        @overload
        def prepend_once_listener(self, event: Hashable) -> Callable[[_L], _L]: ...

    def prepend_once_listener(self, event: Hashable, listener: Any = _ABSENT) -> Any:
        """Add a listener before all others, for the next time only.  Otherwise as `once`."""
        if listener is _ABSENT:
            return _Decorator(self.prepend_once_listener, event)
        return self.prepend_listener(event, OnceListener(self, event, _callable(listener)))

    def _add(self, event: Hashable, listener: Listener, first: bool) -> None:
        _callable(listener)
        if self._listeners is None:
            self._listeners = {}
        elif "new_listener" in self._listeners:
            # Before the listener is there: whoever hears of it may add one that comes first.
            self.emit("new_listener", event, _unwrapped(listener))
        found = self._listeners.get(event)
        if found is None:
            self._listeners[event] = listener
        else:
            others = found if type(found) is tuple else (found,)
            self._listeners[event] = (listener, *others) if first else (*others, listener)
            self._check_count(event, len(others) + 1)
        if event is error_monitor:
            self._monitored = True
        self._listener_added(event)

    def _check_count(self, event: Hashable, count: int) -> None:
        limit = self.get_max_listeners()
        if not 0 < limit < count or (self._warned is not None and event in self._warned):
            return
        self._warned = {event} if self._warned is None else self._warned | {event}
        warnings.warn(MaxListenersExceededWarning(
            f"{count} listeners for {event!r} of {self!r}: perhaps they are added again and again. "
            "set_max_listeners() changes the limit"), stacklevel=3)

    # --- remove --------------------------------------------------------------------------------------------------

    def off(self, event: Hashable, listener: Listener) -> Self:
        """The same as `remove_listener`."""
        return self.remove_listener(event, listener)

    def remove_listener(self, event: Hashable, listener: Listener) -> Self:
        """Remove the newest entry of this listener, also one that `once` added; an emission in progress is not affected."""
        _callable(listener)
        found = None if self._listeners is None else self._listeners.get(event)
        if found is not None:
            entries = found if type(found) is tuple else (found,)
            index = len(entries)
            while index > 0:
                index -= 1
                if _is_entry_of(entries[index], listener):
                    self._remove(event, entries, index)
                    break
        return self

    def _remove(self, event: Hashable, entries: tuple[Any, ...], index: int) -> None:
        assert self._listeners is not None
        if len(entries) == 1:
            del self._listeners[event]
            if event is error_monitor:
                self._monitored = False
        elif len(entries) == 2:
            self._listeners[event] = entries[1 - index]
        else:
            self._listeners[event] = entries[:index] + entries[index + 1:]
        self._listener_removed(event)
        if "remove_listener" in self._listeners:
            self.emit("remove_listener", event, _unwrapped(entries[index]))

    def remove_all_listeners(self, event: Hashable = _ABSENT) -> Self:
        """Remove every listener of `event`, or of all events; the newest first if `remove_listener` has listeners."""
        if event is not _ABSENT:
            self._remove_every(event)
        else:
            # Those who hear of removals go last, so that they hear of all the others.
            for name in self.event_names():
                if name != "remove_listener":
                    self._remove_every(name)
            self._remove_every("remove_listener")
        return self

    def _remove_every(self, event: Hashable) -> None:
        # Looked up again for each one: a listener of `remove_listener` may have changed the table.
        while self._listeners is not None and event in self._listeners:
            found = self._listeners[event]
            entries = found if type(found) is tuple else (found,)
            self._remove(event, entries, len(entries) - 1)

    # --- ask -----------------------------------------------------------------------------------------------------

    def event_names(self) -> list[Hashable]:
        """The events that have listeners, in the order in which they got their first one."""
        return [] if self._listeners is None else list(self._listeners)

    def listeners(self, event: Hashable) -> list[Listener]:
        """The event's listeners in calling order, those added by `once` as they were given."""
        return [_unwrapped(listener) for listener in self.raw_listeners(event)]

    def raw_listeners(self, event: Hashable) -> list[Listener]:
        """As `listeners`, but `once` shows as a wrapper; its attribute `listener` is what was given."""
        found = None if self._listeners is None else self._listeners.get(event)
        if found is None:
            return []
        return list(found) if type(found) is tuple else [found]

    def listener_count(self, event: Hashable, listener: Listener | None = None) -> int:
        """How many listeners the event has, or how often it has this one."""
        entries = self.raw_listeners(event)
        if listener is None:
            return len(entries)
        return len([entry for entry in entries if _is_entry_of(entry, listener)])

    def _has_listeners(self, event: Hashable) -> bool:
        return self._listeners is not None and event in self._listeners

    def set_max_listeners(self, n: float) -> Self:
        """Warn when an event has more than `n` listeners (0 or ``math.inf``: never); returns the emitter.

        Raises:
            ArgumentValueError: `n` is negative or not a number (ERR_OUT_OF_RANGE).
        """
        self._max_listeners = checked_max_listeners("n", n)
        return self

    def get_max_listeners(self) -> float:
        """The limit in force: `events.default_max_listeners` (10) unless this emitter has its own."""
        if self._max_listeners is not None:
            return self._max_listeners
        limit: float = _settings.default_max_listeners
        return limit

    # --- for subclasses ------------------------------------------------------------------------------------------

    def _listener_added(self, event: Hashable) -> None:
        """Called after a listener was added in whatever way: a stream starts to flow by its first `data` listener."""

    def _listener_removed(self, event: Hashable) -> None:
        """Called after a listener was removed in whatever way."""


class OnceListener:
    """What `once` adds: it removes itself, then calls `listener`.  Re-entered, it does nothing."""

    def __init__(self, emitter: EventEmitter, event: Hashable, listener: Listener) -> None:
        self.emitter = emitter
        self.event = event
        self.listener = listener
        self.fired = False

    def __call__(self, *arguments: Any) -> object:
        if self.fired:
            return None
        self.fired = True
        self.emitter.remove_listener(self.event, self)
        return self.listener(*arguments)

    def __repr__(self) -> str:
        return f"<once {self.listener!r}>"


class _Decorator:
    """``@emitter.on("event")``: adds the function below it, which stays as it is."""

    def __init__(self, add: Callable[[Hashable, Listener], object], event: Hashable) -> None:
        self.add = add
        self.event = event

    def __call__(self, listener: Listener) -> Listener:
        self.add(self.event, listener)
        return listener


def _callable(listener: Any) -> Listener:
    if not callable(listener):
        raise invalid_type("listener", "callable", listener)
    checked: Listener = listener
    return checked


def _unwrapped(listener: Any) -> Listener:
    inner: Listener = listener.listener if type(listener) is OnceListener else listener
    return inner


def _is_entry_of(entry: Any, listener: Listener) -> bool:
    # By equality, because obj.method is a new object each time it is written.
    return entry is listener or _unwrapped(entry) == listener


def _raise_unhandled(arguments: tuple[Any, ...]) -> None:
    error = arguments[0] if arguments else None
    raise error if isinstance(error, BaseException) else UnhandledError(error)


def checked_max_listeners(name: str, n: float) -> float:
    if not isinstance(n, (int, float)):
        raise invalid_type(name, "a number", n)
    if not n >= 0:  # so written, it refuses nan too
        raise out_of_range(name, ">= 0", n)
    return n


if __file__.endswith(".py"):
    # What an extension type has by itself: fields that are empty before __init__, should it ever be called.
    EventEmitter._listeners = None
    EventEmitter._monitored = False
    EventEmitter._max_listeners = None
    EventEmitter._warned = None
    EventEmitter._capture_rejections = None
