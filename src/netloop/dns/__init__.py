"""Names to addresses as the system resolves them, and records of every type as name servers know them.

    from netloop import dns, run

    dns.lookup("localhost", lambda error, address, family: print(address))
    dns.resolve_mx("example.org", lambda error, records: print(records))
    run()

Every function returns an awaitable when it gets no callback.  c-ares is loaded when a server is asked first.

Source: https://nodejs.org/api/dns.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._on_demand import names_on_demand
from .constants import (
    ADDRCONFIG,
    ADDRGETNETWORKPARAMS,
    ALL,
    BADFAMILY,
    BADFLAGS,
    BADHINTS,
    BADNAME,
    BADQUERY,
    BADRESP,
    BADSTR,
    CANCELLED,
    CONNREFUSED,
    DESTRUCTION,
    EOF,
    FILE,
    FORMERR,
    LOADIPHLPAPI,
    NODATA,
    NOMEM,
    NONAME,
    NOTFOUND,
    NOTIMP,
    NOTINITIALIZED,
    REFUSED,
    SERVFAIL,
    TIMEOUT,
    V4MAPPED,
)
from .lookup import lookup, lookup_service
from .lookup_cache import LookupCacheSettings, get_lookup_cache, set_lookup_cache
from .order import get_default_result_order, set_default_result_order
from .system_lookup import LookupAddress, LookupService

if TYPE_CHECKING:
    from . import promises as promises
    from .default_resolver import (
        get_servers,
        resolve,
        resolve4,
        resolve6,
        resolve_any,
        resolve_caa,
        resolve_cname,
        resolve_mx,
        resolve_naptr,
        resolve_ns,
        resolve_ptr,
        resolve_soa,
        resolve_srv,
        resolve_tlsa,
        resolve_txt,
        reverse,
        set_servers,
    )
    from .records import (
        AaaaRecord,
        AnyRecord,
        ARecord,
        CaaRecord,
        CnameRecord,
        MxRecord,
        NaptrRecord,
        NsRecord,
        PtrRecord,
        SoaRecord,
        SrvRecord,
        TlsaRecord,
        TxtRecord,
    )
    from .resolver import Resolver

_DEFAULT_RESOLVER = (
    "resolve", "resolve4", "resolve6", "resolve_any", "resolve_caa", "resolve_cname", "resolve_mx", "resolve_naptr",
    "resolve_ns", "resolve_ptr", "resolve_soa", "resolve_srv", "resolve_tlsa", "resolve_txt", "reverse",
    "get_servers", "set_servers",
)
_RECORDS = ("ARecord", "AaaaRecord", "AnyRecord", "CaaRecord", "CnameRecord", "MxRecord", "NaptrRecord", "NsRecord",
            "PtrRecord", "SoaRecord", "SrvRecord", "TlsaRecord", "TxtRecord")

__all__ = [
    "lookup", "lookup_service", "LookupAddress", "LookupService",
    "get_default_result_order", "set_default_result_order",
    "get_lookup_cache", "set_lookup_cache", "LookupCacheSettings",
    "resolve", "resolve4", "resolve6", "resolve_any", "resolve_caa", "resolve_cname", "resolve_mx", "resolve_naptr",
    "resolve_ns", "resolve_ptr", "resolve_soa", "resolve_srv", "resolve_tlsa", "resolve_txt", "reverse",
    "get_servers", "set_servers", "Resolver",
    "ARecord", "AaaaRecord", "AnyRecord", "CaaRecord", "CnameRecord", "MxRecord", "NaptrRecord", "NsRecord",
    "PtrRecord", "SoaRecord", "SrvRecord", "TlsaRecord", "TxtRecord",
    "ADDRCONFIG", "V4MAPPED", "ALL",
    "NODATA", "FORMERR", "SERVFAIL", "NOTFOUND", "NOTIMP", "REFUSED", "BADQUERY", "BADNAME", "BADFAMILY", "BADRESP",
    "CONNREFUSED", "TIMEOUT", "EOF", "FILE", "NOMEM", "DESTRUCTION", "BADSTR", "BADFLAGS", "NONAME", "BADHINTS",
    "NOTINITIALIZED", "LOADIPHLPAPI", "ADDRGETNETWORKPARAMS", "CANCELLED",
]

if not TYPE_CHECKING:       # a checker would take it for any name at all, misspelled ones too
    __getattr__ = names_on_demand(__name__, {
        **dict.fromkeys(_DEFAULT_RESOLVER, "default_resolver"), **dict.fromkeys(_RECORDS, "records"),
        "Resolver": "resolver", "promises": "promises",
    })
