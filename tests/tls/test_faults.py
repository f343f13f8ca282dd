"""Peers that are not who they should be, or do not do what they should."""

from __future__ import annotations

import asyncio
import datetime
import itertools
import shutil
import socket as python_sockets
import ssl
import struct
import subprocess

import pytest
import trustme

from netloop import net, tls

LOOPBACK = "127.0.0.1"

# --- certificates -----------------------------------------------------------------------------------------------------

PAST = datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC)
FUTURE = datetime.datetime(2999, 1, 1, tzinfo=datetime.UTC)


def self_signed(name="localhost"):
    """A certificate that nobody vouches for."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
            .serial_number(1).not_valid_before(PAST).not_valid_after(FUTURE)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False).sign(key, hashes.SHA256()))
    return {"cert": made.public_bytes(serialization.Encoding.PEM),
            "key": key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                     serialization.NoEncryption())}


def revoked(authority, issued):
    """A revocation list with this certificate in it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    signer = x509.load_pem_x509_certificate(authority.pem)
    key = serialization.load_pem_private_key(authority.authority.private_key_pem.bytes(), None)
    serial = x509.load_pem_x509_certificate(issued["cert"]).serial_number
    entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(PAST).build()
    made = (x509.CertificateRevocationListBuilder().issuer_name(signer.subject).last_update(PAST).next_update(FUTURE)
            .add_revoked_certificate(entry).sign(key, hashes.SHA256()))
    return made.public_bytes(serialization.Encoding.PEM)


def bad_chain(authority):
    """An intermediate authority that is left out."""
    issued = authority.authority.create_child_ca().issue_cert("localhost")
    return {"cert": issued.cert_chain_pems[0].bytes(), "key": issued.private_key_pem.bytes()}


BAD_CERTIFICATES = {
    "CERT_HAS_EXPIRED": lambda authority: authority.issue(not_before=PAST, not_after=PAST),
    "CERT_NOT_YET_VALID": lambda authority: authority.issue(not_before=FUTURE, not_after=FUTURE),
    "DEPTH_ZERO_SELF_SIGNED_CERT": lambda authority: self_signed(),
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY": lambda authority: bad_chain(authority),
    "SELF_SIGNED_CERT_IN_CHAIN": lambda authority: with_root(trustme.CA()),
}


def with_root(other):
    issued = other.issue_cert("localhost")
    return {"cert": issued.cert_chain_pems[0].bytes() + other.cert_pem.bytes(), "key": issued.private_key_pem.bytes()}


@pytest.mark.parametrize("expected", BAD_CERTIFICATES)
async def test_server_with_a_bad_certificate(expected, server, authority, happened, closed, code):
    async with server(**BAD_CERTIFICATES[expected](authority)) as listening:
        client = tls.connect(listening.address().port, ca=authority.pem)
        client.once("secure_connect", lambda: pytest.fail("it is not secure"))
        refusals = []
        listening.on("tls_client_error", lambda error: refusals.append(code(error)))
        error, = await happened(client, "error")
        assert code(error) == client.authorization_error == expected
        assert isinstance(error, ssl.SSLCertVerificationError)
        assert not client.authorized
        await closed(client)
    assert refusals[0].startswith("ERR_SSL_")            # the alert that we sent


@pytest.mark.parametrize("expected", BAD_CERTIFICATES)
async def test_client_with_a_bad_certificate(expected, server, authority, happened, closed, code):
    async with server(request_cert=True, ca=authority.pem) as listening:
        client = tls.connect(listening.address().port, ca=authority.pem, **BAD_CERTIFICATES[expected](authority))
        client.on("error", lambda error: None)
        error, socket = await happened(listening, "tls_client_error")
        assert code(error) == socket.authorization_error == expected
        await closed(client)
        assert client.errored is not None


async def test_certificate_of_another_host(server, authority, happened, code):
    async with server(**authority.issue("example.org")) as listening:
        client = tls.connect(listening.address().port, ca=authority.pem)
        client.on("secure_connect", lambda: pytest.fail("it is not secure"))
        client.write("secret")
        error, = await happened(client, "error")
    assert code(error) == client.authorization_error == "ERR_TLS_CERT_ALTNAME_INVALID"
    assert (error.host, error.cert["subjectaltname"]) == ("localhost", "DNS:example.org")


async def test_a_server_that_is_refused_gets_no_certificate_of_ours(server, authority, happened, record, code):
    """With TLS 1.3, where it leaves with our last flight, after we know who the server is."""
    async with server(None, **authority.issue("example.org"), request_cert=True, ca=authority.pem) as listening:
        log = record(listening, "secure_connection")
        client = tls.connect(listening.address().port, ca=authority.pem, **authority.issue("me")).on("error", lambda: None)
        error, socket = await happened(listening, "tls_client_error")
        assert (code(error), socket.get_peer_certificate(), log) == ("ECONNRESET", {}, [])
        assert client.authorization_error == "ERR_TLS_CERT_ALTNAME_INVALID"


async def test_certificate_without_our_address(server, authority, happened, code):
    async with server(**authority.issue("localhost")) as listening:
        client = tls.connect(listening.address().port, "127.0.0.1", ca=authority.pem)
        error, = await happened(client, "error")
    assert code(error) == "ERR_TLS_CERT_ALTNAME_INVALID"


async def test_address_among_those_of_the_certificate(server, authority):
    async with server() as listening:
        client = await tls.connect(listening.address().port, "127.0.0.1", ca=authority.pem)
        assert client.servername is None        # RFC 6066: no address in SNI
        client.destroy()


async def test_revoked_certificates_on_both_sides(server, authority, certificate, happened, code):
    mine = authority.issue("me")
    crl = revoked(authority, certificate)
    async with server(request_cert=True, ca=authority.pem, crl=revoked(authority, mine)) as listening:
        port = listening.address().port
        client = tls.connect(port, ca=authority.pem, crl=crl)
        client.on("error", lambda error: None)
        error, _ = await happened(listening, "tls_client_error")
        assert code(error) == "ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED"
        assert code(client.errored) == "CERT_REVOKED"
        client = tls.connect(port, ca=authority.pem, **mine).on("error", lambda: None)
        error, _ = await happened(listening, "tls_client_error")
        assert code(error) == "CERT_REVOKED"
        client.destroy()


def test_wrong_key_raises_where_it_is_given(authority, certificate):
    other = authority.issue("other", key_type=trustme.KeyType.ECDSA)
    for make in (tls.create_secure_context, tls.create_server, lambda **options: tls.connect(1, **options)):
        with pytest.raises(ssl.SSLError) as raised:
            make(cert=certificate["cert"], key=other["key"])
        assert raised.value.code == "ERR_OSSL_X509_KEY_VALUES_MISMATCH"


@pytest.mark.parametrize("broken", [{"cert": "junk", "key": "junk"}, {"ca": "-----BEGIN CERTIFICATE-----\nAAAA\n"},
                                    {"ciphers": "NO-SUCH-CIPHER"}, {"crl": "junk"}])
def test_broken_options_raise_where_they_are_given(broken):
    with pytest.raises((ssl.SSLError, ValueError)) as raised:
        tls.create_secure_context(**broken)
    assert raised.value.code.startswith("ERR_")


def test_keys_need_not_be_in_the_order_of_their_certificates(authority):
    kinds = [authority.issue("localhost", key_type=kind) for kind in (trustme.KeyType.RSA, trustme.KeyType.ECDSA)]
    kinds.append(authority.issue("other", key_type=trustme.KeyType.RSA))
    certificates, keys = [each["cert"] for each in kinds], [each["key"] for each in kinds]
    for order in itertools.permutations(keys):
        tls.create_secure_context(cert=certificates, key=list(order))


def test_where_no_key_fits_the_error_is_that_of_the_one_in_the_same_place(authority):
    one, two, three = (authority.issue(name) for name in "abc")
    with pytest.raises(ssl.SSLError) as raised:
        tls.create_secure_context(cert=[one["cert"], two["cert"]], key=[three["key"], one["cert"]])
    assert raised.value.code == "ERR_OSSL_X509_KEY_VALUES_MISMATCH"


def test_encrypted_key_needs_its_passphrase(authority):
    from cryptography.hazmat.primitives import serialization
    issued = authority.issue()
    key = serialization.load_pem_private_key(issued["key"], None).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret"))
    tls.create_secure_context(cert=issued["cert"], key=key, passphrase="secret")
    tls.create_secure_context(cert=issued["cert"], key=[{"pem": key, "passphrase": "secret"}])
    for wrong in ({}, {"passphrase": "wrong"}):
        with pytest.raises(ssl.SSLError, match="passphrase") as raised:
            tls.create_secure_context(cert=issued["cert"], key=key, **wrong)
        assert raised.value.code == "ERR_OSSL_BAD_DECRYPT"


BROKEN = "-----BEGIN {0}-----\nAAAA\n-----END {0}-----\n"


@pytest.mark.parametrize(("options", "code", "message"), [
    ({"cert": "good"}, "PEM_NO_START_LINE", "key is missing: cert holds no private key"),
    ({"cert": b"junk", "key": "good"}, "PEM_NO_START_LINE", "cert holds no certificate in PEM"),
    ({"cert": BROKEN.format("CERTIFICATE"), "key": "good"}, "PEM_ASN1_LIB", "cert is broken"),
    ({"cert": "good", "key": b"junk"}, "PEM_NO_START_LINE", "key holds no private key in PEM"),
    ({"cert": "good", "key": BROKEN.format("PRIVATE KEY")}, "PEM_ASN1_LIB", "key is broken"),
    ({"ca": b""}, "PEM_NO_START_LINE", "ca holds no certificate"), ({"ca": b"junk"}, "PEM_NO_START_LINE", "ca holds no"),
    ({"ca": BROKEN.format("CERTIFICATE")}, "PEM_ASN1_LIB", "ca is broken"),
])
def test_an_error_says_which_option_is_wrong_and_what_is(options, code, message, certificate):
    given = {name: certificate[name] if value == "good" else value for name, value in options.items()}
    for make in (tls.create_secure_context, tls.create_server):
        with pytest.raises(ssl.SSLError, match=message) as raised:
            make(**given)
        assert raised.value.code == f"ERR_OSSL_{code}"


def test_pfx(authority):
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs12
    issued = authority.issue("localhost")
    store = pkcs12.serialize_key_and_certificates(
        b"me", serialization.load_pem_private_key(issued["key"], None), x509.load_pem_x509_certificate(issued["cert"]),
        None, serialization.BestAvailableEncryption(b"secret"))
    context = tls.create_secure_context(pfx=store, passphrase="secret")
    assert tls.X509Certificate(context.own_certificate()) == tls.X509Certificate(issued["cert"])


async def test_authorities_in_a_pfx_are_trusted_besides_the_others(server, authority, closed, happened):
    """As in Node: to a server that asks for it, one file is all that a client needs."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs12
    mine = authority.issue("me", common_name="me")
    store = pkcs12.serialize_key_and_certificates(
        b"me", serialization.load_pem_private_key(mine["key"], None), x509.load_pem_x509_certificate(mine["cert"]),
        [x509.load_pem_x509_certificate(authority.pem)], serialization.NoEncryption())
    async with server(None, request_cert=True, ca=authority.pem) as listening:
        for others in ({}, {"ca": trustme.CA().cert_pem.bytes()}):
            client = tls.connect(listening.address().port, pfx=store, **others)
            accepted, = await happened(listening, "secure_connection")
            assert client.authorized
            assert accepted.get_peer_certificate()["subject"]["CN"] == "me"
            accepted.end()
            await closed(client)


# --- what is no TLS, or not enough of it ------------------------------------------------------------------------------

@pytest.mark.parametrize(("sent", "expected"), [
    (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "ERR_SSL_HTTP_REQUEST"),
    (b"CONNECT x:1 HTTP/1.1\r\n\r\n", "ERR_SSL_HTTPS_PROXY_REQUEST"),
    (b"SSH-2.0-OpenSSH\r\n" * 10, "ERR_SSL_WRONG_VERSION_NUMBER"),
    (b"\0" * 100, "ERR_SSL_WRONG_VERSION_NUMBER"),
    (b"\x16\x03\x01\0\x05\x01\0\0\x01\0", "ERR_SSL_LENGTH_TOO_SHORT"),
    (b"\x16\x03\x01\0\x04\x02\0\0\0", "ERR_SSL_UNEXPECTED_MESSAGE"),
    (b"\x17\x03\x03\0\x05hello", "ERR_SSL_UNEXPECTED_MESSAGE"),
    (b"\x15\x03\x01\0\x02\x02\x28", "ERR_SSL_UNEXPECTED_MESSAGE"),
])
async def test_garbage_sent_to_a_server(sent, expected, server, plain, happened, code):
    async with server() as listening:
        with plain(listening.address().port) as client:
            await client.send(sent)
            error, socket = await happened(listening, "tls_client_error")
            await client.receive_all()
        assert code(error) == expected
        assert socket.destroyed
        assert listening.listening


@pytest.mark.parametrize("sent", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"220 mail.example ESMTP\r\n", b"\xff" * 20])
async def test_garbage_sent_to_a_client(sent, happened, code):
    async with net.create_server(lambda socket: socket.on("error", lambda: None).resume().end(sent)).listen(0) as listening:
        client = tls.connect(listening.address().port)
        error, = await happened(client, "error")
    assert code(error) == "ERR_SSL_WRONG_VERSION_NUMBER"
    assert error.__notes__[0] == "The server may speak plain text at this port"


async def test_disconnect_in_the_middle_of_the_handshake(server, plain, client_bytes, happened, code):
    hello = client_bytes()
    async with server() as listening:
        for size in (0, 1, 5, 100, len(hello)):
            with plain(listening.address().port) as client:
                await client.send(hello[:size])
            error, _ = await happened(listening, "tls_client_error")
            assert code(error) == "ECONNRESET", size


async def test_reset_in_the_middle_of_the_handshake(server, plain, client_bytes, happened, code):
    hello = client_bytes()
    async with server() as listening:
        for size in (1, 100, len(hello)):
            with plain(listening.address().port) as client:
                connected = happened(listening, "tls_client_error")
                await client.send(hello[:size])
                if size == len(hello):
                    await client.receive()                  # the server's flight
                while not await listening.get_connections():
                    await asyncio.sleep(0)
                client.socket.setsockopt(python_sockets.SOL_SOCKET, python_sockets.SO_LINGER, struct.pack("ii", 1, 0))
            error, _ = await connected
            assert (type(error), code(error)) == (ConnectionResetError, "ECONNRESET"), size
            assert "hang up" not in str(error)
    async with net.create_server(lambda socket: socket.on("error", lambda: None).once(
            "data", lambda data: socket.reset_and_destroy())).listen(0, LOOPBACK) as listening:
        client = tls.connect(listening.address().port, LOOPBACK)
        error, = await happened(client, "error")
        assert (type(error), code(error)) == (ConnectionResetError, "ECONNRESET")


async def test_server_that_hangs_up(happened, code):
    async with net.create_server(lambda socket: socket.resume().end()).listen(0) as listening:
        client = tls.connect(listening.address().port)
        error, = await happened(client, "error")
    assert code(error) == "ECONNRESET"
    assert "before secure TLS connection was established" in str(error)
    assert isinstance(error, ConnectionResetError)


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize("from_client", [True, False])
async def test_a_handshake_that_stalls_at_any_flight_times_out(
        make_relay, from_client, version, over, happened, closed, code):
    relay = make_relay()
    client, server = over(relay.client, relay.server, max_version=version)
    await client
    await server
    total = len(relay.passed[from_client]) if from_client else len(relay.passed[from_client]) // 2    # the rest: tickets
    client.destroy()
    server.destroy()
    for stop_after in (0, 1, 100, total // 2, total - 40):
        relay = make_relay(stop_after, from_client)
        pair = over(relay.client, relay.server, max_version=version, handshake_timeout=20,
                    server={"handshake_timeout": 20})
        errors = []
        for socket in pair:
            socket.on("error", lambda error, errors=errors: errors.append(code(error)))
        waiting = pair[1] if from_client else pair[0]
        await closed(waiting)
        assert errors[0] == "ERR_TLS_HANDSHAKE_TIMEOUT", stop_after
        for socket in pair:
            socket.destroy()


async def test_server_tells_of_a_handshake_that_stalls(server, plain, client_bytes, happened, code):
    async with server(handshake_timeout=20) as listening:
        with plain(listening.address().port) as client:
            await client.send(client_bytes()[:50])
            error, _ = await happened(listening, "tls_client_error")
            assert await client.receive_all() == b""
    assert code(error) == "ERR_TLS_HANDSHAKE_TIMEOUT"
    assert isinstance(error, TimeoutError)


async def test_a_flood_of_half_open_handshakes(server, plain, client_bytes, authority, happened, closed):
    hello = client_bytes()
    async with server(handshake_timeout=300) as listening:
        failed = []
        over = asyncio.get_running_loop().create_future()

        def fail(error):
            failed.append(error)
            if len(failed) == 200:
                over.set_result(None)

        listening.on("tls_client_error", fail)
        half_open = [plain(listening.address().port) for _ in range(200)]
        for number, each in enumerate(half_open):
            await each.send(hello[:number])
        client = await tls.connect(listening.address().port, ca=authority.pem)      # is served all the same
        client.end("hello")
        assert [chunk async for chunk in client] == [b"hello"]
        await over
        for each in half_open:
            each.socket.close()
    assert {type(error) for error in failed} == {TimeoutError}


async def test_versions_and_ciphers_without_overlap(server, authority, happened, code):
    async with server(min_version="TLSv1.3") as listening:
        client = tls.connect(listening.address().port, ca=authority.pem, max_version="TLSv1.2")
        error, = await happened(client, "error")
        assert code(error) == "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"
    async with server(ciphers="ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES256-GCM-SHA384") as listening:
        client = tls.connect(listening.address().port, ca=authority.pem, max_version="TLSv1.2",
                             ciphers="ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256").on("error", lambda: None)
        error, _ = await happened(listening, "tls_client_error")
        assert code(error) == "ERR_SSL_NO_SHARED_CIPHER"


async def test_renegotiation_is_refused(pair):
    """`ssl` cannot ask for one, so look at the option that refuses it."""
    client, accepted = await pair(max_version="TLSv1.2")
    assert accepted._records.tls.context.options & ssl.OP_NO_RENEGOTIATION
    client.destroy()
    accepted.destroy()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="it takes openssl's client to ask for renegotiation")
async def test_a_client_that_asks_for_renegotiation_is_told_no(server):
    async with server(handshake_timeout=5000) as listening:
        command = ["openssl", "s_client", "-connect", f"{LOOPBACK}:{listening.address().port}", "-tls1_2"]
        found = await asyncio.to_thread(subprocess.run, command, input=b"R\n", capture_output=True, timeout=30)
    assert b"RENEGOTIATING" in found.stdout + found.stderr
    assert b"no renegotiation" in found.stdout + found.stderr


@pytest.mark.skipif(shutil.which("openssl") is None, reason="it takes openssl's server to ask for renegotiation")
async def test_a_server_that_asks_for_renegotiation_is_told_no(certificate, authority, tmp_path, happened):
    (tmp_path / "cert.pem").write_bytes(certificate["cert"] + certificate["key"])
    command = ["openssl", "s_server", "-accept", f"{LOOPBACK}:0", "-cert", tmp_path / "cert.pem", "-tls1_2"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as peer:
        try:
            port = next(int(line.rpartition(b":")[2]) for line in peer.stdout if line.startswith(b"ACCEPT"))
            client = await tls.connect(port, LOOPBACK, ca=authority.pem)
            peer.stdin.write(b"R\n")
            peer.stdin.flush()
            error, = await happened(client, "error")
            assert isinstance(error, ssl.SSLError)
            assert any(b"no renegotiation" in line for line in peer.stdout)
        finally:
            peer.terminate()
