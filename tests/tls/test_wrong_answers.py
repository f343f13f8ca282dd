"""What callbacks raise, or answer when they should not: it fails the connection, and nothing else."""

from __future__ import annotations

import pytest

from netloop import tls


def boom(*arguments):
    raise LookupError("boom")


async def no_check(*arguments):
    return None


@pytest.mark.parametrize(("check", "expected"), [
    (boom, LookupError), (lambda host, certificate: "another host", TypeError),
    (lambda host, certificate: False, TypeError), (no_check, TypeError)],
    ids=["raises", "text", "false", "coroutine"])
@pytest.mark.filterwarnings("ignore:coroutine")
async def test_a_check_of_the_identity_that_goes_wrong_fails_the_connection(check, expected, server, authority, happened):
    async with server() as listening:
        client = tls.connect(listening.address().port, ca=authority.pem, check_server_identity=check)
        client.on("secure_connect", lambda: pytest.fail("it is not secure"))
        error, = await happened(client, "error")
    assert isinstance(error, expected)
    assert not client.authorized
    assert client.authorization_error == getattr(error, "code", "boom")


async def test_a_host_whose_name_cannot_be_asked_for_fails_the_connection(server, authority, happened):
    def lookup(name, callback, **options):
        callback(None, "127.0.0.1", 4)

    async with server() as listening:
        for host in ("a" * 64 + ".example", "a..example"):
            client = tls.connect(listening.address().port, host, lookup=lookup, ca=authority.pem)
            error, = await happened(client, "error")
            assert isinstance(error, ValueError)


@pytest.mark.parametrize("name", ["a" * 64, "a..b", ".a", "a\0b", "\ud800"])
def test_a_servername_that_cannot_be_asked_for_is_refused_at_the_call(name):
    for refuse in (tls.TLSSocket, lambda **given: tls.connect(1, **given)):
        with pytest.raises(ValueError, match="servername must be a host name"):
            refuse(servername=name)


@pytest.mark.parametrize("protocols", [[b"\xfa\xfa"], ["\u00e9"], b"\x02\xfa\xfa"])
def test_a_protocol_that_is_not_ascii_is_refused_by_name(protocols):
    for refuse in (tls.TLSSocket, tls.create_server, lambda **given: tls.connect(1, **given)):
        with pytest.raises(NotImplementedError, match="alpn_protocols"):
            refuse(alpn_protocols=protocols)


async def test_an_alpn_callback_that_answers_what_is_no_ascii_refuses_the_client(server, authority, happened, code):
    async with server(alpn_callback=lambda name, offered: "\u20ac") as listening:
        client = tls.connect(listening.address().port, ca=authority.pem, alpn_protocols=["a"]).on("error", lambda: None)
        error, _ = await happened(listening, "tls_client_error")
        assert code(error) == "ERR_TLS_ALPN_CALLBACK_INVALID_RESULT"
        if not client.closed:
            await happened(client, "close")


async def test_an_sni_callback_whose_error_is_none_fails_the_handshake(over, happened, code):
    from netloop.stream import duplex_pair
    client, server = over(*duplex_pair(), server={"sni_callback": lambda name, callback: callback("no", None)})
    client.on("error", lambda: None)
    error, = await happened(server, "error")
    assert code(error) == "ERR_INVALID_ARG_TYPE"
    client.destroy()
