"""The coroutines of the core: drain() and ``async with``."""

import asyncio

import pytest

from netloop import run
from netloop.stream import Duplex, Readable, Writable, duplex_pair


def names(stream):
    return sorted(stream.event_names())


def test_drain_returns_at_once_when_nothing_waits(sink):
    async def main():
        writable = sink(high_water_mark=2)
        writable.write(b"a")
        await writable.drain()
        assert writable.writable_length == 1

    run(main)


def test_drain_waits_for_the_sink(sink):
    async def main():
        writable = sink(high_water_mark=1)
        writable.write(b"a")
        asyncio.get_running_loop().call_soon(writable.done)
        await writable.drain()
        assert writable.writable_length == 0
        assert names(writable) == []

    run(main)


def test_drain_after_end_waits_until_everything_is_written(sink):
    async def main():
        writable = sink(high_water_mark=1)
        writable.write(b"a")
        writable.end()
        asyncio.get_running_loop().call_soon(writable.done)
        await writable.drain()
        assert writable.writable_finished is True

    run(main)


def test_drain_raises_the_error_of_the_stream(sink):
    async def main():
        writable = sink(high_water_mark=1)
        writable.write(b"a")
        asyncio.get_running_loop().call_soon(writable.done, OSError("disk full"))
        with pytest.raises(OSError, match="disk full"):
            await writable.drain()
        with pytest.raises(OSError, match="disk full"):
            await writable.drain()

    run(main)


def test_drain_raises_when_the_stream_closes(sink, code):
    async def main():
        writable = sink(high_water_mark=1)
        writable.write(b"a")
        asyncio.get_running_loop().call_soon(writable.destroy)
        with pytest.raises(RuntimeError) as caught:
            await writable.drain()
        assert code(caught.value) == "ERR_STREAM_PREMATURE_CLOSE"
        with pytest.raises(RuntimeError) as caught:
            await writable.drain()
        assert code(caught.value) == "ERR_STREAM_DESTROYED"

    run(main)


def test_a_cancelled_drain_leaves_no_listener_behind(sink):
    async def main():
        writable = sink(high_water_mark=1)
        writable.write(b"a")
        task = asyncio.ensure_future(writable.drain())
        await asyncio.sleep(0)
        assert "drain" in names(writable)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert names(writable) == []

    run(main)


def test_a_writable_is_flushed_and_closed_by_async_with(record):
    log = []

    async def main():
        stream = Writable(write=lambda stream, chunk, encoding, callback: (log.append(chunk), callback(None)))
        async with stream:
            record(stream, "finish", "close", log=log)
            stream.write(b"a")
            stream.write(b"b")
        assert stream.closed is True

    run(main)
    assert log == [b"a", b"b", "finish", "close"]


def test_a_readable_is_destroyed_and_closed_by_async_with(source, record):
    log = []

    async def main():
        async with source() as stream:
            record(stream, "end", "close", log=log)
            stream.push(b"a")
        assert stream.closed is True

    run(main)
    assert log == ["close"]


def test_a_duplex_writes_everything_then_drops_what_was_not_read():
    async def main():
        left, right = duplex_pair()
        got = []
        right.on("data", got.append)
        async with left:
            left.write(b"a")
            right.write(b"never read")
        assert left.closed is True
        assert got == [b"a"]

    run(main)


def test_a_body_that_fails_closes_the_stream_without_flushing(sink):
    log = []

    async def use(stream):
        async with stream:
            stream.write(b"a", log.append)
            raise ValueError("body")

    async def main():
        stream = sink()
        with pytest.raises(ValueError, match="body"):
            await use(stream)
        assert stream.closed is True
        assert stream.writable_finished is False

    run(main)
    assert len(log) == 1


def test_a_stream_that_fails_while_it_is_flushed_raises_from_async_with(sink):
    async def use(stream):
        async with stream:
            stream.write(b"a")
            asyncio.get_running_loop().call_soon(stream.done, OSError("disk full"))

    async def main():
        stream = sink()
        with pytest.raises(OSError, match="disk full"):
            await use(stream)
        assert stream.closed is True

    run(main)


def test_why_the_body_failed_is_not_hidden_by_why_the_stream_cannot_close():
    async def main():
        with pytest.raises(ValueError, match="body"):
            async with Readable(destroy=lambda stream, error, callback: callback(OSError("cannot release"))):
                raise ValueError("body")

    run(main)


def test_a_close_event_with_an_argument_is_a_close_event(code):
    class Told(Duplex):
        def _emit_closed(self):
            self.emit("close", False)

    async def main():
        async with Told() as stream:
            pass
        assert stream.closed is True

    run(main)


def test_a_stream_that_closed_inside_the_body_leaves_quietly():
    async def main():
        async with Duplex() as stream:
            stream.destroy()
        assert stream.closed is True

    run(main)


def test_async_with_ends_without_a_close_event(sink):
    async def main():
        async with sink(emit_close=False):
            pass

    run(main)
