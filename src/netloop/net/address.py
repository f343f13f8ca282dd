"""IP addresses and ports: what is one, and what it reads as.

An address is whatever the operating system's `inet_pton` takes, which is as strict as Node: four decimal
numbers without leading zeros, or RFC 4291 text.  A zone id ("fe80::1%eth0", RFC 4007 section 11) is split off
before, because `inet_pton` knows none.

Source: https://nodejs.org/api/net.html#netisipinput, https://nodejs.org/api/net.html#class-netsocketaddress
"""

from __future__ import annotations

import re
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton
from typing import NamedTuple

from ..errors import ArgumentValueError, bad_port, invalid_type, invalid_value, out_of_range

__all__ = [
    "is_ip", "is_ipv4", "is_ipv6", "SocketAddress", "AddressInfo",
    "check_port", "check_family", "family_name", "format_address", "pack_address", "unpack_address",
]

MAX_PORT = 0xFFFF
MAX_FLOWLABEL = 0xFFFFF             # 20 bits, RFC 6437 section 2

_FAMILIES = {"ipv4": AF_INET, "ipv6": AF_INET6}
# Compiled when they are first used: most programs never match any of them.
_ZONE_ID = r"[0-9A-Za-z.:-]+"
_PORT = r"\+?[0-9]+"
_HEXADECIMAL_PORT = r"0[xX][0-9a-fA-F]+"
_ADDRESS_AND_PORT = r"(?:\[([^\[\]]*)\]|([^:]*))(?::([0-9]{1,5}))?"


# --- what is an address? ------------------------------------------------------------------------------------

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


# --- ports --------------------------------------------------------------------------------------------------

def check_port(name: str, port: object) -> int:
    """A port as an int: an int from 0 to 65535 or a string with one ("8124", " 8124 ", "0x1fbc").

    `name` is the argument's, for the message.  Raises ArgumentValueError (ERR_SOCKET_BAD_PORT) for a number
    that is no port, ArgumentTypeError (ERR_INVALID_ARG_TYPE) for what is no number at all.
    """
    number = _port_number(port)
    if number is None or not 0 <= number <= MAX_PORT:
        if isinstance(port, bool) or not isinstance(port, int | float | str):
            raise invalid_type(name, "an int or a string with one", port)
        raise bad_port(name, port)
    return number


def _port_number(port: object) -> int | None:
    if isinstance(port, int) and not isinstance(port, bool):
        return int(port)                    # an IntEnum member becomes what it stands for
    if isinstance(port, str):
        digits = port.strip()
        if len(digits) > 64:                # also keeps away from Python's own limit on long numbers
            return None
        if re.fullmatch(_PORT, digits):
            return int(digits)
        if re.fullmatch(_HEXADECIMAL_PORT, digits):
            return int(digits, 16)
    return None


# --- addresses with ports -----------------------------------------------------------------------------------

def format_address(address: str, port: int) -> str:
    """``127.0.0.1:80``, ``[::1]:80``."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


class AddressInfo(NamedTuple):
    """What `address()` of a server or a socket gives: the bound address, "IPv4" or "IPv6", and the port."""

    address: str
    family: str
    port: int

    def __str__(self) -> str:
        return format_address(self.address, self.port)


class SocketAddress:
    """An IP address and a port: an immutable value, equal to others of the same parts.

    Options:
      address    str, kept in its canonical spelling (a zone id stays); default "127.0.0.1", or "::" with ipv6
      family     "ipv4" (default) or "ipv6", in any case
      flowlabel  int from 0 to 0xFFFFF, default 0; means nothing with ipv4 and is 0 then
      port       int from 0 to 65535, default 0

    Raises ArgumentValueError: ERR_INVALID_ADDRESS, ERR_INVALID_ARG_VALUE (family), ERR_OUT_OF_RANGE
    (flowlabel), ERR_SOCKET_BAD_PORT.  Source: https://nodejs.org/api/net.html#class-netsocketaddress
    """

    __slots__ = ("_address", "_family", "_flowlabel", "_port")

    def __init__(self, *, address: str | None = None, family: str = "ipv4", flowlabel: int = 0,
                 port: int | str = 0) -> None:
        self._family = check_family("family", family)
        self._address = _canonical_address(address, self._family)
        self._flowlabel = _checked_flowlabel(flowlabel) if self._family == "ipv6" else 0
        self._port = check_port("port", port)

    @staticmethod
    def parse(text: str) -> SocketAddress | None:
        """``1.2.3.4``, ``1.2.3.4:80``, ``[::1]`` or ``[::1]:80`` as a SocketAddress; None for anything else.

        Stricter than Node, whose URL parser also takes "1.2", "0x7f.1" or "999999999", and forgets port 80.
        """
        if not isinstance(text, str):
            raise invalid_type("text", "a str", text)
        match = re.fullmatch(_ADDRESS_AND_PORT, text)
        if match is None:
            return None
        bracketed, plain, port = match.groups()
        try:
            if bracketed is not None:
                return SocketAddress(address=bracketed, family="ipv6", port=port or 0)
            return SocketAddress(address=plain, port=port or 0)
        except ArgumentValueError:
            return None

    @property
    def address(self) -> str:
        """The canonical text, with the zone id if there was one."""
        return self._address

    @property
    def family(self) -> str:
        """"ipv4" or "ipv6"."""
        return self._family

    @property
    def flowlabel(self) -> int:
        """The IPv6 flow label; 0 with ipv4."""
        return self._flowlabel

    @property
    def port(self) -> int:
        """0 to 65535."""
        return self._port

    def _parts(self) -> tuple[object, ...]:
        return self._family, self._address, self._port, self._flowlabel

    def __eq__(self, other: object) -> bool:
        return self._parts() == other._parts() if isinstance(other, SocketAddress) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._parts())

    def __str__(self) -> str:
        return format_address(self._address, self._port)

    def __repr__(self) -> str:
        flowlabel = f" flowlabel={self._flowlabel}" if self._flowlabel else ""
        return f"<SocketAddress {self}{flowlabel}>"


def _canonical_address(address: str | None, family: str) -> str:
    if address is None:
        return "127.0.0.1" if family == "ipv4" else "::"
    if not isinstance(address, str):
        raise invalid_type("address", "a str", address)
    packed = pack_address(address, family)
    if packed is None:
        raise invalid_address("address", family, address)
    _, percent, zone = address.partition("%")
    return unpack_address(packed) + percent + zone


def _checked_flowlabel(flowlabel: int) -> int:
    if isinstance(flowlabel, bool) or not isinstance(flowlabel, int):
        raise invalid_type("flowlabel", "an int", flowlabel)
    if not 0 <= flowlabel <= MAX_FLOWLABEL:
        raise out_of_range("flowlabel", f"from 0 to {MAX_FLOWLABEL:#x}", flowlabel)
    return flowlabel
