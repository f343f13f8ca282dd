"""The record layer alone: bytes in, bytes out."""

from __future__ import annotations

import ssl

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from netloop.testing import pattern
from netloop.tls import create_secure_context
from netloop.tls.record import RecordLayer


@pytest.fixture(scope="module", params=["TLSv1.3", "TLSv1.2"])
def contexts(request, authority, certificate):
    ours = create_secure_context(**certificate, max_version=request.param)
    theirs = create_secure_context(ca=authority.pem, max_version=request.param)
    return ours.for_server(ssl.CERT_NONE, ()), theirs.for_client(True, ())


def feed(layer, data, size=None):
    """Hand over `data`, `size` bytes at a time, and read what comes out."""
    plaintext = b""
    for at in range(0, len(data), size or max(len(data), 1)):
        layer.receive(data[at:at + (size or len(data))])
        while (chunk := layer.read()) or layer.has_more():
            plaintext += chunk
    return plaintext


def shake_hands(contexts, size=None):
    """Both sides, after a handshake whose flights arrive `size` bytes at a time."""
    server, client = RecordLayer(contexts[0], True), RecordLayer(contexts[1], False, "localhost")
    done = {client: client.handshake(), server: False}
    while not all(done.values()):
        for sender, receiver in ((client, server), (server, client)):
            data = sender.data_to_send()
            for at in range(0, len(data), size or max(len(data), 1)):
                receiver.receive(data[at:at + (size or len(data))])
                if not done[receiver]:
                    done[receiver] = receiver.handshake()
    assert feed(client, server.data_to_send()) == b""       # session tickets
    return server, client


@pytest.mark.parametrize("size", [None, 1, 5, 100])
def test_handshake_cut_anywhere(contexts, size):
    server, client = shake_hands(contexts, size)
    assert feed(server, client.encrypt(b"hello"), size) == b"hello"


def test_a_record_cut_at_every_byte_gives_the_same_plaintext(contexts):
    server, client = shake_hands(contexts)
    for cut in range(len(client.encrypt(b"first")) * 2):
        server, client = shake_hands(contexts) if cut % 16 == 0 else (server, client)
        data = client.encrypt(b"first") + client.encrypt(b"other")
        assert feed(server, data[:cut]) + feed(server, data[cut:]) == b"firstother"


@pytest.fixture(scope="module")
def linked(contexts):
    return shake_hands(contexts)


@given(sizes=st.lists(st.integers(0, 40_000), max_size=5), cuts=st.lists(st.integers(1, 70_000), min_size=1, max_size=5))
def test_any_split_gives_the_same_plaintext(linked, sizes, cuts):
    sender, receiver = linked
    plaintext = [pattern(size) for size in sizes]
    data = b"".join(sender.encrypt_all(plaintext)) if plaintext else b""
    received, number = b"", 0
    while data:
        size = cuts[number % len(cuts)]
        received += feed(receiver, data[:size])
        data, number = data[size:], number + 1
    assert received == b"".join(plaintext)


def test_small_chunks_share_a_record(contexts):
    _, client = shake_hands(contexts)
    assert len(b"".join(client.encrypt_all([b"x"] * 100))) < 200


def test_reading_gives_back_after_a_stretch(contexts):
    """A megabyte that arrives at once comes out in pieces, and what is not read yet waits."""
    server, client = shake_hands(contexts)
    server.receive(b"".join(client.encrypt_all([pattern(1 << 20)])))
    first = server.read()
    assert 0 < len(first) <= 1 << 17
    assert first + feed(server, b"") == first           # nothing new arrived, and nothing was read
    rest = b""
    while chunk := server.read():
        rest += chunk
    assert first + rest == pattern(1 << 20)


def test_goodbye_in_the_middle_of_what_arrived_loses_nothing(contexts):
    server, client = shake_hands(contexts)
    server.receive(b"".join(client.encrypt_all([pattern(1 << 20)])))
    received = server.read()
    assert server.close()
    while chunk := server.read():
        received += chunk
    assert received == pattern(1 << 20)


def test_reading_goes_on_after_our_goodbye(contexts):
    server, client = shake_hands(contexts)
    assert feed(client, server.close()) == b""
    assert client.ended
    assert feed(server, client.encrypt(b"still here")) == b"still here"
    assert feed(server, client.close()) == b""
    assert server.ended


def test_what_follows_the_goodbye_is_ignored(contexts):
    server, client = shake_hands(contexts)
    data = client.encrypt(b"last") + client.close()
    assert feed(server, data + b"garbage") == b"last"
    assert server.ended


@pytest.mark.parametrize("at", [0, 1, 3, 4, 5, 12, -1])
def test_a_changed_byte_is_an_error_and_the_plaintext_before_it_is_not_lost(contexts, at):
    server, client = shake_hands(contexts)
    good, bad = client.encrypt(b"good"), bytearray(client.encrypt(b"bad record"))
    bad[at] ^= 0x55
    server.receive(good + bytes(bad) + client.encrypt(b"x" * 20_000))
    assert server.read() == b"good"
    with pytest.raises(ssl.SSLError):
        server.read()
    assert server.data_to_send() != b""         # an alert


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\0" * 5, b"\xff", b"\x17\x03\x03\xff\xff",
                                     b"\x17\x03\x03\0\0", b"SSH-2.0-x\r\n"])
def test_garbage_is_an_error_at_once_and_does_not_wait_for_more(contexts, garbage):
    server = RecordLayer(contexts[0], True)
    server.receive(garbage)
    if len(garbage) < 5:
        assert server.handshake() is False
        server.receive(b"\xff" * 8)
    with pytest.raises(ssl.SSLError):
        server.handshake()


@pytest.fixture(scope="module")
def rsa_certificate():
    return trustme.CA(key_type=trustme.KeyType.RSA).issue_cert("localhost", key_type=trustme.KeyType.RSA)


@pytest.mark.parametrize("cipher", ["NULL-MD5", "NULL-SHA", "AES128-CCM8", "AES128-CCM", "ECDHE-RSA-AES128-SHA",
                                    "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305"])
def test_a_record_is_read_whole_however_little_its_cipher_adds(cipher, rsa_certificate):
    contexts = []
    for side in (ssl.PROTOCOL_TLS_SERVER, ssl.PROTOCOL_TLS_CLIENT):
        context = ssl.SSLContext(side)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(f"{cipher}:@SECLEVEL=0")
        contexts.append(context)
    rsa_certificate.configure_cert(contexts[0])
    contexts[1].check_hostname, contexts[1].verify_mode = False, ssl.CERT_NONE
    server, client = shake_hands(contexts)
    assert client.tls.cipher()[0] == cipher
    for size in (1, 2, 14, 15, 16, 17, 100, 16_383, 16_384):
        assert feed(server, client.encrypt(pattern(size))) == pattern(size)
        assert feed(server, client.encrypt(pattern(size)), 7) == pattern(size)


def test_reading_stops_behind_each_record_that_is_no_plaintext(contexts):
    if contexts[0].maximum_version is ssl.TLSVersion.TLSv1_2:
        pytest.skip("its tickets are a part of the handshake")
    server, client = RecordLayer(contexts[0], True), RecordLayer(contexts[1], False, "localhost")
    client.handshake()
    server.receive(client.data_to_send())
    server.handshake()
    client.receive(server.data_to_send())
    client.handshake()
    server.receive(client.data_to_send())
    server.handshake()
    client.receive(server.data_to_send() + server.encrypt(b"data"))     # two tickets before it
    tickets = []
    for expected in (b"", b"", b"data"):
        assert client.has_more()
        assert client.read() == expected
        tickets.append(client.tls.session.id)
    assert tickets[0] != tickets[1] == tickets[2]
    assert not client.has_more()


def test_only_what_is_no_plaintext_gives_something_to_send(contexts):
    server, client = shake_hands(contexts)
    feed(server, client.encrypt(b"one"))
    server.receive(client.encrypt(b"two") + client.encrypt(b"three"))
    assert server.read() == b"twothree"
    assert not server.aside
    feed(server, client.close())
    assert server.aside


# --- a record that comes alone: it is opened when it comes, and read later ---------------------------------------------

def test_what_came_alone_waits_until_it_is_read(contexts):
    server, client = shake_hands(contexts)
    server.receive(client.encrypt(b"one"))
    assert server.has_more()
    server.receive(client.encrypt(b"two"))
    server.receive(client.encrypt(b"three"))
    assert server.read() == b"onetwothree"
    assert not server.has_more()
    assert server.read() == b""


def test_a_whole_chunk_of_large_records_is_no_larger_for_it(contexts):
    server, client = shake_hands(contexts)
    server.receive(client.encrypt(pattern(16_384)))
    server.receive(client.encrypt(pattern(65_536)))
    received = []
    while server.has_more():
        received.append(server.read())
    assert b"".join(received) == pattern(16_384) + pattern(65_536)
    assert max(map(len, received)) <= 65_536


def test_a_goodbye_between_arrival_and_reading_loses_nothing(contexts):
    server, client = shake_hands(contexts)
    server.receive(client.encrypt(b"arrived"))
    assert server.close()
    assert server.read() == b"arrived"


def test_what_was_broken_when_it_came_is_told_when_it_is_read(contexts):
    server, client = shake_hands(contexts)
    bad = bytearray(client.encrypt(b"bad record"))
    bad[-1] ^= 0x55
    server.receive(bytes(bad))
    server.receive(client.encrypt(b"never read"))
    for _ in range(2):
        assert server.has_more()
        with pytest.raises(ssl.SSLError):
            server.read()
    assert server.data_to_send() != b""         # an alert


def test_the_end_that_came_alone_is_known_and_nothing_follows_it(contexts):
    server, client = shake_hands(contexts)
    server.receive(client.close())
    server.receive(b"garbage" * 3)
    assert server.read() == b""
    assert server.ended
    assert not server.has_more()


def test_what_comes_before_the_handshake_is_done_is_left_to_it(contexts):
    """What looks like a record of plaintext then is a mistake, and the handshake finds it."""
    server = RecordLayer(contexts[0], True)
    server.receive(b"\x17\x03\x03\0\x20" + b"x" * 32)
    with pytest.raises(ssl.SSLError):
        server.handshake()


@pytest.mark.parametrize("size", [1, 15, 16, 100, 16_384])
def test_records_of_every_size_come_alone(contexts, size):
    server, client = shake_hands(contexts)
    for _ in range(3):
        server.receive(client.encrypt(pattern(size)))
        assert server.read() == pattern(size)
