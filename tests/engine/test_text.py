from __future__ import annotations

import pytest

from netloop._engine.text import is_text


class Loud(str):
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.lower() == other.lower()

    __hash__ = str.__hash__


@pytest.mark.parametrize(("thing", "answer"), [
    ("data", True), ("".join(["da", "ta"]), True), ("date", False), ("dat", False), ("data ", False), ("", False),
    ("d\xe4t\u20ac", False), (b"data", False), (None, False), (4, False), (("data",), False), (Loud("DATA"), True),
    (Loud("DATE"), False),
])
def test_it_is_equality(thing, answer):
    assert is_text(thing, "data") is answer
    assert is_text(thing, "data") is (thing == "data")


def test_what_a_comparison_raises_is_raised():
    class Refusing:
        def __eq__(self, other: object) -> bool:
            raise LookupError

        __hash__ = None

    with pytest.raises(LookupError):
        is_text(Refusing(), "data")
