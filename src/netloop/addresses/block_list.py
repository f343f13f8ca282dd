"""BlockList: rules about which addresses may not connect, or be connected to.

A check costs one dict lookup (addresses) and one binary search (subnets and ranges, merged into sorted spans
that do not overlap), however many rules there are.  Addresses come and go in constant time; the spans are
merged again by the first check after a subnet or a range has come or gone.

Source: https://nodejs.org/api/net.html#class-netblocklist
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import TypeVar

from ..errors import invalid_type, invalid_value
from .block_rule import (
    BlockRule,
    address_number,
    address_rule,
    cidr_rule,
    parse_rule,
    range_rule,
    subnet_rule,
)
from .socket_address import SocketAddress

__all__ = ["BlockList"]

Address = str | SocketAddress
_T = TypeVar("_T")


class BlockList:
    """Addresses, ranges and subnets to refuse; used as `block_list=` of `net` and `dgram`.

    Where a method takes an address it takes text or a `SocketAddress`.  `type` is "ipv4" or "ipv6", found out
    from the text when left out (Node takes "ipv4" then, and `check("::1")` is silently false).  Text that is
    no address of that type raises ArgumentValueError (ERR_INVALID_ADDRESS).  A zone id is ignored.  A rule
    that is added twice is there once.
    """

    PRIVATE_RANGES: tuple[str, ...] = (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",            # RFC 1918
        "127.0.0.0/8", "::1/128",                                   # loopback
        "169.254.0.0/16", "fe80::/10",                              # link-local
        "fc00::/7",                                                 # unique local, RFC 4193
    )

    def __init__(self) -> None:
        self._rules: dict[str, BlockRule] = {}
        self._addresses: dict[int, int] = {}                        # number -> how many rules name it
        self._spans: tuple[list[int], list[int]] | None = ([], [])  # firsts, lasts; None: merge again

    # --- add and remove ---

    def add_address(self, address: Address, type: str | None = None) -> None:
        """Block one address."""
        self._add(address_rule(address, type))

    def add_addresses(self, addresses: Iterable[Address], type: str | None = None) -> None:
        """Block each of these addresses; if one of them cannot be read, none is added."""
        for rule in [address_rule(address, type) for address in _items("addresses", addresses)]:
            self._add(rule)

    def add_range(self, start: Address, end: Address, type: str | None = None) -> None:
        """Block the addresses from `start` to `end`, both included.

        Raises ArgumentValueError (ERR_INVALID_ARG_VALUE) if the end comes before the start.
        """
        self._add(range_rule(start, end, type))

    def add_subnet(self, net: Address, prefix: int, type: str | None = None) -> None:
        """Block the addresses whose first `prefix` bits are those of `net` (0 to 32, or to 128 for ipv6).

        Raises ArgumentValueError (ERR_OUT_OF_RANGE) for another prefix.
        """
        self._add(subnet_rule(net, prefix, type))

    def add_cidr(self, cidr: str) -> None:
        """Block a subnet in CIDR notation: ``10.0.0.0/8``, ``2001:db8::/32``.

        Raises ArgumentValueError (ERR_INVALID_ARG_VALUE) for text of another form.
        """
        self._add(cidr_rule(cidr))

    def add_cidrs(self, cidrs: Iterable[str]) -> None:
        """Block each of these subnets (`BlockList.PRIVATE_RANGES`, say); if one is wrong, none is added."""
        for rule in [cidr_rule(cidr) for cidr in _items("cidrs", cidrs)]:
            self._add(rule)

    def remove_address(self, address: Address, type: str | None = None) -> None:
        """Take back `add_address`; nothing happens if there is no such rule."""
        self._remove(address_rule(address, type))

    def remove_range(self, start: Address, end: Address, type: str | None = None) -> None:
        """Take back `add_range` with the same two ends; nothing happens if there is none."""
        self._remove(range_rule(start, end, type))

    def remove_subnet(self, net: Address, prefix: int, type: str | None = None) -> None:
        """Take back `add_subnet` with the same network and prefix; nothing happens if there is none."""
        self._remove(subnet_rule(net, prefix, type))

    def remove_cidr(self, cidr: str) -> None:
        """Take back `add_cidr` or the same `add_subnet`; nothing happens if there is none."""
        self._remove(cidr_rule(cidr))

    def clear(self) -> None:
        """Remove every rule."""
        self._rules.clear()
        self._addresses.clear()
        self._spans = ([], [])

    def _add(self, rule: BlockRule) -> None:
        if rule.text in self._rules:
            return
        self._rules[rule.text] = rule
        if rule.first == rule.last:
            self._addresses[rule.first] = self._addresses.get(rule.first, 0) + 1
        else:
            self._spans = None

    def _remove(self, rule: BlockRule) -> None:
        if self._rules.pop(rule.text, None) is None:
            return
        if rule.first != rule.last:
            self._spans = None
        elif self._addresses[rule.first] == 1:
            del self._addresses[rule.first]
        else:
            self._addresses[rule.first] -= 1

    # --- ask ---

    def check(self, address: Address, type: str | None = None) -> bool:
        """Whether a rule blocks this address.  Text that is no address (of that type) is not blocked."""
        number = address_number(address, type)
        if number is None:
            return False
        if number in self._addresses:
            return True
        if self._spans is None:
            self._spans = _merged(rule for rule in self._rules.values() if rule.first != rule.last)
        firsts, lasts = self._spans
        index = bisect_right(firsts, number) - 1
        return index >= 0 and number <= lasts[index]

    @property
    def rules(self) -> list[str]:
        """The rules as text, newest first: ``Address: IPv4 1.2.3.4``, ``Range: IPv4 1.2.3.4-1.2.3.9``,
        ``Subnet: IPv6 fe80::/10``."""
        return list(reversed(self._rules))

    @property
    def size(self) -> int:
        """How many rules there are."""
        return len(self._rules)

    @staticmethod
    def is_block_list(value: object) -> bool:
        """Whether `value` is a BlockList."""
        return isinstance(value, BlockList)

    def __repr__(self) -> str:
        return f"<BlockList rules: {self.size}>"

    # --- save and load ---

    def to_json(self) -> list[str]:
        """The rules as text, for `json.dumps` and `from_json`."""
        return self.rules

    def from_json(self, value: str | Iterable[str]) -> None:
        """Add the rules that `to_json` gave: the list, or its JSON text.

        Raises ArgumentValueError (ERR_INVALID_ARG_VALUE) for text of another form, and adds nothing then.
        """
        rules = _parsed_json(value) if isinstance(value, str) else value
        for rule in reversed([parse_rule(text) for text in _items("value", rules)]):
            self._add(rule)


def _items(name: str, values: Iterable[_T]) -> list[_T]:
    """A list argument: one str would go through as its characters."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise invalid_type(name, "a list", values)
    return list(values)


def _parsed_json(text: str) -> list[str]:
    import json  # here, because it costs 5 ms and few programs need it

    try:
        rules = json.loads(text)
    except ValueError:
        rules = None
    if not isinstance(rules, list):
        raise invalid_value("value", "a list of rules or its JSON text", text)
    return rules


def _merged(rules: Iterable[BlockRule]) -> tuple[list[int], list[int]]:
    """The firsts and the lasts of sorted spans that do not overlap and cover what the rules cover."""
    firsts: list[int] = []
    lasts: list[int] = []
    for first, last in sorted((rule.first, rule.last) for rule in rules):
        if lasts and first <= lasts[-1]:
            lasts[-1] = max(lasts[-1], last)
        else:
            firsts.append(first)
            lasts.append(last)
    return firsts, lasts
