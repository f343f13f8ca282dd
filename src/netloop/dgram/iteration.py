"""Messages: ``async for message, sender in socket``.

It listens from the moment it is made, so that an answer that comes before the first step is not missed.  The listeners know
it weakly: it is enough to drop it, which ``break`` does, and nothing is left behind.

A datagram socket has no backpressure, so what comes faster than it is taken must be dropped somewhere.  Here it is the
kernel, as for any program that does not receive: when 1024 messages wait the socket stops receiving, and goes on at 512.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from ..events.weak_listener import weakly

if TYPE_CHECKING:
    from .._engine.remote_info import RemoteInfo
    from .socket import Socket

__all__ = ["Messages"]

MOST_WAITING = 1024
FEW_WAITING = 512


class Messages:
    """An asynchronous iterator over the messages of a socket, each with its sender, until the socket is closed.

    An `error` is raised after what came before it.  A step that was cancelled can be taken again.  What waits when the
    iterator is dropped is lost; the socket stays open.
    """

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._waiting: deque[tuple[bytes, RemoteInfo]] = deque()
        self._error: Exception | None = None
        self._news = asyncio.Event()
        self._paused = False
        self._listeners: dict[str, Callable[..., object]] = {
            "message": weakly(self._on_message), "error": weakly(self._on_error), "close": weakly(self._on_close)}
        for event, listener in self._listeners.items():
            socket.on(event, listener)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> tuple[bytes, RemoteInfo]:
        while not self._waiting:
            if self._error is not None:
                error, self._error = self._error, None
                raise error
            if self._socket._closed or not self._listeners:
                raise StopAsyncIteration
            self._news.clear()
            try:
                await self._news.wait()
            except asyncio.CancelledError:
                del self        # or the traceback, which the task keeps, keeps the iterator and its listeners
                raise
        taken = self._waiting.popleft()
        if self._paused and len(self._waiting) < FEW_WAITING:
            self._paused = False
            self._socket._resume()
        return taken

    async def aclose(self) -> None:
        """End the iteration, and forget what waits."""
        self._waiting.clear()
        self._stop()
        self._news.set()

    def _on_message(self, message: bytes, sender: RemoteInfo) -> None:
        self._waiting.append((message, sender))
        if len(self._waiting) >= MOST_WAITING and not self._paused:
            self._paused = True
            self._socket._pause()
        self._news.set()

    def _on_error(self, error: Exception) -> None:
        self._error = error
        self._news.set()

    def _on_close(self) -> None:
        self._stop()
        self._news.set()

    def _stop(self) -> None:
        listeners, self._listeners = self._listeners, {}
        for event, listener in listeners.items():
            self._socket.remove_listener(event, listener)
        if self._paused:
            self._paused = False
            self._socket._resume()

    def __del__(self) -> None:
        self._stop()
