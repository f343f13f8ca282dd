"""The stream contract: with asyncio, and what may be left behind, which is nothing."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import Any

from ..stream.finished import finished
from ..stream.pipeline import pipeline
from .in_loop import settle
from .pattern import pattern
from .recorder import Recorder


async def async_for_reads_everything(a: Any, b: Any) -> None:
    data = pattern(300_000)
    a.end(data)
    assert b"".join([chunk async for chunk in b]) == data


async def leaving_the_loop_destroys_the_stream(a: Any, b: Any) -> None:
    Recorder(a)
    a.write(b"first")
    async for _ in b:
        break
    assert b.destroyed


async def async_for_raises_the_error(a: Any, b: Any) -> None:
    error = ValueError("enough")
    Recorder(a)
    reading = asyncio.ensure_future(_read_all(b))
    await settle()
    b.destroy(error)
    await asyncio.wait([reading])
    assert reading.exception() is error


async def a_cancelled_reader_leaves_a_destroyed_stream(a: Any, b: Any) -> None:
    Recorder(a)
    reading = asyncio.ensure_future(_read_all(b))
    await settle()
    reading.cancel()
    await asyncio.wait([reading])
    assert reading.cancelled()
    assert b.destroyed
    assert b.listener_count("readable") == 0


async def finished_tells_when_both_halves_are_done(a: Any, b: Any) -> None:
    a_done, b_done = finished(a), finished(b)
    a.resume()
    b.resume()
    a.end()
    b.end()
    await a_done
    await b_done
    assert a.closed
    assert b.closed


async def pipeline_carries_data_and_cleans_up(a: Any, b: Any) -> None:
    data = pattern(300_000)
    sending = pipeline([data[:1000], data[1000:]], a)
    received = await pipeline(b, _read_all)
    await sending
    assert received == data


async def async_with_flushes_and_closes(a: Any, b: Any) -> None:
    at_b = Recorder(b)
    async with a:
        a.write(b"flushed")
    assert a.closed
    await at_b.until("end")
    assert at_b.data == b"flushed"


async def a_closed_pair_is_forgotten(a: Any, b: Any) -> None:
    """After `close` nothing refers to the streams any more but those who use them."""
    at_a, at_b = Recorder(a), Recorder(b)
    a.end(b"one")
    b.end(b"two")
    await at_a.until("close")
    await at_b.until("close")
    await settle()
    a_reference, b_reference = weakref.ref(a), weakref.ref(b)
    del a, b, at_a, at_b
    for _ in range(3):
        await settle()
        gc.collect()
    assert a_reference() is None
    assert b_reference() is None


async def _read_all(stream: Any) -> bytes:
    return b"".join([chunk async for chunk in stream])
