"""create_web_socket_stream: a WebSocket as a Duplex."""

from __future__ import annotations

import pytest

from netloop import events
from netloop.websocket import WebSocket, WebSocketServer
from netloop.websocket.stream_view import create_web_socket_stream

LOOPBACK = "127.0.0.1"


async def test_bytes_pass_through_an_echo_of_streams_and_the_end_closes_both():
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        server.on("connection", lambda websocket: echo(websocket))
        stream = create_web_socket_stream(WebSocket(f"ws://{LOOPBACK}:{server.address().port}"))
        data = bytes(range(256)) * 4096
        stream.write(data)
        received = b""
        async for chunk in stream:
            received += chunk
            if len(received) == len(data):
                stream.end()
        assert received == data


def echo(websocket: WebSocket) -> None:
    stream = create_web_socket_stream(websocket)
    stream.pipe(stream)


async def test_an_error_of_the_websocket_is_the_streams():
    websocket = WebSocket("ws://127.0.0.1:1")
    stream = create_web_socket_stream(websocket)
    with pytest.raises(ConnectionRefusedError):
        await events.once(stream, "end")
    assert stream.destroyed
    if not stream.closed:
        await events.once(stream, "close")


async def test_a_stream_that_is_not_read_pauses_the_websocket():
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        server.on("connection", lambda websocket: websocket.send(bytes(200_000)))
        websocket = WebSocket(f"ws://{LOOPBACK}:{server.address().port}")
        stream = create_web_socket_stream(websocket, high_water_mark=1000)
        await events.once(websocket, "message")
        assert websocket.is_paused
        stream.resume()
        stream.end()
        await events.once(stream, "close")
