"""`netloop http`: what it asks, what it shows where, and how it fails."""

from __future__ import annotations

import os
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import trustme

Start = Callable[..., Any]
LARGE = bytes(range(256)) * 20_000
TERMINAL = {"TERM": "xterm", "COLUMNS": "100", "NO_COLOR": ""}


class Handler(BaseHTTPRequestHandler):
    """A server that is not ours.  /PATH is answered with the body of that name, POST and PUT with what came."""

    bodies: dict[str, tuple[str, bytes]] = {  # noqa: RUF012  (nobody changes it)
        "/text": ("text/plain", "grüß \x1b[31m\n".encode()), "/json": ("application/json", b'{"a":[1,"\\u00fc"]}'),
        "/latin": ("text/plain; charset=ISO-8859-1", "grüß\n".encode("latin-1")),
        "/wide": ("text/plain; charset=utf-16le", "grüß\n".encode("utf-16le")),
        "/large": ("application/octet-stream", LARGE), "/binary": ("application/octet-stream", b"a\0b")}

    def do_GET(self) -> None:
        self.path = self.path.removeprefix("http://elsewhere.invalid")      # as a proxy is asked
        if self.path == "/away":
            self.answer(302, "text/plain", b"", Location="/text")
        elif self.path == "/safety":
            self.answer(302, "text/plain", b"", Location="https://elsewhere.invalid/text")
        elif self.path == "/asked":
            self.answer(200, "text/plain", str(self.headers).encode())
        elif self.path in self.bodies:
            self.answer(200, *self.bodies[self.path])
        else:
            self.answer(404, "text/plain", b"nothing\n")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, "text/plain", f"{self.command} {self.headers['X-One']} ".encode() + body)

    def do_PATCH(self) -> None:
        self.answer(200, "text/plain", str(self.headers).encode())

    def do_CONNECT(self) -> None:
        self.answer(403, "text/plain", b"")

    do_PUT = do_POST  # noqa: N815  (as http.server wants it)

    def answer(self, status: int, kind: str, body: bytes, **fields: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **fields}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Not on the screen of the tests."""


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_head_goes_to_stderr_and_the_body_to_stdout(start: Start, origin: str) -> None:
    status, stdout, stderr = start("http", "GET", f"http://{origin}/large").finish()
    assert (status, stdout) == (0, LARGE)
    lines = stderr.splitlines()
    assert lines[0] == "HTTP/1.0 200 OK"
    assert f"Content-Length: {len(LARGE)}" in lines


def test_method_and_scheme_may_be_left_out(start: Start, origin: str) -> None:
    assert start("http", f"{origin}/json").finish()[:2] == (0, b'{"a":[1,"\\u00fc"]}')


def test_data_is_posted_with_the_header_fields_given(start: Start, origin: str) -> None:
    assert start("http", f"{origin}/", "-d", "hi", "-H", "X-One: 1").finish()[:2] == (0, b"POST 1 hi")


def test_header_field_replaces_that_of_the_request(start: Start, origin: str) -> None:
    fields = "-H", "Host: other", "-H", "authorization: Bearer x", "-H", "X-One: 1", "-H", "x-one: 2"
    status, stdout, _ = start("http", f"user:password@{origin}/asked", *fields).finish()
    lines = stdout.decode().splitlines()
    assert status == 0
    assert [line for line in lines if line.lower().startswith(("host", "auth", "x-one"))] == [
        "Host: other", "authorization: Bearer x", "X-One: 1", "X-One: 2"]


def test_header_field_says_how_a_file_is_sent(start: Start, origin: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"data")
    command = start("http", "PATCH", origin, "-d", f"@{tmp_path / 'file'}", "-H", "Transfer-Encoding: chunked")
    status, stdout, _ = command.finish()
    assert (status, b"Content-Length" in stdout, b"Transfer-Encoding: chunked" in stdout) == (0, False, True)


def test_data_comes_from_a_file(start: Start, origin: str, tmp_path: Any) -> None:
    (tmp_path / "file").write_bytes(LARGE)
    status, stdout, _ = start("http", "PUT", origin, "-H", "X-One: 1", "--data", f"@{tmp_path / 'file'}").finish()
    assert (status, stdout) == (0, b"PUT 1 " + LARGE)


def test_file_that_is_not_there_is_told_with_its_name_and_what_was_tried(start: Start, origin: str, tmp_path: Path) -> None:
    status, _, stderr = start("http", "PUT", origin, "--data", f"@{tmp_path / 'file'}").finish()
    lines = stderr.splitlines()
    assert (status, lines[0]) == (1, f"netloop http: open ENOENT {tmp_path / 'file'} (No such file or directory)")
    assert lines[1].startswith(f"  PUT http://{origin}/: ")
    assert len(lines) == 2


def test_body_of_another_length_than_the_user_said_is_told_with_what_was_tried(start: Start, origin: str) -> None:
    status, _, stderr = start("http", origin, "-d", "abc", "-H", "Content-Length: 9").finish()
    lines = stderr.splitlines()
    assert (status, lines[0]) == (1, "netloop http: the body has 3 bytes, and its Content-Length says 9")
    assert lines[1].startswith(f"  POST http://{origin}/: ")


def test_redirects_are_followed_when_asked_for(start: Start, origin: str) -> None:
    status, _, stderr = start("http", f"{origin}/away").finish()
    assert (status, stderr.splitlines()[0]) == (0, "HTTP/1.0 302 Found")
    status, stdout, _ = start("http", f"{origin}/away", "-L").finish()
    assert (status, stdout) == (0, Handler.bodies["/text"][1])


def test_fail_makes_an_error_of_the_server_one_of_the_command(start: Start, origin: str) -> None:
    assert start("http", f"{origin}/other").finish()[:2] == (0, b"nothing\n")
    assert start("http", f"{origin}/other", "--fail").finish()[:2] == (1, b"nothing\n")


def test_terminal_is_not_commanded_by_a_body(start: Start, origin: str, terminal: Any) -> None:
    command = start("http", f"{origin}/text", stdout=terminal.fd)
    assert command.finish()[0] == 0
    assert terminal.read_all() == "grüß \\x1b[31m\r\n".encode()


@pytest.mark.parametrize("path", ["latin", "wide"])
def test_terminal_shows_a_body_in_the_charset_that_it_says(path: str, start: Start, origin: str, terminal: Any) -> None:
    assert start("http", f"{origin}/{path}", stdout=terminal.fd).finish()[0] == 0
    assert terminal.read_all() == "grüß\r\n".encode()


def test_terminal_is_spared_what_is_no_text(start: Start, origin: str, terminal: Any) -> None:
    assert start("http", f"{origin}/binary", stdout=terminal.fd).finish()[0] == 0
    assert terminal.read_all() == b"\r\n(This is no text.  Redirect the output to keep it.)\r\n"


def test_json_is_laid_out_and_coloured_on_a_terminal(start: Start, origin: str, terminal: Any) -> None:
    command = start("http", f"{origin}/json", stdout=terminal.fd, environment=TERMINAL)
    assert command.finish()[0] == 0
    shown = terminal.read_all().decode()
    assert "\x1b[" in shown
    assert '"ü"' in shown
    assert shown.count("\r\n") == 6


def test_progress_of_a_download_is_shown_on_a_terminal(start: Start, origin: str, terminal: Any) -> None:
    command = start("http", f"{origin}/large", stderr=terminal.fd, environment=TERMINAL)
    assert command.finish()[:2] == (0, LARGE)
    shown = terminal.read_all()
    assert b"5.1/5.1 MB" in shown
    assert b"iB" not in shown           # the speed is in MB/s


# --- proxies --------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_proxy_of_the_environment_is_asked(scheme: str, name: str, start: Start, origin: str) -> None:
    command = start("http", "elsewhere.invalid/text", environment={name: f"{scheme}{origin}", "NO_PROXY": "x.invalid"})
    assert command.finish()[:2] == (0, Handler.bodies["/text"][1])


def test_proxy_is_not_asked_for_whom_no_proxy_lists(start: Start, origin: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    proxies = {"HTTP_PROXY": f"http://127.0.0.1:{port}", "NO_PROXY": "x.invalid, 127.0.0.1"}
    assert start("http", f"{origin}/text", environment=proxies).finish()[:2] == (0, Handler.bodies["/text"][1])


@pytest.mark.parametrize("asked", ["https://elsewhere.invalid/text", "elsewhere.invalid/safety"])
def test_proxy_is_asked_for_a_tunnel_for_https_and_for_redirects_there(asked: str, start: Start, origin: str) -> None:
    command = start("http", "-L", asked, environment={"HTTP_PROXY": origin, "HTTPS_PROXY": origin})
    status, stdout, stderr = command.finish()
    assert (status, stdout) == (1, b"")
    assert stderr.startswith("netloop http: no tunnel to elsewhere.invalid:443 through "
                             f"http://{origin}: the proxy answered 403 Forbidden\n")


def test_proxy_that_is_none_is_a_usage_error(start: Start, origin: str) -> None:
    status, _, stderr = start("http", origin, environment={"http_proxy": "ftp://x"}).finish()
    assert (status, stderr.split(":")[0]) == (2, "Usage")
    assert "HTTP_PROXY must begin with http:// or https://" in stderr


# --- failures -------------------------------------------------------------------------------------------------------

def test_server_that_is_not_there_is_told_with_what_was_tried(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    status, stdout, stderr = start("http", f"127.0.0.1:{port}").finish()
    lines = stderr.splitlines()
    assert lines[0] == f"netloop http: connect ECONNREFUSED 127.0.0.1:{port} (Connection refused)"
    assert lines[1].startswith(f"  GET http://127.0.0.1:{port}/: ")
    assert (status, stdout, len(lines)) == (1, b"", 2)


def test_https_server_is_trusted_by_its_authority_or_without_one(start: Start, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"https://localhost:{server.server_port}/json"
        assert start("http", "--ca", str(tmp_path / "ca.pem"), url).finish()[:2] == (0, Handler.bodies["/json"][1])
        status, stdout, stderr = start("http", "-k", url).finish()
        assert (status, stdout) == (0, Handler.bodies["/json"][1])
        assert stderr.startswith("WARNING: the server's certificate is not verified.")
        server.shutdown()


def test_certificates_are_for_https_only(start: Start, origin: str) -> None:
    status, _, stderr = start("http", "-k", origin).finish()
    assert status == 2
    assert "only https:// has certificates" in stderr


def test_https_server_that_nobody_vouches_for_is_not_trusted(start: Start) -> None:
    issued = trustme.CA().issue_cert("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # not on the screen of the tests
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        status, stdout, stderr = start("http", f"https://localhost:{server.server_port}/text").finish()
        server.shutdown()
    assert (status, stdout) == (1, b"")
    assert "certificate verify failed" in stderr.splitlines()[0]


RESET = struct.pack("ii", 1, 0)         # SO_LINGER: closing resets the connection


def broken_off(peer: socket.socket, kind: str, how: str) -> None:
    """Send half of a body, and break off in the same moment."""
    rest = "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n?\r\n" if how == "nonsense" else "Content-Length: 9\r\n\r\nhalf"
    with peer:
        peer.recv(65536)
        peer.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{rest}".encode())
        if how == "reset":
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


@pytest.mark.parametrize("how", ["end", "reset", "nonsense"])
@pytest.mark.parametrize("kind", ["text/plain", "application/json"])
@pytest.mark.parametrize("where", ["pipe", "terminal"])
def test_body_that_is_cut_short_is_shown_as_far_as_it_came_and_is_a_failure(
        where: str, kind: str, how: str, start: Start, terminal: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        output = {} if where == "pipe" else {"stdout": terminal.fd}
        command = start("http", f"127.0.0.1:{server.getsockname()[1]}", **output)
        broken_off(server.accept()[0], kind, how)
        status, stdout, stderr = command.finish()
    if where == "pipe":
        assert stdout == b"half"
    else:
        assert terminal.read_all().endswith(b"half\r\n")
    assert status == 1
    of = "" if how == "nonsense" else " of 9"
    assert f"\nnetloop http: the body broke off after 4{of} bytes" in stderr
    assert "\n  GET http://127.0.0.1:" in stderr


def test_large_body_that_is_cut_short_is_kept_as_far_as_it_came(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        command = start("http", f"127.0.0.1:{server.getsockname()[1]}")
        peer, _ = server.accept()
        peer.recv(65536)
        peer.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(LARGE) + 1}\r\n\r\n".encode())

        def send() -> None:
            with peer:
                peer.sendall(LARGE)

        sender = Thread(target=send)
        sender.start()
        status, stdout, stderr = command.finish()
        sender.join()
    assert (status, stdout) == (1, LARGE)
    assert "\nnetloop http: the body broke off after 5,120,000 of 5,120,001 bytes\n" in stderr


def test_closed_output_is_a_failure(start: Start, origin: str) -> None:
    status, _, stderr = start("http", f"{origin}/text", stdout=None, preexec_fn=lambda: os.close(1)).finish()
    assert status == 1
    assert stderr.endswith("\nnetloop http: write EBADF stdout (Bad file descriptor)\n")


def test_server_that_does_not_speak_tls_is_said_to_be_one(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        command = start("http", f"https://127.0.0.1:{server.getsockname()[1]}")
        peer, _ = server.accept()
        with peer:
            peer.recv(65536)
            peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            status, _, stderr = command.finish()
    assert (status, stderr.splitlines()[0]) == (1, "netloop http: the peer does not speak TLS")


def test_silent_server_is_given_up_after_the_timeout(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        status, _, stderr = start("http", f"127.0.0.1:{server.getsockname()[1]}", "--timeout", "0.05").finish()
    assert (status, stderr.splitlines()[0]) == (1, "netloop http: nothing moved within 0.05 s")


@pytest.mark.parametrize("wrong", [("GET",) * 3, ("ftp://x",), ("http://x:99999",), ("x", "-H", "novalue"), ("G T", "x")])
def test_wrong_arguments_are_usage_errors(wrong: tuple[str, ...], start: Start) -> None:
    status, _, stderr = start("http", *wrong).finish()
    assert (status, stderr.split(":")[0]) == (2, "Usage")
