"""A sink that takes bytes at once, as a socket gives them to the kernel.

Compiled code does not see `_try_write` of a class in Python, so these run in plain mode; net's tests are for
both.
"""

import pytest

from netloop import run, set_immediate
from netloop._modules import PLAIN_MODE
from netloop.stream import Writable

pytestmark = pytest.mark.skipif(not PLAIN_MODE, reason="the sink of these tests is not compiled")


class Direct(Writable):
    """Takes `room` bytes at once, and what `_write` gets when the test calls `done`."""

    def __init__(self, room, **options):
        super().__init__(**options)
        self._writable_state.direct = True
        self.room = room
        self.taken = []
        self.rest = []
        self.callback = None

    def _try_write(self, chunk):
        if self.room < 0:
            return -1
        taken = chunk[:self.room]
        self.room -= len(taken)
        self.taken.append(taken)
        return len(taken)

    def _write(self, chunk, encoding, callback):
        self.rest.append(chunk)
        self.callback = callback

    def _writev(self, chunks, callback):
        self.rest.append([chunk for chunk, _ in chunks])
        self.callback = callback


def test_what_is_taken_at_once_counts_nowhere():
    stream = Direct(100, high_water_mark=4)
    assert stream.write(b"x" * 50) is True
    assert stream.writable_length == 0
    assert stream.rest == []


@pytest.mark.parametrize("chunk", [b"abc", bytearray(b"abc"), memoryview(b"abc"), "abc"])
def test_every_kind_of_data_goes_directly(chunk):
    stream = Direct(100)
    stream.write(chunk)
    assert stream.taken == [b"abc"]


def test_the_rest_goes_to_write_and_alone_counts():
    stream = Direct(3, high_water_mark=2)
    assert stream.write(b"abcd") is True
    assert (stream.taken, stream.rest, stream.writable_length) == ([b"abc"], [b"d"], 1)
    assert stream.write(b"e") is False
    assert stream.writable_length == 2


def test_while_a_write_is_in_flight_nothing_goes_directly(record):
    stream = Direct(1, high_water_mark=2)
    log = record(stream, "drain")

    def main():
        stream.write(b"ab")
        stream.room = 100
        assert stream.write(b"c") is False
        stream.write(b"d")
        stream.callback(None)
        assert stream.rest == [b"b", [b"c", b"d"]]
        stream.callback(None)
        stream.write(b"e")

    run(main)
    assert stream.taken == [b"a", b"e"]
    assert log == ["drain"]


def test_a_sink_that_cannot_now_gets_everything_by_write():
    stream = Direct(-1)
    stream.write(b"ab")
    assert (stream.taken, stream.rest) == ([], [b"ab"])


def test_a_corked_stream_holds_direct_writes_back():
    stream = Direct(100)
    stream.cork()
    stream.write(b"a")
    stream.write(b"b")
    stream.uncork()
    assert (stream.taken, stream.rest) == ([], [[b"a", b"b"]])


def test_the_callback_of_a_direct_write_comes_on_a_tick_and_in_order():
    stream = Direct(1)
    log = []

    def main():
        stream.write(b"a", lambda error: log.append("a"))
        stream.write(b"b", lambda error: log.append("b"))
        stream.callback(None)
        log.append("returned")

    run(main)
    assert log == ["returned", "a", "b"]


def test_end_finishes_after_direct_writes(record):
    stream = Direct(100)
    log = record(stream, "finish", "close")
    stream.end(b"abc", callback=lambda error: log.append(error))
    run()
    assert stream.taken == [b"abc"]
    assert log == [None, "finish", "close"]


def test_nothing_goes_directly_before_construct_and_after_the_end(code):
    waiting, log = [], []
    stream = Direct(100, construct=lambda stream, callback: waiting.append(callback))

    def main():
        stream.write(b"early")
        set_immediate(later)

    def later():
        assert (stream.taken, stream.rest) == ([], [])
        stream.on("error", lambda error: log.append(code(error)))
        waiting[0](None)
        set_immediate(open_)

    def open_():
        assert (stream.taken, stream.rest) == ([], [b"early"])
        stream.callback(None)
        stream.end()
        stream.write(b"late")

    run(main)
    assert stream.taken == []
    assert log == ["ERR_STREAM_WRITE_AFTER_END"]
