"""NodeEventTarget: an EventTarget that can be used like an EventEmitter.

It remains an EventTarget: a listener is added once only, its failure goes to the loop, and an `error` without
listeners is nothing special.

Source: https://nodejs.org/api/events.html#class-nodeeventtarget
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self, overload

from . import limits
from .emitter import ABSENT
from .event import CustomEvent
from .listener import ListenerDecorator, checked
from .signatures import AnyListener, Listener
from .target import Entry, EventTarget

__all__ = ["NodeEventTarget"]


class NodeEventTarget(EventTarget):
    """An EventTarget with `on`, `once`, `off` and `emit`."""

    def emit(self, type: str, argument: Any = None) -> bool:
        """Call the listeners of `type`; whether there were any.

        Those added by `on` get `argument`, those added by `add_event_listener` a `CustomEvent` that has it as
        `detail`.
        """
        heard = bool(self._listening(type))
        self._dispatch(CustomEvent(type, detail=argument), argument)
        return heard

    @overload
    def on(self, type: str, listener: Listener) -> Self: ...
    @overload
    def on(self, type: str) -> Callable[[AnyListener], AnyListener]: ...

    def on(self, type: str, listener: Any = ABSENT) -> Any:
        """Add a listener; returns the target.  Without `listener`, a decorator."""
        if listener is ABSENT:
            return ListenerDecorator(self.on, type)
        self._add(type, Entry(checked(listener), takes_value=True))
        return self

    @overload
    def add_listener(self, type: str, listener: Listener) -> Self: ...
    @overload
    def add_listener(self, type: str) -> Callable[[AnyListener], AnyListener]: ...

    def add_listener(self, type: str, listener: Any = ABSENT) -> Any:
        """The same as `on`."""
        return self.on(type, listener)

    @overload
    def once(self, type: str, listener: Listener) -> Self: ...
    @overload
    def once(self, type: str) -> Callable[[AnyListener], AnyListener]: ...

    def once(self, type: str, listener: Any = ABSENT) -> Any:
        """Add a listener for the next time only; returns the target.  Without `listener`, a decorator."""
        if listener is ABSENT:
            return ListenerDecorator(self.once, type)
        self._add(type, Entry(checked(listener), once=True, takes_value=True))
        return self

    def off(self, type: str, listener: Listener) -> Self:
        """The same as `remove_listener`."""
        return self.remove_listener(type, listener)

    def remove_listener(self, type: str, listener: Listener) -> Self:
        """Remove a listener, however it was added; returns the target."""
        self.remove_event_listener(type, listener)
        return self

    def remove_all_listeners(self, type: str | None = None) -> Self:
        """Remove the listeners of `type`, or all of them; returns the target."""
        for name in self.event_names() if type is None else [type]:
            for entry in self._listening(name):
                self._remove(name, entry)
        return self

    def event_names(self) -> list[str]:
        """The types that have listeners."""
        return list(self._entries or ())

    def listener_count(self, type: str) -> int:
        """How many listeners a type has."""
        return len(self._listening(type))

    def set_max_listeners(self, n: float) -> Self:
        """Warn when a type has more than `n` listeners (0 or ``math.inf``: never); returns the target."""
        self._max_listeners = limits.checked("n", n)
        return self

    def get_max_listeners(self) -> float:
        """The limit in force."""
        return self._limit()
