"""What keeps the loop alive, and what active_handles says of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from netloop import active_handles, net, run, set_immediate, set_interval, set_timeout
from netloop.events import EventEmitter
from netloop.loop import ActiveHandle

LOOPBACK = "127.0.0.1"


def kinds() -> list[str]:
    return [handle.kind for handle in active_handles()]


async def test_nothing_is_active_but_the_test_itself() -> None:
    assert kinds() in ([], ["task"])        # in a loop of netloop's own, main is a task of the loop


def test_nothing_is_active_outside() -> None:
    assert active_handles() == []


def test_a_timer_is_active_until_it_was_called() -> None:
    def called() -> None:
        seen.append(active_handles())

    seen: list[list[ActiveHandle]] = []
    set_timeout(called, 1)
    found, = active_handles()
    assert found.kind == "Timeout"
    assert "called after 1 ms" in found.description
    assert found.origin is not None
    assert "test_keeping_alive.py:" in found.origin
    assert str(found) == f"{found.description}, made at {found.origin}"
    run()
    assert seen == [[]]


def test_a_handle_without_an_origin_is_described_alone() -> None:
    assert str(ActiveHandle("task", "<coroutine>", None)) == "<coroutine>"


async def test_a_server_a_connection_and_a_connect_are_active_while_they_are_open() -> None:
    before = kinds()
    accepted = asyncio.get_running_loop().create_future()
    server = net.create_server(accepted.set_result)
    await server.listen(0, LOOPBACK)
    assert kinds() == ["Server", *before]
    client = net.connect(server.address().port, LOOPBACK)  # type: ignore[union-attr]
    assert sorted(kinds()) == sorted(["Server", "Connect", *before])
    await client
    theirs = await accepted
    assert sorted(kinds()) == sorted(["Server", "Socket", "Socket", *before])
    theirs.destroy()
    client.destroy()
    server.close()
    assert kinds() == before


async def test_what_is_unrefd_is_not_active_until_it_is_refd_again() -> None:
    before = kinds()
    server = await net.create_server().listen(0, LOOPBACK)
    timer = set_interval(print, 60_000)
    server.unref()
    timer.unref()
    assert kinds() == before
    server.ref()
    timer.ref()
    assert kinds() == ["Server", "Timeout", *before]
    server.close()
    timer.close()


def test_a_coroutine_listener_is_active_while_it_runs_and_shows_where_it_waits() -> None:
    seen: list[ActiveHandle] = []
    emitter = EventEmitter()

    @emitter.on("event")
    async def listen() -> None:
        over = asyncio.get_running_loop().create_future()
        set_timeout(look, 1, over)
        await over

    def look(over: asyncio.Future[None]) -> None:
        seen.extend(active_handles())
        over.set_result(None)

    run(lambda: emitter.emit("event"))
    assert [handle.kind for handle in seen] == ["task"]
    assert ".listen at " in seen[0].description
    assert f"test_keeping_alive.py:{listen.__code__.co_firstlineno + 4}>" in seen[0].description


# --- how long a run lasts ---

@pytest.mark.parametrize("make", [
    lambda log: set_timeout(log.append, 60_000, "timer").unref(),
    lambda log: set_interval(log.append, 60_000, "timer").unref(),
    lambda log: set_immediate(log.append, "immediate").unref(),
], ids=["timeout", "interval", "immediate"])
def test_what_is_unrefd_does_not_keep_a_run_going(make: Any) -> None:
    log: list[str] = []
    run(lambda: make(log) and None)
    assert log in ([], ["immediate"])


def test_what_is_refd_again_keeps_a_run_going() -> None:
    log: list[str] = []
    set_timeout(log.append, 1, "timer").unref().ref()
    run()
    assert log == ["timer"]


def test_an_unrefd_timer_is_called_while_something_else_keeps_the_loop_alive() -> None:
    log: list[str] = []
    set_timeout(log.append, 1, "unref'd").unref()
    set_timeout(log.append, 2, "ref'd")
    run()
    assert log == ["unref'd", "ref'd"]


def test_an_open_server_keeps_a_run_going_and_closing_it_ends_the_run() -> None:
    log: list[str] = []

    def main() -> None:
        server = net.create_server().on("close", lambda: log.append("close"))
        server.listen(0, LOOPBACK)
        set_timeout(server.close, 2)

    run(main)
    assert log == ["close"]


def test_unref_twice_counts_once() -> None:
    log: list[str] = []
    timer = set_timeout(log.append, 60_000, "never")
    timer.unref()
    timer.unref()
    set_timeout(log.append, 1, "timer")
    run()
    assert log == ["timer"]
