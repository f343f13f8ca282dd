"""write(): what it answers, what the sink gets and when, what the callbacks hear."""

import pytest

from netloop import next_tick, run
from netloop.errors import NetloopError
from netloop.stream import Writable


def test_a_sink_that_is_done_at_once_takes_more_than_the_mark_and_still_wants_more():
    writable = Writable(high_water_mark=10, write=lambda stream, chunk, encoding, callback: callback(None))
    assert writable.write(b"x" * 50) is True
    assert writable.writable_length == 0
    run()


def test_a_busy_sink_makes_write_return_false_at_the_mark(sink):
    writable = sink(high_water_mark=10)
    assert writable.write(b"x" * 9) is True
    assert writable.writable_need_drain is False
    assert writable.write(b"x") is False
    assert writable.writable_length == 10
    assert writable.writable_need_drain is True


def test_drain_comes_once_when_everything_is_gone_and_not_before(sink, record):
    writable = sink(high_water_mark=3)
    log = record(writable, "drain")

    def main():
        writable.write(b"abc")
        writable.write(b"d")
        writable.done()
        assert log == []
        assert writable.writable_length == 1
        writable.done()

    run(main)
    assert log == ["drain"]


def test_without_a_false_no_drain_follows(sink, record):
    writable = sink(high_water_mark=100)
    log = record(writable, "drain")

    def main():
        writable.write(b"abc")
        writable.done()

    run(main)
    assert log == []


def test_no_drain_after_end(sink, record):
    writable = sink(high_water_mark=1)
    log = record(writable, "drain", "finish")

    def main():
        writable.write(b"abc")
        writable.end()
        writable.done()

    run(main)
    assert log == ["finish"]


def test_a_mark_of_zero_asks_to_wait_after_each_write_that_is_not_done_at_once(sink, record):
    writable = Writable(high_water_mark=0, write=lambda stream, chunk, encoding, callback: callback(None))
    assert writable.write(b"a") is True
    writable = sink(high_water_mark=0)
    log = record(writable, "drain")
    assert writable.write(b"a") is False
    run(writable.done)
    assert log == ["drain"]


def test_only_one_write_is_in_flight(sink):
    writable = sink()
    for chunk in (b"a", b"b", b"c"):
        writable.write(chunk)
    assert writable.writes == [b"a"]
    writable.done()
    assert writable.writes == [b"a", b"b"]
    writable.done()
    assert writable.writes == [b"a", b"b", b"c"]


def test_what_waited_goes_out_with_one_writev(batch_sink):
    writable = batch_sink()
    for chunk in (b"a", b"b", b"c"):
        writable.write(chunk)
    writable.done()
    assert writable.writes == [b"a", [b"b", b"c"]]
    assert writable.writable_length == 2
    writable.done()
    assert writable.writable_length == 0


def test_a_single_chunk_that_waited_goes_out_with_write(batch_sink):
    writable = batch_sink()
    writable.write(b"a")
    writable.write(b"b")
    writable.done()
    assert writable.writes == [b"a", b"b"]


def test_callbacks_are_called_in_order_one_per_chunk(batch_sink):
    writable = batch_sink()
    log = []

    def main():
        writable.write(b"a", lambda error: log.append(("a", error)))
        writable.write(b"b")
        writable.write(b"c", callback=lambda error: log.append(("c", error)))
        writable.write("d", "utf8", lambda error: log.append(("d", error)))
        writable.done()
        assert log == [("a", None)]
        writable.done()

    run(main)
    assert log == [("a", None), ("c", None), ("d", None)]


def test_the_callback_of_a_sink_that_is_done_at_once_comes_after_write_returned():
    writable = Writable(write=lambda stream, chunk, encoding, callback: callback(None))
    log = []

    def main():
        writable.write(b"a", lambda error: log.append("callback"))
        log.append("returned")

    run(main)
    assert log == ["returned", "callback"]


def test_a_callback_never_overtakes_that_of_an_earlier_chunk():
    callbacks, log = [], []

    def write(stream, chunk, encoding, callback):
        if chunk == b"at once":
            callback(None)
        else:
            callbacks.append(callback)

    writable = Writable(write=write)

    def main():
        writable.write(b"at once", lambda error: log.append("first"))
        writable.write(b"later", lambda error: log.append("second"))
        callbacks[0](None)
        assert log == []        # the first one's callback is due on a tick, and goes before

    run(main)
    assert log == ["first", "second"]


def test_nor_does_that_of_a_later_chunk_which_is_done_at_once():
    callbacks, log = [], []

    def write(stream, chunk, encoding, callback):
        if chunk == b"at once":
            callback(None)
        else:
            callbacks.append(callback)

    writable = Writable(write=write)

    def main():
        writable.write(b"later", lambda error: log.append("first"))
        writable.write(b"at once", lambda error: log.append("second"))
        writable.write(b"at once", lambda error: log.append("third"))
        callbacks[0](None)
        assert log == ["first"]

    run(main)
    assert log == ["first", "second", "third"]


def test_a_chunk_that_is_written_after_the_sink_called_back_inside_write_keeps_its_place():
    got = []

    def write(stream, chunk, encoding, callback):
        got.append(chunk)
        callback(None)
        if chunk == b"b":
            stream.write(b"d")

    writable = Writable(write=write)
    writable.cork()
    for chunk in (b"a", b"b", b"c"):
        writable.write(chunk)
    writable.uncork()
    assert got == [b"a", b"b", b"c", b"d"]


def test_cork_holds_writes_until_the_last_uncork(batch_sink):
    writable = batch_sink()
    writable.cork()
    writable.cork()
    writable.write(b"a")
    writable.write(b"b")
    writable.uncork()
    assert writable.writes == []
    assert writable.writable_corked == 1
    writable.uncork()
    assert writable.writes == [[b"a", b"b"]]
    writable.uncork()
    assert writable.writable_corked == 0


def test_end_uncorks(batch_sink):
    writable = batch_sink()
    writable.cork()
    writable.cork()
    writable.write(b"a")
    writable.end(b"b")
    assert writable.writes == [[b"a", b"b"]]


@pytest.mark.parametrize("chunk", [b"abc", bytearray(b"abc"), memoryview(b"abc"), "abc"])
def test_every_kind_of_data_reaches_the_sink_as_bytes(chunk):
    got = []
    writable = Writable(write=lambda stream, chunk, encoding, callback: got.append((chunk, encoding)))
    writable.write(chunk)
    assert got == [(b"abc", "buffer")]
    assert type(got[0][0]) is bytes


def test_a_bytearray_that_waits_may_be_changed_by_its_owner(sink):
    writable = sink()
    owned = bytearray(b"abc")
    writable.write(b"first")
    writable.write(owned)
    owned[:] = b"xyz"
    writable.done()
    assert writable.writes == [b"first", b"abc"]


def test_str_is_encoded_as_said_or_by_default():
    got = []
    writable = Writable(default_encoding="latin1", write=lambda stream, chunk, encoding, callback: (
        got.append(chunk), callback(None)))
    writable.write("é")
    writable.write("é", "utf8")
    writable.write("00ff", "hex")
    writable.set_default_encoding("utf16le")
    writable.write("é")
    assert got == [b"\xe9", b"\xc3\xa9", b"\x00\xff", b"\xe9\x00"]


def test_decode_strings_off_gives_the_sink_str_and_its_encoding():
    got = []
    writable = Writable(decode_strings=False, write=lambda stream, chunk, encoding, callback: (
        got.append((chunk, encoding)), callback(None)))
    writable.write("é")
    writable.write("c3a9", "hex")
    writable.write(b"bytes")
    assert got == [("é", "utf8"), ("c3a9", "hex"), (b"bytes", "buffer")]


def test_object_mode_takes_any_object_and_counts_them(sink):
    writable = sink(object_mode=True, high_water_mark=2)
    assert writable.write({"a": 1}) is True
    assert writable.write(0) is False
    assert writable.writable_length == 2
    assert writable.writable_object_mode is True
    writable.done()
    assert writable.writes == [{"a": 1}, 0]


def test_none_is_refused_at_once(code, sink):
    for writable in (sink(), sink(object_mode=True)):
        with pytest.raises(TypeError) as caught:
            writable.write(None)
        assert code(caught.value) == "ERR_STREAM_NULL_VALUES"
        assert writable.destroyed is False


def test_what_is_no_data_is_refused_at_once(code, sink):
    with pytest.raises(TypeError) as caught:
        sink().write(42)
    assert code(caught.value) == "ERR_INVALID_ARG_TYPE"


def test_an_unknown_encoding_is_refused_at_once(code, sink):
    for writable in (sink(), sink(decode_strings=False)):
        with pytest.raises(ValueError) as caught:
            writable.write("a", "klingon")
        assert code(caught.value) == "ERR_UNKNOWN_ENCODING"
    with pytest.raises(ValueError):
        sink(default_encoding="klingon")
    with pytest.raises(ValueError):
        sink().set_default_encoding("klingon")


def test_an_empty_chunk_reaches_the_sink_and_its_callback_is_called(sink):
    writable = sink()
    log = []

    def main():
        assert writable.write(b"", lambda error: log.append(error)) is True
        writable.done()

    run(main)
    assert writable.writes == [b""]
    assert log == [None]


def test_a_failed_write_goes_to_its_callback_and_those_behind_it_then_error_then_close(sink, record, code):
    writable = sink()
    log = record(writable, "error", "close")

    def main():
        for name in "ab":
            writable.write(name, lambda error, name=name: log.append((name, error)))
        writable.done(OSError("disk full"))

    run(main)
    assert [entry if isinstance(entry, str) else (entry[0], str(entry[1])) for entry in log] == [
        ("a", "disk full"), ("b", "disk full"), ("error", "disk full"), "close"]


def test_a_write_that_fails_inside_write_is_told_after_write_returned(record):
    failure = OSError("disk full")
    writable = Writable(write=lambda stream, chunk, encoding, callback: callback(failure))
    log = record(writable, "error", "close")

    def main():
        assert writable.write(b"a", lambda error: log.append("callback")) is False
        log.append("returned")

    run(main)
    assert log == ["returned", "callback", ("error", failure), "close"]


def test_a_hook_that_raises_fails_its_write(record):
    failure = OSError("disk full")

    def write(stream, chunk, encoding, callback):
        raise failure

    writable = Writable(write=write)
    log = record(writable, "error", "close")
    writable.write(b"a", lambda error: log.append(error))
    run()
    assert log == [failure, ("error", failure), "close"]


def test_a_sink_that_calls_back_twice_fails_the_stream(record, code):
    callbacks = []
    writable = Writable(write=lambda stream, chunk, encoding, callback: callbacks.append(callback))
    log = record(writable, "error")

    def main():
        writable.write(b"a")
        callbacks[0](None)
        callbacks[0](None)

    run(main)
    assert [code(error) for _, error in log] == ["ERR_MULTIPLE_CALLBACK"]


def test_a_drain_listener_that_raises_does_not_keep_callbacks_and_finish_away(sink, record):
    writable = sink(high_water_mark=1)
    log = record(writable, "finish")
    failures = []

    def main():
        writable.on("drain", lambda: 1 / 0)
        writable.write(b"a", lambda error: (log.append("callback"), next_tick(writable.end)))
        next_tick(writable.done)

    run(main, on_unhandled=failures.append)
    assert log == ["callback", "finish"]
    assert [type(failure) for failure in failures] == [ZeroDivisionError]


def test_a_callback_that_raises_does_not_keep_the_others_away(batch_sink):
    writable = batch_sink()
    log, failures = [], []

    def main():
        writable.cork()
        writable.write(b"a", lambda error: 1 / 0)
        writable.write(b"b", log.append)
        writable.uncork()
        next_tick(writable.done)

    run(main, on_unhandled=failures.append)
    assert log == [None]
    assert len(failures) == 1


def test_a_stream_without_the_hook_fails_with_the_method_s_name(record, code):
    writable = Writable()
    log = record(writable, "error")
    writable.write(b"a")
    run()
    assert [code(error) for _, error in log] == ["ERR_METHOD_NOT_IMPLEMENTED"]


def test_hooks_given_as_functions_get_the_stream_first():
    log = []
    writable = Writable(
        write=lambda stream, chunk, encoding, callback: (log.append((stream, "write")), callback(None)),
        writev=lambda stream, chunks, callback: (log.append((stream, "writev")), callback(None)),
        final=lambda stream, callback: (log.append((stream, "final")), callback(None)),
        destroy=lambda stream, error, callback: (log.append((stream, "destroy")), callback(error)),
        construct=lambda stream, callback: (log.append((stream, "construct")), callback(None)))
    writable.write(b"a")
    writable.write(b"b")
    writable.end()
    run()
    assert log == [(writable, hook) for hook in ("construct", "writev", "final", "destroy")]


def test_unknown_options_and_hooks_that_are_no_functions_are_type_errors():
    with pytest.raises(TypeError):
        Writable(highWaterMark=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Writable(write=5)  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        Writable(high_water_mark=-1)
    with pytest.raises(NetloopError):
        Writable(high_water_mark="many")  # type: ignore[arg-type]
