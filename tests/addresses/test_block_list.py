"""Which addresses a BlockList blocks, and how its rules read."""

from __future__ import annotations

import ipaddress
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop.addresses.block_list import BlockList
from netloop.addresses.socket_address import SocketAddress
from netloop.errors import ArgumentTypeError, ArgumentValueError

IPV6_LOOPBACK = SocketAddress(address="::1", family="ipv6")


def a_block_list(*cidrs):
    block_list = BlockList()
    block_list.add_cidrs(cidrs)
    return block_list


# --- what is blocked ----------------------------------------------------------------------------------------

def test_an_empty_block_list_blocks_nothing():
    assert not BlockList().check("1.2.3.4")
    assert not BlockList().check("::")


def test_an_address_blocks_itself_only():
    block_list = BlockList()
    block_list.add_address("1.2.3.4")
    block_list.add_address(IPV6_LOOPBACK)
    assert block_list.check("1.2.3.4")
    assert not block_list.check("1.2.3.5")
    assert block_list.check("::1")
    assert not block_list.check("::2")


def test_a_range_includes_both_ends():
    block_list = BlockList()
    block_list.add_range("10.0.0.1", "10.0.0.10")
    inside = [block_list.check(f"10.0.0.{last}") for last in (0, 1, 5, 10, 11)]
    assert inside == [False, True, True, True, False]
    assert not block_list.check("192.168.0.3")


def test_a_subnet_blocks_the_addresses_with_its_first_bits():
    block_list = BlockList()
    block_list.add_subnet("192.168.1.77", 24)
    block_list.add_subnet("8592:757c:efae:4e45::", 64, "ipv6")
    assert block_list.check("192.168.1.0")
    assert block_list.check("192.168.1.255")
    assert not block_list.check("192.168.2.0")
    assert block_list.check("8592:757c:efae:4e45:f::1")
    assert not block_list.check("8592:757c:efae:4e46::")


def test_an_ipv4_mapped_address_matches_the_rules_for_ipv4():
    block_list = a_block_list("192.168.0.0/16")
    block_list.add_address("123.123.123.123")
    assert block_list.check("::ffff:7b7b:7b7b", "ipv6")
    assert block_list.check("::ffff:123.123.123.123")
    assert block_list.check("::ffff:192.168.7.7")
    assert not block_list.check("::192.168.7.7")


def test_an_ipv4_address_matches_the_rules_for_its_mapped_form():
    block_list = a_block_list("::ffff:11.0.0.0/104")
    block_list.add_address("::ffff:9.9.9.9")
    assert block_list.check("9.9.9.9")
    assert block_list.check("11.1.2.3")
    assert not block_list.check("12.1.2.3")


def test_every_ipv4_address_does_not_include_ipv6_ones():
    block_list = a_block_list("0.0.0.0/0")
    assert block_list.check("255.255.255.255")
    assert not block_list.check("::1")


def test_a_zone_id_is_ignored():
    block_list = a_block_list("fe80::/10")
    block_list.add_address("2001:db8::1%eth0")
    assert block_list.check("fe80::7%eth0")
    assert block_list.check("2001:db8::1%eth1")


def test_text_that_is_no_address_is_not_blocked():
    block_list = a_block_list("0.0.0.0/0", "::/0")
    assert not block_list.check("example.com")
    assert not block_list.check("::1", "ipv4")
    assert not block_list.check("1.2.3.4", "ipv6")


def test_the_private_ranges_are_blocked_and_the_others_are_not():
    block_list = a_block_list(*BlockList.PRIVATE_RANGES)
    private = ["10.0.0.1", "172.31.255.255", "192.168.0.1", "127.0.0.1", "169.254.1.1",
               "::1", "fe80::1", "fd00::1"]
    public = ["8.8.8.8", "172.32.0.0", "192.169.0.0", "2001:4860:4860::8888", "fe00::1"]
    assert block_list.size == 8
    assert [text for text in private if not block_list.check(text)] == []
    assert [text for text in public if block_list.check(text)] == []


# --- laws ---------------------------------------------------------------------------------------------------

def subnets(version):
    bits = 32 if version == 4 else 128
    # Few distinct high bits, so that rules overlap, touch and enclose one another.
    numbers = st.integers(0, 255).map(lambda high: high << (bits - 8))
    return st.builds(lambda number, prefix: ipaddress.ip_network((number, prefix), strict=False),
                     st.one_of(numbers, st.integers(0, 2**bits - 1)), st.integers(0, bits))


def borders_of(network):
    """Its first and last address, and those just outside."""
    return [edge + step for edge in (network[0], network[-1]) for step in (-1, 0, 1)
            if 0 <= int(edge) + step < 2**edge.max_prefixlen]


@given(st.lists(st.one_of(subnets(4), subnets(6)), max_size=12), st.data())
def test_subnets_block_what_the_ipaddress_module_says(networks, data):
    block_list = a_block_list(*map(str, networks))
    addresses = st.ip_addresses()
    if borders := [border for network in networks for border in borders_of(network)]:
        addresses = st.one_of(addresses, st.sampled_from(borders))
    address = data.draw(addresses)
    as_ipv6 = ipaddress.IPv6Address(f"::ffff:{address}") if address.version == 4 else address
    blocked = any(address in network or as_ipv6 in network or (as_ipv6.ipv4_mapped or as_ipv6) in network
                  for network in networks)
    assert block_list.check(str(address)) == blocked


@given(st.lists(st.tuples(st.sampled_from(["address", "range", "subnet"]),
                          st.integers(0, 40), st.integers(0, 40), st.booleans()), max_size=30))
def test_any_history_of_additions_and_removals_leaves_the_rules_that_remain(history):
    block_list, remaining = BlockList(), {}
    for kind, one, other, adding in history:
        first, last = min(one, other), max(one, other)
        arguments = {"address": (f"10.0.0.{first}",), "range": (f"10.0.0.{first}", f"10.0.0.{last}"),
                     "subnet": (f"10.0.0.{first}", 24 + first % 9)}[kind]
        getattr(block_list, f"{'add' if adding else 'remove'}_{kind}")(*arguments)
        if adding:
            remaining.setdefault((kind, *arguments))
        else:
            remaining.pop((kind, *arguments), None)
        assert block_list.check("10.0.0.20") == any(_covers(rule, 20) for rule in remaining)
    assert block_list.size == len(remaining)
    assert [number for number in range(64) if block_list.check(f"10.0.0.{number}")] \
        == [number for number in range(64) if any(_covers(rule, number) for rule in remaining)]


def _covers(rule, number):
    address = ipaddress.ip_address(f"10.0.0.{number}")
    kind, first, *rest = rule
    if kind == "subnet":
        return address in ipaddress.ip_network((first, rest[0]), strict=False)
    return ipaddress.ip_address(first) <= address <= ipaddress.ip_address(rest[0] if rest else first)


# --- adding and removing ------------------------------------------------------------------------------------

def test_rules_read_as_in_node_newest_first():
    block_list = BlockList()
    block_list.add_address("1.1.1.1")
    block_list.add_range("10.0.0.1", "10.0.0.10")
    block_list.add_subnet("8592:757C:efae:4e45:0::", 64)
    assert block_list.rules == ["Subnet: IPv6 8592:757c:efae:4e45::/64", "Range: IPv4 10.0.0.1-10.0.0.10",
                                "Address: IPv4 1.1.1.1"]
    assert repr(block_list) == "<BlockList rules: 3>"


def test_a_rule_added_twice_is_there_once():
    block_list = BlockList()
    block_list.add_addresses(["1.2.3.4", "1.2.3.4", "::1", "0::1"])
    assert block_list.size == 2
    block_list.remove_address("1.2.3.4")
    assert not block_list.check("1.2.3.4")


def test_removing_takes_back_the_very_same_rule_only():
    block_list = a_block_list("10.0.0.0/8", "1.2.3.4/32")
    block_list.add_range("10.0.0.0", "10.255.255.255")
    block_list.remove_address("10.0.0.1")
    block_list.remove_address("1.2.3.4")
    block_list.remove_subnet("10.0.0.0", 9)
    block_list.remove_range("10.0.0.0", "10.0.0.9")
    assert block_list.size == 3
    block_list.remove_cidr("10.0.0.0/8")
    assert block_list.check("10.0.0.1")
    block_list.remove_range("10.0.0.0", "10.255.255.255")
    assert not block_list.check("10.0.0.1")
    assert block_list.rules == ["Subnet: IPv4 1.2.3.4/32"]


def test_an_address_and_its_mapped_form_are_two_rules_for_one_number():
    block_list = BlockList()
    block_list.add_addresses(["1.2.3.4", "::ffff:1.2.3.4"])
    block_list.remove_address("::ffff:1.2.3.4")
    assert block_list.check("1.2.3.4")
    block_list.remove_address("1.2.3.4")
    assert not block_list.check("1.2.3.4")


def test_clear_removes_every_rule():
    block_list = a_block_list("10.0.0.0/8", "::1/128")
    block_list.clear()
    assert (block_list.size, block_list.rules) == (0, [])
    assert not block_list.check("10.0.0.1")
    assert not block_list.check("::1")


def test_a_list_with_one_wrong_item_adds_nothing():
    block_list = BlockList()
    with pytest.raises(ArgumentValueError):
        block_list.add_addresses(["1.2.3.4", "example.com"])
    with pytest.raises(ArgumentValueError):
        block_list.add_cidrs(["10.0.0.0/8", "10.0.0.0/33"])
    assert block_list.size == 0


def test_the_type_is_found_out_from_the_address_when_left_out():
    block_list = BlockList()
    block_list.add_address("::1")
    assert block_list.check("::1")
    assert block_list.check("::1", "IPv6")


@pytest.mark.parametrize(("method", "arguments", "code"), [
    ("add_address", ("1.2.3.400",), "ERR_INVALID_ADDRESS"),
    ("add_address", ("::1", "ipv4"), "ERR_INVALID_ADDRESS"),
    ("add_address", (1,), "ERR_INVALID_ARG_TYPE"),
    ("add_address", ("1.2.3.4", "ipv5"), "ERR_INVALID_ARG_VALUE"),
    ("add_addresses", ("1.2.3.4",), "ERR_INVALID_ARG_TYPE"),
    ("add_range", ("10.0.0.10", "10.0.0.1"), "ERR_INVALID_ARG_VALUE"),
    ("add_range", ("10.0.0.10", "::1"), "ERR_INVALID_ADDRESS"),
    ("add_range", ("10.0.0.10", IPV6_LOOPBACK), "ERR_INVALID_ADDRESS"),
    ("add_subnet", ("1.2.3.4", 33), "ERR_OUT_OF_RANGE"),
    ("add_subnet", ("1.2.3.4", -1), "ERR_OUT_OF_RANGE"),
    ("add_subnet", ("::1", 129), "ERR_OUT_OF_RANGE"),
    ("add_subnet", ("1.2.3.4", "24"), "ERR_INVALID_ARG_TYPE"),
    ("add_cidr", ("1.2.3.4",), "ERR_INVALID_ARG_VALUE"),
    ("add_cidr", ("1.2.3.4/",), "ERR_INVALID_ARG_VALUE"),
    ("add_cidr", ("1.2.3.4/+8",), "ERR_INVALID_ARG_VALUE"),
    ("add_cidr", ("/8",), "ERR_INVALID_ADDRESS"),
    ("add_cidr", (8,), "ERR_INVALID_ARG_TYPE"),
    ("check", (5,), "ERR_INVALID_ARG_TYPE"),
    ("check", ("1.2.3.4", "ipv7"), "ERR_INVALID_ARG_VALUE"),
])
def test_wrong_arguments_are_refused_with_the_code_of_node(method, arguments, code):
    block_list = BlockList()
    with pytest.raises((ArgumentTypeError, ArgumentValueError)) as caught:
        getattr(block_list, method)(*arguments)
    assert caught.value.code == code
    assert block_list.size == 0


# --- JSON ---------------------------------------------------------------------------------------------------

RULES = ["Subnet: IPv4 192.168.1.0/24", "Address: IPv4 10.0.0.5", "Range: IPv4 192.168.2.1-192.168.2.10",
         "Range: IPv6 ::1-::5", "Subnet: IPv6 2001:db8:abcd::/64", "Address: IPv6 ::ffff:9.9.9.9"]


@pytest.mark.parametrize("form", [list, tuple, json.dumps])
def test_from_json_brings_the_same_rules_in_the_same_order(form):
    block_list = BlockList()
    block_list.from_json(form(RULES))
    assert block_list.rules == block_list.to_json() == RULES
    assert block_list.check("192.168.2.4")
    assert block_list.check("::3")


def test_from_json_adds_to_what_is_there():
    block_list = a_block_list("10.0.0.0/8")
    block_list.from_json(["Address: IPv4 1.2.3.4"])
    assert block_list.rules == ["Address: IPv4 1.2.3.4", "Subnet: IPv4 10.0.0.0/8"]


@pytest.mark.parametrize("value", [
    "{}", "[", '"Address: IPv4 1.2.3.4"', ["Address: IPv4 1.2.3"], ["Address: IPv6 1.2.3.4"],
    ["Subnet: IPv6 1.2.3.4/8"], ["Subnet: IPv4 1.2.3.4"], ["Range: IPv4 1.2.3.4"],
    ["1.2.3.4"], ["Host: IPv4 1.2.3.4"], [""],
], ids=repr)
def test_from_json_refuses_text_that_is_no_rule(value):
    block_list = BlockList()
    with pytest.raises(ArgumentValueError) as caught:
        block_list.from_json([RULES[0], *value] if isinstance(value, list) else value)
    assert caught.value.code == "ERR_INVALID_ARG_VALUE"
    assert block_list.size == 0


@pytest.mark.parametrize("value", [None, 5, [5]], ids=repr)
def test_from_json_refuses_what_is_no_list(value):
    with pytest.raises(ArgumentTypeError):
        BlockList().from_json(value)


def test_is_block_list_knows_its_own():
    assert BlockList.is_block_list(BlockList())
    assert not BlockList.is_block_list([])
