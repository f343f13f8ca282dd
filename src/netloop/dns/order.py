"""In which order `lookup` gives the addresses of a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from ..errors import invalid_value

if TYPE_CHECKING:
    from .system_lookup import LookupAddress

__all__ = ["Order", "checked_order", "get_default_result_order", "ordered", "set_default_result_order"]

Order: TypeAlias = Literal["verbatim", "ipv4first", "ipv6first"]

_FIRST_FAMILIES: dict[str, int] = {"verbatim": 0, "ipv4first": 4, "ipv6first": 6}
_default: Order = "verbatim"


def get_default_result_order() -> Order:
    """The order of addresses unless a look-up says otherwise: ``"verbatim"`` at the start."""
    return _default


def set_default_result_order(order: Order) -> None:
    """Change the order of the addresses that `lookup` and `net.connect` get.

    `order`: ``"verbatim"``, as the system sorts them (RFC 6724); ``"ipv4first"``; ``"ipv6first"``.
    Raises ArgumentValueError for anything else.
    Source: https://nodejs.org/api/dns.html#dnssetdefaultresultorderorder
    """
    global _default
    _default = checked_order("order", order)


def checked_order(name: str, order: Order) -> Order:
    if not isinstance(order, str) or order not in _FIRST_FAMILIES:
        raise invalid_value(name, "one of verbatim, ipv4first, ipv6first", order)
    return order


def ordered(addresses: Sequence[LookupAddress], order: Order) -> list[LookupAddress]:
    """The family that goes first before the other; within a family the order stays."""
    first = _FIRST_FAMILIES[order]
    return sorted(addresses, key=lambda each: each.family != first) if first else list(addresses)
