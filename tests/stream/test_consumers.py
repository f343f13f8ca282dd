"""consumers: a whole stream as one value."""

from __future__ import annotations

import asyncio
import json

import pytest

from netloop.errors import ArgumentTypeError, FeatureUnavailableError
from netloop.stream import PassThrough, Readable, consumers
from netloop.testing import in_loop

TEXT = "naïve — 🧵"


def split(data, size=1):
    return [data[at:at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("consumer", [consumers.buffer, consumers.bytes, consumers.array_buffer])
@in_loop
async def test_everything_as_bytes(consumer):
    assert await consumer(Readable.from_([b"one ", bytearray(b"two "), memoryview(b"three "), "four"])) \
        == b"one two three four"


@in_loop
async def test_text_is_decoded_whole():
    assert await consumers.text(Readable.from_(split(TEXT.encode()))) == TEXT
    assert await consumers.text(Readable.from_([TEXT, "!"])) == TEXT + "!"
    assert await consumers.text(Readable.from_([b"\xff"])) == "\ufffd"
    assert await consumers.text(Readable.from_([b"\xef\xbb\xbfbom"])) == "bom"


@in_loop
async def test_json_is_parsed():
    value = {"text": TEXT, "numbers": [1, 2.5, None]}
    assert await consumers.json(Readable.from_(split(json.dumps(value).encode(), 3))) == value
    with pytest.raises(json.JSONDecodeError):
        await consumers.json(Readable.from_(["{"]))


@in_loop
async def test_an_empty_stream_is_empty():
    assert await consumers.bytes(Readable.from_([])) == b""
    assert await consumers.text(Readable.from_([])) == ""


@in_loop
async def test_any_iterable_will_do():
    async def chunks():
        yield b"a"
        yield b"b"

    assert await consumers.text(chunks()) == "ab"
    assert await consumers.text(["a", b"b"]) == "ab"
    assert await consumers.text("ab") == "ab"


@in_loop
async def test_the_stream_is_consumed_and_closed():
    stream = PassThrough()
    stream.end(b"x")
    assert await consumers.bytes(stream) == b"x"
    await asyncio.sleep(0)
    assert stream.closed


@in_loop
async def test_an_error_of_the_stream_is_raised():
    stream = Readable(read=lambda stream, size: stream.destroy(ValueError("broken")))
    with pytest.raises(ValueError, match="broken"):
        await consumers.text(stream)


@pytest.mark.parametrize("source", [None, 5, [1], [{}]], ids=repr)
@in_loop
async def test_what_is_neither_bytes_nor_text_is_refused(source):
    with pytest.raises(ArgumentTypeError):
        await consumers.bytes(source)


@in_loop
async def test_there_are_no_blobs():
    with pytest.raises(FeatureUnavailableError) as caught:
        await consumers.blob(Readable.from_([]))
    assert caught.value.code == "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM"
