"""Reading a ClientHello: what OpenSSL writes, and anything else."""

from __future__ import annotations

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop.tls.client_hello import LARGEST_HELLO, NEED_DATA, NO_HELLO, read_client_hello


def hello(servername=None, protocols=(), max_version=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if protocols:
        context.set_alpn_protocols(protocols)
    if max_version:
        context.maximum_version = max_version
    outgoing = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=servername)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


@pytest.mark.parametrize("version", [None, ssl.TLSVersion.TLSv1_2])
def test_name_and_protocols(version):
    found = read_client_hello(hello("Example.ORG", ["h2", "http/1.1"], version))
    assert found == ("example.org", (b"h2", b"http/1.1"))


def test_without_extensions_that_matter():
    assert read_client_hello(hello()) == (None, ())


def test_cut_anywhere_it_needs_more():
    data = hello("localhost", ["h2"])
    assert all(read_client_hello(data[:cut]) is NEED_DATA for cut in range(len(data)))


def test_spread_over_many_records():
    data = hello("localhost", ["h2"])
    message = data[5:]
    spread = b"".join(b"\x16\x03\x01" + len(part).to_bytes(2, "big") + part
                      for part in (message[at:at + 7] for at in range(0, len(message), 7)))
    assert read_client_hello(spread) == ("localhost", (b"h2",))


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x02\x01\0\x05", b"\x15\x03\x01\0\x02\x02\x28",
                                  b"\x16\x03\x01\0\x04\x02\0\0\0"])
def test_something_else(data):
    assert read_client_hello(data) is NO_HELLO


def test_one_that_is_too_large_is_left_to_openssl():
    record = b"\x16\x03\x01\x40\x00" + b"\x01\xff\xff\xff" + b"\0" * (16384 - 4)
    more = b"\x16\x03\x01\x40\x00" + b"\0" * 16384
    data = record + more * 8
    assert len(data) > LARGEST_HELLO
    assert read_client_hello(data) is NO_HELLO
    assert read_client_hello(data[:LARGEST_HELLO // 2]) is NEED_DATA


def test_one_that_is_as_large_as_openssl_makes_it_is_read():
    protocols = ["z" * 255] * 255
    data = hello("localhost", protocols)
    assert len(data) > 65536
    assert read_client_hello(data) == ("localhost", tuple(name.encode() for name in protocols))


def test_a_name_may_have_any_bytes_and_of_these_only_ascii_has_lower_case():
    data = hello("localhost").replace(b"localhost", b"L\xf6C\xc4lhost")
    assert read_client_hello(data) == ("l\xf6c\xc4lhost", ())


@given(st.data())
def test_changed_bytes_never_raise(data):
    message = bytearray(hello("localhost", ["h2"]))
    for at in data.draw(st.lists(st.integers(5, len(message) - 1), max_size=5)):
        message[at] = data.draw(st.integers(0, 255))
    read_client_hello(bytes(message))
