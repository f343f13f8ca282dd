"""Each example does what its docstring says, and ends cleanly."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]
Read = Callable[[socket.socket, int], bytes]

SERVERS = ["async_echo.py", "chat.py", "echo_server.py", "hello_server.py", "proxy.py", "server_events.py",
           "welcome_server.py"]


@pytest.mark.parametrize("name", SERVERS)
def test_server_ends_cleanly_while_somebody_is_connected(name: str, serve: Start) -> None:
    example = serve(name, 0)
    with example.connect():
        status, _, stderr = example.stop()
    assert (status, stderr) == (0, "")


@pytest.mark.parametrize("name", SERVERS)
def test_server_survives_a_client_that_vanishes(name: str, serve: Start) -> None:
    example = serve(name, 0)
    for _ in range(2):
        with example.connect() as peer:
            peer.sendall(b"amy\n")
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert example.stop()[0] == 0


@pytest.mark.parametrize("name", ["file_transfer.py", "http_upload.py", "https_server.py", "starttls_server.py"])
def test_example_without_its_arguments_says_how_it_is_used(name: str, run_example: Start) -> None:
    status, _, stderr = run_example(name).finish()
    assert status == 1
    assert re.fullmatch(rf"usage: python examples/{name} .*\n", stderr)


@pytest.mark.parametrize("name", ["echo_server.py", "async_echo.py"])
def test_echo(name: str, serve: Start, read: Read) -> None:
    data = os.urandom(300_000)
    example = serve(name, 0)
    with example.connect() as peer:
        for start in range(0, len(data), 100_000):
            peer.sendall(data[start:start + 100_000])
            assert read(peer, 100_000) == data[start:start + 100_000]
        peer.shutdown(socket.SHUT_WR)
        assert peer.recv(1) == b""


def test_hello_server(serve: Start, read: Read) -> None:
    example = serve("hello_server.py", 0)
    with example.connect() as peer:
        assert read(peer, 7) == b"hello\r\n"
        peer.sendall(b"again")
        assert read(peer, 5) == b"again"
    assert [example.line(), example.line()] == ["client connected", "client disconnected"]


def test_hello_client(serve: Start, run_example: Start) -> None:
    server = serve("hello_server.py", 0)
    status, stdout, stderr = run_example("hello_client.py", server.port).finish()
    assert stdout.splitlines()[:2] == ["connected to server!", "hello"]
    assert stdout.splitlines()[-1] == "disconnected from server"
    assert (status, stderr) == (0, "")


def test_welcome_server(serve: Start, read: Read) -> None:
    welcome = "欢迎光临《深入浅出Node.js》示例:\n".encode()
    example = serve("welcome_server.py", 0)
    with example.connect() as peer:
        assert read(peer, len(welcome)) == welcome
        peer.sendall(b"hi")
        assert read(peer, 6).decode() == "你好"
    assert example.line() == "连接断开"


def test_server_events(serve: Start) -> None:
    example = serve("server_events.py", 0)
    with example.connect() as peer:
        peer.sendall("你好".encode())
    assert [example.line() for _ in range(4)] == [
        "server: connection", "socket: data '你好'", "socket: end", "socket: close False"]
    assert example.stop() == (0, "server: close\n", "")


def test_net_tour(run_example: Start) -> None:
    status, stdout, stderr = run_example("net_tour.py").finish()
    lines = stdout.splitlines()
    assert lines[:3] == ["is_ip: 4 6 0", "is_ipv4, is_ipv6: True False", "listening: True"]
    assert [line for line in lines if "(" in line] == [
        "connect(port, host)", "connect(options)", "connect(path)", "listen(handle)"]
    assert lines.count("  data: welcome") == lines.count("  close: False") == 4
    assert "closed, and its address is None" in lines
    assert (status, stderr) == (0, "")


def test_chat(serve: Start) -> None:
    example = serve("chat.py", 0)
    with example.connect() as amy, example.connect() as bob:
        amy.sendall(b"amy\n")
        assert example.line() == "* amy joined"
        bob.sendall(b"amy\nbob\nhel")       # the first name is taken
        bob.sendall(b"lo\n")
        with amy.makefile("rb") as lines:
            assert [lines.readline() for _ in range(2)] == [b"Your name? * bob joined\n", b"bob: hello\n"]
        bob.shutdown(socket.SHUT_WR)
        assert amy.recv(100) == b"* bob left\n"


def test_proxy_passes_both_directions_and_their_ends_on(serve: Start, read: Read) -> None:
    target = serve("hello_server.py", 0)
    proxy = serve("proxy.py", 0, target.port, "127.0.0.1")
    with proxy.connect() as peer:
        assert read(peer, 7) == b"hello\r\n"
        peer.sendall(b"through and back")
        peer.shutdown(socket.SHUT_WR)
        assert read(peer, 16) == b"through and back"
        assert peer.recv(1) == b""


def test_proxy_closes_the_client_when_the_target_refuses(serve: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    proxy = serve("proxy.py", 0, port, "127.0.0.1")
    with proxy.connect() as peer:
        assert peer.recv(1) == b""
    assert "ECONNREFUSED" in proxy.line()


def test_file_transfer(serve: Start, run_example: Start, tmp_path: Path) -> None:
    data = os.urandom(1_000_001)
    (tmp_path / "source").write_bytes(data)
    receiver = serve("file_transfer.py", "receive", "copy", 0)
    sender = run_example("file_transfer.py", "send", "source", receiver.port, "127.0.0.1")
    status, sent, stderr = sender.finish()
    assert (status, stderr) == (0, "")
    status, received, stderr = receiver.finish()
    assert (status, stderr) == (0, "")
    assert (tmp_path / "copy").read_bytes() == data
    assert sent.split()[1] == received.split()[1]


def test_udp_client_and_server(serve: Start, run_example: Start) -> None:
    server = serve("udp_server.py", 0)
    assert run_example("udp_client.py", server.port, "127.0.0.1").finish() == (0, "sent 19 bytes\n", "")
    assert server.line().startswith("server got: 深入浅出Node.js from 127.0.0.1:")
    assert server.stop() == (0, "server closed\n", "")


def test_udp_client_tells_what_failed(run_example: Start) -> None:
    status, stdout, stderr = run_example("udp_client.py", 41234, "no.such.invalid").finish()
    assert (status, stderr) == (0, "")
    assert re.match(r"not sent: .*getaddrinfo E", stdout)


def test_udp_multicast_reaches_every_process_that_listens(serve: Start, run_example: Start) -> None:
    first = serve("udp_multicast.py", "listen", 0)
    second = serve("udp_multicast.py", "listen", first.port)
    assert run_example("udp_multicast.py", "say", first.port, "hello", "all").finish() == (0, "said 9 bytes\n", "")
    for listener in (first, second):
        assert listener.line() == "127.0.0.1 says: hello all"
        assert listener.stop() == (0, "", "")


def test_every_example_is_tested() -> None:
    """By its name, in this folder."""
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    examples = Path(__file__).parents[2] / "examples"
    assert [path.name for path in examples.glob("*.py") if path.name not in tests] == []
