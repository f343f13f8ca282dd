"""EventEmitter: named events, and the listeners that are called when one is emitted.

The listener table (`_engine/listener_table.pyx`) has for an event's name its one listener, or a tuple of them in
calling order.  Nearly every event of a network program has exactly one listener, which is called without a loop.
A tuple is never changed, only replaced: `emit` walks over the tuple that it found, so whoever adds or removes a
listener meanwhile does not disturb it, and no copy is made for each emission.

The table is created by the first listener.  A subclass that does not call ``super().__init__()`` works all
the same.

A listener may be a coroutine function.  What it returned is started as a task of the loop; `rejection.py`
says where its failure goes.

Subclasses in this package have typed events: see `signatures.py`.

Source: https://nodejs.org/api/events.html
"""

from __future__ import annotations

from collections.abc import Coroutine, Hashable
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from .._engine.arity import least_arguments, most_arguments
from .._engine.listener_table import ListenerTable
from ..errors import UnhandledError
from . import limits
from .listener import ListenerDecorator, OnceListener, call_fitting, checked, is_entry_of, unwrapped

if TYPE_CHECKING:
    from typing import Final, Self, TypeGuard

    from .signatures import Listener, emitter_off, emitter_on

__all__ = ["EventEmitter", "Symbol", "error_monitor", "capture_rejection_symbol"]


class Symbol:
    """A value that is equal to nothing but itself, so that it cannot clash with a name that a user chose."""

    def __init__(self, description: str) -> None:
        self.description = description

    def __repr__(self) -> str:
        return self.description


error_monitor: Final = Symbol("events.error_monitor")
capture_rejection_symbol: Final = "capture_rejection"

ABSENT: Any = Symbol("absent")

_last_plain: type = bool        # what a listener returned last that was no coroutine


class EventEmitter:
    """Emits named events to listeners, synchronously and in the order in which they were added.

    A listener is any callable; it is called with the arguments of `emit`, or as many of them as it takes.  Event
    names are strings, or anything hashable.

    Parameters:
        capture_rejections: where the failure of a coroutine listener goes.  True: to the method
            ``capture_rejection(error, event, *arguments)`` if the class has one, else to the `error` event.
            False: to the loop, as an exception that nobody could catch.  By default as
            `events.capture_rejections` says, which is True.

    Events:
        new_listener (event, listener): a listener is about to be added.
        remove_listener (event, listener): a listener was removed.
        error (exception): something went wrong.  Without a listener for it, `emit` raises the exception.

    Source: https://nodejs.org/api/events.html#class-eventemitter
    """

    if TYPE_CHECKING:
        _listeners: ListenerTable | None
        _monitored: bool
        _max_listeners: float | None
        _warned: set[Hashable] | None
        _capture_rejections: bool | None

    def __init__(self, *, capture_rejections: bool | None = None) -> None:
        if capture_rejections is not None:
            self._capture_rejections = capture_rejections

    # --- emit -----------------------------------------------------------------------------------------------

    def emit(self, event: Hashable, *arguments: Any) -> bool:
        """Call the event's listeners with `arguments`; whether there were any.

        What a listener raises leaves here, and the listeners after it are not called.

        Raises:
            the argument, when `event` is ``"error"`` and nobody listens to it; `UnhandledError`
            (ERR_UNHANDLED_ERROR) when that argument is no exception.
        """
        return self._emit(event, arguments)

    def _emit0(self, event: Hashable) -> bool:
        """`emit` without arguments, for calls from compiled code; not for `error`, which has one."""
        if self._listeners is None:
            return False
        found = self._listeners.get(event)
        if found is None:
            return False
        if type(found) is tuple:
            return self._emit(event, ())
        result = found() if least_arguments(found) == 0 else call_fitting(found, ())
        if result is not None and type(result) is not bool:
            self._adopt(result, event, ())
        return True

    def _emit1(self, event: Hashable, argument: object) -> bool:
        """`emit` with one argument, for calls from compiled code: the way of every chunk of data."""
        if self._listeners is not None and not self._monitored:
            found = self._listeners.get(event)
            if found is not None and type(found) is not tuple:
                most = most_arguments(found)
                result = found(argument) if most == 1 or most < 0 else call_fitting(found, (argument,))
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
        result = call_fitting(listener, arguments)
        if result is not None and type(result) is not bool:
            self._adopt(result, event, arguments)

    def _adopt(self, result: object, event: Hashable, arguments: tuple[Any, ...]) -> None:
        """Start what a coroutine listener returned.  Any other result means nothing, as in Node."""
        if is_coroutine(result):
            from .rejection import start  # only now: a program of plain callbacks needs no tasks

            start(self, result, event, arguments)

    # --- add -----------------------------------------------------------------------------------------------

    if TYPE_CHECKING:  # typed events, see signatures.py
        on = add_listener = once = prepend_listener = prepend_once_listener = emitter_on
        off = remove_listener = emitter_off

    else:
        def on(self, event: Hashable, listener: Listener = ABSENT) -> Self:
            """Add a listener at the end; returns the emitter, so that calls can be chained.

            The same listener added twice is called twice.  Without `listener` it is a decorator.

            Raises:
                ArgumentTypeError: `listener` is not callable (ERR_INVALID_ARG_TYPE).
            """
            if listener is ABSENT:
                return ListenerDecorator(self.on, event)
            self._add(event, listener, False)
            return self

        def add_listener(self, event: Hashable, listener: Listener = ABSENT) -> Self:
            """The same as `on`."""
            return self.on(event, listener)

        def once(self, event: Hashable, listener: Listener = ABSENT) -> Self:
            """Add a listener for the next time only: it is removed before it is called."""
            if listener is ABSENT:
                return ListenerDecorator(self.once, event)
            return self.on(event, OnceListener(self, event, checked(listener)))

        def prepend_listener(self, event: Hashable, listener: Listener = ABSENT) -> Self:
            """Add a listener before all others."""
            if listener is ABSENT:
                return ListenerDecorator(self.prepend_listener, event)
            self._add(event, listener, True)
            return self

        def prepend_once_listener(self, event: Hashable, listener: Listener = ABSENT) -> Self:
            """Add a listener before all others, for the next time only."""
            if listener is ABSENT:
                return ListenerDecorator(self.prepend_once_listener, event)
            return self.prepend_listener(event, OnceListener(self, event, checked(listener)))

        def off(self, event: Hashable, listener: Listener) -> Self:
            """The same as `remove_listener`."""
            return self.remove_listener(event, listener)

        def remove_listener(self, event: Hashable, listener: Listener) -> Self:
            """Remove the newest entry of this listener, also one that `once` added; returns the emitter.

            An emission in progress is not affected.
            """
            self._remove_newest(event, checked(listener))
            return self

    def _add(self, event: Hashable, listener: Listener, first: bool) -> None:
        checked(listener)
        if self._has_listeners("new_listener"):
            # Before the listener is there: whoever hears of it may add one that comes first.
            self.emit("new_listener", event, unwrapped(listener))
        if self._listeners is None:
            self._listeners = ListenerTable.__new__(ListenerTable)      # cheaper than to call the class
        found = self._listeners.add(event, listener)
        if found is not None:
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
        if self._warned is None:
            self._warned = set()
        self._warned.add(event)
        limits.warn(self, event, count)

    # --- remove --------------------------------------------------------------------------------------------

    def _remove_newest(self, event: Hashable, listener: Listener) -> None:
        entries = self._entries(event)
        index = len(entries)
        while index > 0:
            index -= 1
            if is_entry_of(entries[index], listener):
                self._remove(event, entries, index)
                break

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
        if self._has_listeners("remove_listener"):
            self.emit("remove_listener", event, unwrapped(entries[index]))

    def remove_all_listeners(self, event: Hashable = ABSENT) -> Self:
        """Remove every listener of `event`, or of all events, the newest first; returns the emitter."""
        if event is not ABSENT:
            self._remove_every(event)
        else:
            # Those who hear of removals go last, so that they hear of all the others.
            for name in self.event_names():
                if name != "remove_listener":
                    self._remove_every(name)
            self._remove_every("remove_listener")
        return self

    def _remove_every(self, event: Hashable) -> None:
        # Each is looked up again, because whoever hears of one removal may change the table before the next.
        for entry in reversed(self._entries(event)):
            self._remove_newest(event, entry)

    # --- ask ------------------------------------------------------------------------------------------------

    def event_names(self) -> list[Hashable]:
        """The events that have listeners, in the order in which they got their first one."""
        return [] if self._listeners is None else list(self._listeners)

    def listeners(self, event: Hashable) -> list[Listener]:
        """The event's listeners in calling order, those added by `once` as they were given."""
        return [unwrapped(entry) for entry in self._entries(event)]

    def raw_listeners(self, event: Hashable) -> list[Listener]:
        """As `listeners`, but `once` shows as a wrapper; its attribute `listener` is what was given."""
        return list(self._entries(event))

    def listener_count(self, event: Hashable, listener: Listener | None = None) -> int:
        """How many listeners the event has, or how often it has this one."""
        entries = self._entries(event)
        if listener is None:
            return len(entries)
        return len([entry for entry in entries if is_entry_of(entry, listener)])

    def _entries(self, event: Hashable) -> tuple[Any, ...]:
        found = None if self._listeners is None else self._listeners.get(event)
        if found is None:
            return ()
        return found if type(found) is tuple else (found,)

    def _has_listeners(self, event: Hashable) -> bool:
        return self._listeners is not None and self._listeners.get(event) is not None

    def set_max_listeners(self, n: float) -> Self:
        """Warn when an event has more than `n` listeners (0 or ``math.inf``: never); returns the emitter.

        Raises:
            ArgumentValueError: `n` is negative or not a number (ERR_OUT_OF_RANGE).
        """
        self._max_listeners = limits.checked("n", n)
        return self

    def get_max_listeners(self) -> float:
        """The limit in force: `events.default_max_listeners` (10) unless this emitter has its own."""
        if self._max_listeners is not None:
            return self._max_listeners
        return limits.default_max_listeners()

    # --- for subclasses -------------------------------------------------------------------------------------

    def _listener_added(self, event: Hashable) -> None:
        """Called after a listener was added, in whatever way: a `data` listener makes a stream flow."""

    def _listener_removed(self, event: Hashable) -> None:
        """Called after a listener was removed, in whatever way."""


def is_coroutine(result: object) -> TypeGuard[Coroutine[Any, Any, object]]:
    """Whether a listener returned work that goes on.

    Mostly it is something else, and of the type of the last: the response, from ``lambda: response.end()``.  To ask whether
    it is a `Coroutine` of whatever kind, as those of compiled functions are, takes a thousand instructions.
    """
    global _last_plain
    kind = type(result)
    if kind is _last_plain:
        return False
    if kind is CoroutineType or isinstance(result, Coroutine):
        return True
    if result.__class__ is kind:            # no proxy, which may stand for a coroutine the next time
        _last_plain = kind
    return False


def _raise_unhandled(arguments: tuple[Any, ...]) -> None:
    error = arguments[0] if arguments else None
    raise error if isinstance(error, BaseException) else UnhandledError(error)


if __file__.endswith(".py"):
    # What an extension type has by itself: fields that are empty before __init__, should it ever be called.
    EventEmitter._listeners = None
    EventEmitter._monitored = False
    EventEmitter._max_listeners = None
    EventEmitter._warned = None
    EventEmitter._capture_rejections = None
