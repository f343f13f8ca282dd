"""Between our streams and those of asyncio, in both directions.

    ReaderSource, WriterSink    a Readable and a Writable over asyncio's StreamReader and StreamWriter
    StreamTransport             an asyncio transport over our streams, on which asyncio's two then stand

Backpressure goes through: a StreamReader that is full pauses our stream, a Writable that is full makes
``await writer.drain()`` wait.

Source: https://docs.python.org/3/library/asyncio-stream.html
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ..errors import invalid_type
from .readable import Readable
from .status import has_readable_half, has_writable_half
from .watch import StreamWatch
from .writable import Writable

if TYPE_CHECKING:
    from .state import Callback

__all__ = ["ReaderSource", "StreamTransport", "WriterSink"]


class ReaderSource(Readable):
    """A Readable of what a StreamReader gives."""

    def __init__(self, reader: asyncio.StreamReader, **options: Any) -> None:
        if not hasattr(reader, "read"):
            raise invalid_type("reader", "an asyncio.StreamReader", reader)
        super().__init__(**options)
        self._reader = reader
        self._reading: asyncio.Task[None] | None = None

    def _read(self, size: int) -> None:
        if self._reading is None:
            self._reading = self._loop.spawn(self._pull(max(size, 1)))

    async def _pull(self, size: int) -> None:
        try:
            while not self.destroyed:
                data = await self._reader.read(size)
                if not self.push(data or None):
                    return
        except Exception as error:
            self.destroy(error)
        finally:
            self._reading = None

    def _destroy(self, error: Exception | None, callback: Callback) -> None:
        if self._reading is not None:
            self._reading.cancel()
        callback(error)


class WriterSink(Writable):
    """A Writable into a StreamWriter; closes it when it is destroyed."""

    def __init__(self, writer: asyncio.StreamWriter, **options: Any) -> None:
        if not hasattr(writer, "write"):
            raise invalid_type("writer", "an asyncio.StreamWriter", writer)
        super().__init__(**options)
        self._writer = writer

    def _write(self, chunk: Any, encoding: str, callback: Callback) -> None:
        self._writer.write(chunk)
        self._loop.spawn(self._drained(callback))

    def _writev(self, chunks: list[tuple[Any, str]], callback: Callback) -> None:
        self._writer.writelines([chunk for chunk, _ in chunks])
        self._loop.spawn(self._drained(callback))

    async def _drained(self, callback: Callback) -> None:
        try:
            await self._writer.drain()
        except Exception as error:
            callback(error)
        else:
            callback(None)

    def _final(self, callback: Callback) -> None:
        if self._writer.can_write_eof():
            self._writer.write_eof()
        callback(None)

    def _destroy(self, error: Exception | None, callback: Callback) -> None:
        if error is None:
            self._writer.close()
        else:
            self._writer.transport.abort()
        callback(error)


class StreamTransport(asyncio.Transport):
    """An asyncio transport over a stream, or one for each direction; `reader` and `writer` stand on it.

    Closing it ends the writable and destroys the readable when that is done, as closing a socket does.
    """

    def __init__(self, readable: Any, writable: Any) -> None:
        super().__init__()
        self._readable = readable
        self._writable = writable
        if readable is not None and not has_readable_half(readable):
            raise invalid_type("readable", "a Readable or a Duplex", readable)
        if writable is not None and not has_writable_half(writable):
            raise invalid_type("writable", "a Writable or a Duplex", writable)
        self._closing = False
        self._lost = False
        stream: Any = readable if readable is not None else writable
        loop = stream._loop.asyncio_loop
        self.reader = asyncio.StreamReader(loop=loop)
        self._protocol = asyncio.StreamReaderProtocol(self.reader, loop=loop)
        self._protocol.connection_made(self)
        self.writer = asyncio.StreamWriter(self, self._protocol, self.reader, loop)
        if readable is not None:
            StreamWatch(readable, self._on_readable_over, writable=False).start()
            readable.on("data", self._on_data)
        if writable is not None:
            StreamWatch(writable, self._on_writable_over, readable=False).start()
            writable.on("drain", self._protocol.resume_writing)
        stream.on("close", self._on_close)

    # --- from the streams ---

    def _on_data(self, chunk: Any) -> None:
        self._protocol.data_received(chunk.encode() if isinstance(chunk, str) else chunk)

    def _on_readable_over(self, error: Exception | None) -> None:
        if error is None:
            self._protocol.eof_received()
        else:
            self._lose(error)

    def _on_writable_over(self, error: Exception | None) -> None:
        if error is not None:
            self._lose(error)

    def _on_close(self) -> None:
        self._lose(None)

    def _lose(self, error: Exception | None) -> None:
        if not self._lost:
            self._lost = self._closing = True
            self._protocol.connection_lost(error)

    # --- from the reader: asyncio.ReadTransport ---

    def pause_reading(self) -> None:
        self._readable.pause()

    def resume_reading(self) -> None:
        self._readable.resume()

    def is_reading(self) -> bool:
        return self._readable is not None and not self._readable.is_paused()

    # --- from the writer: asyncio.WriteTransport ---

    def write(self, data: Any) -> None:
        if not self._writable.write(data):
            self._protocol.pause_writing()

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        return self._writable is not None

    def write_eof(self) -> None:
        self._writable.end()

    def get_write_buffer_size(self) -> int:
        return 0 if self._writable is None else self._writable.writable_length

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if self._closing:
            return
        self._closing = True
        if self._writable is None:
            self._readable.destroy()
        elif self._writable.writable_finished:
            self._close_readable()
        else:
            self._writable.end(self._close_readable)

    def _close_readable(self, error: Exception | None = None) -> None:
        if self._readable is not None:
            self._readable.destroy()
        self._lose(error)

    def abort(self) -> None:
        for stream in (self._writable, self._readable):
            if stream is not None:
                stream.destroy()

    def get_protocol(self) -> asyncio.StreamReaderProtocol:
        return self._protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Our stream as "stream"; a socket's addresses by the names of asyncio."""
        stream = self._readable if self._readable is not None else self._writable
        if name == "stream":
            return stream
        side = {"peername": "remote", "sockname": "local"}.get(name)
        address = None if side is None else getattr(stream, f"{side}_address", None)
        return default if address is None else (address, getattr(stream, f"{side}_port", None))
