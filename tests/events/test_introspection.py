"""The functions that take emitters and targets alike, and the settings of the module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from netloop import events
from netloop.errors import ArgumentTypeError, ArgumentValueError
from netloop.events import AbortController, EventEmitter, EventTarget


@pytest.fixture
def default_limit() -> Iterator[None]:
    before = events.default_max_listeners
    yield
    events.default_max_listeners = before


def test_get_event_listeners_gives_a_copy_for_emitters_and_targets() -> None:
    emitter, target = EventEmitter().on("ping", print).once("ping", repr), EventTarget()
    target.add_event_listener("ping", print)
    target.add_event_listener("ping", repr, once=True)
    for source in (emitter, target):
        listeners = events.get_event_listeners(source, "ping")
        assert listeners == [print, repr]
        listeners.clear()
        assert events.listener_count(source, "ping") == 2
        assert events.get_event_listeners(source, "pong") == []


def test_max_listeners_of_emitters_and_targets() -> None:
    emitter, target = EventEmitter(), EventTarget()
    assert events.get_max_listeners(emitter) == events.get_max_listeners(target) == 10
    events.set_max_listeners(5, emitter, target)
    assert events.get_max_listeners(emitter) == events.get_max_listeners(target) == 5
    assert events.default_max_listeners == 10
    assert events.get_max_listeners(AbortController().signal) == 0


@pytest.mark.usefixtures("default_limit")
def test_set_max_listeners_without_targets_sets_the_default() -> None:
    events.set_max_listeners(7)
    assert events.default_max_listeners == 7
    assert EventEmitter().get_max_listeners() == events.get_max_listeners(EventTarget()) == 7


def test_a_limit_that_is_no_limit_is_refused_before_anything_changes() -> None:
    emitter = EventEmitter()
    with pytest.raises(ArgumentValueError):
        events.set_max_listeners(-1, emitter)
    assert emitter.get_max_listeners() == 10


def test_what_is_neither_emitter_nor_target_is_refused() -> None:
    for ask in (events.get_max_listeners, lambda it: events.get_event_listeners(it, "ping"),
                lambda it: events.listener_count(it, "ping"), lambda it: events.set_max_listeners(1, it)):
        with pytest.raises(ArgumentTypeError):
            ask(object())  # type: ignore[arg-type]
