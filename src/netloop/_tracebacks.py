"""Tracebacks that begin and end in the user's program.

Between the frames that a user wrote stand those of the command, of the loop and of the emitters, which say
nothing about the mistake.  They are left out, and so are those at the end if the error is one that netloop
raises on purpose, because that one is about the line that called.  Any other error that comes out of netloop
is a fault of netloop, and keeps its frames.

There is another reason: compiled frames name a file by a path that exists only where it was compiled.  The interpreter
then looks for a file of that name on the path of modules, and prints lines of the user's own `server.py`.
"""

from __future__ import annotations

import sys
from types import TracebackType

from .errors import AggregateError, NetloopError

__all__ = ["show", "trim"]

ABOVE_THE_LOOP = ("netloop.cli.", "netloop.loop.runner.")   # they run the program, and pass its errors on


def show(error: Exception) -> None:
    """Print an exception that nobody handled, by `sys.excepthook`, which a program may have replaced."""
    trim(error)
    sys.excepthook(type(error), error, error.__traceback__)


def trim(error: BaseException) -> None:
    """Take netloop's own frames out of the traceback, and out of those of the errors that led to it."""
    seen = set()
    left: list[BaseException | None] = [error]
    while left:                             # no recursion: the chain may be longer than the stack is deep
        each = left.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        each.__traceback__ = _joined(_kept(each))
        if _is_deliberate(each):
            each.__cause__ = None           # the system's bare error, which tells the same once more
            each.__suppress_context__ = True
        left += each.__cause__, each.__context__
        if isinstance(each, BaseExceptionGroup):
            left += each.exceptions


def _kept(error: BaseException) -> list[TracebackType]:
    entries = []
    entry = error.__traceback__
    while entry is not None:
        entries.append(entry)
        entry = entry.tb_next
    users = [index for index, each in enumerate(entries) if not _is_ours(each)]
    kept = [entries[index] for index in users]
    if not _is_deliberate(error):
        after = users[-1] + 1 if users else 0
        kept += [each for each in entries[after:] if not _is_ours(each, *ABOVE_THE_LOOP)]
    return kept


def _is_ours(entry: TracebackType, *modules: str) -> bool:
    """Whether the frame belongs to netloop, or to these parts of it."""
    name: str = entry.tb_frame.f_globals.get("__name__", "") + "."
    return name.startswith(modules or "netloop.")


def _is_deliberate(error: BaseException) -> bool:
    """Whether netloop made the error: to tell of a wrong argument, or of a failure of the network."""
    return isinstance(error, NetloopError | AggregateError) or (
        isinstance(error, OSError) and hasattr(error, "syscall"))


def _joined(entries: list[TracebackType]) -> TracebackType | None:
    joined = None
    for each in reversed(entries):
        joined = TracebackType(joined, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return joined
