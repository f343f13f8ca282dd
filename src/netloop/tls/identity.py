"""check_server_identity: is the certificate that of the host we meant?  (RFC 9525, with Node's older rule for CN.)"""

from __future__ import annotations

import ipaddress
import ssl
from typing import Any

from ..errors import invalid_type
from .errors import altname_invalid
from .names import split_alternative_names

__all__ = ["check_server_identity"]


def check_server_identity(hostname: str, certificate: dict[str, Any]) -> ssl.SSLCertVerificationError | None:
    """None when the certificate is that of `hostname`, else the error: ERR_TLS_CERT_ALTNAME_INVALID.

    `certificate` is a dict as `TLSSocket.get_peer_certificate` gives it.  An IP address must be among the certificate's
    addresses; a name must match one of its DNS names, or the common name when there is no DNS name at all.  A wildcard
    stands for exactly one label, the leftmost, as a whole.

    The option of this name of `connect` takes a function in its place: call this one from it, then check more.

    Source: https://nodejs.org/api/tls.html#tlscheckserveridentityhostname-cert
    """
    if not isinstance(hostname, str):
        raise invalid_type("hostname", "a str", hostname)
    if not isinstance(certificate, dict):
        raise invalid_type("certificate", "a dict as get_peer_certificate gives it", certificate)
    reason = _mismatch(hostname, certificate)
    return None if reason is None else altname_invalid(reason, hostname, certificate)


def _mismatch(hostname: str, certificate: dict[str, Any]) -> str | None:
    alternatives = certificate.get("subjectaltname")
    try:
        names = list(split_alternative_names(alternatives or ""))
    except ValueError:
        return "the certificate's altnames cannot be read"
    address = _as_ip(hostname)
    if address is not None:
        addresses = [_as_ip(value) for kind, value in names if kind == "IP Address"]
        if address in addresses:
            return None
        return f"IP: {hostname} is not in the cert's list: {', '.join(map(str, addresses))}"
    wanted = _labels(hostname)
    dns_names = [value for kind, value in names if kind == "DNS"]
    if dns_names:
        if any(_matches(wanted, _pattern(name)) for name in dns_names):
            return None
        return f"Host: {hostname.removesuffix('.')}. is not in the cert's altnames: {alternatives}"
    common = (certificate.get("subject") or {}).get("CN")
    if common is None:
        return "Cert does not contain a DNS name"
    commons = [common] if isinstance(common, str) else common
    if any(_matches(wanted, _pattern(name)) for name in commons):
        return None
    return f"Host: {hostname.removesuffix('.')}. is not cert's CN: {','.join(commons)}"


def _as_ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _labels(name: str) -> list[str]:
    """A host's, in lower case and ASCII; the dot at the end of an absolute name is not part of it."""
    name = name.lower().removesuffix(".")
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            pass                    # then it matches nothing, because certificates have ASCII
    return name.split(".")


def _pattern(name: str) -> list[str]:
    """The labels of a certificate's name, which has ASCII (RFC 5280, section 7.2); of another none, which match nothing.

    What is done for a host that somebody wrote would be wrong here: the rules of IDNA make one letter of several that look
    alike (a long s is an s), and who was given a certificate for such a name would be the host that it looks like.
    """
    return name.lower().removesuffix(".").split(".") if name.isascii() else []


def _matches(wanted: list[str], pattern: list[str]) -> bool:
    """Compare labels.  ``*`` may stand for the first, if two more follow: ``*.com`` is nobody's (RFC 9525, section 6.3)."""
    if len(wanted) != len(pattern) or "" in wanted or "" in pattern:
        return False
    if pattern[0] == "*" and len(pattern) > 2:
        return wanted[1:] == pattern[1:]
    return "*" not in "".join(pattern) and wanted == pattern
