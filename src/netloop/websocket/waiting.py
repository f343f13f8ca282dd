"""What asyncio programs wait for: an open, drained or closed WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import StateError

if TYPE_CHECKING:
    from .endpoint import Endpoint
    from .websocket import WebSocket

    AnyWebSocket = TypeVar("AnyWebSocket", bound=WebSocket)

__all__ = ["opened", "drained", "closed", "left"]

_CONNECTING, _OPEN, _CLOSED = 0, 1, 3


async def opened(websocket: AnyWebSocket) -> AnyWebSocket:
    """Wait until it is open.  Messages are kept from here on.  Cancelling terminates it."""
    websocket._collect()
    if websocket.ready_state == _CONNECTING:
        try:
            await _until(websocket, "open", _closed_too_early)
        except BaseException:
            websocket.terminate()
            raise
    elif websocket.ready_state != _OPEN:
        raise StateError("the WebSocket is closing or closed")
    return websocket


async def drained(websocket: Endpoint) -> None:
    wire = websocket._wire
    if websocket.ready_state != _OPEN or wire is None:
        raise StateError("the WebSocket is not open")
    if wire.is_full():
        await _until(websocket, "drain", _closed_too_early)


async def closed(websocket: WebSocket) -> None:
    if websocket.ready_state != _CLOSED:
        await _until(websocket, "close", None)


async def left(websocket: WebSocket, failure: BaseException | None) -> None:
    """Close, unless that was done, and wait for it; nobody takes messages any more."""
    if websocket.ready_state == _OPEN:
        websocket.close(1000 if failure is None else 1011)
    if websocket._messages is not None:
        websocket._messages.stop()
    try:
        await closed(websocket)
    except BaseException:
        websocket.terminate()
        raise


def _closed_too_early() -> Exception:
    return StateError("the WebSocket was closed meanwhile")


async def _until(websocket: Endpoint, event: str, on_close: Callable[[], Exception] | None) -> None:
    """Wait for `event`; an `error` before it is raised, unless it is the end that is waited for."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def succeed(*_: object) -> None:
        if not future.done():
            future.set_result(None)

    def fail(error: Exception) -> None:
        if not future.done():
            future.set_exception(error)

    listeners: dict[str, Callable[..., Any]] = {event: succeed}
    if on_close is not None:
        listeners["error"] = fail
        listeners["close"] = lambda *_: fail(on_close())
    for name, listener in listeners.items():
        websocket.prepend_listener(name, listener)
    try:
        await future
    finally:
        for name, listener in listeners.items():
            websocket.remove_listener(name, listener)
