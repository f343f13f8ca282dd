"""Conformance: UTF-8 (RFC 6455 section 8.1, RFC 3629).

The cases are those of the Autobahn test suite, section 6, for both roles: every text that is valid comes back, every other
one fails with 1007, and at the first byte that makes it invalid.
"""

from __future__ import annotations

import pytest

FIN, CONTINUATION, TEXT, BINARY, CLOSE = 0x80, 0x00, 0x01, 0x02, 0x08
GOODBYE = (FIN | CLOSE, b"\x03\xe8")
NORMAL, INVALID = 1000, 1007

KOSME = "κόσμε".encode()
# The first and the last character of each length, those around the surrogates, and the largest of all.
BORDERS = [0x00, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000, 0x10FFFF]
NONCHARACTERS = [plane << 16 | low for plane in range(17) for low in (0xFFFE, 0xFFFF)] + [0xFDD0, 0xFDEF]

VALID = [b"", b"Hello-\xc2\xb5@\xc3\x9f\xc3\xb6\xc3\xa4\xc3\xbc\xc3\xa0\xc3\xa1-UTF-8!!", KOSME, "🎉".encode(),
         *(chr(code).encode() for code in dict.fromkeys(BORDERS + NONCHARACTERS))]

# What is invalid, and how many of its bytes it takes to know.
INVALID_AFTER = [
    *((bytes([byte]), 1) for byte in range(0x80, 0xC2)),            # a continuation byte alone, and C0, C1: overlong
    *((bytes([byte]), 1) for byte in range(0xF5, 0x100)),           # beyond U+10FFFF
    *((bytes([byte, 0x20]), 2) for byte in range(0xC2, 0xF5)),      # no continuation byte
    (b"\xe0\x80\x80", 2), (b"\xe0\x9f\xbf", 2), (b"\xf0\x80\x80\x80", 2), (b"\xf0\x8f\xbf\xbf", 2),     # overlong
    (b"\xed\xa0\x80", 2), (b"\xed\xaf\xbf", 2), (b"\xed\xb0\x80", 2), (b"\xed\xbf\xbf", 2),             # surrogates
    (b"\xed\xa0\x80\xed\xb0\x80", 2), (b"\xf4\x90\x80\x80", 2),                                         # U+110000
    (b"\xe2\x82\x20", 3), (b"\xf0\x9f\x8e\x20", 4), (b"\xf8\x88\x80\x80\x80", 1), (b"\xfe\xfe\xff\xff", 1)]
UNFINISHED = [b"\xc2", b"\xe1", b"\xe1\x80", b"\xf1", b"\xf1\x80", b"\xf1\x80\x80", KOSME[:-1]]


def name(text: bytes) -> str:
    return text.hex() or "nothing"


@pytest.mark.parametrize("text", VALID, ids=name)
def test_valid_text_comes_back_whole_and_cut_at_every_byte(converse, text):
    assert converse((FIN | TEXT, text), GOODBYE) == [(FIN | TEXT, text), NORMAL]
    fragments = [(CONTINUATION, text[at:at + 1]) for at in range(len(text))]
    assert converse((TEXT, b""), *fragments, (FIN | CONTINUATION, b""), GOODBYE) == [(FIN | TEXT, text), NORMAL]


@pytest.mark.parametrize(("text", "after"), INVALID_AFTER, ids=[name(text) for text, _ in INVALID_AFTER])
def test_invalid_text_fails_at_the_first_byte_that_is_wrong(converse, text, after):
    assert converse((FIN | TEXT, text)) == [INVALID]
    assert converse((FIN | TEXT, KOSME + text + b"edited"), GOODBYE) == [INVALID]
    assert converse.bytes_until_failure(FIN | TEXT, KOSME + text + b"edited") == len(KOSME) + after
    assert converse.bytes_until_failure(TEXT, KOSME + text + b"edited") == len(KOSME) + after


@pytest.mark.parametrize("text", UNFINISHED, ids=name)
def test_a_character_that_is_cut_at_the_end_fails_there(converse, text):
    assert converse((FIN | TEXT, text)) == [INVALID]
    assert converse.bytes_until_failure(FIN | TEXT, text) == len(text)
    assert converse.bytes_until_failure(TEXT, text) == -1          # more may follow
    assert converse((TEXT, text), (FIN | CONTINUATION, b"")) == [INVALID]


def test_invalid_text_fails_in_the_fragment_where_it_is_wrong(converse):
    assert converse((TEXT, KOSME), (CONTINUATION, b"\xf4\x90"), (FIN | CONTINUATION, b"\x80\x80")) == [INVALID]
    assert converse((TEXT, KOSME), (CONTINUATION, b"\xf4"), (CONTINUATION, b"\x90")) == [INVALID]


def test_invalid_text_in_a_large_frame_fails_before_the_frame_is_complete(converse):
    text = b"x" * 70_000 + b"\xff" + b"x" * 70_000
    assert converse.bytes_until_failure(FIN | TEXT, text) == 70_001


@pytest.mark.parametrize("data", [b"\xff", b"\xc2", b"\xed\xa0\x80"], ids=name)
def test_binary_may_be_anything(converse, data):
    assert converse((FIN | BINARY, data), GOODBYE) == [(FIN | BINARY, data), NORMAL]
