"""Answers that are made in one turn leave at its end: none is lost, and none comes before another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from netloop import net
from netloop._engine.framing import frame, masked_frame
from netloop.loop import current
from netloop.websocket import WebSocket, WebSocketServer

LOOPBACK = "127.0.0.1"
TEXT, PONG = 0x81, 0x8A
HANDSHAKE = (b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")


async def answers(on_message: Callable[[WebSocket, net.Socket], Any]) -> list[bytes]:
    """What comes back when two peers, each on a connection of its own, send a message in the same turn."""
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        def on_connection(websocket: WebSocket, request: Any) -> None:
            websocket.on("message", lambda data: on_message(websocket, request.socket))

        server.on("connection", on_connection)
        sockets = [await net.connect(server.address().port, LOOPBACK) for _ in range(2)]
        chunks: list[asyncio.Queue[bytes]] = [asyncio.Queue() for _ in sockets]
        for socket, came in zip(sockets, chunks, strict=True):
            socket.on("data", came.put_nowait)
            socket.on("error", lambda: None)
            socket.write(HANDSHAKE)
            await came.get()
        for socket in sockets:
            socket.write(masked_frame(TEXT, b"?", 7))
        received = [await came.get() for came in chunks]
        for socket in sockets:
            socket.destroy()
        return received


async def test_what_is_sent_in_a_tick_comes_after_what_waits():
    def on_message(websocket: WebSocket, socket: net.Socket) -> None:
        websocket.send("first")
        current().next_tick(websocket.send, ("second",))

    assert await answers(on_message) == [frame(TEXT, b"first") + frame(TEXT, b"second")] * 2


async def test_what_is_written_to_the_socket_comes_after_what_waits():
    def on_message(websocket: WebSocket, socket: net.Socket) -> None:
        websocket.send("first")
        current().next_tick(socket.write, (frame(PONG, b"second"),))

    for received in await answers(on_message):
        assert (frame(TEXT, b"first") + frame(PONG, b"second")).startswith(received)
        assert received.startswith(frame(TEXT, b"first"))


@pytest.mark.parametrize("how", ["terminate", "destroy", "end", "close"])
async def test_what_waits_is_not_lost_when_the_connection_ends_in_a_tick(how):
    def on_message(websocket: WebSocket, socket: net.Socket) -> None:
        websocket.send("answer")
        owner: Any = websocket if how in ("terminate", "close") else socket
        current().next_tick(getattr(owner, how))

    for received in await answers(on_message):
        assert received.startswith(frame(TEXT, b"answer"))


async def test_the_callback_of_a_waiting_message_is_called_once_it_was_written():
    log: list[Any] = []
    done = asyncio.get_running_loop().create_future()

    def on_message(websocket: WebSocket, socket: net.Socket) -> None:
        def on_written(error: Exception | None) -> None:
            log.append((error, websocket.buffered_amount))
            if len(log) == 2:
                done.set_result(None)

        websocket.send("answer", on_written)

    await answers(on_message)
    await done
    assert log == [(None, 0)] * 2


async def test_another_data_listener_on_the_socket_changes_nothing_for_the_connection():
    chunks: list[bytes] = []
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        def on_connection(websocket: WebSocket, request: Any) -> None:
            socket = request.socket
            websocket.on("message", lambda data: websocket.send(data))
            websocket.on("message", lambda data: data == "listen" and socket.on("data", chunks.append))
            websocket.on("message", lambda data: data == "stop" and socket.off("data", chunks.append))

        server.on("connection", on_connection)
        async with WebSocket(f"ws://{LOOPBACK}:{server.address().port}") as client:
            for message in ("listen", "seen", "stop", "unseen"):
                client.send(message)
                assert await anext(aiter(client)) == message
    assert len(chunks) == 2
    assert b"".join(chunks)[:1] == b"\x81"
