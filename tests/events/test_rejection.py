"""Listeners that are coroutine functions: https://nodejs.org/api/events.html#capture-rejections-of-promises"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator, Iterator
from typing import Any

import pytest

from netloop import events
from netloop.events import EventEmitter, capture_rejection_symbol, error_monitor
from netloop.loop import run


async def fail(*_: object) -> None:
    raise ZeroDivisionError("in a listener")


class Hooked(EventEmitter):
    """Has the hook that takes the failures of coroutine listeners."""

    def __init__(self, capture_rejections: bool | None = None) -> None:
        super().__init__(capture_rejections=capture_rejections)
        self.captured: list[Any] = []

    def capture_rejection(self, error: Exception, event: object, *arguments: object) -> None:
        self.captured.append((str(error), event, *arguments))


def run_and_collect(main: Any) -> list[Exception]:
    """What `main` leaves unhandled."""
    unhandled: list[Exception] = []
    run(main, on_unhandled=unhandled.append)
    return unhandled


@pytest.fixture
def no_capturing() -> Iterator[None]:
    events.capture_rejections = False
    yield
    events.capture_rejections = True


@pytest.mark.parametrize("arguments", [(), (1,), (1, 2)])
@pytest.mark.parametrize("others", [0, 1])
def test_a_coroutine_listener_is_run_to_its_end(arguments: tuple[int, ...], others: int) -> None:
    done: list[Any] = []

    async def listener(*given: int) -> None:
        await asyncio.sleep(0)
        done.append(given)

    emitter = EventEmitter().on("event", listener)
    for _ in range(others):
        emitter.on("event", lambda *_: None)
    run(lambda: emitter.emit("event", *arguments))
    assert done == [arguments]


def test_once_with_a_coroutine_function_runs_once() -> None:
    done: list[int] = []

    async def listener(value: int) -> None:
        done.append(value)

    emitter = EventEmitter().once("event", listener)
    run(lambda: (emitter.emit("event", 1), emitter.emit("event", 2)))
    assert done == [1]


def test_a_coroutine_of_another_kind_is_run_as_well() -> None:
    """As those of compiled functions are, and be it an emitter as well, as most results are that are none."""
    class Wrapped(EventEmitter, Coroutine[Any, Any, None]):
        def __init__(self, inner: Coroutine[Any, Any, None]) -> None:
            self.inner = inner

        def __await__(self) -> Generator[Any, Any, None]:
            return self.inner.__await__()

        def send(self, value: Any) -> Any:
            return self.inner.send(value)

        def throw(self, *error: Any) -> Any:
            return self.inner.throw(*error)

    async def listener() -> None:
        await asyncio.sleep(0)
        done.append(True)

    done: list[bool] = []
    emitter = EventEmitter()
    emitter.on("event", lambda: emitter).on("event", lambda: Wrapped(listener()))
    run(lambda: emitter.emit("event"))
    assert done == [True]


def test_results_that_are_no_coroutines_mean_nothing() -> None:
    emitter = EventEmitter()
    for result in (1, "text", True, False, object(), [fail], emitter):
        emitter.on("event", lambda result=result: result)
    assert emitter.emit("event")


def test_a_failure_is_emitted_as_an_error_by_default() -> None:
    errors: list[Exception] = []
    emitter = EventEmitter().on("event", fail).on("error", errors.append)
    assert run_and_collect(lambda: emitter.emit("event")) == []
    assert [str(error) for error in errors] == ["in a listener"]


def test_a_failure_without_an_error_listener_is_unhandled() -> None:
    emitter = EventEmitter().on("event", fail)
    with pytest.raises(ZeroDivisionError, match="in a listener"):
        run(lambda: emitter.emit("event"))


def test_a_failure_goes_to_the_hook_if_the_class_has_one() -> None:
    emitter = Hooked().on("event", fail).on("error", fail)
    assert run_and_collect(lambda: emitter.emit("event", 1, 2)) == []
    assert emitter.captured == [("in a listener", "event", 1, 2)]


def test_the_symbol_is_the_name_of_the_hook() -> None:
    assert callable(getattr(Hooked, capture_rejection_symbol))


@pytest.mark.parametrize("kind", [EventEmitter, Hooked])
def test_without_capturing_a_failure_is_unhandled_at_once(kind: type[EventEmitter]) -> None:
    errors: list[Exception] = []
    emitter = kind(capture_rejections=False)
    emitter.on("event", fail).on("error", errors.append)
    assert [str(error) for error in run_and_collect(lambda: emitter.emit("event"))] == ["in a listener"]
    assert errors == []


@pytest.mark.usefixtures("no_capturing")
def test_the_module_setting_is_the_default() -> None:
    errors: list[Exception] = []
    emitter = EventEmitter().on("event", fail).on("error", errors.append)
    assert len(run_and_collect(lambda: emitter.emit("event"))) == 1
    assert errors == []
    capturing = EventEmitter(capture_rejections=True).on("event", fail).on("error", errors.append)
    assert run_and_collect(lambda: capturing.emit("event")) == []
    assert len(errors) == 1


@pytest.mark.parametrize("event", ["error", error_monitor])
def test_an_error_listener_that_fails_itself_does_not_go_on_for_ever(event: object) -> None:
    calls: list[object] = []

    async def listener(error: object) -> None:
        calls.append(error)
        raise LookupError(f"failure {len(calls)}")

    emitter = EventEmitter().on(event, listener).on("error", lambda _: None)
    unhandled = run_and_collect(lambda: emitter.emit("error", ValueError("first")))
    assert [str(error) for error in calls] == ["first", "failure 1"]
    assert [str(error) for error in unhandled] == ["failure 2"]


def test_a_cancelled_listener_has_not_failed() -> None:
    async def listener() -> None:
        raise asyncio.CancelledError

    emitter = EventEmitter().on("event", listener)
    assert run_and_collect(lambda: emitter.emit("event")) == []
