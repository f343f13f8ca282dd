"""Backlog: what was sent behind a large message that a thread compresses, in order.

Frames, messages that are still to be compressed, and callbacks wait here.  When the thread is done, its message is put out
and then what is behind it, up to the next large message.  The connection has a backlog only as long as something waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from .outbound import COMPRESSED_IN_THREAD
from .zlib_threads import compress

if TYPE_CHECKING:
    from .outbound import Outbound

__all__ = ["Backlog"]


class Backlog:
    """The backlog of one connection."""

    def __init__(self, connection: Outbound) -> None:
        self.ends = False                           # the socket is to be ended afterwards
        self._connection = connection
        self._steps: deque[Callable[[], bool]] = deque()        # each returns whether the next may follow at once
        self._callbacks: list[Callable[..., object]] = []

    # --- what comes in -----------------------------------------------------------------------------------------------

    def add_message(self, first: int, payload: bytes, final: bool) -> None:
        """A message, or a fragment, that is to be compressed."""
        self._connection.backlog_size += len(payload)
        self._steps.append(partial(self._compress, first, payload, final))

    def add_frame(self, first: int, payload: bytes) -> None:
        self._connection.backlog_size += len(payload)
        self._steps.append(partial(self._put_frame, first, payload, len(payload)))

    def add_whole(self, whole: bytes, size: int, forget: bool) -> None:
        """A frame that exists already; see `Protocol.send_frame`."""
        self._connection.backlog_size += len(whole)
        self._steps.append(partial(self._put_whole, whole, size, forget))

    def add_callback(self, callback: Callable[..., object]) -> None:
        self._callbacks.append(callback)
        self._steps.append(partial(self._call_back, callback))

    # --- what goes out -----------------------------------------------------------------------------------------------

    def go_on(self) -> None:
        """Take what waits, until a thread has to."""
        while self._steps and self._connection._backlog is self:
            if not self._steps.popleft()():
                self._connection.settle()
                return
        if self._connection._backlog is self:
            self._connection.finish_backlog()

    def _compress(self, first: int, payload: bytes, final: bool) -> bool:
        connection = self._connection
        deflate: Any = connection.deflate
        if len(payload) < COMPRESSED_IN_THREAD:
            return self._put_frame(first, deflate.compress(payload, final), len(payload))
        compress(connection.loop, deflate, payload, final, partial(self._compressed, first, len(payload)))
        return False

    def _compressed(self, first: int, size: int, payload: Any, error: Exception | None) -> None:
        if self._connection._backlog is not self:
            return                                  # the connection is closed
        if error is not None:                       # out of memory: nothing that follows could be read
            self._connection.loop.report(error)
            self._connection.destroy_socket()
            return
        self._put_frame(first, payload, size)
        self.go_on()

    def _put_frame(self, first: int, payload: bytes, size: int) -> bool:
        self._connection.backlog_size -= size
        self._connection.put_frame(first, payload)
        return True

    def _put_whole(self, whole: bytes, size: int, forget: bool) -> bool:
        self._connection.backlog_size -= len(whole)
        self._connection.put_whole(whole, size, forget)
        return True

    def _call_back(self, callback: Callable[..., object]) -> bool:
        self._callbacks.remove(callback)
        self._connection.call_when_put_out(callback)
        return True

    def drop(self) -> list[Callable[..., object]]:
        """The connection is closed: whose callbacks are to be told."""
        self._steps.clear()
        return self._callbacks
