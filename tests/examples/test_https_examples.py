"""The example of https does what its docstring says."""

from __future__ import annotations

import re
import signal
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import trustme

Start = Callable[..., Any]
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def issue(directory: Path) -> bytes:
    """Write a certificate and its key; returns the authority's."""
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    issued.cert_chain_pems[0].write_to_path(directory / "cert.pem")
    issued.private_key_pem.write_to_path(directory / "key.pem")
    return authority.cert_pem.bytes()


def answer(example: Any, authority: bytes) -> bytes:
    context = ssl.create_default_context(cadata=authority.decode())
    with example.connect() as peer, context.wrap_socket(peer, server_hostname="localhost") as secure:
        secure.sendall(GET)
        return b"".join(iter(lambda: secure.recv(65536), b""))


def test_https_server_says_hello_and_takes_a_new_certificate(serve: Start, tmp_path: Path) -> None:
    first = issue(tmp_path)
    example = serve("https_server.py", "cert.pem", "key.pem", 0)
    assert answer(example, first).endswith(b"\r\n\r\nHello World\n")
    second = issue(tmp_path)
    example.process.send_signal(signal.SIGHUP)
    assert example.line() == "took the new certificate"
    assert answer(example, second).endswith(b"\r\n\r\nHello World\n")
    (tmp_path / "cert.pem").write_text("no certificate")
    example.process.send_signal(signal.SIGHUP)
    assert example.line().startswith("the old certificate stays: ")
    assert answer(example, second).endswith(b"\r\n\r\nHello World\n")
    status, _, stderr = example.stop()
    assert (status, stderr) == (0, "")


def test_https_server_survives_who_speaks_no_tls(serve: Start, tmp_path: Path) -> None:
    authority = issue(tmp_path)
    example = serve("https_server.py", "cert.pem", "key.pem", 0)
    with example.connect() as peer:
        peer.sendall(GET)
        assert re.match(r"no TLS: \S*127\.0\.0\.1 .+", example.line())
    with example.connect() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert answer(example, authority).startswith(b"HTTP/1.1 200 OK\r\n")
    status, _, stderr = example.stop()
    assert (status, stderr) == (0, "")
