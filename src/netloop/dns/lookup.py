"""`lookup`: names to addresses as the operating system resolves them: hosts file, DNS, and whatever else is configured.

The system's `getaddrinfo` blocks, so it runs in a thread; the loop goes on meanwhile.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, NamedTuple

from ..errors import invalid_type, invalid_value, resolution_error
from ..loop import Loop, current

__all__ = ["LookupAddress", "lookup"]

_FAMILIES = {0: socket.AF_UNSPEC, 4: socket.AF_INET, 6: socket.AF_INET6}
_CODES = {
    socket.EAI_AGAIN: "EAI_AGAIN", socket.EAI_FAIL: "EAI_FAIL", socket.EAI_MEMORY: "EAI_MEMORY",
    socket.EAI_NONAME: "ENOTFOUND", getattr(socket, "EAI_NODATA", -5): "ENOTFOUND",
}


class LookupAddress(NamedTuple):
    """One address of a name."""

    address: str
    family: int         # 4 or 6


class SystemLookup:
    """A look-up under way.  `cancel` takes the interest back; the thread ends by itself."""

    def __init__(self, loop: Loop, hostname: str, done: Callable[[Exception | None, list[LookupAddress]], object], *,
                 family: int = 0, hints: int = 0) -> None:
        self._hostname = hostname
        self._done = done
        self.cancel = loop.in_thread(f"look-up of {hostname}", lambda: _resolve(hostname, family, hints),
                                     self._finish).cancel

    def _finish(self, addresses: list[LookupAddress] | None, error: Exception | None) -> None:
        self._done(error, addresses or [])


def _resolve(hostname: str, family: int, hints: int) -> list[LookupAddress]:
    try:
        found = socket.getaddrinfo(hostname, None, _FAMILIES[family], socket.SOCK_STREAM, 0, hints)
    except socket.gaierror as error:
        number = error.errno if error.errno is not None else 0
        raise resolution_error(_CODES.get(number, f"EAI_{number}"), hostname, error.strerror or str(error)) from error
    except UnicodeError as error:
        raise resolution_error("ENOTFOUND", hostname, f"not a host name: {error}") from error
    addresses = [LookupAddress(str(address[0]), 6 if kind == socket.AF_INET6 else 4)
                 for kind, _, _, _, address in found if kind in (socket.AF_INET, socket.AF_INET6)]
    if not addresses:
        raise resolution_error("ENOTFOUND", hostname, "no IP address")
    return list(dict.fromkeys(addresses))


def lookup(hostname: str, callback: Callable[..., object] | None = None, *, family: int = 0, hints: int = 0,
           all: bool = False) -> Any:
    """Resolve a host name as the system does.

    `family`: 4, 6, or 0 for both; `hints`: the ``socket.AI_*`` flags; `all`: every address instead of the first.

    With a callback: ``callback(error, address, family)``, or ``callback(error, addresses)`` with `all`; returns None.
    Without one, returns an awaitable of a `LookupAddress`, or of a list of them.

    Errors have Node's codes: ENOTFOUND, EAI_AGAIN, ...
    Source: https://nodejs.org/api/dns.html#dnslookuphostname-options-callback
    """
    if not isinstance(hostname, str):
        raise invalid_type("hostname", "a str", hostname)
    if callback is not None and not callable(callback):
        raise invalid_type("callback", "a function", callback)
    if family not in _FAMILIES:
        raise invalid_value("family", "0, 4 or 6", family)
    if not isinstance(hints, int):
        raise invalid_type("hints", "an int of socket.AI_* flags", hints)
    if callback is None:
        return _awaited(hostname, family, hints, all)

    def finish(error: Exception | None, addresses: list[LookupAddress]) -> None:
        if error is not None:
            callback(error)
        elif all:
            callback(None, addresses)
        else:
            callback(None, addresses[0].address, addresses[0].family)

    SystemLookup(current(), hostname, finish, family=family, hints=hints)
    return None


async def _awaited(hostname: str, family: int, hints: int, all: bool) -> LookupAddress | list[LookupAddress]:
    import asyncio

    found: asyncio.Future[list[LookupAddress]] = asyncio.get_running_loop().create_future()

    def finish(error: Exception | None, addresses: list[LookupAddress]) -> None:
        if found.done():
            return
        if error is not None:
            found.set_exception(error)
        else:
            found.set_result(addresses)

    pending = SystemLookup(current(), hostname, finish, family=family, hints=hints)
    try:
        addresses = await found
    finally:
        pending.cancel()
    return addresses if all else addresses[0]
