"""map, filter, take and the others: the operators of a Readable."""

from __future__ import annotations

import asyncio
import math

import pytest

from netloop.errors import AbortError, ArgumentTypeError, ArgumentValueError
from netloop.events import AbortController, AbortSignal
from netloop.stream import PassThrough, Readable, finished
from netloop.testing import in_loop, settle


def numbers(count=5):
    return Readable.from_(range(1, count + 1))


async def later(value):
    await asyncio.sleep(0)
    return value


def endless():
    return Readable(read=lambda stream, size: None, object_mode=True)


# --- to another stream --------------------------------------------------------------------------------------

@pytest.mark.parametrize("concurrency", [1, 2, 10])
@in_loop
async def test_map_gives_what_the_function_makes_of_each_chunk(concurrency):
    stream = numbers().map(lambda number: number * 2, concurrency=concurrency)
    assert isinstance(stream, Readable)
    assert await stream.to_array() == [2, 4, 6, 8, 10]
    assert await numbers().map(later, concurrency=concurrency).to_array() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("concurrency", [1, 3])
@in_loop
async def test_filter_keeps_the_chunks_for_which_the_function_is_true(concurrency):
    assert await numbers().filter(lambda number: number % 2, concurrency=concurrency).to_array() == [1, 3, 5]
    odd = numbers().filter(lambda number: later(number % 2), concurrency=concurrency)
    assert await odd.to_array() == [1, 3, 5]


@pytest.mark.parametrize("concurrency", [1, 3])
@in_loop
async def test_flat_map_gives_the_items_of_what_the_function_gives(concurrency):
    def repeated(number):
        return [number] * number

    async def stream_of(number):
        return Readable.from_([number, -number])

    assert await numbers(3).flat_map(repeated, concurrency=concurrency).to_array() == [1, 2, 2, 3, 3, 3]
    assert await numbers(2).flat_map(stream_of, concurrency=concurrency).to_array() == [1, -1, 2, -2]
    assert await numbers(2).flat_map(lambda number: "ab", concurrency=concurrency).to_array() == ["ab", "ab"]


@pytest.mark.parametrize(("limit", "rest"), [(0, [1, 2, 3]), (2, [3]), (3, []), (10, []), (math.inf, [])])
@in_loop
async def test_drop_leaves_out_the_first_chunks(limit, rest):
    assert await numbers(3).drop(limit).to_array() == rest


@pytest.mark.parametrize(("limit", "first"), [(0, []), (2, [1, 2]), (3, [1, 2, 3]), (math.inf, [1, 2, 3])])
@in_loop
async def test_take_gives_the_first_chunks(limit, first):
    assert await numbers(3).take(limit).to_array() == first


@in_loop
async def test_take_destroys_the_source_when_it_has_enough():
    source = numbers()
    assert await source.take(2).to_array() == [1, 2]
    await settle()
    assert source.closed
    assert source.errored is None


@in_loop
async def test_operators_can_be_chained():
    result = numbers(100).drop(10).filter(lambda number: number % 2).map(later, concurrency=4).take(3)
    assert await result.to_array() == [11, 13, 15]


@in_loop
async def test_a_source_of_bytes_gives_its_chunks():
    stream = PassThrough()
    stream.end(b"abc")
    assert await stream.map(lambda chunk: chunk.upper()).to_array() == [b"ABC"]


@in_loop
async def test_nothing_is_read_before_the_result_is():
    seen = []
    stream = numbers().map(seen.append)
    await settle()
    assert seen == []
    stream.destroy()


@in_loop
async def test_destroying_a_result_that_was_never_read_destroys_the_source():
    source = numbers()
    source.map(later).filter(later).destroy()
    await settle()
    assert source.closed


@in_loop
async def test_a_duplex_lives_on_when_all_of_it_was_read():
    source = PassThrough()
    source.push(None)
    assert await source.map(later).to_array() == []
    await settle()
    assert not source.destroyed
    source.destroy()


@in_loop
async def test_destroying_the_result_destroys_the_source():
    source = numbers()
    result = source.map(later, concurrency=2)
    result.on("data", lambda chunk: result.destroy())
    await settle()
    assert result.closed
    assert source.closed


# --- to a result --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("concurrency", [1, 3])
@in_loop
async def test_for_each_calls_the_function_for_each_chunk(concurrency):
    seen = []
    assert await numbers().for_each(seen.append, concurrency=concurrency) is None
    assert seen == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("concurrency", [1, 3])
@in_loop
async def test_some_find_and_every_stop_at_the_first_answer(concurrency):
    for search, result in ((lambda stream, fn: stream.some(fn, concurrency=concurrency), True),
                           (lambda stream, fn: stream.find(fn, concurrency=concurrency), 3)):
        source = numbers(1000)
        assert await search(source, lambda number: number > 2) == result
        assert source.destroyed
    source = numbers(1000)
    assert await source.every(lambda number: later(number < 3), concurrency=concurrency) is False
    assert source.destroyed


@in_loop
async def test_some_find_and_every_without_a_match():
    assert await numbers().some(lambda number: number > 9) is False
    assert await numbers().find(lambda number: number > 9) is None
    assert await numbers().every(lambda number: number < 9) is True


@in_loop
async def test_find_finds_false_values_too():
    assert await Readable.from_([0, 1]).find(lambda number: number == 0) == 0
    assert await Readable.from_([0, 1]).some(lambda number: number == 0) is True


@in_loop
async def test_reduce_folds_the_chunks():
    assert await numbers().reduce(lambda total, number: total + number) == 15
    assert await numbers().reduce(lambda total, number: later(total + number), 100) == 115
    assert await Readable.from_([]).reduce(lambda total, number: total + number, 7) == 7
    assert await Readable.from_([1]).reduce(lambda first, number: (first, number), None) == (None, 1)


@in_loop
async def test_reduce_of_nothing_needs_an_initial_value():
    with pytest.raises(ArgumentTypeError) as caught:
        await Readable.from_([]).reduce(lambda total, number: total + number)
    assert caught.value.code == "ERR_MISSING_ARGS"


# --- concurrency --------------------------------------------------------------------------------------------

@in_loop
async def test_no_more_calls_run_at_once_than_the_concurrency():
    running, most = [], []

    async def call(number):
        running.append(number)
        most.append(len(running))
        for _ in range(number % 4):
            await asyncio.sleep(0)
        running.remove(number)
        return number

    assert await numbers(40).map(call, concurrency=3).to_array() == list(range(1, 41))
    assert max(most) == 3


@in_loop
async def test_results_that_nobody_takes_stop_the_calls():
    started = []

    async def call(number):
        started.append(number)
        return number

    stream = numbers(100).map(call, concurrency=2, high_water_mark=3)
    stream.read()
    await settle()
    assert 3 <= len(started) <= 8
    stream.destroy()


@in_loop
async def test_results_come_before_the_source_goes_on():
    source, got = endless(), []
    source.map(later, concurrency=4).on("data", got.append)
    source.push("only")
    await settle()
    assert got == ["only"]
    source.push(None)


@pytest.mark.parametrize("concurrency", [1, 3])
@in_loop
async def test_an_error_in_the_function_destroys_source_and_result(concurrency):
    async def call(number):
        await asyncio.sleep(0)
        if number == 3:
            raise ValueError("broken")
        return number

    source = numbers()
    result = source.map(call, concurrency=concurrency)
    got = []
    result.on("data", got.append)
    with pytest.raises(ValueError, match="broken"):
        await finished(result)
    assert got == [1, 2]
    await settle()
    assert result.closed
    assert source.closed


@in_loop
async def test_an_error_cancels_the_calls_that_run():
    cancelled = []

    async def call(number):
        if number == 1:
            await asyncio.sleep(0)
            raise ValueError("broken")
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            cancelled.append(number)
            raise

    with pytest.raises(ValueError, match="broken"):
        await numbers().for_each(call, concurrency=3)
    assert sorted(cancelled) == [2, 3]


@pytest.mark.parametrize("concurrency", [1, 3])
@in_loop
async def test_an_error_of_the_source_comes_after_what_was_read(concurrency):
    async def broken():
        yield 1
        yield 2
        raise ValueError("broken")

    got, result = [], Readable.from_(broken()).map(later, concurrency=concurrency)
    result.on("data", got.append)
    with pytest.raises(ValueError, match="broken"):
        await finished(result)
    assert got == [1, 2]


@in_loop
async def test_cancelling_the_waiting_task_destroys_the_source():
    for wait in (lambda stream: stream.to_array(), lambda stream: stream.for_each(later, concurrency=2),
                 lambda stream: stream.reduce(later), lambda stream: stream.map(later).to_array()):
        source = endless()
        waiting = asyncio.ensure_future(wait(source))
        await settle()
        waiting.cancel()
        await settle()
        assert waiting.cancelled()
        assert source.closed


# --- signals ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("operator", [
    lambda stream, signal: stream.map(later, signal=signal).to_array(),
    lambda stream, signal: stream.filter(later, signal=signal).to_array(),
    lambda stream, signal: stream.flat_map(later, signal=signal).to_array(),
    lambda stream, signal: stream.drop(1, signal=signal).to_array(),
    lambda stream, signal: stream.take(1, signal=signal).to_array(),
    lambda stream, signal: stream.for_each(later, signal=signal),
    lambda stream, signal: stream.to_array(signal=signal),
    lambda stream, signal: stream.some(later, signal=signal),
    lambda stream, signal: stream.find(later, signal=signal),
    lambda stream, signal: stream.every(later, signal=signal),
    lambda stream, signal: stream.reduce(later, 0, signal=signal),
], ids=["map", "filter", "flat_map", "drop", "take",
        "for_each", "to_array", "some", "find", "every", "reduce"])
@pytest.mark.parametrize("when", ["before", "meanwhile"])
@in_loop
async def test_a_signal_ends_it(operator, when):
    source, controller = endless(), AbortController()
    if when == "before":
        controller.abort("enough")
    waiting = asyncio.ensure_future(operator(source, controller.signal))
    await settle()
    controller.abort("enough")
    with pytest.raises(AbortError) as caught:
        await waiting
    assert caught.value.cause == "enough"
    await settle()
    assert source.destroyed


@pytest.mark.parametrize("concurrency", [1, 2])
@in_loop
async def test_a_function_with_a_parameter_signal_gets_one(concurrency):
    signals = []

    async def call(number, *, signal):
        signals.append(signal)
        return number

    assert await numbers(2).map(call, concurrency=concurrency).to_array() == [1, 2]
    assert isinstance(signals[0], AbortSignal)
    assert signals[0] is signals[1]
    assert signals[0].aborted


@in_loop
async def test_the_signal_of_a_function_aborts_when_the_stream_fails():
    aborted, source = [], endless()

    async def call(chunk, *, signal):
        aborted.append(signal.aborted)
        source.destroy(ValueError("broken"))
        await settle()
        aborted.append(signal.aborted)

    source.push(1)
    with pytest.raises(ValueError, match="broken"):
        await source.for_each(call)
    assert aborted == [False, True]


# --- arguments ----------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("operator", "error", "code"), [
    (lambda stream: stream.map(5), ArgumentTypeError, "ERR_INVALID_ARG_TYPE"),
    (lambda stream: stream.map(later, concurrency=0), ArgumentValueError, "ERR_OUT_OF_RANGE"),
    (lambda stream: stream.map(later, concurrency="1"), ArgumentTypeError, "ERR_INVALID_ARG_TYPE"),
    (lambda stream: stream.map(later, high_water_mark=-1), ArgumentValueError, "ERR_OUT_OF_RANGE"),
    (lambda stream: stream.filter(None), ArgumentTypeError, "ERR_INVALID_ARG_TYPE"),
    (lambda stream: stream.take(-1), ArgumentValueError, "ERR_OUT_OF_RANGE"),
    (lambda stream: stream.take(math.nan), ArgumentValueError, "ERR_OUT_OF_RANGE"),
    (lambda stream: stream.take("1"), ArgumentTypeError, "ERR_INVALID_ARG_TYPE"),
    (lambda stream: stream.drop(-1), ArgumentValueError, "ERR_OUT_OF_RANGE"),
    (lambda stream: stream.take(1, signal=5), ArgumentTypeError, "ERR_INVALID_ARG_TYPE"),
])
@in_loop
async def test_wrong_arguments_are_refused_at_once(operator, error, code):
    stream = numbers()
    with pytest.raises(error) as caught:
        operator(stream)
    assert caught.value.code == code
    assert not stream.destroyed


@pytest.mark.parametrize("operator", ["for_each", "some", "find", "every", "reduce"])
@in_loop
async def test_a_wrong_function_is_refused_when_it_is_awaited(operator):
    with pytest.raises(ArgumentTypeError):
        await getattr(numbers(), operator)(5)


@in_loop
async def test_a_function_that_gives_none_is_an_error_of_map():
    with pytest.raises(ArgumentTypeError) as caught:
        await numbers().map(lambda number: None).to_array()
    assert caught.value.code == "ERR_STREAM_NULL_VALUES"
