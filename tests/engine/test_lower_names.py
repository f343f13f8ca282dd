"""Names in lower case: what is kept of names before must never show."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netloop._engine.lower_names import lower_name


@given(st.lists(st.one_of(st.binary(max_size=60), st.text("aA-", max_size=4).map(str.encode)), max_size=200))
def test_a_name_in_lower_case_is_that_of_its_text(names):
    for name in names:
        assert lower_name(name) == name.decode("latin-1").lower()


def test_a_name_that_comes_again_is_the_same_object():
    assert lower_name(b"X-Request-Id") is lower_name(bytes(bytearray(b"X-Request-Id")))
