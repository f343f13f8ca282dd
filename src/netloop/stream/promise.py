"""What a callback-last function returns when it is called without a callback: something to await."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

    from ..loop import Loop

__all__ = ["promise"]


def promise(loop: Loop, on_cancel: Callable[[], object]) -> tuple[asyncio.Future[Any], Callable[..., None]]:
    """A future, and the callback that settles it: ``settle(error_or_none, value)``.

    The work behind it goes on whether anybody awaits it yet or not, as with a promise of Node.  When the
    future is cancelled, most often with the task that awaits it, `on_cancel` is called to give the work up.
    """
    future: asyncio.Future[Any] = loop.asyncio_loop.create_future()

    def settle(error: Exception | None, value: Any = None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)

    def on_done(_: object) -> None:
        if future.cancelled():
            on_cancel()

    future.add_done_callback(on_done)
    return future, settle
