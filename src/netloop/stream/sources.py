"""What the static methods `from_`, `from_web` and `to_web` of the classes call, in one place.

asyncio's streams stand where Node has those of the web; their module needs asyncio, and is loaded when it is
called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .duplex_from import duplex_from
from .iterable import from_iterable

if TYPE_CHECKING:
    import asyncio

    from .duplex import AnyWritable, Duplex
    from .readable import Readable
    from .writable import Writable

__all__ = ["duplex_from", "from_iterable", "from_stream_pair", "from_stream_reader", "from_stream_writer",
           "to_stream_pair", "to_stream_reader", "to_stream_writer"]


def from_stream_reader(reader: asyncio.StreamReader, **options: Any) -> Readable:
    """A Readable of what an `asyncio.StreamReader` gives."""
    from .asyncio_streams import ReaderSource
    return ReaderSource(reader, **options)


def from_stream_writer(writer: asyncio.StreamWriter, **options: Any) -> Writable:
    """A Writable into an `asyncio.StreamWriter`."""
    from .asyncio_streams import WriterSink
    return WriterSink(writer, **options)


def from_stream_pair(pair: tuple[asyncio.StreamReader, asyncio.StreamWriter], **options: Any) -> Duplex:
    """A Duplex over what `asyncio.open_connection` gives."""
    reader, writer = pair
    return duplex_from((from_stream_reader(reader, **options), from_stream_writer(writer, **options)))


def to_stream_reader(readable: Readable) -> asyncio.StreamReader:
    """An `asyncio.StreamReader` of what a Readable gives."""
    from .asyncio_streams import StreamTransport
    return StreamTransport(readable, None).reader


def to_stream_writer(writable: AnyWritable) -> asyncio.StreamWriter:
    """An `asyncio.StreamWriter` into a Writable."""
    from .asyncio_streams import StreamTransport
    return StreamTransport(None, writable).writer


def to_stream_pair(duplex: Duplex) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The two over one Duplex, as `asyncio.open_connection` gives them."""
    from .asyncio_streams import StreamTransport
    transport = StreamTransport(duplex, duplex)
    return transport.reader, transport.writer
