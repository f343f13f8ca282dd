"""The body of a response, of which nothing is lost when it breaks off.

A stream that fails drops what nobody took yet, and the streams behind it do so as well.  So a `Body` takes each chunk as soon
as it comes, from the moment when the head is there, and tells of the failure when everything before it has gone out.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from ..diagnostics import subscribe, unsubscribe
from .ending import reason

if TYPE_CHECKING:
    from ..http import IncomingMessage

__all__ = ["Bodies", "Body"]

HEAD_CAME = "http.client.response"
HIGH_WATER_MARK = 1048576       # bytes, as standard output has it: more makes the server wait


class Bodies:
    """Finds the bodies of responses when their heads come, as long as its ``with`` block lasts.

    Whoever awaits a response has it a little later, and by then it may have come and broken off.
    """

    def __init__(self) -> None:
        self._last: Body | None = None

    def __enter__(self) -> Bodies:
        subscribe(HEAD_CAME, self._on_response)
        return self

    def __exit__(self, *_: object) -> None:
        unsubscribe(HEAD_CAME, self._on_response)

    def of(self, message: IncomingMessage) -> Body:
        """That of this response, which is the last one: those before were redirects."""
        assert self._last is not None
        assert self._last.message is message
        return self._last

    def _on_response(self, event: Any, name: str) -> None:
        self._last = Body(event["response"])


class Body:
    """The body of one response: ``async for chunk in body`` ends with what came, and `check` raises why it was not all.

    `received` is how many bytes came, and `length` how many there are to come, or None if the head does not tell.
    """

    def __init__(self, message: IncomingMessage) -> None:
        length = message.headers.get("content-length")
        self.message = message
        self.length = None if length is None else int(length)
        self.received = 0
        self._socket: Any = message.socket      # a client's response has one
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._wanted = self._paused = self._over = False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        message.on("data", self._on_data)
        message.on("error", self._on_error)
        message.on("end", self._on_over)
        message.on("close", self._on_over)

    def _on_data(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._size += len(chunk)
        self.received += len(chunk)
        if self._wanted and not self._paused and self._size >= HIGH_WATER_MARK:
            self._paused = True
            self._socket.pause()         # not the message: what that has buffered it would drop
        self._wake()

    def _on_error(self, error: Exception) -> None:
        self._error = error

    def _on_over(self) -> None:
        self._over = True
        self._go_on()
        self._wake()

    def _go_on(self) -> None:
        if self._paused:
            self._paused = False
            self._socket.resume()

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._wanted = True
        while True:
            while self._chunks:
                chunk = self._chunks.popleft()
                self._size -= len(chunk)
                yield chunk
            if self._over:
                return
            self._go_on()
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    @property
    def is_cut_short(self) -> bool:
        """Whether it broke off, when all of it that came was taken."""
        return self._error is not None

    def check(self) -> None:
        """Raise that the body broke off, where, and with which error, if it did."""
        if self._error is None:
            return
        of_how_much = "" if self.length is None else f" of {self.length:,}"
        why = reason(self._error)
        because = "" if why == "aborted" else f": {why}"        # which says no more than that it broke off
        cut = ConnectionError(f"the body broke off after {self.received:,}{of_how_much} bytes{because}")
        for note in getattr(self._error, "__notes__", ()):
            cut.add_note(note)
        raise cut from self._error
