"""X509Certificate: what a certificate says (RFC 5280).  `certificate_object.py` has the dict that Node makes of it."""

from __future__ import annotations

import hashlib
import ssl
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from ..errors import invalid_type, invalid_value
from . import der
from .names import alternative_names, named_values

__all__ = ["X509Certificate"]

_SUBJECT_ALTERNATIVE_NAME, _BASIC_CONSTRAINTS = "2.5.29.17", "2.5.29.19"
_EXTENDED_KEY_USAGE, _AUTHORITY_INFORMATION_ACCESS = "2.5.29.37", "1.3.6.1.5.5.7.1.1"
_EXTENSIONS = 0xA3      # [3], the last field of a certificate
_ACCESS_METHODS = {"1.3.6.1.5.5.7.48.1": "OCSP", "1.3.6.1.5.5.7.48.2": "CA Issuers"}


class X509Certificate:
    """A certificate, from PEM (str or bytes) or DER (bytes).

    Attributes:
        raw: DER.
        subject, issuer: dicts such as ``{"CN": "localhost"}``; a list where a name has several of a kind.
        subject_alt_name: ``"DNS:localhost, IP Address:127.0.0.1"``, or None.
        info_access: ``{"OCSP - URI": [...]}``, or None.
        key_usage: the object identifiers of the extended key usage, or None.
        serial_number: in hex.
        valid_from_date, valid_to_date: aware datetimes; valid_from, valid_to: as OpenSSL writes them.
        ca: whether it may sign others.
        public_key: DER of the SubjectPublicKeyInfo.
        fingerprint, fingerprint256, fingerprint512: SHA-1, SHA-256, SHA-512 of `raw`, as ``"AB:CD:..."``.
        issuer_certificate: that of the issuer: as it was verified, or else as the peer sent it; or None.

    Raises ArgumentTypeError, ArgumentValueError when it is no certificate.
    Source: https://nodejs.org/api/crypto.html#class-x509certificate
    """

    def __init__(self, certificate: bytes | str, issuer_certificate: X509Certificate | None = None) -> None:
        if not isinstance(certificate, bytes | str):
            raise invalid_type("certificate", "PEM or DER", certificate)
        self.issuer_certificate = issuer_certificate
        try:
            self.raw = _as_der(certificate)
            self._read()
        except (ValueError, IndexError, StopIteration) as error:
            raise invalid_value("certificate", "a certificate in PEM or DER", certificate) from error

    def _read(self) -> None:
        fields = der.children(next(der.children(der.read(self.raw).content)).content)
        first = next(fields)
        if first.tag == 0xA0:                               # [0]: the version, left out in version 1
            first = next(fields)
        self.serial_number = first.content.lstrip(b"\0").hex().upper() or "0"
        next(fields)                                        # the algorithm of the signature, again
        self.issuer = named_values(next(fields).content)
        self.valid_from_date, self.valid_to_date = [_as_date(each) for each in der.children(next(fields).content)]
        self.subject = named_values(next(fields).content)
        self.public_key = next(fields).whole
        self._extensions: dict[str, bytes] = {}
        for field in fields:
            if field.tag == _EXTENSIONS:
                for extension in der.children(der.read(field.content).content):
                    parts = list(der.children(extension.content))
                    self._extensions[der.as_oid(parts[0].content)] = parts[-1].content

    # --- extensions ----------------------------------------------------------------------------------------------

    @property
    def subject_alt_name(self) -> str | None:
        found = self._extensions.get(_SUBJECT_ALTERNATIVE_NAME)
        return None if found is None else ", ".join(alternative_names(der.read(found).content))

    @property
    def info_access(self) -> dict[str, list[str]] | None:
        found = self._extensions.get(_AUTHORITY_INFORMATION_ACCESS)
        if found is None:
            return None
        access: dict[str, list[str]] = {}
        for description in der.children(der.read(found).content):
            method, location = der.children(description.content)
            oid = der.as_oid(method.content)
            if location.tag == 0x86:                        # [6]: a URI
                access.setdefault(f"{_ACCESS_METHODS.get(oid, oid)} - URI", []).append(der.as_text(location))
        return access

    @property
    def key_usage(self) -> list[str] | None:
        found = self._extensions.get(_EXTENDED_KEY_USAGE)
        if found is None:
            return None
        return [der.as_oid(each.content) for each in der.children(der.read(found).content)]

    @property
    def ca(self) -> bool:
        found = self._extensions.get(_BASIC_CONSTRAINTS)
        if found is None:
            return False
        return any(each.tag == der.BOOLEAN and each.content != b"\0" for each in der.children(der.read(found).content))

    # --- the rest ------------------------------------------------------------------------------------------------

    @property
    def valid_from(self) -> str:
        return _as_openssl_text(self.valid_from_date)

    @property
    def valid_to(self) -> str:
        return _as_openssl_text(self.valid_to_date)

    @cached_property
    def fingerprint(self) -> str:
        return _with_colons(hashlib.sha1(self.raw, usedforsecurity=False).hexdigest())

    @cached_property
    def fingerprint256(self) -> str:
        return _with_colons(hashlib.sha256(self.raw).hexdigest())

    @cached_property
    def fingerprint512(self) -> str:
        return _with_colons(hashlib.sha512(self.raw).hexdigest())

    def to_legacy_object(self) -> dict[str, Any]:
        """The dict that `TLSSocket.get_peer_certificate` gives."""
        from .certificate_object import certificate_object
        return certificate_object(self)

    def __str__(self) -> str:
        """PEM."""
        return ssl.DER_cert_to_PEM_cert(self.raw)

    def __repr__(self) -> str:
        return f"<X509Certificate of {self.subject.get('CN') or self.subject_alt_name or self.subject}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, X509Certificate) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)


def _as_der(certificate: bytes | str) -> bytes:
    if isinstance(certificate, bytes) and certificate[:1] == b"\x30":
        return der.read(certificate).whole
    text = certificate if isinstance(certificate, str) else certificate.decode("ascii")
    start = text.index("-----BEGIN CERTIFICATE-----")
    end = text.index("-----END CERTIFICATE-----", start) + len("-----END CERTIFICATE-----")
    return ssl.PEM_cert_to_DER_cert(text[start:end])


def _as_date(element: der.Element) -> datetime:
    """UTCTime has two digits of the year: from 50 on it is the last century (RFC 5280, section 4.1.2.5.1)."""
    text = element.content.decode("ascii")
    if element.tag == der.UTC_TIME:
        text = ("19" if text >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _as_openssl_text(date: datetime) -> str:
    """``Nov  1 07:46:08 2026 GMT``, whatever the locale is."""
    month = "JanFebMarAprMayJunJulAugSepOctNovDec"[date.month * 3 - 3:date.month * 3]
    return f"{month} {date.day:2} {date:%H:%M:%S} {date.year} GMT"


def _with_colons(digits: str) -> str:
    return ":".join(digits[at:at + 2] for at in range(0, len(digits), 2)).upper()
