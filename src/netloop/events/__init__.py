"""Events: emitters, their listeners, and what waits for them; targets and signals as browsers have them.

    from netloop.events import EventEmitter

    door = EventEmitter()
    door.on("open", lambda who: print(f"hello {who}"))
    door.emit("open", "world")

Two settings may be changed by assignment, as in ``events.default_max_listeners = 20``:

default_max_listeners: more listeners than this for one event give a warning; 10.
capture_rejections: whether the failure of a coroutine listener goes to the emitter; True.

Source: https://nodejs.org/api/events.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._on_demand import names_on_demand
from .emitter import EventEmitter, capture_rejection_symbol, error_monitor

if TYPE_CHECKING:
    from .abort import AbortController, AbortSignal, add_abort_listener
    from .async_resource import EventEmitterAsyncResource
    from .event import CustomEvent, Event
    from .introspection import get_event_listeners, get_max_listeners, listener_count, set_max_listeners
    from .node_target import NodeEventTarget
    from .target import EventTarget
    from .waiting import on, once

default_max_listeners: float = 10
capture_rejections: bool = True

__all__ = [
    "EventEmitter", "EventEmitterAsyncResource",
    "once", "on",
    "Event", "CustomEvent", "EventTarget", "NodeEventTarget",
    "AbortController", "AbortSignal", "add_abort_listener",
    "get_event_listeners", "listener_count", "get_max_listeners", "set_max_listeners",
    "error_monitor", "capture_rejection_symbol",
    "default_max_listeners", "capture_rejections",
]

if not TYPE_CHECKING:       # a checker would take it for any name at all, misspelled ones too
    __getattr__ = names_on_demand(__name__, {
        "AbortController": "abort", "AbortSignal": "abort", "add_abort_listener": "abort",
        "EventEmitterAsyncResource": "async_resource",
        "CustomEvent": "event", "Event": "event", "NodeEventTarget": "node_target", "EventTarget": "target",
        "get_event_listeners": "introspection", "get_max_listeners": "introspection",
        "listener_count": "introspection", "set_max_listeners": "introspection",
        "on": "waiting", "once": "waiting",
    })
