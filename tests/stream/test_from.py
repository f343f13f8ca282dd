"""Readable.from_ and Duplex.from_: streams of what is none."""

from __future__ import annotations

import asyncio

import pytest

from netloop.errors import ArgumentTypeError
from netloop.stream import Duplex, PassThrough, Readable, Writable, finished, pipeline
from netloop.testing import in_loop, settle


def counting(taken, stop=10**9):
    for item in range(stop):
        taken.append(item)
        yield item


async def counting_async(taken, stop=10**9):
    for item in range(stop):
        taken.append(item)
        yield item


async def upper(source):
    async for chunk in source:
        yield chunk.upper()


# --- Readable.from_ -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("iterable", [[1, 2], (1, 2), range(1, 3), {1: "a", 2: "b"}, iter([1, 2])], ids=repr)
@in_loop
async def test_a_stream_of_an_iterable(iterable):
    assert await Readable.from_(iterable).to_array() == [1, 2]


@in_loop
async def test_a_stream_of_an_async_iterable():
    assert await Readable.from_(counting_async([], 3)).to_array() == [0, 1, 2]
    assert await Readable.from_(Readable.from_([1, 2])).to_array() == [1, 2]


@pytest.mark.parametrize("data", ["text", b"bytes", bytearray(b"array")], ids=repr)
@in_loop
async def test_text_and_bytes_are_one_chunk(data):
    assert await Readable.from_(data).to_array() == [data]


@in_loop
async def test_without_object_mode_it_is_a_stream_of_bytes():
    stream = Readable.from_(["a", b"b"], object_mode=False)
    assert not stream.readable_object_mode
    assert b"".join(await stream.to_array()) == b"ab"


@in_loop
async def test_awaitable_items_are_awaited():
    async def later(value):
        await asyncio.sleep(0)
        return value

    assert await Readable.from_([later(1), 2, later(3)]).to_array() == [1, 2, 3]
    got, stream = [], Readable.from_([1, later(2), later(3), 4], high_water_mark=10)
    stream.on("data", got.append)
    await finished(stream)
    assert got == [1, 2, 3, 4]


@in_loop
async def test_streams_among_the_items_are_items():
    class Socket(PassThrough):
        def __await__(self):
            raise AssertionError("nobody asked for that")

    stream = Socket()
    assert await Readable.from_([stream]).to_array() == [stream]


@pytest.mark.parametrize("source", [counting, counting_async])
@in_loop
async def test_items_are_taken_only_as_they_are_read(source):
    taken = []
    stream = Readable.from_(source(taken))
    await settle()
    assert taken == []
    chunks = stream.iterator()
    assert [await anext(chunks) for _ in range(5)] == [0, 1, 2, 3, 4]
    await settle()
    assert len(taken) <= 7
    await chunks.aclose()


@pytest.mark.parametrize("source", [counting, counting_async])
@in_loop
async def test_the_high_water_mark_says_how_many_are_taken_ahead(source):
    taken = []
    stream = Readable.from_(source(taken), high_water_mark=20)
    stream.read()
    await settle()
    assert 20 <= len(taken) <= 21
    stream.destroy()


@pytest.mark.parametrize("kind", ["generator", "async generator"])
@in_loop
async def test_destroying_the_stream_closes_the_generator(kind):
    closed = []

    def plain():
        try:
            yield from range(10)
        finally:
            closed.append(True)

    async def asynchronous():
        try:
            for item in range(10):
                yield item
        finally:
            closed.append(True)

    stream = Readable.from_(plain() if kind == "generator" else asynchronous())
    async for _ in stream:
        break
    await settle()
    assert closed == [True]
    assert stream.closed


@in_loop
async def test_destroying_the_stream_cancels_a_generator_that_waits():
    cancelled = []

    async def never():
        try:
            await asyncio.get_running_loop().create_future()
            yield 1
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    stream = Readable.from_(never())
    stream.resume()
    await settle()
    stream.destroy()
    await settle()
    assert cancelled == [True]
    assert stream.closed


@in_loop
async def test_an_async_iterator_need_not_be_a_generator():
    class Countdown:
        left = 3

        def __aiter__(self):
            return self

        async def __anext__(self):
            await asyncio.sleep(0)
            self.left -= 1
            if self.left < 0:
                raise StopAsyncIteration
            return self.left

    assert await Readable.from_(Countdown()).to_array() == [2, 1, 0]
    stream = Readable.from_(Countdown())
    stream.resume()
    await asyncio.sleep(0)
    stream.destroy()
    await settle()
    assert stream.closed


@pytest.mark.parametrize("earlier", [None, KeyError("earlier")])
@in_loop
async def test_an_error_while_the_generator_is_closed_is_told_unless_there_was_one(earlier):
    async def stubborn():
        try:
            yield 1
        finally:
            raise ValueError("broken")

    stream, errors = Readable.from_(stubborn()), []
    stream.on("error", errors.append)
    await anext(stream.iterator(destroy_on_return=False))
    stream.destroy(earlier)
    await settle()
    assert [type(error) for error in errors] == [ValueError if earlier is None else KeyError]
    assert stream.closed


@pytest.mark.parametrize("kind", ["generator", "async generator"])
@in_loop
async def test_a_generator_may_destroy_its_own_stream(kind):
    def plain():
        stream.destroy()
        yield 1

    async def asynchronous():
        stream.destroy()
        yield 1

    stream = Readable.from_(plain() if kind == "generator" else asynchronous())
    got = []
    stream.on("data", got.append)
    await settle()
    assert stream.closed
    assert stream.errored is None
    assert got == []


@pytest.mark.parametrize("kind", ["generator", "async generator", "item"])
@in_loop
async def test_an_error_in_the_iterable_is_the_error_of_the_stream(kind):
    def plain():
        yield 1
        raise ValueError("broken")

    async def asynchronous():
        yield 1
        raise ValueError("broken")

    async def item():
        raise ValueError("broken")

    make = {"generator": plain, "async generator": asynchronous, "item": lambda: [item()]}[kind]
    stream = Readable.from_(make())
    with pytest.raises(ValueError, match="broken"):
        await stream.to_array()
    assert stream.closed


@pytest.mark.parametrize("source", [[1, None], counting_async], ids=["iterable", "async iterable"])
@in_loop
async def test_an_item_that_is_none_is_an_error(source):
    async def with_none():
        yield None

    with pytest.raises(ArgumentTypeError) as caught:
        await Readable.from_(with_none() if callable(source) else source).to_array()
    assert caught.value.code == "ERR_STREAM_NULL_VALUES"


@pytest.mark.parametrize("value", [5, None, object, Readable, lambda: [1]], ids=repr)
def test_what_is_no_iterable_is_refused(value):
    with pytest.raises(ArgumentTypeError) as caught:
        Readable.from_(value)
    assert caught.value.code == "ERR_INVALID_ARG_TYPE"


@in_loop
async def test_a_file_is_not_closed_with_the_stream(tmp_path):
    path = tmp_path / "lines"
    path.write_text("one\ntwo\n")
    with path.open() as file:
        assert await Readable.from_(file).to_array() == ["one\n", "two\n"]
        assert not file.closed


# --- Duplex.from_ -------------------------------------------------------------------------------------------

@in_loop
async def test_a_duplex_is_itself():
    stream = PassThrough()
    assert Duplex.from_(stream) is stream


@in_loop
async def test_a_duplex_of_something_to_read():
    async def later():
        return "later"

    for source, items in (([1, 2], [1, 2]), ("text", ["text"]), (counting_async([], 2), [0, 1]),
                          (Readable.from_([3]), [3]), (later(), ["later"])):
        stream = Duplex.from_(source)
        assert isinstance(stream, Duplex)
        assert not stream.writable
        assert await stream.to_array() == items
        assert stream.closed


@in_loop
async def test_an_awaitable_of_none_is_an_empty_stream():
    async def nothing():
        pass

    assert await Duplex.from_(nothing()).to_array() == []


@in_loop
async def test_a_duplex_of_a_writable():
    got = []
    sink = Writable(write=lambda stream, chunk, encoding, callback: (got.append(chunk), callback(None)))
    stream = Duplex.from_(sink)
    assert not stream.readable
    stream.end(b"x")
    await finished(stream)
    assert got == [b"x"]
    assert sink.writable_finished


@in_loop
async def test_a_duplex_of_a_pair():
    got = []
    sink = Writable(write=lambda stream, chunk, encoding, callback: (got.append(chunk), callback(None)))
    stream = Duplex.from_((Readable.from_([b"out"]), sink))
    stream.end(b"in")
    assert await stream.to_array() == [b"out"]
    await finished(stream)
    assert got == [b"in"]


@in_loop
async def test_an_async_generator_function_is_a_transform():
    stream = Duplex.from_(upper)
    stream.write("one ")
    stream.end("two")
    assert await stream.to_array() == ["ONE ", "TWO"]
    await settle()
    assert stream.closed


@in_loop
async def test_a_transform_function_sets_the_pace():
    taken = []

    async def slow(source):
        async for chunk in source:
            taken.append(chunk)
            yield chunk

    stream = Duplex.from_(slow)
    while stream.write("x"):
        pass
    await settle()
    written = stream.writable_length
    assert written > 0
    assert len(taken) < 5
    stream.resume()
    await stream.drain()
    stream.end()
    await finished(stream)


@in_loop
async def test_a_transform_function_that_stops_early_drops_the_rest():
    async def first(source):
        async for chunk in source:
            yield chunk
            return

    stream = Duplex.from_(first)
    got = []
    stream.on("data", got.append)
    for index in range(100):
        if not stream.write(index):
            await stream.drain()
    stream.end()
    await finished(stream)
    assert got == [0]


@in_loop
async def test_a_coroutine_function_is_a_sink_that_finishes_when_it_returns():
    got, steps = [], []

    async def consume(source):
        async for chunk in source:
            got.append(chunk)
        steps.append("returning")
        await settle()
        steps.append("returned")

    stream = Duplex.from_(consume)
    assert not stream.readable
    stream.on("finish", lambda: steps.append("finish"))
    await pipeline(range(50), stream)
    assert got == list(range(50))
    assert steps == ["returning", "returned", "finish"]


@in_loop
async def test_a_coroutine_function_that_returns_early_drops_the_rest():
    async def first(source):
        return await anext(source)

    stream = Duplex.from_(first)
    await pipeline(range(100), stream)
    assert stream.writable_finished


@pytest.mark.parametrize("kind", ["transform", "consumer"])
@in_loop
async def test_an_error_in_the_function_is_the_error_of_the_duplex(kind):
    async def transform(source):
        async for _ in source:
            raise ValueError("broken")
        yield

    async def consumer(source):
        async for _ in source:
            raise ValueError("broken")

    stream = Duplex.from_(transform if kind == "transform" else consumer)
    stream.write("x")
    stream.resume()
    with pytest.raises(ValueError, match="broken"):
        await finished(stream)
    assert stream.closed


@in_loop
async def test_destroying_the_duplex_stops_the_function():
    stopped = []

    async def consume(source):
        try:
            async for _ in source:
                pass
        finally:
            stopped.append("consumer")

    async def transform(source):
        try:
            async for chunk in source:
                yield chunk
        finally:
            stopped.append("transform")

    for function in (consume, transform):
        stream = Duplex.from_(function)
        stream.write("x")
        stream.resume()
        await settle()
        stream.destroy()
        await settle()
        assert stream.closed
    assert stopped == ["consumer", "transform"]


@in_loop
async def test_a_duplex_fails_when_one_of_its_halves_fails():
    for half in (0, 1):
        pair = (Readable(read=lambda stream, size: None), Writable(write=lambda *arguments: None))
        stream = Duplex.from_(pair)
        pair[half].destroy(ValueError("broken"))
        with pytest.raises(ValueError, match="broken"):
            await finished(stream)
        assert all(part.destroyed for part in pair)


@pytest.mark.parametrize("value", [5, None, (1,)[0]], ids=repr)
def test_what_cannot_be_a_duplex_is_refused(value):
    with pytest.raises(ArgumentTypeError):
        Duplex.from_(value)


def test_a_function_that_gives_no_iterable_is_refused():
    with pytest.raises(ArgumentTypeError) as caught:
        Duplex.from_(lambda source: 5)
    assert caught.value.code == "ERR_INVALID_RETURN_VALUE"
