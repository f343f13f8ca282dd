"""Duplex: two halves that know nothing of each other but their end."""

import pytest

from netloop import run, set_immediate
from netloop.stream import Duplex, Readable


def both(**options):
    return Duplex(read=lambda stream, size: None,
                  write=lambda stream, chunk, encoding, callback: callback(None), **options)


def test_close_comes_once_when_both_halves_are_done(record):
    stream = both()
    log = record(stream, "end", "finish", "close")
    stream.resume()
    stream.push(None)
    stream.end()
    run()
    assert sorted(log[:2]) == ["end", "finish"]
    assert log[2:] == ["close"]


def test_by_default_the_writable_half_stays_open_after_end(record):
    stream = both()
    log = record(stream, "end", "finish", "close")
    stream.resume()
    stream.push(None)
    run(lambda: set_immediate(lambda: log.append(stream.writable)))
    assert log == ["end", True]


def test_without_allow_half_open_the_stream_ends_itself_after_end(record):
    stream = both(allow_half_open=False)
    log = record(stream, "end", "finish", "close")
    stream.resume()
    stream.push(None)
    run()
    assert log == ["end", "finish", "close"]
    assert stream.allow_half_open is False


def test_the_readable_half_stays_open_after_finish(record):
    stream = both(allow_half_open=False)
    log = record(stream, "data", "finish", "close")

    def main():
        stream.end()
        set_immediate(lambda: stream.push(b"a"))

    run(main)
    assert log == ["finish", ("data", b"a")]


def test_readable_false_makes_a_stream_that_is_only_written(record):
    stream = both(readable=False)
    log = record(stream, "end", "finish", "close")
    assert stream.readable is False
    assert stream.readable_aborted is False
    stream.end()
    run()
    assert log == ["finish", "close"]


def test_writable_false_makes_a_stream_that_is_only_read(record):
    stream = both(writable=False)
    log = record(stream, "end", "finish", "close")
    assert stream.writable is False
    stream.resume()
    stream.push(None)
    run()
    assert log == ["end", "close"]


def test_each_half_has_its_own_mark_and_mode():
    stream = both(readable_object_mode=True, writable_high_water_mark=3)
    assert (stream.readable_object_mode, stream.writable_object_mode) == (True, False)
    assert (stream.readable_high_water_mark, stream.writable_high_water_mark) == (16, 3)
    stream = both(readable_high_water_mark=5, writable_object_mode=True)
    assert (stream.readable_high_water_mark, stream.writable_high_water_mark) == (5, 16)


def test_high_water_mark_is_for_both_halves_and_goes_before_the_others():
    stream = both(high_water_mark=7, readable_high_water_mark=1, object_mode=True)
    assert (stream.readable_high_water_mark, stream.writable_high_water_mark) == (7, 7)
    assert (stream.readable_object_mode, stream.writable_object_mode) == (True, True)


def test_writable_corked_corks_from_the_start():
    got = []
    stream = Duplex(writable_corked=1, write=lambda stream, chunk, encoding, callback: got.append(chunk))
    stream.write(b"a")
    assert (got, stream.writable_corked) == ([], 1)
    stream.uncork()
    assert got == [b"a"]


def test_a_duplex_is_a_readable_and_has_every_method_of_a_writable():
    from netloop.stream import Writable

    stream = both()
    assert isinstance(stream, Readable)
    missing = [name for name in vars(Writable) if not name.startswith("__") and not hasattr(stream, name)]
    assert missing == []


def test_a_piped_duplex_echoes(record):
    left, log = [], []
    stream = Duplex(read=lambda stream, size: None,
                    write=lambda stream, chunk, encoding, callback: (left.append(chunk), callback(None)))
    record(stream, "finish", "close", log=log)
    stream.pipe(stream)
    stream.push(b"a")
    stream.push(b"b")
    stream.push(None)
    run()
    assert left == [b"a", b"b"]
    assert log == ["finish", "close"]


def test_an_unknown_option_is_a_type_error():
    with pytest.raises(TypeError):
        Duplex(allowHalfOpen=False)  # type: ignore[call-arg]
