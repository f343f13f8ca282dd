"""Names to addresses as the operating system resolves them, and back: hosts file, DNS, and whatever else is configured.

The system's `getaddrinfo` and `getnameinfo` block, so they run in threads; the loop goes on meanwhile.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from typing import NamedTuple

from ..diagnostics import channel
from ..errors import resolution_error
from ..ip import is_ip
from ..loop import Loop
from .lookup_cache import lookup_cache
from .order import Order, get_default_result_order, ordered
from .request import Done, Request
from .shared_call import share

__all__ = ["LookupAddress", "LookupService", "ServiceLookup", "SystemLookup"]

_LOOKUP = channel("dns.lookup")
_LOOKUP_SERVICE = channel("dns.lookup_service")
_FAMILIES = {0: socket.AF_UNSPEC, 4: socket.AF_INET, 6: socket.AF_INET6}
_CODES = {
    socket.EAI_AGAIN: "EAI_AGAIN", socket.EAI_FAIL: "EAI_FAIL", socket.EAI_MEMORY: "EAI_MEMORY",
    socket.EAI_FAMILY: "EAI_FAMILY", socket.EAI_BADFLAGS: "EAI_BADFLAGS", socket.EAI_SERVICE: "EAI_SERVICE",
    socket.EAI_NONAME: "ENOTFOUND", getattr(socket, "EAI_NODATA", -5): "ENOTFOUND",
}


class LookupAddress(NamedTuple):
    """One address of a name."""

    address: str
    family: int         # 4 or 6


class LookupService(NamedTuple):
    """The names of an address and a port."""

    hostname: str
    service: str        # "http", or the port in digits


# --- names to addresses ---------------------------------------------------------------------------------------------

class SystemLookup(Request):
    """A look-up under way; it ends in ``done(error, addresses)``.

    `family`: 0, 4 or 6; `hints`: AI_* flags; `order`: of the addresses, the default order when it is None.
    """

    def __init__(self, loop: Loop, hostname: str, done: Callable[[Exception | None, list[LookupAddress]], object], *,
                 family: int = 0, hints: int = 0, order: Order | None = None) -> None:
        super().__init__(loop, f"look-up of {hostname}", done)
        self._hostname = hostname
        self._key = hostname, family, hints
        self._order: Order = order or get_default_result_order()
        known = self._known()
        self._call = share(loop, system_addresses, *self._key, waiter=self._finish) if known is None else None
        if known is not None:
            loop.next_tick(self._finish, (known, None))

    def cancel(self) -> None:
        """Nobody is interested any more.  A thread that has begun ends by itself."""
        super().cancel()
        if self._call is not None:
            self._call.leave(self._finish)

    def _known(self) -> list[LookupAddress] | None:
        """What needs no system: an address is its own result."""
        family = is_ip(self._hostname)
        if family:
            return [LookupAddress(self._hostname, family)]
        return lookup_cache.find(self._key)

    def _finish(self, addresses: list[LookupAddress] | None, failure: Exception | None) -> None:
        if self._over:
            return
        error = None if failure is None else lookup_error(self._hostname, failure)
        found = ordered(addresses or [], self._order)
        if self._call is not None and addresses:
            lookup_cache.keep(self._key, addresses)
        if _LOOKUP.subscribers is not None:
            _LOOKUP.publish({"hostname": self._hostname, "addresses": found or None, "error": error,
                             "elapsed_ms": self._elapsed_ms()})
        self._end(error, found)


def system_addresses(hostname: str, family: int, hints: int) -> list[LookupAddress]:
    """The addresses of a name, in the system's order.  Blocks; raises whatever `socket.getaddrinfo` does."""
    if "\0" in hostname:        # the system would see the part before it
        raise UnicodeError("it contains a null character")
    # Bytes, where they say the same: for a str Python loads its tables for international names.
    name = hostname.encode("ascii") if hostname.isascii() else hostname
    found = socket.getaddrinfo(name, None, _FAMILIES[family], socket.SOCK_STREAM, 0, hints)
    addresses = [LookupAddress(str(address[0]), 6 if kind == socket.AF_INET6 else 4)
                 for kind, _, _, _, address in found if kind in (socket.AF_INET, socket.AF_INET6)]
    if not addresses:
        raise socket.gaierror(socket.EAI_NONAME, "no IP address")
    return list(dict.fromkeys(addresses))


# --- addresses and ports to names -----------------------------------------------------------------------------------

class ServiceLookup(Request):
    """A look-up of an address and a port under way; it ends in ``done(error, LookupService)``."""

    def __init__(self, loop: Loop, address: str, port: int, done: Done) -> None:
        super().__init__(loop, f"look-up of {address} port {port}", done)
        self._address, self._port = address, port
        self._call = share(loop, system_names, address, port, waiter=self._finish)

    def cancel(self) -> None:
        super().cancel()
        self._call.leave(self._finish)

    def _finish(self, names: LookupService | None, failure: Exception | None) -> None:
        if self._over:
            return
        error = None if failure is None else lookup_error(self._address, failure, "getnameinfo")
        if _LOOKUP_SERVICE.subscribers is not None:
            hostname, service = names or (None, None)
            _LOOKUP_SERVICE.publish({"address": self._address, "port": self._port, "hostname": hostname,
                                     "service": service, "error": error, "elapsed_ms": self._elapsed_ms()})
        self._end(error, names)


def system_names(address: str, port: int) -> LookupService:
    """The names of an address and a port.  Blocks; raises whatever `socket.getnameinfo` does."""
    return LookupService(*socket.getnameinfo((address, port), socket.NI_NAMEREQD))


# --- errors ---------------------------------------------------------------------------------------------------------

def lookup_error(name: str, failure: Exception, syscall: str = "getaddrinfo") -> OSError:
    """The error of one who asked: those who share a call must not share the exception, which keeps a traceback."""
    reason = getattr(failure, "strerror", None) or str(failure)
    if isinstance(failure, socket.gaierror):
        code = _CODES.get(failure.args[0], f"EAI_{failure.args[0]}")
    elif isinstance(failure, OSError) and failure.errno is not None:
        code = errno.errorcode.get(failure.errno, f"E{failure.errno}")
    elif isinstance(failure, UnicodeError):
        code, reason = "ENOTFOUND", f"not a host name: {reason}"
    else:
        code = "EAI_AGAIN"      # the program is out of threads
    error = resolution_error(code, name, reason, syscall)
    error.__cause__ = failure
    return error
