"""The opening handshake on the wire: every header missing, doubled, wrong or in another case, at both ends."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from netloop import events, http, net
from netloop._engine.framing import frame
from netloop.websocket.client_handshake import make_key
from netloop.websocket.errors import HandshakeError
from netloop.websocket.handshake import accept_for
from netloop.websocket.server import WebSocketServer
from netloop.websocket.websocket import WebSocket

LOOPBACK = "127.0.0.1"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
LINES = ["Host: x", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {KEY}"]


# --- what a server makes of requests --------------------------------------------------------------------------------------

async def status_of(*lines: str, start: str = "GET / HTTP/1.1", **options: Any) -> tuple[int, str]:
    """What a server answers to a head with these lines: the status, and the head."""
    async with WebSocketServer(port=0, host=LOOPBACK, **options) as server:
        address: Any = server.address()
        socket = await net.connect(address.port, LOOPBACK)
        socket.write("\r\n".join([start, *lines, "", ""]))
        answer = b""
        while b"\r\n\r\n" not in answer:
            [chunk] = await events.once(socket, "data")
            answer += chunk
        socket.destroy()
    head = answer.decode("latin-1")
    return int(head.split(" ", 2)[1]), head


def without(at: int) -> list[str]:
    return LINES[:at] + LINES[at + 1:]


@pytest.mark.parametrize("change", [str.upper, str.lower, str.swapcase])
async def test_names_of_headers_may_be_in_any_case(change):
    lines = [f"{change(name)}:{value}" for name, _, value in (line.partition(":") for line in LINES)]
    assert (await status_of(*lines))[0] == 101


async def test_values_that_may_be_in_any_case_may():
    lines = ["Host: x", "Upgrade: WebSocket", "Connection: keep-alive, uPGRADE", *LINES[3:]]
    assert (await status_of(*lines))[0] == 101


@pytest.mark.parametrize(("at", "status"), [(0, 400), (3, 400), (4, 400)])
async def test_a_header_that_is_missing_is_refused(at, status):
    assert (await status_of(*without(at)))[0] == status


@pytest.mark.parametrize("at", [1, 2])
async def test_without_upgrade_it_is_an_ordinary_request(at):
    status, head = await status_of(*without(at))
    assert status in (400, 426)
    assert "101" not in head


@pytest.mark.parametrize(("at", "status"), [(0, 400), (1, 400), (3, 426), (4, 400)])
async def test_a_header_that_comes_twice_is_refused(at, status):
    assert (await status_of(*LINES, LINES[at]))[0] == status


@pytest.mark.parametrize("line", [
    "Connection: keep-alive", "Sec-WebSocket-Protocol: a", "Sec-WebSocket-Extensions: permessage-deflate", "Origin: http://x",
    "Sec-WebSocket-Extensions: unheard-of; x=1"])
async def test_a_header_that_may_come_twice_may(line):
    assert (await status_of(*LINES, line, line.replace(": a", ": b")))[0] == 101


@pytest.mark.parametrize("start", ["POST / HTTP/1.1", "PUT / HTTP/1.1", "HEAD / HTTP/1.1"])
async def test_another_method_is_refused(start):
    status, head = await status_of(*LINES, "Content-Length: 0", start=start)
    assert status == 405
    assert "Allow: GET\r\n" in head


async def test_http_1_0_is_refused():
    assert (await status_of(*LINES, start="GET / HTTP/1.0"))[0] in (400, 426)


async def test_a_version_that_is_not_spoken_is_told_which_is():
    status, head = await status_of(*LINES[:3], "Sec-WebSocket-Version: 8", LINES[4])
    assert status == 426
    assert "Sec-WebSocket-Version: 13\r\n" in head


async def test_a_client_that_goes_away_in_the_middle_of_its_request_harms_nobody():
    async with WebSocketServer(port=0, host=LOOPBACK) as server:
        address: Any = server.address()
        for size in (1, 20, 100):
            socket = await net.connect(address.port, LOOPBACK)
            socket.write("\r\n".join(["GET / HTTP/1.1", *LINES, "", ""])[:size])
            socket.reset_and_destroy()
        async with WebSocket(f"ws://{LOOPBACK}:{address.port}") as client:
            assert client.ready_state == WebSocket.OPEN


# --- what a client makes of answers ---------------------------------------------------------------------------------------

@asynccontextmanager
async def answering(template: str | bytes, end: bool = False) -> AsyncIterator[str]:
    """The URL of a server with this answer; ``{accept}`` in it is the right one."""
    def on_connection(socket: net.Socket) -> None:
        received = b""

        def on_data(chunk: bytes) -> None:
            nonlocal received
            received += chunk
            if received.endswith(b"\r\n\r\n"):
                [key] = re.findall(rb"(?i)sec-websocket-key: (\S+)", received)
                text = template if isinstance(template, bytes) else template.encode("latin-1")
                socket.write(text.replace(b"{accept}", accept_for(key.decode()).encode()))
                if end:
                    socket.end()

        socket.on("data", on_data)
        socket.on("end", lambda: socket.destroy())
        socket.on("error", lambda error: None)

    async with net.create_server(on_connection, allow_half_open=True).listen(0, LOOPBACK) as server:
        address: Any = server.address()
        yield f"ws://{LOOPBACK}:{address.port}/"


def answer(*lines: str, status: str = "101 Switching Protocols") -> str:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""])


GOOD = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: {accept}"]


@pytest.mark.parametrize("lines", [
    GOOD, [line.upper() if "accept" not in line else line.replace("Sec-WebSocket-Accept", "SEC-WEBSOCKET-ACCEPT")
           for line in GOOD],
    ["upgrade:WebSocket", "connection:keep-alive, upgrade", "sec-websocket-accept:{accept}"], [*GOOD, "X: 1", "X: 2"]])
async def test_an_answer_in_any_case_is_right(lines):
    async with answering(answer(*lines)) as url:
        client = await WebSocket(url)
        client.terminate()
        await client.wait_closed()


WRONG = [GOOD[:1] + GOOD[2:], GOOD[1:], GOOD[:2], ["Upgrade: h2c", *GOOD[1:]], [GOOD[0], "Connection: close", GOOD[2]],
         [*GOOD[:2], f"Sec-WebSocket-Accept: {accept_for(make_key(bytes(16)))}"], [*GOOD, GOOD[2]], [*GOOD, GOOD[0]],
         [*GOOD[:2], "Sec-WebSocket-Accept: "], [*GOOD, "Sec-WebSocket-Protocol: unasked"],
         [*GOOD, "Sec-WebSocket-Extensions: unasked"], [*GOOD, "Sec-WebSocket-Extensions: permessage-deflate; x"],
         [*GOOD, "Sec-WebSocket-Extensions: permessage-deflate", "Sec-WebSocket-Extensions: permessage-deflate"],
         [*GOOD, "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=7"]]


@pytest.mark.parametrize("lines", WRONG, ids=map(" | ".join, WRONG))
async def test_an_answer_that_is_wrong_is_an_error_then_close(lines):
    async with answering(answer(*lines)) as url:
        client = WebSocket(url)
        log: list[Any] = []
        client.on("open", lambda: log.append("open"))
        client.on("error", lambda error: log.append("error"))
        client.on("close", lambda code: log.append(code))
        await client.wait_closed()
        assert log == ["error", 1006]


@pytest.mark.parametrize("status", ["200 OK", "401 Unauthorized", "503 Busy"])
async def test_another_status_is_an_error_that_has_it(status):
    async with answering(answer(*GOOD, "Content-Length: 0", status=status)) as url:
        with pytest.raises(HandshakeError) as raised:
            await WebSocket(url)
        assert raised.value.status == int(status.split()[0])


@pytest.mark.parametrize("template", [
    "", "HTTP/1.1 101 Swit", answer(*GOOD)[:-2], "no HTTP at all\r\n\r\n", "\x16\x03\x01\x02"])
async def test_an_answer_that_is_cut_or_none_is_an_error(template):
    async with answering(template, end=True) as url:
        client = WebSocket(url)
        errors: list[Exception] = []
        client.on("error", errors.append)
        await client.wait_closed()
        assert len(errors) == 1


async def test_informational_answers_may_come_before():
    async with answering("HTTP/1.1 102 Processing\r\n\r\n" + answer(*GOOD)) as url:
        client = await WebSocket(url)
        client.terminate()
        await client.wait_closed()


async def test_frames_that_come_with_the_answer_are_delivered_after_open():
    frames = frame(0x81, b"early") + frame(0x88, b"\x03\xe8")
    async with answering(answer(*GOOD).encode() + frames, end=True) as url:
        client = WebSocket(url)
        log: list[Any] = []
        client.on("open", lambda: log.append("open"))
        client.on("message", lambda data: log.append(data))
        client.on("close", lambda code: log.append(code))
        await client.wait_closed()
        assert log == ["open", "early", 1000]


async def test_a_redirect_that_never_ends_is_given_up():
    def redirect(request: Any, response: Any) -> None:
        response.write_head(302, {"Location": request.url + "x"}).end()

    async with http.create_server(redirect).listen(0, LOOPBACK) as server:
        address: Any = server.address()
        with pytest.raises(HandshakeError, match="too many redirects"):
            await WebSocket(f"ws://{LOOPBACK}:{address.port}/", follow_redirects=True, max_redirects=3)
        server.close_all_connections()


@pytest.mark.parametrize("location", ["ftp://x/", "ws://", "http://[::1", "javascript:alert(1)"])
async def test_a_redirect_to_where_one_cannot_go_is_an_error(location):
    async with answering(answer(f"Location: {location}", "Content-Length: 0", status="302 Found")) as url:
        client = WebSocket(url, follow_redirects=True)
        errors: list[Exception] = []
        client.on("error", errors.append)
        await client.wait_closed()
        assert len(errors) == 1
