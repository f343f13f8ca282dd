from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop.errors import ArgumentTypeError, ArgumentValueError
from netloop.websocket.close import may_travel, parse_close, serialise_close, shortened

MAY = [*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)]


def test_the_codes_that_may_travel():
    assert [code for code in range(65536) if may_travel(code)] == MAY


@given(st.sampled_from(MAY), st.text(max_size=30))
def test_parse_undoes_serialise(code, reason):
    assert parse_close(serialise_close(code, reason)) == (code, reason)


def test_no_code_is_1005_which_never_travels():
    assert serialise_close() == b""
    assert parse_close(b"") == (1005, "")


def test_a_reason_may_have_123_bytes():
    assert len(serialise_close(1000, "é" * 61 + "a")) == 125
    with pytest.raises(ArgumentValueError, match="at most 123 bytes") as raised:
        serialise_close(1000, "é" * 62)
    assert raised.value.code == "ERR_OUT_OF_RANGE"


def test_a_reason_needs_a_code():
    with pytest.raises(ArgumentValueError, match="code must be given"):
        serialise_close(None, "why")


@pytest.mark.parametrize(("code", "reason"), [("1000", ""), (1000.0, ""), (1000, b"why"), (1000, None)])
def test_wrong_types(code, reason):
    with pytest.raises(ArgumentTypeError):
        serialise_close(code, reason)


def test_a_reason_is_shortened_between_characters():
    assert shortened("a" * 122 + "é") == "a" * 122
    assert shortened("why") == "why"
