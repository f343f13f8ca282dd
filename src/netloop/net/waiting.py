"""What asyncio programs wait for: a connection, a listening server, the connections of a server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from ..errors import StateError

if TYPE_CHECKING:
    from .server import Server
    from .socket import Socket

__all__ = ["connected", "connections", "listening_or_closed"]


async def connected(socket: Socket) -> Socket:
    """Wait until the socket is connected.  Cancelling destroys it."""
    from ..events import once

    if socket.connecting:
        try:
            await once(socket, "ready")
        except BaseException:
            socket.destroy()
            raise
    elif socket.destroyed:
        raise socket.errored or StateError("Socket is closed", "ERR_SOCKET_CLOSED")
    return socket


async def listening_or_closed(server: Server) -> Server:
    """Wait until the server listens, or, after close(), until it is closed."""
    from ..events import once

    if server._listening is not None:
        try:
            await once(server, "listening")
        except BaseException:
            if server._listening is not None or server.listening:
                server.close()
            raise
    elif server.closing:
        await once(server, "close")
    return server


async def connections(server: Server) -> AsyncIterator[Socket]:
    """The connections of a server, until it is closed; an `error` is raised.  The server goes on accepting meanwhile."""
    from ..events import on

    async for (socket,) in on(server, "connection", close=["close"]):
        yield socket
