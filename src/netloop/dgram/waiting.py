"""What asyncio programs wait for: a bound, connected or closed socket, and a departure.  Messages are in iteration.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ..events.listener import call_fitting

if TYPE_CHECKING:
    from .._engine.datagram_batch import Departure
    from .opening import Opening
    from .socket import Socket

__all__ = ["departed", "ready_or_closed"]

AnySocket = TypeVar("AnySocket", bound="Socket")


async def ready_or_closed(socket: AnySocket) -> AnySocket:
    """Wait for a bind or connect under way, or, after close(), until it is closed."""
    if socket._closed:
        await _until_closed(socket)
        return socket
    while under_way := socket._opening or socket._connecting:
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
