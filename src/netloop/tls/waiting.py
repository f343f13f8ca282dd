"""What asyncio programs wait for: a secure connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ..errors import StateError
from ..net.waiting import is_failing, until

if TYPE_CHECKING:
    from .socket import TLSSocket

AnySocket = TypeVar("AnySocket", bound="TLSSocket")

__all__ = ["secured"]


async def secured(socket: AnySocket) -> AnySocket:
    """Wait until the connection is secure.  Cancelling destroys it."""
    if socket.destroyed and not is_failing(socket):
        raise socket.errored or StateError("Socket is closed", "ERR_SOCKET_CLOSED")
    if socket.secure_connecting or socket.destroyed:
        try:
            await until(socket, "secure", lambda: StateError("Socket closed before the connection was established",
                                                             "ERR_SOCKET_CLOSED_BEFORE_CONNECTION"))
        except BaseException:
            socket.destroy()
            raise
    return socket
