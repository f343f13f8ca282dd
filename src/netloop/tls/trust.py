"""Whom to trust: the certificates of authorities, the system's by default."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from functools import cache

from ..errors import invalid_type, invalid_value
from .material import pem, pem_certificates

__all__ = ["default_authorities", "get_ca_certificates", "load_default_trust", "set_default_ca_certificates",
           "system_certificates"]

_default: tuple[str, ...] | None = None         # what was set instead of the system's


@cache
def system_certificates() -> tuple[str, ...]:
    """The certificates that the system trusts, as PEM."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    return tuple(ssl.DER_cert_to_PEM_cert(each) for each in context.get_ca_certs(binary_form=True))


def get_ca_certificates(type: str = "default") -> list[str]:
    """Certificates of authorities, as PEM.

    `type` is ``"default"``: those that are used where no `ca` is given; ``"system"``; ``"bundled"``, which are the system's
    because netloop ships none; or ``"extra"``, which is empty.

    Source: https://nodejs.org/api/tls.html#tlsgetcacertificatestype
    """
    if type == "default":
        return list(system_certificates() if _default is None else _default)
    if type in ("system", "bundled"):
        return list(system_certificates())
    if type == "extra":
        return []
    raise invalid_value("type", "'default', 'system', 'bundled' or 'extra'", type)


def set_default_ca_certificates(certificates: Iterable[str | bytes]) -> None:
    """Trust these (PEM) from now on where no `ca` is given; contexts that exist keep what they have.

    Source: https://nodejs.org/api/tls.html#tlssetdefaultcacertificatescerts
    """
    global _default
    if isinstance(certificates, str | bytes) or not isinstance(certificates, Iterable):
        raise invalid_type("certificates", "a list of PEM", certificates)
    found = [each for given in certificates for each in pem_certificates(pem("certificates", given))]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for each in found:
        context.load_verify_locations(cadata=each)      # raises ssl.SSLError when it is none
    _default = tuple(dict.fromkeys(found))


def default_authorities() -> tuple[str, ...] | None:
    """What `set_default_ca_certificates` has set; None: the system's."""
    return _default


def load_default_trust(context: ssl.SSLContext) -> None:
    """Let a context trust whom it should where no `ca` is given."""
    if _default is None:
        context.load_default_certs()
    elif _default:
        context.load_verify_locations(cadata="\n".join(_default))
