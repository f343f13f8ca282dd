"""Ask emitters and event targets alike: who listens, and how many may.

Source: https://nodejs.org/api/events.html#eventsgeteventlistenersemitterortarget-eventname
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, TypeAlias

from ..errors import invalid_type
from . import limits
from .emitter import EventEmitter
from .target import EventTarget

__all__ = ["get_event_listeners", "listener_count", "get_max_listeners", "set_max_listeners"]

Emitter: TypeAlias = EventEmitter | EventTarget


def get_event_listeners(emitter: Emitter, event: Hashable) -> list[Any]:
    """The listeners of an event, in calling order, as they were added."""
    if isinstance(emitter, EventEmitter):
        return emitter.listeners(event)
    return [entry.given for entry in _target(emitter)._listening(event)]  # type: ignore[arg-type]


def listener_count(emitter: Emitter, event: Hashable) -> int:
    """How many listeners an event has."""
    return len(get_event_listeners(emitter, event))


def get_max_listeners(emitter: Emitter) -> float:
    """How many listeners an event may have before there is a warning."""
    if isinstance(emitter, EventEmitter):
        return emitter.get_max_listeners()
    return _target(emitter)._limit()


def set_max_listeners(n: float = 10, *emitters: Emitter) -> None:
    """Set that limit for some emitters and targets; without any, set `events.default_max_listeners`.

    Parameters:
        n: the limit; 0 or ``math.inf`` for none.
    """
    limit = limits.checked("n", n)
    for emitter in emitters:
        if isinstance(emitter, EventEmitter):
            emitter.set_max_listeners(limit)
        else:
            _target(emitter)._max_listeners = limit
    if not emitters:
        limits.set_default_max_listeners(limit)


def _target(emitter: Any) -> EventTarget:
    if not isinstance(emitter, EventTarget):
        raise invalid_type("emitter", "an EventEmitter or an EventTarget", emitter)
    return emitter
