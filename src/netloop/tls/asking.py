"""What can be asked of a connection: the answers of `ssl`, as Node gives them."""

from __future__ import annotations

import ssl
from typing import Any

from ..errors import unavailable
from .secure_context import SecureContext
from .versions import CipherInfo, standard_name
from .x509 import X509Certificate

__all__ = ["cipher_info", "finished", "own_certificate", "peer_certificate"]

_DER = 2        # of _ssl.Certificate.public_bytes()


def cipher_info(tls: ssl.SSLObject) -> CipherInfo | None:
    found = tls.cipher()
    return None if found is None else CipherInfo(found[0], standard_name(found[0]), found[1])


def peer_certificate(tls: ssl.SSLObject) -> X509Certificate | None:
    """The peer's certificate, with those above it."""
    own = tls.getpeercert(binary_form=True)
    if own is None:
        return None
    certificate = None
    for issuer in reversed(_chain(tls)[1:]):
        certificate = X509Certificate(issuer, certificate)
    return X509Certificate(own, certificate)


def _chain(tls: Any) -> list[bytes]:
    """As DER: up to the authority that we trust, if it was verified, or else what the peer sent.

    It is public from Python 3.13 on; before, where it is at all, one has to know where.
    """
    for question in ("get_verified_chain", "get_unverified_chain"):
        if hasattr(tls, question):
            found = list(getattr(tls, question)() or ())
        else:
            ask: Any = getattr(getattr(tls, "_sslobj", None), question, tuple)
            found = [certificate.public_bytes(_DER) for certificate in ask() or ()]
        if found:
            return found
    return []       # a resumed session of TLS 1.2 has none


def own_certificate(context: SecureContext) -> X509Certificate | None:
    found = context.own_certificate()
    return None if found is None else X509Certificate(found)


def finished(tls: ssl.SSLObject, ours: bool) -> bytes | None:
    """A Finished message, as far as the channel binding tls-unique is that message (RFC 5929, section 3).

    It is the first of the handshake: the client's, or the server's when a session was resumed.
    """
    if tls.version() == "TLSv1.3":
        raise unavailable("the Finished message", "Python's ssl does not give that of TLS 1.3")
    is_first = ours is (tls.server_side is bool(tls.session_reused))
    if not is_first:
        raise unavailable("this Finished message", "Python's ssl gives only the first of a handshake")
    return tls.get_channel_binding("tls-unique")
