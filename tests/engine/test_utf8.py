from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop._engine.utf8 import validate

COMPLETE, INVALID = 0, 48
TEXTS = st.text().map(str.encode)


def python_says(data: bytes) -> str:
    """Whether bytes are a text, the beginning of one, or neither, by Python's own decoder."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return "beginning" if error.reason == "unexpected end of data" else "neither"
    return "text"


def we_say(data: bytes, state: int = COMPLETE) -> str:
    state = validate(state, data, 0, len(data))
    return "text" if state == COMPLETE else "neither" if state == INVALID else "beginning"


@given(st.one_of(st.binary(max_size=80), TEXTS, TEXTS.map(lambda text: text[:-1]), st.binary().map(lambda b: b"x" * 70 + b)))
def test_it_agrees_with_pythons_decoder(data):
    assert we_say(data) == python_says(data)


def test_every_sequence_of_two_bytes():
    for first in range(0x80, 0x100):
        for second in range(0x100):
            data = bytes([first, second])
            assert we_say(data) == python_says(data), data


def test_every_first_and_second_byte_of_three_and_four():
    for first in range(0xE0, 0x100):
        for second in range(0x70, 0xD0):
            for rest in (b"\x80\xbf", b"\xbf", b"\x80\x80\x80", b"\x41", b"\x80\xc0"):
                data = bytes([first, second]) + rest
                assert we_say(data) == python_says(data), data


@given(st.one_of(st.binary(max_size=60), TEXTS), st.integers(0, 60))
def test_the_state_goes_on_at_any_cut(data, cut):
    cut = min(cut, len(data))
    state = validate(COMPLETE, data, 0, cut)
    assert validate(state, data, cut, len(data)) == validate(COMPLETE, data, 0, len(data))


@pytest.mark.parametrize("place", range(70))
def test_one_wrong_byte_is_found_wherever_it_is(place):
    data = bytearray(b"a" * 70)
    data[place] = 0xFF
    assert we_say(bytes(data)) == "neither"
    assert we_say(bytes(data[:place])) == "text"


def test_a_text_of_many_scripts_that_is_longer_than_a_block():
    data = ("Grüße, мир, 你好, 🎉, " * 50).encode()
    assert we_say(data) == "text"
    assert [we_say(data[:size]) for size in range(len(data))] == [python_says(data[:size]) for size in range(len(data))]


def test_invalid_stays_invalid():
    assert we_say(b"a" * 100, INVALID) == "neither"
    assert we_say(b"", INVALID) == "neither"


def test_a_slice_is_validated_and_nothing_else():
    assert validate(COMPLETE, b"\xffab\xff", 1, 3) == COMPLETE


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (2, 1), (0, 5)])
def test_what_is_no_slice_is_refused(start, stop):
    with pytest.raises(IndexError, match="4 bytes"):
        validate(COMPLETE, b"abcd", start, stop)


@pytest.mark.parametrize("state", [-6, 1, 54])
def test_what_is_no_state_is_refused(state):
    with pytest.raises(ValueError, match="no state"):
        validate(state, b"", 0, 0)
