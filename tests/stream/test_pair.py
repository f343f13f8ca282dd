"""duplex_pair(): what is written to one side is read from the other, as over a connection."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop import run, set_immediate
from netloop.stream import duplex_pair


def test_what_is_written_to_one_side_is_read_from_the_other(record):
    left, right = duplex_pair()
    log = record(right, "data")
    record(left, "data", log=log)
    left.write(b"to the right")
    right.write(b"to the left")
    run()
    assert sorted(log) == [("data", b"to the left"), ("data", b"to the right")]


def test_end_ends_one_direction_only(record):
    left, right = duplex_pair()
    log = record(right, "data", "end", "finish", "close")

    def main():
        left.resume()
        left.end(b"last")
        set_immediate(later)

    def later():
        assert log == [("data", b"last"), "end"]
        assert left.destroyed is False
        right.end(b"answer")

    run(main)
    assert log == [("data", b"last"), "end", "finish", "close"]
    assert left.closed is True


def test_without_allow_half_open_the_other_side_ends_as_well(record):
    left, right = duplex_pair(allow_half_open=False)
    log = record(left, "end", "close")
    left.resume()
    right.resume()
    left.end()
    run()
    assert log == ["end", "close"]
    assert right.closed is True


def test_a_side_that_nobody_reads_holds_the_writer_back(record):
    left, right = duplex_pair(high_water_mark=4)
    log = record(left, "drain")

    def main():
        assert left.write(b"abcd") is False
        set_immediate(later)

    def later():
        assert log == []
        assert left.write(b"e") is False
        right.resume()

    run(main)
    assert log == ["drain"]


def test_object_mode_passes_objects(record):
    left, right = duplex_pair(object_mode=True)
    log = record(right, "data")
    left.write({"a": 1})
    left.write(0)
    run()
    assert log == [("data", {"a": 1}), ("data", 0)]


def test_destroying_a_side_ends_the_reading_of_the_other(record):
    left, right = duplex_pair()
    log = record(right, "end", "error")
    right.resume()
    left.destroy()
    run()
    assert log == ["end"]


def test_destroying_a_side_for_an_error_destroys_the_other_without_one(record):
    left, right = duplex_pair()
    left.on("error", lambda error: None)
    log = record(right, "end", "error", "close")
    right.resume()
    left.destroy(OSError("gone"))
    run()
    assert log == ["close"]


def test_writing_to_a_side_that_is_gone_fails(record, code):
    left, right = duplex_pair()
    log = record(left, "error", "close")

    def main():
        right.destroy()
        set_immediate(lambda: left.write(b"a", lambda error: log.append(("callback", error))))

    run(main)
    assert [entry if isinstance(entry, str) else (entry[0], code(entry[1])) for entry in log] == [
        ("callback", "EPIPE"), ("error", "EPIPE"), "close"]


def test_a_write_that_the_other_side_never_took_fails_when_it_goes(record, code):
    left, right = duplex_pair()
    log = record(left, "error")

    def main():
        left.write(b"a", lambda error: log.append(("callback", error)))
        right.destroy()

    run(main)
    assert [(name, code(error)) for name, error in log] == [("callback", "EPIPE"), ("error", "EPIPE")]


@pytest.mark.parametrize("first", ["left", "right"])
def test_both_ends_close_both_sides_in_either_order(record, first):
    left, right = duplex_pair()
    log = record(left, "close")
    record(right, "close", log=log)
    for side in (left, right) if first == "left" else (right, left):
        side.resume()
        side.end()
    run()
    assert log == ["close", "close"]
    assert left.errored is right.errored is None


@given(st.lists(st.binary(max_size=10), max_size=10), st.integers(0, 12))
def test_all_bytes_arrive_in_order_whatever_the_mark(chunks, mark):
    left, right = duplex_pair(high_water_mark=mark)
    got = []
    right.on("data", got.append).on("end", lambda: got.append(None))
    for chunk in chunks:
        left.write(chunk)
    left.end()
    run()
    assert got.pop() is None
    assert b"".join(got) == b"".join(chunks)


def test_a_listener_of_one_side_that_raises_harms_neither():
    left, right = duplex_pair(high_water_mark=1)
    got, failures = [], []

    def fail(*arguments):
        got.append(arguments)
        raise OSError("listener")

    def main():
        right.on("data", fail)
        left.on("drain", fail)
        set_immediate(lambda: left.write(b"a", fail))

    run(main, on_unhandled=failures.append)
    assert got == [(b"a",), (), (None,)]
    assert len(failures) == 3
    assert (left.destroyed, right.destroyed) == (False, False)
