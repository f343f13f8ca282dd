"""A closed connection goes with its last reference: none waits for the garbage collector, which a busy program pays for."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from netloop import http, net
from netloop.events import once
from netloop.http.client_connection import ClientConnection, IdleTimer
from netloop.http.clocks import Clocks
from netloop.http.connection import ServerConnection

LOOPBACK = "127.0.0.1"
PARTS = (ServerConnection, Clocks, ClientConnection, IdleTimer)     # which cannot be referred to weakly
Ref = Callable[[], object]

pytestmark = pytest.mark.usefixtures("without_garbage_collector")


def parts() -> int:
    return sum(isinstance(thing, PARTS) for thing in gc.get_objects())


async def connections(server: Any) -> int:
    count: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    server.get_connections(lambda error, number: count.set_result(number))
    return await count


async def gone(server: Any) -> None:
    """Wait until the server has no connection, and what was due then has been done."""
    while await connections(server):
        await asyncio.sleep(0)
    for _ in range(3):
        await asyncio.sleep(0)


@pytest.mark.parametrize("sent", [b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"nonsense\r\n\r\n"])
async def test_connection_of_a_server_is_freed(sent):
    async def ask(port: int) -> Ref:
        client = net.connect(port, LOOPBACK).resume()
        client.write(sent)
        await once(client, "close")
        return weakref.ref(client)

    async with http.create_server(lambda request, response: response.end("hi")).listen(0, LOOPBACK) as server:
        counts = []
        for _ in range(3):
            client = await ask(server.address().port)
            await gone(server)
            assert client() is None
            counts.append(parts())
        assert counts[1] == counts[2]       # a request that may serve again knows its last connection


@pytest.mark.parametrize("keep_alive", [True, False])
async def test_connection_of_a_client_is_freed(keep_alive):
    async def ask(url: str, agent: http.Agent) -> Ref:
        response = await http.get(url, agent=agent)
        assert await response.text() == "hi"
        return weakref.ref(response.message.socket)

    async with http.create_server(lambda request, response: response.end("hi")).listen(0, LOOPBACK) as server:
        counts = []
        for _ in range(3):
            agent = http.Agent(keep_alive=keep_alive)
            ends = [await ask(f"http://{LOOPBACK}:{server.address().port}/", agent) for _ in range(2)]
            agent.destroy()
            await gone(server)
            assert [end() for end in ends] == [None, None]
            del agent
            counts.append(parts())
        assert counts[1] == counts[2]


async def test_request_that_left_http_is_freed():
    async def ask(server: Any) -> list[Ref]:
        asked = http.request(port=server.address().port, host=LOOPBACK, method="CONNECT", path="x:1")
        asked.end()
        response, socket, _ = await once(asked, "connect")
        socket.resume()
        socket.end()
        await once(socket, "close")
        return [weakref.ref(thing) for thing in (asked, response, socket)]

    def on_connect(request: Any, socket: Any) -> None:
        socket.end(b"HTTP/1.1 200 OK\r\n\r\n")
        socket.resume()

    async with http.create_server().on("connect", on_connect).listen(0, LOOPBACK) as server:
        before = parts()
        ends = await ask(server)
        await gone(server)
        assert [end() for end in ends] == [None] * 3
        assert parts() == before
