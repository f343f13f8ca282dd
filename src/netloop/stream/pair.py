"""duplex_pair(): two Duplexes in memory, what is written to one is read from the other.

A pair stands for a connection where no network is wanted: in tests, or between two parts of a program.  It
behaves like one: a write is done when the other side has taken it, end() ends one direction, and a side that
is destroyed is missed by the other.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

from ..errors import system_error
from .duplex import Duplex

if TYPE_CHECKING:
    from typing import Unpack

    from .signatures import DuplexOptions
    from .state import Callback

__all__ = ["duplex_pair"]


def duplex_pair(**options: Unpack[DuplexOptions]) -> tuple[Duplex, Duplex]:
    """Two linked streams; `options` are those of `Duplex`, for both.

    A side that is destroyed ends the other's reading, or destroys it if that was for an error; writing to it
    fails with EPIPE.

    Source: https://nodejs.org/api/stream.html#streamduplexpairoptions
    """
    left, right = _Side(**options), _Side(**options)
    left.other, right.other = right, left
    return left, right


class _Side(Duplex):
    other: _Side
    taken: Callback | None = None       # answers the other side's write, when ours has been read

    def _write(self, chunk: Any, encoding: str, callback: Callback) -> None:
        other = self.other
        if other.destroyed:
            callback(system_error(errno.EPIPE, "write"))
        elif not self.writable_object_mode and len(chunk) == 0:
            callback(None)
        else:
            other.taken = callback
            other.push(chunk, None if encoding == "buffer" else encoding)

    def _read(self, size: int) -> None:
        self._answer(None)

    def _final(self, callback: Callback) -> None:
        self.other.push(None)
        callback(None)

    def _destroy(self, error: Exception | None, callback: Callback) -> None:
        self._loop.next_tick(self._part, (error,))
        callback(error)

    def _part(self, error: Exception | None) -> None:
        """Let the other side know."""
        self._answer(system_error(errno.EPIPE, "write"))
        if error is not None:
            self.other.destroy()
        elif not self.other.readable_ended:
            self.other.push(None)

    def _answer(self, error: Exception | None) -> None:
        taken, self.taken = self.taken, None
        if taken is not None:
            taken(error)
