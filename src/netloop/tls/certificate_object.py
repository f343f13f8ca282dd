"""A certificate as a dict, in the shape that `get_peer_certificate` has in Node, with the names of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import der

if TYPE_CHECKING:
    from .x509 import X509Certificate

__all__ = ["certificate_object"]

_RSA, _EC = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"
_CURVES = {         # object identifier -> OpenSSL's name, NIST's name, bits
    "1.2.840.10045.3.1.7": ("prime256v1", "P-256", 256),
    "1.3.132.0.34": ("secp384r1", "P-384", 384),
    "1.3.132.0.35": ("secp521r1", "P-521", 521),
    "1.3.132.0.10": ("secp256k1", None, 256),
    "1.3.132.0.33": ("secp224r1", "P-224", 224),
    "1.3.36.3.3.2.8.1.1.7": ("brainpoolP256r1", None, 256),
    "1.3.36.3.3.2.8.1.1.11": ("brainpoolP384r1", None, 384),
    "1.3.36.3.3.2.8.1.1.13": ("brainpoolP512r1", None, 512),
}


def certificate_object(certificate: X509Certificate, detailed: bool = False) -> dict[str, Any]:
    """The dict; with `detailed`, ``issuer_certificate`` goes up the chain, and a self-signed one is its own issuer."""
    found: dict[str, Any] = {"subject": certificate.subject, "issuer": certificate.issuer}
    if certificate.subject_alt_name is not None:
        found["subjectaltname"] = certificate.subject_alt_name
    if certificate.info_access is not None:
        found["info_access"] = certificate.info_access
    found["ca"] = certificate.ca
    found |= _public_key(certificate.public_key)
    for name in ("valid_from", "valid_to", "fingerprint", "fingerprint256", "fingerprint512"):
        found[name] = getattr(certificate, name)
    if certificate.key_usage is not None:
        found["ext_key_usage"] = certificate.key_usage
    found["serial_number"] = certificate.serial_number
    found["raw"] = certificate.raw
    if detailed:
        if certificate.issuer_certificate is not None:
            found["issuer_certificate"] = certificate_object(certificate.issuer_certificate, True)
        elif certificate.issuer == certificate.subject:
            found["issuer_certificate"] = found
    return found


def _public_key(info: bytes) -> dict[str, Any]:
    """What is told of a SubjectPublicKeyInfo: of RSA modulus and exponent, of elliptic curves which one."""
    algorithm, bits = der.children(der.read(info).content)
    kind, *parameters = der.children(algorithm.content)
    oid = der.as_oid(kind.content)
    if oid == _RSA:
        modulus, exponent = map(der.as_int, der.children(der.read(bits.content[1:]).content))
        return {"modulus": f"{modulus:X}", "bits": modulus.bit_length(), "exponent": hex(exponent), "pubkey": info}
    if oid == _EC and parameters and parameters[0].tag == der.OID:
        asn1_curve, nist_curve, size = _CURVES.get(der.as_oid(parameters[0].content), (None, None, None))
        found = {"bits": size, "pubkey": bits.content[1:], "asn1_curve": asn1_curve, "nist_curve": nist_curve}
        return {name: value for name, value in found.items() if value is not None}
    return {"pubkey": info}
