"""AbortController, AbortSignal, add_abort_listener: https://nodejs.org/api/globals.html#class-abortcontroller"""

from __future__ import annotations

import datetime
import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from netloop.errors import AbortError, ArgumentTypeError, ArgumentValueError
from netloop.events import AbortController, AbortSignal, Event, add_abort_listener, listener_count
from netloop.loop import run
from netloop.timers import clear_timeout, set_timeout


class ForeignSignal:
    """A signal of another library: only the four members that netloop asks for."""

    def __init__(self) -> None:
        self.aborted = False
        self.reason: Any = None
        self.listeners: list[Callable[[Any], object]] = []

    def add_event_listener(self, type: str, listener: Callable[[Any], object]) -> None:
        self.listeners.append(listener)

    def remove_event_listener(self, type: str, listener: Callable[[Any], object]) -> None:
        if listener in self.listeners:
            self.listeners.remove(listener)

    def abort(self, reason: object) -> None:
        self.aborted, self.reason = True, reason
        for listener in list(self.listeners):
            listener("an event of theirs")


@pytest.fixture
def calls() -> list[Any]:
    return []


def test_abort_sets_the_reason_and_dispatches_one_trusted_event(calls: list[Any]) -> None:
    controller = AbortController()
    signal = controller.signal
    signal.add_event_listener("abort", calls.append)
    assert (signal.aborted, signal.reason) == (False, None)
    controller.abort("enough")
    controller.abort("again")
    assert (signal.aborted, signal.reason) == (True, "enough")
    event, = calls
    assert (event.type, event.target, event.is_trusted) == ("abort", signal, True)


def test_the_reason_is_an_abort_error_by_default() -> None:
    controller = AbortController()
    controller.abort()
    assert isinstance(controller.signal.reason, AbortError)
    assert controller.signal.reason.code == "ABORT_ERR"


def test_onabort_is_called(calls: list[Any]) -> None:
    controller = AbortController()
    controller.signal.onabort = calls.append
    controller.abort()
    assert len(calls) == 1


def test_throw_if_aborted_raises_the_reason() -> None:
    controller, reason = AbortController(), ValueError("because")
    controller.signal.throw_if_aborted()
    controller.abort(reason)
    with pytest.raises(ValueError, match="because") as caught:
        controller.signal.throw_if_aborted()
    assert caught.value is reason


def test_throw_if_aborted_wraps_a_reason_that_is_no_exception() -> None:
    with pytest.raises(AbortError) as caught:
        AbortSignal.abort("because").throw_if_aborted()
    assert caught.value.cause == "because"


def test_a_signal_cannot_be_constructed() -> None:
    with pytest.raises(ArgumentTypeError) as caught:
        AbortSignal()
    assert caught.value.code == "ERR_ILLEGAL_CONSTRUCTOR"


def test_abort_gives_a_signal_that_has_aborted() -> None:
    assert AbortSignal.abort().aborted
    assert AbortSignal.abort(7).reason == 7
    assert repr(AbortSignal.abort(7)) == "<AbortSignal aborted: 7>"
    assert repr(AbortController().signal) == "<AbortSignal not aborted>"


# --- timeout -------------------------------------------------------------------------------------------

@pytest.mark.parametrize("delay", [1, datetime.timedelta(milliseconds=1)])
def test_timeout_aborts_with_a_timeout_error(delay: float | datetime.timedelta, calls: list[Any]) -> None:
    def main() -> None:
        signal = AbortSignal.timeout(delay)
        signal.add_event_listener("abort", lambda event: calls.append(event.target.reason))
        signal.add_event_listener("abort", lambda _: clear_timeout(guard))
        guard = set_timeout(lambda: None, 10_000)

    run(main)
    reason, = calls
    assert isinstance(reason, TimeoutError)
    assert reason.code == "TIMEOUT_ERR"  # type: ignore[attr-defined]


def test_timeout_does_not_keep_the_loop_alive(calls: list[Any]) -> None:
    def main() -> None:
        AbortSignal.timeout(10_000).add_event_listener("abort", calls.append)

    run(main)
    assert calls == []


def test_timeout_of_a_forgotten_signal_clears_its_timer() -> None:
    def main() -> None:
        signal = AbortSignal.timeout(10_000)
        reference, timer = weakref.ref(signal), signal._triggers[0]._timer  # type: ignore[attr-defined]
        assert timer.active
        del signal
        gc.collect()
        assert reference() is None
        assert not timer.active

    run(main)


@pytest.mark.parametrize("delay", [-1, 2**31])
def test_timeout_refuses_a_delay_out_of_range(delay: int) -> None:
    with pytest.raises(ArgumentValueError):
        AbortSignal.timeout(delay)


# --- any -----------------------------------------------------------------------------------------------

def test_any_aborts_with_the_first_of_its_signals_and_its_reason() -> None:
    first, second = AbortController(), AbortController()
    signal = AbortSignal.any([first.signal, second.signal])
    second.abort("second")
    first.abort("first")
    assert signal.reason == "second"


def test_any_of_a_signal_that_has_aborted_has_aborted() -> None:
    signal = AbortSignal.any([AbortController().signal, AbortSignal.abort("already")])
    assert (signal.aborted, signal.reason) == (True, "already")


def test_any_of_nothing_never_aborts() -> None:
    assert not AbortSignal.any([]).aborted


def test_any_may_be_nested() -> None:
    controller = AbortController()
    inner = AbortSignal.any([controller.signal])
    outer = AbortSignal.any([inner, AbortController().signal])
    controller.abort("root")
    assert inner.reason == outer.reason == "root"


def test_dependent_signals_know_before_the_first_listener_runs() -> None:
    controller = AbortController()
    seen: list[bool] = []
    controller.signal.add_event_listener("abort", lambda _: seen.append(signal.aborted))
    signal = AbortSignal.any([controller.signal])
    controller.abort()
    assert seen == [True]


def test_the_source_calls_its_listeners_before_its_dependents(calls: list[Any]) -> None:
    controller = AbortController()
    dependents = [AbortSignal.any([controller.signal]) for _ in range(3)]
    for number, dependent in enumerate(dependents):
        dependent.onabort = lambda _, number=number: calls.append(number)
    controller.signal.onabort = lambda _: calls.append("source")
    controller.abort()
    assert calls == ["source", 0, 1, 2]


def test_a_dependent_signal_that_was_forgotten_leaves_nothing_behind() -> None:
    controller = AbortController()
    reference = weakref.ref(AbortSignal.any([controller.signal]))
    gc.collect()
    assert reference() is None
    controller.abort()


def test_a_dependent_signal_that_is_listened_to_aborts_although_nobody_holds_it(calls: list[Any]) -> None:
    controller = AbortController()
    AbortSignal.any([AbortSignal.any([controller.signal])]).add_event_listener("abort", calls.append)
    gc.collect()
    controller.abort()
    assert len(calls) == 1


def test_a_dependent_signal_is_released_when_its_last_listener_goes() -> None:
    controller = AbortController()
    signal = AbortSignal.any([controller.signal])
    signal.add_event_listener("abort", print)
    signal.remove_event_listener("abort", print)
    reference = weakref.ref(signal)
    del signal
    gc.collect()
    assert reference() is None


def test_any_takes_signals_of_other_libraries() -> None:
    foreign = ForeignSignal()
    signal = AbortSignal.any([foreign, AbortController().signal])
    foreign.abort("theirs")
    assert signal.reason == "theirs"
    assert foreign.listeners == []


def test_any_leaves_signals_of_other_libraries_when_it_aborts_or_is_forgotten() -> None:
    foreign, controller = ForeignSignal(), AbortController()
    signal = AbortSignal.any([foreign, controller.signal])
    forgotten = AbortSignal.any([foreign])
    assert len(foreign.listeners) == 2
    controller.abort()
    del forgotten
    gc.collect()
    assert foreign.listeners == []
    assert signal.aborted


@pytest.mark.parametrize("signal", [None, 1, object()])
def test_what_is_no_signal_is_refused(signal: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="an AbortSignal"):
        AbortSignal.any([signal])
    with pytest.raises(ArgumentTypeError, match="an AbortSignal"):
        add_abort_listener(signal, print)


# --- add_abort_listener --------------------------------------------------------------------------------

@pytest.mark.parametrize("abort_first", [True, False])
def test_an_abort_listener_may_take_no_arguments(calls: list[Any], abort_first: bool) -> None:
    controller = AbortController()
    if abort_first:
        controller.abort()
    add_abort_listener(controller.signal, lambda: calls.append("aborted"))
    controller.abort()
    run()
    assert calls == ["aborted"]


def test_an_abort_listener_is_called_in_spite_of_stop_immediate_propagation(calls: list[Any]) -> None:
    controller = AbortController()
    controller.signal.add_event_listener("abort", lambda event: event.stop_immediate_propagation())
    add_abort_listener(controller.signal, calls.append)
    controller.abort()
    assert [event.type for event in calls] == ["abort"]


@pytest.mark.parametrize("make", [lambda: AbortController().signal, ForeignSignal])
def test_dispose_removes_an_abort_listener(make: Callable[[], Any], calls: list[Any]) -> None:
    signal = make()
    subscription = add_abort_listener(signal, calls.append)
    subscription.dispose()
    subscription.dispose()
    with add_abort_listener(signal, calls.append):
        pass
    signal._abort() if isinstance(signal, AbortSignal) else signal.abort(None)
    assert calls == []


def test_an_abort_listener_of_another_librarys_signal_is_called(calls: list[Any]) -> None:
    foreign = ForeignSignal()
    add_abort_listener(foreign, calls.append)
    foreign.abort("theirs")
    assert calls == ["an event of theirs"]


def test_an_abort_listener_of_a_signal_that_has_aborted_is_called_on_the_next_tick(calls: list[Any]) -> None:
    def main() -> None:
        add_abort_listener(AbortSignal.abort(), calls.append)
        add_abort_listener(AbortSignal.abort(), lambda _: calls.append("never")).dispose()
        assert calls == []

    run(main)
    event, = calls
    assert isinstance(event, Event)


def test_an_abort_listener_must_be_callable() -> None:
    with pytest.raises(ArgumentTypeError, match="listener must be callable"):
        add_abort_listener(AbortController().signal, "print")  # type: ignore[arg-type]


def test_one_signal_may_have_many_listeners_without_a_warning() -> None:
    controller = AbortController()
    for _ in range(50):
        add_abort_listener(controller.signal, AbortController().abort)
    assert listener_count(controller.signal, "abort") == 50
