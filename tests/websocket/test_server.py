"""WebSocketServer: what it accepts, what it refuses and how, and how it ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from netloop import events, http, net
from netloop._engine.framing import masked_frame
from netloop.errors import ArgumentValueError
from netloop.websocket.broadcasting import broadcast
from netloop.websocket.server import WebSocketServer
from netloop.websocket.websocket import WebSocket

LOOPBACK = "127.0.0.1"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def request(path: str = "/", **fields: str | None) -> bytes:
    """A request for an upgrade; a field is replaced by name, or left out by None."""
    headers: dict[str, str | None] = {
        "Host": "localhost", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": KEY} | {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items() if value is not None)]
    return "\r\n".join([*lines, "", ""]).encode()


async def ask(server: Any, sent: bytes) -> tuple[net.Socket, str]:
    """A connection that has sent this, and the head of the answer."""
    socket = await net.connect(server.address().port, LOOPBACK)
    socket.write(sent)
    received = b""
    while b"\r\n\r\n" not in received:
        [chunk] = await events.once(socket, "data")
        received += chunk
    return socket, received.decode("latin-1")


async def test_a_connection_is_accepted_and_counted_as_long_as_it_lives():
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        connections: list[Any] = []
        server.on("connection", lambda websocket, request: connections.append((websocket, request.url)))
        socket, head = await ask(server, request("/chat?x=1"))
        assert head.startswith("HTTP/1.1 101 Switching Protocols\r\n")
        assert f"Sec-WebSocket-Accept: {ACCEPT}\r\n" in head
        [(websocket, url)] = connections
        assert url == "/chat?x=1"
        assert server.clients == {websocket}
        socket.destroy()
        await websocket.wait_closed()
        assert server.clients == set()


async def test_an_echo_of_what_came_in_one_packet_with_the_request():
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        server.on("connection", lambda websocket: websocket.on("message", lambda data: websocket.send(data)))
        socket, answer = await ask(server, request() + masked_frame(0x81, b"hi", 7))
        if not answer.endswith("hi"):
            assert await events.once(socket, "data") == [b"\x81\x02hi"]
        socket.destroy()


async def test_a_coroutine_listener_misses_no_message_while_it_waits_for_something_else():
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        got: list[Any] = []
        served = asyncio.Event()

        async def on_connection(websocket: WebSocket) -> None:
            await asyncio.sleep(0.01)
            async for message in websocket:
                got.append(message)
            served.set()

        server.on("connection", on_connection)
        socket, _ = await ask(server, request() + masked_frame(0x81, b"1", 7) + masked_frame(0x88, b"", 7))
        await served.wait()
        assert got == ["1"]
        socket.destroy()


@pytest.mark.parametrize(("sent", "status"), [
    (request(Sec_WebSocket_Key="short"), 400), (request(Sec_WebSocket_Version="12"), 426),
    (request(Connection="keep-alive, Upgrade", Sec_WebSocket_Protocol="a,a"), 400),
    (request("/elsewhere"), 400), (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 426)])
async def test_a_request_that_is_none_is_answered_with_a_status(sent, status):
    async with WebSocketServer(port=0, host=LOOPBACK, path="/") as server:
        socket, head = await ask(server, sent)
        assert head.startswith(f"HTTP/1.1 {status} ")
        assert status != 426 or "Upgrade: websocket" in head or "Sec-WebSocket-Version: 13" in head
        socket.destroy()


async def test_ws_client_error_takes_the_answer_over():
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        errors: list[Any] = []

        def on_client_error(error: Any, socket: Any, request: Any) -> None:
            errors.append((error.code, error.status, request.method))
            socket.end(b"HTTP/1.1 418 No\r\nContent-Length: 0\r\n\r\n")

        server.on("ws_client_error", on_client_error)
        socket, head = await ask(server, request(Sec_WebSocket_Key=None))
        assert head.startswith("HTTP/1.1 418")
        assert errors == [("WS_ERR_HANDSHAKE", 400, "GET")]
        socket.destroy()


async def test_the_first_subprotocol_is_spoken_unless_the_program_chooses():
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        socket, head = await ask(server, request(Sec_WebSocket_Protocol="a, b"))
        assert "Sec-WebSocket-Protocol: a\r\n" in head
        socket.destroy()
    async with WebSocketServer(port=0, host=LOOPBACK, handle_protocols=lambda offered, request: offered[-1]) as server:
        socket, head = await ask(server, request(Sec_WebSocket_Protocol="a, b"))
        assert "Sec-WebSocket-Protocol: b\r\n" in head
        socket.destroy()


async def _accept_nobody(info: Any) -> bool:
    return False


@pytest.mark.parametrize("verify", [
    lambda info: info.origin == "http://good", _accept_nobody, lambda info, done: done(False, 401)],
    ids=["function", "coroutine", "callback"])
async def test_verify_client_refuses_in_each_of_its_forms(verify):
    async with WebSocketServer(port=0, host=LOOPBACK, verify_client=verify) as server:
        socket, head = await ask(server, request(Origin="http://bad"))
        assert head.startswith("HTTP/1.1 401 ")
        socket.destroy()


async def test_the_headers_event_adds_to_the_answer():
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        server.on("headers", lambda lines, request: lines.append("Set-Cookie: a=1"))
        socket, head = await ask(server, request())
        assert "Set-Cookie: a=1\r\n" in head
        socket.destroy()


async def test_two_servers_share_an_http_server_by_path():
    async with http.create_server(lambda request, response: response.end("page")).listen(0, LOOPBACK) as shared:
        servers = {path: WebSocketServer(server=shared, path=path) for path in ("/a", "/b")}
        log: list[str] = []
        for path, server in servers.items():
            server.on("connection", lambda websocket, request, path=path: log.append(path))
        sockets = [await ask(shared, request(path)) for path in ("/b", "/a")]
        assert log == ["/b", "/a"]
        page, head = await ask(shared, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert head.startswith("HTTP/1.1 200 ")
        for socket, _ in sockets:
            socket.destroy()
        page.destroy()
        for server in servers.values():
            server.shutdown()
            await events.once(server, "close")


async def test_handle_upgrade_serves_a_program_that_gets_the_upgrade_itself():
    server = WebSocketServer(no_server=True, per_message_deflate=True)
    async with http.create_server().listen(0, LOOPBACK) as own:
        own.on("upgrade", lambda request, socket, head: server.handle_upgrade(
            request, socket, head, lambda websocket, request: websocket.send("hello " * 300)))
        socket, head = await ask(own, request(Sec_WebSocket_Extensions="permessage-deflate"))
        assert "Sec-WebSocket-Extensions: permessage-deflate" in head
        socket.destroy()
        [websocket] = server.clients
        await websocket.wait_closed()


async def test_shutdown_says_going_away_and_close_comes_after_the_last_connection():
    server = await WebSocketServer(port=0, host=LOOPBACK)
    socket, _ = await ask(server, request())
    log: list[str] = []
    server.on("close", lambda: log.append("close"))
    server.shutdown("maintenance")
    assert await events.once(socket, "data") == [b"\x88\x0d\x03\xe9maintenance"]
    assert log == []
    socket.write(masked_frame(0x88, b"\x03\xe9", 3))
    await events.once(server, "close")
    socket.destroy()


async def test_a_broadcast_reaches_all_that_are_open():
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        sockets = [(await ask(server, request()))[0] for _ in range(3)]
        next(iter(server.clients)).terminate()
        log: list[bytes] = []
        for socket in sockets:
            socket.on("data", log.append)
        assert broadcast(server.clients, "news") == 2
        while len(log) < 2:
            await asyncio.sleep(0)
        assert log == [b"\x81\x04news"] * 2
        for socket in sockets:
            socket.destroy()


def test_exactly_one_way_to_get_connections_must_be_chosen():
    for options in ({}, {"port": 0, "no_server": True}):
        with pytest.raises(ArgumentValueError):
            WebSocketServer(**options)
    with pytest.raises(TypeError):
        WebSocketServer(no_server=True, unheard_of=1)
