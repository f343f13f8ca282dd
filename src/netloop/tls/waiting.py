"""What asyncio programs wait for: a secure connection, the secure connections of a server."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, TypeVar

from ..errors import StateError

if TYPE_CHECKING:
    from .server import Server
    from .socket import TLSSocket

AnySocket = TypeVar("AnySocket", bound="TLSSocket")

__all__ = ["connections", "secured"]


async def secured(socket: AnySocket) -> AnySocket:
    """Wait until the connection is secure.  Cancelling destroys it."""
    import asyncio
    if socket.destroyed:
        raise socket.errored or StateError("Socket is closed", "ERR_SOCKET_CLOSED")
    if not socket.secure_connecting:
        return socket
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def succeed() -> None:
        if not future.done():
            future.set_result(None)

    def fail(error: object) -> None:
        if not future.done():
            future.set_exception(error if isinstance(error, Exception) else StateError(
                "Socket closed before the connection was established", "ERR_SOCKET_CLOSED_BEFORE_CONNECTION"))

    listeners: dict[str, Callable[..., object]] = {"secure": succeed, "error": fail, "close": fail}
    for event, listener in listeners.items():
        socket.prepend_listener(event, listener)
    try:
        await future
    except BaseException:
        socket.destroy()
        raise
    finally:
        for event, listener in listeners.items():
            socket.remove_listener(event, listener)
    return socket


async def connections(server: Server) -> AsyncGenerator[TLSSocket]:
    """The secure connections of a server, until it is closed; an `error` is raised.

    Whoever leaves the loop leaves the server as it is; connections that were waiting for their step are destroyed.
    """
    import asyncio
    arrived: deque[TLSSocket] = deque()
    errors: list[Exception] = []
    news = asyncio.Event()

    def on_connection(socket: TLSSocket) -> None:
        arrived.append(socket)
        news.set()

    def on_error(error: Exception) -> None:
        errors.append(error)
        news.set()

    listeners: dict[str, Callable[..., object]] = {"secure_connection": on_connection, "error": on_error,
                                                   "close": lambda: news.set()}
    for event, listener in listeners.items():
        server.prepend_listener(event, listener)
    try:
        while True:
            while arrived:
                yield arrived.popleft()
            if errors:
                raise errors[0]
            if not (server.listening or server.closing or server._listening is not None):
                return
            news.clear()
            await news.wait()
    finally:
        for event, listener in listeners.items():
            server.remove_listener(event, listener)
        for socket in arrived:
            socket.destroy()
