"""Where in the user's program something was made."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

_PACKAGE = os.path.dirname(os.path.dirname(__file__)) + os.sep
_ASYNCIO = os.path.join(os.path.dirname(os.__file__), "asyncio") + os.sep


def caller() -> str | None:
    """``"app.py:12"``: the innermost frame that is not this package's own.

    None where asyncio called: the line further out, which runs the loop, has nothing to do with it.
    """
    frame = sys._getframe(1)
    while frame is not None:
        if is_users(frame):
            return None if frame.f_code.co_filename.startswith(_ASYNCIO) else position(frame)
        frame = frame.f_back  # type: ignore[assignment]
    return None


def is_users(frame: FrameType) -> bool:
    """Whether the frame is not this package's own."""
    return not frame.f_code.co_filename.startswith((_PACKAGE, "src/netloop/"))


def position(frame: FrameType) -> str:
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def add_origin(error: BaseException, what: str, origin: str | None) -> None:
    """Have an error that comes up later, with no frame of the user's, say what led to it: in its traceback, as a note."""
    if origin is not None:
        error.add_note(f"{what} at {origin}")
