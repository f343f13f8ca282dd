"""What `send` returns: whether to go on, as a bool and as something to await.

    if not websocket.send(data): ...            await websocket.send(data)
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .endpoint import Endpoint

__all__ = ["Sent", "Full", "Refused", "GO_ON"]


class Sent:
    """It was sent, or waits in a buffer that is not full: go on."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return True

    def __await__(self) -> Generator[Any, Any, None]:
        return
        yield

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Full(Sent):
    """It was accepted, and the buffer is full: wait for `drain`."""

    __slots__ = ("_websocket",)

    def __init__(self, websocket: Endpoint) -> None:
        self._websocket = websocket

    def __bool__(self) -> bool:
        return False

    def __await__(self) -> Generator[Any, Any, None]:
        from .waiting import drained
        return drained(self._websocket).__await__()


class Refused(Sent):
    """It was not accepted: the connection is closing or closed."""

    __slots__ = ("_error",)

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __bool__(self) -> bool:
        return False

    def __await__(self) -> Generator[Any, Any, None]:
        raise self._error
        yield


GO_ON = Sent()
