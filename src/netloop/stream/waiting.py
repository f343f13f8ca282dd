"""The core's coroutines: drain(), and leaving ``async with``.

Both wait for events of a stream by one listener object, and take it away again however the waiting ends.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import StateError

if TYPE_CHECKING:
    import asyncio

__all__ = ["drained", "left"]


async def drained(stream: Any) -> None:
    """Wait for `drain`, if it is owed."""
    if stream.errored is not None:
        raise stream.errored
    if stream.destroyed:
        raise StateError("Cannot call drain after a stream was destroyed", "ERR_STREAM_DESTROYED")
    state = stream._writable_state
    if state.need_drain and not state.finished:
        # After end() no `drain` comes; the next thing is `finish`.
        await _until(stream, "drain", "finish")


async def left(stream: Any, failure: BaseException | None) -> None:
    """Flush what was written, unless the body failed; then destroy the stream and wait until it is closed."""
    try:
        state = stream._writable_state
        if failure is None and state is not None and not stream.destroyed and not state.finished:
            if not state.ending:
                stream.end()
            await _until(stream, "finish")
    finally:
        stream.destroy()
        await _closed(stream, failure)


async def _closed(stream: Any, failure: BaseException | None) -> None:
    if stream.closed or not stream._emit_close:
        return
    try:
        await _until(stream, "close")
    except Exception:
        if failure is None:
            raise       # else it would hide why the body failed


async def _until(stream: Any, *events: str) -> None:
    """Wait for one of `events`; raises the error of the stream, or that it closed without."""
    import asyncio
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    listeners = {event: partial(_settle, future, None) for event in events}
    premature = StateError("Premature close", "ERR_STREAM_PREMATURE_CLOSE")
    listeners.setdefault("close", partial(_settle, future, premature))
    listeners["error"] = partial(_settle, future)
    for event, listener in listeners.items():
        stream.on(event, listener)
    try:
        await future
    finally:
        for event, listener in listeners.items():
            stream.remove_listener(event, listener)


def _settle(future: asyncio.Future[None], error: Exception | None, *_: Any) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
