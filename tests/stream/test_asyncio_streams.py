"""from_web and to_web: between our streams and asyncio's."""

from __future__ import annotations

import asyncio

import pytest

from netloop.errors import ArgumentTypeError
from netloop.stream import Duplex, PassThrough, Readable, Writable, duplex_pair, finished, pipeline
from netloop.testing import Recorder, in_loop, pattern, settle


class AsyncioWriter:
    """As much of a StreamWriter as a sink needs, without a network."""

    def __init__(self):
        self.written, self.calls, self.open = b"", [], True
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.transport = self

    def write(self, data):
        self.written += data

    def writelines(self, chunks):
        self.write(b"".join(chunks))

    async def drain(self):
        await self.may_go_on.wait()
        if not self.open:
            raise ConnectionResetError("gone")

    def can_write_eof(self):
        return True

    def write_eof(self):
        self.calls.append("eof")

    def close(self):
        self.calls.append("close")

    def abort(self):
        self.calls.append("abort")


# --- from asyncio -------------------------------------------------------------------------------------------

@in_loop
async def test_a_readable_of_a_stream_reader():
    reader = asyncio.StreamReader()
    stream = Readable.from_web(reader)
    reader.feed_data(b"one ")
    reading = asyncio.ensure_future(stream.to_array())
    await settle()
    reader.feed_data(b"two")
    reader.feed_eof()
    assert b"".join(await reading) == b"one two"


@in_loop
async def test_it_fails_with_the_reader():
    reader = asyncio.StreamReader()
    reader.set_exception(ConnectionResetError("gone"))
    with pytest.raises(ConnectionResetError):
        await Readable.from_web(reader).to_array()


@in_loop
async def test_destroying_it_stops_reading():
    stream = Readable.from_web(asyncio.StreamReader())
    stream.resume()
    await settle()
    stream.destroy()
    await finished(stream, error=False, readable=False)
    assert stream.closed


@in_loop
async def test_a_writable_into_a_stream_writer():
    writer = AsyncioWriter()
    stream = Writable.from_web(writer)
    await pipeline([b"one ", "two ", b"three"], stream)
    assert writer.written == b"one two three"
    assert writer.calls == ["eof", "close"]


@in_loop
async def test_it_waits_for_the_writer_to_drain():
    writer = AsyncioWriter()
    writer.may_go_on.clear()
    stream, called = Writable.from_web(writer, high_water_mark=4), []
    assert stream.write(b"1234", called.append) is False
    stream.write(b"5678", called.append)
    await settle()
    assert called == []
    writer.may_go_on.set()
    await stream.drain()
    assert called == [None, None]
    assert writer.written == b"12345678"
    stream.end()


@in_loop
async def test_it_fails_with_the_writer_and_aborts_it():
    writer = AsyncioWriter()
    writer.open = False
    stream = Writable.from_web(writer)
    stream.write(b"x")
    with pytest.raises(ConnectionResetError):
        await finished(stream)
    assert writer.calls == ["abort"]


@in_loop
async def test_a_duplex_of_both():
    reader, writer = asyncio.StreamReader(), AsyncioWriter()
    stream = Duplex.from_web((reader, writer))
    reader.feed_data(b"question")
    reader.feed_eof()
    stream.end(b"answer")
    assert await stream.to_array() == [b"question"]
    await finished(stream)
    assert writer.written == b"answer"


# --- to asyncio ---------------------------------------------------------------------------------------------

@in_loop
async def test_a_stream_reader_of_a_readable():
    reader = Readable.to_web(Readable.from_([b"line one\nli", "ne two\nrest"]))
    assert await reader.readline() == b"line one\n"
    assert await reader.readuntil(b"two") == b"line two"
    assert await reader.read() == b"\nrest"
    assert reader.at_eof()


@in_loop
async def test_its_error_is_raised_by_the_reader():
    stream = PassThrough()
    reader = Readable.to_web(stream)
    stream.destroy(ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        await reader.read()


@in_loop
async def test_a_reader_that_is_full_pauses_the_stream():
    a, b = duplex_pair()
    reader = Readable.to_web(b)
    data = pattern(1_000_000)
    for at in range(0, len(data), 10_000):
        a.write(data[at:at + 10_000])
    a.end()
    await settle()
    assert b.is_paused()
    assert a.writable_length > 500_000
    assert await reader.read(-1) == data
    b.end()
    a.resume()


@in_loop
async def test_closing_the_transport_of_a_reader_destroys_the_stream():
    stream = PassThrough()
    transport = Readable.to_web(stream)._transport
    assert transport.is_reading()
    assert not transport.can_write_eof()
    assert transport.get_write_buffer_size() == 0
    transport.close()
    transport.close()
    assert stream.destroyed
    assert transport.is_closing()


@in_loop
async def test_a_stream_writer_into_a_writable():
    got = []
    sink = Writable(write=lambda stream, chunk, encoding, callback: (got.append(chunk), callback(None)))
    writer = Writable.to_web(sink)
    writer.write(b"one ")
    writer.writelines([b"two ", b"three"])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert b"".join(got) == b"one two three"
    assert sink.closed


@in_loop
async def test_drain_waits_for_the_writable():
    a, b = duplex_pair(high_water_mark=10)
    _, writer = Duplex.to_web(a)
    writer.write(bytes(100))
    draining = asyncio.ensure_future(writer.drain())
    await settle()
    assert not draining.done()
    assert writer.transport.get_write_buffer_size() == 100
    b.resume()
    await draining
    writer.transport.abort()


@in_loop
async def test_both_ends_of_a_duplex():
    a, b = duplex_pair()
    reader, writer = Duplex.to_web(a)
    at_b = Recorder(b)
    writer.write(b"question\n")
    writer.write_eof()
    await at_b.until("end")
    b.end(b"answer\n")
    assert await reader.readline() == b"answer\n"
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    assert at_b.data == b"question\n"
    assert writer.get_extra_info("stream") is a
    assert writer.get_extra_info("peername") is None


@in_loop
async def test_a_duplex_that_closes_by_itself_closes_the_writer():
    a, b = duplex_pair()
    reader, writer = Duplex.to_web(a)
    b.resume()
    b.end()
    writer.write_eof()
    assert await reader.read() == b""
    await writer.wait_closed()
    assert writer.is_closing()
    assert a.closed


@in_loop
async def test_there_and_back_is_the_same_stream_of_bytes():
    a, b = duplex_pair()
    near, far = Duplex.from_web(Duplex.to_web(a)), b
    data = pattern(300_000)
    far.end(data)
    assert b"".join(await near.to_array()) == data
    near.end(b"done")
    assert await far.to_array() == [b"done"]


@pytest.mark.parametrize("convert", [
    Readable.from_web, Writable.from_web, Readable.to_web, Writable.to_web, Duplex.to_web,
    lambda value: Readable.to_web(Writable()), lambda value: Writable.to_web(Readable()),
])
def test_what_is_no_stream_is_refused(convert):
    with pytest.raises(ArgumentTypeError):
        convert(object())
