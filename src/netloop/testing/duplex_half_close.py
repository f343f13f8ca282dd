"""The stream contract: one direction ends, the other goes on.  For pairs made with ``allow_half_open``."""

from __future__ import annotations

from typing import Any

from .in_loop import settle
from .pattern import pattern
from .recorder import Recorder


async def the_other_direction_goes_on_after_end(a: Any, b: Any) -> None:
    at_a, at_b = Recorder(a), Recorder(b)
    a.end(b"question")
    await at_b.until("end")
    assert b.writable
    b.write(b"long ")
    await at_a.received(5)
    b.end(b"answer")
    await at_a.until("close")
    await at_b.until("close")
    assert at_a.data == b"long answer"
    assert at_b.data == b"question"


async def much_data_flows_after_the_other_direction_ended(a: Any, b: Any) -> None:
    data, at_a = pattern(1_000_000), Recorder(a)
    b.resume()
    a.end()
    await at_a.until("finish")
    b.end(data)
    await at_a.until("close")
    assert at_a.data == data


async def both_may_end_at_once(a: Any, b: Any) -> None:
    at_a, at_b = Recorder(a), Recorder(b)
    a.end(b"from a")
    b.end(b"from b")
    await at_a.until("close")
    await at_b.until("close")
    assert (at_a.data, at_b.data) == (b"from b", b"from a")


async def a_half_closed_stream_stays_open(a: Any, b: Any) -> None:
    at_a, at_b = Recorder(a), Recorder(b)
    a.end()
    await at_b.until("end")
    await settle()
    assert "close" not in at_a.events + at_b.events
    assert not a.destroyed
    assert not b.destroyed


async def a_half_closed_stream_can_be_destroyed(a: Any, b: Any) -> None:
    at_a, at_b = Recorder(a), Recorder(b)
    a.end()
    await at_b.until("end")
    b.destroy()
    await at_b.until("close")
    await at_a.until("close")
    assert at_b.error is None
