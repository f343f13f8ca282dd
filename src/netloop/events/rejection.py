"""Where the failure of a coroutine listener goes.

A plain listener that fails raises into whoever emitted.  A coroutine listener fails later, when the emission is long over,
and somebody has to hear of it.  Node's answer is capture rejections, which there is an option; here it is the default:

1. A class may have a method ``capture_rejection(error, event, *arguments)`` (its name is `events.capture_rejection_symbol`):
   streams destroy themselves there, an HTTP server answers 500.
2. Otherwise the emitter emits `error`, and an `error` that nobody hears is raised, here into the loop.  While that `error` is
   emitted the emitter captures nothing, so that an `error` listener that fails itself cannot go on for ever.
3. With ``capture_rejections=False`` the failure goes to the loop at once.

Source: https://nodejs.org/api/events.html#capture-rejections-of-promises
"""

from __future__ import annotations

from collections.abc import Coroutine, Hashable
from typing import Any

from .. import events
from ..loop import current
from .emitter import EventEmitter

HOOK = "capture_rejection"


def start(emitter: EventEmitter, coroutine: Coroutine[Any, Any, object], event: Hashable, arguments: tuple[Any, ...]) -> None:
    """Run what a coroutine listener returned as a task of this thread's loop."""
    captures = emitter._capture_rejections
    if events.capture_rejections if captures is None else captures:
        coroutine = _captured(emitter, coroutine, event, arguments)
    current().spawn(coroutine)


async def _captured(
    emitter: EventEmitter, coroutine: Coroutine[Any, Any, object], event: Hashable, arguments: tuple[Any, ...]
) -> None:
    try:
        await coroutine
    except Exception as error:
        hook = getattr(emitter, HOOK, None)
        if hook is not None:
            hook(error, event, *arguments)
        else:
            _emit_error(emitter, error)


def _emit_error(emitter: EventEmitter, error: Exception) -> None:
    before, emitter._capture_rejections = emitter._capture_rejections, False
    try:
        emitter.emit("error", error)
    finally:
        emitter._capture_rejections = before
