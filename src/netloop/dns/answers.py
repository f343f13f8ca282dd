"""From c-ares' answers to ours: which records of an answer a question is about, and what they become."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from .records import (
    AaaaRecord,
    AnyRecord,
    ARecord,
    CaaRecord,
    CnameRecord,
    MxRecord,
    NaptrRecord,
    NsRecord,
    PtrRecord,
    SoaRecord,
    SrvRecord,
    TlsaRecord,
    TxtRecord,
)

if TYPE_CHECKING:
    import pycares

__all__ = ["Kind", "KINDS", "read_answer", "read_names"]

Read = Callable[[Any, int], AnyRecord]      # of a record's data and its TTL


class Kind(NamedTuple):
    """A type of records, as one asks for it."""

    number: int             # IANA, "Domain Name System parameters"
    syscall: str            # what errors and diagnostics call the question, as in Node


KINDS = {
    "A": Kind(1, "queryA"), "NS": Kind(2, "queryNs"), "CNAME": Kind(5, "queryCname"), "SOA": Kind(6, "querySoa"),
    "PTR": Kind(12, "queryPtr"), "MX": Kind(15, "queryMx"), "TXT": Kind(16, "queryTxt"), "AAAA": Kind(28, "queryAaaa"),
    "SRV": Kind(33, "querySrv"), "NAPTR": Kind(35, "queryNaptr"), "TLSA": Kind(52, "queryTlsa"),
    "ANY": Kind(255, "queryAny"), "CAA": Kind(257, "queryCaa"),
}

_READERS: dict[str, Read] = {
    "A": lambda data, ttl: ARecord(data.addr, ttl),
    "AAAA": lambda data, ttl: AaaaRecord(data.addr, ttl),
    "CAA": lambda data, ttl: CaaRecord(data.critical, _text(data.tag), _text(data.value)),
    "CNAME": lambda data, ttl: CnameRecord(_text(data.cname)),
    "MX": lambda data, ttl: MxRecord(data.priority, _text(data.exchange)),
    "NAPTR": lambda data, ttl: NaptrRecord(_text(data.flags), _text(data.service), _text(data.regexp),
                                           _text(data.replacement), data.order, data.preference),
    "NS": lambda data, ttl: NsRecord(_text(data.nsdname)),
    "PTR": lambda data, ttl: PtrRecord(_text(data.dname)),
    "SOA": lambda data, ttl: SoaRecord(_text(data.mname), _text(data.rname), data.serial, data.refresh, data.retry,
                                       data.expire, data.minimum),
    "SRV": lambda data, ttl: SrvRecord(data.priority, data.weight, data.port, _text(data.target)),
    "TLSA": lambda data, ttl: TlsaRecord(data.cert_usage, data.selector, data.matching_type, data.cert_association_data),
    "TXT": lambda data, ttl: TxtRecord([_text(data.data)]),
}
_READER_OF_NUMBER = {KINDS[name].number: reader for name, reader in _READERS.items()}


def _text(value: str | bytes) -> str:
    """Text that a peer chose: UTF-8, which most of it is, or else Latin-1, which everything can be (as in Node)."""
    if isinstance(value, str):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def read_answer(kind: Kind, answer: pycares.DNSResult) -> list[Any]:
    """The records that were asked for; an answer may hold others too, such as the CNAMEs on the way to an address."""
    wanted = _READER_OF_NUMBER if kind is KINDS["ANY"] else (kind.number,)
    return [_READER_OF_NUMBER[record.type](record.data, record.ttl) for record in answer.answer
            if record.type in wanted]


def read_names(host: pycares.HostResult) -> list[str]:
    """The names of an address.  c-ares has all of a DNS answer among the aliases, but the first of a hosts file not."""
    names = [*host.aliases] if host.name in host.aliases else [host.name, *host.aliases]
    return [_text(name) for name in names]
