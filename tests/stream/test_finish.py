"""end(): what is written still goes out, then `_final`, `finish`, `close`."""

import pytest

from netloop import run, set_immediate
from netloop.stream import Writable


def at_once(stream, chunk, encoding, callback):
    callback(None)


def test_end_writes_the_last_chunk_then_finishes_then_closes(record):
    got = []
    writable = Writable(write=lambda stream, chunk, encoding, callback: (got.append(chunk), callback(None)))
    log = record(writable, "prefinish", "finish", "close")

    def main():
        assert writable.end("é", "latin1", lambda error: log.append(("end", error))) is writable
        assert writable.writable_ended is True
        assert writable.writable is False
        assert writable.writable_finished is False
        assert log == ["prefinish"]

    run(main)
    assert got == [b"\xe9"]
    assert log == ["prefinish", ("end", None), "finish", "close"]
    assert writable.writable_finished is True
    assert writable.destroyed is True


def test_the_callback_of_end_may_be_its_only_argument():
    log = []
    writable = Writable(write=at_once)
    writable.end(log.append)
    run()
    assert log == [None]


def test_finish_waits_for_the_sink_and_follows_the_callbacks(sink, record):
    writable = sink()
    log = record(writable, "finish")

    def main():
        writable.write(b"a", lambda error: log.append("a"))
        writable.end(b"b", callback=lambda error: log.append("end"))
        writable.done()
        assert log == ["a"]
        writable.done()

    run(main)
    assert log == ["a", "end", "finish"]


def test_final_runs_once_after_the_last_write_and_before_finish(record):
    log = []
    waiting = []
    writable = Writable(write=lambda stream, chunk, encoding, callback: (log.append("write"), callback(None)),
                        final=lambda stream, callback: (log.append("final"), waiting.append(callback)))
    record(writable, "finish", "close", log=log)

    def main():
        writable.end(b"a")
        assert log == ["write", "final"]

        set_immediate(late)

    def late():
        assert log == ["write", "final"]
        waiting[0](None)

    run(main)
    assert log == ["write", "final", "finish", "close"]


def test_a_final_that_fails_goes_to_the_end_callback_then_error_then_close(record):
    failure = OSError("not flushed")
    writable = Writable(write=at_once, final=lambda stream, callback: callback(failure))
    log = record(writable, "finish", "error", "close")
    writable.end(b"a", callback=lambda error: log.append(error))
    run()
    assert log == [failure, ("error", failure), "close"]


def test_a_final_that_raises_fails(record):
    def final(stream, callback):
        raise OSError("not flushed")

    writable = Writable(write=at_once, final=final)
    log = record(writable, "finish", "error", "close")
    writable.end()
    run()
    assert [entry if isinstance(entry, str) else str(entry[1]) for entry in log] == ["not flushed", "close"]


def test_a_final_that_calls_back_twice_fails(record, code):
    def final(stream, callback):
        callback(None)
        callback(None)

    writable = Writable(write=at_once, final=final)
    log = record(writable, "finish", "error", "close")
    writable.end()
    run()
    assert [entry if isinstance(entry, str) else code(entry[1]) for entry in log] == [
        "ERR_MULTIPLE_CALLBACK", "close"]


def test_write_after_end_emits_error_then_close_and_no_finish(record, code):
    writable = Writable(write=at_once)
    log = record(writable, "finish", "error", "close")

    def main():
        writable.end(b"a")
        assert writable.write(b"b", lambda error: log.append(("callback", error))) is False
        assert log == []

    run(main)
    assert [entry if isinstance(entry, str) else (entry[0], code(entry[1])) for entry in log] == [
        ("callback", "ERR_STREAM_WRITE_AFTER_END"), ("error", "ERR_STREAM_WRITE_AFTER_END"), "close"]


@pytest.mark.parametrize("method", ["write", "end"])
def test_write_after_end_names_the_line_that_wrote(method):
    errors = []
    writable = Writable(write=at_once).on("error", errors.append).end(b"a")
    getattr(writable, method)(b"b")
    run()
    [note] = errors[0].__notes__
    assert note.startswith(f"{method}() was called at {__file__}:")


def test_end_again_without_data_is_allowed_and_its_callback_is_called(record):
    writable = Writable(write=at_once)
    log = record(writable, "finish", "error")
    writable.end(b"a", callback=lambda error: log.append(("first", error)))
    writable.end(lambda error: log.append(("second", error)))
    run()
    assert log == [("first", None), ("second", None), "finish"]


def test_end_again_with_data_fails_the_stream(record, code):
    writable = Writable(write=at_once)
    log = record(writable, "finish", "error", "close")
    writable.end(b"a")
    writable.end(b"b", callback=lambda error: log.append(("callback", error)))
    run()
    assert [entry if isinstance(entry, str) else (entry[0], code(entry[1])) for entry in log] == [
        ("callback", "ERR_STREAM_WRITE_AFTER_END"), ("error", "ERR_STREAM_WRITE_AFTER_END"), "close"]


@pytest.mark.parametrize("auto_destroy", [True, False])
def test_end_after_finish_tells_its_callback_alone(record, code, auto_destroy):
    writable = Writable(write=at_once, auto_destroy=auto_destroy)
    log = record(writable, "error")
    writable.end()
    run(lambda: set_immediate(lambda: writable.end(lambda error: log.append(code(error)))))
    assert log == ["ERR_STREAM_ALREADY_FINISHED"]


def test_end_after_destroy_tells_its_callback_alone(sink, record, code):
    writable = sink()
    log = record(writable, "error")
    writable.destroy()
    writable.end(lambda error: log.append(code(error)))
    run()
    assert log == ["ERR_STREAM_DESTROYED"]


def test_destroy_before_finish_gives_the_end_callback_the_error(sink, record, code):
    writable = sink()
    log = record(writable, "finish", "close")

    def main():
        writable.end(b"a", callback=lambda error: log.append(code(error)))
        writable.destroy()

    run(main)
    assert log == ["close", "ERR_STREAM_DESTROYED"]     # after close: the sink could have answered until then


def test_auto_destroy_off_leaves_the_stream_open_after_finish(record):
    writable = Writable(write=at_once, auto_destroy=False)
    log = record(writable, "finish", "close")
    writable.end()
    run()
    assert log == ["finish"]
    assert writable.destroyed is False


def test_a_finish_listener_that_raises_does_not_keep_close_away(record):
    writable = Writable(write=at_once)
    failures = []
    writable.on("finish", lambda: 1 / 0)
    log = record(writable, "close")
    writable.end()
    run(on_unhandled=failures.append)
    assert log == ["close"]
    assert len(failures) == 1


def test_end_of_a_stream_that_waits_for_drain_finishes(sink, record):
    writable = sink(high_water_mark=1)
    log = record(writable, "drain", "finish")

    def main():
        assert writable.write(b"a") is False
        writable.end()
        assert writable.writable_need_drain is False
        writable.done()

    run(main)
    assert log == ["finish"]
