"""Threads for zlib: large messages are compressed and inflated there, and the loop goes on meanwhile.

A way through a thread and back costs about 0.1 ms, in which zlib compresses 8 KiB of text, and inflates 32 KiB.  So only
messages for which it needs a multiple of that take it (`outbound.COMPRESSED_IN_THREAD`, `connection.INFLATED_IN_THREAD`).

Connections with the same `concurrency_limit` share their threads, and more messages than that wait.  Threads that have
found no work for a second end.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..dns.threads import Threads

if TYPE_CHECKING:
    from ..loop import Loop
    from .deflate import Deflate

__all__ = ["compress", "inflate"]

Done = Callable[[Any, "Exception | None"], object]

_pools: dict[int, Threads] = {}         # by how many threads there may be
os.register_at_fork(after_in_child=_pools.clear)


def compress(loop: Loop, deflate: Deflate, payload: bytes, final: bool, done: Done) -> None:
    """`Deflate.compress` in a thread, and then ``done(payload, error)`` in the loop."""
    call_in_thread(loop, deflate.concurrency_limit, deflate.compress, (payload, final), done)


def inflate(loop: Loop, deflate: Deflate | None, payload: bytes, most: int, done: Done) -> None:
    """`Deflate.decompress` in a thread, and then ``done(message, error)`` in the loop."""
    assert deflate is not None          # only then are there compressed messages
    call_in_thread(loop, deflate.concurrency_limit, deflate.decompress, (payload, most), done)


def call_in_thread(loop: Loop, limit: int, function: Callable[..., Any], arguments: tuple[Any, ...], done: Done) -> None:
    """``function(*arguments)`` in one of at most `limit` threads, and then ``done(result, error)`` in the loop.

    The loop does not end before.  Where the system has no thread for it, this one does the work.
    """
    asyncio_loop = loop.asyncio_loop

    def work() -> None:
        outcome = _outcome(function, arguments)
        try:
            asyncio_loop.call_soon_threadsafe(finish, outcome)
        except RuntimeError:
            pass                        # the loop was closed meanwhile

    def finish(outcome: tuple[Any, Exception | None]) -> None:
        loop.release()
        loop.next_tick(done, outcome)

    loop.hold()
    try:
        _pools.setdefault(limit, Threads(limit)).call(work)
    except RuntimeError:
        finish(_outcome(function, arguments))


def _outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, Exception | None]:
    try:
        return function(*arguments), None
    except Exception as error:
        return None, error
