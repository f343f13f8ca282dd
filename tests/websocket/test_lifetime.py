"""A closed WebSocket goes with its last reference: none waits for the garbage collector, which a busy server pays for."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from netloop import http, websocket
from netloop.events import once
from netloop.http.client_connection import ClientConnection
from netloop.http.clocks import Clocks
from netloop.http.connection import ServerConnection
from netloop.websocket import WebSocket, WebSocketServer
from netloop.websocket.endpoint import Wire

LOOPBACK = "127.0.0.1"
PARTS = (Wire, ServerConnection, Clocks, ClientConnection)      # which cannot be referred to weakly
Ref = Callable[[], object]

pytestmark = pytest.mark.usefixtures("without_garbage_collector")


def parts() -> int:
    return sum(isinstance(thing, PARTS) for thing in gc.get_objects())


def echo(served: WebSocket) -> None:
    served.on("message", lambda data: served.send(data))        # which refers to what it listens to


async def open_and_echo(server: WebSocketServer, **options: Any) -> WebSocket:
    """A client that has got a message back."""
    client = WebSocket(f"ws://{LOOPBACK}:{server.address().port}", **options)  # type: ignore[union-attr]
    client.on("message", lambda data: client.listener_count("message"))
    await client
    client.send("hello")
    assert await anext(aiter(client)) == "hello"
    return client


async def gone(server: WebSocketServer) -> None:
    """Wait until the server has no client, and what was due then has been done."""
    while server.clients:
        await once(next(iter(server.clients)), "close")
    for _ in range(3):
        await asyncio.sleep(0)


@pytest.mark.parametrize("options", [
    {}, {"per_message_deflate": False}, {"heartbeat": 60_000}, {"slow_consumer": "drop", "max_buffered_amount": 1000},
    {"slow_consumer": "close", "max_buffered_amount": 1000}, {"allow_synchronous_events": False},
], ids=str)
@pytest.mark.parametrize("how", ["close", "terminate", "close of the server"])
async def test_both_ends_are_freed_after_close(how, options):
    ends: list[Ref] = []

    def on_connection(served: WebSocket, request: http.IncomingMessage) -> None:
        ends.extend(map(weakref.ref, (served, request, request.socket)))
        echo(served)

    async def talk(server: WebSocketServer) -> None:
        client = await open_and_echo(server, **options)
        assert client._wire is not None
        ends.extend(map(weakref.ref, (client, client._wire.socket)))  # type: ignore[arg-type]
        if how == "close of the server":
            next(iter(server.clients)).close()
        else:
            getattr(client, how)()
        await client.wait_closed()

    async with WebSocketServer(port=0, host=LOOPBACK, **options) as server:
        server.on("connection", on_connection)
        before = parts()
        await talk(server)
        await gone(server)
        assert [end() for end in ends] == [None] * 5
        assert parts() == before


async def test_end_is_freed_whose_answer_waited_when_its_socket_failed():
    ends: list[Ref] = []

    def on_connection(served: WebSocket, request: http.IncomingMessage) -> None:
        def on_message(data: str) -> None:
            served.send(data)
            if data == "fail":
                request.socket.destroy(OSError("it broke"))

        ends.append(weakref.ref(served))
        served.on("message", on_message)

    async def talk(server: WebSocketServer) -> None:
        clients = [await open_and_echo(server) for _ in range(2)]
        for client in clients:
            client.send("fail")
        for client in clients:
            await client.wait_closed()

    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        server.on("connection", on_connection)
        await talk(server)
        await gone(server)
        assert [end() for end in ends] == [None] * 2


async def test_client_that_was_refused_is_freed():
    async def talk(server: WebSocketServer) -> Ref:
        client = WebSocket(f"ws://{LOOPBACK}:{server.address().port}/other", handshake_timeout=60_000)
        client.on("close", lambda: client.url)
        [error] = await once(client, "error")
        assert error.args == ("Unexpected server response: 400",)
        await client.wait_closed()
        return weakref.ref(client)

    async with WebSocketServer(port=0, host=LOOPBACK, path="/chat") as server:
        end = await talk(server)
        await gone(server)
        assert end() is None


async def test_client_that_was_given_up_while_it_opened_is_freed():
    async def give_up(server: WebSocketServer) -> Ref:
        client = WebSocket(f"ws://{LOOPBACK}:{server.address().port}", handshake_timeout=60_000)
        client.on("error", lambda error: client.url)
        client.terminate()
        await client.wait_closed()
        client.remove_all_listeners("error")
        return weakref.ref(client)

    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        end = await give_up(server)
        await gone(server)
        assert end() is None


async def test_listeners_of_browsers_do_not_keep_it():
    async def talk(server: WebSocketServer) -> Ref:
        client = await open_and_echo(server)
        client.onerror = client.onmessage = client.onclose = print
        client.close()
        await client.wait_closed()
        return weakref.ref(client)

    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        server.on("connection", echo)
        end = await talk(server)
        await gone(server)
        assert end() is None


async def test_stream_over_it_is_freed_with_it():
    async def talk(server: WebSocketServer) -> list[Ref]:
        client = WebSocket(f"ws://{LOOPBACK}:{server.address().port}")
        stream = websocket.create_web_socket_stream(client)
        stream.write(b"hello")
        assert await once(stream, "data") == [b"hello"]
        stream.end()
        await once(stream, "close")
        return [weakref.ref(client), weakref.ref(stream)]

    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        server.on("connection", echo)
        ends = await talk(server)
        await gone(server)
        assert [end() for end in ends] == [None, None]


# --- what still works afterwards ------------------------------------------------------------------------------------

async def test_messages_that_came_before_the_end_are_there_after_it():
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        server.on("connection", lambda served: [served.send(str(number)) for number in range(3)] and served.close(4000))
        client = await WebSocket(f"ws://{LOOPBACK}:{server.address().port}")
        await client.wait_closed()
        assert [message async for message in client] == ["0", "1", "2"]
        assert (client.ready_state, client.was_clean, client.is_server) == (client.CLOSED, True, False)
        assert client.buffered_amount == 0
        assert not client.send("too late")


async def test_coroutine_listener_that_fails_after_close_is_an_error_of_the_websocket():
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        def on_connection(served: WebSocket) -> None:
            async def on_message(data: str) -> None:
                await served.wait_closed()
                await served.send(data)

            served.on("message", on_message)
            served.on("error", errors.set_result)

        errors: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()
        server.on("connection", on_connection)
        client = await WebSocket(f"ws://{LOOPBACK}:{server.address().port}")
        client.send("hello")
        client.close()
        assert str(await errors) == "the WebSocket is closing or closed"


async def test_iteration_ends_though_a_listener_of_close_fails(unhandled):
    def fail() -> None:
        raise ValueError("mine")

    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        server.on("connection", lambda served: served.close())
        client = WebSocket(f"ws://{LOOPBACK}:{server.address().port}")
        client.on("close", fail)
        await client
        assert [message async for message in client] == []
    assert [str(error) for error in unhandled] == ["mine"]


async def test_listener_may_let_go_of_everything_while_it_is_called():
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        def on_connection(served: WebSocket, request: http.IncomingMessage) -> None:
            socket: Any = request.socket

            def on_message() -> None:
                socket.emit("close", False)
                socket.remove_all_listeners()
                socket.destroy()

            served.on("message", on_message)

        server.on("connection", on_connection)
        client = await WebSocket(f"ws://{LOOPBACK}:{server.address().port}")
        client.send("hello")
        await client.wait_closed()
        assert not server.clients
