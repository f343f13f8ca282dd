from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop._engine.field_buffer import FieldBuffer, is_value

NAMES = st.from_regex(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}", fullmatch=True)
VALUES = st.text(st.characters(max_codepoint=0x10FF), max_size=300)
ALLOWED = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


@given(st.lists(st.tuples(NAMES, VALUES)), st.binary(max_size=100))
def test_fields_stand_as_they_were_added_and_those_that_may_not_stand_are_left_out(fields, body):
    buffer = FieldBuffer()
    expected = ""
    for name, value in fields:
        added = buffer.add_field(name, value)
        assert added == is_value(value) == (ALLOWED.fullmatch(value) is not None)
        expected += f"{name}: {value}\r\n" if added else ""
    assert buffer.size == len(expected)
    assert buffer.serialise("START\r\n", body) == b"START\r\n" + expected.encode("latin-1") + b"\r\n" + body


@pytest.mark.parametrize("at", range(17))
def test_a_character_is_judged_wherever_it_stands(at):
    for code in range(256):
        value = "y" * at + chr(code) + "\xff" * (16 - at)
        allowed = ALLOWED.fullmatch(value) is not None
        assert FieldBuffer().add_field("X", value) == is_value(value) == allowed, value


@given(st.integers(0, 2 ** 63 - 1))
def test_numbers_are_decimal(number):
    buffer = FieldBuffer()
    buffer.add_number("N", number)
    assert buffer.serialise("") == b"N: %d\r\n\r\n" % number


def test_what_was_cleared_is_as_if_new():
    buffer = FieldBuffer()
    for size in (1, 5000, 3):
        buffer.add_field("X", "y" * size)
        assert buffer.serialise("") == b"X: " + b"y" * size + b"\r\n\r\n"
        buffer.clear()
        assert buffer.size == 0
        assert buffer.serialise("") == b"\r\n"


@given(st.lists(st.text("ab", min_size=1, max_size=200), min_size=1), st.data())
def test_what_was_added_can_be_cut_out(texts, data):
    buffer = FieldBuffer()
    edges = [0]
    for text in texts:
        buffer.add_text(text)
        edges.append(buffer.size)
    cut = data.draw(st.integers(0, len(texts) - 1))
    buffer.cut(edges[cut], edges[cut + 1])
    del texts[cut]
    assert buffer.serialise("") == "".join(texts).encode() + b"\r\n"


FIELDS = st.dictionaries(NAMES, st.text("ab: ", max_size=9), max_size=4)


@given(FIELDS, FIELDS)
def test_fields_are_repeated_if_they_are_those_that_were_marked(before, now):
    buffer = FieldBuffer()
    for name, value in before.items():
        buffer.add_field(name, value)
    buffer.mark()
    whole = buffer.serialise("")
    buffer.add_text("Date: today\r\n")
    longer = buffer.serialise("")
    same = list(before.items()) == list(now.items())
    assert buffer.repeat(now) == same
    assert buffer.serialise("") == (whole if same else longer)


@pytest.mark.parametrize("fields", [
    {"X: a": "b"}, {"X": "a: b\r\nY: c"}, {"X": "a: b", "Y": "c", "Z": "d"}, {"X": "a: b"}, {"Y": "c", "X": "a: b"},
    {"X": "a: b", "Y": b"c"}, {"X": "a: b", "Y": None}, {"X": "a: b", "Y": "\u0101"}, {"x": "a: b", "Y": "c"},
    {"X: a: b\r\nY": "c"}, {}])
def test_nothing_but_the_same_names_and_values_is_a_repetition(fields):
    buffer = FieldBuffer()
    buffer.add_field("X", "a: b")
    buffer.add_field("Y", "c")
    buffer.mark()
    assert not buffer.repeat(fields)
    assert buffer.repeat({"X": "a: b", "Y": "c"})


def test_what_was_not_marked_or_was_changed_is_not_repeated():
    buffer = FieldBuffer()
    assert not buffer.repeat({})
    buffer.add_field("X", "y")
    assert not buffer.repeat({"X": "y"})
    buffer.mark()
    buffer.cut(0, 1)
    assert not buffer.repeat({"X": "y"})
    buffer.clear()
    buffer.add_field("X", "y")
    assert not buffer.repeat({"X": "y"})


@pytest.mark.parametrize(("start", "stop"), [(-1, 0), (0, 4), (2, 1)])
def test_cutting_elsewhere_is_refused(start, stop):
    buffer = FieldBuffer()
    buffer.add_text("abc")
    with pytest.raises(IndexError):
        buffer.cut(start, stop)


def test_lines_beyond_latin_1_are_refused():
    with pytest.raises(ValueError, match="Latin-1"):
        FieldBuffer().add_text("\u0101")
    with pytest.raises(ValueError, match="Latin-1"):
        FieldBuffer().serialise("\u0101")
