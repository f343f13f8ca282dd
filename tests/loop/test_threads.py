"""One loop for each thread, and how other threads reach it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from netloop import active_handles, net, run, set_timeout
from netloop.loop import current

LOOPBACK = "127.0.0.1"


def in_thread(work: Callable[[], object]) -> Any:
    """What `work()` returns, or raises, in a thread of its own."""
    results: list[object] = []
    failures: list[BaseException] = []

    def call() -> None:
        try:
            results.append(work())
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return results[0]


def test_each_thread_has_a_loop_of_its_own() -> None:
    here = current()
    assert current() is here
    assert in_thread(current) is not here


def test_what_is_open_in_one_thread_is_not_active_in_another() -> None:
    timer = set_timeout(print, 60_000)
    assert in_thread(active_handles) == []
    timer.close()


def test_a_loop_runs_in_a_thread() -> None:
    def work() -> list[str]:
        log: list[str] = []
        set_timeout(log.append, 1, "timer")
        run(lambda: log.append("main"))
        return log

    assert in_thread(work) == ["main", "timer"]


def test_a_run_in_a_thread_raises_there() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        in_thread(lambda: run(lambda: int("no number")))


def test_a_server_in_one_thread_serves_a_client_in_another() -> None:
    port: list[int] = []
    listening = threading.Event()

    def serve() -> None:
        server = net.create_server(lambda socket: socket.pipe(socket) and server.close() and None)

        def tell() -> None:
            port.append(server.address().port)  # type: ignore[union-attr]
            listening.set()

        server.listen(0, LOOPBACK, tell)
        run()

    async def ask() -> bytes:
        client = await net.connect(port[0], LOOPBACK)
        client.end(b"hello")
        return b"".join([chunk async for chunk in client])

    thread = threading.Thread(target=serve)
    thread.start()
    listening.wait()
    assert run(ask) == b"hello"
    thread.join()


async def test_call_soon_threadsafe_reaches_the_loop_while_it_sleeps() -> None:
    called = asyncio.get_running_loop().create_future()
    callers: list[int] = []

    def call() -> None:
        callers.append(threading.get_ident())
        called.set_result(threading.get_ident())

    loop = asyncio.get_running_loop()
    thread = threading.Thread(target=loop.call_soon_threadsafe, args=(call,))
    thread.start()
    assert await called == threading.get_ident()
    thread.join()


async def test_a_thread_starts_something_by_call_soon_threadsafe() -> None:
    received = asyncio.get_running_loop().create_future()
    server = await net.create_server(lambda socket: socket.on("data", received.set_result)).listen(0, LOOPBACK)
    clients: list[net.Socket] = []

    def connect() -> None:
        clients.append(net.connect(server.address().port, LOOPBACK))  # type: ignore[union-attr]
        clients[0].end(b"from a thread")

    loop = asyncio.get_running_loop()
    thread = threading.Thread(target=loop.call_soon_threadsafe, args=(connect,))
    thread.start()
    assert await received == b"from a thread"
    thread.join()
    clients[0].destroy()
    server.close()


async def test_run_coroutine_threadsafe_gives_its_result_to_the_thread() -> None:
    async def answer() -> int:
        await asyncio.sleep(0)
        return 42

    def ask() -> int:
        return asyncio.run_coroutine_threadsafe(answer(), loop).result()

    loop = asyncio.get_running_loop()
    assert await loop.run_in_executor(None, ask) == 42
    await loop.shutdown_default_executor()
