"""What asyncio programs wait for: a connection, a listening server, the connections of a server."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import StateError

if TYPE_CHECKING:
    from ..events import EventEmitter
    from .handle_server import HandleServer
    from .socket import Socket

AnySocket = TypeVar("AnySocket", bound="Socket")
AnyServer = TypeVar("AnyServer", bound="HandleServer")

__all__ = ["connected", "connections", "is_failing", "listening_or_closed", "until"]


async def connected(socket: AnySocket) -> AnySocket:
    """Wait until the socket is connected.  Cancelling destroys it."""
    if socket.connecting or is_failing(socket):
        try:
            await until(socket, "ready", lambda: StateError("Socket closed before the connection was established",
                                                             "ERR_SOCKET_CLOSED_BEFORE_CONNECTION"))
        except BaseException:
            socket.destroy()
            raise
    elif socket.destroyed or socket.pending:
        raise socket.errored or StateError("Socket is closed, or was never connected", "ERR_SOCKET_CLOSED")
    return socket


def is_failing(socket: Socket) -> bool:
    """Whether its error is still to be told."""
    return socket.destroyed and not socket.closed and socket.errored is not None and not socket._error_emitted


async def listening_or_closed(server: AnyServer) -> AnyServer:
    """Wait until the server listens, or, after close(), until it is closed."""
    if server._listening is not None:
        try:
            await until(server, "listening", lambda: None if server._listening is not None else StateError(
                "Server was closed before it listened", "ERR_SERVER_NOT_RUNNING"))
        except BaseException:
            if server._listening is not None or server.listening:
                server.close()
            raise
    elif server.closing:
        await until(server, "close")
    return server


async def until(emitter: EventEmitter, event: str, on_close: Callable[[], Exception | None] | None = None) -> None:
    """Wait for `event`.  An `error` before it is raised, and what `on_close` says about a `close` before it."""
    import asyncio
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def succeed(*_: object) -> None:
        if not future.done():
            future.set_result(None)

    def fail(error: Exception | None) -> None:
        if error is not None and not future.done():
            future.set_exception(error)

    listeners: dict[str, Callable[..., object]] = {"error": fail, event: succeed}
    if on_close is not None:
        listeners["close"] = lambda *_: fail(on_close())
    _listen(emitter, listeners)
    try:
        await future
    finally:
        _unlisten(emitter, listeners)


def _listen(emitter: EventEmitter, listeners: dict[str, Callable[..., object]]) -> None:
    """Before the others: what one of them raises must not keep us waiting for ever."""
    for event, listener in listeners.items():
        emitter.prepend_listener(event, listener)


def _unlisten(emitter: EventEmitter, listeners: dict[str, Callable[..., object]]) -> None:
    for event, listener in listeners.items():
        emitter.remove_listener(event, listener)


async def connections(server: HandleServer, event: str = "connection") -> AsyncGenerator[Any]:
    """The sockets that a server emits, until it is closed; an `error` is raised.  The server goes on accepting meanwhile.

    Whoever leaves the loop leaves the server as it is; connections that were waiting for their step are destroyed.
    """
    import asyncio
    arrived: deque[Socket] = deque()
    errors: list[Exception] = []
    news = asyncio.Event()

    def on_connection(socket: Socket) -> None:
        arrived.append(socket)
        news.set()

    def on_error(error: Exception) -> None:
        errors.append(error)
        news.set()

    def on_close() -> None:
        news.set()

    listeners: dict[str, Callable[..., object]] = {event: on_connection, "error": on_error, "close": on_close}
    _listen(server, listeners)
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
        _unlisten(server, listeners)
        for socket in arrived:
            socket.destroy()
