"""The W3C face: events as browsers have them, on listeners of an emitter (WHATWG WebSockets, section 3).

    websocket.onmessage = lambda event: print(event.data)
    websocket.add_event_listener("close", lambda event: print(event.code, event.reason, event.was_clean))

Each such listener is an entry in the emitter's one table, wrapped, so that all are called in the order in which they were
added, whichever way that was.  The event object is made when it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import ref

from ..errors import invalid_type, invalid_value
from ..events.event import Event
from ..events.listener import call_fitting

if TYPE_CHECKING:
    from .websocket import WebSocket

__all__ = ["MessageEvent", "CloseEvent", "ErrorEvent", "EventProperty", "add_event_listener", "remove_event_listener"]

EVENTS = ("open", "message", "close", "error")


class MessageEvent(Event):
    """A message: `data` is as the listeners of `message` get it.  The other attributes are there for ported code.

    Source: https://html.spec.whatwg.org/multipage/comms.html#the-messageevent-interface
    """

    last_event_id = ""
    source = None
    ports: tuple[()] = ()

    def __init__(self, type: str, *, data: Any = None, origin: str = "") -> None:
        super().__init__(type)
        self.data = data
        self.origin = origin


class CloseEvent(Event):
    """The connection is closed, with `code` and `reason`; `was_clean` tells whether both ends had said so before.

    Source: https://websockets.spec.whatwg.org/#the-closeevent-interface
    """

    def __init__(self, type: str, *, code: int = 0, reason: str = "", was_clean: bool = False) -> None:
        super().__init__(type)
        self.code = code
        self.reason = reason
        self.was_clean = was_clean


class ErrorEvent(Event):
    """The connection failed: `error` is the exception, `message` its text."""

    def __init__(self, type: str, *, error: Any = None, message: str = "") -> None:
        super().__init__(type)
        self.error = error
        self.message = message


class EventListener:
    """An entry in the emitter's table that gives its listener an event."""

    def __init__(self, websocket: WebSocket, type: str, listener: Any, *, once: bool, is_handler: bool) -> None:
        self.listener = listener
        self.is_handler = is_handler
        self._websocket = ref(websocket)    # weak: it refers to us
        self._type = type
        self._once = once

    def __call__(self, *arguments: Any) -> object:
        websocket = self._websocket()
        assert websocket is not None        # it is who calls
        if self._once:
            websocket.remove_listener(self._type, self)
        event = _event(websocket, self._type, arguments)
        target: Any = websocket             # an emitter, where Event's own type says EventTarget
        event.target = event.current_target = target
        try:
            function = self.listener if callable(self.listener) else self.listener.handle_event
            return call_fitting(function, (event,))
        finally:
            event.current_target = None


def _event(websocket: WebSocket, type: str, arguments: tuple[Any, ...]) -> Event:
    if type == "message":
        return MessageEvent(type, data=arguments[0], origin=websocket.url)
    if type == "close":
        return CloseEvent(type, code=arguments[0], reason=arguments[1], was_clean=websocket.was_clean)
    if type == "error":
        return ErrorEvent(type, error=arguments[0], message=str(arguments[0]))
    return Event(type)


def add_event_listener(websocket: WebSocket, type: str, listener: Any, once: bool = False,
                       is_handler: bool = False) -> None:
    """Add a listener that gets an event; one that is there already is not added again."""
    if type not in EVENTS:
        raise invalid_value("type", f"one of {', '.join(EVENTS)}", type)
    if not callable(listener) and not hasattr(listener, "handle_event"):
        raise invalid_type("listener", "callable, or an object with a method handle_event", listener)
    if is_handler or _find(websocket, type, listener, False) is None:
        websocket.on(type, EventListener(websocket, type, listener, once=once, is_handler=is_handler))


def remove_event_listener(websocket: WebSocket, type: str, listener: Any) -> None:
    """Remove it; one that was not added is ignored."""
    found = _find(websocket, type, listener, False)
    if found is not None:
        websocket.remove_listener(type, found)


def _find(websocket: WebSocket, type: str, listener: Any, is_handler: bool) -> EventListener | None:
    for entry in websocket.listeners(type):
        if isinstance(entry, EventListener) and entry.is_handler == is_handler and (
                is_handler or entry.listener == listener):
            return entry
    return None


class EventProperty:
    """An attribute like ``websocket.onclose``: one listener, set by assignment and removed by None.

    One that replaces another keeps its place.
    """

    def __init__(self, type: str) -> None:
        self._type = type

    def __get__(self, websocket: WebSocket | None, owner: type[WebSocket]) -> Any:
        if websocket is None:
            return self
        found = _find(websocket, self._type, None, True)
        return None if found is None else found.listener

    def __set__(self, websocket: WebSocket, handler: Callable[[Any], object] | None) -> None:
        if handler is not None and not callable(handler):
            raise invalid_type(f"on{self._type}", "callable or None", handler)
        found = _find(websocket, self._type, None, True)
        if found is None and handler is not None:
            add_event_listener(websocket, self._type, handler, is_handler=True)
        elif found is not None and handler is not None:
            found.listener = handler
        elif found is not None:
            websocket.remove_listener(self._type, found)
