"""EventTarget, Event, NodeEventTarget: https://nodejs.org/api/events.html#eventtarget-and-event-api"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from netloop import events
from netloop.errors import ArgumentTypeError, MaxListenersExceededWarning, StateError
from netloop.events import AbortController, AbortSignal, CustomEvent, Event, EventTarget, NodeEventTarget
from netloop.events.target import EventHandler
from netloop.loop import run


class Forgetful(EventTarget):
    """A subclass that does not call super().__init__(), with a handler attribute."""

    onping = EventHandler("ping")

    def __init__(self) -> None:
        self.name = "forgetful"


@pytest.fixture(params=[EventTarget, Forgetful, NodeEventTarget])
def target(request: pytest.FixtureRequest) -> EventTarget:
    made: EventTarget = request.param()
    return made


def add_listeners(target: EventTarget, count: int) -> None:
    for _ in range(count):
        target.add_event_listener("ping", EventTarget().dispatch_event)


@pytest.fixture
def calls() -> list[Any]:
    return []


def test_listeners_get_the_event_in_the_order_they_were_added(target: EventTarget, calls: list[Any]) -> None:
    event = Event("ping")
    target.add_event_listener("ping", lambda given: calls.append(("first", given)))
    target.add_event_listener("ping", lambda given: calls.append(("second", given)))
    assert target.dispatch_event(event)
    assert calls == [("first", event), ("second", event)]


def test_an_object_with_handle_event_is_a_listener(target: EventTarget, calls: list[Any]) -> None:
    class Listener:
        def handle_event(self, event: Event) -> None:
            calls.append(event.type)

    target.add_event_listener("ping", Listener())
    target.dispatch_event(Event("ping"))
    assert calls == ["ping"]


def test_a_listener_without_arguments_is_called_with_none(target: EventTarget, calls: list[Any]) -> None:
    target.add_event_listener("ping", lambda: calls.append("ping"))
    target.dispatch_event(Event("ping"))
    assert calls == ["ping"]


def test_the_same_listener_is_added_once_for_each_capture(target: EventTarget, calls: list[Any]) -> None:
    for capture in (False, False, True, True):
        target.add_event_listener("ping", calls.append, capture=capture)
    target.dispatch_event(Event("ping"))
    assert len(calls) == 2
    target.remove_event_listener("ping", calls.append, capture=True)
    target.dispatch_event(Event("ping"))
    assert len(calls) == 3


def test_removing_a_stranger_is_ignored(target: EventTarget) -> None:
    target.remove_event_listener("ping", print)


def test_once_is_removed_before_it_is_called(target: EventTarget, calls: list[Any]) -> None:
    def listener(event: Event) -> None:
        calls.append(event.type)
        target.dispatch_event(Event("ping"))

    target.add_event_listener("ping", listener, once=True)
    target.dispatch_event(Event("ping"))
    assert calls == ["ping"]


def test_a_listener_removed_during_the_dispatch_is_not_called(target: EventTarget, calls: list[Any]) -> None:
    target.add_event_listener("ping", lambda _: target.remove_event_listener("ping", calls.append))
    target.add_event_listener("ping", calls.append)
    target.dispatch_event(Event("ping"))
    assert calls == []


def test_a_listener_added_during_the_dispatch_is_not_called_by_it(
    target: EventTarget, calls: list[Any]
) -> None:
    target.add_event_listener("ping", lambda _: target.add_event_listener("ping", calls.append))
    target.dispatch_event(Event("ping"))
    assert calls == []


def test_a_signal_removes_the_listener(target: EventTarget, calls: list[Any]) -> None:
    controller = AbortController()
    target.add_event_listener("ping", calls.append, signal=controller.signal)
    target.dispatch_event(Event("ping"))
    controller.abort()
    target.dispatch_event(Event("ping"))
    assert len(calls) == 1


def test_a_signal_that_has_aborted_adds_nothing(target: EventTarget, calls: list[Any]) -> None:
    target.add_event_listener("ping", calls.append, signal=AbortSignal.abort())
    target.dispatch_event(Event("ping"))
    assert calls == []


def test_a_removed_listener_leaves_nothing_at_its_signal(target: EventTarget) -> None:
    controller = AbortController()
    target.add_event_listener("ping", print, signal=controller.signal)
    target.remove_event_listener("ping", print)
    assert events.listener_count(controller.signal, "abort") == 0


@pytest.mark.parametrize("listener", [None, 1, "print"])
def test_a_listener_that_cannot_be_called_is_refused(target: EventTarget, listener: Any) -> None:
    with pytest.raises(ArgumentTypeError):
        target.add_event_listener("ping", listener)


def test_what_a_listener_raises_goes_to_the_loop_and_the_others_are_called(
    target: EventTarget, calls: list[Any]
) -> None:
    unhandled: list[Exception] = []

    def fail(event: Event) -> None:
        raise ZeroDivisionError

    async def fail_later(event: Event) -> None:
        await asyncio.sleep(0)
        raise LookupError

    def main() -> None:
        for listener in (fail, fail_later, calls.append):
            target.add_event_listener("ping", listener)
        assert target.dispatch_event(Event("ping"))

    run(main, on_unhandled=unhandled.append)
    assert len(calls) == 1
    assert [type(error) for error in unhandled] == [ZeroDivisionError, LookupError]


def test_only_events_can_be_dispatched(target: EventTarget) -> None:
    with pytest.raises(ArgumentTypeError) as caught:
        target.dispatch_event("ping")  # type: ignore[arg-type]
    assert caught.value.code == "ERR_INVALID_ARG_TYPE"


def test_an_event_cannot_be_dispatched_while_it_is(target: EventTarget) -> None:
    codes: list[str] = []

    def dispatch_again(event: Event) -> None:
        with pytest.raises(StateError) as caught:
            EventTarget().dispatch_event(event)
        codes.append(caught.value.code)

    event = Event("ping")
    target.add_event_listener("ping", dispatch_again)
    target.dispatch_event(event)
    target.dispatch_event(event)
    assert codes == ["ERR_EVENT_RECURSION"] * 2


def test_the_eleventh_listener_gets_a_warning(target: EventTarget) -> None:
    with pytest.warns(MaxListenersExceededWarning, match="11 listeners for 'ping'") as caught:
        add_listeners(target, 13)
    assert len(caught) == 1
    assert caught[0].filename == __file__


# --- the event -----------------------------------------------------------------------------------------

def test_an_event_knows_where_it_is_dispatched(target: EventTarget) -> None:
    seen: list[Any] = []
    event = Event("ping", bubbles=True, composed=True)
    target.add_event_listener(
        "ping", lambda e: seen.append((e.target, e.current_target, e.event_phase, e.composed_path())))
    assert (event.target, event.current_target, event.event_phase) == (None, None, Event.NONE)
    assert event.composed_path() == []
    target.dispatch_event(event)
    assert seen == [(target, target, Event.AT_TARGET, [target])]
    assert (event.target, event.current_target, event.event_phase) == (target, None, Event.NONE)
    assert (event.bubbles, event.composed, event.cancelable, event.is_trusted) == (True, True, False, False)
    assert repr(event) == "<Event ping>"


@pytest.mark.parametrize(("cancelable", "passive", "prevented"), [
    (True, False, True), (False, False, False), (True, True, False),
])
def test_prevent_default_works_on_cancelable_events_of_listeners_that_are_not_passive(
    target: EventTarget, cancelable: bool, passive: bool, prevented: bool
) -> None:
    event = Event("ping", cancelable=cancelable)
    target.add_event_listener("ping", lambda given: given.prevent_default(), passive=passive)
    assert target.dispatch_event(event) is not prevented
    assert event.default_prevented is prevented


def test_stop_immediate_propagation_calls_no_more_listeners(target: EventTarget, calls: list[Any]) -> None:
    target.add_event_listener("ping", lambda event: event.stop_propagation())
    target.add_event_listener("ping", lambda event: event.stop_immediate_propagation())
    target.add_event_listener("ping", calls.append)
    target.dispatch_event(Event("ping"))
    assert calls == []


def test_time_stamps_are_milliseconds_that_grow() -> None:
    first, second = Event("ping"), Event("ping")
    assert 0 <= first.time_stamp <= second.time_stamp < first.time_stamp + 60_000


def test_a_custom_event_has_a_detail() -> None:
    assert CustomEvent("ping", detail=[1], cancelable=True).detail == [1]
    assert CustomEvent("ping").detail is None


# --- handler attributes --------------------------------------------------------------------------------

def test_a_handler_is_set_replaced_in_its_place_and_removed(calls: list[Any]) -> None:
    target = Forgetful()
    assert target.onping is None
    target.onping = lambda _: calls.append("first handler")
    target.add_event_listener("ping", lambda _: calls.append("listener"))
    handler = lambda _: calls.append("second handler")  # noqa: E731
    target.onping = handler
    assert target.onping is handler
    target.dispatch_event(Event("ping"))
    target.onping = None
    target.dispatch_event(Event("ping"))
    assert calls == ["second handler", "listener", "listener"]
    assert target.onping is None


def test_a_handler_is_another_listener_than_the_same_function(calls: list[Any]) -> None:
    target = Forgetful()
    target.add_event_listener("ping", calls.append)
    target.onping = calls.append
    target.dispatch_event(Event("ping"))
    assert len(calls) == 2
    target.remove_event_listener("ping", calls.append)
    assert events.get_event_listeners(target, "ping") == [calls.append]


def test_a_handler_that_is_not_callable_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="onping"):
        Forgetful().onping = 3  # type: ignore[assignment]


# --- NodeEventTarget -----------------------------------------------------------------------------------

def test_emit_gives_on_the_value_and_event_listeners_an_event(calls: list[Any]) -> None:
    target = NodeEventTarget()
    target.on("ping", calls.append)
    target.add_event_listener("ping", lambda event: calls.append((event.type, event.detail)))
    assert target.emit("ping", 7)
    assert calls == [7, ("ping", 7)]
    assert not target.emit("pong")


def test_on_gets_the_event_of_a_dispatch(calls: list[Any]) -> None:
    target, event = NodeEventTarget(), Event("ping")
    target.on("ping", calls.append).dispatch_event(event)
    assert calls == [event]


def test_once_off_and_the_rest_are_those_of_an_emitter(calls: list[Any]) -> None:
    target = NodeEventTarget()
    assert target.once("ping", calls.append) is target
    target.emit("ping", 1)
    target.emit("ping", 2)
    assert calls == [1]
    target.on("ping", print).add_listener("ping", repr).on("ping", print)
    assert target.listener_count("ping") == 2
    target.off("ping", print).remove_listener("ping", repr)
    assert target.event_names() == []
    target.on("a", print).on("b", print)
    assert target.remove_all_listeners("a").event_names() == ["b"]
    assert target.remove_all_listeners().event_names() == []
    assert target.set_max_listeners(3).get_max_listeners() == 3


@pytest.mark.parametrize("method", ["on", "add_listener", "once"])
def test_adding_without_a_listener_is_a_decorator(method: str, calls: list[Any]) -> None:
    target = NodeEventTarget()

    def listener(value: int) -> None:
        calls.append(value)

    assert getattr(target, method)("ping")(listener) is listener
    target.emit("ping", 1)
    assert calls == [1]


def test_an_error_without_listeners_is_nothing_special() -> None:
    assert not NodeEventTarget().emit("error", ValueError())
