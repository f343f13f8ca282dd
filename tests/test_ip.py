"""What is an IP address."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netloop.ip import is_ip, is_ipv4, is_ipv6

IPV4 = ["127.0.0.1", "0.0.0.0", "255.255.255.255"]
IPV6 = ["::1", "::", "1:2:3:4:5:6:7::", "::ffff:1.2.3.4", "::1.2.3.4", "2001:DB8::1",
        "fe80::1%eth0", "fe80::1%eth0.100", "::%1"]
NEITHER = ["", "127.000.000.001", "127.0.0.1/24", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4%lo",
           "0x7f.0.0.1", " ::1", "::1 ", "1.2.3.4\n", "1.2.3.4\0", "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9",
           "::1.2.3.04", "%eth0", "fe80::1%", "fe80::1%a b", "fe80::1%a%b", "fe80::1%é", "[::1]", "localhost",
           "\ud800", None, 5, b"1.2.3.4", True]


@pytest.mark.parametrize("text", IPV4)
def test_ipv4_addresses_are_4(text):
    assert is_ip(text) == 4
    assert is_ipv4(text)
    assert not is_ipv6(text)


@pytest.mark.parametrize("text", IPV6)
def test_ipv6_addresses_are_6(text):
    assert is_ip(text) == 6
    assert is_ipv6(text)
    assert not is_ipv4(text)


@pytest.mark.parametrize("value", NEITHER, ids=repr)
def test_anything_else_is_0(value):
    assert is_ip(value) == 0
    assert not is_ipv4(value)
    assert not is_ipv6(value)


@given(st.ip_addresses())
def test_every_address_is_recognised_in_every_spelling(address):
    assert is_ip(str(address)) == address.version
    assert is_ip(address.exploded.upper()) == address.version


@given(st.text(alphabet="0123456789abcdefA.:/ ", max_size=20))
@example("1.2.3.04")
def test_is_ip_agrees_with_the_ipaddress_module(text):
    try:
        version = ipaddress.ip_address(text).version
    except ValueError:
        version = 0
    assert is_ip(text) == version
