"""Keys and certificates into a context of `ssl`, with errors that say what is wrong with which option.

OpenSSL finds that a key is missing, that a passphrase is wrong, and that there is no PEM at all; of all that `ssl` tells
``[SSL] PEM lib``.  So what it refused is looked at here.
"""

from __future__ import annotations

import ssl

from .errors import unusable, with_code
from .material import Key, KeyMaterial, as_file, pem_certificates

__all__ = ["in_pairs", "load_authority", "load_pair"]

_KEY = b"PRIVATE KEY-----"
_ENCRYPTED = b"BEGIN ENCRYPTED PRIVATE KEY-----", b"Proc-Type: 4,ENCRYPTED"     # PKCS#8, and the form before it


def in_pairs(chains: list[bytes], keys: list[Key]) -> list[KeyMaterial]:
    """Each certificate chain with the key that fits it: they need not be in the same order."""
    if len(chains) < 2:
        return [(chain, *key) for chain, key in zip(chains, keys, strict=True)]
    left = list(keys)
    return [(chain, *left.pop(_fitting(chain, left))) for chain in chains]


def _fitting(chain: bytes, keys: list[Key]) -> int:
    """Which of the keys fits; if none does, raises what is wrong with the first."""
    failure = None
    for index, key in enumerate(keys):
        try:
            load_pair(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), (chain, *key))
        except ssl.SSLError as error:
            failure = failure or error
        else:
            return index
    assert failure is not None
    raise failure


def load_pair(context: ssl.SSLContext, material: KeyMaterial) -> None:
    """Load a certificate chain and its key.  Raises ssl.SSLError with its code."""
    chain, key, passphrase = material
    try:
        with as_file(key, chain) as path:
            context.load_cert_chain(path, password=b"" if passphrase is None else passphrase)
    except ssl.SSLError as error:
        if error.reason is None:
            raise _what_is_wrong(material) from None
        raise with_code(error) from None


def _what_is_wrong(material: KeyMaterial) -> ssl.SSLError:
    """With a certificate and a key that OpenSSL cannot read."""
    chain, key, passphrase = material
    certificates = pem_certificates(chain)
    if not certificates:
        return unusable("PEM_NO_START_LINE", "cert holds no certificate in PEM")
    if not all(map(_is_certificate, certificates)):
        return unusable("PEM_ASN1_LIB", "cert is broken: a certificate in it cannot be read")
    secret = chain if key is None else key
    if _KEY not in secret:
        return unusable("PEM_NO_START_LINE", "key is missing: cert holds no private key" if key is None
                        else "key holds no private key in PEM")
    if any(mark in secret for mark in _ENCRYPTED):
        return unusable("BAD_DECRYPT", "passphrase is missing: the key is encrypted" if passphrase is None
                        else "passphrase does not open the key, or the key is broken")
    return unusable("PEM_ASN1_LIB", "key is broken: it cannot be read")


def _is_certificate(pem: str) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)
    except ssl.SSLError:
        return False
    return True


def load_authority(context: ssl.SSLContext, certificate: str | bytes) -> None:
    """Trust a certificate, PEM or DER.  Raises ssl.SSLError with its code."""
    try:
        context.load_verify_locations(cadata=certificate)
    except (ssl.SSLError, ValueError) as error:     # the second for nothing at all
        if isinstance(certificate, str):
            raise unusable("PEM_ASN1_LIB", "ca is broken: a certificate in it cannot be read") from error
        raise unusable("PEM_NO_START_LINE", "ca holds no certificate, neither in PEM nor in DER") from error
