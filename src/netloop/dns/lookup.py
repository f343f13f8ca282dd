"""`lookup` and `lookup_service`: what the system's resolver knows, for everybody.  `net` uses `SystemLookup` directly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

from ..errors import bad_port, invalid_type, invalid_value
from ..ip import is_ip
from ..loop import current
from .answering import Callback, answer, check_callback
from .constants import ADDRCONFIG, ALL, V4MAPPED
from .order import Order, checked_order
from .request import Done, Request
from .system_lookup import LookupAddress, LookupService, ServiceLookup, SystemLookup

if TYPE_CHECKING:
    from asyncio import Future

__all__ = ["SystemLookup", "lookup", "lookup_service"]

Family: TypeAlias = Literal[0, 4, 6, "IPv4", "IPv6"]

_FAMILIES: dict[Any, int] = {0: 0, 4: 4, 6: 6, "IPv4": 4, "IPv6": 6}
_HINTS = ADDRCONFIG | V4MAPPED | ALL


@overload
def lookup(hostname: str | None, callback: None = None, *, family: Family = ..., hints: int = ...,
           all: Literal[False] = ..., order: Order | None = ..., verbatim: bool | None = ...
           ) -> Future[LookupAddress]: ...
@overload
def lookup(hostname: str | None, callback: None = None, *, family: Family = ..., hints: int = ..., all: Literal[True],
           order: Order | None = ..., verbatim: bool | None = ...) -> Future[list[LookupAddress]]: ...
@overload
def lookup(hostname: str | None, callback: Callback, *, family: Family = ..., hints: int = ..., all: bool = ...,
           order: Order | None = ..., verbatim: bool | None = ...) -> None: ...


def lookup(hostname: str | None, callback: Callback | None = None, *, family: Family = 0, hints: int = 0,
           all: bool = False, order: Order | None = None, verbatim: bool | None = None) -> Any:
    """Resolve a host name as the system does.

    `family`: 4, 6, "IPv4", "IPv6", or 0 for both; `hints`: `ADDRCONFIG`, `V4MAPPED`, `ALL`, added up; `all`: every
    address instead of the first; `order`: ``"verbatim"``, ``"ipv4first"`` or ``"ipv6first"``, by default what
    `get_default_result_order` says; `verbatim`: the deprecated spelling of ``order="verbatim"`` or, False, ``"ipv4first"``.

    With a callback: ``callback(error, address, family)``, or ``callback(error, addresses)`` with `all`; returns None.
    Without one, returns an awaitable of a `LookupAddress`, or of a list of them.  A hostname that is None or empty
    has the address None, and with `all` an empty list.

    Errors are OSErrors with `code` (ENOTFOUND, EAI_AGAIN, ...), `syscall` and `hostname`.
    Raises ArgumentTypeError or ArgumentValueError when an argument is wrong.
    Source: https://nodejs.org/api/dns.html#dnslookuphostname-options-callback
    """
    if hostname is not None and not isinstance(hostname, str):
        raise invalid_type("hostname", "a str", hostname)
    check_callback(callback)
    number = _checked_family(family)
    _check_hints(hints)
    _check_bool("all", all)
    order = _chosen_order(order, verbatim)
    loop = current()

    def start(done: Done) -> Request:
        if not hostname:
            return _NoName(loop, [] if all else LookupAddress(None, number or 4), done)  # type: ignore[arg-type]

        def choose(error: Exception | None, addresses: list[LookupAddress]) -> None:
            done(error, None if error is not None else addresses if all else addresses[0])

        return SystemLookup(loop, hostname, choose, family=number, hints=hints, order=order)

    return answer(loop, callback, start, width=0 if all else 2)


class _NoName(Request):
    """The look-up of no name has its result at once, and gives it later as all do."""

    def __init__(self, loop: Any, result: Any, done: Done) -> None:
        super().__init__(loop, "look-up of no name", done)
        loop.next_tick(self._end, (None, result))


@overload
def lookup_service(address: str, port: int, callback: None = None) -> Future[LookupService]: ...
@overload
def lookup_service(address: str, port: int, callback: Callback) -> None: ...


def lookup_service(address: str, port: int, callback: Callback | None = None) -> Any:
    """The host name and the service of an IP address and a port, as the system knows them.

    With a callback: ``callback(error, hostname, service)``; returns None.  Without one, returns an awaitable of a
    `LookupService`.

    Errors are OSErrors with `code` (ENOTFOUND when the address has no name), `syscall` and `hostname`.
    Raises ArgumentTypeError, or ArgumentValueError when it is no address, or no port (ERR_SOCKET_BAD_PORT).
    Source: https://nodejs.org/api/dns.html#dnslookupserviceaddress-port-callback
    """
    if not isinstance(address, str):
        raise invalid_type("address", "a str", address)
    if not is_ip(address):
        raise invalid_value("address", "an IP address", address)
    if not isinstance(port, int) or isinstance(port, bool) or not 0 <= port <= 0xFFFF:
        raise bad_port("port", port)
    check_callback(callback)
    loop = current()
    return answer(loop, callback, lambda done: ServiceLookup(loop, address, port, done), width=2)


# --- arguments ------------------------------------------------------------------------------------------------------

def _checked_family(family: Family) -> int:
    if not isinstance(family, int | str) or isinstance(family, bool) or family not in _FAMILIES:
        raise invalid_value("family", "0, 4, 6, 'IPv4' or 'IPv6'", family)
    return _FAMILIES[family]


def _check_hints(hints: int) -> None:
    if not isinstance(hints, int) or isinstance(hints, bool):
        raise invalid_type("hints", "an int", hints)
    if hints & ~_HINTS:
        raise invalid_value("hints", "a sum of ADDRCONFIG, V4MAPPED and ALL", hints)


def _check_bool(name: str, value: bool) -> None:
    if not isinstance(value, bool):
        raise invalid_type(name, "a bool", value)


def _chosen_order(order: Order | None, verbatim: bool | None) -> Order | None:
    if order is not None:
        return checked_order("order", order)
    if verbatim is None:
        return None
    _check_bool("verbatim", verbatim)
    return "verbatim" if verbatim else "ipv4first"
