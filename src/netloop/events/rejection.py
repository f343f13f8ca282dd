"""Where the failure of a coroutine listener goes.

A plain listener that fails raises into whoever emitted.  A coroutine listener fails later, when the emission
is long over, and somebody has to hear of it.  Node's answer is to capture rejections, an option there and the
default here:

1. A class may have a method ``capture_rejection(error, event, *arguments)``, whose name is
   `events.capture_rejection_symbol`: a stream destroys itself there, an HTTP server answers 500.
2. Otherwise the emitter emits `error`, and an `error` that nobody hears is raised, here into the loop.  While
   that `error` is emitted the emitter captures nothing, so that a listener for it that fails itself cannot
   make this go on for ever.
3. With ``capture_rejections=False`` the failure goes to the loop at once.

Source: https://nodejs.org/api/events.html#capture-rejections-of-promises
"""

from __future__ import annotations

import sys
from collections.abc import Coroutine, Hashable
from typing import Any

from ..loop import current
from .emitter import EventEmitter, capture_rejection_symbol

__all__ = ["start"]

# Its attribute capture_rejections may be changed by a program at any time.
_settings: Any = sys.modules[__name__.rpartition(".")[0]]


def start(
    emitter: EventEmitter, coroutine: Coroutine[Any, Any, object], event: Hashable, arguments: tuple[Any, ...]
) -> None:
    """Run what a coroutine listener returned as a task of this thread's loop."""
    captures = emitter._capture_rejections
    if _settings.capture_rejections if captures is None else captures:
        coroutine = _captured(emitter, coroutine, event, arguments)
    current().spawn(coroutine)


async def _captured(
    emitter: EventEmitter, coroutine: Coroutine[Any, Any, object], event: Hashable, arguments: tuple[Any, ...]
) -> None:
    try:
        await coroutine
    except Exception as error:
        hook = getattr(emitter, capture_rejection_symbol, None)
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
