"""ordered_calls: call a function for each chunk, several calls at once, results in the order of the chunks.

    stream -> a task starts a call for each chunk while a slot is free
                               v
              a queue of calls, in order -> whoever iterates waits for the first of them

The slots bound the calls that run, the queue bounds the results that wait to be taken.

Source: https://nodejs.org/api/stream.html#readablemapfn-options
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from .functions import takes_signal
from .iteration import ReadableIterator
from .watch import StreamWatch

if TYPE_CHECKING:
    import asyncio

    from ..events import AbortController
    from .readable import Readable

__all__ = ["ordered_calls"]

_END: Any = object()


async def ordered_calls(stream: Readable, function: Callable[..., Any], concurrency: int,
                        high_water_mark: int | None) -> AsyncGenerator[tuple[Any, Any], None]:
    """Pairs of a chunk and what `function` gave for it, awaited if need be.

    `high_water_mark`: how many results may wait to be taken; ``2 * concurrency - 1`` if None.
    When iteration stops, running calls are cancelled and the stream is destroyed.
    """
    options, stop_signal = _signal_for(function, stream)

    async def call(chunk: Any) -> Any:
        result = function(chunk, **options)
        return await result if hasattr(result, "__await__") else result

    chunks = ReadableIterator(stream)
    pairs = (_one_by_one(chunks, call) if concurrency == 1
             else _several(chunks, call, concurrency, high_water_mark or 2 * concurrency - 1))
    try:
        async with aclosing(chunks), aclosing(pairs):
            async for pair in pairs:
                yield pair
    finally:
        stop_signal()


def _signal_for(function: Callable[..., Any],
                stream: Readable) -> tuple[dict[str, Any], Callable[[], object]]:
    """A signal for a function that takes one: aborted when the stream fails or the iteration stops."""
    if not takes_signal(function):
        return {}, _nothing

    from ..events import AbortController
    controller: AbortController = AbortController()

    def on_over(error: Exception | None) -> None:
        if error is not None:
            controller.abort()

    StreamWatch(stream, on_over, writable=False, cleanup=True).start()
    return {"signal": controller.signal}, controller.abort


def _nothing() -> None:
    pass


async def _one_by_one(chunks: AsyncIterator[Any],
                      call: Callable[[Any], Any]) -> AsyncGenerator[tuple[Any, Any], None]:
    async for chunk in chunks:
        yield chunk, await call(chunk)


async def _several(chunks: AsyncIterator[Any], call: Callable[[Any], Any], concurrency: int,
                   high_water_mark: int) -> AsyncGenerator[tuple[Any, Any], None]:
    import asyncio

    slots = asyncio.Semaphore(concurrency)
    calls: asyncio.Queue[Any] = asyncio.Queue(high_water_mark)
    running: set[asyncio.Task[Any]] = set()

    def on_call_done(task: asyncio.Task[Any]) -> None:
        running.discard(task)
        slots.release()

    async def start_calls() -> None:
        try:
            while True:
                await slots.acquire()
                chunk = await anext(chunks, _END)
                if chunk is _END:
                    break
                task = asyncio.ensure_future(call(chunk))
                running.add(task)
                task.add_done_callback(on_call_done)
                await calls.put((chunk, task))
        except Exception as error:      # the stream's; told in its place, after the calls that were started
            await calls.put(error)
        else:
            await calls.put(_END)

    starter = asyncio.ensure_future(start_calls())
    try:
        while (entry := await calls.get()) is not _END:
            if isinstance(entry, Exception):
                raise entry
            chunk, task = entry
            yield chunk, await task
    finally:
        tasks = [starter, *running]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
