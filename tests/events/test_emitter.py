"""EventEmitter, as Node documents it: https://nodejs.org/api/events.html"""

from __future__ import annotations

import gc
import math
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from netloop import events
from netloop.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    MaxListenersExceededWarning,
    UnhandledError,
)
from netloop.events import EventEmitter, error_monitor

ADDING = ["on", "add_listener", "once", "prepend_listener", "prepend_once_listener"]


class Forgetful(EventEmitter):
    """A subclass that does not call super().__init__()."""

    def __init__(self) -> None:
        self.name = "forgetful"


@pytest.fixture(params=[EventEmitter, Forgetful])
def emitter(request: pytest.FixtureRequest) -> EventEmitter:
    made: EventEmitter = request.param()
    return made


@pytest.fixture
def calls() -> list[Any]:
    return []


def recorder(calls: list[Any], name: str) -> Callable[..., None]:
    def listener(*arguments: Any) -> None:
        calls.append((name, *arguments))
    return listener


# --- emit ----------------------------------------------------------------------------------------------

def test_listeners_are_called_in_the_order_they_were_added(emitter: EventEmitter, calls: list[Any]) -> None:
    for name in "abc":
        emitter.on("event", recorder(calls, name))
    assert emitter.emit("event", 1, 2)
    assert calls == [("a", 1, 2), ("b", 1, 2), ("c", 1, 2)]


@pytest.mark.parametrize("arguments", [(), (1,), (1, 2), (1, 2, 3)])
def test_emit_passes_any_number_of_arguments(emitter: EventEmitter, arguments: tuple[int, ...]) -> None:
    got: list[Any] = []
    emitter.on("event", lambda *given: got.append(given))
    emitter.emit("event", *arguments)
    assert got == [arguments]


def test_emit_without_listeners_returns_false(emitter: EventEmitter) -> None:
    assert not emitter.emit("event")
    emitter.on("other", print)
    assert not emitter.emit("event", 1)


def test_any_hashable_can_be_the_name_of_an_event(emitter: EventEmitter, calls: list[Any]) -> None:
    for event in ("", 0, None, ("a", 1), error_monitor):
        emitter.on(event, calls.append)
        emitter.emit(event, event)
    assert calls == ["", 0, None, ("a", 1), error_monitor]


def test_what_a_listener_raises_leaves_emit_and_stops_the_emission(
    emitter: EventEmitter, calls: list[Any]
) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    emitter.on("event", fail)
    emitter.on("event", lambda: calls.append("second"))
    with pytest.raises(ZeroDivisionError):
        emitter.emit("event")
    assert calls == []


def test_a_listener_added_during_an_emission_is_called_from_the_next_one_on(
    emitter: EventEmitter, calls: list[Any]
) -> None:
    emitter.on("event", lambda: emitter.on("event", lambda: calls.append("new")))
    emitter.on("event", lambda: calls.append("old"))
    emitter.emit("event")
    assert calls == ["old"]


def test_a_listener_removed_during_an_emission_is_still_called_by_it(
    emitter: EventEmitter, calls: list[Any]
) -> None:
    second = recorder(calls, "second")
    emitter.on("event", lambda: emitter.off("event", second))
    emitter.on("event", second)
    emitter.emit("event")
    assert calls == [("second",)]
    emitter.emit("event")
    assert calls == [("second",)]


def test_all_listeners_removed_during_an_emission_are_still_called_by_it(
    emitter: EventEmitter, calls: list[Any]
) -> None:
    emitter.on("event", lambda: emitter.remove_all_listeners())
    emitter.on("event", recorder(calls, "second"))
    emitter.emit("event")
    assert calls == [("second",)]
    assert emitter.event_names() == []


# --- error ---------------------------------------------------------------------------------------------

def test_an_error_without_listeners_is_raised_as_it_is(emitter: EventEmitter) -> None:
    error = ConnectionResetError("gone")
    with pytest.raises(ConnectionResetError) as caught:
        emitter.emit("error", error)
    assert caught.value is error


@pytest.mark.parametrize("context", ["a message", None, 7])
def test_an_error_that_is_no_exception_is_raised_as_an_unhandled_error(
    emitter: EventEmitter, context: object
) -> None:
    emitter.on("event", print)
    with pytest.raises(UnhandledError) as caught:
        emitter.emit("error", context)
    assert caught.value.code == "ERR_UNHANDLED_ERROR"
    assert caught.value.context == context
    assert str(caught.value) == f"Unhandled error. ({context!r})"


def test_an_error_without_an_argument_is_raised_too(emitter: EventEmitter) -> None:
    with pytest.raises(UnhandledError):
        emitter.emit("error")


def test_an_error_with_a_listener_is_not_raised(emitter: EventEmitter, calls: list[Any]) -> None:
    error = ValueError()
    emitter.on("error", calls.append)
    assert emitter.emit("error", error)
    assert calls == [error]


def test_the_error_monitor_comes_first_and_does_not_count_as_handling(
    emitter: EventEmitter, calls: list[Any]
) -> None:
    error = ValueError()
    emitter.on(error_monitor, recorder(calls, "monitor"))
    with pytest.raises(ValueError):
        emitter.emit("error", error)
    emitter.on("error", recorder(calls, "handler"))
    emitter.emit("error", error)
    assert calls == [("monitor", error), ("monitor", error), ("handler", error)]


def test_the_error_monitor_sees_no_other_event_and_nothing_once_removed(
    emitter: EventEmitter, calls: list[Any]
) -> None:
    emitter.on(error_monitor, calls.append)
    emitter.on("event", lambda _: None)
    emitter.emit("event", 1)
    emitter.off(error_monitor, calls.append)
    emitter.on("error", lambda _: None)
    emitter.emit("error", ValueError())
    assert calls == []


# --- once ----------------------------------------------------------------------------------------------

def test_once_is_removed_before_it_is_called(emitter: EventEmitter) -> None:
    counts: list[int] = []
    emitter.once("event", lambda: counts.append(emitter.listener_count("event")))
    emitter.emit("event")
    assert counts == [0]
    assert not emitter.emit("event")


def test_once_is_called_once_when_the_listener_emits_again(emitter: EventEmitter, calls: list[Any]) -> None:
    def listener() -> None:
        calls.append("called")
        emitter.emit("event")

    emitter.once("event", listener)
    emitter.emit("event")
    assert calls == ["called"]


def test_once_is_called_once_when_another_listener_emits_before_it(
    emitter: EventEmitter, calls: list[Any]
) -> None:
    def emit_again() -> None:
        emitter.off("event", emit_again)
        emitter.emit("event")

    emitter.on("event", emit_again)
    emitter.once("event", lambda: calls.append("called"))
    emitter.emit("event")
    assert calls == ["called"]


def test_once_can_be_removed_by_the_listener_it_was_given(emitter: EventEmitter, calls: list[Any]) -> None:
    emitter.once("event", calls.append)
    emitter.off("event", calls.append)
    assert not emitter.emit("event", 1)


def test_once_added_twice_is_called_twice(emitter: EventEmitter, calls: list[Any]) -> None:
    emitter.once("event", calls.append).once("event", calls.append)
    emitter.emit("event", 1)
    emitter.emit("event", 2)
    assert calls == [1, 1]


# --- add -----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("method", ADDING)
def test_adding_returns_the_emitter(emitter: EventEmitter, method: str) -> None:
    assert getattr(emitter, method)("event", print) is emitter


@pytest.mark.parametrize("method", ADDING)
def test_adding_without_a_listener_is_a_decorator(
    emitter: EventEmitter, method: str, calls: list[Any]
) -> None:
    def listener(value: int) -> None:
        calls.append(value)

    assert getattr(emitter, method)("event")(listener) is listener
    emitter.emit("event", 1)
    assert calls == [1]


@pytest.mark.parametrize("method", [*ADDING, "off", "remove_listener"])
@pytest.mark.parametrize("listener", [None, "print", 1])
def test_a_listener_that_is_not_callable_is_refused(
    emitter: EventEmitter, method: str, listener: object
) -> None:
    with pytest.raises(ArgumentTypeError, match="listener must be callable") as caught:
        getattr(emitter, method)("event", listener)
    assert caught.value.code == "ERR_INVALID_ARG_TYPE"
    assert emitter.event_names() == []


def test_a_decorated_object_that_is_not_callable_is_refused(emitter: EventEmitter) -> None:
    with pytest.raises(ArgumentTypeError):
        emitter.on("event")(3)  # type: ignore[type-var]


def test_prepended_listeners_come_first(emitter: EventEmitter, calls: list[Any]) -> None:
    emitter.on("event", recorder(calls, "on"))
    emitter.prepend_listener("event", recorder(calls, "prepended"))
    emitter.prepend_once_listener("event", recorder(calls, "prepended once"))
    emitter.emit("event")
    emitter.emit("event")
    assert [name for name, in calls] == ["prepended once", "prepended", "on", "prepended", "on"]


def test_new_listener_is_emitted_before_the_listener_is_there(
    emitter: EventEmitter, calls: list[Any]
) -> None:
    def on_new_listener(event: object, listener: object) -> None:
        calls.append((event, listener, emitter.listener_count("event")))

    emitter.on("new_listener", on_new_listener)
    emitter.on("event", print)
    emitter.once("event", repr)
    assert calls == [("event", print, 0), ("event", repr, 1)]


def test_a_listener_added_by_new_listener_comes_before_the_one_it_announces(
    emitter: EventEmitter, calls: list[Any]
) -> None:
    emitter.once("new_listener", lambda event, _: emitter.on(event, recorder(calls, "first")))
    emitter.on("event", recorder(calls, "second"))
    emitter.emit("event")
    assert calls == [("first",), ("second",)]


# --- remove --------------------------------------------------------------------------------------------

def test_remove_listener_removes_the_newest_entry_only(emitter: EventEmitter) -> None:
    emitter.on("event", print).on("event", repr).on("event", print)
    assert emitter.remove_listener("event", print) is emitter
    assert emitter.listeners("event") == [print, repr]
    emitter.off("event", print)
    assert emitter.listeners("event") == [repr]
    emitter.off("event", repr)
    assert emitter.event_names() == []


def test_removing_a_stranger_is_ignored(emitter: EventEmitter) -> None:
    emitter.off("event", print)
    emitter.on("event", print)
    emitter.off("event", repr)
    assert emitter.listeners("event") == [print]


def test_a_bound_method_can_be_removed_although_it_is_a_new_object_each_time(emitter: EventEmitter) -> None:
    class Owner:
        def method(self) -> None: ...

    owner, other = Owner(), Owner()
    emitter.on("event", owner.method).on("event", other.method)
    emitter.off("event", owner.method)
    assert emitter.listeners("event") == [other.method]


def test_remove_listener_is_emitted_after_the_removal_with_the_listener_as_given(
    emitter: EventEmitter, calls: list[Any]
) -> None:
    def on_removal(event: object, listener: object) -> None:
        calls.append((event, listener, emitter.listener_count("event")))

    emitter.on("remove_listener", on_removal)
    emitter.on("event", print).once("event", repr)
    emitter.off("event", repr).off("event", print)
    assert calls == [("event", repr, 1), ("event", print, 0)]


def test_remove_all_listeners_of_one_event_announces_the_newest_first(
    emitter: EventEmitter, calls: list[Any]
) -> None:
    emitter.on("event", print).on("event", repr).on("other", print)
    emitter.on("remove_listener", lambda event, listener: calls.append(listener))
    assert emitter.remove_all_listeners("event") is emitter
    assert calls == [repr, print]
    assert emitter.event_names() == ["other", "remove_listener"]


def test_remove_all_listeners_lets_those_who_hear_of_removals_go_last(
    emitter: EventEmitter, calls: list[Any]
) -> None:
    emitter.on("remove_listener", lambda event, listener: calls.append(event))
    emitter.on("a", print).on("b", print)
    emitter.remove_all_listeners()
    assert calls == ["a", "b"]
    assert emitter.event_names() == []


def test_remove_all_listeners_ends_although_each_removal_adds_a_listener(emitter: EventEmitter) -> None:
    emitter.on("remove_listener", lambda event, _: emitter.on(event, repr) if event == "event" else None)
    emitter.on("event", print).on("event", print)
    emitter.remove_all_listeners("event")
    assert emitter.listeners("event") == [repr, repr]


def test_remove_all_listeners_of_nothing_is_fine(emitter: EventEmitter) -> None:
    assert emitter.remove_all_listeners() is emitter
    assert emitter.remove_all_listeners("event") is emitter
    assert emitter.remove_all_listeners(None).event_names() == []


# --- ask -----------------------------------------------------------------------------------------------

def test_event_names_come_in_the_order_of_their_first_listener(emitter: EventEmitter) -> None:
    assert emitter.event_names() == []
    emitter.on("b", print).on("a", print).on("b", repr)
    assert emitter.event_names() == ["b", "a"]


def test_listeners_are_a_copy_and_show_what_was_given_to_once(emitter: EventEmitter) -> None:
    emitter.on("event", print).once("event", repr)
    emitter.listeners("event").clear()
    assert emitter.listeners("event") == [print, repr]


def test_raw_listeners_show_the_wrappers_of_once(emitter: EventEmitter, calls: list[Any]) -> None:
    emitter.on("event", print).once("event", calls.append)
    first, wrapper = emitter.raw_listeners("event")
    assert first is print
    assert wrapper.listener == calls.append  # type: ignore[attr-defined]
    assert repr(wrapper) == f"<once {calls.append!r}>"
    wrapper(1)
    assert calls == [1]
    assert emitter.listeners("event") == [print]


def test_listener_count_counts_all_or_one(emitter: EventEmitter) -> None:
    assert emitter.listener_count("event") == 0
    emitter.on("event", print).once("event", print).on("event", repr)
    assert emitter.listener_count("event") == 3
    assert emitter.listener_count("event", print) == 2
    assert emitter.listener_count("event", sorted) == 0


# --- the limit -----------------------------------------------------------------------------------------

@pytest.fixture
def default_limit() -> Iterator[None]:
    before = events.default_max_listeners
    yield
    events.default_max_listeners = before


def add(emitter: EventEmitter, times: int, event: str = "event") -> None:
    for _ in range(times):
        emitter.on(event, print)


def test_the_eleventh_listener_gets_one_warning_per_event(emitter: EventEmitter) -> None:
    add(emitter, 10)
    with pytest.warns(MaxListenersExceededWarning, match="11 listeners for 'event'") as caught:
        add(emitter, 5)
    assert len(caught) == 1
    with pytest.warns(MaxListenersExceededWarning, match="'other'"):
        add(emitter, 11, "other")


def test_the_warning_points_to_the_line_that_added_the_listener(emitter: EventEmitter) -> None:
    add(emitter, 10)
    with pytest.warns(MaxListenersExceededWarning) as caught:
        emitter.once("event", print)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("limit", [0, math.inf, 11])
def test_set_max_listeners_changes_the_limit_of_one_emitter(emitter: EventEmitter, limit: float) -> None:
    assert emitter.get_max_listeners() == 10
    assert emitter.set_max_listeners(limit) is emitter
    assert emitter.get_max_listeners() == limit
    add(emitter, 11)


@pytest.mark.parametrize("limit", [-1, math.nan])
def test_a_limit_that_is_no_limit_is_refused(emitter: EventEmitter, limit: float) -> None:
    with pytest.raises(ArgumentValueError) as caught:
        emitter.set_max_listeners(limit)
    assert caught.value.code == "ERR_OUT_OF_RANGE"
    with pytest.raises(ArgumentTypeError):
        emitter.set_max_listeners("7")  # type: ignore[arg-type]


@pytest.mark.usefixtures("default_limit")
def test_the_default_limit_can_be_changed_for_all_by_assignment(emitter: EventEmitter) -> None:
    events.default_max_listeners = 2
    assert emitter.get_max_listeners() == 2
    with pytest.warns(MaxListenersExceededWarning, match="3 listeners"):
        add(emitter, 3)


# --- the object ----------------------------------------------------------------------------------------

def test_attributes_can_be_hung_on_an_emitter_and_it_can_be_referenced_weakly(emitter: EventEmitter) -> None:
    emitter.nickname = "door"  # type: ignore[attr-defined]
    assert emitter.nickname == "door"  # type: ignore[attr-defined]
    assert weakref.ref(emitter)() is emitter


def test_an_emitter_that_listens_to_itself_is_collected() -> None:
    class Selfish(EventEmitter):
        def __init__(self) -> None:
            super().__init__()
            self.on("event", self.listen).once("other", self.listen)

        def listen(self) -> None: ...

    reference = weakref.ref(Selfish())
    gc.collect()
    assert reference() is None


def test_an_emitter_can_be_mixed_into_another_class(calls: list[Any]) -> None:
    class Base:
        def __init__(self, value: int) -> None:
            self.value = value

    class Mixed(Base, EventEmitter): ...

    mixed = Mixed(7)
    mixed.on("event", calls.append)
    mixed.emit("event", mixed.value)
    assert calls == [7]


def test_unknown_options_are_refused() -> None:
    with pytest.raises(TypeError):
        EventEmitter(capture=True)  # type: ignore[call-arg]


@pytest.mark.parametrize("arguments", [(), (1,), (1, 2), (1, 2, 3)])
@pytest.mark.parametrize("add", ["on", "once"])
def test_what_a_listener_wants_beyond_the_arguments_is_none(add: str, arguments: tuple[int, ...]) -> None:
    class Owner:
        def method(self, a: Any, b: Any = "default") -> None:
            got.append((a, b))

    got: list[Any] = []
    emitter = EventEmitter()
    for listener in (lambda a: got.append(a), lambda a, b: got.append((a, b)), Owner().method,
                     lambda a, b=5: got.append((a, b)), lambda *rest: got.append(rest)):
        getattr(emitter, add)("event", listener)
    emitter.emit("event", *arguments)
    a, b = (*arguments, None, None)[:2]
    assert got == [a, (a, b), (a, (*arguments, None, "default")[1] if len(arguments) > 1 else "default"),
                   (a, b if len(arguments) > 1 else 5), arguments]


def test_a_listener_gets_as_many_arguments_as_it_takes():
    class Room:
        def __init__(self):
            self.heard = []

        def nothing(self):
            self.heard.append("nothing")

        def one(self, first):
            self.heard.append(first)

    emitter, room = EventEmitter(), Room()
    emitter.on("said", lambda: room.heard.append("lambda"))
    emitter.on("said", room.nothing)
    emitter.on("said", room.one)
    emitter.once("said", lambda first, second: room.heard.append((first, second)))
    emitter.on("said", lambda *everything: room.heard.append(everything))
    emitter.emit("said", 1, 2, 3)
    assert room.heard == ["lambda", "nothing", 1, (1, 2), (1, 2, 3)]


def test_a_listener_without_arguments_is_listed_and_removed_as_it_was_given():
    emitter = EventEmitter()

    def listener():
        raise AssertionError("removed")

    emitter.on("said", listener)
    assert emitter.listeners("said") == emitter.raw_listeners("said") == [listener]
    emitter.off("said", listener)
    assert not emitter.emit("said", 1)
