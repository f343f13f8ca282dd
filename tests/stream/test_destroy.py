"""destroy(): the one way out; and construct, the way in."""

import gc
import weakref

import pytest

from netloop import run, set_immediate
from netloop.stream import Duplex, Readable, Writable


def any_stream(kind, **options):
    hooks = {}
    if kind is not Writable:
        hooks["read"] = lambda stream, size: None
    if kind is not Readable:
        hooks["write"] = lambda stream, chunk, encoding, callback: callback(None)
    return kind(**{**hooks, **options})


KINDS = pytest.mark.parametrize("kind", [Readable, Writable, Duplex])


@KINDS
def test_destroy_emits_close_on_the_next_tick_once(kind, record):
    stream = any_stream(kind)
    log = record(stream, "error", "close")

    def main():
        assert stream.destroy() is stream
        assert stream.destroyed is True
        assert stream.closed is False
        assert log == []
        assert stream.destroy() is stream
        set_immediate(stream.destroy)

    run(main)
    assert log == ["close"]
    assert stream.closed is True
    assert stream.errored is None


@KINDS
def test_destroy_with_an_error_emits_error_then_close(kind, record):
    failure = OSError("gone")
    stream = any_stream(kind)
    log = record(stream, "error", "close")

    def main():
        stream.destroy(failure)
        stream.destroy(OSError("ignored"))
        assert stream.errored is failure

    run(main)
    assert log == [("error", failure), "close"]


@KINDS
def test_close_comes_although_nobody_listens_to_error(kind, record):
    stream = any_stream(kind)
    log = record(stream, "close")
    failures = []
    stream.destroy(OSError("gone"))
    run(on_unhandled=failures.append)
    assert log == ["close"]
    assert [str(failure) for failure in failures] == ["gone"]


@KINDS
def test_close_comes_although_an_error_listener_raises(kind, record):
    stream = any_stream(kind)
    stream.on("error", lambda error: 1 / 0)
    log = record(stream, "close")
    failures = []
    stream.destroy(OSError("gone"))
    run(on_unhandled=failures.append)
    assert log == ["close"]
    assert [type(failure) for failure in failures] == [ZeroDivisionError]


@KINDS
def test_emit_close_off_closes_without_the_event(kind, record):
    stream = any_stream(kind, emit_close=False)
    log = record(stream, "close")
    stream.destroy()
    run()
    assert log == []
    assert stream.closed is True


@KINDS
def test_the_hook_may_take_its_time_and_change_the_error(kind, record):
    other = OSError("other")
    waiting = []
    stream = any_stream(kind, destroy=lambda stream, error, callback: waiting.append((error, callback)))
    log = record(stream, "error", "close")

    def main():
        stream.destroy(OSError("first"))
        set_immediate(later)

    def later():
        assert log == []
        (error, callback), = waiting
        assert str(error) == "first"
        callback(other)
        callback(None)

    run(main)
    assert log == [("error", other), "close"]


@KINDS
def test_a_hook_that_raises_is_the_error(kind, record):
    failure = OSError("cannot release")

    def destroy(stream, error, callback):
        raise failure

    stream = any_stream(kind, destroy=destroy)
    log = record(stream, "error", "close")
    stream.destroy()
    run()
    assert log == [("error", failure), "close"]


def test_callbacks_of_waiting_writes_get_the_reason_and_no_error_event_follows(sink, record, code):
    writable = sink()
    log = record(writable, "error", "close")

    def main():
        for name in "abc":
            writable.write(name, lambda error, name=name: log.append((name, code(error))))
        writable.destroy()
        writable.done()         # the sink had this one already, and says that it went well

    run(main)
    assert log == [("a", None), ("b", "ERR_STREAM_DESTROYED"), ("c", "ERR_STREAM_DESTROYED"), "close"]


def test_a_write_that_the_sink_never_answers_is_given_up_after_close(sink, record, code):
    writable = sink()
    log = record(writable, "close")

    def main():
        writable.write(b"a", lambda error: log.append(code(error)))
        writable.write(b"b", lambda error: log.append(code(error)))
        writable.destroy()
        set_immediate(lambda: writable.done())      # too late, and no error

    run(main)
    assert log == ["close", "ERR_STREAM_DESTROYED", "ERR_STREAM_DESTROYED"]
    assert writable.writable_length == 0


def test_waiting_writes_get_the_error_of_destroy(sink):
    writable, log, failure = sink(), [], OSError("gone")
    writable.on("error", lambda error: None)

    def main():
        writable.write(b"a")
        writable.write(b"b", log.append)
        writable.destroy(failure)

    run(main)
    assert log == [failure]


def test_a_write_after_destroy_tells_its_callback_alone(sink, record, code):
    writable = sink()
    log = record(writable, "error")

    def main():
        writable.destroy()
        assert writable.write(b"a", lambda error: log.append(code(error))) is False
        assert log == []

    run(main)
    assert log == ["ERR_STREAM_DESTROYED"]


def test_auto_destroy_off_tells_the_error_and_stays(record):
    failure = OSError("not now")
    stream = Writable(auto_destroy=False, write=lambda stream, chunk, encoding, callback: callback(failure))
    log = record(stream, "error", "close")
    stream.write(b"a", lambda error: log.append(error))
    stream.write(b"b", lambda error: log.append(error))
    run()
    assert log == [failure, failure, ("error", failure)]
    assert stream.destroyed is False
    assert stream.errored is failure
    assert stream.writable is False


def test_nothing_is_emitted_after_close(record):
    stream = any_stream(Duplex)
    log = []

    def main():
        record(stream, "data", "end", "pause", "resume", "drain", "finish", "error", "close", log=log)
        stream.destroy()
        set_immediate(later)

    def later():
        assert log == ["close"]
        stream.push(b"a")
        stream.push(None)
        stream.unshift(b"a")
        stream.resume()
        stream.pause()
        stream.write(b"a")
        stream.end()
        stream.read()
        stream.destroy(OSError("late"))

    run(main)
    assert log == ["close"]


def test_properties_tell_what_became_of_the_stream():
    stream = any_stream(Duplex)
    assert (stream.readable, stream.writable) == (True, True)
    assert (stream.readable_aborted, stream.writable_aborted) == (False, False)
    stream.destroy()
    assert (stream.readable, stream.writable) == (False, False)
    assert (stream.readable_aborted, stream.writable_aborted) == (True, True)


@KINDS
def test_a_closed_stream_is_freed_without_the_collector(kind):
    stream = kind()         # a hook given as a function would hold the stream: that cycle is known
    stream.destroy()
    gc.disable()
    try:
        run()
        gone = weakref.ref(stream)
        del stream
        assert gone() is None
    finally:
        gc.enable()


def test_a_coroutine_listener_that_fails_destroys_the_stream(record):
    failure = OSError("listener")
    stream = any_stream(Readable)

    async def fail(chunk):
        raise failure

    stream.on("data", fail)
    log = record(stream, "end", "error", "close")
    stream.push(b"a")
    run()
    assert log == [("error", failure), "close"]


def test_a_coroutine_listener_that_fails_after_the_stream_is_reported():
    stream = any_stream(Readable)
    failures = []

    async def fail():
        raise OSError("listener")

    stream.on("close", fail)
    stream.destroy()
    run(on_unhandled=failures.append)
    assert [str(failure) for failure in failures] == ["listener"]


@pytest.mark.parametrize("use", [
    lambda stream: stream.on("data", print), lambda stream: stream.write(b"a"), lambda stream: stream.end(),
    lambda stream: stream.push(b"a"), lambda stream: stream.read(), lambda stream: stream.pipe(stream),
    lambda stream: stream.readable_length, lambda stream: stream.writable])
def test_a_subclass_that_forgot_to_call_init_gets_an_error(use):
    class Forgetful(Duplex):
        def __init__(self):
            pass

    with pytest.raises(AttributeError):
        use(Forgetful())


# --- construct ----------------------------------------------------------------------------------------------

def test_writes_and_reads_wait_for_construct(record):
    log, waiting = [], []
    stream = Duplex(construct=lambda stream, callback: (log.append("construct"), waiting.append(callback)),
                    read=lambda stream, size: log.append("read"),
                    write=lambda stream, chunk, encoding, callback: (log.append("write"), callback(None)))
    record(stream, "finish", log=log)

    def main():
        stream.write(b"a")
        stream.end()
        stream.resume()
        set_immediate(later)

    def later():
        assert log == ["construct"]
        waiting[0](None)

    run(main)
    assert log == ["construct", "write", "read", "finish"]


@KINDS
def test_a_construct_that_fails_destroys_the_stream(kind, record):
    failure = OSError("cannot open")
    stream = any_stream(kind, construct=lambda stream, callback: callback(failure))
    log = record(stream, "error", "close")
    run()
    assert log == [("error", failure), "close"]


def test_a_construct_that_raises_destroys_the_stream(record):
    failure = OSError("cannot open")

    class Opening(Readable):
        def _construct(self, callback):
            raise failure

    stream = Opening()
    log = record(stream, "error", "close")
    run()
    assert log == [("error", failure), "close"]


def test_destroy_waits_for_construct(record):
    waiting = []
    log = []
    stream = Writable(construct=lambda stream, callback: waiting.append(callback),
                      destroy=lambda stream, error, callback: (log.append("destroy"), callback(error)))
    record(stream, "close", log=log)

    def main():
        stream.destroy()
        set_immediate(later)

    def later():
        assert log == []
        waiting[0](None)

    run(main)
    assert log == ["destroy", "close"]


def test_a_construct_that_calls_back_twice_fails(record, code):
    def construct(stream, callback):
        callback(None)
        callback(None)

    stream = Writable(construct=construct)
    log = record(stream, "error")
    run()
    assert [code(error) for _, error in log] == ["ERR_MULTIPLE_CALLBACK"]
