"""next_tick, and the order of ticks, timers, descriptors and immediates."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

import pytest

from netloop import net, next_tick, run, set_immediate, set_timeout
from netloop.events import EventEmitter


@pytest.fixture
def log() -> list[Any]:
    return []


def until_it_is_due(milliseconds: int) -> None:
    """Pass the time of a timer, so that it is due although the loop has not looked."""
    end = time.monotonic() + milliseconds / 1000
    while time.monotonic() <= end:
        pass


# --- ticks ---

def test_a_tick_runs_after_the_code_that_runs_now(log: list[Any]) -> None:
    def main() -> None:
        next_tick(log.append, "tick")
        log.append("main")

    run(main)
    assert log == ["main", "tick"]


def test_ticks_run_in_the_order_in_which_they_were_queued(log: list[Any]) -> None:
    for number in range(5):
        next_tick(log.append, number)
    run()
    assert log == [0, 1, 2, 3, 4]


def test_a_tick_gets_its_arguments(log: list[Any]) -> None:
    next_tick(lambda *arguments: log.extend(arguments), 1, "two", None)
    run()
    assert log == [1, "two", None]


def test_a_coroutine_function_is_started_as_a_task_that_keeps_the_loop_alive(log: list[Any]) -> None:
    async def later(value: str) -> None:
        await asyncio.sleep(0)
        log.append(value)

    next_tick(later, "done")
    run()
    assert log == ["done"]


@pytest.mark.parametrize("callback", [None, 5, "print"])
def test_what_is_no_function_is_refused(callback: Any) -> None:
    with pytest.raises(TypeError, match="callback must be a function") as caught:
        next_tick(callback)
    assert caught.value.code == "ERR_INVALID_ARG_TYPE"  # type: ignore[attr-defined]


async def test_a_tick_runs_in_every_loop_before_the_task_that_queued_it_goes_on(log: list[Any]) -> None:
    next_tick(log.append, "tick")
    log.append("task")
    while len(log) < 2:
        await asyncio.sleep(0)
    assert log == ["task", "tick"]


async def test_a_tick_that_raises_does_not_keep_the_next_from_running(log: list[Any], unhandled: list[Any]) -> None:
    over = asyncio.get_running_loop().create_future()
    next_tick(int, "no number")
    next_tick(log.append, "next")
    next_tick(over.set_result, None)
    await over
    assert log == ["next"]
    assert [type(error) for error in unhandled] == [ValueError]


# --- order ---

def test_a_tick_of_a_tick_runs_before_timers_and_immediates(log: list[Any]) -> None:
    def main() -> None:
        set_timeout(log.append, 1, "timer")
        set_immediate(log.append, "immediate")
        until_it_is_due(2)
        next_tick(next_tick, next_tick, log.append, "tick of a tick")

    run(main)
    assert log == ["tick of a tick", "timer", "immediate"]


def test_ticks_run_between_two_timers_of_one_turn(log: list[Any]) -> None:
    def first() -> None:
        log.append("first")
        next_tick(log.append, "tick")

    def main() -> None:
        set_timeout(first, 1)
        set_timeout(log.append, 1, "second")
        until_it_is_due(2)

    run(main)
    assert log == ["first", "tick", "second"]


def test_ticks_run_between_two_immediates_of_one_turn(log: list[Any]) -> None:
    def first() -> None:
        log.append("first")
        next_tick(log.append, "tick")

    set_immediate(first)
    set_immediate(log.append, "second")
    run()
    assert log == ["first", "tick", "second"]


def test_ticks_run_between_the_events_of_two_descriptors(log: list[Any]) -> None:
    def listen_to(name: str) -> socket.socket:
        ours, theirs = socket.socketpair()

        def heard(data: bytes) -> None:
            log.append(name)
            next_tick(log.append, f"tick of {name}")
            stream.destroy()

        stream = net.Socket(handle=ours).on("data", heard)
        return theirs

    ends = [listen_to("first"), listen_to("second")]
    for end in ends:
        end.send(b"x")
    run()
    for end in ends:
        end.close()
    assert log in (["first", "tick of first", "second", "tick of second"],
                   ["second", "tick of second", "first", "tick of first"])


def test_an_immediate_of_an_immediate_waits_for_the_next_turn(log: list[Any]) -> None:
    def first() -> None:
        set_immediate(log.append, "of the first")

    set_immediate(first)
    set_immediate(log.append, "second")
    run()
    assert log == ["second", "of the first"]


def test_a_timer_that_was_due_runs_before_an_immediate_and_one_that_starts_now_after(log: list[Any]) -> None:
    def main() -> None:
        set_timeout(log.append, 1, "due")
        until_it_is_due(2)
        set_timeout(log.append, 1000 * 60, "later").unref()
        set_immediate(log.append, "immediate")

    run(main)
    assert log == ["due", "immediate"]


def test_an_event_that_a_listener_emits_comes_before_its_ticks(log: list[Any]) -> None:
    emitter = EventEmitter()
    emitter.on("outer", lambda: next_tick(log.append, "tick"))
    emitter.on("outer", lambda: emitter.emit("inner"))
    emitter.on("inner", lambda: log.append("inner"))
    run(lambda: emitter.emit("outer"))
    assert log == ["inner", "tick"]


def test_an_endless_chain_of_immediates_lets_timers_run(log: list[Any]) -> None:
    def again() -> None:
        if not log:
            set_immediate(again)

    set_timeout(log.append, 1, "timer")
    set_immediate(again)
    run()
    assert log == ["timer"]
