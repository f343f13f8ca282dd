"""WebSocket as a client: the opening handshake, and what may come instead."""

from __future__ import annotations

from typing import Any

import pytest

from netloop import events, http, net
from netloop.errors import ArgumentValueError, StateError
from netloop.websocket.errors import HandshakeError
from netloop.websocket.server import WebSocketServer
from netloop.websocket.websocket import WebSocket

LOOPBACK = "127.0.0.1"


def url_of(server: Any, path: str = "/") -> str:
    return f"ws://{LOOPBACK}:{server.address().port}{path}"


async def test_a_client_and_a_server_talk_compressed():
    async with WebSocketServer(port=0, host=LOOPBACK, per_message_deflate=True) as server:
        server.on("connection", lambda websocket: websocket.on("message", lambda data: websocket.send(data)))
        async with WebSocket(url_of(server, "/chat"), "chat") as client:
            assert client.protocol == "chat"
            assert client.extensions.startswith("permessage-deflate")
            await client.send("hello " * 1000)
            assert await anext(aiter(client)) == "hello " * 1000


async def test_the_events_of_opening_come_in_order():
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        client = WebSocket(url_of(server))
        assert client.ready_state == WebSocket.CONNECTING
        log: list[str] = []
        client.on("upgrade", lambda response: log.append(f"upgrade {response.status_code}"))
        client.onopen = lambda event: (log.append("open"), client.close(1000, "done"))
        client.onclose = lambda event: log.append(f"close {event.code} {event.was_clean}")
        await client.wait_closed()
        assert log == ["upgrade 101", "open", "close 1000 True"]


async def test_a_refused_connection_is_an_error_then_close():
    port = await free_port()
    with pytest.raises(ConnectionRefusedError):
        await WebSocket(f"ws://{LOOPBACK}:{port}")


async def free_port() -> int:
    async with net.create_server().listen(0, LOOPBACK) as server:
        return server.address().port


async def test_another_answer_is_an_error_unless_somebody_listens_for_it():
    async with http.create_server(lambda request, response: response.end("no")).listen(0, LOOPBACK) as server:
        with pytest.raises(HandshakeError, match="200") as caught:
            await WebSocket(url_of(server).replace("//", "//user:secret@") + "?token=secret")
        assert caught.value.__notes__[0].startswith(f"WebSocket() for {url_of(server)} was called at {__file__}:")
        client = WebSocket(url_of(server))
        [_, response] = await events.once(client, "unexpected_response")
        assert response.status_code == 200
        client.on("error", lambda error: None)
        client.terminate()
        await client.wait_closed()
        server.close_all_connections()


async def test_a_wrong_accept_is_refused():
    def answer(request: Any, socket: Any, head: bytes) -> None:
        socket.write("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n")
        socket.resume().on("end", lambda: socket.destroy())

    async with http.create_server().on("upgrade", answer).listen(0, LOOPBACK) as server:
        with pytest.raises(HandshakeError, match="Accept"):
            await WebSocket(url_of(server))


async def test_a_redirect_is_followed_without_the_credentials():
    async with WebSocketServer(port=0, host=LOOPBACK) as target:
        seen: list[Any] = []
        target.on("connection", lambda websocket, request: seen.append(
            (request.url, request.headers.get("authorization"), request.headers.get("x-kept"))))

        def redirect(request: Any, response: Any) -> None:
            response.write_head(302, {"Location": url_of(target, "/there")}).end()

        async with http.create_server(redirect).listen(0, LOOPBACK) as server:
            client = WebSocket(url_of(server), follow_redirects=True, headers={"Authorization": "x", "X-Kept": "y"})
            async with client:
                assert client.url == url_of(target, "/there")
            server.close_all_connections()
        assert seen == [("/there", None, "y")]


async def test_a_server_that_never_answers_is_given_up_after_handshake_timeout():
    async with net.create_server(lambda socket: socket.resume()).listen(0, LOOPBACK) as server:
        client = WebSocket(url_of(server), handshake_timeout=20)
        with pytest.raises(TimeoutError):
            await client
        assert client.ready_state == WebSocket.CLOSED


async def test_close_while_connecting_is_an_error_then_close():
    async with net.create_server(lambda socket: socket.resume()).listen(0, LOOPBACK) as server:
        client = WebSocket(url_of(server))
        log: list[Any] = []
        client.on("error", lambda error: log.append(type(error)))
        client.on("close", lambda code: log.append(code))
        client.close()
        await client.wait_closed()
        assert log == [StateError, 1006]


@pytest.mark.parametrize("url", ["ftp://x/", "ws://", "ws://x/#y", "x"])
def test_a_url_of_another_kind_is_refused(url):
    with pytest.raises(ArgumentValueError):
        WebSocket(url)
