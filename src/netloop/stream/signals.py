"""Obeying an abort signal: our own AbortSignal, or anything else that has its attributes.

Source: https://nodejs.org/api/globals.html#class-abortsignal
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import AbortError, invalid_type

if TYPE_CHECKING:
    from ..events import AbortSignal

__all__ = ["check_signal", "when_aborted"]


def check_signal(signal: Any) -> Any:
    """The signal, or ArgumentTypeError (ERR_INVALID_ARG_TYPE) if it is none."""
    for attribute in ("aborted", "reason", "add_event_listener", "remove_event_listener"):
        if not hasattr(signal, attribute):
            raise invalid_type("signal", "an AbortSignal", signal)
    return signal


def when_aborted(signal: AbortSignal, callback: Callable[[AbortError], object]) -> Callable[[], None]:
    """Call `callback` with an AbortError when `signal` aborts, or now if it has; returns how to stop that."""
    check_signal(signal)

    def on_abort(_: object = None) -> None:
        callback(AbortError(cause=signal.reason))

    def forget() -> None:
        signal.remove_event_listener("abort", on_abort)

    if signal.aborted:
        on_abort()
    else:
        signal.add_event_listener("abort", on_abort)
    return forget
