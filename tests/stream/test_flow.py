"""How a readable is consumed: flowing, paused, or by read(); and what is emitted when."""

import pytest

from netloop import next_tick, run, set_immediate
from netloop.stream import Readable


def filled(*chunks, **options):
    """A stream that has these chunks and the end already."""
    readable = Readable(read=lambda stream, size: None, **options)
    for chunk in chunks:
        readable.push(chunk)
    readable.push(None)
    return readable


def test_a_stream_that_nobody_reads_is_undecided_and_never_ends(record):
    readable = filled(b"a")
    log = record(readable, "end", "close")
    assert readable.readable_flowing is None
    assert readable.is_paused() is False
    run()
    assert log == []
    assert readable.readable_ended is False


@pytest.mark.parametrize(("make", "expected"), [
    (lambda tell: lambda: tell("nothing"), "nothing"),
    (lambda tell: lambda chunk: tell(chunk), b"a"),
    (lambda tell: tell, b"a"),
    (lambda tell: lambda chunk, beyond: tell((chunk, beyond)), (b"a", None)),
    (lambda tell: lambda chunk, beyond=2: tell((chunk, beyond)), (b"a", 2)),
    (lambda tell: lambda *everything: tell(everything), (b"a",)),
])
def test_the_only_data_listener_gets_as_many_arguments_as_it_takes(make, expected):
    got = []
    filled(b"a").on("data", make(got.append))
    run()
    assert got == [expected]


def test_a_data_listener_makes_it_flow_on_the_next_tick(record):
    readable = filled(b"a", b"b")

    def main():
        log = record(readable, "data", "resume", "end", "close")
        assert readable.readable_flowing is True
        assert log == []
        return log

    log = run(main)
    assert log == ["resume", ("data", b"a"), ("data", b"b"), "end", "close"]
    assert readable.readable_ended is True
    assert readable.readable_did_read is True


def test_a_once_listener_makes_it_flow_too():
    readable = filled(b"a", b"b")
    got = []
    readable.once("data", got.append)
    run()
    assert got == [b"a"]


def test_without_a_listener_resume_loses_the_data_and_ends(record):
    readable = filled(b"a", b"b")
    log = record(readable, "end", "close")
    assert readable.resume() is readable
    run()
    assert log == ["end", "close"]


def test_pause_keeps_chunks_in_the_buffer_and_resume_gives_them(source, record):
    readable = source()
    log = []

    def main():
        record(readable, "data", "pause", "resume", log=log)
        assert readable.pause() is readable
        assert readable.is_paused() is True
        assert readable.readable_flowing is False
        readable.push(b"a")
        set_immediate(later)

    def later():
        assert log == ["pause"]
        assert readable.readable_length == 1
        readable.resume()
        assert readable.is_paused() is False

    run(main)
    assert log == ["pause", "resume", ("data", b"a")]


def test_a_listener_that_comes_after_pause_does_not_start_the_flow(record):
    readable = filled(b"a")
    readable.pause()
    log = record(readable, "data")
    run()
    assert log == []
    assert readable.readable_flowing is False


def test_pause_twice_emits_pause_once(record):
    readable = filled(b"a")
    log = record(readable, "pause")
    readable.pause()
    readable.pause()
    assert log == ["pause"]


def test_what_is_pushed_before_the_flow_starts_waits_for_it(source, record):
    readable = source()
    log = record(readable, "data")

    def main():
        other = source()
        record(other, "data", log=log)
        other.push(b"a")
        log.append("returned")

    run(main)
    assert log == ["returned", ("data", b"a")]


def test_pause_inside_data_is_obeyed_before_the_next_chunk(record):
    readable = filled(b"a", b"b")
    got = []

    def take_one(chunk):
        got.append(chunk)
        readable.pause()
        set_immediate(lambda: (got.append("later"), readable.resume()))

    readable.on("data", take_one)
    run()
    assert got == [b"a", "later", b"b", "later"]


def test_destroy_inside_data_is_obeyed_before_the_next_chunk(record):
    readable = filled(b"a", b"b")
    log = record(readable, "data", "end", "close")
    readable.on("data", lambda chunk: readable.destroy())
    run()
    assert log == [("data", b"a"), "close"]


def test_destroy_inside_the_last_data_prevents_the_end(record):
    readable = filled(b"a")
    log = record(readable, "data", "end", "close")
    readable.on("data", lambda chunk: readable.destroy())
    run()
    assert log == [("data", b"a"), "close"]
    assert readable.readable_aborted is True


def test_a_listener_that_is_removed_inside_data_hears_no_more():
    readable = filled(b"a", b"b")
    got = []

    def take(chunk):
        got.append(chunk)
        readable.remove_listener("data", take)

    readable.on("data", take)
    run()
    assert got == [b"a"]


def test_a_listener_that_raises_does_not_stop_the_flow():
    readable = filled(b"a", b"b", b"c")
    got, failures = [], []

    def take(chunk):
        got.append(chunk)
        if chunk == b"a":
            raise OSError("listener")

    readable.on("data", take).on("end", lambda: got.append("end"))
    run(on_unhandled=failures.append)
    assert got == [b"a", b"b", b"c", "end"]
    assert [str(failure) for failure in failures] == ["listener"]


@pytest.mark.parametrize("continuous", [False, True])
def test_a_listener_that_raises_does_not_stop_the_source(continuous):
    chunks = [b"a", b"b", None]
    readable = Readable(read=lambda stream, size: next_tick(push_next))
    readable._readable_state.continuous = continuous
    got, failures = [], []

    def push_next():
        if chunks:
            if continuous and chunks[0] is not None:
                next_tick(push_next)
            readable.push(chunks.pop(0))

    def take(chunk):
        got.append(chunk)
        raise OSError("listener")

    readable.on("data", take).on("end", lambda: got.append("end"))
    run(on_unhandled=failures.append)
    assert got == [b"a", b"b", "end"]
    assert len(failures) == 2


def test_an_end_listener_that_raises_does_not_keep_close_away(record):
    readable = filled(b"a")
    failures = []
    readable.on("end", lambda: 1 / 0).resume()
    log = record(readable, "close")
    run(on_unhandled=failures.append)
    assert log == ["close"]
    assert len(failures) == 1


# --- `readable` and read() ----------------------------------------------------------------------------------

def test_readable_is_emitted_when_there_is_data_and_at_the_end(record):
    readable = Readable(read=lambda stream, size: None)
    log = []

    def take():
        log.append("readable")
        while (chunk := readable.read()) is not None:
            log.append(chunk)

    readable.on("readable", take).on("end", lambda: log.append("end"))

    def main():
        readable.push(b"a")
        readable.push(b"b")
        set_immediate(lambda: readable.push(None))

    run(main)
    assert log == ["readable", b"ab", "readable", "end"]


def test_with_a_readable_listener_and_no_read_neither_data_nor_end_come(record):
    readable = filled(b"a")
    log = record(readable, "readable", "data", "end")
    run()
    assert set(log) == {"readable"}
    assert readable.readable_flowing is False


def test_with_a_readable_listener_data_comes_from_read(record):
    readable = filled(b"a", b"b")
    log = record(readable, "data", "end")
    readable.on("readable", lambda: readable.read(1))
    run()
    assert log == [("data", b"a"), ("data", b"b")]


def test_resume_does_nothing_while_readable_has_a_listener(record):
    readable = filled(b"a")
    log = record(readable, "data")
    readable.on("readable", lambda: None)
    readable.resume()
    assert readable.readable_flowing is False
    run()
    assert log == []


def test_removing_the_readable_listener_lets_a_data_listener_have_the_flow(record):
    readable = filled(b"a")

    def look():
        pass

    readable.on("readable", look)
    log = record(readable, "data", "end")
    readable.remove_listener("readable", look)
    run()
    assert log == [("data", b"a"), "end"]


def test_removing_all_listeners_of_readable_makes_the_stream_undecided_again():
    readable = filled(b"a")
    readable.on("readable", lambda: None)
    readable.remove_all_listeners("readable")
    run()
    assert readable.readable_flowing is None


def test_a_readable_listener_asks_the_source(source):
    readable = source()
    readable.on("readable", lambda: None)
    run()
    assert readable.asked == 1


# --- the source ---------------------------------------------------------------------------------------------

def test_nothing_is_fetched_before_somebody_asks(source):
    readable = source()
    run()
    assert readable.asked == 0


def test_push_says_enough_at_the_mark(source):
    readable = source(high_water_mark=3)
    assert readable.push(b"ab") is True
    assert readable.push(b"c") is False
    assert readable.readable_length == 3


def test_a_mark_of_zero_still_lets_one_chunk_in(source):
    readable = source(high_water_mark=0)
    assert readable.push(b"a") is False
    assert readable.push(b"") is False
    assert readable.read() == b"a"
    assert readable.push(b"") is True


def test_the_source_is_asked_until_the_buffer_is_full_and_again_when_there_is_room():
    asked = []

    def read(stream, size):
        asked.append(size)
        stream.push(b"x")

    readable = Readable(high_water_mark=3, read=read)

    def main():
        readable.read(0)
        set_immediate(later)

    def later():
        assert asked == [3, 3, 3]
        assert readable.read(2) == b"xx"
        set_immediate(lambda: readable.destroy())

    run(main)
    assert len(asked) == 5


def test_the_source_is_not_asked_again_before_it_pushed(source):
    readable = source()

    def main():
        readable.read(0)
        readable.read(0)
        readable.resume()
        set_immediate(later)

    def later():
        assert readable.asked == 1
        readable.push(b"a")

    run(main)
    assert readable.asked == 2


def test_a_continuous_source_is_asked_again_only_after_push_said_enough(source):
    readable = source(high_water_mark=4)
    readable._readable_state.continuous = True
    got = []

    def main():
        readable.on("data", got.append)
        set_immediate(flowing)

    def flowing():
        assert readable.asked == 1
        assert readable.push(b"abc") is True
        assert readable.push(b"defgh") is True      # flowing: nothing stays
        readable.pause()
        assert readable.push(b"ijk") is True
        assert readable.push(b"l") is False
        set_immediate(paused)

    def paused():
        assert readable.asked == 1
        assert got == [b"abc", b"defgh"]
        readable.resume()

    run(main)
    assert got == [b"abc", b"defgh", b"ijk", b"l"]
    assert readable.asked == 2


def test_what_is_pushed_inside_read_reaches_listeners_after_it(record):
    log = []

    def read(stream, size):
        log.append("read")
        stream.push(b"a" if len(log) == 1 else None)
        log.append("pushed")

    readable = Readable(read=read)
    record(readable, "data", "end", log=log)
    run()
    assert log == ["read", "pushed", "read", "pushed", ("data", b"a"), "end"]


def test_a_hook_that_raises_destroys_the_stream(record):
    failure = OSError("no data")

    def read(stream, size):
        raise failure

    readable = Readable(read=read)
    log = record(readable, "data", "end", "error", "close")
    run()
    assert log == [("error", failure), "close"]


def test_push_after_the_end_fails(source, record, code):
    readable = source()
    log = record(readable, "error", "close")
    readable.push(None)
    assert readable.push(b"a") is False
    run()
    assert [entry if isinstance(entry, str) else code(entry[1]) for entry in log] == [
        "ERR_STREAM_PUSH_AFTER_EOF", "close"]


def test_push_of_what_is_no_data_fails(source, record, code):
    readable = source()
    log = record(readable, "error")
    readable.push(42)
    run()
    assert [code(error) for _, error in log] == ["ERR_INVALID_ARG_TYPE"]


def test_push_after_destroy_is_ignored(source, record):
    readable = source()
    log = record(readable, "data", "end", "error", "close")
    readable.destroy()
    assert readable.push(b"a") is False
    assert readable.push(None) is False
    run()
    assert log == ["close"]


def test_an_empty_push_is_an_answer_but_no_data(source, record):
    readable = source()
    log = record(readable, "data")

    def main():
        set_immediate(lambda: readable.push(b""))

    run(main)
    assert log == []
    assert readable.asked == 2


def test_a_stream_without_the_hook_fails_with_the_method_s_name(record, code):
    readable = Readable()
    log = record(readable, "error")
    readable.resume()
    run()
    assert [code(error) for _, error in log] == ["ERR_METHOD_NOT_IMPLEMENTED"]


def test_object_mode_gives_one_object_at_a_time(record):
    readable = filled({"a": 1}, 0, "", object_mode=True)
    log = record(readable, "data", "end")
    assert readable.readable_length == 3
    assert readable.readable_object_mode is True
    assert readable.readable_high_water_mark == 16
    run()
    assert log == [("data", {"a": 1}), ("data", 0), ("data", ""), "end"]


def test_end_comes_after_the_last_data_when_the_source_ends_while_flowing(source, record):
    readable = source()
    log = record(readable, "data", "end", "close")

    def main():
        set_immediate(lambda: (readable.push(b"a"), readable.push(None), log.append("returned")))

    run(main)
    assert log == [("data", b"a"), "returned", "end", "close"]


def test_auto_destroy_off_leaves_the_stream_open_after_end(record):
    readable = filled(b"a", auto_destroy=False)
    log = record(readable, "data", "end", "close")
    run()
    assert log == [("data", b"a"), "end"]
    assert readable.destroyed is False
    assert readable.readable is False


@pytest.mark.parametrize("continuous", [False, True])
def test_one_read_for_each_readable_gets_all_from_a_source_that_pushes_within_read(continuous):
    chunks = [b"12345678"] * 8 + [None]
    readable = Readable(read=lambda stream, size: stream.push(chunks.pop(0)), high_water_mark=4)
    readable._readable_state.continuous = continuous
    got = []

    def main():
        readable.on("readable", lambda: got.append(readable.read()))
        readable.on("end", lambda: got.append("end"))

    run(main)
    assert got[-1] == "end"
    assert b"".join([chunk for chunk in got[:-1] if chunk is not None]) == b"12345678" * 8
