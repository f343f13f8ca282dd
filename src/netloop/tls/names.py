"""The names in a certificate: those of subject and issuer, and the alternative ones (RFC 5280, section 4.2.1.6)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TypeAlias

from . import der

__all__ = ["Names", "alternative_names", "named_values", "split_alternative_names"]

Names: TypeAlias = dict[str, str | list[str]]

_ATTRIBUTES = {
    "2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST",
    "2.5.4.9": "street", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title", "2.5.4.42": "GN",
    "2.5.4.13": "description", "2.5.4.41": "name", "2.5.4.43": "initials", "2.5.4.44": "generationQualifier",
    "2.5.4.46": "dnQualifier", "2.5.4.65": "pseudonym",
    "2.5.4.17": "postalCode", "2.5.4.15": "businessCategory", "2.5.4.97": "organizationIdentifier",
    "1.2.840.113549.1.9.1": "emailAddress", "0.9.2342.19200300.100.1.25": "DC", "0.9.2342.19200300.100.1.1": "UID",
    "1.3.6.1.4.1.311.60.2.1.1": "jurisdictionL", "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionST",
    "1.3.6.1.4.1.311.60.2.1.3": "jurisdictionC",
}
_EMAIL, _DNS, _DIRECTORY, _URI, _IP, _REGISTERED = 0x81, 0x82, 0xA4, 0x86, 0x87, 0x88
_NEEDS_QUOTES = re.compile(r"[^\x20-\x7e]|[,\"\\']")
_TEXT_NEEDS_QUOTES = re.compile(r"[\x00-\x1f\x7f]|[,\"\\']")       # where it may be Unicode
_SPECIAL = re.compile(r"[,+\"\\<>;]|^[ #]| $")                     # RFC 2253, section 2.4


def named_values(content: bytes) -> Names:
    """A distinguished name as a dict; a list where it has several values of a kind."""
    values: Names = {}
    for relative in der.children(content):
        for attribute in der.children(relative.content):
            kind, value = der.children(attribute.content)
            oid = der.as_oid(kind.content)
            name, text = _ATTRIBUTES.get(oid, oid), der.as_text(value)
            found = values.get(name)
            if found is None:
                values[name] = text
            elif isinstance(found, list):
                found.append(text)
            else:
                values[name] = [found, text]
    return values


def alternative_names(content: bytes) -> Iterator[str]:
    """``DNS:localhost``, ``IP Address:127.0.0.1``, ...

    A name with a comma could pass for two, so what is not plain is quoted as JSON, as Node does since CVE-2021-44532.
    """
    for name in der.children(content):
        if name.tag == _DNS:
            yield "DNS:" + _quoted(der.as_text(name))
        elif name.tag == _IP:
            yield "IP Address:" + _ip_text(name.content)
        elif name.tag == _EMAIL:
            yield "email:" + _quoted(der.as_text(name))
        elif name.tag == _URI:
            yield "URI:" + _quoted(der.as_text(name))
        elif name.tag == _DIRECTORY:
            yield "DirName:" + _quoted(_directory_name(der.read(name.content).content), _TEXT_NEEDS_QUOTES)
        elif name.tag == _REGISTERED:
            yield "Registered ID:" + der.as_oid(name.content)
        else:
            yield "othername:<unsupported>"


def split_alternative_names(text: str) -> Iterator[tuple[str, str]]:
    """The kinds and values of ``subjectaltname``: the way back from `alternative_names`."""
    decoder = json.JSONDecoder()
    while text:
        kind, _, rest = text.partition(":")
        if rest.startswith('"'):
            value, end = decoder.raw_decode(rest)           # ValueError: not a text that we made
            text = rest[end:].removeprefix(", ")
        else:
            value, _, text = rest.partition(", ")
        yield kind, str(value)


def _directory_name(content: bytes) -> str:
    """``CN=a,O=b``, as RFC 2253 writes it: the most special first."""
    text = ""
    for relative in der.children(content):
        separator = ","
        for attribute in der.children(relative.content):
            kind, value = der.children(attribute.content)
            oid = der.as_oid(kind.content)
            known = _ATTRIBUTES.get(oid)
            shown = f"#{value.whole.hex().upper()}" if known is None else _SPECIAL.sub(r"\\\g<0>", der.as_text(value))
            text = f"{known or oid}={shown}{separator if text else ''}{text}"
            separator = "+"
    return text


def _quoted(text: str, unsafe: re.Pattern[str] = _NEEDS_QUOTES) -> str:
    return f'"{unsafe.sub(_escaped, text)}"' if unsafe.search(text) else text


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    if character in "\"\\":
        return "\\" + character
    return character if character == "'" else f"\\u{ord(character):04x}"


def _ip_text(packed: bytes) -> str:
    """As OpenSSL writes it: without ``::``, in capitals."""
    if len(packed) == 4:
        return ".".join(map(str, packed))
    if len(packed) == 16:
        return ":".join(f"{packed[at] << 8 | packed[at + 1]:X}" for at in range(0, 16, 2))
    return f"<invalid length={len(packed)}>"
