"""in_loop: coroutine tests that fail when they hang or leave something open."""

from __future__ import annotations

import asyncio

import pytest

from netloop import set_timeout
from netloop.events import EventEmitter
from netloop.loop import current
from netloop.stream import duplex_pair
from netloop.testing import Recorder, in_loop, settle
from netloop.testing import in_loop as in_loop_function


def test_the_test_runs_inside_the_loop_and_gets_its_arguments():
    seen = []

    @in_loop
    async def test_something(one, *, two):
        assert asyncio.get_running_loop() is current().asyncio_loop
        seen.append((one, two))

    assert test_something(1, two=2) is None
    assert seen == [(1, 2)]
    assert test_something.__name__ == "test_something"


@pytest.mark.parametrize("error", [ValueError("broken"), AssertionError("wrong"), KeyboardInterrupt()])
def test_what_the_test_raises_is_raised(error):
    @in_loop
    async def test_something():
        raise error

    with pytest.raises(type(error)) as caught:
        test_something()
    assert caught.value is error


def test_a_failed_expectation_of_the_test_runner_is_raised():
    @in_loop
    async def test_something():
        with pytest.raises(ValueError, match="never"):
            await settle()

    with pytest.raises(pytest.fail.Exception):
        test_something()


def test_an_error_that_nobody_handles_is_raised():
    @in_loop
    async def test_something():
        current().next_tick(EventEmitter().emit, ("error", ValueError("unheard")))
        await asyncio.get_running_loop().create_future()

    with pytest.raises(ValueError, match="unheard"):
        test_something()


def test_a_test_that_hangs_fails(monkeypatch):
    monkeypatch.setitem(in_loop_function.__globals__, "TIME_LIMIT_S", 0)

    @in_loop
    async def test_something():
        await asyncio.get_running_loop().create_future()

    with pytest.raises(TimeoutError):
        test_something()


def test_a_test_that_leaves_something_open_fails_and_says_what():
    @in_loop
    async def test_a_timer():
        set_timeout(print, 60_000)

    @in_loop
    async def test_a_task():
        current().spawn(forever())

    async def forever():
        await asyncio.get_running_loop().create_future()

    with pytest.raises(AssertionError, match=r"left open: .*print"):
        test_a_timer()
    with pytest.raises(AssertionError, match=r"left open: .*forever"):
        test_a_task()


@in_loop
async def test_a_recorder_writes_down_what_happens():
    a, b = duplex_pair()
    at_a, at_b = Recorder(a, read=False), Recorder(b)
    assert repr(at_b) == "<Recorder nothing yet, 0 read>"
    a.write(b"one")
    a.write(b"two")
    await at_b.received(6)
    assert at_a.events == []
    b.destroy(ValueError("broken"))
    await at_b.until("close")
    assert at_b.events == ["data", "error", "close"]
    assert str(at_b.error) == "broken"
    assert repr(at_b) == "<Recorder data error close, 6 read>"
    await at_b.until("data")
    a.destroy()
