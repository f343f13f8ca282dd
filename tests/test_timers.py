"""Timers: what Node's documentation of them says, and where netloop is stricter."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from netloop import (
    clear_immediate,
    clear_interval,
    clear_timeout,
    next_tick,
    run,
    set_immediate,
    set_interval,
    set_timeout,
)

LONGEST_MS = 2**31 - 1
STARTERS = pytest.mark.parametrize("start", [set_timeout, set_interval], ids=["timeout", "interval"])


@pytest.fixture
def log() -> list[Any]:
    return []


def wait(milliseconds: float) -> None:
    """Keep the loop busy: what is due by then is due at once."""
    end = time.monotonic() + milliseconds / 1000
    while time.monotonic() <= end:
        pass


async def future() -> asyncio.Future[Any]:
    return asyncio.get_running_loop().create_future()


# --- set_timeout ---

def test_a_timeout_calls_once_with_its_arguments(log: list[Any]) -> None:
    set_timeout(lambda *arguments: log.append(arguments), 1, "one", 2)
    run()
    assert log == [("one", 2)]


def test_a_timeout_is_not_called_before_its_time() -> None:
    started = time.monotonic()
    called = run(wait_for_timeout)
    assert called - started >= 0.005


async def wait_for_timeout() -> float:
    over = await future()
    set_timeout(lambda: over.set_result(time.monotonic()), 5)
    return await over  # type: ignore[no-any-return]


def test_without_a_delay_it_is_one_millisecond() -> None:
    timer = set_timeout(print)
    assert timer.duration == 1
    timer.close()


def test_timers_are_called_in_the_order_of_their_times_and_then_of_their_start(log: list[Any]) -> None:
    def main() -> None:
        set_timeout(log.append, 3, "third")
        set_timeout(log.append, 1, "first")
        set_timeout(log.append, 1, "second")
        wait(4)

    run(main)
    assert log == ["first", "second", "third"]


def test_a_coroutine_function_is_started_as_a_task(log: list[Any]) -> None:
    async def called(value: str) -> None:
        await asyncio.sleep(0)
        log.append(value)

    set_timeout(called, 1, "timeout")
    run()
    assert log == ["timeout"]


async def test_timers_work_in_every_loop(log: list[Any]) -> None:
    over = await future()
    set_timeout(over.set_result, 2, None)
    set_timeout(log.append, 1, "timeout")
    set_immediate(log.append, "immediate")
    await over
    assert sorted(log) == ["immediate", "timeout"]


async def test_what_a_callback_raises_goes_to_the_loop_and_later_timers_run(log: list[Any],
                                                                           unhandled: list[Any]) -> None:
    over = await future()
    set_timeout(int, 1, "no number")
    set_timeout(log.append, 1, "next")
    set_timeout(over.set_result, 2, None)
    await over
    assert log == ["next"]
    assert [type(error) for error in unhandled] == [ValueError]


async def test_an_interval_whose_callback_raises_goes_on(unhandled: list[Any]) -> None:
    over = await future()

    def fail() -> None:
        if unhandled:
            timer.close()
            over.set_result(None)
        raise ValueError("broken")

    timer = set_interval(fail, 1)
    await over
    await asyncio.sleep(0)
    assert len(unhandled) == 2


# --- set_interval ---

def test_an_interval_calls_again_and_again_with_its_arguments(log: list[Any]) -> None:
    def called(value: str) -> None:
        log.append(value)
        if len(log) == 3:
            clear_interval(timer)

    timer = set_interval(called, 1, "tick")
    run()
    assert log == ["tick"] * 3


def test_an_interval_that_was_late_does_not_catch_up(log: list[Any]) -> None:
    def called() -> None:
        log.append("interval")
        if len(log) == 1:
            wait(5)                         # several intervals pass
            next_tick(log.append, "tick")
            set_immediate(log.append, "immediate")
        else:
            timer.close()

    timer = set_interval(called, 1)
    run()
    assert log[:3] == ["interval", "tick", "immediate"]
    assert log[3:] == ["interval"]


# --- set_immediate ---

def test_an_immediate_calls_once_with_its_arguments(log: list[Any]) -> None:
    set_immediate(lambda *arguments: log.append(arguments), "one", 2)
    run()
    assert log == [("one", 2)]


def test_immediates_are_called_in_the_order_in_which_they_were_set(log: list[Any]) -> None:
    for number in range(3):
        set_immediate(log.append, number)
    run()
    assert log == [0, 1, 2]


def test_a_coroutine_function_of_an_immediate_is_started_as_a_task(log: list[Any]) -> None:
    async def called(value: str) -> None:
        await asyncio.sleep(0)
        log.append(value)

    set_immediate(called, "immediate")
    run()
    assert log == ["immediate"]


def test_an_immediate_that_is_cleared_is_not_called(log: list[Any]) -> None:
    immediate = set_immediate(log.append, "never")
    clear_immediate(immediate)
    clear_immediate(immediate)
    run()
    assert log == []


def test_an_immediate_can_be_cleared_by_one_of_the_same_turn(log: list[Any]) -> None:
    set_immediate(lambda: clear_immediate(second))
    second = set_immediate(log.append, "never")
    run()
    assert log == []


def test_an_immediate_knows_whether_it_keeps_the_loop_alive() -> None:
    immediate = set_immediate(print)
    assert immediate.has_ref()
    assert immediate.unref() is immediate
    assert not immediate.has_ref()
    assert immediate.ref() is immediate
    assert immediate.has_ref()
    immediate.close()


# --- clearing ---

@STARTERS
@pytest.mark.parametrize("clear", [clear_timeout, clear_interval, lambda timer: timer.close()],
                         ids=["clear_timeout", "clear_interval", "close"])
def test_a_timer_that_is_cleared_is_not_called(start: Any, clear: Callable[[Any], object], log: list[Any]) -> None:
    timer = start(log.append, 1, "never")
    clear(timer)
    clear(timer)
    assert not timer.active
    run()
    assert log == []


def test_close_returns_the_timer() -> None:
    timer = set_timeout(print, 1)
    assert timer.close() is timer


@pytest.mark.parametrize("clear", [clear_timeout, clear_interval, clear_immediate])
def test_clearing_none_does_nothing(clear: Callable[[Any], object]) -> None:
    clear(None)


@pytest.mark.parametrize("clear", [clear_timeout, clear_interval, clear_immediate])
@pytest.mark.parametrize("value", [5, "timer", object()], ids=["number", "text", "object"])
def test_clearing_something_else_is_refused(clear: Callable[[Any], object], value: Any) -> None:
    with pytest.raises(TypeError) as caught:
        clear(value)
    assert caught.value.code == "ERR_INVALID_ARG_TYPE"  # type: ignore[attr-defined]


def test_a_timer_that_was_called_can_be_cleared() -> None:
    timer = set_timeout(print, 1)
    timer.callback = int
    run()
    clear_timeout(timer)
    assert not timer.active


def test_a_timer_can_be_cleared_by_one_of_the_same_turn(log: list[Any]) -> None:
    def main() -> None:
        set_timeout(lambda: clear_timeout(second), 1)
        second = set_timeout(log.append, 1, "never")
        wait(2)

    run(main)
    assert log == []


@STARTERS
def test_a_timer_can_clear_itself_in_its_callback(start: Any, log: list[Any]) -> None:
    def called() -> None:
        log.append("once")
        clear_timeout(timer)

    timer = start(called, 1)
    run()
    assert log == ["once"]


# --- ref, unref, refresh ---

@STARTERS
def test_a_timer_knows_whether_it_keeps_the_loop_alive(start: Any) -> None:
    timer = start(print, 1)
    assert timer.has_ref()
    assert timer.unref() is timer
    assert not timer.has_ref()
    assert timer.ref() is timer
    assert timer.has_ref()
    timer.close()


def test_refresh_starts_the_time_anew(log: list[Any]) -> None:
    def main() -> None:
        refreshed = set_timeout(log.append, 2, "refreshed")
        wait(1)
        set_timeout(log.append, 2, "later")
        assert refreshed.refresh() is refreshed
        wait(4)

    run(main)
    assert log == ["later", "refreshed"]


def test_refresh_starts_a_timeout_again_that_was_called(log: list[Any]) -> None:
    def called() -> None:
        log.append("called")
        if len(log) < 3:
            timer.refresh()

    timer = set_timeout(called, 1)
    run()
    assert log == ["called"] * 3


def test_refresh_does_not_revive_a_timer_that_was_cleared(log: list[Any]) -> None:
    timer = set_timeout(log.append, 1, "never").close()
    timer.refresh()
    assert not timer.active
    run()
    assert log == []


def test_an_unrefd_timer_that_is_refreshed_stays_unrefd(log: list[Any]) -> None:
    timer = set_timeout(log.append, 60_000, "never").unref()
    timer.refresh()
    assert not timer.has_ref()
    run()
    assert log == []


# --- arguments ---

@STARTERS
@pytest.mark.parametrize(("delay", "duration"), [
    (0, 1), (0.0, 1), (0.9, 1), (1.9, 1), (2.5, 2), (LONGEST_MS, LONGEST_MS), (timedelta(0), 1),
    (timedelta(seconds=1.5), 1500), (timedelta(microseconds=2999), 2), (timedelta(milliseconds=1001), 1001),
    (timedelta(days=1), 86_400_000),
], ids=repr)
def test_a_delay_is_whole_milliseconds_and_at_least_one(start: Any, delay: Any, duration: int) -> None:
    timer = start(print, delay)
    assert timer.duration == duration
    timer.close()


@STARTERS
@pytest.mark.parametrize("delay", [
    -1, -0.5, math.nan, math.inf, -math.inf, LONGEST_MS + 1, 2.0**31, 10**400, timedelta(milliseconds=-1),
    timedelta(days=25),
], ids=lambda delay: repr(delay)[:20])
def test_a_delay_out_of_range_is_refused(start: Any, delay: Any) -> None:
    with pytest.raises(ValueError, match=f"delay must be from 0 to {LONGEST_MS} ms") as caught:
        start(print, delay)
    assert caught.value.code == "ERR_OUT_OF_RANGE"  # type: ignore[attr-defined]


@STARTERS
@pytest.mark.parametrize("delay", ["5", None, True, [1], 1j, print], ids=repr)
def test_a_delay_of_another_type_is_refused(start: Any, delay: Any) -> None:
    with pytest.raises(TypeError, match="delay must be a number of milliseconds or a timedelta") as caught:
        start(print, delay)
    assert caught.value.code == "ERR_INVALID_ARG_TYPE"  # type: ignore[attr-defined]


@pytest.mark.parametrize("start", [set_timeout, set_interval, set_immediate])
@pytest.mark.parametrize("callback", [None, 5, "print"])
def test_a_callback_that_is_no_function_is_refused(start: Any, callback: Any) -> None:
    with pytest.raises(TypeError, match="callback must be a function") as caught:
        start(callback, 1)
    assert caught.value.code == "ERR_INVALID_ARG_TYPE"  # type: ignore[attr-defined]


# --- what they show ---

def test_a_timer_says_what_it_calls_and_when() -> None:
    timer, interval = set_timeout(print, 5), set_interval(len, 7)
    assert repr(timer) == "<Timeout print after 5 ms>"
    assert repr(interval) == "<Timeout len every 7 ms>"
    timer.close()
    interval.close()
    assert repr(timer) == "<Timeout print after 5 ms, done>"
