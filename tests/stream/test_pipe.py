"""pipe(): all data arrives, at the pace of the slowest destination, and only the sides that should end do."""

from collections import deque

import pytest

from netloop import run, set_immediate
from netloop.stream import PassThrough, Readable, Writable, pipeline


def of(*chunks):
    """A stream that gives these chunks and ends."""
    rest = deque([*chunks, None])
    return Readable(read=lambda stream, size: stream.push(rest.popleft()))


def collector(got, **options):
    return Writable(write=lambda stream, chunk, encoding, callback: (got.append(chunk), callback(None)),
                    **options)


def test_pipe_returns_the_destination_writes_everything_and_ends_it(record):
    got = []
    destination = collector(got)
    log = record(destination, "finish", "close")
    source = of(b"a", b"b", b"c")
    assert source.pipe(destination) is destination
    run()
    assert got == [b"a", b"b", b"c"]
    assert log == ["finish", "close"]


def test_end_false_leaves_the_destination_open(record):
    got = []
    destination = collector(got)
    log = record(destination, "finish", "unpipe")
    source = of(b"a")
    source.pipe(destination, end=False)
    run()
    assert got == [b"a"]
    assert log == [("unpipe", source)]
    assert destination.writable is True


def test_pipes_can_be_chained():
    got = []
    of(b"a", b"b").pipe(PassThrough()).pipe(PassThrough()).pipe(collector(got))
    run()
    assert b"".join(got) == b"ab"


def test_a_slow_destination_pauses_the_source_until_drain(sink, source):
    readable, writable = source(), sink(high_water_mark=2)

    def main():
        readable.pipe(writable)
        set_immediate(flowing)

    def flowing():
        readable.push(b"abc")
        assert readable.is_paused() is True
        readable.push(b"d")
        assert readable.readable_length == 1
        writable.done()
        set_immediate(drained)

    def drained():
        assert readable.is_paused() is False
        writable.done()

    run(main)
    assert writable.writes == [b"abc", b"d"]


def test_with_several_destinations_the_source_waits_for_all_of_them(sink, source):
    readable, first, second = source(), sink(high_water_mark=1), sink(high_water_mark=1)

    def main():
        readable.pipe(first)
        readable.pipe(second)
        set_immediate(flowing)

    def flowing():
        readable.push(b"a")
        first.done()
        assert readable.is_paused() is True
        second.done()
        assert readable.is_paused() is False

    run(main)
    assert (first.writes, second.writes) == ([b"a"], [b"a"])


@pytest.mark.parametrize("leave", ["unpipe", "destroy"])
def test_a_destination_that_leaves_is_not_waited_for(sink, source, leave):
    readable, slow, quick = source(), sink(high_water_mark=1), sink(high_water_mark=100)

    def main():
        readable.pipe(slow)
        readable.pipe(quick)
        set_immediate(flowing)

    def flowing():
        readable.push(b"a")
        assert readable.is_paused() is True
        if leave == "unpipe":
            readable.unpipe(slow)
        else:
            slow.destroy()
        set_immediate(left)

    def left():
        assert readable.is_paused() is False
        readable.push(b"b")
        quick.done()

    run(main)
    assert quick.writes == [b"a", b"b"]


def test_a_destination_that_is_full_already_stops_the_source_before_it_starts(sink, source):
    readable, writable = source(), sink(high_water_mark=1)
    writable.write(b"before")
    readable.push(b"a")

    def main():
        readable.pipe(writable)
        set_immediate(lambda: writable.done())

    run(main)
    assert writable.writes == [b"before", b"a"]


def test_pipe_starts_a_paused_source():
    got = []
    source = of(b"a")
    source.pause()
    source.pipe(collector(got))
    run()
    assert got == [b"a"]


def test_unpipe_pauses_the_source_and_tells_the_destination(source, sink, record):
    readable, writable = source(), sink()
    log = record(writable, "pipe", "unpipe")
    readable.pipe(writable)
    assert readable.unpipe(writable) is readable
    assert log == [("pipe", readable), ("unpipe", readable)]
    assert readable.is_paused() is True


def test_unpipe_without_a_destination_takes_all_pipes_away(source, sink, record):
    readable, first, second = source(), sink(), sink()
    log = record(first, "unpipe")
    record(second, "unpipe", log=log)
    readable.pipe(first)
    readable.pipe(second)
    readable.unpipe()
    assert log == [("unpipe", readable), ("unpipe", readable)]


def test_unpipe_of_a_stranger_does_nothing(source, sink):
    readable, writable = source(), sink()
    readable.pipe(writable)
    readable.unpipe(sink())
    assert readable.readable_flowing is True


def test_a_removed_pipe_leaves_no_listener_behind(source, sink):
    readable, writable = source(), sink()
    readable.pipe(writable)
    readable.unpipe(writable)
    assert readable.event_names() == []
    assert writable.event_names() == []


def test_the_same_destination_twice_gets_everything_twice_and_unpipe_takes_one_away(source, sink):
    readable, writable = source(), sink()

    def main():
        readable.pipe(writable)
        readable.pipe(writable)
        set_immediate(flowing)

    def flowing():
        readable.push(b"a")
        readable.unpipe(writable)
        writable.done()
        readable.resume()
        readable.push(b"b")
        writable.done()
        writable.done()

    run(main)
    assert writable.writes == [b"a", b"a", b"b"]


def test_an_error_of_the_destination_unpipes_it_and_leaves_the_source_alone(source, sink, record):
    readable, writable = source(), sink()
    failure = OSError("disk full")
    log = record(writable, "unpipe", "error", "close")

    def main():
        readable.pipe(writable)
        writable.destroy(failure)

    run(main)
    assert log == [("unpipe", readable), ("error", failure), "close"]
    assert readable.destroyed is False
    assert readable.is_paused() is True


def test_a_destination_that_closes_is_unpiped(source, record):
    class Told(Writable):
        def _emit_closed(self):
            self.emit("close", False)       # as a socket does

    readable, writable = source(), Told()
    log = record(writable, "unpipe", "close")

    def main():
        readable.pipe(writable)
        writable.destroy()

    run(main)
    assert log == [("unpipe", readable), ("close", False)]
    assert readable.event_names() == []


def test_an_error_of_a_piped_destination_is_unhandled_without_a_listener(source, sink):
    readable, writable = source(), sink()

    def main():
        readable.pipe(writable)
        writable.destroy(OSError("disk full"))

    with pytest.raises(OSError, match="disk full"):
        run(main)


def test_an_error_event_that_a_user_emits_destroys_the_piped_destination(source, sink):
    readable, writable = source(), sink()
    failures = []

    def main():
        readable.pipe(writable)
        writable.emit("error", OSError("by hand"))

    run(main, on_unhandled=failures.append)
    assert [str(failure) for failure in failures] == ["by hand"]
    assert writable.destroyed is True


def test_an_error_of_the_source_does_not_end_the_destination(source, sink, record):
    readable, writable = source(), sink()
    log = record(writable, "finish", "close", "error")
    readable.on("error", lambda error: None)

    def main():
        readable.pipe(writable)
        readable.destroy(OSError("no data"))

    run(main)
    assert log == []
    assert writable.writable is True


def test_a_source_that_has_ended_ends_the_destination(record):
    source = of(b"a")
    log = []

    def late():
        destination = collector([])
        record(destination, "finish", log=log)
        source.pipe(destination)

    source.on("end", lambda: set_immediate(late)).resume()
    run()
    assert log == ["finish"]


def test_a_data_listener_beside_a_pipe_hears_everything_too():
    got, heard = [], []
    source = of(b"a", b"b")
    source.pipe(collector(got))
    source.on("data", heard.append)
    run()
    assert got == heard == [b"a", b"b"]


def test_wrap_reads_an_old_emitter(record):
    from netloop.events import EventEmitter

    class Old(EventEmitter):
        paused = False

        def pause(self):
            self.paused = True

        def resume(self):
            self.paused = False

    old = Old()
    readable = Readable(high_water_mark=2)
    assert readable.wrap(old) is readable
    old.emit("data", b"ab")
    assert old.paused is True
    log = record(readable, "data", "end", "close")

    def main():
        set_immediate(later)

    def later():
        assert old.paused is False
        old.emit("data", b"c")
        old.emit("end")
        old.emit("close")

    run(main)
    assert log == [("data", b"ab"), ("data", b"c"), "end", "close"]


def test_wrap_passes_errors_on(record):
    from netloop.events import EventEmitter

    old, failure = EventEmitter(), OSError("old")
    readable = Readable().wrap(old)
    log = record(readable, "error", "close")
    old.emit("error", failure)
    run()
    assert log == [("error", failure), "close"]


def test_wrap_destroys_when_the_old_stream_closes_early(record):
    from netloop.events import EventEmitter

    old = EventEmitter()
    readable = Readable().wrap(old)
    log = record(readable, "end", "close")
    old.emit("close")
    run()
    assert log == ["close"]


def test_what_emits_no_events_is_no_destination():
    with pytest.raises(TypeError, match=r"destination.*writable stream.*list"):
        PassThrough().pipe([])


@pytest.mark.parametrize("raises", ["write", "end"])
def test_what_write_or_end_raises_is_an_error_of_the_destination(raises, record):
    class Strict(Writable):
        def write(self, *arguments):
            if raises == "write":
                raise ValueError("not this")
            return super().write(*arguments)

        def end(self, *arguments):
            if raises == "end":
                raise ValueError("not yet")
            return super().end(*arguments)

    destination = Strict(write=lambda stream, chunk, encoding, callback: callback(None))
    log = record(destination, "error", "unpipe", "close")
    source = of(b"a", b"b")
    source.pipe(destination)
    run()
    assert [entry[0] if isinstance(entry, tuple) else entry for entry in log] == ["unpipe", "error", "close"]
    assert destination.destroyed
    assert source.errored is None


def test_a_pipeline_fails_with_what_write_raises():
    class Strict(Writable):
        def write(self, *arguments):
            raise ValueError("not this")

    errors = []
    pipeline(of(b"a"), Strict(write=lambda *arguments: None), errors.append)
    run()
    assert [str(error) for error in errors] == ["not this"]
