"""For tests: a contract that every stream keeps, a peer that replays bytes, a loop around coroutine tests.

Tests alone import this package.  It needs no test runner in particular.
"""

from __future__ import annotations

from .check import DUPLEX_RULES, HALF_CLOSE_RULES, check_duplex, check_rule
from .in_loop import in_loop, nothing_open, settle
from .pattern import pattern, splits
from .recorder import Recorder
from .replay import Replay, replay

__all__ = [
    "check_duplex", "check_rule", "DUPLEX_RULES", "HALF_CLOSE_RULES",
    "replay", "Replay", "Recorder", "pattern", "splits",
    "in_loop", "nothing_open", "settle",
]
