"""How far a transfer is: a line for each direction, on the terminal behind stderr."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ..timers import Timeout, clear_interval, set_interval
from .stdio import STDERR, STDIN, STDOUT

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from ..net import Socket

__all__ = ["TransferProgress", "is_wanted"]

INTERVAL_MS = 100       # between two looks: nobody reads faster


def is_wanted() -> bool:
    """Whether somebody watches stderr while something is transferred that does not go by on the screen."""
    return os.isatty(STDERR) and not (os.isatty(STDIN) and os.isatty(STDOUT))


def _remaining(fd: int) -> int | None:
    """How many bytes a regular file still gives; None for whatever has no size."""
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        return None
    return max(0, status.st_size - os.lseek(fd, 0, os.SEEK_CUR))


class TransferProgress:
    """Shows what a socket has sent and received, as long as its ``with`` block lasts."""

    def __init__(self, socket: Socket) -> None:
        self._progress = _new_progress()
        self._rows: list[tuple[TaskID, Callable[[], int]]] = []
        if not os.isatty(STDIN):
            self._add("sent", lambda: socket.bytes_written - socket.writable_length, _remaining(STDIN))
        if not os.isatty(STDOUT):
            self._add("received", lambda: socket.bytes_read, None)
        self._timer: Timeout | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        self._timer = set_interval(self._update, INTERVAL_MS)
        self._timer.unref()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        """Leave the last state on the screen."""
        clear_interval(self._timer)
        self._update()
        self._progress.stop()

    def _add(self, name: str, count: Callable[[], int], total: int | None) -> None:
        self._rows.append((self._progress.add_task(name, total=total), count))

    def _update(self) -> None:
        for task, count in self._rows:
            self._progress.update(task, completed=count())
        self._progress.refresh()


def _new_progress() -> Progress:
    from rich import progress
    from rich.console import Console

    return progress.Progress(
        progress.TextColumn("{task.description}"), progress.BarColumn(),
        progress.DownloadColumn(binary_units=True), progress.TransferSpeedColumn(),
        progress.TimeElapsedColumn(), progress.TimeRemainingColumn(),
        console=Console(stderr=True), auto_refresh=False)       # our own timer refreshes, not a thread
