"""compose(): several streams and functions as one Duplex."""

from __future__ import annotations

import pytest

from netloop.errors import AbortError, ArgumentTypeError, ArgumentValueError
from netloop.events import AbortController
from netloop.stream import Duplex, PassThrough, Readable, Writable, compose, finished, pipeline
from netloop.testing import in_loop, pattern, settle


async def doubled(source):
    async for chunk in source:
        yield chunk * 2


@in_loop
async def test_writes_go_to_the_first_and_reads_come_from_the_last():
    stream = compose(PassThrough(), doubled, doubled)
    assert isinstance(stream, Duplex)
    stream.end(b"ab")
    assert await stream.to_array() == [b"abababab"]
    await settle()
    assert stream.closed


@in_loop
async def test_one_stream_composed_is_that_stream():
    stream = PassThrough()
    assert compose(stream) is stream


@in_loop
async def test_a_source_a_transform_and_a_sink_make_a_stream_that_is_only_waited_for():
    got = []

    async def collect(source):
        async for chunk in source:
            got.append(chunk)

    stream = compose(["a", "b"], doubled, collect)
    assert not stream.readable
    assert not stream.writable
    await finished(stream)
    assert got == ["aa", "bb"]


@in_loop
async def test_a_composed_source_can_be_read_and_a_composed_sink_written():
    assert await compose(["a", "b"], doubled).to_array() == ["aa", "bb"]
    got = []
    sink = compose(doubled, Writable(object_mode=True, write=lambda stream, chunk, encoding, callback:
                                     (got.append(chunk), callback(None))))
    await pipeline(["c"], sink)
    assert got == ["cc"]


@in_loop
async def test_composed_streams_can_be_composed():
    inner = compose(doubled, doubled)
    assert await compose(["a"], inner, doubled).to_array() == ["aaaaaaaa"]


@in_loop
async def test_much_data_goes_through_whole():
    data = pattern(500_000)
    stream = compose(PassThrough(), PassThrough(high_water_mark=1000))
    sending = pipeline([data[:7], data[7:300_000], data[300_000:]], stream)
    assert b"".join(await stream.to_array()) == data
    await sending


@in_loop
async def test_backpressure_reaches_the_writer():
    stream = compose(PassThrough(), PassThrough())
    written = 0
    while stream.write(bytes(10_000)):
        written += 1
        assert written < 100
        await settle()
    stream.resume()
    await stream.drain()
    stream.destroy()


@pytest.mark.parametrize("place", [0, 1, 2])
@in_loop
async def test_an_error_in_any_of_them_destroys_all(place):
    parts = [PassThrough(), PassThrough(), PassThrough()]
    stream = compose(*parts)
    parts[place].destroy(ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        await finished(stream)
    assert all(part.closed for part in parts)


@in_loop
async def test_destroying_it_destroys_all():
    parts = [PassThrough(), PassThrough(), PassThrough()]
    stream = compose(*parts)
    stream.destroy()
    await settle()
    assert stream.closed
    assert stream.errored is None
    assert all(part.closed for part in parts)


@in_loop
async def test_a_readable_composes_itself_with_another():
    assert await Readable.from_(["a", "b"]).compose(doubled).to_array() == ["aa", "bb"]
    controller = AbortController()
    stream = Readable.from_(["a"]).compose(doubled, signal=controller.signal)
    controller.abort()
    with pytest.raises(AbortError):
        await stream.to_array()


@pytest.mark.parametrize(("make", "error", "code"), [
    (lambda: (), ArgumentValueError, "ERR_MISSING_ARGS"),
    (lambda: (PassThrough(), 5), ArgumentTypeError, "ERR_INVALID_ARG_TYPE"),
    (lambda: (PassThrough(), Readable.from_([1])), ArgumentValueError, "ERR_INVALID_ARG_VALUE"),
    (lambda: (PassThrough(), [1]), ArgumentValueError, "ERR_INVALID_ARG_VALUE"),
    (lambda: (Writable(), PassThrough()), ArgumentValueError, "ERR_INVALID_ARG_VALUE"),
])
def test_what_cannot_be_composed_is_refused(make, error, code):
    with pytest.raises(error) as caught:
        compose(*make())
    assert caught.value.code == code
