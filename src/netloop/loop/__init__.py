"""The loop that everything lives in: `run`, `next_tick`, `active_handles`, `new_event_loop`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .._on_demand import names_on_demand
from ..errors import invalid_type
from .loops import Loop, current, new_event_loop

if TYPE_CHECKING:
    from .active import ActiveHandle, active_handles
    from .runner import run

__all__ = ["run", "next_tick", "active_handles", "ActiveHandle", "new_event_loop", "current", "Loop"]


def next_tick(callback: Callable[..., object], *args: object) -> None:
    """Call ``callback(*args)`` as soon as the code that runs now has returned, before any other event.

    Ticks run in the order in which they were queued; a tick queued by a tick runs in the same drain.  A coroutine
    function is started as a task.
    Raises ArgumentTypeError when `callback` is no function.
    Source: https://nodejs.org/api/process.html#processnexttickcallback-args
    """
    if not callable(callback):
        raise invalid_type("callback", "a function", callback)
    loop = current()
    loop.next_tick(loop.call, (callback, *args))


if not TYPE_CHECKING:       # a checker would take it for any name at all, misspelled ones too
    __getattr__ = names_on_demand(__name__, {"run": "runner", "active_handles": "active", "ActiveHandle": "active"})
