"""The questions that one can ask name servers: `resolve_mx` and its kin, as methods of `Resolver`."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

from ..errors import invalid_type, invalid_value
from ..ip import is_ip
from .answering import Callback, check_callback
from .answers import KINDS, read_answer, read_names
from .records import AaaaRecord, AnyRecord, ARecord

if TYPE_CHECKING:
    from asyncio import Future

    from .records import CaaRecord, MxRecord, NaptrRecord, SoaRecord, SrvRecord, TlsaRecord

    Names: TypeAlias = Future[list[str]]

__all__ = ["Questions"]

_first: Callable[[Any], Any] = itemgetter(0)        # the address, the name, the strings of a TXT record


class Questions:
    """Base of `Resolver`: the checks of the arguments, and what becomes of the answers.

    Every method takes a callback as its last argument, ``callback(error, records)``, and returns None; without one it
    returns an awaitable.  Errors are OSErrors with `code`, `syscall` and `hostname`.  Raises ArgumentTypeError or
    ArgumentValueError when an argument is wrong.  Source: https://nodejs.org/api/dns.html
    """

    def _start(self, syscall: str, name: str, ask: Callable[[Any, Any], object], read: Callable[[Any], list[Any]],
               callback: Callback | None, first_only: bool = False) -> Any:
        raise NotImplementedError

    def _ask(self, rrtype: str, hostname: str, callback: Callback | None, *, pick: Callable[[Any], Any] | None = None,
             first_only: bool = False) -> Any:
        """Ask for records of a type; `pick` says what of each is wanted."""
        if not isinstance(hostname, str):
            raise invalid_type("hostname", "a str", hostname)
        check_callback(callback)
        kind = KINDS[rrtype]

        def ask(ares: Any, on_answer: Any) -> None:
            ares.query(hostname, kind.number, callback=on_answer)

        def read(result: Any) -> list[Any]:
            records = read_answer(kind, result)
            return records if pick is None else [pick(record) for record in records]

        return self._start(kind.syscall, hostname, ask, read, callback, first_only)

    # --- addresses ------------------------------------------------------------------------------------------------

    @overload
    def resolve4(self, hostname: str, callback: None = None, *, ttl: Literal[False] = ...) -> Names: ...
    @overload
    def resolve4(self, hostname: str, callback: None = None, *, ttl: Literal[True]) -> Future[list[ARecord]]: ...
    @overload
    def resolve4(self, hostname: str, callback: Callback, *, ttl: bool = ...) -> None: ...
    def resolve4(self, hostname: str, callback: Callback | None = None, *, ttl: bool = False) -> Any:
        """The IPv4 addresses of a name; with `ttl` as `ARecord`s, which say for how many seconds they hold."""
        return self._ask("A", hostname, callback, pick=_ttl_or_address(ttl))

    @overload
    def resolve6(self, hostname: str, callback: None = None, *, ttl: Literal[False] = ...) -> Names: ...
    @overload
    def resolve6(self, hostname: str, callback: None = None, *, ttl: Literal[True]) -> Future[list[AaaaRecord]]: ...
    @overload
    def resolve6(self, hostname: str, callback: Callback, *, ttl: bool = ...) -> None: ...
    def resolve6(self, hostname: str, callback: Callback | None = None, *, ttl: bool = False) -> Any:
        """The IPv6 addresses of a name; with `ttl` as `AaaaRecord`s, which say for how many seconds they hold."""
        return self._ask("AAAA", hostname, callback, pick=_ttl_or_address(ttl))

    @overload
    def reverse(self, address: str, callback: None = None) -> Names: ...
    @overload
    def reverse(self, address: str, callback: Callback) -> None: ...
    def reverse(self, address: str, callback: Callback | None = None) -> Any:
        """The names of an IP address: those in the hosts file, or its PTR records."""
        if not isinstance(address, str):
            raise invalid_type("address", "a str", address)
        if not is_ip(address) or "%" in address:
            raise invalid_value("address", "an IP address", address)
        check_callback(callback)

        def ask(ares: Any, on_answer: Any) -> None:
            ares.gethostbyaddr(address, callback=on_answer)

        return self._start("getHostByAddr", address, ask, read_names, callback)

    # --- names ----------------------------------------------------------------------------------------------------

    @overload
    def resolve_cname(self, hostname: str, callback: None = None) -> Names: ...
    @overload
    def resolve_cname(self, hostname: str, callback: Callback) -> None: ...
    def resolve_cname(self, hostname: str, callback: Callback | None = None) -> Any:
        """The names that a name stands for."""
        return self._ask("CNAME", hostname, callback, pick=_first)

    @overload
    def resolve_ns(self, hostname: str, callback: None = None) -> Names: ...
    @overload
    def resolve_ns(self, hostname: str, callback: Callback) -> None: ...
    def resolve_ns(self, hostname: str, callback: Callback | None = None) -> Any:
        """The names of a zone's servers."""
        return self._ask("NS", hostname, callback, pick=_first)

    @overload
    def resolve_ptr(self, hostname: str, callback: None = None) -> Names: ...
    @overload
    def resolve_ptr(self, hostname: str, callback: Callback) -> None: ...
    def resolve_ptr(self, hostname: str, callback: Callback | None = None) -> Any:
        """The names that a name points to."""
        return self._ask("PTR", hostname, callback, pick=_first)

    # --- other records --------------------------------------------------------------------------------------------

    @overload
    def resolve_caa(self, hostname: str, callback: None = None) -> Future[list[CaaRecord]]: ...
    @overload
    def resolve_caa(self, hostname: str, callback: Callback) -> None: ...
    def resolve_caa(self, hostname: str, callback: Callback | None = None) -> Any:
        """Which certification authorities may issue certificates for a name."""
        return self._ask("CAA", hostname, callback)

    @overload
    def resolve_mx(self, hostname: str, callback: None = None) -> Future[list[MxRecord]]: ...
    @overload
    def resolve_mx(self, hostname: str, callback: Callback) -> None: ...
    def resolve_mx(self, hostname: str, callback: Callback | None = None) -> Any:
        """The mail exchangers of a domain, in the order of the answer."""
        return self._ask("MX", hostname, callback)

    @overload
    def resolve_naptr(self, hostname: str, callback: None = None) -> Future[list[NaptrRecord]]: ...
    @overload
    def resolve_naptr(self, hostname: str, callback: Callback) -> None: ...
    def resolve_naptr(self, hostname: str, callback: Callback | None = None) -> Any:
        """The rules that rewrite a name."""
        return self._ask("NAPTR", hostname, callback)

    @overload
    def resolve_soa(self, hostname: str, callback: None = None) -> Future[SoaRecord]: ...
    @overload
    def resolve_soa(self, hostname: str, callback: Callback) -> None: ...
    def resolve_soa(self, hostname: str, callback: Callback | None = None) -> Any:
        """The start of authority of a zone: one `SoaRecord`."""
        return self._ask("SOA", hostname, callback, first_only=True)

    @overload
    def resolve_srv(self, hostname: str, callback: None = None) -> Future[list[SrvRecord]]: ...
    @overload
    def resolve_srv(self, hostname: str, callback: Callback) -> None: ...
    def resolve_srv(self, hostname: str, callback: Callback | None = None) -> Any:
        """Where a service is: ask for ``_service._protocol.name``."""
        return self._ask("SRV", hostname, callback)

    @overload
    def resolve_tlsa(self, hostname: str, callback: None = None) -> Future[list[TlsaRecord]]: ...
    @overload
    def resolve_tlsa(self, hostname: str, callback: Callback) -> None: ...
    def resolve_tlsa(self, hostname: str, callback: Callback | None = None) -> Any:
        """Which certificates a service shows: ask for ``_port._protocol.name``."""
        return self._ask("TLSA", hostname, callback)

    @overload
    def resolve_txt(self, hostname: str, callback: None = None) -> Future[list[list[str]]]: ...
    @overload
    def resolve_txt(self, hostname: str, callback: Callback) -> None: ...
    def resolve_txt(self, hostname: str, callback: Callback | None = None) -> Any:
        """The texts of a name: for each record a list, of one string, for pycares joins what the record had in parts."""
        return self._ask("TXT", hostname, callback, pick=_first)

    @overload
    def resolve_any(self, hostname: str, callback: None = None) -> Future[list[AnyRecord]]: ...
    @overload
    def resolve_any(self, hostname: str, callback: Callback) -> None: ...
    def resolve_any(self, hostname: str, callback: Callback | None = None) -> Any:
        """Whatever the server wants to tell of a name, which may be little (RFC 8482)."""
        return self._ask("ANY", hostname, callback)

    # --- by the name of the type ----------------------------------------------------------------------------------

    @overload
    def resolve(self, hostname: str, rrtype: Literal["A", "AAAA", "CNAME", "NS", "PTR"] = ...) -> Names: ...
    @overload
    def resolve(self, hostname: str, rrtype: str) -> Future[Any]: ...
    @overload
    def resolve(self, hostname: str, callback: Callback, /) -> None: ...
    @overload
    def resolve(self, hostname: str, rrtype: str, callback: Callback) -> None: ...
    def resolve(self, hostname: str, rrtype: Any = "A", callback: Any = None) -> Any:
        """The records of the type `rrtype`: A, AAAA, ANY, CAA, CNAME, MX, NAPTR, NS, PTR, SOA, SRV, TLSA or TXT."""
        if callable(rrtype) and callback is None:
            rrtype, callback = "A", rrtype
        if not isinstance(rrtype, str):
            raise invalid_type("rrtype", "a str", rrtype)
        if rrtype not in KINDS:
            raise invalid_value("rrtype", f"one of {', '.join(sorted(KINDS))}", rrtype)
        names = {"A": "resolve4", "AAAA": "resolve6"}
        method = getattr(self, names.get(rrtype) or f"resolve_{rrtype.lower()}")
        return method(hostname, callback)


def _ttl_or_address(ttl: bool) -> Callable[[Any], Any] | None:
    if not isinstance(ttl, bool):
        raise invalid_type("ttl", "a bool", ttl)
    return None if ttl else _first
