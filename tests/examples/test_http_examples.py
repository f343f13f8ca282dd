"""The examples of http do what their docstrings say, and end cleanly."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

Start = Callable[..., Any]
Read = Callable[[socket.socket, int], bytes]

SERVERS = ["http_server.py", "http_message.py", "http_upgrade.py"]
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HANDSHAKE = (b"GET /updates HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
             b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")


def read_head(peer: socket.socket, read: Read) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += read(peer, 1)
    return head


def read_rest(peer: socket.socket) -> bytes:
    return b"".join(iter(lambda: peer.recv(65536), b""))


@pytest.mark.parametrize("name", SERVERS)
def test_server_ends_cleanly_while_somebody_is_connected(name: str, serve: Start) -> None:
    example = serve(name, 0)
    with example.connect():
        status, _, stderr = example.stop()
    assert (status, stderr) == (0, "")


@pytest.mark.parametrize("name", SERVERS)
def test_server_survives_a_client_that_vanishes(name: str, serve: Start) -> None:
    example = serve(name, 0)
    with example.connect() as peer:
        peer.sendall(b"GET / HT")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    with example.connect() as peer:
        peer.sendall(GET)
        assert b"200 OK" in read_head(peer, lambda peer, size: peer.recv(size))
    status, _, stderr = example.stop()
    assert (status, stderr) == (0, "")


def test_http_server_says_hello_as_often_as_it_is_asked(serve: Start, read: Read) -> None:
    example = serve("http_server.py", 0)
    with example.connect() as peer:
        for _ in range(2):
            peer.sendall(GET)
            head = read_head(peer, read)
            assert head.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n")
            assert read(peer, 12) == b"Hello World\n"


def test_http_message_is_the_sample_with_its_errors_mended(serve: Start) -> None:
    example = serve("http_message.py", 0)
    with example.connect() as peer:
        peer.sendall(GET[:10])
        peer.sendall(GET[10:])
        assert read_rest(peer) == (b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 17\r\n\r\n"
                                   b"Hi I'm a message!")


def test_http_upgrade_answers_with_the_key_of_the_rfc_and_keeps_what_came_already(serve: Start, read: Read) -> None:
    example = serve("http_upgrade.py", 0)
    with example.connect() as peer:
        peer.sendall(HANDSHAKE + b"Sec-WebSocket-Protocol: chat, echo\r\n\r\nearly")
        head = read_head(peer, read)
        assert head.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
        assert b"\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in head     # RFC 6455 section 1.3
        assert head.endswith(b"\r\nSec-WebSocket-Protocol: echo\r\n\r\n")
        assert read(peer, 5) == b"early"
        peer.sendall(b"late")
        assert read(peer, 4) == b"late"


@pytest.mark.parametrize("wrong", [HANDSHAKE.replace(b"dGhl", b"dGh"), HANDSHAKE.replace(b"Version: 13", b"Version: 8"),
                                   HANDSHAKE.replace(b"websocket", b"h2c")])
def test_http_upgrade_refuses_what_is_no_handshake(wrong: bytes, serve: Start) -> None:
    example = serve("http_upgrade.py", 0)
    with example.connect() as peer:
        peer.sendall(wrong + b"\r\n")
        assert read_rest(peer).startswith(b"HTTP/1.1 400 Bad Request\r\n")
