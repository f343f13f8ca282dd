"""Every name of Node's tls is here: functions, classes, constants, members, options and events.

The lists are those of https://nodejs.org/api/tls.html, in snake_case.  An option counts when it is taken by a call, or
refused by name, because Python's `ssl` cannot do it; so does an event.
"""

from __future__ import annotations

import socket as python_sockets
import ssl
from pathlib import Path
from typing import Any

import pytest

from netloop import net, tls
from netloop.errors import FeatureUnavailableError
from netloop.stream import duplex_pair
from netloop.tls.keywords import ClientKeywords, ContextKeywords, ServerKeywords


def words(text: str) -> list[str]:
    return text.split()


# --- the module ---------------------------------------------------------------------------------------------------

MODULE = words("""create_server connect create_secure_context check_server_identity get_ciphers get_ca_certificates
    set_default_ca_certificates get_certificate_compression_algorithms root_certificates DEFAULT_ECDH_CURVE
    DEFAULT_MIN_VERSION DEFAULT_MAX_VERSION DEFAULT_CIPHERS CLIENT_RENEG_LIMIT CLIENT_RENEG_WINDOW Server TLSSocket
    SecureContext""")


@pytest.mark.parametrize("name", MODULE)
def test_module_has_the_name(name: str) -> None:
    assert name in tls.__all__
    assert getattr(tls, name) is not None


def test_every_name_that_is_listed_is_there() -> None:
    assert [name for name in tls.__all__ if not hasattr(tls, name)] == []


def test_constants_are_nodes() -> None:
    assert (tls.DEFAULT_ECDH_CURVE, tls.DEFAULT_MIN_VERSION, tls.DEFAULT_MAX_VERSION) == ("auto", "TLSv1.2", "TLSv1.3")
    assert (tls.CLIENT_RENEG_LIMIT, tls.CLIENT_RENEG_WINDOW) == (3, 600)


def test_classes_are_nodes_kinds_of_classes() -> None:
    assert issubclass(tls.TLSSocket, net.Socket)
    assert issubclass(tls.Server, net.Server)


# --- members ------------------------------------------------------------------------------------------------------

SERVER = words("add_context set_secure_context get_ticket_keys set_ticket_keys")
SOCKET = words("""authorized authorization_error alpn_protocol encrypted servername get_certificate get_x509_certificate
    get_peer_certificate get_peer_x509_certificate get_cipher get_protocol get_ephemeral_key_info get_finished
    get_peer_finished get_session get_tls_ticket get_shared_sigalgs is_session_reused export_keying_material renegotiate
    disable_renegotiation enable_trace set_max_send_fragment set_key_cert""")


@pytest.mark.parametrize(("kind", "names"), [(tls.Server, SERVER), (tls.TLSSocket, SOCKET)])
def test_objects_have_the_members(kind: type, names: list[str]) -> None:
    assert [name for name in names if not hasattr(kind(), name)] == []


# --- options ------------------------------------------------------------------------------------------------------

def options_of_contexts(certificate: dict[str, bytes]) -> dict[str, Any]:
    return certificate | {
        "ca": certificate["cert"], "passphrase": "unused", "ciphers": tls.DEFAULT_CIPHERS, "ecdh_curve": "prime256v1",
        "dhparam": "auto", "honor_cipher_order": True, "min_version": "TLSv1.2", "max_version": "TLSv1.3",
        "secure_options": ssl.OP_NO_COMPRESSION, "allow_partial_trust_chain": True}


REFUSED_OF_CONTEXTS = {
    "sigalgs": "ed25519", "session_id_context": "a", "session_timeout": 300, "ticket_keys": bytes(48),
    "certificate_compression": ["zlib"], "client_cert_engine": "a", "private_key_engine": "a", "private_key_identifier": "a"}
REFUSED_OF_CONNECTIONS = {
    "min_dh_size": 1024, "enable_trace": True, "request_ocsp": True}


def test_options_of_contexts_are_taken(certificate: dict[str, bytes]) -> None:
    for name, value in options_of_contexts(certificate).items():
        alone = {name: value} if name not in ("cert", "key") else certificate
        assert isinstance(tls.create_secure_context(**alone), tls.SecureContext)
        assert name in ContextKeywords.__annotations__
    assert tls.create_secure_context(secure_protocol="TLSv1_2_method")
    with pytest.raises(ssl.SSLError):
        tls.create_secure_context(crl="-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")
    with pytest.raises(Exception, match=r"pfx|PKCS12|deserialize|cryptography"):
        tls.create_secure_context(pfx=b"no PKCS#12")


@pytest.mark.parametrize("curve", ["P-256", "P-384", "P-521", "prime256v1", "X25519"])
def test_a_curve_may_have_the_name_of_nist_or_of_openssl(curve: str) -> None:
    assert tls.create_secure_context(ecdh_curve=curve).context


def test_a_curve_that_openssl_does_not_know_is_refused_at_the_call() -> None:
    with pytest.raises(ValueError, match="got 'nope'") as raised:
        tls.create_secure_context(ecdh_curve="nope")
    assert raised.value.code == "ERR_CRYPTO_OPERATION_FAILED"  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", REFUSED_OF_CONTEXTS)
def test_options_that_ssl_has_not_are_refused_by_name(name: str) -> None:
    for refuse in (tls.create_secure_context, tls.TLSSocket, tls.create_server, lambda **given: tls.connect(1, **given)):
        with pytest.raises(FeatureUnavailableError, match=name) as raised:
            refuse(**{name: REFUSED_OF_CONTEXTS[name]})
        assert raised.value.code == "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM"


@pytest.mark.parametrize("name", REFUSED_OF_CONNECTIONS)
def test_options_of_connections_that_ssl_has_not_are_refused_by_name(name: str) -> None:
    for refuse in (tls.TLSSocket, tls.create_server, lambda **given: tls.connect(1, **given)):
        with pytest.raises(FeatureUnavailableError, match=name):
            refuse(**{name: REFUSED_OF_CONNECTIONS[name]})


OF_BOTH: dict[str, Any] = {"secure_context": tls.create_secure_context(), "reject_unauthorized": True,
                           "alpn_protocols": ["http/1.1"], "handshake_timeout": 1000, "enable_trace": False}
OF_CLIENTS: dict[str, Any] = {
    "servername": "localhost", "session": None, "check_server_identity": tls.check_server_identity,
    "lookup": lambda name, callback, **options: callback(None, "127.0.0.1", 4), "timeout": 1000, "request_ocsp": False}
OF_SERVERS: dict[str, Any] = {"request_cert": True, "sni_callback": print, "alpn_callback": print}


@pytest.mark.parametrize("name", [*OF_BOTH, *OF_CLIENTS])
async def test_connect_takes_the_option(name: str, server: Any, authority: Any, closed: Any) -> None:
    value = (OF_BOTH | OF_CLIENTS)[name]
    async with server(alpn_protocols=["http/1.1"]) as listening:
        where = {"host": "localhost", "port": listening.address().port, "ca": authority.pem, name: value}
        if name == "secure_context":
            where[name] = tls.create_secure_context(ca=where.pop("ca"))
        client = await tls.connect(**where)
        await closed(client.end())
    assert name in ClientKeywords.__annotations__ or name in net.keywords.ClientKeywords.__annotations__


async def test_connect_takes_a_path_and_a_socket(tmp_path: Path, certificate: Any, authority: Any, closed: Any) -> None:
    path = tmp_path / "tls.sock"
    async with tls.create_server(lambda socket: socket.end(), **certificate).listen(path):
        await closed(await tls.connect(path=path, ca=authority.pem))
        below = net.connect(path=path)
        await closed(await tls.connect(socket=below, servername="localhost", ca=authority.pem))


@pytest.mark.parametrize("name", [*OF_BOTH, *OF_SERVERS])
def test_create_server_takes_the_option(name: str) -> None:
    assert isinstance(tls.create_server(**{name: (OF_BOTH | OF_SERVERS)[name]}), tls.Server)
    assert name in ServerKeywords.__annotations__


async def test_a_socket_is_made_over_a_stream_with_its_server(certificate: Any, authority: Any) -> None:
    """`is_server`, and `server`: its certificates, and those added for a name, are those of the socket."""
    server = tls.create_server()
    server.add_context("localhost", certificate)
    left, right = duplex_pair()
    accepted = tls.TLSSocket(right, is_server=True, server=server)
    client = await tls.connect(socket=left, servername="localhost", ca=authority.pem)
    assert client.authorized
    client.destroy()
    accepted.destroy()


def test_a_wrong_server_is_refused() -> None:
    with pytest.raises(TypeError, match="server"):
        tls.TLSSocket(duplex_pair()[0], is_server=True, server=print)  # type: ignore[arg-type]


def test_an_unknown_option_is_a_type_error() -> None:
    for refuse in (tls.create_secure_context, tls.TLSSocket, tls.create_server, lambda **given: tls.connect(1, **given)):
        with pytest.raises(TypeError, match="camelCase"):
            refuse(camelCase=1)


# --- events -------------------------------------------------------------------------------------------------------

async def test_events_of_both_sides_are_heard(server: Any, authority: Any, record: Any, closed: Any) -> None:
    async with server(lambda socket: socket.end("bye")) as listening:
        of_server = record(listening, "connection", "secure_connection", "keylog", "tls_client_error")
        client = tls.connect(listening.address().port, ca=authority.pem)
        of_client = record(client, "secure", "secure_connect", "keylog", "session")
        await closed(client)
        with python_sockets.create_connection(("127.0.0.1", listening.address().port)) as plain:
            plain.sendall(b"no TLS\r\n\r\n")
        while "tls_client_error" not in {name for name, *_ in of_server}:
            await listening_turn()
    assert {name for name, *_ in of_server} == {"connection", "secure_connection", "keylog", "tls_client_error"}
    heard = {entry if isinstance(entry, str) else entry[0] for entry in of_client}
    assert heard == {"secure", "secure_connect", "keylog", "session"}


async def listening_turn() -> None:
    import asyncio
    await asyncio.sleep(0)


@pytest.mark.parametrize(("kind", "event"), [(tls.Server, "new_session"), (tls.Server, "resume_session"),
                                             (tls.Server, "ocsp_request"), (tls.TLSSocket, "ocsp_response")])
def test_events_that_cannot_come_are_refused_by_name(kind: Any, event: str) -> None:
    with pytest.raises(FeatureUnavailableError, match=event):
        kind().on(event, print)
