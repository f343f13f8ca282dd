"""The stream contract: data arrives, and nobody is flooded with it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from .in_loop import settle
from .pattern import pattern
from .recorder import Recorder

MEBIBYTE = 1024 * 1024


# --- data ---------------------------------------------------------------------------------------------------

async def data_arrives_in_order_in_both_directions(a: Any, b: Any) -> None:
    at_a, at_b = Recorder(a), Recorder(b)
    for index in range(10):
        a.write(b"from a %d " % index)
        b.write(b"from b %d " % index)
    a.end()
    b.end()
    await at_a.until("end")
    await at_b.until("end")
    assert at_b.data == b"".join(b"from a %d " % index for index in range(10))
    assert at_a.data == b"".join(b"from b %d " % index for index in range(10))


async def much_data_arrives_whole(a: Any, b: Any) -> None:
    """Chunks of odd sizes, four MiB of them, written as fast as the stream takes them."""
    data, at_b = pattern(4 * MEBIBYTE), Recorder(b)
    at, size = 0, 1
    while at < len(data):
        if not a.write(data[at:at + size]):
            await a.drain()
        at, size = at + size, (size * 5 + 3) % 300_007
    a.end()
    await at_b.until("end")
    assert at_b.data == data


async def one_chunk_larger_than_every_buffer_arrives_whole(a: Any, b: Any) -> None:
    data, at_b = pattern(3 * MEBIBYTE), Recorder(b)
    a.end(data)
    await at_b.until("end")
    assert at_b.data == data


async def anything_with_bytes_in_it_can_be_written(a: Any, b: Any) -> None:
    """And changing a buffer after write() returned does not change what arrives."""
    at_b, buffer = Recorder(b), bytearray(b"bytearray ")
    a.write(b"bytes ")
    a.write(buffer)
    buffer[:] = b"0123456789"
    a.write(memoryview(b"xxmemoryview xx")[2:-2])
    a.write("text ä ")
    a.end("6869", "hex")
    await at_b.until("end")
    assert at_b.data == "bytes bytearray memoryview text ä hi".encode()


async def an_empty_write_calls_back_and_sends_nothing(a: Any, b: Any) -> None:
    at_b = Recorder(b)
    called: list[Any] = []
    a.write(b"", called.append)
    a.end()
    await at_b.until("end")
    await settle()
    assert called == [None]
    assert at_b.data == b""


async def write_callbacks_come_once_each_in_order_and_later(a: Any, b: Any) -> None:
    at_b = Recorder(b)
    called: list[Any] = []
    for index in range(5):
        a.write(b"x" * 1000, partial(_note, called, index))
    assert called == []
    a.end(partial(_note, called, "end"))
    await at_b.until("end")
    await settle()
    assert called == [(0, None), (1, None), (2, None), (3, None), (4, None), ("end", None)]


async def corked_writes_arrive_after_uncork(a: Any, b: Any) -> None:
    at_b = Recorder(b)
    a.cork()
    a.cork()
    for _ in range(3):
        a.write(b"corked ")
    a.uncork()
    await settle()
    assert at_b.data == b""
    assert a.writable_length == 21
    a.uncork()
    await at_b.received(21)
    assert at_b.data == b"corked corked corked "


async def a_character_split_between_chunks_comes_out_whole(a: Any, b: Any) -> None:
    b.set_encoding("utf8")
    at_b, text = Recorder(b), "naïve — 🧵 text"
    for byte in text.encode():
        a.write(bytes([byte]))
    a.end()
    await at_b.until("end")
    assert at_b.data == text


# --- backpressure -------------------------------------------------------------------------------------------

async def a_reader_that_does_not_read_stops_the_writer(a: Any, b: Any) -> None:
    """write() gives False at last, the buffer stays bounded, and `drain` comes once, when all was taken."""
    chunk = pattern(16 * 1024)
    count = await _fill(a, chunk)
    assert a.writable_length < a.writable_high_water_mark + len(chunk)

    at_a, at_b = Recorder(a, read=False), Recorder(b)
    await at_a.until("drain")
    assert a.writable_length == 0
    assert not a.writable_need_drain
    await at_b.received(count * len(chunk))
    await settle()
    assert at_a.events == ["drain"]
    assert at_b.data == chunk * count


async def drain_can_be_awaited(a: Any, b: Any) -> None:
    """At once when it is not needed; a task that is cancelled while it waits leaves no listener."""
    await a.drain()
    await _fill(a, pattern(16 * 1024))
    before = _listeners(a)
    waiting = asyncio.ensure_future(a.drain())
    await settle()
    assert not waiting.done()
    waiting.cancel()
    await asyncio.wait([waiting])
    assert _listeners(a) == before

    b.resume()
    await a.drain()
    assert not a.writable_need_drain
    assert _listeners(a) == before


async def pause_is_obeyed_before_the_next_chunk(a: Any, b: Any) -> None:
    got: list[bytes] = []

    def on_data(chunk: bytes) -> None:
        got.append(chunk)
        b.pause()

    b.on("data", on_data)
    at_b = Recorder(b, read=False)
    data = pattern(200_000)
    a.end(data)
    while "end" not in at_b.events:
        before = len(got)
        await settle()
        assert len(got) <= before + 1
        b.resume()
    assert b"".join(got) == data


async def read_takes_what_is_asked_for(a: Any, b: Any) -> None:
    """By `readable` and read(n), and unshift puts back what was too much."""
    parts: list[bytes] = []
    put_back: list[bytes] = []

    def on_readable() -> None:
        while (part := b.read(7)) is not None:
            if put_back:
                parts.append(part)
            else:
                put_back.append(part)
                b.unshift(part)

    b.on("readable", on_readable)
    at_b = Recorder(b, read=False)
    a.write(pattern(7))
    await settle()
    a.end(pattern(700)[7:])
    await at_b.until("end")
    assert b"".join(parts) == pattern(700)
    assert {len(part) for part in parts} == {7}


async def pipe_brings_back_what_was_sent(a: Any, b: Any) -> None:
    """An echo: the slowest side sets the pace, and the end comes back too."""
    data, at_a = pattern(2 * MEBIBYTE), Recorder(a)
    b.pipe(b)
    a.end(data)
    await at_a.until("end")
    assert at_a.data == data


async def _fill(stream: Any, chunk: bytes) -> int:
    """Write until nothing below takes any more, also not a little later; how many chunks that took."""
    count = 0
    while not stream.writable_need_drain:
        while stream.write(chunk):
            count += 1
            assert count * len(chunk) < 64 * MEBIBYTE, "the writer was never stopped"
        count += 1
        await settle()
    return count


def _note(called: list[Any], what: Any, error: Exception | None) -> None:
    called.append((what, error))


def _listeners(stream: Any) -> dict[Any, int]:
    return {event: stream.listener_count(event) for event in stream.event_names()}
