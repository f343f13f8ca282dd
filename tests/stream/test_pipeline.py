"""pipeline() connects streams, iterables and functions, and cleans up whatever happens."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from netloop.errors import AbortError, ArgumentTypeError, ArgumentValueError
from netloop.events import AbortController
from netloop.stream import Duplex, PassThrough, Readable, Transform, Writable, duplex_pair, pipeline
from netloop.testing import Recorder, in_loop, pattern, settle


class Sink(Writable):
    """Keeps what is written; slow sinks call back later."""

    def __init__(self, slow=False, **options):
        super().__init__(object_mode=True, **options)
        self.got, self.slow = [], slow

    def _write(self, chunk, encoding, callback):
        self.got.append(chunk)
        if self.slow:
            asyncio.get_running_loop().call_soon(callback, None)
        else:
            callback(None)


def endless(**options):
    """A Readable that never gives anything."""
    return Readable(read=lambda stream, size: None, object_mode=True, **options)


def doubled():
    return Transform(object_mode=True,
                     transform=lambda stream, chunk, encoding, callback: callback(None, chunk * 2))


async def twice(source):
    async for item in source:
        yield item
        yield item


async def failing(source):
    async for _ in source:
        raise ValueError("broken")
    yield None


# --- what may be connected ----------------------------------------------------------------------------------

@in_loop
async def test_streams_are_piped_one_into_the_next():
    source, middle, sink = Readable.from_([1, 2, 3]), doubled(), Sink()
    assert await pipeline(source, middle, sink) is None
    assert sink.got == [2, 4, 6]
    assert all(stream.closed for stream in (source, middle, sink))


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("source", [
    lambda: [1, 2, 3], lambda: iter([1, 2, 3]), lambda: (item for item in [1, 2, 3]),
    lambda: Readable.from_([1, 2, 3]), lambda: asynchronous([1, 2, 3]),
    lambda: lambda: [1, 2, 3], lambda: partial(asynchronous, [1, 2, 3]),
    lambda: lambda: Readable.from_([1, 2, 3]),
])
@in_loop
async def test_a_source_is_a_stream_an_iterable_or_a_function_that_gives_one(source, slow):
    sink = Sink(slow)
    await pipeline(source(), twice, sink)
    assert sink.got == [1, 1, 2, 2, 3, 3]


async def asynchronous(items):
    for item in items:
        yield item


@in_loop
async def test_text_and_bytes_are_one_item():
    for source in ("abc", b"abc"):
        sink = Sink()
        await pipeline(source, sink)
        assert sink.got == [source]


@in_loop
async def test_functions_and_streams_alternate():
    sink = Sink()
    await pipeline([1, 2], doubled(), twice, doubled(), twice, sink)
    assert sink.got == [4, 4, 4, 4, 8, 8, 8, 8]


@in_loop
async def test_stages_may_come_as_one_list():
    sink = Sink()
    await pipeline([[1, 2], doubled(), sink])
    assert sink.got == [2, 4]


@in_loop
async def test_the_last_function_gives_the_value():
    async def total(source):
        return sum([item async for item in source])

    assert await pipeline([1, 2, 3], total) == 6
    assert await pipeline(Readable.from_([1, 2, 3]), twice, total) == 12


@in_loop
async def test_the_items_of_a_last_generator_are_dropped():
    seen = []

    async def watch(source):
        async for item in source:
            seen.append(item)
            yield item

    assert await pipeline(range(100), watch) is None
    assert seen == list(range(100))


@in_loop
async def test_much_data_goes_through_at_the_pace_of_the_slowest():
    a, b = duplex_pair()
    data = pattern(1_000_000)
    at_b = Recorder(b)
    await pipeline([data[at:at + 30_011] for at in range(0, len(data), 30_011)], PassThrough(), a)
    await at_b.until("end")
    assert at_b.data == data
    b.end()
    a.resume()


@in_loop
async def test_a_stream_may_be_both_ends():
    """An echo."""
    a, b = duplex_pair()
    at_a = Recorder(a)
    echo = pipeline(b, PassThrough(), b)
    a.end(b"hello")
    await echo
    await at_a.until("close")
    assert at_a.data == b"hello"


# --- leaving early ------------------------------------------------------------------------------------------

@in_loop
async def test_a_function_that_leaves_its_source_early_destroys_it():
    source, sink = Readable.from_(range(10)), Sink()

    async def first(items):
        async for item in items:
            yield item
            return

    await pipeline(source, first, sink)
    assert sink.got == [0]
    assert source.destroyed


@in_loop
async def test_a_function_that_ignores_its_source_destroys_it():
    source = Readable.from_(range(10))

    async def seven(items):
        return 7

    assert await pipeline(source, seven) == 7
    assert source.destroyed
    assert source.errored is None


@in_loop
async def test_generators_are_closed_from_the_last_to_the_first():
    closed = []

    async def stage(name, source):
        try:
            async for item in source:
                yield item
        finally:
            closed.append(name)

    async def first(source):
        return await anext(source)

    await pipeline(range(10), partial(stage, "one"), partial(stage, "two"), first)
    assert closed == ["two", "one"]


# --- errors -------------------------------------------------------------------------------------------------

@in_loop
async def test_an_error_destroys_every_stream_with_it():
    source, middle, sink = endless(), PassThrough(object_mode=True), Sink()
    records = [Recorder(source, read=False), Recorder(middle, read=False), Recorder(sink, read=False)]
    running, error = pipeline(source, middle, sink), ValueError("broken")
    await settle()
    middle.destroy(error)
    with pytest.raises(ValueError, match="broken") as caught:
        await running
    assert caught.value is error
    for record in records:
        assert record.events == ["error", "close"]
        assert record.error is error


@pytest.mark.parametrize("place", [0, 1, 2])
@in_loop
async def test_a_stream_that_closes_early_is_a_premature_close(place):
    streams = [endless(), PassThrough(object_mode=True), Sink()]
    running = pipeline(*streams)
    await settle()
    streams[place].destroy()
    with pytest.raises(RuntimeError) as caught:
        await running
    assert caught.value.code == "ERR_STREAM_PREMATURE_CLOSE"
    assert all(stream.closed for stream in streams)


@in_loop
async def test_an_error_in_a_function_destroys_what_is_around_it():
    source, sink = Readable.from_([1, 2]), Sink()
    with pytest.raises(ValueError, match="broken"):
        await pipeline(source, failing, sink)
    assert source.closed
    assert sink.closed
    assert isinstance(sink.errored, ValueError)


@in_loop
async def test_an_error_in_a_plain_function_does_too():
    def broken(source):
        raise ValueError("broken")

    source, sink = Readable.from_([1, 2]), Sink()
    with pytest.raises(ValueError, match="broken"):
        await pipeline(source, broken, sink)
    assert source.closed
    assert sink.closed


@in_loop
async def test_an_error_behind_a_function_stops_the_function():
    stopped, sink = [], Sink()

    async def endless_items():
        try:
            while True:
                yield 1
                await asyncio.sleep(0)
        finally:
            stopped.append(True)

    running = pipeline(endless_items, twice, sink)
    await settle()
    sink.destroy(ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        await running
    assert stopped == [True]


@in_loop
async def test_an_error_says_more_than_the_premature_close_it_follows():
    source, sink = endless(), Sink(destroy=lambda stream, error, callback: callback(ValueError("worse")))
    running = pipeline(source, sink)
    source.destroy()
    with pytest.raises(ValueError, match="worse"):
        await running


@in_loop
async def test_streams_that_were_over_before_count_as_such():
    ended, destroyed, sink = Readable.from_([1]), endless(), Sink()
    ended.resume()
    destroyed.destroy()
    await settle()
    await pipeline(ended, sink)
    assert sink.writable_finished
    with pytest.raises(RuntimeError) as caught:
        await pipeline(destroyed, Sink())
    assert caught.value.code == "ERR_STREAM_PREMATURE_CLOSE"


@pytest.mark.parametrize("auto_destroy", [True, False])
@pytest.mark.parametrize("source", [lambda: [1], lambda: Readable.from_([1])])
@in_loop
async def test_a_stream_that_was_ended_before_cannot_be_written_to(source, auto_destroy):
    sink = Sink(auto_destroy=auto_destroy)
    sink.end()
    await settle()
    with pytest.raises(RuntimeError) as caught:
        await pipeline(source(), sink)
    assert caught.value.code == "ERR_STREAM_WRITE_AFTER_END"
    assert sink.got == []


@in_loop
async def test_none_among_the_items_is_an_error():
    sink = Sink()
    with pytest.raises(ArgumentTypeError) as caught:
        await pipeline([1, None, 2], sink)
    assert caught.value.code == "ERR_STREAM_NULL_VALUES"
    assert sink.destroyed


async def consumed(source):
    return [item async for item in source]


@pytest.mark.parametrize("last", [Sink, lambda: consumed])
@in_loop
async def test_what_fails_before_a_task_took_its_first_step_is_told(last):
    middle, error = PassThrough(object_mode=True), ValueError("broken")
    running = pipeline([1], middle, last())
    middle.destroy(error)
    with pytest.raises(ValueError, match="broken") as caught:
        await running
    assert caught.value is error


@pytest.mark.parametrize("last", [Sink, lambda: consumed])
@in_loop
async def test_a_signal_that_aborts_before_a_task_took_its_first_step_is_told(last):
    controller = AbortController()
    running = pipeline([1], last(), signal=controller.signal)
    controller.abort()
    with pytest.raises(AbortError):
        await running


# --- arguments ----------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("stages", "error", "code"), [
    ((), ArgumentValueError, "ERR_MISSING_ARGS"),
    ((Sink,), ArgumentValueError, "ERR_MISSING_ARGS"),
    ((endless, lambda: 5), ArgumentTypeError, "ERR_INVALID_ARG_TYPE"),
    ((endless, endless), ArgumentTypeError, "ERR_INVALID_ARG_TYPE"),
    ((endless, Sink, Sink), ArgumentTypeError, "ERR_INVALID_ARG_TYPE"),
    ((Sink, Sink), ArgumentTypeError, "ERR_INVALID_ARG_TYPE"),
    ((lambda: 5, Sink), ArgumentTypeError, "ERR_INVALID_ARG_TYPE"),
])
@in_loop
async def test_what_cannot_stand_where_it_stands_is_refused_at_once(stages, error, code):
    streams = [make() for make in stages]
    with pytest.raises(error) as caught:
        pipeline(*streams)
    assert caught.value.code == code
    assert not any(stream.destroyed for stream in streams if stream != 5)
    for stream in streams:
        if stream != 5:
            stream.destroy()


@in_loop
async def test_a_generator_function_cannot_read_an_async_source():
    def upper(source):
        yield from source

    with pytest.raises(ArgumentTypeError, match=r"streams\[1\]"):
        pipeline([1], upper, Sink())


@pytest.mark.parametrize("place", ["first", "middle"])
@in_loop
async def test_a_function_that_gives_nothing_to_iterate_over_is_an_error(place):
    async def coroutine(*_):
        return 5

    sink = Sink()
    with pytest.raises(ArgumentTypeError) as caught:
        await (pipeline(coroutine, sink) if place == "first" else pipeline([1], lambda source: 5, sink))
    assert caught.value.code == "ERR_INVALID_RETURN_VALUE"
    assert sink.destroyed


# --- signal -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("when", ["before", "after"])
@in_loop
async def test_a_signal_destroys_every_stream(when):
    controller, source, sink = AbortController(), endless(), Sink()
    if when == "before":
        controller.abort("enough")
    running = pipeline(source, sink, signal=controller.signal)
    controller.abort("enough")
    with pytest.raises(AbortError) as caught:
        await running
    assert caught.value.cause == "enough"
    assert source.errored is sink.errored is caught.value
    assert source.closed
    assert sink.closed


@in_loop
async def test_a_function_with_a_parameter_signal_gets_one_that_aborts_at_the_end():
    signals = []

    async def source(signal):
        signals.append(signal)
        yield 1

    async def consume(items, *, signal):
        signals.append(signal)
        return [item async for item in items]

    assert await pipeline(source, consume) == [1]
    assert signals[0] is signals[1]
    assert signals[0].aborted


@in_loop
async def test_cancelling_the_awaiting_task_destroys_every_stream():
    source, sink = endless(), Sink()

    async def wait():
        await pipeline(source, twice, sink)

    waiting = asyncio.ensure_future(wait())
    await settle()
    waiting.cancel()
    await settle()
    assert waiting.cancelled()
    assert source.closed
    assert sink.closed


# --- callback -----------------------------------------------------------------------------------------------

@in_loop
async def test_with_a_callback_it_returns_the_last_stream():
    calls, sink = [], Sink()
    assert pipeline([1], sink, lambda *arguments: calls.append(arguments)) is sink
    assert calls == []
    await settle()
    assert calls == [(None,)]


@in_loop
async def test_a_callback_gets_the_value_of_a_last_function():
    calls = []

    async def total(source):
        return sum([item async for item in source])

    assert pipeline([1, 2], total, lambda error, value: calls.append((error, value))) is None
    await settle()
    assert calls == [(None, 3)]


@in_loop
async def test_a_callback_gets_the_error_when_everything_is_closed():
    source, sink, calls = endless(), Sink(), []
    pipeline(source, sink, lambda error: calls.append((error, source.closed, sink.closed)))
    error = ValueError("broken")
    source.destroy(error)
    await settle()
    assert calls == [(error, True, True)]


# --- end, and what stays ------------------------------------------------------------------------------------

@pytest.mark.parametrize("source", [lambda: [1, 2], lambda: Readable.from_([1, 2])])
@in_loop
async def test_without_end_the_last_stream_stays_open_and_as_it_was(source):
    sink = Sink()
    await pipeline(source(), sink, end=False)
    await pipeline(source(), sink, end=False)
    assert sink.got == [1, 2, 1, 2]
    assert not sink.writable_ended
    assert sink.event_names() == []
    sink.destroy()


@in_loop
async def test_without_end_the_last_stream_survives_an_error():
    source, sink = endless(), Sink()
    running = pipeline(source, sink, end=False)
    source.destroy(ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        await running
    assert not sink.destroyed
    assert sink.event_names() == []
    sink.destroy()


@in_loop
async def test_without_end_an_error_of_the_last_stream_still_counts():
    source, sink = endless(), Sink()
    running = pipeline(source, sink, end=False)
    sink.destroy(ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        await running
    assert source.destroyed


@in_loop
async def test_a_last_duplex_can_be_used_further():
    a, b = duplex_pair()
    await pipeline([b"question"], a)
    assert a.event_names() == []
    b.resume()
    b.end(b"answer")
    assert await a.to_array() == [b"answer"]


@in_loop
async def test_a_late_error_of_a_source_does_not_end_the_program():
    source = Duplex(read=lambda stream, size: stream.push(None), write=lambda *arguments: None)
    await pipeline(source, Sink())
    source.destroy(ValueError("late"))
    await settle()
    assert source.closed
