"""Read a whole stream: ``await consumers.text(stream)``.

A source is a Readable, or any iterable or async iterable of bytes or str.  It is kept in memory whole, so
this is for sources whose size is known to be small.

Source: https://nodejs.org/api/webstreams.html#utility-consumers
"""

from __future__ import annotations

import builtins
from typing import Any

from ..errors import invalid_type, unavailable
from .stages import async_iterator, is_iterable

__all__ = ["array_buffer", "blob", "buffer", "bytes", "json", "text"]


async def buffer(stream: Any) -> builtins.bytes:
    """Everything as bytes; str chunks are encoded as UTF-8.

    Raises:
        ArgumentTypeError: no stream, or a chunk that is neither bytes nor str (ERR_INVALID_ARG_TYPE); the
            stream's error.
    """
    return b"".join([_encoded(chunk) async for chunk in _chunks(stream)])


async def bytes(stream: Any) -> builtins.bytes:  # noqa: A001  (the name is Node's)
    """The same as `buffer`."""
    return await buffer(stream)


async def array_buffer(stream: Any) -> builtins.bytes:
    """The same as `buffer`: Python has no type of its own for this."""
    return await buffer(stream)


async def text(stream: Any) -> str:
    """Everything as text; bytes are decoded as UTF-8, and what is not UTF-8 becomes U+FFFD."""
    return (await buffer(stream)).decode("utf-8", "replace").removeprefix("\ufeff")


async def json(stream: Any) -> Any:
    """Everything, parsed as JSON; raises `json.JSONDecodeError` for other text."""
    from json import loads

    return loads(await text(stream))


async def blob(stream: Any) -> Any:
    """Raises FeatureUnavailableError (ERR_FEATURE_UNAVAILABLE_ON_PLATFORM): Python has no Blob."""
    raise unavailable("consumers.blob", "Python has no Blob; use consumers.bytes")


def _chunks(stream: Any) -> Any:
    if not is_iterable(stream):
        raise invalid_type("stream", "a Readable, an iterable or an async iterable", stream)
    return async_iterator(stream)


def _encoded(chunk: Any) -> builtins.bytes:
    if isinstance(chunk, str):
        return chunk.encode("utf-8", "surrogatepass")
    if isinstance(chunk, builtins.bytes | bytearray | memoryview):
        return builtins.bytes(chunk)
    raise invalid_type("chunk", "bytes or str", chunk)
