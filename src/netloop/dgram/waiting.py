"""What asyncio programs wait for: a bound or connected socket, a departure, messages."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ..events.listener import call_fitting

if TYPE_CHECKING:
    from .._engine.datagram_batch import Departure
    from .._engine.remote_info import RemoteInfo
    from .opening import Opening
    from .socket import Socket

__all__ = ["departed", "messages", "ready_or_closed"]

MOST_WAITING = 1024         # messages that an iteration keeps before the socket stops receiving

AnySocket = TypeVar("AnySocket", bound="Socket")


async def ready_or_closed(socket: AnySocket) -> AnySocket:
    """Wait for a bind or connect under way, or, after close(), until it is closed."""
    if socket._closed:
        await _until_closed(socket)
        return socket
    for under_way in (socket._opening, socket._connecting):
        if under_way is not None:
            try:
                await _until_over(under_way)
            except BaseException:
                socket.close()
                raise
    return socket


async def _until_over(opening: Opening) -> None:
    import asyncio
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_over(error: Exception | None) -> None:
        if not future.done():
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)

    opening.watch(on_over)
    await future


async def _until_closed(socket: Socket) -> None:
    import asyncio
    if socket._closed_told:
        return
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_close() -> None:
        if not future.done():
            future.set_result(None)

    socket.prepend_listener("close", on_close)      # before those that may raise
    try:
        await future
    finally:
        socket.remove_listener("close", on_close)


async def departed(departure: Departure) -> int:
    """Wait until the kernel took it; returns the bytes of the message, and raises why it was not sent."""
    import asyncio
    if departure.failure is not None:
        raise departure.failure
    if departure.done and not departure.error:
        return len(departure.message)
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    before = departure.listener

    def on_departed(error: Exception | None, size: int) -> Any:
        if not future.done():
            if error is None:
                future.set_result(size)
            else:
                future.set_exception(error)
        return None if before is None else call_fitting(before, (error, size))

    departure.listener = on_departed
    return await future


async def messages(socket: Socket) -> AsyncGenerator[tuple[bytes, RemoteInfo]]:
    """The messages of a socket, until it is closed; an `error` is raised.

    When 1024 messages wait for their step the socket stops receiving, and the kernel drops what its buffer has no room for.
    Whoever leaves the loop leaves the socket open; what waited for its step is dropped.
    """
    import asyncio
    arrived: deque[tuple[bytes, RemoteInfo]] = deque()
    errors: list[Exception] = []
    news = asyncio.Event()
    paused = False

    def on_message(message: bytes, sender: RemoteInfo) -> None:
        nonlocal paused
        arrived.append((message, sender))
        if len(arrived) >= MOST_WAITING and not paused:
            paused = True
            socket._pause()
        news.set()

    def on_error(error: Exception) -> None:
        errors.append(error)
        news.set()

    def on_close() -> None:
        news.set()

    listeners: dict[str, Callable[..., object]] = {"message": on_message, "error": on_error, "close": on_close}
    for event, listener in listeners.items():
        socket.prepend_listener(event, listener)
    try:
        while True:
            while arrived:
                yield arrived.popleft()
                if paused and len(arrived) < MOST_WAITING // 2:
                    paused = False
                    socket._resume()
            if errors:
                raise errors.pop(0)
            if socket._closed:
                return
            news.clear()
            await news.wait()
    finally:
        for event, listener in listeners.items():
            socket.remove_listener(event, listener)
        if paused:
            socket._resume()
