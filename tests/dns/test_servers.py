"""Servers of names: what is one, and how it reads."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop.dns.servers import format_server, parse_server
from netloop.errors import ArgumentValueError

ADDRESSES = st.ip_addresses().map(str)


@given(ADDRESSES, st.integers(1, 65535))
def test_server_reads_as_it_was_given(address: str, port: int) -> None:
    shown = str(ipaddress.ip_address(address))
    server = f"[{shown}]:{port}" if ":" in shown else f"{shown}:{port}"
    assert format_server(parse_server(server)) == (shown if port == 53 else server)
    assert format_server(parse_server(shown)) == shown


@pytest.mark.parametrize("server", ["fe80::1%lo", "[fe80::1%lo]:5353"])
def test_server_keeps_its_zone(server: str) -> None:
    assert format_server(parse_server(server)) == server


@given(st.text("0123456789.:[]%ab", max_size=20))
def test_any_text_is_a_server_or_refused(text: str) -> None:
    try:
        shown = format_server(parse_server(text))
    except ArgumentValueError:
        return
    assert parse_server(shown) == parse_server(text)
