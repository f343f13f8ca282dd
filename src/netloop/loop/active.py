"""What keeps the loop alive: the answer to "why does my program not end?"."""

from __future__ import annotations

from typing import Any, NamedTuple

from .loops import current
from .origin import is_users, position

__all__ = ["ActiveHandle", "active_handles"]


class ActiveHandle(NamedTuple):
    """Something open that keeps the loop alive."""

    kind: str               # "Socket", "Server", "Connect", "Timeout", "task", ...
    description: str        # one line
    origin: str | None      # where it was made: "app.py:12"

    def __str__(self) -> str:
        return f"{self.description}, made at {self.origin}" if self.origin else self.description


def active_handles() -> list[ActiveHandle]:
    """Everything in this thread's loop that is open and ref'd, with where in the program it was made."""
    loop = current()
    found = [ActiveHandle(type(handle).__name__.removesuffix("Handle"), handle.describe(), handle.origin)
             for handle in loop.handles() if handle.has_ref()]
    found += [ActiveHandle(type(timer).__name__, repr(timer), getattr(timer, "origin", None))
              for timer in loop.timers.waiting() if timer.has_ref()]
    found += [ActiveHandle(type(request).__name__, request.describe(), request.origin) for request in loop.requests]
    found += [ActiveHandle("task", _waiting(task.get_coro()), None) for task in loop.tasks]
    return found


def _waiting(coroutine: Any) -> str:
    """The user's coroutine that a task runs, perhaps by way of one of ours, and the line at which it waits."""
    inner = coroutine
    while inner is not None:
        frame = getattr(inner, "cr_frame", None)
        if frame is not None and is_users(frame):
            return f"<coroutine {inner.__qualname__} at {position(frame)}>"
        inner = getattr(inner, "cr_await", None)
    return repr(coroutine)
