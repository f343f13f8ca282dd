"""events.once and events.on: https://nodejs.org/api/events.html#eventsonceemitter-name-options"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from netloop import events
from netloop.errors import AbortError, ArgumentTypeError, ArgumentValueError, UnhandledError
from netloop.events import AbortController, AbortSignal, Event, EventEmitter, EventTarget

Main = Callable[[], Awaitable[None]]


class Pausable(EventEmitter):
    """Records pause and resume as a stream would obey them."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def pause(self) -> None:
        self.calls.append("pause")

    def resume(self) -> None:
        self.calls.append("resume")


def listens_to_nothing(emitter: EventEmitter, controller: AbortController | None = None) -> bool:
    signal_is_free = controller is None or events.listener_count(controller.signal, "abort") == 0
    return emitter.event_names() == [] and signal_is_free


# --- once ----------------------------------------------------------------------------------------------

def test_once_gives_the_arguments_as_a_list_and_leaves_no_listener() -> None:
    async def main() -> None:
        emitter, controller = EventEmitter(), AbortController()
        waiting = events.once(emitter, "event", signal=controller.signal)
        emitter.emit("event", 1, 2)
        assert listens_to_nothing(emitter, controller)
        assert await waiting == [1, 2]

    asyncio.run(main())


def test_once_listens_from_the_moment_of_the_call() -> None:
    async def main() -> None:
        emitter = EventEmitter()
        waiting = events.once(emitter, "event")
        emitter.emit("event", "early")
        emitter.emit("event", "late")
        assert await waiting == ["early"]

    asyncio.run(main())


def test_once_raises_an_error_that_comes_first() -> None:
    async def main() -> None:
        emitter = EventEmitter()
        waiting = events.once(emitter, "event")
        emitter.emit("error", ConnectionResetError("gone"))
        assert listens_to_nothing(emitter)
        with pytest.raises(ConnectionResetError, match="gone"):
            await waiting

    asyncio.run(main())


def test_once_raises_an_error_that_is_no_exception_as_an_unhandled_error() -> None:
    async def main() -> None:
        emitter = EventEmitter()
        waiting = events.once(emitter, "event")
        emitter.emit("error", "text")
        with pytest.raises(UnhandledError):
            await waiting

    asyncio.run(main())


def test_once_waits_for_error_itself() -> None:
    async def main() -> None:
        emitter, error = EventEmitter(), ValueError()
        waiting = events.once(emitter, "error")
        emitter.emit("error", error)
        assert await waiting == [error]
        assert listens_to_nothing(emitter)

    asyncio.run(main())


def test_once_leaves_nothing_when_its_task_is_cancelled() -> None:
    async def main() -> None:
        emitter, controller = EventEmitter(), AbortController()

        async def wait() -> None:
            await events.once(emitter, "event", signal=controller.signal)

        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        assert emitter.event_names() == ["event", "error"]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert listens_to_nothing(emitter, controller)

    asyncio.run(main())


def test_once_leaves_nothing_when_its_signal_aborts() -> None:
    async def main() -> None:
        emitter, controller = EventEmitter(), AbortController()
        waiting = events.once(emitter, "event", signal=controller.signal)
        controller.abort("enough")
        assert listens_to_nothing(emitter, controller)
        with pytest.raises(AbortError) as caught:
            await waiting
        assert caught.value.cause == "enough"

    asyncio.run(main())


def test_once_fails_at_once_with_a_signal_that_has_aborted() -> None:
    async def main() -> None:
        emitter = EventEmitter()
        waiting = events.once(emitter, "event", signal=AbortSignal.abort())
        assert listens_to_nothing(emitter)
        with pytest.raises(AbortError):
            await waiting

    asyncio.run(main())


def test_once_waits_for_the_event_of_a_target() -> None:
    async def main() -> None:
        target, event = EventTarget(), Event("event")
        waiting = events.once(target, "event")
        target.dispatch_event(event)
        assert await waiting == [event]
        assert events.listener_count(target, "event") == 0

    asyncio.run(main())


def test_only_emitters_and_targets_can_be_waited_for() -> None:
    async def main() -> None:
        with pytest.raises(ArgumentTypeError):
            events.once(object(), "event")  # type: ignore[arg-type]
        with pytest.raises(ArgumentTypeError):
            events.on(object(), "event")  # type: ignore[arg-type]
        with pytest.raises(ArgumentTypeError):
            events.once(EventEmitter(), "event", signal=1)  # type: ignore[arg-type]

    asyncio.run(main())


# --- on ------------------------------------------------------------------------------------------------

def test_on_queues_what_comes_between_two_steps() -> None:
    async def main() -> None:
        emitter = EventEmitter()
        iterator = events.on(emitter, "event")
        emitter.emit("event", 1)
        emitter.emit("event", 2, 3)
        assert await anext(iterator) == [1]
        assert await anext(iterator) == [2, 3]
        asyncio.get_running_loop().call_soon(emitter.emit, "event", 4)
        assert await anext(iterator) == [4]

    asyncio.run(main())


def test_break_leaves_no_listener() -> None:
    async def main() -> None:
        emitter, controller = EventEmitter(), AbortController()
        asyncio.get_running_loop().call_soon(emitter.emit, "event", 1)
        async for arguments in events.on(emitter, "event", close=["end"], signal=controller.signal):
            assert arguments == [1]
            assert emitter.event_names() == ["event", "error", "end"]
            break
        gc.collect()
        assert listens_to_nothing(emitter, controller)

    asyncio.run(main())


def test_on_leaves_nothing_when_its_task_is_cancelled() -> None:
    async def main() -> None:
        emitter, controller = EventEmitter(), AbortController()

        async def iterate() -> None:
            async for _ in events.on(emitter, "event", close=["end"], signal=controller.signal):
                pass

        task = asyncio.create_task(iterate())
        await asyncio.sleep(0)
        assert emitter.event_names() == ["event", "error", "end"]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        gc.collect()
        assert listens_to_nothing(emitter, controller)

    asyncio.run(main())


def test_a_step_that_was_cancelled_loses_no_event() -> None:
    async def main() -> None:
        emitter = EventEmitter()
        iterator = events.on(emitter, "event")
        first, second = asyncio.create_task(anext(iterator)), asyncio.create_task(anext(iterator))
        await asyncio.sleep(0)
        emitter.emit("event", 1)    # wakes the first one, which is then cancelled before it runs
        first.cancel()
        assert await second == [1]
        emitter.emit("event", 2)
        assert await anext(iterator) == [2]

    asyncio.run(main())


def test_steps_that_wait_together_get_events_in_order() -> None:
    async def main() -> None:
        emitter = EventEmitter()
        iterator = events.on(emitter, "event")
        steps = [asyncio.create_task(anext(iterator)) for _ in range(3)]
        await asyncio.sleep(0)
        for number in range(3):
            emitter.emit("event", number)
        assert await asyncio.gather(*steps) == [[0], [1], [2]]

    asyncio.run(main())


def test_close_events_end_the_iteration_after_what_is_queued() -> None:
    async def main() -> None:
        emitter = EventEmitter()
        iterator = events.on(emitter, "event", close=["end", "close"])
        emitter.emit("event", 1)
        emitter.emit("close", "had_error")
        emitter.emit("event", 2)
        assert [arguments async for arguments in iterator] == [[1]]
        assert listens_to_nothing(emitter)

    asyncio.run(main())


def test_a_close_event_wakes_all_who_wait() -> None:
    async def main() -> None:
        emitter = EventEmitter()
        iterator = events.on(emitter, "event", close=["end"])
        steps = [asyncio.create_task(anext(iterator, None)) for _ in range(2)]
        await asyncio.sleep(0)
        emitter.emit("end")
        assert await asyncio.gather(*steps) == [None, None]

    asyncio.run(main())


def test_an_error_is_raised_once_after_what_is_queued() -> None:
    async def main() -> None:
        emitter = EventEmitter()
        iterator = events.on(emitter, "event")
        emitter.emit("event", 1)
        emitter.emit("error", ValueError("bad"))
        assert listens_to_nothing(emitter)
        assert await anext(iterator) == [1]
        with pytest.raises(ValueError, match="bad"):
            await anext(iterator)
        assert await anext(iterator, "over") == "over"

    asyncio.run(main())


def test_on_iterates_over_error_itself() -> None:
    async def main() -> None:
        emitter, error = EventEmitter(), ValueError()
        iterator = events.on(emitter, "error")
        emitter.emit("error", error)
        assert await anext(iterator) == [error]

    asyncio.run(main())


def test_a_signal_ends_the_iteration_with_an_abort_error() -> None:
    async def main() -> None:
        emitter, controller = EventEmitter(), AbortController()
        iterator = events.on(emitter, "event", signal=controller.signal)
        controller.abort()
        assert listens_to_nothing(emitter, controller)
        with pytest.raises(AbortError) as caught:
            await anext(iterator)
        assert caught.value.cause is controller.signal.reason
        with pytest.raises(AbortError):
            events.on(emitter, "event", signal=controller.signal)

    asyncio.run(main())


def test_aclose_and_throw_end_the_iteration() -> None:
    async def main() -> None:
        emitter = EventEmitter()
        closed, failed = events.on(emitter, "event"), events.on(emitter, "event")
        emitter.emit("event", 1)
        await closed.aclose()
        failed.throw(ValueError("thrown"))
        assert listens_to_nothing(emitter)
        assert [arguments async for arguments in closed] == []
        assert await anext(failed) == [1]
        with pytest.raises(ValueError, match="thrown"):
            await anext(failed)

    asyncio.run(main())


def test_the_emitter_is_paused_above_the_high_and_resumed_below_the_low_water_mark() -> None:
    async def main() -> None:
        emitter = Pausable()
        iterator = events.on(emitter, "event", high_water_mark=3, low_water_mark=2)
        for number in range(3):
            emitter.emit("event", number)
        assert emitter.calls == []
        emitter.emit("event", 3)
        emitter.emit("event", 4)
        assert emitter.calls == ["pause"]
        for _ in range(3):
            await anext(iterator)
        assert emitter.calls == ["pause"]
        await anext(iterator)
        assert emitter.calls == ["pause", "resume"]

    asyncio.run(main())


def test_what_goes_to_a_waiting_step_does_not_count_as_queued() -> None:
    async def main() -> None:
        emitter = Pausable()
        iterator = events.on(emitter, "event", high_water_mark=1)
        step = asyncio.create_task(anext(iterator))
        await asyncio.sleep(0)
        emitter.emit("event", 1)
        emitter.emit("event", 2)
        assert emitter.calls == []
        emitter.emit("event", 3)
        assert emitter.calls == ["pause"]
        assert await step == [1]

    asyncio.run(main())


@pytest.mark.parametrize("marks", [{"high_water_mark": 0}, {"low_water_mark": 0}, {"low_water_mark": -1}])
def test_a_water_mark_below_one_is_refused(marks: dict[str, Any]) -> None:
    with pytest.raises(ArgumentValueError) as caught:
        events.on(EventEmitter(), "event", **marks)
    assert caught.value.code == "ERR_OUT_OF_RANGE"


def test_on_iterates_over_the_events_of_a_target() -> None:
    async def main() -> None:
        target, event = EventTarget(), Event("event")
        iterator = events.on(target, "event", close=["close"])
        target.dispatch_event(event)
        target.dispatch_event(Event("close"))
        assert [arguments async for arguments in iterator] == [[event]]
        assert events.listener_count(target, "event") == events.listener_count(target, "close") == 0

    asyncio.run(main())
