"""Messages: ``async for message in websocket``.

Messages are kept for whoever iterates, from the moment when somebody first wanted to: `break` and another ``async for`` go on
where the first one stopped.  When 16 wait, or 1 MiB, the WebSocket is paused, so a program that takes them slowly slows its
peer down.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from .websocket import WebSocket

__all__ = ["Messages"]

MOST_WAITING = 16
MOST_WAITING_BYTES = 1024 * 1024
_CLOSED = 3


class Messages:
    """The messages of a WebSocket, until it is closed; an `error` is raised after what came before it."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket: WebSocket | None = websocket       # None when it is closed
        self._waiting: deque[Any] = deque()
        self._size = 0
        self._error: Exception | None = None
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._stopped = False
        self._paused = False
        websocket.on("message", self._on_message)
        websocket.on("error", self._on_error)
        if websocket.ready_state == _CLOSED:
            self.end()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        while not self._waiting:
            if self._error is not None:
                error, self._error = self._error, None
                raise error
            if self._stopped or self._websocket is None:
                raise StopAsyncIteration
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            finally:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)
        message = self._waiting.popleft()
        self._size -= _size(message)
        if self._waiting:
            self._wake()
        if self._paused and len(self._waiting) <= MOST_WAITING // 2 and self._size < MOST_WAITING_BYTES:
            self._resume()
        return message

    def stop(self) -> None:
        """Take no more: what waits is forgotten, and the iteration ends."""
        self._stopped = True
        self._waiting.clear()
        if self._paused:
            self._resume()
        self._wake_all()

    def end(self) -> None:
        """The WebSocket is closed: what waits is all that there will be."""
        self._websocket = None
        self._wake_all()

    def _resume(self) -> None:
        self._paused = False
        if self._websocket is not None:
            self._websocket.resume()

    def _on_message(self, data: Any) -> None:
        if self._stopped:
            return
        self._waiting.append(data)
        self._size += _size(data)
        full = len(self._waiting) >= MOST_WAITING or self._size >= MOST_WAITING_BYTES
        if full and not self._paused and self._websocket is not None:
            self._paused = True
            self._websocket.pause()
        self._wake()

    def _on_error(self, error: Exception) -> None:
        self._error = error
        self._wake()

    def _wake(self) -> None:
        """One message, one waiter."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def _wake_all(self) -> None:
        while self._waiters:
            self._wake()


def _size(message: Any) -> int:
    return sum(map(len, message)) if isinstance(message, list) else len(message)
