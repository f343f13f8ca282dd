"""How far a transfer is: a line for each direction, on the terminal behind stderr."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from ..timers import Timeout, clear_interval, set_interval
from .stdio import STDERR, STDIN, STDOUT

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from ..net import Socket

__all__ = ["Row", "TransferProgress", "is_wanted", "rows_of"]

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


class Row(NamedTuple):
    """A line of the display."""

    name: str
    current: Callable[[], int]  # the bytes by now
    total: int | None           # None: nobody knows


def rows_of(socket: Socket) -> Iterator[Row]:
    """What a socket has sent and received, but for what goes by on the screen."""
    if not os.isatty(STDIN):
        yield Row("sent", lambda: socket.bytes_written - socket.writable_length, _remaining(STDIN))
    if not os.isatty(STDOUT):
        yield Row("received", lambda: socket.bytes_read, None)


class TransferProgress:
    """Shows how far a transfer is, as long as its ``with`` block lasts."""

    def __init__(self, *rows: Row) -> None:
        self._progress = _new_progress()
        self._rows: list[tuple[TaskID, Callable[[], int]]] = [
            (self._progress.add_task(row.name, total=row.total), row.current) for row in rows]
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

    def _update(self) -> None:
        for task, count in self._rows:
            self._progress.update(task, completed=count())
        self._progress.refresh()


def _new_progress() -> Progress:
    from rich import progress
    from rich.console import Console

    return progress.Progress(
        progress.TextColumn("{task.description}"), progress.BarColumn(),
        progress.DownloadColumn(), progress.TransferSpeedColumn(),
        progress.TimeElapsedColumn(), progress.TimeRemainingColumn(),
        console=Console(stderr=True), auto_refresh=False)       # our own timer refreshes, not a thread
