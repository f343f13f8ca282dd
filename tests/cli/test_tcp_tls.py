"""`netloop tcp --tls`: a pipe that is encrypted, and whom it trusts."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import trustme
from typer.testing import CliRunner

from netloop.cli import app

Start = Callable[..., Any]
CUT = b"end here"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def echo_port(authority: trustme.CA) -> Iterator[int]:
    """An echo over TLS, by Python, whose certificate is that of example.test; it ends with a goodbye, but not after CUT."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("example.test").configure_cert(context)

    def serve() -> None:
        try:
            peer, _ = listening.accept()
            with context.wrap_socket(peer, server_side=True) as secure:
                secure.settimeout(30)
                while data := secure.recv(65536):
                    secure.sendall(data)
                    if data == CUT:
                        return
                secure.unwrap()
        except OSError:
            pass                # a client that does not trust us

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(30)
        thread = Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def test_what_is_sent_comes_back(start: Start, echo_port: int, authority: trustme.CA, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca)
    command = start("tcp", "--tls", "--ca", ca, "--servername", "example.test", "127.0.0.1", echo_port)
    data = bytes(range(256)) * 4000
    assert command.finish(data) == (0, data, "")


def test_a_certificate_that_nobody_knows_is_refused(start: Start, echo_port: int) -> None:
    status, output, errors = start("tcp", "--tls", "127.0.0.1", echo_port).finish(b"secret")
    assert (status, output) == (1, b"")
    assert f"127.0.0.1:{echo_port}: " in errors
    assert "certificate verify failed" in errors


def test_a_certificate_of_another_name_is_refused(
        start: Start, echo_port: int, authority: trustme.CA, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca)
    status, _, errors = start("tcp", "--tls", "--ca", ca, "127.0.0.1", echo_port).finish(b"secret")
    assert status == 1
    assert "127.0.0.1 is not in the cert's list" in errors


def test_insecure_goes_on_and_is_loud(start: Start, echo_port: int) -> None:
    status, output, errors = start("tcp", "--tls", "--insecure", "127.0.0.1", echo_port).finish(b"hello")
    assert (status, output) == (0, b"hello")
    assert errors.startswith("WARNING: the server's certificate is not verified.")


def test_a_missing_goodbye_is_told(start: Start, echo_port: int) -> None:
    status, output, errors = start("tcp", "--tls", "--insecure", "127.0.0.1", echo_port).finish(CUT)
    assert (status, output) == (0, CUT)
    assert "without a goodbye" in errors


@pytest.mark.parametrize(("arguments", "message"), [
    (["--insecure", "localhost", "1"], "--insecure"), (["--servername", "a", "localhost", "1"], "--servername"),
    (["--tls", "--listen", "1"], "--tls"), (["--tls", "--ca", "no such file", "localhost", "1"], "--ca")])
def test_options_that_make_no_sense_are_refused(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["tcp", *arguments])
    assert result.exit_code == 2
    assert message in result.output
