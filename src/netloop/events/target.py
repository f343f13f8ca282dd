"""EventTarget: the browser's way to listen, which AbortSignal and WebSocket have.

It differs from an EventEmitter as browsers do: a listener gets one `Event`; adding the same listener again
does nothing; a listener that was removed during a dispatch is not called any more; what a listener raises
reaches the loop, not the one who dispatched.

Source: https://nodejs.org/api/events.html#class-eventtarget
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from ..errors import StateError, invalid_type
from . import limits
from .event import Event
from .listener import call_fitting

if TYPE_CHECKING:
    from .abort import Signal

__all__ = ["EventTarget", "EventListener", "EventHandler"]


class EventListenerObject(Protocol):
    def handle_event(self, event: Any, /) -> object: ...


EventListener: TypeAlias = Callable[[Any], object] | EventListenerObject


class Handler:
    """Makes a handler another listener than the same function added by `add_event_listener`."""

    def __init__(self, handler: Callable[[Any], object]) -> None:
        self.handler = handler

    def __call__(self, event: Event) -> object:
        return call_fitting(self.handler, (event,))


class Entry:
    """A listener and the options it was added with."""

    def __init__(
        self, listener: EventListener, *, capture: bool = False, once: bool = False, passive: bool = False,
        takes_value: bool = False, unstoppable: bool = False,
    ) -> None:
        self.listener = listener
        self.capture = capture
        self.once = once
        self.passive = passive
        self.takes_value = takes_value      # added by NodeEventTarget.on: called with what emit() was given
        self.unstoppable = unstoppable      # called in spite of stop_immediate_propagation
        self.removed = False
        self.forget_signal: Callable[[], None] | None = None

    @property
    def given(self) -> object:
        """The listener as the program knows it."""
        return self.listener.handler if isinstance(self.listener, Handler) else self.listener

    def call(self, argument: object) -> None:
        """Call the listener.  Its failure goes to the loop: it is none of the dispatcher's business."""
        from ..loop import current

        try:
            function = self.listener if callable(self.listener) else self.listener.handle_event
            result = call_fitting(function, (argument,))
            if isinstance(result, Coroutine):
                current().spawn(result)
        except Exception as error:
            current().report(error)


class EventTarget:
    """An object that dispatches `Event` objects to listeners.  Works without ``super().__init__()``."""

    _entries: dict[str, list[Entry]] | None = None
    _max_listeners: float | None = None
    _warned: frozenset[str] = frozenset()

    def add_event_listener(
        self, type: str, listener: EventListener, *, once: bool = False, passive: bool = False,
        capture: bool = False, signal: Signal | None = None,
    ) -> None:
        """Call `listener`, or its method `handle_event`, with each event of this type.

        The same listener with the same `capture` is added once only.

        Parameters:
            once: remove the listener before it is called.
            passive: the listener does not call `prevent_default`; if it does, nothing happens.
            capture: belongs to the identity of the listener, and does nothing else.
            signal: removes the listener when it aborts.

        Raises:
            ArgumentTypeError: the listener cannot be called (ERR_INVALID_ARG_TYPE).
        """
        if not callable(listener) and not hasattr(listener, "handle_event"):
            raise invalid_type("listener", "callable, or an object with a method handle_event", listener)
        if signal is not None and signal.aborted:
            return
        entry = Entry(listener, capture=capture, once=once, passive=passive)
        if self._add(type, entry) and signal is not None:
            from .abort import add_abort_listener

            entry.forget_signal = add_abort_listener(signal, lambda _: self._remove(type, entry)).dispose

    def remove_event_listener(self, type: str, listener: EventListener, *, capture: bool = False) -> None:
        """Remove a listener.  One that was not added, or with another `capture`, is ignored."""
        entry = self._find(type, listener, capture)
        if entry is not None:
            self._remove(type, entry)

    def dispatch_event(self, event: Event) -> bool:
        """Call the listeners of ``event.type``, now; False if one of them called ``event.prevent_default()``.

        Raises:
            StateError: the event is being dispatched already (ERR_EVENT_RECURSION).
        """
        if not isinstance(event, Event):
            raise invalid_type("event", "an Event", event)
        if event.current_target is not None:
            raise StateError(f"the event {event.type!r} is being dispatched already", "ERR_EVENT_RECURSION")
        self._dispatch(event, event)
        return not event.default_prevented

    # --- for subclasses ------------------------------------------------------------------------------------

    def _dispatch(self, event: Event, value: object) -> None:
        """Call the listeners with `event`, and those that take a value with `value`."""
        event.target = event.current_target = self
        try:
            for entry in self._listening(event.type):
                if entry.removed or (event._stopped and not entry.unstoppable):
                    continue
                if entry.once:
                    self._remove(event.type, entry)
                event._passive = entry.passive
                entry.call(value if entry.takes_value else event)
        finally:
            event.current_target = None
            event._passive = False

    def _listening(self, type: str) -> list[Entry]:
        return [] if self._entries is None else list(self._entries.get(type, ()))

    def _find(self, type: str, listener: EventListener, capture: bool) -> Entry | None:
        for entry in self._listening(type):
            if entry.listener == listener and entry.capture == capture:
                return entry
        return None

    def _add(self, type: str, entry: Entry) -> bool:
        if self._find(type, entry.listener, entry.capture) is not None:
            return False
        if self._entries is None:
            self._entries = {}
        entries = self._entries.setdefault(type, [])
        entries.append(entry)
        if 0 < self._limit() < len(entries) and type not in self._warned:
            self._warned |= {type}
            limits.warn(self, type, len(entries))
        return True

    def _limit(self) -> float:
        return limits.default_max_listeners() if self._max_listeners is None else self._max_listeners

    def _remove(self, type: str, entry: Entry) -> None:
        entry.removed = True
        if entry.forget_signal is not None:
            entry.forget_signal()
        if self._entries is not None and entry in self._entries.get(type, ()):
            self._entries[type].remove(entry)
            if not self._entries[type]:
                del self._entries[type]


class EventHandler:
    """An attribute like ``signal.onabort``: one listener, set by assignment and removed by None.

    Declared as ``onabort = EventHandler("abort")``.  A handler that replaces another keeps its place
    among the listeners.
    """

    def __init__(self, type: str) -> None:
        self._type = type

    def __set_name__(self, owner: type[EventTarget], name: str) -> None:
        self._slot = f"_{name}"

    def __get__(self, target: EventTarget | None, owner: type[EventTarget]) -> Any:
        entry: Entry | None = getattr(target, self._slot, None)
        return None if entry is None else entry.given

    def __set__(self, target: EventTarget, handler: Callable[[Any], object] | None) -> None:
        entry: Entry | None = getattr(target, self._slot, None)
        if handler is not None and not callable(handler):
            raise invalid_type(f"on{self._type}", "callable or None", handler)
        if entry is not None and handler is not None:
            entry.listener = Handler(handler)
        elif entry is not None:
            target._remove(self._type, entry)
            setattr(target, self._slot, None)
        elif handler is not None:
            entry = Entry(Handler(handler))
            target._add(self._type, entry)
            setattr(target, self._slot, entry)
