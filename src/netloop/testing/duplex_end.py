"""The stream contract: how a stream ends, and how it is destroyed."""

from __future__ import annotations

from typing import Any

from .in_loop import settle
from .pattern import pattern
from .recorder import Recorder

OVER = {"end", "error", "close"}
Calls = list[Exception | None]     # what callbacks were called with


# --- the end ------------------------------------------------------------------------------------------------

async def end_comes_after_the_last_data(a: Any, b: Any) -> None:
    at_a, at_b = Recorder(a), Recorder(b)
    a.write(b"one ")
    a.end(b"two")
    b.end()
    await at_a.until("close")
    await at_b.until("close")
    assert at_b.data == b"one two"
    assert [event for event in at_b.events if event in ("data", "end")] == ["data", "end"]
    for record in (at_a, at_b):
        assert record.error is None
        assert record.events[-1] == "close"
        assert len(set(record.events)) == len(record.events)
        assert {"end", "finish"} < set(record.events)


async def the_properties_tell_how_far_the_end_is(a: Any, b: Any) -> None:
    at_a, at_b = Recorder(a), Recorder(b)
    assert a.readable
    assert a.writable
    a.end(b"last")
    assert not a.writable
    assert a.writable_ended
    await at_a.until("finish")
    assert a.writable_finished
    await at_b.until("end")
    assert b.readable_ended
    assert not b.readable
    b.end()
    await at_a.until("close")
    await at_b.until("close")
    for stream in (a, b):
        assert stream.destroyed
        assert stream.closed
        assert stream.errored is None
        assert not stream.readable_aborted
        assert not stream.writable_aborted


async def end_does_not_come_before_the_data_was_consumed(a: Any, b: Any) -> None:
    at_b = Recorder(b, read=False)
    a.end(b"unread")
    await settle()
    assert at_b.events == []
    b.resume()
    await at_b.until("end")


async def ending_twice_calls_back_twice(a: Any, b: Any) -> None:
    """The second callback tells that the stream was finished already."""
    at_a, called = Recorder(a), Calls()
    Recorder(b)
    a.end(b"x", called.append)
    await at_a.until("finish")
    a.end(called.append)
    await settle()
    assert called[0] is None
    assert [getattr(error, "code", None) for error in called[1:]] == ["ERR_STREAM_ALREADY_FINISHED"]


async def a_write_after_end_is_an_error(a: Any, b: Any) -> None:
    at_a, called = Recorder(a), Calls()
    Recorder(b)
    a.end()
    assert a.write(b"late", called.append) is False
    assert at_a.events == []
    await at_a.until("close")
    assert at_a.events[-2:] == ["error", "close"]
    assert getattr(at_a.error, "code", None) == "ERR_STREAM_WRITE_AFTER_END"
    assert called == [at_a.error]


# --- destroy ------------------------------------------------------------------------------------------------

async def destroy_closes_later_and_once(a: Any, b: Any) -> None:
    at_a = Recorder(a)
    Recorder(b)
    assert a.destroy() is a
    assert a.destroyed
    assert a.destroy() is a
    assert at_a.events == []
    await at_a.until("close")
    await settle()
    assert at_a.events == ["close"]
    assert a.closed


async def destroy_with_an_error_emits_it_before_close(a: Any, b: Any) -> None:
    at_a, error = Recorder(a), ValueError("enough")
    Recorder(b)
    a.destroy(error)
    a.destroy(ValueError("too late"))
    await at_a.until("close")
    await settle()
    assert at_a.events == ["error", "close"]
    assert at_a.error is error
    assert a.errored is error


async def the_peer_hears_of_a_destroy(a: Any, b: Any) -> None:
    """As an end or as an error, depending on what lies below; it closes when it has no more to say."""
    at_b = Recorder(b)
    a.destroy()
    while not OVER & set(at_b.events):
        await settle()
    b.end()
    await at_b.until("close")


async def destroy_answers_every_write(a: Any, b: Any) -> None:
    """Those in flight and those behind it, and a pending end(); each once."""
    done, given_up, count = Calls(), Calls(), 1
    Recorder(a, read=False)
    Recorder(b, read=False)
    while a.write(pattern(64 * 1024), done.append):
        count += 1
        await settle()
    a.write(b"behind", given_up.append)
    a.end(given_up.append)
    a.destroy()
    while len(done) < count or len(given_up) < 2:
        await settle()
    await settle()
    assert len(done) == count
    assert len(given_up) == 2
    assert None not in given_up


async def a_write_after_destroy_fails_quietly(a: Any, b: Any) -> None:
    at_a, called = Recorder(a), Calls()
    Recorder(b)
    a.destroy()
    assert a.write(b"late", called.append) is False
    await at_a.until("close")
    await settle()
    assert at_a.events == ["close"]
    assert [getattr(error, "code", None) for error in called] == ["ERR_STREAM_DESTROYED"]


async def writing_to_a_peer_that_is_gone_fails(a: Any, b: Any) -> None:
    """Perhaps not the first write, which nobody refused yet; then the stream fails, and closes."""
    at_b, called = Recorder(b), Calls()
    a.destroy()
    while "close" not in at_b.events:
        b.write(pattern(1024), called.append)
        await settle()
    await settle()
    assert at_b.events[-1] == "close"
    assert at_b.events.count("error") <= 1
    assert any(error is not None for error in called)
