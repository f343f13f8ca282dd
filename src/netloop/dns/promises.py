"""Node's ``dns.promises``: the same functions, which return an awaitable when they get no callback.

Source: https://nodejs.org/api/dns.html#dns-promises-api
"""

from __future__ import annotations

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
from .lookup import lookup, lookup_service
from .order import get_default_result_order, set_default_result_order
from .resolver import Resolver

__all__ = [
    "Resolver", "get_default_result_order", "get_servers", "lookup", "lookup_service", "resolve", "resolve4", "resolve6",
    "resolve_any", "resolve_caa", "resolve_cname", "resolve_mx", "resolve_naptr", "resolve_ns", "resolve_ptr",
    "resolve_soa", "resolve_srv", "resolve_tlsa", "resolve_txt", "reverse", "set_default_result_order", "set_servers",
]
