"""A word at exit for whoever forgot `run`: a program that opens something and never runs the loop does nothing.

Node runs its loop when the last line of a program was executed; Python needs the call.  The word is not for those whose
program ended in a traceback, which tells them more, and not for `netloop run`, which makes the call for them.
"""

from __future__ import annotations

import atexit
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .loops import OwnLoop

__all__ = ["remind_of"]


def remind_of(loop: OwnLoop) -> None:
    """Say at exit, in one line on standard error, if `loop` has work and was never run."""
    if threading.current_thread() is threading.main_thread():
        atexit.register(_remind, loop)


def _remind(loop: OwnLoop) -> None:
    failed = hasattr(sys, "last_value")         # where Python keeps the error that it printed last
    if loop.closed or failed or "netloop.cli" in sys.modules or sys.stderr is None:
        return
    waiting = _what_waits(loop)
    if waiting is not None:
        print(f"netloop: the loop never ran, and so nothing came of {waiting}.  "
              "End the program with netloop.run(), or start it by: netloop run", file=sys.stderr)


def _what_waits(loop: OwnLoop) -> str | None:
    from .active import active_handles

    found = list(dict.fromkeys(map(str, active_handles())))     # a server that begins to listen is there twice
    if found:
        return found[0] if len(found) == 1 else f"{found[0]}, and {len(found) - 1} more"
    return "what next_tick was told" if loop.has_work() else None
