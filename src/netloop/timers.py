"""Timers: `set_timeout`, `set_interval`, `set_immediate`, and their clears.

    from netloop import run, set_timeout

    set_timeout(print, 1000, "a second later")
    run()

Times are milliseconds, or a `datetime.timedelta`.  A timer keeps the loop alive until it is due, unless `unref` was
called.  An interval is started again after its callback returned.  Source: https://nodejs.org/api/timers.html
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ._engine.tick_queue import Immediate
from ._engine.timer_lists import Timer
from .errors import invalid_type, out_of_range
from .loop.loops import current
from .loop.origin import caller

if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["set_timeout", "clear_timeout", "set_interval", "clear_interval", "set_immediate", "clear_immediate",
           "Timeout", "Immediate", "milliseconds"]

LONGEST_MS = 2**31 - 1      # as Node's; about 24.8 days


class Timeout(Timer):
    """A timer that calls a function: what `set_timeout` and `set_interval` return.

    ``ref()`` and ``unref()`` say whether it keeps the loop alive; ``refresh()`` starts it again without a new object;
    ``close()`` clears it; ``has_ref()`` asks.
    """

    def __init__(self, callback: Callable[..., object], args: tuple[Any, ...]) -> None:
        self.callback = callback
        self.args = args
        self.origin = caller()

    def on_timeout(self) -> None:
        current().call(self.callback, *self.args)

    def close(self) -> Timeout:
        """Clear the timer; returns it."""
        self.stop()
        return self

    def __repr__(self) -> str:
        name = getattr(self.callback, "__qualname__", None) or repr(self.callback)
        kind = "every" if self.repeat else "after"
        return f"<Timeout {name} {kind} {self.duration} ms{'' if self.active else ', done'}>"


def set_timeout(callback: Callable[..., object], delay: float | timedelta = 1, *args: object) -> Timeout:
    """Call ``callback(*args)`` once, `delay` milliseconds from now (at least 1).  A coroutine function is welcome."""
    return _start(callback, delay, args, repeat=False)


def set_interval(callback: Callable[..., object], delay: float | timedelta = 1, *args: object) -> Timeout:
    """Call ``callback(*args)`` every `delay` milliseconds (at least 1) until it is cleared."""
    return _start(callback, delay, args, repeat=True)


def set_immediate(callback: Callable[..., object], *args: object) -> Immediate:
    """Call ``callback(*args)`` once the loop has looked for events, before timers that start now."""
    if not callable(callback):
        raise invalid_type("callback", "a function", callback)
    loop = current()
    return loop.set_immediate(loop.call, (callback, *args))


def clear_timeout(timer: Timeout | None) -> None:
    """Take a timer back.  None, and a timer that was due or cleared already, are ignored."""
    if timer is None:
        return
    if not isinstance(timer, Timer):
        raise invalid_type("timer", "what set_timeout or set_interval returned", timer)
    timer.stop()


clear_interval = clear_timeout


def clear_immediate(immediate: Immediate | None) -> None:
    """Take an immediate back.  None, and one that ran already, are ignored."""
    if immediate is None:
        return
    if not isinstance(immediate, Immediate):
        raise invalid_type("immediate", "what set_immediate returned", immediate)
    immediate.close()


def _start(callback: Callable[..., object], delay: float | timedelta, args: tuple[Any, ...], *, repeat: bool) -> Timeout:
    if not callable(callback):
        raise invalid_type("callback", "a function", callback)
    timer = Timeout(callback, args)
    timer.start(current().timers, max(1, milliseconds("delay", delay)), repeat)
    return timer


def milliseconds(name: str, value: float | timedelta) -> int:
    """A time argument as whole milliseconds: a number of them, or a `datetime.timedelta`; as in Node without a part
    of one.  But what is less than one is 1: for many who ask, 0 means never.

    Raises ArgumentTypeError for anything else, ArgumentValueError (ERR_OUT_OF_RANGE) for a negative one, NaN, or one
    above 2**31 - 1 (Node takes those for 1 ms, which hides the mistake).
    """
    if isinstance(value, int) and not isinstance(value, bool):
        number: float = value
    elif isinstance(value, float):
        number = value
    elif "datetime" in sys.modules and isinstance(value, sys.modules["datetime"].timedelta):
        number = value / sys.modules["datetime"].timedelta(milliseconds=1)      # exact, as a product would not be
    else:
        raise invalid_type(name, "a number of milliseconds or a timedelta", value)
    if not 0 <= number <= LONGEST_MS:
        raise out_of_range(name, f"from 0 to {LONGEST_MS} ms", value)
    return 1 if 0 < number < 1 else int(number)
