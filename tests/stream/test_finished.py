"""finished() tells once that a stream is over, and how."""

from __future__ import annotations

import asyncio

import pytest

from netloop.errors import AbortError, ArgumentTypeError, StateError
from netloop.events import AbortController
from netloop.stream import Duplex, PassThrough, Readable, Writable, finished
from netloop.testing import in_loop, settle


def a_source(*chunks, **options):
    """A Readable that has these chunks and no more."""
    readable = Readable(read=lambda stream, size: None, **options)
    for chunk in chunks:
        readable.push(chunk)
    return readable


def a_sink(**options):
    return Writable(write=lambda stream, chunk, encoding, callback: callback(None), **options)


def a_duplex(**options):
    return Duplex(read=lambda stream, size: None,
                  write=lambda stream, chunk, encoding, callback: callback(None), **options)


def heard(stream, **options):
    """What finished() calls back with, as it comes."""
    calls = []
    finished(stream, calls.append, **options)
    return calls


# --- how a stream ends --------------------------------------------------------------------------------------

@in_loop
async def test_a_readable_is_over_when_it_ended_and_closed():
    stream = a_source(b"x", None)
    calls = heard(stream)
    await settle()
    assert calls == []
    stream.resume()
    await settle()
    assert calls == [None]
    assert stream.closed


@in_loop
async def test_a_writable_is_over_when_it_finished_and_closed():
    stream = a_sink()
    calls = heard(stream)
    stream.end(b"x")
    await settle()
    assert calls == [None]
    assert stream.closed


@in_loop
async def test_a_duplex_is_over_when_both_halves_are():
    stream = a_duplex()
    calls = heard(stream)
    stream.resume()
    stream.end()
    await settle()
    assert calls == []
    stream.push(None)
    await settle()
    assert calls == [None]


@in_loop
async def test_a_half_that_does_not_count_is_not_waited_for():
    writing = a_duplex()
    calls = heard(writing, readable=False)
    writing.end()
    await settle()
    assert calls == [None]
    assert not writing.destroyed

    reading = a_duplex()
    calls = heard(reading, writable=False)
    reading.resume()
    reading.push(None)
    await settle()
    assert calls == [None]
    assert not reading.destroyed
    for stream in (writing, reading):
        stream.destroy()


@in_loop
async def test_a_duplex_without_a_half_has_no_such_half_to_wait_for():
    stream = a_duplex(readable=False)
    calls = heard(stream)
    stream.end()
    await settle()
    assert calls == [None]


@pytest.mark.parametrize("option", ["auto_destroy", "emit_close"])
@in_loop
async def test_a_stream_that_does_not_close_is_over_when_it_finished(option):
    stream = a_sink(**{option: False})
    calls = heard(stream)
    stream.end()
    await settle()
    assert calls == [None]


@in_loop
async def test_the_error_of_the_stream_is_told_once():
    stream, error = a_source(), ValueError("broken")
    calls = heard(stream)
    stream.destroy(error)
    await settle()
    assert calls == [error]


@in_loop
async def test_a_close_before_the_end_is_an_error():
    for stream in (a_source(b"x"), a_sink(), a_duplex()):
        calls = heard(stream)
        stream.destroy()
        await settle()
        assert [error.code for error in calls] == ["ERR_STREAM_PREMATURE_CLOSE"]
        assert isinstance(calls[0], StateError)


@in_loop
async def test_without_error_the_event_is_left_to_others_and_close_tells():
    stream, error, others = a_source(), ValueError("broken"), []
    calls = heard(stream, error=False)
    assert stream.listener_count("error") == 0
    stream.on("error", others.append)
    stream.destroy(error)
    await settle()
    assert others == [error]
    assert calls == [error]


# --- a stream that is over already --------------------------------------------------------------------------

@in_loop
async def test_a_stream_that_was_over_before_is_told_of_later():
    ended = a_source(None)
    ended.resume()
    finished_before = a_sink(auto_destroy=False)
    finished_before.end()
    await settle()
    for stream in (ended, finished_before):
        calls = heard(stream)
        assert calls == []
        await settle()
        assert calls == [None]


@in_loop
async def test_a_stream_that_was_destroyed_before_is_a_premature_close():
    stream = a_source(b"x")
    stream.destroy()
    calls = heard(stream)
    await settle()
    assert [error.code for error in calls] == ["ERR_STREAM_PREMATURE_CLOSE"]
    calls = heard(stream)
    await settle()
    assert [error.code for error in calls] == ["ERR_STREAM_PREMATURE_CLOSE"]


@pytest.mark.parametrize("auto_destroy", [True, False])
@in_loop
async def test_a_stream_that_failed_before_tells_its_error(auto_destroy):
    error = ValueError("broken")
    stream = a_sink(auto_destroy=auto_destroy, final=lambda stream, callback: callback(error))
    stream.on("error", lambda error: None)
    stream.end()
    await settle()
    assert stream.errored is error
    calls = heard(stream)
    await settle()
    assert calls == [error]


# --- listeners ----------------------------------------------------------------------------------------------

@in_loop
async def test_listeners_stay_until_the_returned_function_is_called():
    stream = a_source(None)
    stream.resume()
    cleanup = finished(stream, lambda error: None)
    await settle()
    assert set(stream.event_names()) == {"end", "error", "close"}
    cleanup()
    assert stream.event_names() == []


@in_loop
async def test_after_cleanup_nothing_is_told():
    stream = a_source(None)
    stream.resume()
    calls = []
    finished(stream, calls.append)()
    await settle()
    assert stream.closed
    assert calls == []


@in_loop
async def test_the_option_cleanup_removes_the_listeners_before_it_tells():
    stream, names = a_source(None), []
    stream.resume()
    finished(stream, lambda error: names.append(stream.event_names()), cleanup=True)
    await settle()
    assert names == [[]]


# --- signal -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("when", ["before", "after"])
@in_loop
async def test_a_signal_aborts_the_wait_and_not_the_stream(when):
    controller, stream = AbortController(), a_source()
    if when == "before":
        controller.abort("enough")
    calls = heard(stream, signal=controller.signal)
    assert calls == []
    controller.abort("enough")
    await settle()
    assert [(type(error), error.cause) for error in calls] == [(AbortError, "enough")]
    assert not stream.destroyed
    assert stream.event_names() == []
    stream.destroy()


@in_loop
async def test_a_signal_that_aborts_later_finds_nobody():
    controller, stream = AbortController(), a_source(None)
    stream.resume()
    calls = heard(stream, signal=controller.signal)
    await settle()
    controller.abort()
    await settle()
    assert calls == [None]


# --- awaited ------------------------------------------------------------------------------------------------

@in_loop
async def test_without_callback_it_is_awaited():
    stream = a_source(None)
    stream.resume()
    await finished(stream)
    assert stream.closed


@in_loop
async def test_the_wait_has_begun_when_it_is_awaited_later():
    stream, error = a_source(), ValueError("broken")
    waiting = finished(stream)
    stream.destroy(error)
    await settle()
    with pytest.raises(ValueError, match="broken"):
        await waiting


@in_loop
async def test_a_cancelled_wait_leaves_no_listener():
    stream = a_source()
    waiting = asyncio.ensure_future(finished(stream))
    await settle()
    assert stream.listener_count("close") == 1
    waiting.cancel()
    await settle()
    assert stream.event_names() == []
    assert not stream.destroyed
    stream.destroy()


@in_loop
async def test_awaiting_with_cleanup_leaves_no_listener():
    stream = a_source(None)
    stream.resume()
    await finished(stream, cleanup=True)
    assert stream.event_names() == []


@pytest.mark.parametrize("arguments", [(None,), ({},), (PassThrough, None)], ids=repr)
def test_what_is_no_stream_is_refused(arguments):
    with pytest.raises(ArgumentTypeError):
        finished(*arguments)


def test_a_callback_must_be_callable():
    with pytest.raises(ArgumentTypeError):
        finished(PassThrough(), 5)
