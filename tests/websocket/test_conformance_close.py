"""Conformance: the closing handshake, its codes and its reasons (RFC 6455 sections 5.5.1 and 7).

The cases are those of the Autobahn test suite, section 7, for both roles.
"""

from __future__ import annotations

import pytest

FIN, CONTINUATION, TEXT, CLOSE, PING = 0x80, 0x00, 0x01, 0x08, 0x09
GOODBYE = (FIN | CLOSE, b"\x03\xe8")
HELLO = (FIN | TEXT, b"Hello World!")
NORMAL, PROTOCOL_ERROR, NO_CODE, INVALID = 1000, 1002, 1005, 1007

GOOD_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
BAD_CODES = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 32768, 65535]


def close(code: int, reason: bytes = b"") -> tuple[int, bytes]:
    return FIN | CLOSE, code.to_bytes(2, "big") + reason


def test_a_close_frame_is_answered_by_one(converse):
    assert converse(HELLO, GOODBYE) == [HELLO, NORMAL]


@pytest.mark.parametrize("late", [GOODBYE, (FIN | PING, b""), HELLO, (FIN | TEXT, b"\xff"), (0xFF, b""), (TEXT, b"x" * 7000)])
def test_nothing_counts_after_a_close_frame(converse, late):
    assert converse(GOODBYE, late) == [NORMAL]


def test_a_close_frame_between_fragments_ends_the_connection(converse):
    assert converse((TEXT, b"fragment1"), GOODBYE, (FIN | CONTINUATION, b"fragment2")) == [NORMAL]


def test_a_message_before_a_close_frame_comes_back_before_it(converse):
    large = (FIN | TEXT, b"BAsd7&jh23" * 26_215)
    assert converse(large, GOODBYE, (FIN | PING, b"")) == [large, NORMAL]


def test_a_close_frame_without_a_code_is_answered_by_one_without_a_code(converse):
    assert converse((FIN | CLOSE, b"")) == [NO_CODE]


def test_half_a_code_fails(converse):
    assert converse((FIN | CLOSE, b"a")) == [PROTOCOL_ERROR]


@pytest.mark.parametrize("reason", [b"", b"Hello World!", b"*" * 123, "é".encode() * 61])
def test_a_reason_has_at_most_123_bytes(converse, reason):
    assert converse(close(1000, reason)) == [NORMAL]


def test_a_reason_of_124_bytes_fails(converse):
    assert converse(close(1000, b"*" * 124)) == [PROTOCOL_ERROR]


@pytest.mark.parametrize("reason", [b"\xce\xba\xe1\xbd\xb9\xed\xa0\x80", b"\xff", b"\xc3"])
def test_a_reason_that_is_no_text_fails(converse, reason):
    assert converse(close(1000, reason)) == [INVALID]


@pytest.mark.parametrize("code", GOOD_CODES)
@pytest.mark.parametrize("reason", [b"", b"reason"])
def test_a_code_that_may_travel_comes_back(converse, code, reason):
    assert converse(close(code, reason)) == [code]


@pytest.mark.parametrize("code", BAD_CODES)
@pytest.mark.parametrize("reason", [b"", b"reason"])
def test_a_code_that_may_not_travel_fails(converse, code, reason):
    assert converse(close(code, reason)) == [PROTOCOL_ERROR]
