from __future__ import annotations

import weakref

import pytest

import netloop


def test_ticks_run_in_the_order_in_which_they_were_queued(poller):
    log: list[int] = []
    for name in range(3):
        poller.next_tick(log.append, (name,))
    poller.settle()
    assert log == [0, 1, 2]


def test_a_tick_queued_by_a_tick_runs_in_the_same_drain_after_those_that_waited(poller):
    log: list[str] = []
    poller.next_tick(lambda: (log.append("first"), poller.next_tick(log.append, ("its own",))))
    poller.next_tick(log.append, ("second",))
    poller.settle()
    assert log == ["first", "second", "its own"]
    assert not poller.has_work()


def test_a_failing_tick_is_reported_and_the_rest_runs(poller):
    log: list[str] = []
    poller.next_tick(int, ("no number",))
    poller.next_tick(log.append, ("runs",))
    poller.settle()
    assert log == ["runs"]
    assert [type(error) for error in poller.errors] == [ValueError]


def test_an_interruption_leaves_the_rest_queued_in_order(poller):
    def interrupt() -> None:
        poller.next_tick(log.append, ("queued by the interrupted",))
        raise KeyboardInterrupt

    log: list[str] = []
    poller.next_tick(interrupt)
    poller.next_tick(log.append, ("queued before",))
    with pytest.raises(KeyboardInterrupt):
        poller.settle()
    assert log == []
    poller.settle()
    assert log == ["queued before", "queued by the interrupted"]


def test_halt_keeps_the_rest_until_the_loop_goes_on(poller):
    log: list[str] = []
    poller.next_tick(poller.halt)
    poller.next_tick(log.append, ("later",))
    poller.settle()
    assert log == []
    poller.halt(False)
    poller.settle()
    assert log == ["later"]


def test_a_turn_with_ticks_waiting_does_not_sleep(poller):
    poller.next_tick(lambda: None)
    poller.turn(-1)         # for ever, if it slept


# --- immediates ---------------------------------------------------------------------------------------------

def test_an_immediate_runs_once_in_the_next_turn(poller):
    log: list[str] = []
    poller.set_immediate(log.append, ("ran",))
    assert poller.refs == 1
    poller.turn(-1)
    poller.turn(0)
    assert log == ["ran"]
    assert poller.refs == 0


def test_an_immediate_queued_by_an_immediate_waits_for_the_next_turn(poller):
    log: list[str] = []
    poller.set_immediate(lambda: poller.set_immediate(log.append, ("second",)))
    poller.turn(0)
    assert log == []
    poller.turn(0)
    assert log == ["second"]


def test_ticks_run_between_two_immediates(poller):
    log: list[str] = []
    poller.set_immediate(poller.next_tick, (log.append, ("tick",)))
    poller.set_immediate(log.append, ("immediate",))
    poller.turn(0)
    assert log == ["tick", "immediate"]


def test_a_closed_immediate_does_not_run_even_if_the_one_before_closes_it(poller):
    log: list[str] = []
    poller.set_immediate(lambda: second.close())
    second = poller.set_immediate(log.append, ("second",))
    poller.turn(0)
    assert log == []
    assert poller.refs == 0


def test_a_failing_immediate_is_reported_and_the_next_runs(poller):
    log: list[str] = []
    poller.set_immediate(int, ("no number",))
    poller.set_immediate(log.append, ("runs",))
    poller.turn(0)
    assert log == ["runs"]
    assert [type(error) for error in poller.errors] == [ValueError]


def test_an_interruption_leaves_the_other_immediates_for_the_next_turn(poller):
    def interrupt() -> None:
        raise KeyboardInterrupt

    log: list[str] = []
    poller.set_immediate(interrupt)
    poller.set_immediate(log.append, ("second",))
    with pytest.raises(KeyboardInterrupt):
        poller.turn(0)
    poller.turn(0)
    assert log == ["second"]
    assert poller.refs == 0


def test_unref_and_ref_of_an_immediate_count_until_it_ran(poller):
    immediate = poller.set_immediate(lambda: None)
    immediate.unref()
    assert (poller.refs, immediate.has_ref()) == (0, False)
    immediate.ref()
    assert poller.refs == 1
    poller.turn(0)
    immediate.unref()
    immediate.ref()
    assert poller.refs == 0


def test_an_unreffed_immediate_does_not_keep_run_going():
    count = 0

    def again() -> None:
        nonlocal count
        count += 1
        if count < 1000:
            netloop.set_immediate(again).unref()

    netloop.set_immediate(again)
    netloop.run()
    assert 0 < count < 1000


def test_clear_forgets_ticks_and_immediates(poller):
    log: list[str] = []
    poller.next_tick(log.append, ("tick",))
    poller.set_immediate(log.append, ("immediate",))
    poller.clear()
    poller.settle()
    poller.turn(0)
    assert log == []
    assert poller.refs == 0


def test_ticks_come_in_their_order_however_many_wait(poller):
    log: list[int] = []
    expected = list(range(5000))
    waiting = iter(expected)

    def tick(number: int) -> None:
        log.append(number)
        for following in (next(waiting, None), next(waiting, None)):    # two for each: the queue grows while it is drained
            if following is not None:
                poller.next_tick(tick, (following,))

    poller.next_tick(tick, (next(waiting),))
    poller.settle()
    assert log == expected


def test_what_a_tick_refers_to_is_let_go_while_others_wait(poller):
    class Thing:
        pass

    thing = Thing()
    gone = weakref.ref(thing)
    seen: list[bool] = []
    poller.next_tick_of(lambda thing: None, thing)
    poller.next_tick(lambda: seen.append(gone() is None))
    del thing
    poller.settle()
    assert seen == [True]
