"""SIGINT and SIGTERM end a run cleanly, where the program has no handler of its own.

The loop stops after the callback that runs when the signal comes.  A callback that never returns cannot be stopped so:
when the loop has not reacted for a second, the next signal interrupts it, with KeyboardInterrupt or SystemExit.  The
second is for those who send the same signal twice, as a shell and what it runs may do, and mean one clean ending.
"""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from types import FrameType
    from typing import Self

__all__ = ["EndingSignals"]

PATIENCE_S = 1.0
DEFAULTS: dict[signal.Signals, Any] = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}


class EndingSignals:
    """While this context lasts, the two signals stop an asyncio loop; `received` tells which one did."""

    def __init__(self, asyncio_loop: asyncio.AbstractEventLoop) -> None:
        self.received: signal.Signals | None = None
        self._asyncio_loop = asyncio_loop
        self._came_at: float | None = None
        self._ours: list[signal.Signals] = []

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._ours = [number for number, default in DEFAULTS.items() if signal.getsignal(number) is default]
        for number in self._ours:
            self._asyncio_loop.add_signal_handler(number, self._stop, number)
            signal.signal(number, self._note)       # asyncio's own does nothing; the loop hears of the signal all the same
        return self

    def __exit__(self, *_: object) -> None:
        for number in self._ours:
            theirs = signal.getsignal(number)
            self._asyncio_loop.remove_signal_handler(number)
            signal.signal(number, DEFAULTS[number] if theirs == self._note else theirs)

    def _stop(self, number: signal.Signals) -> None:
        if signal.getsignal(number) == self._note:      # else the program has a handler of its own by now
            self.received = number
            self._asyncio_loop.stop()

    def _note(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._came_at is None:
            self._came_at = now
        elif self.received is None and now - self._came_at >= PATIENCE_S:
            raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)
