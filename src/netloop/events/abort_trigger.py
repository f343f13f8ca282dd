"""What aborts a signal by itself: the clock, or a signal of another library.

Source: https://nodejs.org/api/globals.html#static-method-abortsignaltimeoutdelay
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import ref

if TYPE_CHECKING:
    from datetime import timedelta

    from ..timers import Timeout
    from .abort import AbortSignal, Signal

__all__ = ["Trigger", "Clock", "Foreign"]


class Trigger:
    """Aborts a signal, which it holds weakly, or strongly as long as it is `kept`."""

    def __init__(self, signal: AbortSignal) -> None:
        self.signal = ref(signal, lambda _: self.stop())
        self.kept: AbortSignal | None = None

    def fire(self, reason: Any) -> None:
        signal = self.signal()
        if signal is not None:
            signal._abort(reason)

    def stop(self) -> None:
        raise NotImplementedError


class Clock(Trigger):
    """Aborts its signal after a time."""

    def __init__(self, signal: AbortSignal, delay: float | timedelta) -> None:
        from ..timers import set_timeout

        self._timer: Timeout = set_timeout(self._expire, delay)
        self._timer.unref()
        super().__init__(signal)

    def _expire(self) -> None:
        error: Any = TimeoutError("The operation was aborted due to timeout")
        error.code = "TIMEOUT_ERR"
        self.fire(error)

    def stop(self) -> None:
        self._timer.close()


class Foreign(Trigger):
    """Aborts its signal when another does that is not one of ours."""

    def __init__(self, signal: AbortSignal, source: Signal) -> None:
        super().__init__(signal)
        self._source = source
        source.add_event_listener("abort", self._on_abort)

    def _on_abort(self, _: object) -> None:
        self.fire(self._source.reason)

    def stop(self) -> None:
        self._source.remove_event_listener("abort", self._on_abort)
