"""Transform: what comes out is made of what went in, and a full reader holds the writer back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop import run, set_immediate
from netloop.stream import PassThrough, Transform


class Upper(Transform):
    def _transform(self, chunk, encoding, callback):
        self.push(chunk.upper())
        callback(None)


def test_what_is_pushed_comes_out(record):
    stream = Upper()
    log = record(stream, "data", "end", "finish", "close")
    stream.write(b"ab")
    stream.end(b"c")
    run()
    assert [entry[1] for entry in log if isinstance(entry, tuple)] == [b"AB", b"C"]
    assert sorted(log[2:4]) == ["end", "finish"]
    assert log[4:] == ["close"]


def test_the_callback_may_carry_the_data(record):
    stream = Transform(transform=lambda stream, chunk, encoding, callback: callback(None, chunk * 2))
    log = record(stream, "data")
    stream.end(b"ab")
    run()
    assert log == [("data", b"abab")]


def test_flush_adds_the_rest_before_the_end(record):
    stream = Transform(transform=lambda stream, chunk, encoding, callback: callback(None),
                       flush=lambda stream, callback: (stream.push(b"rest"), callback(None, b".")))
    log = record(stream, "data", "end")
    stream.end(b"ab")
    run()
    assert log == [("data", b"rest"), ("data", b"."), "end"]


def test_flush_runs_although_final_is_the_user_s(record):
    log = []
    stream = Transform(transform=lambda stream, chunk, encoding, callback: callback(None, chunk),
                       final=lambda stream, callback: (log.append("final"), callback(None)),
                       flush=lambda stream, callback: (log.append("flush"), callback(None)))
    record(stream, "end", "finish", "close", log=log)
    stream.resume()
    stream.end(b"ab")
    run()
    assert log[:2] == ["final", "flush"]
    assert sorted(log[2:4]) == ["end", "finish"]
    assert log[4:] == ["close"]


@pytest.mark.parametrize("hook", ["transform", "flush"])
@pytest.mark.parametrize("raises", [False, True])
def test_a_hook_that_fails_destroys_the_stream(record, hook, raises):
    failure = OSError("bad input")

    def fail(*arguments):
        if raises:
            raise failure
        arguments[-1](failure)

    hooks = {"transform": lambda stream, chunk, encoding, callback: callback(None, chunk), hook: fail}
    stream = Transform(**hooks)
    log = record(stream, "end", "finish", "error", "close")
    stream.resume()
    stream.end(b"ab")
    run()
    assert log == [("error", failure), "close"]


def test_a_callback_that_is_called_twice_fails(record, code):
    def transform(stream, chunk, encoding, callback):
        callback(None, chunk)
        callback(None, chunk)

    stream = Transform(transform=transform)
    log = record(stream, "error")
    stream.resume()
    stream.write(b"ab")
    run()
    assert [code(error) for _, error in log] == ["ERR_MULTIPLE_CALLBACK"]


def test_a_full_reader_keeps_the_next_chunk_from_being_transformed():
    transformed = []
    stream = Transform(readable_high_water_mark=2, writable_high_water_mark=2,
                       transform=lambda stream, chunk, encoding, callback: (
                           transformed.append(chunk), callback(None, chunk)))

    def main():
        assert stream.write(b"ab") is False
        assert stream.write(b"cd") is False
        assert transformed == [b"ab"]
        stream.read()
        assert transformed == [b"ab", b"cd"]

    run(main)


def test_drain_follows_when_the_reader_took_enough(record):
    stream = PassThrough(high_water_mark=2)
    log = record(stream, "drain")

    def main():
        assert stream.write(b"ab") is False
        set_immediate(later)

    def later():
        assert log == []
        assert stream.read() == b"ab"

    run(main)
    assert log == ["drain"]


def test_a_reader_that_wants_nothing_buffered_wants_it_on_both_sides():
    stream = PassThrough(readable_high_water_mark=0)
    assert (stream.readable_high_water_mark, stream.writable_high_water_mark) == (0, 0)


def test_one_chunk_may_become_many_objects(record):
    stream = Transform(readable_object_mode=True, transform=lambda stream, chunk, encoding, callback: (
        [stream.push(word) for word in chunk.decode().split()], callback(None)))
    log = record(stream, "data")
    stream.end(b"a b c")
    run()
    assert log == [("data", "a"), ("data", "b"), ("data", "c")]


def test_a_stream_without_the_hook_fails_with_the_method_s_name(record, code):
    stream = Transform()
    log = record(stream, "error")
    stream.write(b"a")
    run()
    assert [code(error) for _, error in log] == ["ERR_METHOD_NOT_IMPLEMENTED"]


def test_a_listener_that_raises_is_reported_and_the_data_behind_it_comes(record):
    stream = PassThrough()
    got, failures = [], []

    def take(chunk):
        got.append(chunk)
        if chunk == b"a":
            raise OSError("listener")

    def main():
        stream.on("data", take)
        set_immediate(later)

    def later():
        stream.write(b"a")
        stream.write(b"b")
        stream.end()

    run(main, on_unhandled=failures.append)
    assert got == [b"a", b"b"]
    assert [str(failure) for failure in failures] == ["listener"]
    assert stream.errored is None


@given(st.lists(st.binary(max_size=8), max_size=10), st.integers(0, 10))
def test_everything_passes_through_whatever_the_mark(chunks, mark):
    stream, got = PassThrough(high_water_mark=mark), []
    stream.on("data", got.append)
    for chunk in chunks:
        stream.write(chunk)
    stream.end()
    run()
    assert b"".join(got) == b"".join(chunks)
