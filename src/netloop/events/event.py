"""Event and CustomEvent: what the listeners of an EventTarget are called with.

There is no tree of targets here, so events neither bubble nor are captured; the fields for it are there
because code from browsers reads them.

Source: https://nodejs.org/api/events.html#class-event
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .target import EventTarget

__all__ = ["Event", "CustomEvent"]

_STARTED = time.monotonic()


class Event:
    """Something that happened to an `EventTarget`.

    Parameters:
        type: the name of the event.
        cancelable: whether `prevent_default` has an effect.
        bubbles, composed: kept, without effect.

    Attributes, all to be read only:
        type, cancelable, bubbles, composed: as given.
        target: the `EventTarget` it was dispatched to; None before.
        current_target: the same while it is dispatched, else None.
        event_phase: `AT_TARGET` (2) while it is dispatched, else `NONE` (0).
        default_prevented: whether a listener called `prevent_default`.
        is_trusted: whether netloop made it, not the program.
        time_stamp: when it was made, in milliseconds since the program started.
    """

    NONE = 0
    CAPTURING_PHASE = 1
    AT_TARGET = 2
    BUBBLING_PHASE = 3

    is_trusted = False

    def __init__(
        self, type: str, *, bubbles: bool = False, cancelable: bool = False, composed: bool = False
    ) -> None:
        self.type = type
        self.bubbles = bubbles
        self.cancelable = cancelable
        self.composed = composed
        self.target: EventTarget | None = None
        self.current_target: EventTarget | None = None
        self.default_prevented = False
        self.time_stamp = (time.monotonic() - _STARTED) * 1000
        self._stopped = False   # stop_immediate_propagation was called
        self._passive = False   # the listener that runs promised not to call prevent_default

    @property
    def event_phase(self) -> int:
        return self.NONE if self.current_target is None else self.AT_TARGET

    def composed_path(self) -> list[EventTarget]:
        """The targets whose listeners are called: the one, while the event is dispatched."""
        return [] if self.current_target is None else [self.current_target]

    def prevent_default(self) -> None:
        """Say that what usually follows shall not; `dispatch_event` returns False."""
        if self.cancelable and not self._passive:
            self.default_prevented = True

    def stop_propagation(self) -> None:
        """Without effect, because there are no other targets."""

    def stop_immediate_propagation(self) -> None:
        """Call no more listeners."""
        self._stopped = True

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.type}>"


class CustomEvent(Event):
    """An event with `detail`: whatever the program wants to tell its listeners."""

    def __init__(
        self, type: str, *, detail: Any = None, bubbles: bool = False, cancelable: bool = False,
        composed: bool = False,
    ) -> None:
        super().__init__(type, bubbles=bubbles, cancelable=cancelable, composed=composed)
        self.detail = detail
