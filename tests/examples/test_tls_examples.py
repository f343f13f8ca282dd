"""The example of STARTTLS does what its docstring says."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

Start = Callable[..., Any]


@pytest.fixture
def context(tmp_path: Path) -> ssl.SSLContext:
    """A client's, which trusts the certificate that is in the folder now."""
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    return ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())


def test_a_mail_client_goes_on_in_secret(serve: Start, context: ssl.SSLContext) -> None:
    example = serve("starttls_server.py", "cert.pem", "key.pem", 0)
    with smtplib.SMTP("localhost", example.port, timeout=30) as client:
        assert client.noop()[0] == 530
        client.ehlo()
        assert client.has_extn("starttls")
        assert client.starttls(context=context)[0] == 220
        assert example.line() == "secure: TLSv1.3 localhost"
        client.send("250 hello\r\n")
        assert client.getreply() == (250, b"hello")
        client.close()
    status, _, stderr = example.stop()
    assert (status, stderr) == (0, "")


def test_what_is_behind_the_command_is_not_read_as_one(serve: Start, context: ssl.SSLContext) -> None:
    example = serve("starttls_server.py", "cert.pem", "key.pem", 0)
    with example.connect() as peer:
        peer.sendall(b"STARTTLS\r\nEHLO attacker\r\n")
        assert b"250" not in b"".join(iter(lambda: peer.recv(65536), b""))
    assert example.line().startswith("no TLS: ")
    example.stop()
