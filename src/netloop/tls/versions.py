"""Versions and cipher suites: defaults, and what the options that choose them mean."""

from __future__ import annotations

import re
import ssl
from typing import Any, NamedTuple

from ..errors import ArgumentValueError, invalid_type, invalid_value, unavailable

__all__ = ["CLIENT_RENEG_LIMIT", "CLIENT_RENEG_WINDOW", "CipherInfo", "DEFAULT_CIPHERS", "DEFAULT_ECDH_CURVE",
           "DEFAULT_MAX_VERSION", "DEFAULT_MIN_VERSION", "get_ciphers", "split_ciphers", "standard_name", "version_range"]

DEFAULT_MIN_VERSION = "TLSv1.2"
DEFAULT_MAX_VERSION = "TLSv1.3"
DEFAULT_ECDH_CURVE = "auto"
CLIENT_RENEG_LIMIT = 3          # Node's; here renegotiation is refused
CLIENT_RENEG_WINDOW = 600       # seconds

TLS_1_3_SUITES = ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256")
# Mozilla's "intermediate" recommendation without finite-field DHE: forward secrecy and authenticated encryption only.
DEFAULT_CIPHERS = ":".join([
    *TLS_1_3_SUITES, "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"])

_VERSIONS = {"TLSv1": ssl.TLSVersion.TLSv1, "TLSv1.1": ssl.TLSVersion.TLSv1_1, "TLSv1.2": ssl.TLSVersion.TLSv1_2,
             "TLSv1.3": ssl.TLSVersion.TLSv1_3}
_ANY = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_3)
_PROTOCOLS = {"TLS": _ANY, "SSLv23": _ANY}
_PROTOCOLS |= {name: (_VERSIONS[version], _VERSIONS[version])
               for name, version in (("TLSv1", "TLSv1"), ("TLSv1_1", "TLSv1.1"), ("TLSv1_2", "TLSv1.2"))}


# How OpenSSL's names of suites begin, and what the RFCs say for it.
_EXCHANGES = {name: name for name in ("ECDHE", "DHE", "RSA", "ECDSA", "PSK", "DSS")}
_EXCHANGES |= {"ADH": "DH_anon", "AECDH": "ECDH_anon", "SRP": "SRP_SHA"}


class CipherInfo(NamedTuple):
    """A cipher suite: OpenSSL's name, that of the RFCs, and the version of TLS that it came with."""

    name: str
    standard_name: str
    version: str


def version_range(min_version: str | None, max_version: str | None,
                  secure_protocol: str | None) -> tuple[ssl.TLSVersion, ssl.TLSVersion]:
    """The oldest and the newest version.

    Raises ArgumentValueError: ERR_TLS_INVALID_PROTOCOL_VERSION, ERR_TLS_INVALID_PROTOCOL_METHOD,
    ERR_TLS_PROTOCOL_VERSION_CONFLICT.
    """
    if secure_protocol is not None:
        if min_version is not None or max_version is not None:
            raise ArgumentValueError("secure_protocol conflicts with min_version and max_version",
                                     "ERR_TLS_PROTOCOL_VERSION_CONFLICT")
        method = str(secure_protocol).removesuffix("_method").removesuffix("_server").removesuffix("_client")
        if method not in _PROTOCOLS:
            raise ArgumentValueError(f"unknown secure_protocol: {secure_protocol!r}", "ERR_TLS_INVALID_PROTOCOL_METHOD")
        return _PROTOCOLS[method]
    oldest = _version("min_version", min_version or DEFAULT_MIN_VERSION)
    newest = _version("max_version", max_version or DEFAULT_MAX_VERSION)
    if oldest > newest:
        raise invalid_value("max_version", f"min_version ({min_version or DEFAULT_MIN_VERSION}) or later", max_version)
    return oldest, newest


def _version(name: str, value: Any) -> ssl.TLSVersion:
    if not isinstance(value, str) or value not in _VERSIONS:
        raise ArgumentValueError(f"{name} must be one of {', '.join(_VERSIONS)}; got {value!r}",
                                 "ERR_TLS_INVALID_PROTOCOL_VERSION")
    return _VERSIONS[value]


def split_ciphers(ciphers: Any) -> tuple[bool, str]:
    """Whether the list has the suites of TLS 1.3, and the others in OpenSSL's format.

    `ssl` gives no choice among those of TLS 1.3: all, or none by way of the version.
    """
    if not isinstance(ciphers, str):
        raise invalid_type("ciphers", "a str in OpenSSL's format", ciphers)
    parts = [part for part in ciphers.replace(",", ":").replace(" ", ":").split(":") if part]
    modern = {part for part in parts if part.startswith("TLS_")}
    if modern and modern != set(TLS_1_3_SUITES):
        raise unavailable("ciphers", "Python's ssl offers no choice among the suites of TLS 1.3: name all of "
                          f"{', '.join(TLS_1_3_SUITES)}, or none to do without TLS 1.3")
    return bool(modern), ":".join(part for part in parts if part not in modern)


def get_ciphers() -> list[str]:
    """The names of all suites that OpenSSL has, in lower case.

    Source: https://nodejs.org/api/tls.html#tlsgetciphers
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    return sorted({cipher["name"].lower() for cipher in context.get_ciphers()})


def standard_name(name: str) -> str:
    """What the RFCs call a suite: ``TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`` for ``ECDHE-RSA-AES128-GCM-SHA256``."""
    if name.startswith("TLS_"):
        return name
    parts = name.split("-")
    exchange = []
    while parts and parts[0] in _EXCHANGES:
        exchange.append(_EXCHANGES[parts.pop(0)])
    if exchange in ([], ["ECDHE"]):
        exchange.append("RSA")
    cipher = re.sub(r"(AES|ARIA|CAMELLIA)(?=\d)", r"\1_", "_".join(parts))
    cipher = cipher.replace("DES_CBC3", "3DES_EDE_CBC").replace("CCM8", "CCM_8")
    if cipher.startswith("CHACHA20"):
        cipher += "_SHA256"
    elif cipher.startswith(("AES", "ARIA", "CAMELLIA")) and not re.search("GCM|CCM|CBC", cipher):
        cipher = cipher.replace("_SHA", "_CBC_SHA")
    if exchange == ["DHE", "PSK"] and cipher.endswith("CCM_8"):
        exchange.reverse()          # so in RFC 6655, and nowhere else
    return f"TLS_{'_'.join(exchange)}_WITH_{cipher}"
