"""run: what it takes, what it returns, when it ends, and that it can be called again."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from typing import Any

import pytest

import netloop
from netloop import active_handles, next_tick, run, set_immediate, set_interval, set_timeout
from netloop.events import EventEmitter
from netloop.loop import current

LOOPBACK = "127.0.0.1"


def raising(error: BaseException) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise error
    return fail


# --- main ---

async def answer() -> int:
    await asyncio.sleep(0)
    return 42


def test_run_returns_the_result_of_a_coroutine_function() -> None:
    assert run(answer) == 42


def test_run_returns_the_result_of_a_coroutine() -> None:
    assert run(answer()) == 42


def test_run_returns_the_result_of_a_function() -> None:
    assert run(lambda: 42) == 42


def test_run_returns_an_awaitable_that_is_no_coroutine_as_it_is() -> None:
    values = (number for number in range(3))
    assert run(lambda: values) is values


def test_run_without_main_returns_none() -> None:
    assert run() is None


def test_main_is_called_inside_the_loop() -> None:
    seen: list[Any] = []
    run(lambda: seen.append(asyncio.get_running_loop()))
    run(lambda: seen.append(current().asyncio_loop is asyncio.get_running_loop()))
    assert seen[0].is_closed()
    assert seen[1:] == [True]


def test_run_goes_on_after_main_returned_until_nothing_is_open() -> None:
    log: list[str] = []

    async def main() -> str:
        set_timeout(log.append, 1, "timer")
        return "result"

    assert run(main) == "result"
    assert log == ["timer"]


def test_what_was_made_before_runs_before_main() -> None:
    log: list[str] = []
    next_tick(log.append, "tick")
    set_timeout(log.append, 1, "timer")
    run(lambda: log.append("main"))
    assert log == ["tick", "main", "timer"]


@pytest.mark.parametrize("main", [5, "main", [], (number for number in range(3)), object()])
def test_main_of_another_kind_is_refused(main: Any) -> None:
    with pytest.raises(TypeError, match="main must be a coroutine, a function or None") as caught:
        run(main)
    assert caught.value.code == "ERR_INVALID_ARG_TYPE"  # type: ignore[attr-defined]


@pytest.mark.parametrize("on_unhandled", [5, "print", []])
def test_on_unhandled_that_is_no_function_is_refused(on_unhandled: Any) -> None:
    with pytest.raises(TypeError, match="on_unhandled must be a function or None"):
        run(on_unhandled=on_unhandled)


def test_unknown_options_are_refused() -> None:
    with pytest.raises(TypeError):
        run(busy=1)  # type: ignore[call-overload]


# --- main that fails ---

def test_what_a_main_function_raises_is_raised_by_run() -> None:
    error = ValueError("broken")
    with pytest.raises(ValueError, match="broken") as caught:
        run(raising(error))
    assert caught.value is error


def test_what_a_main_coroutine_raises_is_raised_by_run_and_closes_what_is_open() -> None:
    async def main() -> None:
        set_interval(print, 1)
        await netloop.net.create_server().listen(0, LOOPBACK)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        run(main)
    assert active_handles() == []


def test_what_main_raises_does_not_go_to_on_unhandled() -> None:
    seen: list[Exception] = []
    with pytest.raises(ValueError, match="broken"):
        run(raising(ValueError("broken")), on_unhandled=seen.append)
    assert seen == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)], ids=["KeyboardInterrupt", "SystemExit"])
@pytest.mark.parametrize("later", [False, True], ids=["main", "listener"])
def test_exceptions_that_end_a_program_leave_run_and_close_what_is_open(error: BaseException, later: bool) -> None:
    seen: list[Exception] = []

    def main() -> None:
        set_interval(print, 10_000)
        if later:
            set_timeout(raising(error), 1)
        else:
            raise error

    with pytest.raises(type(error)) as caught:
        run(main, on_unhandled=seen.append)
    assert caught.value is error
    assert seen == []
    assert active_handles() == []


# --- errors that nobody handled ---

def unhandled_event(error: Exception) -> None:
    EventEmitter().emit("error", error)


async def failing_coroutine(error: Exception) -> None:
    await asyncio.sleep(0)
    raise error


def failing_interval(error: Exception) -> None:
    def fail() -> None:
        timer.close()
        raise error
    timer = set_interval(fail, 1)


WAYS = {
    "error event": lambda error: next_tick(unhandled_event, error),
    "tick": lambda error: next_tick(raising(error)),
    "timer": lambda error: set_timeout(raising(error), 1),
    "interval": failing_interval,
    "immediate": lambda error: set_immediate(raising(error)),
    "coroutine listener": lambda error: EventEmitter().on("x", failing_coroutine).emit("x", error),
    "coroutine timer": lambda error: set_timeout(failing_coroutine, 1, error),
    "coroutine immediate": lambda error: set_immediate(failing_coroutine, error),
    "coroutine tick": lambda error: next_tick(failing_coroutine, error),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_an_error_that_nobody_handles_ends_the_loop_and_is_raised(way: Callable[[Exception], object]) -> None:
    error = ValueError("unheard")
    later: list[str] = []

    def main() -> None:
        set_timeout(later.append, 10_000, "never")
        way(error)

    with pytest.raises(ValueError, match="unheard") as caught:
        run(main)
    assert caught.value is error
    assert later == []


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_on_unhandled_gets_the_error_and_the_loop_goes_on(way: Callable[[Exception], object]) -> None:
    error = ValueError("unheard")
    seen: list[Exception] = []

    def note(raised: Exception) -> None:
        seen.append(raised)
        set_timeout(seen.append, 1, KeyError("afterwards"))

    run(lambda: way(error), on_unhandled=note)
    assert seen[0] is error
    assert repr(seen[1]) == "KeyError('afterwards')"


def test_what_on_unhandled_raises_ends_the_loop() -> None:
    def complain(error: Exception) -> None:
        raise RuntimeError("worse") from error

    with pytest.raises(RuntimeError, match="worse") as caught:
        run(lambda: next_tick(raising(ValueError("first"))), on_unhandled=complain)
    assert isinstance(caught.value.__cause__, ValueError)


def test_after_an_unhandled_error_no_further_callback_runs() -> None:
    log: list[str] = []

    def main() -> None:
        set_immediate(log.append, "immediate")
        next_tick(raising(ValueError("unheard")))
        next_tick(log.append, "tick")

    with pytest.raises(ValueError, match="unheard"):
        run(main)
    assert log == []


def test_tasks_are_cancelled_when_an_error_ends_the_loop() -> None:
    log: list[str] = []

    async def wait() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            log.append("cancelled")

    def main() -> None:
        current().spawn(wait())
        set_timeout(raising(ValueError("unheard")), 1)

    with pytest.raises(ValueError, match="unheard"):
        run(main)
    assert log == ["cancelled"]


def test_a_task_of_asyncio_alone_does_not_keep_the_loop_alive_and_is_cancelled() -> None:
    log: list[str] = []

    async def wait() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            log.append("cancelled")

    async def main() -> None:
        asyncio.current_task().theirs = asyncio.create_task(wait())  # type: ignore[union-attr]
        await asyncio.sleep(0)

    run(main)
    assert log == ["cancelled"]


def test_what_a_task_of_asyncio_raises_when_it_is_cancelled_is_told() -> None:
    told: list[Any] = []

    async def wait() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            raise ValueError("while it ended")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
        asyncio.current_task().theirs = loop.create_task(wait())  # type: ignore[union-attr]
        await asyncio.sleep(0)

    run(main)
    assert repr(told) == "[ValueError('while it ended')]"


# --- again ---

def test_run_works_again_after_it_returned() -> None:
    log: list[str] = []
    for each in ("first", "second", "third"):
        set_timeout(log.append, 1, each)
        run()
    assert log == ["first", "second", "third"]


def test_run_works_again_after_it_raised() -> None:
    with pytest.raises(ValueError, match="broken"):
        run(raising(ValueError("broken")))
    assert run(answer) == 42


def test_a_run_in_an_except_clause_ends_with_its_close_events() -> None:
    log: list[str] = []

    def main() -> None:
        server = netloop.net.create_server().on("close", lambda: log.append("close"))
        server.listen(0, LOOPBACK, server.unref)

    try:
        raise KeyError("of somebody else")
    except KeyError:
        run(main)
    assert log == ["close"]


def test_the_options_of_a_run_are_not_those_of_the_next() -> None:
    seen: list[Exception] = []
    run(lambda: next_tick(raising(ValueError("first"))), on_unhandled=seen.append, busy_poll=50)
    assert current().busy_poll == 0
    with pytest.raises(ValueError, match="second"):
        run(lambda: next_tick(raising(ValueError("second"))))
    assert repr(seen) == "[ValueError('first')]"


def test_run_inside_run_raises_and_says_what_to_do() -> None:
    with pytest.raises(RuntimeError, match="await instead") as caught:
        run(lambda: run())
    assert caught.value.code == "ERR_LOOP_RUNNING"  # type: ignore[attr-defined]


# --- closing ---

def test_what_is_unrefd_is_closed_with_its_events_at_the_end() -> None:
    log: list[str] = []

    async def bye() -> None:
        log.append("close")
        await asyncio.get_running_loop().create_future()

    def main() -> None:
        server = netloop.net.create_server().on("close", bye)
        server.listen(0, LOOPBACK, server.unref)

    run(main)
    assert log == ["close"]


def test_no_timer_is_called_any_more_while_the_loop_closes() -> None:
    log: list[str] = []

    def close() -> None:
        log.append("close")
        end = time.monotonic() + 0.006
        while time.monotonic() < end:
            pass

    def main() -> None:
        set_interval(log.append, 5, "interval").unref()
        server = netloop.net.create_server().on("close", close)
        server.listen(0, LOOPBACK, server.unref)

    run(main)
    assert log[-1] == "close"


def test_what_a_close_listener_raises_is_raised_by_run() -> None:
    def main() -> None:
        server = netloop.net.create_server().on("close", raising(ValueError("at the end")))
        server.listen(0, LOOPBACK, server.unref)

    with pytest.raises(ValueError, match="at the end"):
        run(main)


@pytest.mark.parametrize("count", [1, 2])
def test_what_on_unhandled_raises_while_the_loop_closes_is_raised_and_all_is_closed(count: int) -> None:
    seen: list[Exception] = []

    def complain(error: Exception) -> None:
        seen.append(error)
        raise RuntimeError("worse")

    def main() -> None:
        for _ in range(count):
            server = netloop.net.create_server().on("close", raising(ValueError("at the end")))
            server.listen(0, LOOPBACK, server.unref)

    with pytest.raises(RuntimeError, match="worse"):
        run(main, on_unhandled=complain)
    assert len(seen) == count


def test_async_generators_and_the_executor_are_shut_down() -> None:
    log: list[str] = []

    async def numbers() -> Any:
        try:
            yield 1
            yield 2
        finally:
            log.append("closed")

    async def main() -> int:
        loop = asyncio.get_running_loop()
        main.generator = numbers()  # type: ignore[attr-defined]
        await anext(main.generator)  # type: ignore[attr-defined]
        return await loop.run_in_executor(None, lambda: 42)

    assert run(main) == 42
    assert log == ["closed"]        # and the fixture finds no thread


# --- busy_poll ---

@pytest.mark.parametrize("busy_poll", ["50", None, True, [1]])
def test_busy_poll_that_is_no_number_is_refused(busy_poll: Any) -> None:
    with pytest.raises(TypeError, match="busy_poll must be a number of microseconds"):
        run(busy_poll=busy_poll)


@pytest.mark.parametrize("busy_poll", [-1, -0.5, math.nan, math.inf, 1_000_001])
def test_busy_poll_out_of_range_is_refused(busy_poll: float) -> None:
    with pytest.raises(ValueError, match="busy_poll must be from 0 to 1000000 microseconds") as caught:
        run(busy_poll=busy_poll)
    assert caught.value.code == "ERR_OUT_OF_RANGE"  # type: ignore[attr-defined]


def test_a_loop_that_polls_busily_serves_sockets_and_timers() -> None:
    received: list[bytes] = []

    async def main() -> int:
        server = netloop.net.create_server(lambda socket: socket.pipe(socket))
        await server.listen(0, LOOPBACK)
        client = await netloop.net.connect(server.address().port, LOOPBACK)  # type: ignore[union-attr]
        client.on("data", received.append)
        for number in range(20):
            client.write(bytes([number]))
            await netloop.events.once(client, "data")
        set_timeout(client.end, 1)
        await netloop.events.once(client, "close")
        server.close()
        return current().busy_poll

    assert run(main, busy_poll=100) == 100_000      # nanoseconds
    assert b"".join(received) == bytes(range(20))
