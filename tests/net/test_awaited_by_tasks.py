"""What fails at once and is awaited by a task, which takes its first step only later: the task gets the error."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest

from netloop import http, https, net, tls
from netloop.websocket import WebSocket

LOOPBACK = "127.0.0.1"


@pytest.fixture
def refused() -> Any:
    """A port that is bound, but not listened on."""
    with socket.socket() as bound:
        bound.bind((LOOPBACK, 0))
        yield bound.getsockname()[1]


MAKERS: dict[str, Callable[[int], Any]] = {
    "net.connect": lambda port: net.connect(port, LOOPBACK),
    "a UNIX socket": lambda port: net.connect("/nonexistent/netloop.sock"),
    "tls.connect": lambda port: tls.connect(port, LOOPBACK),
    "http.get": lambda port: http.get(f"http://{LOOPBACK}:{port}/"),
    "https.get": lambda port: https.get(f"https://{LOOPBACK}:{port}/"),
    "over a UNIX socket": lambda port: http.get("http://x/", socket_path="/nonexistent/netloop.sock"),
    "WebSocket": lambda port: WebSocket(f"ws://{LOOPBACK}:{port}/"),
    "server.listen": lambda port: net.create_server().listen(port, LOOPBACK),
}


@pytest.mark.parametrize("what", MAKERS)
async def test_gather_gets_the_error(what: str, refused: int) -> None:
    results = await asyncio.gather(MAKERS[what](refused), return_exceptions=True)
    assert [isinstance(result, OSError) for result in results] == [True]


@pytest.mark.parametrize("what", MAKERS)
async def test_wait_for_and_tasks_get_the_error(what: str, refused: int) -> None:
    async def wait(thing: Any) -> None:
        await thing

    with pytest.raises(OSError):
        await asyncio.wait_for(MAKERS[what](refused), 3)
    with pytest.raises(OSError):
        await asyncio.create_task(wait(MAKERS[what](refused)))


@pytest.mark.parametrize("what", MAKERS)
async def test_nobody_awaits_it_and_the_error_is_unhandled(what: str, refused: int, unhandled: list[Any]) -> None:
    failing = MAKERS[what](refused)
    for _ in range(100):
        if unhandled:
            break
        await asyncio.sleep(0)
    assert [isinstance(error, OSError) for error in unhandled] == [True], failing
