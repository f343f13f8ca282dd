"""`netloop udp`: what it sends, what it prints, and how it ends."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from netloop.cli import app

Start = Callable[..., Any]


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    """A plain UDP socket."""
    with socket.socket(type=socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.settimeout(30)
        yield bound


def port_of(bound: socket.socket) -> int:
    port: int = bound.getsockname()[1]
    return port


def listening_port(command: Any) -> int:
    return int(command.line_with("listening on", of="stderr").rpartition(":")[2])


def test_input_is_sent_and_the_answer_printed(start: Start, peer: socket.socket) -> None:
    command = start("udp", "--wait", "0.2", "localhost", port_of(peer))
    command.end_input(b"question")
    message, sender = peer.recvfrom(100)
    assert message == b"question"
    peer.sendto(b"answer, ", sender)
    peer.sendto(b"and more", sender)
    assert command.finish() == (0, b"answer, and more", "")


def test_it_ends_when_nobody_answers(start: Start, peer: socket.socket) -> None:
    assert start("udp", "--wait", "0.05", "127.0.0.1", port_of(peer)).finish(b"question") == (0, b"", "")
    assert peer.recv(100) == b"question"


def test_each_line_that_is_typed_is_a_datagram(start: Start, peer: socket.socket, terminal: Any) -> None:
    command = start("udp", "--wait", "0.05", "127.0.0.1", port_of(peer), stdin=terminal.fd)
    for line in (b"one\n", b"two\n"):
        terminal.type(line)
        assert peer.recv(100) == line
    terminal.type(b"\x04")
    assert command.finish() == (0, b"", "")


def test_file_is_sent_in_pieces(start: Start, peer: socket.socket) -> None:
    start("udp", "--wait", "0.05", "127.0.0.1", port_of(peer)).finish(bytes(3000))
    assert [len(peer.recv(5000)) for _ in range(3)] == [1400, 1400, 200]


def test_listener_prints_and_answers_to_whom_it_heard(start: Start, peer: socket.socket) -> None:
    command = start("udp", "--listen", 0, "127.0.0.1")
    port = listening_port(command)
    command.process.stdin.write(b"hello")
    command.process.stdin.flush()           # to nobody yet
    peer.sendto(b"here I am", ("127.0.0.1", port))
    assert command.process.stdout.read(9) == b"here I am"
    assert peer.recv(100) == b"hello"
    command.signal(signal.SIGINT)
    assert command.finish() == (130, b"", "")


def test_two_of_them_talk(start: Start) -> None:
    listener = start("udp", "--listen", 0, "--wait", "0.2", "127.0.0.1")
    listener.end_input(b"from the listener")
    client = start("udp", "--wait", "0.2", "127.0.0.1", listening_port(listener))
    assert client.finish(b"from the client") == (0, b"from the listener", "")
    assert listener.finish() == (0, b"from the client", "")


def test_listener_without_a_host_takes_both_families(start: Start) -> None:
    listener = start("udp", "--listen", 0, stdin=subprocess.DEVNULL)
    port = listening_port(listener)
    for host in ("127.0.0.1", "::1"):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x", (host, port))
            assert listener.process.stdout.read(1) == b"x"
    listener.signal(signal.SIGTERM)
    assert listener.finish() == (143, b"", "")


def test_nobody_there_is_one_line(start: Start, peer: socket.socket) -> None:
    port = port_of(peer)
    peer.close()
    status, stdout, stderr = start("udp", "127.0.0.1", port).finish(b"anybody?")
    assert (status, stdout) == (1, b"")
    assert stderr == f"netloop udp: 127.0.0.1:{port}: recvmsg ECONNREFUSED (Connection refused)\n"


def test_port_in_use_is_one_line(start: Start, peer: socket.socket) -> None:
    port = port_of(peer)
    status, _, stderr = start("udp", "--listen", port, "127.0.0.1").finish(b"")
    assert status == 1
    assert stderr.startswith(f"netloop udp: 127.0.0.1:{port}: bind EADDRINUSE 127.0.0.1:{port} ")


def test_name_that_does_not_resolve_is_one_line(start: Start) -> None:
    status, _, stderr = start("udp", "nowhere.invalid", 9).finish(b"")
    assert status == 1
    assert stderr.startswith("netloop udp: nowhere.invalid:9: getaddrinfo E")
    assert stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [
    [], ["8124"], ["localhost", "8124", "more"], ["localhost", "http"], ["localhost", "65536"], ["localhost", "0"],
    ["localhost", "²"], ["localhost", "1", "--wait", "0"], ["--listen"], ["--listen", "1", "::1", "more"], ["--listen", "x"]])
def test_wrong_arguments_are_a_usage_error(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, ["udp", *arguments])
    assert result.exit_code == 2
    assert "Usage: " in result.output
