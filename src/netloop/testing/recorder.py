"""Recorder: what a stream emitted, in order, to compare with what it should have."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

__all__ = ["Recorder"]

EVENTS = ("end", "finish", "drain", "error", "close")


class Recorder:
    """Listens to a stream and writes down its events.

    Parameters:
        stream: the stream to listen to.
        read: also listen to `data`, which makes the stream flow (default True).

    Attributes:
        events: the names of the events in order; several `data` in a row count as one.
        data: all that was read, as bytes, or as str if the stream has an encoding.
        error: the argument of `error`, or None.
    """

    def __init__(self, stream: Any, *, read: bool = True) -> None:
        self.stream = stream
        self.events: list[str] = []
        self.error: Exception | None = None
        self._chunks: list[Any] = []
        self._waiters: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        for event in EVENTS:
            stream.on(event, partial(self._note, event))
        if read:
            stream.on("data", partial(self._note, "data"))

    @property
    def data(self) -> Any:
        if not self._chunks:
            return "" if self.stream.readable_encoding else b""
        return self._chunks[0][:0].join(self._chunks)

    def _note(self, event: str, argument: Any = None) -> None:
        if event == "data":
            self._chunks.append(argument)
        if event != "data" or self.events[-1:] != ["data"]:
            self.events.append(event)
        if event == "error":
            self.error = argument
        for condition, waiter in self._waiters:
            if condition() and not waiter.done():
                waiter.set_result(None)

    async def until(self, event: str) -> None:
        """Wait until `event` has been emitted; returns at once if it was."""
        await self._until(lambda: event in self.events)

    async def received(self, length: int) -> None:
        """Wait until so many bytes, or characters, have been read."""
        await self._until(lambda: sum(map(len, self._chunks)) >= length)

    async def until_received(self, condition: Callable[[Any], bool]) -> bool:
        """Wait until ``condition(data)`` is true; False if there will be no more data."""
        await self._until(lambda: condition(self.data) or "end" in self.events or "close" in self.events)
        return condition(self.data)

    async def _until(self, condition: Callable[[], bool]) -> None:
        if condition():
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (condition, waiter)
        self._waiters.append(entry)
        try:
            await waiter
        finally:
            self._waiters.remove(entry)

    def __repr__(self) -> str:
        return f"<Recorder {' '.join(self.events) or 'nothing yet'}, {len(self.data)} read>"
