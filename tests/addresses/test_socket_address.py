"""Addresses with ports."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop.addresses.socket_address import AddressInfo, SocketAddress, format_address
from netloop.errors import ArgumentTypeError, ArgumentValueError


def test_a_socket_address_has_defaults_for_each_family():
    assert str(SocketAddress()) == "127.0.0.1:0"
    address = SocketAddress(family="ipv6")
    assert (address.address, address.family, address.port, address.flowlabel) == ("::", "ipv6", 0, 0)


def test_the_address_is_kept_in_its_canonical_spelling():
    address = SocketAddress(address="2001:DB8:0:0:1::1", family="IPv6", port="80", flowlabel=7)
    assert (address.address, address.family) == ("2001:db8::1:0:0:1", "ipv6")
    assert (address.port, address.flowlabel) == (80, 7)
    assert SocketAddress(address="FE80::1%eth0", family="ipv6").address == "fe80::1%eth0"


def test_the_flow_label_means_nothing_with_ipv4():
    assert SocketAddress(flowlabel=9).flowlabel == 0


def test_equal_parts_are_equal_addresses():
    one, same = (SocketAddress(address=text, family="ipv6", port=1) for text in ("::1", "0:0::1"))
    assert one == same
    assert hash(one) == hash(same)
    assert one != SocketAddress(address="::1", family="ipv6", port=2)
    assert one != "[::1]:1"


def test_a_socket_address_cannot_be_changed():
    with pytest.raises(AttributeError):
        SocketAddress().port = 80
    with pytest.raises(AttributeError):
        SocketAddress().host = "localhost"


def test_the_repr_shows_what_matters():
    assert repr(SocketAddress(port=80)) == "<SocketAddress 127.0.0.1:80>"
    assert repr(SocketAddress(family="ipv6", flowlabel=3)) == "<SocketAddress [::]:0 flowlabel=3>"


@pytest.mark.parametrize(("options", "code"), [
    ({"address": "::1"}, "ERR_INVALID_ADDRESS"),
    ({"address": "1.2.3.4", "family": "ipv6"}, "ERR_INVALID_ADDRESS"),
    ({"address": "example.com"}, "ERR_INVALID_ADDRESS"),
    ({"address": 5}, "ERR_INVALID_ARG_TYPE"),
    ({"family": "ipv5"}, "ERR_INVALID_ARG_VALUE"),
    ({"family": 6}, "ERR_INVALID_ARG_VALUE"),
    ({"family": "ipv6", "flowlabel": -1}, "ERR_OUT_OF_RANGE"),
    ({"family": "ipv6", "flowlabel": 0x100000}, "ERR_OUT_OF_RANGE"),
    ({"family": "ipv6", "flowlabel": "1"}, "ERR_INVALID_ARG_TYPE"),
    ({"port": 65536}, "ERR_SOCKET_BAD_PORT"),
])
def test_wrong_options_are_refused_with_the_code_of_node(options, code):
    with pytest.raises((ArgumentTypeError, ArgumentValueError)) as caught:
        SocketAddress(**options)
    assert caught.value.code == code


@pytest.mark.parametrize(("text", "address", "port", "family"), [
    ("1.2.3.4", "1.2.3.4", 0, "ipv4"),
    ("1.2.3.4:80", "1.2.3.4", 80, "ipv4"),
    ("[1:0::]", "1::", 0, "ipv6"),
    ("[::1]:65535", "::1", 65535, "ipv6"),
    ("[fe80::1%eth0]:1", "fe80::1%eth0", 1, "ipv6"),
])
def test_parse_reads_an_address_with_or_without_a_port(text, address, port, family):
    parsed = SocketAddress.parse(text)
    assert parsed == SocketAddress(address=address, port=port, family=family)


@pytest.mark.parametrize("text", ["", "localhost:80", "::1", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1",
                                  "1.2.3.4:+1", "[1.2.3.4]:80", "[::1", "::1]", "[::1]80", "1.2.3", "0x7f.1",
                                  "999999999", "1.2.3.4:80\n", "1.2.3.4:٨٠"])
def test_parse_gives_none_for_anything_else(text):
    assert SocketAddress.parse(text) is None


def test_parse_takes_text_only():
    with pytest.raises(ArgumentTypeError):
        SocketAddress.parse(b"1.2.3.4")


@given(st.ip_addresses(), st.integers(0, 65535))
def test_parse_reads_what_str_writes(address, port):
    written = SocketAddress(address=str(address), family=f"ipv{address.version}", port=port)
    assert SocketAddress.parse(str(written)) == written


# --- AddressInfo --------------------------------------------------------------------------------------------

def test_address_info_is_a_named_tuple_that_reads_as_host_and_port():
    info = AddressInfo("::1", "IPv6", 8124)
    address, family, port = info
    assert (address, family, port) == (info.address, info.family, info.port)
    assert str(info) == "[::1]:8124" == format_address("::1", 8124)
