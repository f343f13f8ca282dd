"""What goes wrong after the handshake: truncation, resets, changed bytes, silence, peers that do not read."""

from __future__ import annotations

import asyncio
import ssl
from socket import AF_UNIX, socket

import pytest

from netloop import tls
from netloop.stream import duplex_pair
from netloop.testing import pattern, settle


async def test_truncation_is_told_apart_from_a_clean_end(over, happened):
    for clean in (True, False):
        left, right = duplex_pair()
        client, server = over(left, right)
        await client
        await server
        received = []
        client.on("data", received.append)
        server.write("all")
        await asyncio.sleep(0)
        if clean:
            server.end()
        else:
            right.end()
        await happened(client, "end")
        assert (b"".join(received), client.truncated) == (b"all", not clean)
        client.destroy()
        server.destroy()


async def test_a_connection_that_ends_at_any_byte_gives_the_records_before_it_and_is_truncated(over, happened):
    whole = None
    cut = 0
    while whole is None or cut <= whole:
        left, left_relay = duplex_pair()
        right, right_relay = duplex_pair()
        client, server = over(left, right)
        passed = []
        left_relay.on("data", right_relay.write)
        right_relay.on("data", forward := lambda data, left_relay=left_relay: left_relay.write(data))
        await client
        await server
        await settle()
        received = []
        client.on("data", received.append)
        right_relay.off("data", forward).on("data", passed.append)
        for record in (b"one", b"two"):
            server.write(record)
            await settle()
        whole = sum(map(len, passed))
        left_relay.end(b"".join(passed)[:cut])
        await happened(client, "end")
        expected = b"onetwo" if cut == whole else b"one" if cut >= whole // 2 else b""
        assert (b"".join(received), client.truncated, client.errored) == (expected, True, None), cut
        client.destroy()
        server.destroy()
        cut += 1


async def test_destroyed_peer_is_a_truncated_connection(pair, record, closed):
    client, accepted = await pair()
    log = record(client, "end", "error", "close")
    accepted.destroy()
    await closed(client)
    assert client.truncated
    assert log == ["end", ("close", False)]


async def test_reset_in_the_middle(pair, happened, code):
    client, accepted = await pair()
    accepted.on("error", lambda: None)
    client.write("x")
    accepted.reset_and_destroy()
    error, = await happened(client, "error")
    assert code(error) == "ECONNRESET"


async def test_what_a_peer_sent_is_read_although_it_has_gone_before_our_tickets_could_leave(certificate, happened, record,
                                                                                            tmp_path):
    path = str(tmp_path / "socket")
    data = pattern(50_000)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing)
    received = []
    async with tls.create_server(**certificate).listen(path) as listening:
        loop = asyncio.get_running_loop()
        with socket(AF_UNIX) as raw:
            raw.setblocking(False)
            raw.connect(path)
            while True:
                try:
                    client.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    await loop.sock_sendall(raw, outgoing.read())
                    incoming.write(await loop.sock_recv(raw, 65536))
            client.write(data)
            raw.sendall(outgoing.read())            # in one go with the end: the server answers when nobody is there
        accepted, = await happened(listening, "secure_connection")
        log = record(accepted, "end", "error", "close")
        accepted.on("data", received.append)
        await happened(accepted, "close")
    assert (b"".join(received), accepted.truncated) == (data, True)
    assert log == ["end", ("close", False)]


async def test_changed_ciphertext_is_an_error_on_both_sides(make_relay, over, closed, code):
    relay = make_relay()
    client, server = over(relay.client, relay.server)
    await client
    await server
    errors = {client: [], server: []}
    for end, found in errors.items():
        end.on("error", lambda error, found=found: found.append(code(error)))
    received = []
    server.on("data", received.append)
    relay.client.write(b"\x17\x03\x03\0\x20" + b"x" * 32)
    await closed(server)
    await closed(client)
    assert errors == {server: ["ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC"],
                      client: ["ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC"]}
    assert received == []


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize("from_client", [True, False])
async def test_a_broken_record_with_the_last_flight_is_an_error_of_a_secure_connection(
        from_client, version, over, authority, record, closed, code):
    """Who the peer is must be known before OpenSSL gets what follows: once that fails, it does not tell."""
    left, left_relay = duplex_pair()
    right, right_relay = duplex_pair()
    client, server = over(left, right, **authority.issue("me"), max_version=version,
                          server={"request_cert": True, "ca": authority.pem})
    broken = b"\x17\x03\x03\0\x20" + b"x" * 32

    def pass_on(data, target, is_client):
        is_last = data.find(b"\x14\x03\x03\0\x01\x01") >= 0           # change_cipher_spec: Finished follows
        if target.writable:
            target.write(data + broken if is_last and is_client is from_client else data)

    left_relay.on("data", lambda data: pass_on(data, right_relay, True))
    right_relay.on("data", lambda data: pass_on(data, left_relay, False))
    attacked, attacker = (server, client) if from_client else (client, server)
    for stream in (attacker, left_relay, right_relay):
        stream.on("error", lambda: None)
    names = []
    attacked.on("secure", lambda: names.append((attacked.authorized, attacked.get_peer_certificate()["subjectaltname"])))
    errors = record(attacked, "error")
    await closed(attacked)
    assert names == [(True, "DNS:me" if from_client else "DNS:localhost, IP Address:127.0.0.1")]
    assert [code(error) for _, error in errors] == ["ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC"]
    attacker.destroy()


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize("from_client", [True, False])
async def test_a_byte_changed_anywhere_invents_nothing_and_hangs_nobody(from_client, version, over, closed):
    """Through the handshake, the plaintext and the goodbyes; what arrives is what was sent, or an error, or truncated."""
    at, total = -1, 0                                   # at first nothing is changed
    while at < total:
        left, left_relay = duplex_pair()
        right, right_relay = duplex_pair()
        passed = 0

        def pass_on(data, target, is_changed, at=at):
            nonlocal passed
            if is_changed:
                if passed <= at < passed + len(data):
                    data = data[:at - passed] + bytes([data[at - passed] ^ 0x11]) + data[at - passed + 1:]
                passed += len(data)
            if target.writable:
                target.write(data)

        for source, target, is_client in ((left_relay, right_relay, True), (right_relay, left_relay, False)):
            source.on("data", lambda data, target=target, is_changed=is_client is from_client: pass_on(
                data, target, is_changed))
            source.on("end", lambda target=target: target.writable and target.end()).on("error", lambda: None)
            source.on("close", target.destroy)
        brief = {"max_version": version, "handshake_timeout": 20, "close_timeout": 20}
        received = {}
        for stream in over(left, right, **brief, server=brief):
            stream.allow_half_open = False
            received[stream] = []
            stream.on("error", lambda: None).on("data", received[stream].append)
            stream.end(b"hello")
        for stream, chunks in received.items():
            await closed(stream)
            plaintext = b"".join(chunks)
            assert plaintext in (b"", b"hello"), at
            assert plaintext or stream.truncated or stream.errored, at
        total = total or passed
        at += 41


async def test_peer_that_never_says_goodbye_is_left_after_the_close_timeout(over, closed, happened):
    left, right = duplex_pair()
    client, server = over(left, right, close_timeout=20)
    await client
    await server
    client.allow_half_open = False
    server.resume()
    client.end("bye")
    await closed(client)
    assert client.truncated
    server.destroy()


async def test_backpressure_reaches_through_tls(pair, happened):
    """A peer that does not read: what we hold is bounded by the marks and what the kernel takes, not by what we write."""
    client, accepted = await pair()
    accepted.pause()
    chunk = pattern(65536)
    written = 0
    while client.write(chunk):
        written += len(chunk)
        await asyncio.sleep(0)
        assert written < 64 << 20
    assert client.writable_length <= 2 * len(chunk)
    assert accepted.readable_length <= 1 << 20
    total = written + len(chunk)
    received = 0

    def count(data):
        nonlocal received
        received += len(data)

    accepted.on("data", count).resume()
    await client.drain()
    client.end()
    await happened(accepted, "end")
    assert received == total


async def test_plaintext_is_neither_lost_nor_invented(pair):
    """4 MiB each way at once, in odd sizes."""
    import hashlib
    client, accepted = await pair()
    accepted.pipe(accepted)
    data = pattern(1 << 20) * 4
    sent, received = hashlib.sha256(), hashlib.sha256()

    async def send():
        at, size = 0, 1
        while at < len(data):
            chunk = data[at:at + size]
            sent.update(chunk)
            if not client.write(chunk):
                await client.drain()
            at, size = at + size, size * 7 % 99_991 + 1
        client.end()

    sending = asyncio.ensure_future(send())
    async for chunk in client:
        received.update(chunk)
    await sending
    assert sent.digest() == received.digest()
