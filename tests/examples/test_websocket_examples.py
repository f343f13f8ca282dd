"""The examples of WebSocket do what their docstrings say, and end cleanly."""

from __future__ import annotations

import os
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from netloop import run
from netloop._engine.framing import masked_frame
from netloop.websocket import WebSocket

Start = Callable[..., Any]
Read = Callable[[socket.socket, int], bytes]

SERVERS = ["websocket_by_hand.py", "websocket_echo.py", "websocket_chat.py"]
ECHOES = SERVERS[:2]
HANDSHAKE = (b"GET /updates HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
             b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
KEY = 0x3D21FA37
TEXT, CONTINUATION, CLOSE, PING = 0x81, 0x80, 0x88, 0x89


def read_head(peer: socket.socket, read: Read) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += read(peer, 1)
    return head


def read_rest(peer: socket.socket) -> bytes:
    return b"".join(iter(lambda: peer.recv(65536), b""))


def talk(example: Any, conversation: Callable[[WebSocket], Awaitable[None]], **options: Any) -> WebSocket:
    """Have a conversation with the example, and close."""
    async def main() -> WebSocket:
        async with WebSocket(f"ws://127.0.0.1:{example.port}/updates", **options) as websocket:
            await conversation(websocket)
        return websocket

    websocket: WebSocket = run(main)
    return websocket


@pytest.mark.parametrize("name", SERVERS)
def test_server_ends_cleanly_while_somebody_is_connected(name: str, serve: Start) -> None:
    example = serve(name, 0)
    with example.connect():
        status, _, stderr = example.stop()
    assert (status, stderr) == (0, "")


@pytest.mark.parametrize("name", ECHOES)
def test_echo_sends_back_text_and_bytes_of_every_size(name: str, serve: Start) -> None:
    messages: list[str | bytes] = ["", "你好", "x" * 125, "x" * 126, os.urandom(65535), b"y" * 65536]

    async def conversation(websocket: WebSocket) -> None:
        for message in messages:
            await websocket.send(message)
            assert await anext(aiter(websocket)) == message

    websocket = talk(serve(name, 0), conversation)
    assert websocket.was_clean


@pytest.mark.parametrize("name", ECHOES)
def test_echo_survives_a_client_that_vanishes_in_the_middle_of_a_frame(name: str, serve: Start, read: Read) -> None:
    example = serve(name, 0)
    for _ in range(2):
        with example.connect() as peer:
            peer.sendall(HANDSHAKE)
            read_head(peer, read)
            peer.sendall(masked_frame(TEXT, b"half", KEY)[:-1])
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    status, _, stderr = example.stop()
    assert (status, stderr) == (0, "")


@pytest.mark.parametrize("name", ECHOES)
def test_echo_takes_frames_that_came_with_the_handshake_or_byte_by_byte(name: str, serve: Start, read: Read) -> None:
    example = serve(name, 0)
    frames = masked_frame(TEXT & 0x0F, b"Hel", KEY) + masked_frame(PING, b"?", KEY) + masked_frame(CONTINUATION, b"lo", KEY)
    with example.connect() as peer:
        peer.sendall(HANDSHAKE + frames[:1])
        assert read_head(peer, read).startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
        for each in frames[1:]:
            peer.sendall(bytes([each]))
        assert read(peer, 10) == b"\x8a\x01?\x81\x05Hello"
        peer.sendall(masked_frame(CLOSE, b"\x0f\xa0bye", KEY))
        answer = read_rest(peer)
    assert (answer[0], answer[2:4]) == (CLOSE, b"\x0f\xa0")


def test_websocket_echo_outlives_a_client_that_closes_before_it_is_answered(serve: Start, read: Read) -> None:
    example = serve("websocket_echo.py", 0)
    with example.connect() as peer:
        peer.sendall(HANDSHAKE + masked_frame(TEXT, b"x", KEY) + masked_frame(CLOSE, b"\x03\xe8", KEY))
        assert read_rest(peer).endswith(b"\x03\xe8")
    assert example.line().startswith("client lost: ")


@pytest.mark.parametrize(("sent", "code"), [
    (b"\x81\x01x", 1002), (masked_frame(0xC1, b"x", KEY), 1002), (masked_frame(0x83, b"x", KEY), 1002),
    (masked_frame(0x09, b"", KEY), 1002), (masked_frame(PING, bytes(126), KEY), 1002),
    (masked_frame(CONTINUATION, b"x", KEY), 1002), (masked_frame(0x01, b"x", KEY) + masked_frame(TEXT, b"x", KEY), 1002),
    (masked_frame(TEXT, b"\xff", KEY), 1007), (masked_frame(CLOSE, b"\x03\xed", KEY), 1002),
    (masked_frame(0x82, bytes(65537), KEY), 1009)])
def test_websocket_by_hand_tells_who_breaks_a_rule_which_one(sent: bytes, code: int, serve: Start, read: Read) -> None:
    example = serve("websocket_by_hand.py", 0)
    with example.connect() as peer:
        peer.sendall(HANDSHAKE)
        read_head(peer, read)
        peer.sendall(sent)
        answer = read_rest(peer)
    assert (answer[0], int.from_bytes(answer[2:4], "big")) == (CLOSE, code)
    assert len(answer) == 2 + answer[1]


@pytest.mark.parametrize("wrong", [HANDSHAKE.replace(b"dGhl", b"dGh"), HANDSHAKE.replace(b"Version: 13", b"Version: 8"),
                                   HANDSHAKE.replace(b"websocket", b"h2c")])
def test_websocket_by_hand_refuses_what_is_no_handshake(wrong: bytes, serve: Start) -> None:
    example = serve("websocket_by_hand.py", 0)
    with example.connect() as peer:
        peer.sendall(wrong)
        assert read_rest(peer).startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_websocket_by_hand_speaks_its_subprotocol_where_it_is_offered(serve: Start) -> None:
    async def conversation(websocket: WebSocket) -> None:
        assert websocket.protocol == "echo"

    talk(serve("websocket_by_hand.py", 0), conversation, protocols=["chat", "echo"])


def test_websocket_echo_outlives_a_client_that_breaks_a_rule(serve: Start, read: Read) -> None:
    example = serve("websocket_echo.py", 0)
    with example.connect() as peer:
        peer.sendall(HANDSHAKE)
        read_head(peer, read)
        peer.sendall(b"\x81\x01x")
        assert read_rest(peer)[2:4] == b"\x03\xea"
    assert example.line().startswith("client lost: ")


def test_websocket_chat_has_a_page_and_passes_on_what_is_said(serve: Start, read: Read) -> None:
    example = serve("websocket_chat.py", 0)
    with example.connect() as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        page = read_rest(peer)
    assert page.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n")
    assert b"/chat`" in page

    async def main() -> list[Any]:
        url = f"ws://127.0.0.1:{example.port}/chat"
        async with WebSocket(url) as amy:
            await amy.send("amy")
            heard = [await anext(aiter(amy))]
            async with WebSocket(url) as bob:
                await bob.send("bob")
                await bob.send("hello")
                heard += [await anext(aiter(amy)) for _ in range(2)]
                bob.send(b"no text")
                await bob.wait_closed()
            heard.append(await anext(aiter(amy)))
        return heard

    assert run(main) == ["* amy joined", "* bob joined", "bob: hello", "* bob left"]


def test_websocket_chat_refuses_lines_that_are_too_long(serve: Start) -> None:
    example = serve("websocket_chat.py", 0)

    async def main() -> int:
        async with WebSocket(f"ws://127.0.0.1:{example.port}/chat") as amy:
            code: list[int] = []
            amy.on("close", lambda given: code.append(given))
            amy.send("x" * 1001)
            await amy.wait_closed()
        return code[0]

    assert run(main) == 1009
    assert example.line().startswith("visitor lost: ")
