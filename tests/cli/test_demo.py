"""`netloop demo`: what it starts, what it shows, and how it ends."""

from __future__ import annotations

import json
import re
import signal
import socket
import ssl
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection, HTTPMessage, HTTPSConnection
from typing import Any

import pytest
from typer.testing import CliRunner

from netloop import run
from netloop.cli import app
from netloop.websocket import HandshakeError, WebSocket

Start = Callable[..., Any]


class Demo:
    """A running demo, and the ports of its services."""

    def __init__(self, command: Any) -> None:
        self.command = command
        self.ports = {}
        for name in ("greeter", "echo", "chat", "http", "https", "udp"):
            match = re.search(r"127\.0\.0\.1[ :](\d+)", command.line_with(f"{name}  "))
            assert match is not None
            self.ports[name] = int(match[1])
        command.line_with("Ctrl-C")
        command.line()

    def connect(self, name: str) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.ports[name]), timeout=30)


@pytest.fixture
def demo(start: Start) -> Demo:
    return Demo(start("demo", "--port", 0))


def read_exactly(peer: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        chunk = peer.recv(size - len(data))
        assert chunk, f"ended after {data!r}"
        data += chunk
    return data


def ask(demo: Demo, method: str, target: str, body: bytes | None = None) -> tuple[int, HTTPMessage, bytes]:
    """The status, header fields and body of the answer."""
    client = HTTPConnection("127.0.0.1", demo.ports["http"], timeout=30)
    with closing(client):
        client.request(method, target, body)
        response = client.getresponse()
        return response.status, response.headers, response.read()


def test_greeter_says_hello_and_repeats(demo: Demo) -> None:
    with demo.connect("greeter") as peer:
        assert read_exactly(peer, 7) == b"hello\r\n"
        peer.sendall(b"world!")
        assert read_exactly(peer, 6) == b"world!"
        peer.shutdown(socket.SHUT_WR)
        assert peer.recv(1) == b""


def test_echo_repeats(demo: Demo) -> None:
    with demo.connect("echo") as peer:
        peer.sendall(b"same")
        assert read_exactly(peer, 4) == b"same"


def test_chat_passes_lines_on(demo: Demo) -> None:
    with demo.connect("chat") as amy, demo.connect("chat") as bob:
        amy.sendall(b"amy\n")
        assert b"welcome, amy" in read_exactly(amy, 30)
        bob.sendall(b"bob\nhi\n")
        lines = amy.makefile("rb")
        for line in lines:
            if line == b"bob: hi\n":
                break
        else:
            pytest.fail("amy did not hear bob")
        lines.close()


def test_page_asks_only_for_what_there_is(demo: Demo) -> None:
    status, headers, body = ask(demo, "GET", "/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    asked = re.findall(rb'"(/\w+)"', body)
    assert asked == [b"/chat", b"/request", b"/echo", b"/ticks"]
    assert ask(demo, "GET", "/request")[2].startswith(b"GET /request HTTP/1.1\nHost: 127.0.0.1")
    assert ask(demo, "HEAD", "/ticks")[0] == 200
    assert b"://" not in body


def test_page_sends_back_what_is_posted_as_text(demo: Demo) -> None:
    data = bytes(range(256)) * 4000
    status, headers, body = ask(demo, "POST", "/echo", data)
    assert (status, headers["x-content-type-options"]) == (200, "nosniff")
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert body == data


def test_chat_in_the_browser_passes_on_what_visitors_say(demo: Demo) -> None:
    status, headers, body = ask(demo, "GET", "/chat")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"://" not in body

    async def main() -> list[Any]:
        url = f"ws://127.0.0.1:{demo.ports['http']}/chat"
        heard: list[Any] = []
        async with WebSocket(url, origin=url.replace("ws", "http").removesuffix("/chat")) as amy, WebSocket(url) as bob:
            await amy.send("amy")
            heard += [json.loads(await anext(aiter(amy))) for _ in range(3)]
            for message in ("Amy", "", "bob", "\x07", "你好 <b>"):
                await bob.send(message)
            heard += [json.loads(await anext(aiter(bob))) for _ in range(3)]
            heard += [json.loads(await anext(aiter(amy))) for _ in range(3)]
            bob.send(b"no text")
            await bob.wait_closed()
            heard.append(json.loads(await anext(aiter(amy))))
        return heard

    assert run(main) == [
        {"welcome": "amy"}, {"note": "amy joined"}, {"here": ["amy"]},
        {"note": "Amy is here already."}, {"note": "A name has 1 to 20 characters."}, {"welcome": "bob"},
        {"note": "bob joined"}, {"here": ["amy", "bob"]}, {"said": ["bob", "你好 <b>"]}, {"note": "bob left"}]


def test_chat_is_not_for_pages_from_elsewhere(demo: Demo) -> None:
    async def main() -> None:
        with pytest.raises(HandshakeError) as raised:
            await WebSocket(f"ws://127.0.0.1:{demo.ports['http']}/chat", origin="http://elsewhere")
        assert raised.value.status == 401

    run(main)


def test_page_refuses_what_it_does_not_know(demo: Demo) -> None:
    assert ask(demo, "GET", "/other")[0] == 404
    status, headers, _ = ask(demo, "GET", "/echo")
    assert (status, headers["allow"]) == (405, "POST, PUT")


def test_each_request_has_its_line(demo: Demo) -> None:
    ask(demo, "GET", "/request?a=1")
    assert demo.command.line_with("GET").split("  ")[-1] == "GET /request?a=1: 200\n"
    with demo.connect("http") as peer:
        peer.sendall(b"GET /ticks HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_exactly(peer, 8) == b"HTTP/1.1"
    assert demo.command.line_with("GET").split("  ")[-1] == "GET /ticks: 200, not to its end\n"


def test_udp_sends_back_and_has_its_line(demo: Demo) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as peer:
        peer.settimeout(30)
        peer.connect(("127.0.0.1", demo.ports["udp"]))
        peer.send(b"datagram")
        assert peer.recv(100) == b"datagram"
        ours = "{}:{}".format(*peer.getsockname())
    assert demo.command.line().split(maxsplit=2)[1:] == ["udp", f"{ours}  sent 8 bytes\n"]


def test_each_event_has_its_line(demo: Demo) -> None:
    with demo.connect("greeter") as peer:
        ours = "{}:{}".format(*peer.getsockname())
        peer.sendall(b"world!")
        assert read_exactly(peer, 13) == b"hello\r\nworld!"
    shown = [demo.command.line().split(maxsplit=2)[1:] for _ in range(4)]
    assert shown == [["greeter", f"{ours}  connected\n"], ["greeter", f"{ours}  sent 6 bytes\n"],
                     ["greeter", f"{ours}  has finished\n"],
                     ["greeter", f"{ours}  closed: 6 bytes in, 13 bytes out\n"]]


def test_bulk_has_few_lines(demo: Demo) -> None:
    data = bytes(8_000_000)
    with demo.connect("echo") as peer:
        for start in range(0, len(data), 100_000):
            peer.sendall(data[start:start + 100_000])
            read_exactly(peer, 100_000)
    lines = iter(demo.command.line, "")
    shown = []
    for line in lines:
        shown.append(line)
        if "closed" in line:
            break
    assert len(shown) < 20
    assert "closed: 8,000,000 bytes in, 8,000,000 bytes out" in shown[-1]


def test_reset_connection_leaves_the_demo_running(demo: Demo) -> None:
    with demo.connect("echo") as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert "ECONNRESET" in demo.command.line_with("ECONN")
    with demo.connect("echo") as peer:
        peer.sendall(b"still here")
        assert read_exactly(peer, 10) == b"still here"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_it_with_status_0(demo: Demo, number: int) -> None:
    with demo.connect("greeter") as peer:
        assert read_exactly(peer, 7) == b"hello\r\n"
        demo.command.signal(number)
        status, _, stderr = demo.command.finish()
    assert (status, stderr) == (0, "")


def test_port_in_use_is_one_line_with_the_way_out(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = min(taken.getsockname()[1], 65531)
        status, stdout, stderr = start("demo", "--port", port).finish()
    assert stderr == (f"netloop demo: listen EADDRINUSE 127.0.0.1:{port} (Address already in use).  "
                      "Choose another port to begin with: netloop demo --port 9000\n")
    assert (status, stdout) == (1, b"")


def test_ports_that_go_beyond_the_last_are_refused() -> None:
    result = CliRunner().invoke(app, ["demo", "--port", "65534"])
    assert result.exit_code == 2
    assert "Usage: " in result.output


# --- https ---

def test_https_serves_the_pages_with_a_certificate_of_its_own(demo: Demo) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    client = HTTPSConnection("127.0.0.1", demo.ports["https"], timeout=30, context=context)
    with closing(client):
        client.request("GET", "/")
        response = client.getresponse()
        assert (response.status, b"netloop" in response.read()) == (200, True)
        certificate = client.sock.getpeercert(binary_form=True)
    assert b"localhost" in certificate
    assert "GET /: 200" in demo.command.line_with("GET /")


def test_https_tells_of_a_client_that_does_not_trust_it(demo: Demo) -> None:
    with pytest.raises(ssl.SSLError):
        ssl.create_default_context().wrap_socket(demo.connect("https"), server_hostname="localhost")
    assert "UNKNOWN_CA" in demo.command.line_with("no handshake").upper().replace(" ", "_")


def test_without_trustme_https_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netloop.cli.demo.secure_web.find_spec", lambda name: None)
    from netloop.cli.demo.secure_web import SecureWeb
    assert "netloop[demo]" in (SecureWeb.missing() or "")
