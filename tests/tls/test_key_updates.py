"""New keys in the middle of a connection (RFC 8446, section 4.6.3).  Python's ssl cannot ask for them: the client is ours."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ssl

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from netloop import tls
from netloop.stream import duplex_pair
from netloop.testing import settle

KEY_UPDATE = b"\x18\0\0\x01\x01"        # update_requested
HANDSHAKE, APPLICATION_DATA = b"\x16", b"\x17"


def expand(secret, label, length):
    """HKDF-Expand-Label, without a context (RFC 8446, section 7.1)."""
    info = length.to_bytes(2, "big") + bytes([6 + len(label)]) + b"tls13 " + label + b"\0"
    return hmac.new(secret, info + b"\1", hashlib.sha384).digest()[:length]


class Writer:
    """Encrypts records with TLS_AES_256_GCM_SHA384."""

    def __init__(self, secret):
        self.secret = secret
        self.number = 0

    def record(self, content, kind):
        key, nonce = expand(self.secret, b"key", 32), expand(self.secret, b"iv", 12)
        nonce = (int.from_bytes(nonce, "big") ^ self.number).to_bytes(12, "big")
        self.number += 1
        header = b"\x17\x03\x03" + (len(content) + 17).to_bytes(2, "big")
        return header + AESGCM(key).encrypt(nonce, content + kind, header)

    def key_update(self):
        record = self.record(KEY_UPDATE, HANDSHAKE)
        self.secret, self.number = expand(self.secret, b"traffic upd", 48), 0
        return record


@pytest.fixture
def connect(certificate, tmp_path):
    """``server, client, writer = await connect()``: a TLSSocket, the stream of its peer, and what encrypts for that."""
    async def shake_hands():
        client, below = duplex_pair()
        server = tls.TLSSocket(below, is_server=True, **certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.keylog_filename = str(tmp_path / "keys")
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        peer = context.wrap_bio(incoming, outgoing)
        client.on("data", incoming.write).on("error", lambda: None)
        while not server._secure:
            try:
                peer.do_handshake()
            except ssl.SSLWantReadError:
                pass
            client.write(outgoing.read())
            await settle()
        client.remove_all_listeners("data").pause()
        lines = (tmp_path / "keys").read_text().splitlines()
        secret, = [line.split()[2] for line in lines if line.startswith("CLIENT_TRAFFIC_SECRET_0")]
        return server, client, Writer(bytes.fromhex(secret))

    return shake_hands


async def test_plaintext_goes_on_after_new_keys(connect):
    server, client, writer = await connect()
    received = []
    server.on("data", received.append)
    answers = []
    client.on("data", answers.append).resume()
    for number in range(100):
        client.write(writer.record(b"%d " % number, APPLICATION_DATA) + writer.key_update())
        await settle()
    server.write(b"done")               # which OpenSSL answers before, at the latest
    await settle()
    assert b"".join(received) == b"".join(b"%d " % number for number in range(100))
    assert b"".join(answers).count(b"\x17\x03\x03\0\x16") == 100        # each got one
    server.destroy()


async def test_a_peer_that_asks_for_new_keys_and_does_not_read_is_left(connect, happened, code):
    server, client, writer = await connect()
    server.resume()
    failed = asyncio.ensure_future(happened(server, "error"))
    asked = 0
    while not failed.done():
        client.write(b"".join(writer.key_update() for _ in range(500)))
        asked += 500
        await settle()
        assert asked < 10_000
    assert code(failed.result()[0]) == "ERR_SSL_TOO_MANY_KEY_UPDATES"
    assert server.destroyed
