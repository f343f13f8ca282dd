"""What name servers know, as named tuples.  Each has the `type` of its record; times are seconds, as in DNS."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

__all__ = ["ARecord", "AaaaRecord", "AnyRecord", "CaaRecord", "CnameRecord", "MxRecord", "NaptrRecord", "NsRecord",
           "PtrRecord", "SoaRecord", "SrvRecord", "TlsaRecord", "TxtRecord"]


class ARecord(NamedTuple):
    """An IPv4 address, and how long it may be used (RFC 1035)."""

    address: str
    ttl: int

    @property
    def type(self) -> str:
        return "A"


class AaaaRecord(NamedTuple):
    """An IPv6 address, and how long it may be used (RFC 3596)."""

    address: str
    ttl: int

    @property
    def type(self) -> str:
        return "AAAA"


class CaaRecord(NamedTuple):
    """Which certification authority may issue for the name (RFC 8659)."""

    critical: int       # 128: whoever does not know the tag must not issue; 0
    tag: str            # "issue", "issuewild", "iodef", ...
    value: str

    @property
    def type(self) -> str:
        return "CAA"

    def _value_of(self, tag: str) -> str | None:
        return self.value if self.tag == tag else None

    @property
    def issue(self) -> str | None:
        """The value if that is the tag, or None; so do the others."""
        return self._value_of("issue")

    @property
    def issuewild(self) -> str | None:
        return self._value_of("issuewild")

    @property
    def iodef(self) -> str | None:
        return self._value_of("iodef")

    @property
    def contactemail(self) -> str | None:
        return self._value_of("contactemail")

    @property
    def contactphone(self) -> str | None:
        return self._value_of("contactphone")


class CnameRecord(NamedTuple):
    """The name that this one stands for (RFC 1035)."""

    value: str

    @property
    def type(self) -> str:
        return "CNAME"


class MxRecord(NamedTuple):
    """A mail exchanger: the smallest priority first (RFC 5321)."""

    priority: int
    exchange: str

    @property
    def type(self) -> str:
        return "MX"


class NaptrRecord(NamedTuple):
    """A rule that rewrites a name (RFC 3403)."""

    flags: str
    service: str
    regexp: str
    replacement: str
    order: int
    preference: int

    @property
    def type(self) -> str:
        return "NAPTR"


class NsRecord(NamedTuple):
    """A name server of the zone (RFC 1035)."""

    value: str

    @property
    def type(self) -> str:
        return "NS"


class PtrRecord(NamedTuple):
    """A pointer, most often from an address to its name (RFC 1035)."""

    value: str

    @property
    def type(self) -> str:
        return "PTR"


class SoaRecord(NamedTuple):
    """The start of the zone's authority (RFC 1035)."""

    nsname: str
    hostmaster: str     # a mail address whose @ is a dot
    serial: int
    refresh: int
    retry: int
    expire: int
    minttl: int         # for how long one may remember that a name does not exist (RFC 2308)

    @property
    def type(self) -> str:
        return "SOA"


class SrvRecord(NamedTuple):
    """Where a service is: the smallest priority first, equals by weight (RFC 2782)."""

    priority: int
    weight: int
    port: int
    name: str

    @property
    def type(self) -> str:
        return "SRV"


class TlsaRecord(NamedTuple):
    """Which certificate the service must show (RFC 6698)."""

    cert_usage: int
    selector: int
    match: int
    data: bytes

    @property
    def type(self) -> str:
        return "TLSA"


class TxtRecord(NamedTuple):
    """Text (RFC 1035)."""

    entries: list[str]

    @property
    def type(self) -> str:
        return "TXT"


AnyRecord: TypeAlias = (ARecord | AaaaRecord | CaaRecord | CnameRecord | MxRecord | NaptrRecord | NsRecord | PtrRecord
                        | SoaRecord | SrvRecord | TlsaRecord | TxtRecord)
