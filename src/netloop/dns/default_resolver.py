"""The resolver behind the functions of the module: they are its methods."""

from __future__ import annotations

from .resolver import Resolver

__all__ = [
    "get_servers", "resolve", "resolve4", "resolve6", "resolve_any", "resolve_caa", "resolve_cname", "resolve_mx",
    "resolve_naptr", "resolve_ns", "resolve_ptr", "resolve_soa", "resolve_srv", "resolve_tlsa", "resolve_txt", "reverse",
    "set_servers",
]

_default = Resolver()

resolve = _default.resolve
resolve4 = _default.resolve4
resolve6 = _default.resolve6
resolve_any = _default.resolve_any
resolve_caa = _default.resolve_caa
resolve_cname = _default.resolve_cname
resolve_mx = _default.resolve_mx
resolve_naptr = _default.resolve_naptr
resolve_ns = _default.resolve_ns
resolve_ptr = _default.resolve_ptr
resolve_soa = _default.resolve_soa
resolve_srv = _default.resolve_srv
resolve_tlsa = _default.resolve_tlsa
resolve_txt = _default.resolve_txt
reverse = _default.reverse
get_servers = _default.get_servers
set_servers = _default.set_servers
