from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netloop._engine.timer_lists import Timer
from netloop.loop.loops import NativePoller

MS = 1_000_000      # nanoseconds


class Recorded(Timer):
    """Appends its name to a log when it is due, then does what the test says."""

    def __init__(self, log: list[Any], name: object, then: Any = None) -> None:
        self.log, self.name, self.then = log, name, then

    def on_timeout(self) -> None:
        self.log.append(self.name)
        if self.then is not None:
            self.then(self)


def test_timers_of_one_duration_are_due_in_the_order_of_their_start(poller):
    log: list[int] = []
    for name in range(5):
        Recorded(log, name).start(poller.timers, 1)
    poller.run_until(lambda: not poller.refs)
    assert log == [0, 1, 2, 3, 4]


def test_a_shorter_timer_started_later_is_due_first(poller):
    log: list[str] = []
    Recorded(log, "long").start(poller.timers, 5)
    Recorded(log, "short").start(poller.timers, 1)
    poller.run_until(lambda: not poller.refs)
    assert log == ["short", "long"]


def test_a_timer_is_never_due_before_its_time(poller):
    log: list[str] = []
    started = time.monotonic_ns()
    Recorded(log, "due").start(poller.timers, 3)
    poller.run_until(lambda: log)
    assert time.monotonic_ns() - started >= 3 * MS


def test_refresh_moves_a_timer_behind_those_of_its_duration(poller):
    log: list[str] = []
    first, second = Recorded(log, "first"), Recorded(log, "second")
    first.start(poller.timers, 1)
    second.start(poller.timers, 1)
    first.refresh()
    poller.run_until(lambda: not poller.refs)
    assert log == ["second", "first"]


def test_refresh_leaves_the_heap_alone_and_still_postpones(poller):
    log: list[str] = []
    timer = Recorded(log, "due")
    timer.start(poller.timers, 5)
    planned = poller.timers.next_deadline
    while time.monotonic_ns() < planned - 3 * MS:
        pass
    refreshed = time.monotonic_ns()
    timer.refresh()
    assert poller.timers.next_deadline == planned       # too early now, which is found out when it comes
    poller.run_until(lambda: log)
    assert time.monotonic_ns() - refreshed >= 5 * MS


def test_refresh_in_a_tick_counts_from_now_and_not_from_the_last_wake_up(poller):
    log: list[str] = []
    timer = Recorded(log, "due")
    timer.start(poller.timers, 5)
    poller.turn(0)
    woken = time.monotonic_ns()
    while time.monotonic_ns() < woken + 3 * MS:
        pass
    refreshed = time.monotonic_ns()
    poller.next_tick(timer.refresh)
    poller.run_until(lambda: log)
    assert time.monotonic_ns() - refreshed >= 5 * MS


def test_refresh_starts_a_timer_again_that_was_due(poller):
    log: list[str] = []
    timer = Recorded(log, "due")
    timer.start(poller.timers, 0)
    poller.turn(0)
    timer.refresh()
    assert timer.active
    poller.run_until(lambda: len(log) == 2)


def test_refresh_does_not_start_a_timer_that_was_stopped(poller):
    timer = Recorded([], "never")
    timer.start(poller.timers, 1)
    timer.stop()
    timer.refresh()
    assert not timer.active
    assert poller.refs == 0


def test_a_stopped_timer_is_not_due(poller):
    log: list[str] = []
    stopped = Recorded(log, "stopped")
    stopped.start(poller.timers, 0)
    Recorded(log, "due").start(poller.timers, 0)
    stopped.stop()
    poller.turn(0)
    assert log == ["due"]


def test_starting_again_with_another_duration_forgets_the_first(poller):
    log: list[str] = []
    timer = Recorded(log, "due")
    timer.start(poller.timers, 0)
    timer.start(poller.timers, 60_000)
    poller.turn(0)
    assert log == []
    assert timer.duration == 60_000
    timer.stop()


def test_a_repeating_timer_goes_on_until_it_stops_in_its_own_callback(poller):
    log: list[str] = []
    timer = Recorded(log, "tick", then=lambda timer: len(log) == 3 and timer.stop())
    timer.start(poller.timers, 1, True)
    poller.run_until(lambda: not poller.refs)
    assert log == ["tick"] * 3
    assert not timer.active


def test_a_repeating_timer_that_starts_anew_in_its_own_callback_is_started_once(poller):
    timer = Recorded([], "once", then=lambda timer: timer.start(poller.timers, 60_000))
    timer.start(poller.timers, 0, True)
    poller.turn(0)
    assert poller.refs == 1
    assert (timer.duration, timer.repeat) == (60_000, False)
    timer.stop()


def test_a_timer_stopped_by_the_one_before_it_is_not_called(poller):
    log: list[str] = []
    second = Recorded(log, "second")
    Recorded(log, "first", then=lambda _: second.stop()).start(poller.timers, 0)
    second.start(poller.timers, 0)
    poller.turn(0)
    assert log == ["first"]


def test_a_timer_of_the_same_duration_started_in_a_callback_waits_for_another_turn(poller):
    log: list[str] = []
    later = Recorded(log, "later")
    Recorded(log, "first", then=lambda _: later.start(poller.timers, 0)).start(poller.timers, 0)
    poller.turn(0)
    assert log == ["first"]
    poller.turn(0)
    assert log == ["first", "later"]


def test_a_failing_callback_is_reported_and_the_next_timer_runs(poller):
    def fail(_: Timer) -> None:
        raise ValueError("in a timer")

    log: list[str] = []
    Recorded(log, "fails", then=fail).start(poller.timers, 0)
    Recorded(log, "runs").start(poller.timers, 0)
    poller.turn(0)
    assert log == ["fails", "runs"]
    assert [str(error) for error in poller.errors] == ["in a timer"]


def test_an_interruption_leaves_the_timers_behind_it_due(poller):
    def interrupt(_: Timer) -> None:
        raise KeyboardInterrupt

    log: list[str] = []
    Recorded(log, "interrupted", then=interrupt).start(poller.timers, 0)
    Recorded(log, "same duration").start(poller.timers, 0)
    Recorded(log, "other duration").start(poller.timers, 1)
    with pytest.raises(KeyboardInterrupt):
        poller.turn(0)
    poller.run_until(lambda: not poller.refs)
    assert log == ["interrupted", "same duration", "other duration"]


def test_ticks_run_between_two_timers(poller):
    log: list[str] = []
    Recorded(log, "first", then=lambda _: poller.next_tick(log.append, ("tick",))).start(poller.timers, 0)
    Recorded(log, "second").start(poller.timers, 0)
    poller.turn(0)
    assert log == ["first", "tick", "second"]


def test_halt_keeps_the_timers_that_are_due(poller):
    log: list[str] = []
    Recorded(log, "first", then=lambda _: poller.halt()).start(poller.timers, 0)
    Recorded(log, "second").start(poller.timers, 0)
    poller.turn(0)
    assert log == ["first"]
    poller.halt(False)
    poller.turn(0)
    assert log == ["first", "second"]


def test_ref_and_unref_count_once_whenever_they_are_called(poller):
    timer = Recorded([], "timer")
    timer.unref()
    timer.start(poller.timers, 60_000)
    assert (poller.refs, timer.has_ref()) == (0, False)
    timer.ref()
    timer.ref()
    assert (poller.refs, timer.has_ref()) == (1, True)
    timer.unref()
    timer.unref()
    assert poller.refs == 0
    timer.ref()
    timer.stop()
    timer.stop()
    assert poller.refs == 0


def test_an_interval_unreffed_in_its_own_callback_goes_on_without_keeping_the_loop(poller):
    timer = Recorded([], "interval", then=lambda timer: timer.unref())
    timer.start(poller.timers, 0, True)
    poller.turn(0)
    assert timer.active
    assert poller.refs == 0
    timer.stop()


def test_waiting_lists_every_timer_and_clear_stops_them(poller):
    timers = [Recorded([], name) for name in range(4)]
    for timer in timers:
        timer.start(poller.timers, 1000 + timer.name % 2)
    assert sorted(timer.name for timer in poller.timers.waiting()) == [0, 1, 2, 3]
    poller.timers.clear()
    assert poller.timers.waiting() == []
    assert poller.refs == 0


# --- against a model: a dict of lists -----------------------------------------------------------------------

OPERATIONS = st.lists(st.tuples(st.sampled_from(["start", "stop", "refresh", "ref", "unref"]),
                                st.integers(0, 7), st.integers(0, 3)), max_size=40)


@settings(deadline=None, max_examples=60)
@given(OPERATIONS)
def test_any_history_leaves_the_timers_of_the_model_in_its_order(operations):
    """The model: durations, each with the names that wait, in the order of their last start or refresh."""
    poller = NativePoller()
    log: list[int] = []
    timers = [Recorded(log, name) for name in range(8)]
    model: dict[int, list[int]] = {duration: [] for duration in range(4)}
    unrefd: set[int] = set()

    def forget(name: int) -> int | None:
        for duration, names in model.items():
            if name in names:
                names.remove(name)
                return duration
        return None

    for operation, name, duration in operations:
        if operation == "start":
            timers[name].start(poller.timers, duration)
            forget(name)
            model[duration].append(name)
        elif operation == "refresh":
            timers[name].refresh()
            waited = forget(name)
            if waited is not None:
                model[waited].append(name)
        elif operation == "stop":
            timers[name].stop()
            forget(name)
        else:
            getattr(timers[name], operation)()
            (unrefd.add if operation == "unref" else unrefd.discard)(name)
        waiting = {name for names in model.values() for name in names}
        assert {timer.name for timer in poller.timers.waiting()} == waiting
        assert poller.refs == len(waiting - unrefd)

    of_duration = {name: timer.duration for name, timer in enumerate(timers)}
    for _ in range(1000):
        if not poller.timers.waiting():
            break
        poller.turn(1.0)
    assert {duration: [name for name in log if of_duration[name] == duration] for duration in model} == model
    assert poller.refs == 0
    poller.close()
