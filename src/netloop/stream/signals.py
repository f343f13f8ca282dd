"""Obeying an abort signal: our own AbortSignal, or anything else that has its members.

Source: https://nodejs.org/api/globals.html#class-abortsignal
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import AbortError

if TYPE_CHECKING:
    from ..events.abort import Signal

__all__ = ["when_aborted"]


def when_aborted(signal: Signal, callback: Callable[[AbortError], object]) -> Callable[[], None]:
    """Call `callback` with an AbortError when `signal` aborts, or now if it has; returns how to stop that.

    Raises:
        ArgumentTypeError: it is no signal (ERR_INVALID_ARG_TYPE).
    """
    from ..events.abort import add_abort_listener, check_signal

    check_signal("signal", signal)
    if signal.aborted:
        callback(AbortError(cause=signal.reason))
        return _nothing
    return add_abort_listener(signal, lambda event: callback(AbortError(cause=signal.reason))).dispose


def _nothing() -> None:
    pass
