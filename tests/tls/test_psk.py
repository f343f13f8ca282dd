"""Keys that both sides know already, instead of certificates."""

from __future__ import annotations

import ssl

import pytest

from netloop import events, tls
from netloop.errors import FeatureUnavailableError

KEY = bytes(range(32))
OPTIONS = {"TLSv1.2": {"ciphers": "PSK", "max_version": "TLSv1.2"}, "TLSv1.3": {"min_version": "TLSv1.3"}}
needs_psk = pytest.mark.skipif(not getattr(ssl, "HAS_PSK", False), reason="ssl has them from Python 3.13 on")


@pytest.mark.skipif(getattr(ssl, "HAS_PSK", False), reason="ssl has them")
@pytest.mark.parametrize("option", [{"psk_callback": print}, {"psk_identity_hint": "hint"}])
def test_before_python_3_13_they_are_refused_by_name(option):
    for refuse in (tls.TLSSocket, tls.create_server, lambda **given: tls.connect(1, **given)):
        with pytest.raises(FeatureUnavailableError, match=next(iter(option))) as raised:
            refuse(**option)
        assert raised.value.code == "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM"


async def meet(version, of_server, of_client, hint=None):
    """What came of a connection: its sockets, or the two errors."""
    server = tls.create_server(psk_callback=of_server, psk_identity_hint=hint, **OPTIONS[version]).listen(0, "127.0.0.1")
    await events.once(server, "listening")
    accepted, failed = [], []
    server.on("secure_connection", accepted.append)
    server.on("tls_client_error", lambda error, socket: failed.append(error))
    socket = tls.connect(server.address().port, "127.0.0.1", psk_callback=of_client,
                         check_server_identity=lambda host, certificate: None, **OPTIONS[version])
    try:
        await socket
        socket.write(b"hello")
        while not accepted:
            await events.once(server, "secure_connection")
        accepted[0].on("error", lambda error: None)
        assert await events.once(accepted[0], "data") == [b"hello"]
        return socket, accepted[0]
    except Exception as error:
        if not failed:
            await events.once(server, "tls_client_error")
        return error, failed[0]
    finally:
        for each in (socket, *accepted):
            each.destroy()
        server.close()


@needs_psk
@pytest.mark.parametrize("version", OPTIONS)
async def test_both_sides_know_the_key(version):
    asked = []

    def of_server(socket, identity):
        asked.append((type(socket), identity))
        return KEY

    def of_client(hint):
        asked.append(hint)
        return {"identity": "me", "psk": KEY}

    ours, _ = await meet(version, of_server, of_client, "who are you?")
    assert isinstance(ours, tls.TLSSocket)
    assert ("who are you?" if version == "TLSv1.2" else None) in asked
    assert (tls.TLSSocket, "me") in asked


@needs_psk
@pytest.mark.parametrize("version", OPTIONS)
@pytest.mark.parametrize("answer", [None, b"", b"another key", bytearray(32)])
async def test_who_does_not_know_it_is_refused(version, answer):
    client, server = await meet(version, lambda socket, identity: answer, lambda hint: {"identity": "me", "psk": KEY})
    assert isinstance(client, ssl.SSLError)
    assert isinstance(server, ssl.SSLError)


@needs_psk
@pytest.mark.parametrize("version", OPTIONS)
async def test_a_client_without_a_key_ends_the_handshake(version):
    client, server = await meet(version, lambda socket, identity: KEY, lambda hint: None)
    assert isinstance(client, ssl.SSLError)
    assert isinstance(server, (ssl.SSLError, ConnectionResetError))


@needs_psk
@pytest.mark.parametrize("version", OPTIONS)
@pytest.mark.parametrize(("answer", "error"), [
    (b"a key alone", TypeError), ({"psk": KEY}, TypeError), ({"identity": "me", "psk": "text"}, TypeError),
    ({"identity": "x" * 129, "psk": KEY}, ValueError), ({"identity": "me", "psk": bytes(257)}, ValueError)])
async def test_an_answer_that_is_none_fails_the_connection(version, answer, error):
    client, _ = await meet(version, lambda socket, identity: KEY, lambda hint: answer)
    assert isinstance(client, error)


@needs_psk
@pytest.mark.parametrize("version", OPTIONS)
async def test_what_the_callback_raises_is_told(version):
    def of_server(socket, identity):
        raise LookupError(identity)

    _, server = await meet(version, of_server, lambda hint: {"identity": "me", "psk": KEY})
    assert isinstance(server, LookupError)


@needs_psk
async def test_the_default_check_wants_a_certificate():
    server = tls.create_server(psk_callback=lambda socket, identity: KEY, ciphers="PSK").listen(0, "127.0.0.1")
    await events.once(server, "listening")
    socket = tls.connect(server.address().port, "127.0.0.1", ciphers="PSK",
                         psk_callback=lambda hint: {"identity": "me", "psk": KEY})
    with pytest.raises(ssl.SSLCertVerificationError) as raised:
        await socket
    assert raised.value.code == "ERR_TLS_CERT_ALTNAME_INVALID"
    server.close()


@needs_psk
def test_options_are_checked():
    for wrong in ({"psk_callback": "no function"}, {"psk_callback": print, "psk_identity_hint": 1}):
        with pytest.raises(TypeError):
            tls.create_server(**wrong)
    with pytest.raises(ValueError, match="psk_identity_hint") as raised:
        tls.create_server(psk_callback=print, psk_identity_hint="x" * 129)
    assert raised.value.code == "ERR_TLS_PSK_SET_IDENTITY_HINT_FAILED"
