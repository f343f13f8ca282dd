"""broadcast(): one message to many, framed once, and compressed once for each way in which they want it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .prepared import PreparedMessage

if TYPE_CHECKING:
    from .websocket import WebSocket

__all__ = ["broadcast"]

_OPEN = 1


def broadcast(clients: Iterable[WebSocket], data: str | bytes | bytearray | memoryview, *, compress: bool = True) -> int:
    """Send `data` to all of `clients` that are open; returns to how many.

    It does not wait for slow ones: their option `slow_consumer` says what becomes of them.  One that is in the middle of a
    message, sent in fragments, is left out.

    Source: https://websockets.readthedocs.io/en/stable/topics/broadcast.html
    """
    message = PreparedMessage(data, compress)
    count = 0
    for client in list(clients):
        if client.ready_state == _OPEN and not client.is_sending_fragments:
            client.send_prepared(message)
            count += 1
    return count
