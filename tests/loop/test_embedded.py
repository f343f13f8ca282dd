"""Inside a loop that somebody else made: it starts on first use and ends with that loop."""

from __future__ import annotations

import asyncio
import gc
import inspect
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

import netloop
from netloop import active_handles, net, next_tick, set_immediate, set_interval, set_timeout
from netloop.errors import StateError
from netloop.loop import current
from netloop.loop.loops import OwnLoop

LOOPBACK = "127.0.0.1"


def new_uvloop() -> asyncio.AbstractEventLoop:
    return pytest.importorskip("uvloop").new_event_loop()  # type: ignore[no-any-return]


Factory = Callable[[], asyncio.AbstractEventLoop]


@pytest.fixture(params=[asyncio.new_event_loop, new_uvloop], ids=["asyncio", "uvloop"])
def factory(request: pytest.FixtureRequest) -> Factory:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def run(factory: Factory) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Run a coroutine as asyncio.run does, in a loop of netloop's neighbours."""
    def run(main: Coroutine[Any, Any, Any]) -> Any:
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(main)
    return run


Run = Callable[[Coroutine[Any, Any, Any]], Any]


async def echo(text: bytes) -> bytes:
    """What comes back from an echo server in this loop."""
    server = await net.create_server(lambda socket: socket.pipe(socket)).listen(0, LOOPBACK)
    client = net.connect(server.address().port, LOOPBACK)  # type: ignore[union-attr]
    client.end(text)
    received = b"".join([chunk async for chunk in client])
    server.close()
    return received


def never_answers(*_: object, **options: object) -> None:
    """A custom look-up that is under way for ever."""


# --- beginning ---

def test_nothing_is_added_to_a_loop_that_does_not_use_it(run: Run) -> None:
    async def main() -> bool:
        return hasattr(asyncio.get_running_loop(), "netloop")

    assert run(main()) is False


def test_it_starts_on_first_use_and_is_one_for_each_loop(run: Run) -> None:
    async def main() -> Any:
        assert current() is current()
        assert not isinstance(current(), OwnLoop)
        assert current().asyncio_loop is asyncio.get_running_loop()
        return current()

    assert run(main()) is not run(main())


def test_several_runs_in_a_row_serve(run: Run) -> None:
    assert [run(echo(text)) for text in (b"one", b"two", b"three")] == [b"one", b"two", b"three"]


def test_one_loop_that_runs_several_times_serves_each_time(factory: Factory) -> None:
    with asyncio.Runner(loop_factory=factory) as runner:
        assert [runner.run(echo(text)) for text in (b"one", b"two")] == [b"one", b"two"]


def test_it_is_there_beside_a_loop_of_netloops_own(run: Run) -> None:
    log: list[str] = []
    set_timeout(log.append, 1, "own")
    assert run(echo(b"embedded")) == b"embedded"
    assert log == []
    netloop.run()
    assert log == ["own"]


# --- running ---

def test_timers_immediates_and_ticks_run(run: Run) -> None:
    async def main() -> list[str]:
        log: list[str] = []
        over = asyncio.get_running_loop().create_future()
        set_timeout(over.set_result, 3, None)
        set_timeout(log.append, 1, "timer")
        set_immediate(log.append, "immediate")
        next_tick(log.append, "tick")
        await over
        return log

    tick, *later = run(main())
    assert tick == "tick"
    assert sorted(later) == ["immediate", "timer"]      # a busy machine may be late for the timer's turn


def test_an_earlier_timer_is_in_time_although_a_later_one_was_waited_for(run: Run) -> None:
    async def main() -> list[str]:
        log: list[str] = []
        late = set_timeout(log.append, 60_000, "late")
        await asyncio.sleep(0)
        over = asyncio.get_running_loop().create_future()
        set_timeout(over.set_result, 1, None)
        await over
        late.close()
        return log

    assert run(main()) == []


def test_an_interval_goes_on(run: Run) -> None:
    async def main() -> int:
        count = 0
        over = asyncio.get_running_loop().create_future()

        def tick() -> None:
            nonlocal count
            count += 1
            if count == 3:
                timer.close()
                over.set_result(None)

        timer = set_interval(tick, 1)
        await over
        return count

    assert run(main()) == 3


def test_unhandled_errors_go_to_the_exception_handler(run: Run) -> None:
    def broken() -> None:
        raise ValueError("broken")

    async def main() -> list[Any]:
        told: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        next_tick(broken)
        while not told:
            await asyncio.sleep(0)
        return told

    context, = run(main())
    assert context["message"] == "Unhandled error in a netloop callback"
    assert repr(context["exception"]) == "ValueError('broken')"


def test_run_raises_and_says_what_to_do(run: Run) -> None:
    async def main() -> None:
        netloop.run(lambda: None)

    with pytest.raises(StateError, match="while an asyncio loop runs in this thread: there, await instead") as caught:
        run(main())
    assert caught.value.code == "ERR_LOOP_RUNNING"


def test_an_open_handle_does_not_keep_it_running(run: Run) -> None:
    async def main() -> str:
        await net.create_server().listen(0, LOOPBACK)
        return "result"

    assert run(main()) == "result"


# --- the end ---

def test_what_is_open_is_closed_with_its_events_at_the_end(run: Run) -> None:
    log: list[str] = []

    async def main() -> None:
        set_interval(log.append, 60_000, "never")
        server = net.create_server().on("close", lambda: log.append("server"))
        await server.listen(0, LOOPBACK)
        client = net.connect(server.address().port, LOOPBACK)  # type: ignore[union-attr]
        client.on("close", lambda had_error: log.append(f"client {had_error}"))
        await client
        assert len(active_handles()) >= 3

    run(main())
    assert sorted(log) == ["client False", "server"]


def test_what_is_open_is_closed_when_main_raises(run: Run) -> None:
    log: list[str] = []

    async def main() -> None:
        await net.create_server().on("close", lambda: log.append("close")).listen(0, LOOPBACK)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        run(main())
    assert log == ["close"]


def test_a_connect_under_way_is_closed_at_the_end(run: Run) -> None:
    log: list[str] = []

    async def main() -> None:
        client = net.connect(1, "nowhere.test", lookup=never_answers)
        client.on("connect", lambda: log.append("connect"))
        client.on("close", lambda had_error: log.append(f"close {had_error}"))

    run(main())
    assert log == ["close False"]


def test_the_objects_of_a_loop_that_ended_say_that_they_are_closed(run: Run) -> None:
    async def main() -> tuple[net.Server, net.Socket]:
        server = await net.create_server().listen(0, LOOPBACK)
        client = net.connect(server.address().port, LOOPBACK)  # type: ignore[union-attr]
        return server, await client

    server, client = run(main())
    assert not server.listening
    assert client.destroyed
    assert client.closed


def test_a_loop_that_was_not_ended_but_closed_leaves_nothing(factory: Factory) -> None:
    async def main() -> None:
        set_timeout(print, 60_000)
        await net.create_server().listen(0, LOOPBACK)

    loop = factory()
    loop.run_until_complete(main())
    loop.close()
    del loop
    gc.collect()            # and the fixture finds no descriptor


def test_a_loop_that_was_forgotten_leaves_nothing_but_its_own_warning() -> None:
    async def main() -> None:
        await net.create_server().listen(0, LOOPBACK)

    def make_and_forget() -> None:
        asyncio.new_event_loop().run_until_complete(main())
        gc.collect()

    with pytest.warns(ResourceWarning, match="unclosed event loop"):
        make_and_forget()


def test_asyncio_run_works_as_it_is() -> None:
    assert asyncio.run(echo(b"hello")) == b"hello"
    assert asyncio.run(echo(b"debugged"), debug=True) == b"debugged"


def test_a_task_group_cancels_what_waits(run: Run) -> None:
    async def main() -> None:
        server = await net.create_server().listen(0, LOOPBACK)

        async def wait() -> None:
            await netloop.events.once(server, "connection")

        async def fail() -> None:
            raise ValueError("broken")

        with pytest.raises(ExceptionGroup):
            async with asyncio.TaskGroup() as group:
                group.create_task(wait())
                await asyncio.sleep(0)
                group.create_task(fail())
        assert server.listener_count("connection") == 0
        server.close()

    run(main())


@pytest.mark.skipif(sys.version_info < (3, 12), reason="new in Python 3.12")
def test_an_eager_task_uses_it(run: Run, factory: Factory) -> None:
    known = inspect.signature(asyncio.eager_task_factory).parameters  # type: ignore[attr-defined]
    if factory is new_uvloop and sys.version_info >= (3, 13) and "eager_start" not in known:
        pytest.skip("uvloop gives task factories an argument that the first ones of Python 3.13 do not take")

    async def main() -> bytes:
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined]
        return await asyncio.create_task(echo(b"eager"))

    assert run(main()) == b"eager"
