"""An address with a port: as a socket has it, and as a value of its own.

Source: https://nodejs.org/api/net.html#class-netsocketaddress
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..errors import ArgumentValueError, invalid_type, out_of_range
from ..ip import check_family, invalid_address, pack_address, unpack_address
from .arguments import check_port

__all__ = ["AddressInfo", "SocketAddress", "format_address"]

MAX_FLOWLABEL = 0xFFFFF             # 20 bits, RFC 6437 section 2

_ADDRESS_AND_PORT = r"(?:\[([^\[\]]*)\]|([^:]*))(?::([0-9]{1,5}))?"     # compiled when it is first used


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
