"""Options and hooks that nothing else needs: each does what it says."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from netloop import diagnostics, events, http
from netloop._engine.framing import masked_frame
from netloop.errors import ArgumentTypeError, ArgumentValueError
from netloop.loop import current
from netloop.websocket import PreparedMessage, WebSocket, WebSocketError, WebSocketServer

LOOPBACK = "127.0.0.1"
TEXT, PING = 0x81, 0x89


def url_of(server: Any, path: str = "/") -> str:
    return f"ws://{LOOPBACK}:{server.address().port}{path}"


async def echo_server(**options: Any) -> WebSocketServer:
    server = await WebSocketServer(port=0, host=LOOPBACK, **options)
    server.on("connection", lambda websocket: websocket.on("message", lambda data: websocket.send(data)))
    return server


# --- of both ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("option", "expected"), [
    (True, ["a", "b", "ping", "c", "tick", "tick", "tick", "tick"]),
    (False, ["a", "tick", "b", "tick", "ping", "tick", "c", "tick"])], ids=["synchronous", "one at a time"])
async def test_ticks_may_run_between_the_events_of_one_chunk(option, expected):
    log: list[str] = []
    done = asyncio.get_running_loop().create_future()

    def on_event(name: str) -> None:
        log.append(name)
        current().next_tick(lambda: (log.append("tick"), len(log) == 8 and done.set_result(None)))

    async with WebSocketServer(port=0, host=LOOPBACK, allow_synchronous_events=option) as server:
        def on_connection(websocket: WebSocket) -> None:
            websocket.on("message", on_event)
            websocket.on("ping", lambda: on_event("ping"))

        server.on("connection", on_connection)
        async with WebSocket(url_of(server)) as client:
            [accepted] = server.clients
            wire: Any = client._wire
            wire.socket.write(b"".join(masked_frame(first, data, 7) for first, data in (
                (TEXT, b"a"), (TEXT, b"b"), (PING, b""), (TEXT, b"c"))))
            await done
            accepted.terminate()
    assert log == expected


async def test_what_waits_for_a_tick_is_kept_by_pause_and_comes_before_the_close():
    log: list[Any] = []
    async with WebSocketServer(port=0, host=LOOPBACK, allow_synchronous_events=False) as server:
        def on_message(websocket: WebSocket, data: str) -> None:
            log.append(data)
            websocket.pause()
            current().set_immediate(lambda: (log.append("resume"), websocket.resume()))

        def on_connection(websocket: WebSocket) -> None:
            websocket.on("message", lambda data: on_message(websocket, data))
            websocket.on("close", lambda code: log.append(code))

        server.on("connection", on_connection)
        async with WebSocket(url_of(server)) as client:
            client.send("a")
            client.send("b")
            client.close(1000)
            await client.wait_closed()
    assert log == ["a", "resume", "b", "resume", 1000]


async def test_generate_mask_makes_the_keys_and_must_give_four_bytes():
    made: list[bytes] = []

    def generate() -> bytes:
        made.append(os.urandom(4))
        return made[-1]

    server = await echo_server()
    async with WebSocket(url_of(server), generate_mask=generate) as client:
        await client.send("x" * 100)
        assert await anext(aiter(client)) == "x" * 100
        assert len(made) == 1
    async with WebSocket(url_of(server), generate_mask=lambda: b"123") as client:
        with pytest.raises(ArgumentValueError, match="four bytes"):
            client.send("x")
        client.terminate()
    with pytest.raises(ArgumentTypeError, match="generate_mask"):
        WebSocket(None, generate_mask=b"1234")
    server.shutdown()
    await events.once(server, "close")


async def test_a_flood_of_pings_beyond_the_limit_ends_the_connection():
    async with WebSocketServer(port=0, host=LOOPBACK, max_pending_auto_pongs=3) as server:
        failed = asyncio.get_running_loop().create_future()
        server.on("connection", lambda websocket: websocket.on("error", failed.set_result))
        async with WebSocket(url_of(server)) as client:
            wire: Any = client._wire
            wire.socket.write(masked_frame(PING, b"", 7) * 4)
            error = await failed
            assert isinstance(error, WebSocketError)
            assert (error.code, error.close_code) == ("WS_ERR_TOO_MANY_PENDING_PONGS", 1008)
            assert (await events.once(client, "close"))[0] == 1008


async def test_a_pong_may_be_sent_unasked():
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        server.on("connection", lambda websocket: websocket.pong(b"here"))
        client = WebSocket(url_of(server))
        assert await events.once(client, "pong") == [b"here"]
        client.close()
        await client.wait_closed()


async def test_a_prepared_message_can_be_sent_by_hand():
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        message = PreparedMessage("framed once")
        server.on("connection", lambda websocket: websocket.send_prepared(message))
        async with WebSocket(url_of(server)) as client:
            assert await anext(aiter(client)) == "framed once"


async def test_onerror_gets_an_event_before_onclose():
    client = WebSocket(f"ws://{LOOPBACK}:1/")
    log: list[str] = []
    client.onerror = lambda event: log.append(f"{event.type} {event.error.code} {bool(event.message)}")
    client.onclose = lambda event: log.append(f"{event.type} {event.code} {event.was_clean}")
    await client.wait_closed()
    assert log == ["error ECONNREFUSED True", "close 1006 False"]


async def test_channels_tell_of_opening_and_closing():
    log: list[Any] = []
    names = ("websocket.open", "websocket.close")
    listeners = {name: lambda message, name=name: log.append((name, message.get("code"))) for name in names}
    for name, listener in listeners.items():
        diagnostics.subscribe(name, listener)
    try:
        async with WebSocketServer(port=0, host=LOOPBACK) as server, WebSocket(url_of(server)):
            pass
    finally:
        for name, listener in listeners.items():
            diagnostics.unsubscribe(name, listener)
    assert sorted(log, key=str) == [("websocket.close", 1000)] * 2 + [("websocket.open", None)] * 2


# --- of a client -----------------------------------------------------------------------------------------------------

async def test_protocol_version_is_what_the_request_says():
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        client = WebSocket(url_of(server), protocol_version=8)
        [_, response] = await events.once(client, "unexpected_response")
        assert (response.status_code, response.headers["sec-websocket-version"]) == (426, "13")
        client.terminate()
        client.on("error", lambda: None)
        await client.wait_closed()


async def test_the_listener_of_redirect_may_set_headers():
    async with WebSocketServer(port=0, host=LOOPBACK) as there:
        asked: list[str | None] = []
        there.on("connection", lambda websocket, request: asked.append(request.headers.get("cookie")))

        def redirect(request: Any, response: Any) -> None:
            response.write_head(302, {"Location": url_of(there)})
            response.end()

        async with http.create_server(redirect).listen(0, LOOPBACK) as here:
            client = WebSocket(url_of(here), follow_redirects=True, headers={"Cookie": "for=here"})
            client.on("redirect", lambda url, request: request.set_header("Cookie", "for=there"))
            async with client:
                assert client.url == url_of(there)
        assert asked == ["for=there"]


async def test_the_listener_of_redirect_may_stop():
    def redirect(request: Any, response: Any) -> None:
        response.write_head(302, {"Location": "/again"})
        response.end()

    async with http.create_server(redirect).listen(0, LOOPBACK) as server:
        client = WebSocket(url_of(server), follow_redirects=True)
        client.on("redirect", lambda: client.terminate())
        client.on("error", lambda: None)
        await client.wait_closed()


# --- of a server -----------------------------------------------------------------------------------------------------

async def test_listening_is_told_and_backlog_taken():
    server = WebSocketServer(port=0, host=LOOPBACK, backlog=7)
    await events.once(server, "listening")
    async with server:
        assert server.address().port > 0


async def test_without_client_tracking_nobody_is_kept():
    server = await echo_server(client_tracking=False)
    async with WebSocket(url_of(server)) as client:
        await client.send("x")
        assert await anext(aiter(client)) == "x"
        assert server.clients == set()
    server.close()
    await events.once(server, "close")


async def test_the_class_of_connections_can_be_chosen():
    class Guest(WebSocket):
        def greet(self) -> None:
            self.send("welcome")

    async with WebSocketServer(port=0, host=LOOPBACK, web_socket=Guest) as server:
        server.on("connection", lambda websocket: websocket.greet())
        async with WebSocket(url_of(server)) as client:
            assert await anext(aiter(client)) == "welcome"


async def test_should_handle_and_complete_upgrade_can_be_overridden():
    log: list[str] = []

    class Chosen(WebSocketServer):
        def should_handle(self, request: Any) -> bool:
            return str(request.url).startswith("/rooms/")

        def complete_upgrade(self, request: Any, *rest: Any) -> None:
            log.append(request.url)
            super().complete_upgrade(request, *rest)

    async with Chosen(port=0, host=LOOPBACK) as server:
        async with WebSocket(url_of(server, "/rooms/1")):
            pass
        with pytest.raises(WebSocketError, match="400"):
            await WebSocket(url_of(server, "/elsewhere"))
    assert log == ["/rooms/1"]
