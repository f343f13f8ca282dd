"""BodyReading: one reading of a response's body, for all who want the whole of it.

Each of them says how large it may be for him.  Who is cancelled, or gets more than that, leaves it to the others; after
the last the response is destroyed, for nobody wants the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import StateError
from ..stream.watch import StreamWatch

if TYPE_CHECKING:
    import asyncio

    from .incoming_response import IncomingResponse

__all__ = ["BodyReading", "too_large"]


class BodyReading:
    """Takes the chunks out of a response as they come.  The response has it until it is over."""

    def __init__(self, message: IncomingResponse) -> None:
        self._message = message
        self._chunks: list[bytes] = []
        self._size = 0
        self._readers: dict[asyncio.Future[bytes], int] = {}     # with what the body may have for each
        message._reading = self
        StreamWatch(message, self._on_over, writable=False).start()
        message.on("readable", self._take)

    async def whole(self, max_size: int) -> bytes:
        """Wait for the end, from which on the body is the message's, whoever of its readers is there still."""
        message = self._message
        reader: asyncio.Future[bytes] = message._loop.asyncio_loop.create_future()
        self._readers[reader] = max_size
        self._take()
        try:
            return await reader
        finally:
            self._leave(reader)

    def _take(self) -> None:
        message = self._message
        self._refuse_too_large()
        while not message.destroyed and (chunk := message.read()) is not None:
            self._chunks.append(chunk)
            self._size += len(chunk)
            self._refuse_too_large()

    def _refuse_too_large(self) -> None:
        for reader in [reader for reader, max_size in self._readers.items() if self._size > max_size]:
            if not reader.done():
                reader.set_exception(too_large(self._readers[reader]))
            self._leave(reader)

    def _leave(self, reader: asyncio.Future[bytes]) -> None:
        if self._readers.pop(reader, None) is not None and not self._readers:
            self._message.destroy()

    def _on_over(self, error: Exception | None) -> None:
        self._message._reading = None
        body = self._message._body = b"".join(self._chunks) if error is None else None
        readers, self._readers = self._readers, {}
        for reader in readers:
            if reader.done():
                continue                    # cancelled, and whoever waited does not know it yet
            if body is not None:
                reader.set_result(body)
            elif error is not None:
                reader.set_exception(error)


def too_large(max_size: int) -> StateError:
    return StateError(f"the body is larger than max_size, {max_size} bytes", "ERR_HTTP_BODY_TOO_LARGE")
