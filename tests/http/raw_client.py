"""A server, and a client of it that writes and reads bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from netloop import http

LOOPBACK = "127.0.0.1"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connected(listener: Any, *, half_open: bool = False, **options: Any) -> AsyncIterator[tuple[http.Server, Streams]]:
    """A server with this listener, and the two ends of a connection to it."""
    server = http.create_server(listener, **options).listen(0, LOOPBACK)
    server.http_allow_half_open = half_open
    async with server:
        reader, writer = await asyncio.open_connection(LOOPBACK, server.address().port)
        try:
            yield server, (reader, writer)
        finally:
            writer.close()
            server.close_all_connections()


async def status_and_body(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Of a response that says its length."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
    return int(head.split()[1]), await reader.readexactly(length)
