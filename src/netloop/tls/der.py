"""DER, as far as certificates need it: a reader of tags, lengths and values (X.690, sections 8 and 10).

It reads certificates that OpenSSL has parsed before; what is wrong all the same raises ValueError.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Element", "read", "children", "as_int", "as_oid", "as_text"]

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID = 0x01, 0x02, 0x03, 0x04, 0x06
UTC_TIME, SEQUENCE, SET = 0x17, 0x30, 0x31
_ENCODINGS = {0x1E: "utf-16-be", 0x1C: "utf-32-be", 0x0C: "utf-8"}     # BMPString, UniversalString, UTF8String


class Element(NamedTuple):
    """A value with its tag; `content` is what is in it, `whole` includes tag and length."""

    tag: int
    content: bytes
    whole: bytes


def read(data: bytes) -> Element:
    """The element that `data` begins with."""
    if len(data) < 2:
        raise ValueError("DER: the data ends too early")
    length, start = data[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    end = start + length
    if end > len(data):
        raise ValueError("DER: the data ends too early")
    return Element(data[0], data[start:end], data[:end])


def children(content: bytes) -> Iterator[Element]:
    """The elements that a constructed one consists of."""
    while content:
        element = read(content)
        yield element
        content = content[len(element.whole):]


def as_int(element: Element) -> int:
    return int.from_bytes(element.content, "big", signed=True)


def as_oid(content: bytes) -> str:
    """``2.5.4.3``"""
    arcs = []
    value = 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))


def as_text(element: Element) -> str:
    """Any of the string types."""
    return element.content.decode(_ENCODINGS.get(element.tag, "latin-1"), "replace")
