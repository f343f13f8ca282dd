"""How many listeners are too many.

More than a handful of listeners for one event is seldom meant: mostly a listener is added again and again,
for each request or message, and never removed.  So the eleventh gets a warning, once for each event of an
object.

Python does not show resource warnings unless asked to: ``python -X dev``, or ``-W always::ResourceWarning``.

Source: https://nodejs.org/api/events.html#eventsdefaultmaxlisteners
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Hashable
from typing import Any

from ..errors import MaxListenersExceededWarning, invalid_type, out_of_range

# Its attribute default_max_listeners may be changed by a program at any time.
_settings: Any = sys.modules[__name__.rpartition(".")[0]]


def default_max_listeners() -> float:
    """The limit of objects that have none of their own."""
    limit: float = _settings.default_max_listeners
    return limit


def set_default_max_listeners(n: float) -> None:
    """Change the limit of objects that have none of their own."""
    _settings.default_max_listeners = n


def checked(name: str, n: float) -> float:
    """The limit itself, if it can be one (ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE)."""
    if not isinstance(n, (int, float)):
        raise invalid_type(name, "a number", n)
    if not n >= 0:  # so written, it refuses nan too
        raise out_of_range(name, ">= 0", n)
    return n


def warn(owner: object, event: Hashable, count: int) -> None:
    """Warn at the line outside this package that added the listener too many."""
    message = (f"{count} listeners for {event!r} of {owner!r}: perhaps they are added again and again. "
               "set_max_listeners() changes the limit")
    level = 1
    frame = sys._getframe()
    # Compiled functions have no frame, so the distance is not known beforehand.
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("netloop."):
        frame = frame.f_back
        level += 1
    warnings.warn(MaxListenersExceededWarning(message), stacklevel=level)
