"""The end of a server in good order."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .server import Server

__all__ = ["shutdown"]


async def shutdown(server: Server, grace_ms: int) -> None:
    """Close, wait for what is under way, then close that too.  Connections that left HTTP are not waited for."""
    if server.listening or server._listening is not None:
        server.close()
    connections = server._service.connections
    deadline = asyncio.get_running_loop().time() + grace_ms / 1000
    over = asyncio.Event()

    def on_connection_closed() -> None:
        if not connections:
            over.set()

    for connection in [*connections]:
        connection.socket.once("close", on_connection_closed)
    if connections:
        try:
            async with asyncio.timeout_at(deadline):
                await over.wait()
        except TimeoutError:
            server.close_all_connections()
            await over.wait()
