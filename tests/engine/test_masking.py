from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop._engine.masking import mask, unmasked_text

KEYS = st.integers(0, 2 ** 32 - 1)


def masked_slowly(data: bytes, key: int, offset: int) -> bytes:
    key_bytes = key.to_bytes(4, "little")
    return bytes(byte ^ key_bytes[(at + offset) % 4] for at, byte in enumerate(data))


@given(st.binary(max_size=200), KEYS, st.integers(0, 7))
def test_each_byte_is_xored_with_the_keys_in_turn(data, key, offset):
    assert mask(data, 0, len(data), key, offset) == masked_slowly(data, key, offset)


@given(st.binary(max_size=100), KEYS, st.data())
def test_a_slice_is_masked_and_nothing_else(data, key, draw):
    start = draw.draw(st.integers(0, len(data)))
    stop = draw.draw(st.integers(start, len(data)))
    before = bytes(bytearray(data))
    assert mask(data, start, stop, key) == masked_slowly(data[start:stop], key, 0)
    assert data == before


@given(st.binary(max_size=100), KEYS, st.integers(0, 3))
def test_masking_twice_is_nothing(data, key, offset):
    assert mask(mask(data, 0, len(data), key, offset), 0, len(data), key, offset) == data


@given(st.binary(max_size=100), KEYS, st.integers(0, 100))
def test_pieces_are_masked_as_the_whole_when_the_offset_goes_on(data, key, cut):
    cut = min(cut, len(data))
    pieces = mask(data, 0, cut, key) + mask(data, cut, len(data), key, cut)
    assert pieces == mask(data, 0, len(data), key)


def test_the_example_of_the_rfc():
    """RFC 6455 section 5.7: a single-frame masked text message."""
    frame = bytes.fromhex("8185 37fa213d 7f9f4d5158")
    assert mask(frame, 6, 11, int.from_bytes(frame[2:6], "little")) == b"Hello"


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (2, 1), (0, 5), (5, 5)])
def test_what_is_no_slice_is_refused(start, stop):
    with pytest.raises(IndexError, match="4 bytes"):
        mask(b"abcd", start, stop, 0)


@pytest.mark.parametrize("data", [None, bytearray(b"abcd"), "abcd"])
def test_only_bytes_are_masked(data):
    with pytest.raises(TypeError):
        mask(data, 0, 0, 0)


@given(st.text(max_size=100), KEYS, st.binary(max_size=5))
def test_text_is_unmasked_into_a_str(text, key, before):
    masked = mask(text.encode(), 0, len(text.encode()), key)
    assert unmasked_text(before + masked + b"behind", len(before), len(before) + len(masked), key) == text


@given(st.binary(max_size=100), KEYS)
def test_what_is_unmasked_to_no_utf8_gives_none(data, key):
    try:
        expected = data.decode()
    except UnicodeDecodeError:
        expected = None
    assert unmasked_text(mask(data, 0, len(data), key), 0, len(data), key) == expected


def test_text_outside_the_data_is_refused():
    with pytest.raises(IndexError):
        unmasked_text(b"four", 0, 5, 0)
