"""The end of a server in good order."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .server import Server
    from .service import Service

__all__ = ["shutdown"]

_LAST_MS = 1000         # for the `close` of what was destroyed: only a stream of a program's own may fail to emit it


async def shutdown(server: Server, grace_ms: int) -> None:
    """Close, wait for what is under way, then close that too.  Connections that left HTTP are not waited for."""
    if server.listening or server._listening is not None:
        server.close()
    await _until_empty(server._service, grace_ms)
    server.close_all_connections()
    await _until_empty(server._service, _LAST_MS)
    await asyncio.sleep(0)          # the ticks in which sockets close, and with the last of them the server


async def _until_empty(service: Service, limit_ms: int) -> None:
    """Wait until no connection is HTTP's any more, but no longer than `limit_ms`."""
    try:
        async with asyncio.timeout(limit_ms / 1000):
            while service.connections:
                if service.emptied is None or service.emptied.is_set():
                    service.emptied = asyncio.Event()
                await service.emptied.wait()
    except TimeoutError:
        pass
