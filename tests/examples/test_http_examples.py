"""The examples of http do what their docstrings say, and end cleanly."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
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
        byte = read(peer, 1)
        assert byte, f"it ended after {head!r}"
        head += byte
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


def test_http_upgrade_client_talks_to_its_server(serve: Start, run_example: Start) -> None:
    server = serve("http_upgrade.py", 0)
    assert run_example("http_upgrade_client.py", server.port).finish() == (0, "open\necho: 你好\n", "")


def test_http_upgrade_client_tells_of_a_server_that_refuses(serve: Start, run_example: Start) -> None:
    server = serve("http_server.py", 0)
    assert run_example("http_upgrade_client.py", server.port).finish() == (0, "refused: 200 OK\n", "")


def test_http_proxy_passes_requests_and_responses_on(serve: Start, read: Read) -> None:
    target = serve("http_server.py", 0)
    proxy = serve("http_proxy.py", 0, target.port)
    with proxy.connect() as peer:
        for _ in range(2):
            peer.sendall(GET)
            assert read_head(peer, read).startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n")
            assert read(peer, 12) == b"Hello World\n"
    assert proxy.stop() == (0, "", "")


def test_http_proxy_answers_502_for_a_target_that_is_not_there(serve: Start, read: Read) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    proxy = serve("http_proxy.py", 0, port)
    with proxy.connect() as peer:
        peer.sendall(GET)
        assert read_head(peer, read).startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    assert "ECONNREFUSED" in proxy.line()


def test_http_upload_arrives_intact(serve: Start, run_example: Start, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(os.urandom(3_000_001))
    receiver = serve("http_upload.py", "receive", "copy", 0)
    sender = run_example("http_upload.py", "send", "source", f"http://127.0.0.1:{receiver.port}/")
    status, stdout, stderr = sender.finish()
    assert (status, stderr) == (0, "")
    assert stdout.splitlines()[:-1] == [f"{tenth}0 %" for tenth in range(1, 11)]
    assert stdout.splitlines()[-1].endswith(" intact")
    assert (tmp_path / "copy").read_bytes() == (tmp_path / "source").read_bytes()
    assert receiver.line().split() == ["received", stdout.split()[-2]]


def test_http_upload_through_the_proxy_in_chunks_arrives_intact(serve: Start, tmp_path: Path, read: Read) -> None:
    data = os.urandom(3_000_001)
    receiver = serve("http_upload.py", "receive", "copy", 0)
    proxy = serve("http_proxy.py", 0, receiver.port)
    with proxy.connect() as peer:
        peer.sendall(b"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(data))
        peer.sendall(data)
        peer.sendall(b"\r\n0\r\n\r\n")
        assert read_head(peer, read).startswith(b"HTTP/1.1 201 Created\r\n")
    assert (tmp_path / "copy").read_bytes() == data


def test_http_upload_that_is_cut_short_leaves_nothing(serve: Start, tmp_path: Path) -> None:
    receiver = serve("http_upload.py", "receive", "copy", 0)
    with receiver.connect() as peer:
        peer.sendall(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
    assert receiver.line().startswith("upload lost: ")
    assert list(tmp_path.iterdir()) == []
