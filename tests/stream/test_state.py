"""The default high-water marks."""

import pytest

from netloop.stream import Readable, Writable, get_default_high_water_mark, set_default_high_water_mark


@pytest.fixture(autouse=True)
def _restored():
    yield
    set_default_high_water_mark(False, 65536)
    set_default_high_water_mark(True, 16)


def test_the_defaults_are_64_kib_and_16_objects():
    assert get_default_high_water_mark(False) == 65536
    assert get_default_high_water_mark(True) == 16
    assert Readable().readable_high_water_mark == 65536
    assert Writable(object_mode=True).writable_high_water_mark == 16


def test_a_changed_default_is_for_streams_made_later():
    before = Readable()
    set_default_high_water_mark(False, 5)
    set_default_high_water_mark(True, 6)
    assert Writable().writable_high_water_mark == 5
    assert Readable(object_mode=True).readable_high_water_mark == 6
    assert before.readable_high_water_mark == 65536


@pytest.mark.parametrize(("value", "expected"), [
    ("5", "ERR_INVALID_ARG_TYPE"), (1.5, "ERR_INVALID_ARG_TYPE"), (True, "ERR_INVALID_ARG_TYPE"),
    (-1, "ERR_OUT_OF_RANGE")])
def test_a_default_must_be_a_count(value, expected, code):
    with pytest.raises((TypeError, ValueError)) as caught:
        set_default_high_water_mark(False, value)
    assert code(caught.value) == expected
    assert get_default_high_water_mark(False) == 65536


@pytest.mark.parametrize("value", ["5", 1.5, -1, True])
def test_a_mark_must_be_a_count(value, code):
    with pytest.raises(ValueError) as caught:
        Readable(high_water_mark=value)
    assert code(caught.value) == "ERR_INVALID_ARG_VALUE"
