"""IP addresses: what is one, and what it reads as.

An address is whatever the operating system's `inet_pton` takes, which is as strict as Node: four decimal
numbers without leading zeros, or RFC 4291 text.  A zone id ("fe80::1%eth0", RFC 4007 section 11) is split off
before, because `inet_pton` knows none.

Source: https://nodejs.org/api/net.html#netisipinput
"""

from __future__ import annotations

import re
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton

from .errors import ArgumentValueError, invalid_value

__all__ = ["is_ip", "is_ipv4", "is_ipv6", "check_family", "family_name", "invalid_address", "pack_address", "unpack_address"]

_FAMILIES = {"ipv4": AF_INET, "ipv6": AF_INET6}
_ZONE_ID = r"[0-9A-Za-z.:-]+"       # compiled when it is first used: most programs never match it


def is_ip(value: object) -> int:
    """4 for an IPv4 address, 6 for an IPv6 address (IPv4-mapped or with a zone id too), 0 for anything else.

    >>> is_ip("127.0.0.1"), is_ip("::1"), is_ip("127.000.000.001"), is_ip("127.0.0.1/24")
    (4, 6, 0, 0)
    """
    if is_ipv4(value):
        return 4
    return 6 if is_ipv6(value) else 0


def is_ipv4(value: object) -> bool:
    """Whether this is an IPv4 address: four decimal numbers, no leading zeros, nothing around them."""
    return isinstance(value, str) and pack_address(value, "ipv4") is not None


def is_ipv6(value: object) -> bool:
    """Whether this is an IPv6 address in any of its spellings, with or without a zone id."""
    return isinstance(value, str) and pack_address(value, "ipv6") is not None


def pack_address(text: str, family: str) -> bytes | None:
    """The 4 or 16 bytes of an address of `family` ("ipv4" or "ipv6"), or None if `text` is not one."""
    if family == "ipv6" and "%" in text:
        text, _, zone = text.partition("%")
        if not re.fullmatch(_ZONE_ID, zone):
            return None
    try:
        return inet_pton(_FAMILIES[family], text)
    except (OSError, ValueError):           # ValueError: a NUL or a lone surrogate in the text
        return None


def unpack_address(packed: bytes) -> str:
    """The canonical text of 4 or 16 bytes: RFC 5952 for IPv6, IPv4-mapped ones with a dotted tail."""
    return inet_ntop(AF_INET if len(packed) == 4 else AF_INET6, packed)


def check_family(name: str, family: object) -> str:
    """"ipv4" or "ipv6", given in any case.

    `name` is the argument's, for the message.  Raises ArgumentValueError (ERR_INVALID_ARG_VALUE) otherwise.
    """
    lowered = family.lower() if isinstance(family, str) else None
    if lowered not in _FAMILIES:
        raise invalid_value(name, "'ipv4' or 'ipv6'", family)
    return lowered


def invalid_address(name: str, family: str, address: object) -> ArgumentValueError:
    """``address must be an IPv4 address; got 'example.com' (str)``, ERR_INVALID_ADDRESS."""
    error = invalid_value(name, f"an {family_name(family)} address", address)
    error.code = "ERR_INVALID_ADDRESS"
    return error


def family_name(family: str) -> str:
    """IPv4 or IPv6, as Node spells a family in its results."""
    return "IPv4" if family == "ipv4" else "IPv6"
