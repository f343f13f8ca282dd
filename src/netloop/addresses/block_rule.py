"""One rule of a BlockList: its text and the span of numbers that it covers.

Addresses are 128-bit numbers.  IPv4 takes its place among them as ``::ffff:0:0/96`` (RFC 4291 section
2.5.5.2), so an IPv4 address and its IPv4-mapped form are one number and match the same rules.
"""

from __future__ import annotations

from typing import NamedTuple

from ..errors import ArgumentValueError, invalid_type, invalid_value, out_of_range
from ..ip import check_family, family_name, invalid_address, pack_address, unpack_address
from .socket_address import SocketAddress

_IPV4_MAPPED = 0xFFFF << 32             # ::ffff:0:0


class BlockRule(NamedTuple):
    """`text` identifies the rule: removing one looks for the same text.  `first` and `last` are included."""

    text: str
    first: int
    last: int


# --- from arguments -----------------------------------------------------------------------------------------

def address_rule(address: object, type: str | None) -> BlockRule:
    """``Address: IPv4 1.2.3.4``."""
    family, packed = _family_and_bytes("address", address, type)
    number = _number(packed)
    return BlockRule(f"Address: {family_name(family)} {unpack_address(packed)}", number, number)


def range_rule(start: object, end: object, type: str | None) -> BlockRule:
    """``Range: IPv4 1.2.3.4-1.2.3.9``."""
    family, first = _family_and_bytes("start", start, type)
    end_family, last = _family_and_bytes("end", end, type)
    if end_family != family:
        raise invalid_address("end", family, end)
    if last < first:
        raise invalid_value("end", f"{unpack_address(first)} or after it", end)
    text = f"Range: {family_name(family)} {unpack_address(first)}-{unpack_address(last)}"
    return BlockRule(text, _number(first), _number(last))


def subnet_rule(net: object, prefix: object, type: str | None) -> BlockRule:
    """``Subnet: IPv4 192.168.1.0/24``."""
    family, packed = _family_and_bytes("net", net, type)
    bits = len(packed) * 8
    if isinstance(prefix, bool) or not isinstance(prefix, int):
        raise invalid_type("prefix", "an int", prefix)
    if not 0 <= prefix <= bits:
        raise out_of_range("prefix", f"from 0 to {bits}", prefix)
    host_mask = (1 << (bits - prefix)) - 1
    first = _number(packed) & ~host_mask
    text = f"Subnet: {family_name(family)} {unpack_address(packed)}/{prefix}"
    return BlockRule(text, first, first | host_mask)


def cidr_rule(cidr: object, type: str | None = None) -> BlockRule:
    """The subnet that CIDR notation names."""
    if not isinstance(cidr, str):
        raise invalid_type("cidr", "a str", cidr)
    net, slash, prefix = cidr.rpartition("/")
    if not slash or not prefix.isascii() or not prefix.isdigit() or len(prefix) > 3:
        raise invalid_value("cidr", "an address, a slash and a number of bits", cidr)
    return subnet_rule(net, int(prefix), type)


# --- from text ----------------------------------------------------------------------------------------------

def parse_rule(text: object) -> BlockRule:
    """The rule with this text; ArgumentValueError if there can be none."""
    if not isinstance(text, str):
        raise invalid_type("rule", "a str", text)
    kind, _, rest = text.partition(": ")
    family, _, span = rest.partition(" ")
    try:
        if kind == "Address":
            return address_rule(span, family)
        if kind == "Range":
            start, _, end = span.partition("-")
            return range_rule(start, end, family)
        if kind == "Subnet":
            return cidr_rule(span, family)
    except ArgumentValueError as error:
        raise invalid_value("rule", "the text of a rule", text) from error
    raise invalid_value("rule", "the text of a rule", text)


# --- addresses as numbers -----------------------------------------------------------------------------------

def address_number(address: object, type: str | None) -> int | None:
    """The number of an address, or None for text that is no address of this type."""
    text, family = _text_and_family("address", address, type)
    packed = pack_address(text, family)
    return None if packed is None else _number(packed)


def _family_and_bytes(name: str, address: object, type: str | None) -> tuple[str, bytes]:
    text, family = _text_and_family(name, address, type)
    packed = pack_address(text, family)
    if packed is None:
        raise invalid_address(name, family, address)
    return family, packed


def _text_and_family(name: str, address: object, type: str | None) -> tuple[str, str]:
    if isinstance(address, SocketAddress):
        return address.address, address.family
    if not isinstance(address, str):
        raise invalid_type(name, "a str or a SocketAddress", address)
    if type is not None:
        return address, check_family("type", type)
    return address, "ipv6" if ":" in address else "ipv4"


def _number(packed: bytes) -> int:
    number = int.from_bytes(packed, "big")
    return number | _IPV4_MAPPED if len(packed) == 4 else number
