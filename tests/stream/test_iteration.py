"""``async for`` over a Readable."""

from __future__ import annotations

import asyncio

import pytest

from netloop.stream import Duplex, Readable, duplex_pair
from netloop.testing import in_loop, settle


def a_source(*chunks, **options):
    readable = Readable(read=lambda stream, size: None, **options)
    for chunk in chunks:
        readable.push(chunk)
    return readable


async def collected(stream):
    return [chunk async for chunk in stream]


@in_loop
async def test_it_gives_everything_until_the_end():
    stream = a_source(b"one ", b"two", None)
    assert await collected(stream) == [b"one two"]
    assert stream.closed
    assert stream.event_names() == []


@in_loop
async def test_it_gives_objects_one_by_one():
    assert await collected(Readable.from_([1, "two", b"three"])) == [1, "two", b"three"]


@in_loop
async def test_it_waits_for_data_that_comes_later():
    stream, got = a_source(), []

    async def read():
        async for chunk in stream:
            got.append(chunk)

    reading = asyncio.ensure_future(read())
    for chunk in (b"one", b"two"):
        await settle()
        stream.push(chunk)
    await settle()
    assert got == [b"one", b"two"]
    stream.push(None)
    await reading


@in_loop
async def test_it_gives_text_of_a_stream_with_an_encoding():
    stream = a_source("ä€".encode(), None)
    stream.set_encoding("utf8")
    assert await collected(stream) == ["ä€"]


@pytest.mark.parametrize("leave", ["break", "return", "raise"])
@in_loop
async def test_leaving_early_destroys_the_stream_at_once(leave):
    stream = Readable.from_([1, 2, 3])

    async def first():
        async for _ in stream:
            if leave == "break":
                break
            if leave == "return":
                return
            raise ValueError("left")

    try:
        await first()
    except ValueError:
        assert leave == "raise"
    assert stream.destroyed
    assert stream.errored is None
    await settle()
    assert stream.closed
    assert stream.event_names() == []


@in_loop
async def test_with_destroy_on_return_off_the_stream_survives():
    stream = Readable.from_([1, 2, 3])
    async for item in stream.iterator(destroy_on_return=False):
        assert item == 1
        break
    assert not stream.destroyed
    assert stream.event_names() == []
    assert await collected(stream) == [2, 3]
    assert stream.destroyed


@in_loop
async def test_aclose_is_leaving_early():
    stream = Readable.from_([1, 2, 3])
    chunks = stream.iterator()
    assert await anext(chunks) == 1
    await chunks.aclose()
    assert stream.destroyed
    with pytest.raises(StopAsyncIteration):
        await anext(chunks)


@in_loop
async def test_an_iterator_that_never_began_leaves_the_stream_alone():
    stream = Readable.from_([1, 2])
    stream.iterator()
    assert not stream.destroyed
    assert await collected(stream) == [1, 2]


@in_loop
async def test_an_iterator_lives_while_it_is_waited_for():
    stream = a_source()
    waiting = asyncio.ensure_future(anext(stream.iterator(destroy_on_return=False)))
    await settle()
    stream.push(b"x")
    assert await waiting == b"x"
    await settle()
    assert not stream.destroyed
    assert stream.event_names() == []
    stream.destroy()


@in_loop
async def test_an_error_is_raised_and_what_was_buffered_is_lost():
    stream, got = a_source(b"one"), []
    stream.destroy(ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        got += [chunk async for chunk in stream]
    assert got == []
    assert stream.event_names() == []


@in_loop
async def test_an_error_between_two_chunks_is_raised_by_the_next():
    stream = Readable.from_([1, 2, 3])
    chunks = stream.iterator()
    assert await anext(chunks) == 1
    stream.destroy(ValueError("broken"))
    await settle()
    with pytest.raises(ValueError, match="broken"):
        await anext(chunks)
    with pytest.raises(StopAsyncIteration):
        await anext(chunks)


@pytest.mark.parametrize("when", ["before", "meanwhile"])
@in_loop
async def test_a_stream_that_is_destroyed_is_a_premature_close(when):
    stream = a_source()
    if when == "before":
        stream.destroy()
    reading = asyncio.ensure_future(collected(stream))
    await settle()
    stream.destroy()
    with pytest.raises(RuntimeError) as caught:
        await reading
    assert caught.value.code == "ERR_STREAM_PREMATURE_CLOSE"


@in_loop
async def test_a_stream_that_ended_before_gives_nothing():
    stream = a_source(None)
    stream.resume()
    await settle()
    assert await collected(stream) == []


@in_loop
async def test_a_duplex_ends_with_its_readable_half():
    stream = Duplex(read=lambda stream, size: stream.push(None), write=lambda *arguments: None)
    assert await collected(stream) == []
    assert not stream.destroyed
    stream.destroy()


@in_loop
async def test_a_cancelled_wait_ends_the_iteration():
    stream = a_source()
    chunks = stream.iterator()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await anext(chunks)
    assert stream.destroyed
    assert stream.listener_count("readable") == 0
    with pytest.raises(StopAsyncIteration):
        await anext(chunks)


def test_an_iterator_that_outlives_its_loop_is_dropped_quietly():
    kept = []

    async def main():
        kept.append(Readable.from_([1, 2, 3]).iterator())
        assert await anext(kept[0]) == 1

    asyncio.run(main())
    kept.clear()


@in_loop
async def test_only_one_may_wait_at_a_time():
    stream = a_source()
    chunks = stream.iterator()
    waiting = asyncio.ensure_future(anext(chunks))
    await settle()
    with pytest.raises(RuntimeError) as caught:
        await anext(chunks)
    assert caught.value.code == "ERR_INVALID_STATE"
    stream.push(b"x")
    assert await waiting == b"x"
    stream.destroy()


@in_loop
async def test_a_slow_loop_stops_the_writer():
    a, b = duplex_pair(high_water_mark=10)
    written = []

    async def write():
        for index in range(100):
            written.append(index)
            if not a.write(b"12345"):
                await a.drain()
        a.end()

    writing = asyncio.ensure_future(write())
    chunks = b.iterator()
    await anext(chunks)
    await settle()
    assert len(written) < 20
    assert sum([len(chunk) async for chunk in chunks]) + 5 >= 490
    await writing
    a.resume()
    b.end()
