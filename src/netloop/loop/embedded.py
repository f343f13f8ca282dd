"""A loop inside an asyncio loop that somebody else made: ``asyncio.run``, uvloop, a framework, a notebook.

The poller's own descriptor is watched by that loop and becomes readable when any of ours is ready, so one callback
serves the whole batch.  What no descriptor tells of, a tick or an earlier timer, is announced by the hook `on_work`.

An iteration of the other loop costs several times what it costs to serve one descriptor, so under load we look again
before we give way to it, as long as it has nothing to do itself.  Where that cannot be seen, as in uvloop, we do not:
a coroutine that waits for one event must run before the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .at_end import at_end
from .loops import Loop, tell_asyncio

if TYPE_CHECKING:
    import asyncio

__all__ = ["EmbeddedLoop"]

MOST_TURNS = 8          # before it is the other loop's turn
_ALWAYS = (True,)       # stands for what the other loop has to do, where it does not say


class EmbeddedLoop(Loop):
    """A loop inside an asyncio loop that somebody else made and drives.  It ends with that one."""

    def __init__(self, asyncio_loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.embed()
        self._asyncio_loop = asyncio_loop
        self._asyncio_ready = getattr(asyncio_loop, "_ready", _ALWAYS)
        self._turn_scheduled = False
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_deadline = -1
        asyncio_loop.add_reader(self.fileno(), self._turn)
        self._until_the_end = at_end(self._leave)

    @property
    def asyncio_loop(self) -> asyncio.AbstractEventLoop:
        return self._asyncio_loop

    def report(self, error: BaseException) -> None:
        tell_asyncio(self._asyncio_loop, error)

    def on_work(self) -> None:
        if not self._turn_scheduled:
            self._turn_scheduled = True
            self._asyncio_loop.call_soon(self._turn)

    def _turn(self) -> None:
        self._turn_scheduled = False
        if self.closed:
            return
        try:
            for _ in range(MOST_TURNS):
                self.settle()
                if not self.turn(0.0) or self._asyncio_ready:
                    break
        finally:                    # also when a callback was interrupted
            if self.has_work():
                self.on_work()
            if self.timers.next_deadline != self._alarm_deadline:
                self._set_alarm()

    def _set_alarm(self) -> None:
        """Have asyncio wake us for the next timer."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._alarm_deadline = self.timers.next_deadline
        if self._alarm_deadline != -1:
            seconds = self.timers.seconds_left()
            self._alarm = self._asyncio_loop.call_later(seconds, self._on_alarm)

    def _on_alarm(self) -> None:
        self._alarm, self._alarm_deadline = None, -1
        self._turn()

    def _leave(self) -> None:
        self.abandon()
        self.clear()
        if self._alarm is not None:
            self._alarm.cancel()
        self._asyncio_loop.remove_reader(self.fileno())
        self._asyncio_loop.netloop = None  # type: ignore[attr-defined]
        self.close()
