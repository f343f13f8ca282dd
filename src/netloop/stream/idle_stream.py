"""IdleStream: a Duplex that tells when nothing has moved for a while.  Who moves bytes calls `_stir`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .._engine.timer_lists import Timer
from ..diagnostics import channel
from ..errors import invalid_type
from ..timers import milliseconds
from .duplex import Duplex

if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Self

__all__ = ["IdleStream"]

_TIMEOUT = channel("socket.timeout")


class IdleStream(Duplex):
    """A Duplex with an idle timeout."""

    if TYPE_CHECKING:
        _idle: IdleTimer | None

    def set_timeout(self, timeout: float | timedelta, callback: Callable[[], object] | None = None) -> Self:
        """Emit `timeout` after so many milliseconds without a byte in or out; 0 switches that off.

        It only reports: the socket stays open, and is yours to end or destroy.  `callback` is a once-listener.

        Source: https://nodejs.org/api/net.html#socketsettimeouttimeout-callback
        """
        duration = milliseconds("timeout", timeout)
        if callback is not None and not callable(callback):
            raise invalid_type("callback", "a function", callback)
        if duration == 0:
            self._stop_idle_timer()
            if callback is not None:
                self.remove_listener("timeout", callback)
            return self
        if self.destroyed:
            return self
        if self._idle is None:
            self._idle = IdleTimer()
            self._idle.stream = self
            self._idle.unref()
        self._idle.unsent = 0
        self._idle.start(self._loop.timers, duration)
        if callback is not None:
            self.once("timeout", callback)
        return self

    @property
    def timeout(self) -> int | None:
        """The idle timeout in milliseconds, or None."""
        return None if self._idle is None else self._idle.duration

    def _restore_timeout(self, duration: int) -> None:
        """Have this timeout again, if it was changed meanwhile."""
        if duration != (0 if self._idle is None else self._idle.duration):
            self.set_timeout(duration)

    def _stir(self) -> None:
        """Something moved."""
        if self._idle is not None:
            self._idle.touch()

    def _stop_idle_timer(self) -> None:
        if self._idle is not None:
            self._idle.stop()
            self._idle = None

    def _on_idle(self) -> None:
        idle = self._idle
        if idle is None:
            return
        unsent = self._unsent_bytes()
        if unsent and unsent != idle.unsent:
            idle.unsent = unsent        # a large write is under way, and the peer takes it, if slowly
            self._stir()
            return
        if _TIMEOUT.subscribers is not None:
            _TIMEOUT.publish({"socket": self, "idle_ms": idle.duration})
        self._emit0("timeout")

    def _unsent_bytes(self) -> int:
        """Hook: how many bytes of a write under way are still to be sent."""
        return 0


class IdleTimer(Timer):
    """The idle timeout of a stream."""

    if TYPE_CHECKING:
        stream: IdleStream
        unsent: int         # what was still to be sent when it was last looked at

    def on_timeout(self) -> None:
        self.stream._on_idle()
