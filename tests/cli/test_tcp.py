"""`netloop tcp`: every byte both ways, the end of each direction, and failures in one line."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from typer.testing import CliRunner

from netloop.cli import app

Start = Callable[..., Any]
DATA = os.urandom(3_000_001)        # more than every buffer on the way, and no multiple of anything


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A plain listening socket."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(30)
        yield listening


def port_of(listening: socket.socket) -> int:
    port: int = listening.getsockname()[1]
    return port


def accept(listening: socket.socket) -> socket.socket:
    peer, _ = listening.accept()
    peer.settimeout(30)
    return peer


def read_all(peer: socket.socket) -> bytes:
    return b"".join(iter(lambda: peer.recv(65536), b""))


def listening_port(command: Any) -> int:
    return int(command.line_with("listening on", of="stderr").rpartition(":")[2])


# --- bytes ---

def test_file_arrives_as_it_was_sent(start: Start, tmp_path: Path) -> None:
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.write_bytes(DATA)
    with source.open("rb") as stdin, copy.open("wb") as stdout:
        receiver = start("tcp", "--listen", 0, "127.0.0.1", stdin=subprocess.DEVNULL, stdout=stdout)
        sender = start("tcp", "127.0.0.1", listening_port(receiver), stdin=stdin)
        assert sender.finish() == (0, b"", "")
        assert receiver.finish() == (0, b"", "")
    assert copy.read_bytes() == DATA


def test_unix_socket_carries_both_directions(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "pipe.sock"
    first = start("tcp", "--listen", "--unix", path)
    assert first.line(of="stderr") == f"listening on {path}\n"
    first.end_input(b"from the first")
    assert start("tcp", "--unix", path).finish(b"from the second") == (0, b"from the first", "")
    assert first.finish() == (0, b"from the second", "")
    assert not path.exists()


def test_echo_of_more_than_all_buffers_comes_back_whole(start: Start) -> None:
    """Both directions are busy and full at once; neither may wait for the other."""
    echo = start("demo", "--port", 0)
    port = int(echo.line_with("echo").split()[-1])
    assert start("tcp", "127.0.0.1", port).finish(DATA) == (0, DATA, "")


def test_peer_that_does_not_read_stops_the_reading_of_the_input(start: Start,
                                                                listener: socket.socket) -> None:
    command = start("tcp", "127.0.0.1", port_of(listener))
    with accept(listener) as peer:
        stdin = command.process.stdin.fileno()
        os.set_blocking(stdin, False)
        taken = 0
        while select.select([], [stdin], [], 0.5)[1] and taken < 64_000_000:
            taken += os.write(stdin, bytes(65536))
        os.set_blocking(stdin, True)
        assert taken < 16_000_000, "without a bound it takes all that it is given"
        command.end_input()
        assert len(read_all(peer)) == taken
        peer.close()
        assert command.finish() == (0, b"", "")


# --- the end of each direction ---

def test_end_of_the_input_is_a_half_close_and_the_answer_still_comes(start: Start,
                                                                     listener: socket.socket) -> None:
    command = start("tcp", "127.0.0.1", port_of(listener))
    command.end_input(b"question")
    with accept(listener) as peer:
        assert read_all(peer) == b"question"
        peer.sendall(b"answer")
    assert command.finish() == (0, b"answer", "")


def test_input_is_sent_to_its_end_after_the_peer_has_finished(start: Start, listener: socket.socket) -> None:
    command = start("tcp", "127.0.0.1", port_of(listener))
    with accept(listener) as peer:
        peer.sendall(b"all I have to say")
        peer.shutdown(socket.SHUT_WR)
        assert command.process.stdout.read(17) == b"all I have to say"
        writer = Thread(target=command.end_input, args=(DATA,))
        writer.start()
        assert read_all(peer) == DATA
        writer.join()
    assert command.finish() == (0, b"", "")


def test_terminal_need_not_be_touched_when_the_peer_has_finished(start: Start, listener: socket.socket,
                                                                 terminal: Any) -> None:
    command = start("tcp", "127.0.0.1", port_of(listener), stdin=terminal.fd, stdout=terminal.fd)
    with accept(listener) as peer:
        terminal.type(b"hello\n")
        assert peer.recv(100) == b"hello\n"
        peer.sendall(b"bye\n")
    assert command.finish() == (0, b"", "")
    assert terminal.read_all().endswith(b"bye\r\n")


def test_control_d_on_a_terminal_is_a_half_close(start: Start, listener: socket.socket,
                                                 terminal: Any) -> None:
    command = start("tcp", "127.0.0.1", port_of(listener), stdin=terminal.fd, stdout=terminal.fd)
    with accept(listener) as peer:
        terminal.type(b"question\n\x04")
        assert read_all(peer) == b"question\n"
        peer.sendall(b"answer\n")
    assert command.finish()[0] == 0
    assert b"answer" in terminal.read_all()


def test_interrupt_ends_it_with_status_130(start: Start, listener: socket.socket, terminal: Any) -> None:
    command = start("tcp", "127.0.0.1", port_of(listener), stdin=terminal.fd)
    with accept(listener) as peer:
        peer.sendall(b"ready")
        assert command.process.stdout.read(5) == b"ready"
        command.signal(signal.SIGINT)
        assert command.finish() == (130, b"", "")


def test_closed_standard_input_is_an_empty_one(start: Start, listener: socket.socket) -> None:
    command = start("tcp", "127.0.0.1", port_of(listener), stdin=None, preexec_fn=lambda: os.close(0))
    with accept(listener) as peer:
        peer.sendall(b"answer")
        assert read_all(peer) == b""
    assert command.finish() == (0, b"answer", "")


def test_only_the_first_connection_is_taken(start: Start) -> None:
    command = start("tcp", "--listen", 0, "127.0.0.1", stdin=subprocess.DEVNULL)
    port = listening_port(command)
    with socket.create_connection(("127.0.0.1", port)) as first:
        assert first.recv(1) == b""         # its empty input has ended, so it has accepted us
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
    assert command.finish() == (0, b"", "")


# --- progress ---

def test_progress_is_shown_on_a_terminal_while_a_file_is_sent(start: Start, terminal: Any, tmp_path: Path,
                                                              listener: socket.socket) -> None:
    source = tmp_path / "source"
    source.write_bytes(DATA)
    with source.open("rb") as stdin:
        command = start("tcp", "127.0.0.1", port_of(listener), stdin=stdin, stderr=terminal.fd)
        with accept(listener) as peer:
            assert len(read_all(peer)) == len(DATA)
        assert command.finish()[0] == 0
    shown = terminal.read_all()
    assert b"sent" in shown
    assert b"3.0/3.0 MB" in shown


def test_progress_is_not_shown_to_who_types(start: Start, terminal: Any, listener: socket.socket) -> None:
    command = start("tcp", "127.0.0.1", port_of(listener), stdin=terminal.fd, stdout=terminal.fd,
                    stderr=terminal.fd)
    with accept(listener) as peer:
        peer.sendall(b"bye\n")
    assert command.finish()[0] == 0
    assert terminal.read_all() == b"bye\r\n"


# --- failures ---

def failed(command: Any, data: bytes | None = b"") -> str:
    """The one line on stderr of a command that fails."""
    status, _, stderr = command.finish(data)
    assert status == 1
    assert stderr.count("\n") == 1, stderr
    return str(stderr)


def test_refused_connection_is_one_line(start: Start, listener: socket.socket) -> None:
    port = port_of(listener)
    listener.close()
    message = failed(start("tcp", "127.0.0.1", port))
    assert message.startswith(f"netloop tcp: 127.0.0.1:{port}: connect ECONNREFUSED 127.0.0.1:{port} ")


def test_missing_unix_socket_is_one_line(start: Start) -> None:
    message = failed(start("tcp", "--unix", "nobody.sock"))
    assert message.startswith("netloop tcp: nobody.sock: connect ENOENT nobody.sock ")


def test_name_that_does_not_resolve_is_one_line(start: Start) -> None:
    message = failed(start("tcp", "nowhere.invalid", 9))
    assert message.startswith("netloop tcp: nowhere.invalid:9: getaddrinfo E")


def test_port_in_use_is_one_line(start: Start, listener: socket.socket) -> None:
    port = port_of(listener)
    message = failed(start("tcp", "--listen", port, "127.0.0.1"))
    assert message.startswith(f"netloop tcp: 127.0.0.1:{port}: listen EADDRINUSE 127.0.0.1:{port} ")


def test_silent_peer_ends_it_after_the_timeout(start: Start, listener: socket.socket) -> None:
    port = port_of(listener)
    command = start("tcp", "--timeout", "0.05", "127.0.0.1", port)
    with accept(listener):
        assert command.process.wait(30) == 1
    assert failed(command) == f"netloop tcp: 127.0.0.1:{port}: nothing moved within 0.05 s\n"


def test_reset_by_the_peer_is_one_line(start: Start, listener: socket.socket) -> None:
    command = start("tcp", "127.0.0.1", port_of(listener))
    with accept(listener) as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        peer.close()
    assert "ECONNRESET" in failed(command, None)


def test_output_that_nobody_reads_is_one_line(start: Start, listener: socket.socket) -> None:
    command = start("tcp", "127.0.0.1", port_of(listener))
    command.process.stdout.close()
    command.process.stdout = None
    with accept(listener) as peer:
        peer.sendall(b"data")
        assert command.process.wait(30) == 1
    assert "write EPIPE stdout" in failed(command, None)


@pytest.mark.parametrize("arguments", [
    [], ["8124"], ["localhost", "8124", "more"], ["localhost", "http"], ["localhost", "65536"],
    ["localhost", "-1"], ["localhost", "²"], ["localhost", "1", "--timeout", "0"],
    ["--listen"], ["--listen", "1", "::1", "more"], ["--listen", "x"], ["--unix", "a.sock", "8124"],
])
def test_wrong_arguments_are_a_usage_error(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, ["tcp", *arguments])
    assert result.exit_code == 2
    assert "Usage: " in result.output
