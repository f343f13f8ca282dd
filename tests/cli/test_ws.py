"""`netloop ws`: messages both ways, what can be typed at the prompt, the server that echoes, and how it ends."""

from __future__ import annotations

import base64
import hashlib
import re
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from typer.testing import CliRunner

from netloop._engine.framing import frame
from netloop.cli import app

Start = Callable[..., Any]
TEXT, BINARY, CLOSE, PING, PONG = 0x81, 0x82, 0x88, 0x89, 0x8A
TERMINAL = {"TERM": "xterm", "COLUMNS": "100", "NO_COLOR": "1"}


class Peer:
    """A WebSocket server that is not ours, for one connection."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self.port: int = listening.getsockname()[1]
        self.socket = socket.socket()       # none yet

    def take(self) -> None:
        """The next connection, on which nothing was said."""
        self.socket.close()
        self.socket, _ = self._listening.accept()
        self.socket.settimeout(30)

    def accept(self, context: ssl.SSLContext | None = None, answer: str = "") -> str:
        """Do the handshake; returns the request's head."""
        self.take()
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.read(1)
        key = next(line.split()[1] for line in head.decode().splitlines() if line.lower().startswith("sec-websocket-key"))
        digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
        self.socket.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}\r\n{answer}\r\n").encode())
        return head.decode()

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            chunk = self.socket.recv(size - len(data))
            assert chunk, f"ended after {data!r}"
            data += chunk
        return data

    def read_frame(self) -> tuple[int, bytes]:
        """The first byte and the payload of a frame with up to 125 bytes."""
        first, second = self.read(2)
        key, payload = self.read(4), self.read(second & 0x7F)
        return first, bytes(byte ^ key[at % 4] for at, byte in enumerate(payload))

    def send(self, first: int, payload: bytes) -> None:
        self.socket.sendall(frame(first, payload))

    def close(self, code: int, reason: bytes = b"") -> None:
        """Begin to close, and wait for the answer."""
        self.send(CLOSE, code.to_bytes(2, "big") + reason)
        assert self.read_frame()[0] == CLOSE
        self.socket.close()


@pytest.fixture
def peer() -> Iterator[Peer]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(30)
        peer = Peer(listening)
        yield peer
        peer.socket.close()


@pytest.fixture
def prompt(start: Start, terminal: Any, tmp_path: Path) -> Callable[[int], Any]:
    """``prompt(port)``: the command on a terminal, with a prompt."""
    def start_prompt(port: int) -> Any:
        return start("ws", f"127.0.0.1:{port}", stdin=terminal.fd, stdout=terminal.fd,
                     environment={**TERMINAL, "XDG_STATE_HOME": str(tmp_path)})

    return start_prompt


def listening_port(command: Any) -> int:
    return int(command.line_with("listening on", of="stderr").rpartition(":")[2])


def plain(seen: bytes) -> bytes:
    """What was on the screen, without colours."""
    return re.sub(rb"\x1b\[[0-9;]*m", b"", seen)


# --- pipes --------------------------------------------------------------------------------------------------------------

def test_lines_are_messages_and_messages_are_lines(start: Start, peer: Peer) -> None:
    command = start("ws", f"ws://127.0.0.1:{peer.port}/chat")
    assert peer.accept().startswith("GET /chat HTTP/1.1\r\n")
    command.end_input(b"one\ntwo \xc3\xa9\r\n/ping\nlast")
    assert [peer.read_frame() for _ in range(4)] == [
        (TEXT, b"one"), (TEXT, "two é".encode()), (TEXT, b"/ping"), (TEXT, b"last")]
    peer.send(TEXT, "é\nè".encode())
    peer.send(BINARY, b"\0\xff")
    peer.close(1000)
    status, stdout, stderr = command.finish()
    assert (status, stdout) == (0, "é\nè\n".encode() + b"\0\xff")
    assert stderr.splitlines() == [f"connected to ws://127.0.0.1:{peer.port}/chat", "closed: 1000"]


def test_it_closes_when_the_input_has_ended_and_nothing_comes_for_a_while(start: Start, peer: Peer) -> None:
    command = start("ws", "--wait", "0.05", f"127.0.0.1:{peer.port}")
    peer.accept()
    command.end_input(b"question\n")
    assert peer.read_frame() == (TEXT, b"question")
    peer.send(TEXT, b"answer")
    assert peer.read_frame() == (CLOSE, b"\x03\xe8")
    peer.send(TEXT, b"late")
    peer.send(CLOSE, b"\x03\xe8")
    peer.socket.close()
    assert command.finish()[:2] == (0, b"answer\nlate\n")


def test_echo_of_many_messages_comes_back_whole(start: Start) -> None:
    echo = start("ws", "--listen", 0, "127.0.0.1")
    lines = b"".join(b"%d %s\n" % (number, b"x" * 1000) for number in range(500))
    status, stdout, _ = start("ws", "--wait", 2, f"127.0.0.1:{listening_port(echo)}").finish(lines)
    assert (status, stdout) == (0, lines)


# --- the handshake ------------------------------------------------------------------------------------------------------

def test_header_fields_subprotocols_and_origin_are_sent(start: Start, peer: Peer) -> None:
    command = start("ws", f"127.0.0.1:{peer.port}", "-H", "Authorization: Bearer x", "-H", "X-One:1", "-s", "b", "-s", "a",
                    "--origin", "http://here")
    head = peer.accept(answer="Sec-WebSocket-Protocol: a\r\n")
    for line in ("Authorization: Bearer x", "X-One: 1", "Sec-WebSocket-Protocol: b, a", "Origin: http://here"):
        assert f"\r\n{line}\r\n" in head
    peer.close(1001)
    status, _, stderr = command.finish()
    assert status == 0
    assert stderr.splitlines()[0].endswith("/, a")


def test_certificates_are_verified_unless_told_otherwise_loudly(start: Start, peer: Peer) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    command = start("ws", f"wss://localhost:{peer.port}")
    with pytest.raises(ssl.SSLError):
        peer.accept(context)
    status, _, stderr = command.finish()
    assert status == 1
    assert "certificate" in stderr
    command = start("ws", "--insecure", f"wss://localhost:{peer.port}")
    peer.accept(context)
    peer.close(1000)
    status, _, stderr = command.finish()
    assert status == 0
    assert stderr.startswith("WARNING: the server's certificate is not verified.")
    assert "UnverifiedTLSWarning" not in stderr


def test_another_answer_is_a_failure_in_one_line(start: Start, peer: Peer) -> None:
    command = start("ws", f"127.0.0.1:{peer.port}")
    peer.take()
    peer.socket.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    assert command.finish() == (1, b"", "netloop ws: Unexpected server response: 403\n")


def test_a_server_that_never_answers_is_given_up(start: Start, peer: Peer) -> None:
    command = start("ws", "--timeout", "0.05", f"127.0.0.1:{peer.port}")
    peer.take()
    status, _, stderr = command.finish()
    assert status == 1
    assert stderr.startswith("netloop ws: ")


def test_nobody_there_is_a_failure(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    status, _, stderr = start("ws", f"127.0.0.1:{port}").finish()
    assert status == 1
    assert stderr.startswith("netloop ws: connect ECONNREFUSED")


# --- the end ------------------------------------------------------------------------------------------------------------

def test_a_close_code_that_means_trouble_is_a_failure(start: Start, peer: Peer) -> None:
    command = start("ws", f"127.0.0.1:{peer.port}")
    peer.accept()
    peer.close(1011, b"no \x1b[31mred")
    status, _, stderr = command.finish()
    assert status == 1
    assert stderr.splitlines()[-1] == r"netloop ws: the server closed the connection: 1011 no \x1b[31mred"


def test_a_connection_that_is_cut_is_a_failure(start: Start, peer: Peer) -> None:
    command = start("ws", f"127.0.0.1:{peer.port}")
    peer.accept()
    peer.socket.close()
    status, _, stderr = command.finish()
    assert status == 1
    assert stderr.splitlines()[-1] == "netloop ws: the server closed the connection: without a goodbye (1006)"


def test_a_server_that_breaks_a_rule_is_a_failure(start: Start, peer: Peer) -> None:
    command = start("ws", f"127.0.0.1:{peer.port}")
    peer.accept()
    peer.send(0x83, b"")
    status, _, stderr = command.finish()
    assert status == 1
    assert stderr.splitlines()[-1] == "netloop ws: the opcode 3 is reserved"


def test_interrupt_ends_it_with_status_130(start: Start, peer: Peer) -> None:
    command = start("ws", f"127.0.0.1:{peer.port}")
    peer.accept()
    command.line_with("connected", of="stderr")
    command.signal(signal.SIGINT)
    assert command.finish()[0] == 130


@pytest.mark.parametrize("arguments", [
    [], ["one", "two"], ["localhost", "-H", "no field"], ["-k", "ws://localhost"], ["ftp://localhost"], ["-s", "a b", "x"],
    ["--listen", "x"], ["--listen", "65536"], ["--listen", "80", "-k"], ["--listen", "1", "2", "3"]])
def test_wrong_arguments_are_refused(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, ["ws", *arguments])
    assert result.exit_code == 2
    assert "Usage: " in result.output


# --- the prompt ---------------------------------------------------------------------------------------------------------

def test_what_can_be_typed_at_the_prompt(prompt: Any, peer: Peer, terminal: Any) -> None:
    command = prompt(peer.port)
    peer.accept()
    terminal.read_until(b">")
    for typed, sent in ((b"hello\n", (TEXT, b"hello")), (b"//x\n", (TEXT, b"/x")), (b"/binary 00 fF\n", (BINARY, b"\0\xff")),
                        (b"/ping now\n", (PING, b"now")), (b"/ping\n", (PING, b""))):
        terminal.type(typed)
        assert peer.read_frame() == sent
    peer.send(PONG, b"now")
    terminal.read_until(b"pong now after ")
    peer.send(PING, b"\xff\0")
    terminal.read_until(b"ping ff 00")
    assert peer.read_frame() == (PONG, b"\xff\0")
    terminal.type(b"/close 4000 see you\n")
    assert peer.read_frame() == (CLOSE, b"\x0f\xa0see you")
    peer.send(CLOSE, b"\x0f\xa0see you")
    peer.socket.close()
    assert command.finish()[0] == 0
    assert b"* closed: 4000 see you" in plain(terminal.read_all())


def test_messages_are_printed_above_the_line_that_is_being_typed(prompt: Any, peer: Peer, terminal: Any) -> None:
    command = prompt(peer.port)
    peer.accept()
    terminal.read_until(b"connected to")            # which might come between two letters else
    terminal.read_until(b">")
    terminal.type(b"half a l")
    terminal.read_until(b"half a l")
    peer.send(TEXT, b"first \x1b[2J\nsecond")
    peer.send(BINARY, b"\1\2")
    terminal.read_until(b"01 02")
    above, back = b"\x1b7\r\n\x1b[A\x1b[L", b"\r\n\x1b8\x1b[B"
    assert above + b"< first \\x1b[2J" + back + above + b"  second" + back in plain(terminal.seen)
    terminal.type(b"ine\n")
    assert peer.read_frame() == (TEXT, b"half a line")
    peer.close(1000)
    assert command.finish()[0] == 0


def test_mistakes_at_the_prompt_are_told_and_nothing_is_sent(prompt: Any, peer: Peer, terminal: Any) -> None:
    command = prompt(peer.port)
    peer.accept()
    for prompts, (typed, told) in enumerate([(b"/nope\n", b"There is no /nope."), (b"/close 1005\n", b"code must be"),
                                             (b"/binary xy\n", b"'xy' is not what /binary takes.")], 1):
        terminal.read_until(b">", prompts)              # not b"> ": a notice might come between the two
        terminal.type(typed)
        terminal.read_until(told)
    terminal.read_until(b">", 4)
    terminal.type(b"\x04")                          # Ctrl-D closes at once
    assert peer.read_frame() == (CLOSE, b"\x03\xe8")
    peer.send(CLOSE, b"\x03\xe8")
    peer.socket.close()
    assert command.finish()[0] == 0


def test_history_is_there_the_next_time_and_the_terminal_as_it_was(prompt: Any, peer: Peer, terminal: Any,
                                                                   tmp_path: Path) -> None:
    pytest.importorskip("readline")
    import termios
    before = termios.tcgetattr(terminal.fd)
    for typed in (b"remember me\n", b"\x10\n"):     # Ctrl-P: the line before
        terminal.seen = b""
        command = prompt(peer.port)
        peer.accept()
        terminal.read_until(b">")
        terminal.type(typed)
        assert peer.read_frame() == (TEXT, b"remember me")
        peer.close(1000)
        assert command.finish()[0] == 0
        assert termios.tcgetattr(terminal.fd) == before
    assert "remember me" in (tmp_path / "netloop" / "ws_history").read_text()


# --- the server that echoes ---------------------------------------------------------------------------------------------

def test_the_server_tells_what_happens(start: Start) -> None:
    server = start("ws", "--listen", 0, "127.0.0.1", "--subprotocol", "a")
    port = listening_port(server)
    client = start("ws", f"127.0.0.1:{port}/path", "-s", "b", "-s", "a")
    status, stdout, stderr = client.finish(b"hello\n" + b"x" * 300 + b"\n")
    assert (status, stdout) == (0, b"hello\n" + b"x" * 300 + b"\n")
    assert stderr.splitlines()[0].startswith(f"connected to ws://127.0.0.1:{port}/path, a, permessage-deflate")
    lines = [server.line().partition("  ")[2] for _ in range(4)]
    assert lines == ["connected to /path\n", "< hello\n", f"< {'x' * 200} and 100 characters more\n", "closed: 1000\n"]
    server.signal(signal.SIGTERM)
    assert server.finish()[0] == 143


def test_the_server_outlives_a_client_that_breaks_a_rule(start: Start) -> None:
    server = start("ws", "--listen", 0, "127.0.0.1")
    with socket.create_connection(("127.0.0.1", listening_port(server)), timeout=30) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                       b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x01x")
        assert b"101 Switching" in client.recv(1000)
        client.shutdown(socket.SHUT_WR)
        told = sorted(server.line().partition("  ")[2] for _ in range(3))
        assert told == ["a client must mask its frames\n", "closed: without a goodbye (1006)\n", "connected to /\n"]
    server.signal(signal.SIGINT)
    assert server.finish()[0] == 130


def test_a_port_in_use_is_a_failure(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        status, _, stderr = start("ws", "--listen", taken.getsockname()[1], "127.0.0.1").finish()
    assert status == 1
    assert stderr.startswith("netloop ws: listen EADDRINUSE")
