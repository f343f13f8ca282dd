"""A listener table is a dict for whoever looks on."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Hashable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop._engine.listener_table import ListenerTable
from netloop.events import EventEmitter


class Name(str):
    """Equal to a text that is written otherwise."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.lower() == other.lower()

    def __hash__(self) -> int:
        return hash(self.lower())


def fresh(text: str) -> str:
    """The same text in an object of its own, as one that was put together at run time."""
    return "".join([text[:1], text[1:]])


TEXTS = ["data", "date", "end", "close", "error", "readable", ""]
EVENTS: st.SearchStrategy[Hashable] = st.one_of(
    st.sampled_from([sys.intern(text) for text in TEXTS]), st.builds(fresh, st.sampled_from(TEXTS)),
    st.sampled_from([Name("DATA"), Name("other"), None, 1, 1.0, True, 2, (), ("data",), frozenset()]))
STEPS = st.lists(st.tuples(st.sampled_from(["add", "set", "del", "get"]), EVENTS), max_size=40)


@given(STEPS)
def test_it_does_what_a_dict_does(steps: list[tuple[str, Hashable]]) -> None:
    table, expected = ListenerTable(), dict[Hashable, Any]()
    for number, (step, event) in enumerate(steps):
        if step == "add":
            assert table.add(event, number) == expected.get(event)
            expected.setdefault(event, number)
        elif step == "get":
            assert table.get(event) == expected.get(event)
        elif event not in expected:
            with pytest.raises(KeyError):
                if step == "set":
                    table[event] = number
                else:
                    del table[event]
        elif step == "set":
            table[event] = expected[event] = number
        else:
            del table[event], expected[event]
        assert [(name, table.get(name)) for name in table] == list(expected.items())
        assert table.is_single() is (len(expected) == 1)
        assert [type(name) for name in table] == [type(name) for name in expected]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_what_cannot_be_hashed_is_refused(count: int) -> None:
    table = ListenerTable()
    for name in TEXTS[:count]:
        table.add(name, name)
    unhashable: Any = []
    with pytest.raises(TypeError, match="unhashable"):
        table.get(unhashable)
    with pytest.raises(TypeError, match="unhashable"):
        table.add(unhashable, print)
    assert list(table) == TEXTS[:count]


class Strict:
    """Can be compared with its kind alone, as a dict compares it: what has another hash is not asked."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, Strict)
        return self.number == other.number


@pytest.mark.parametrize("count", [1, 2, 3])
def test_events_that_cannot_be_equal_are_not_compared(count: int) -> None:
    table = ListenerTable()
    for number in range(count):
        table.add(Strict(number), number)
    assert table.get("data") is None
    assert [table.get(Strict(number)) for number in range(count + 1)] == [*range(count), None]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_who_goes_with_what_is_taken_out_finds_the_table_in_order(place: int) -> None:
    class Going:
        def __del__(self) -> None:
            seen.append([(event, table.get(event)) for event in table])

    seen: list[Any] = []
    table, names = ListenerTable(), ["first", "second", "third", "fourth"]
    for at, name in enumerate(names):
        table.add(name, Going() if at == place else name)
    del table[names.pop(place)]
    assert seen == [[(name, name) for name in names]]


def test_a_long_chain_of_emitters_can_be_dropped() -> None:
    """Each is a listener of the one before: to free them one within the other takes more stack than there is."""
    first = last = EventEmitter()
    for _ in range(300_000):
        following = EventEmitter()
        last.on("event", following.emit)
        last = following
    watch = weakref.ref(first)
    del first, last, following
    assert watch() is None


@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_it_refers_to_is_collected_with_it(count: int) -> None:
    class Listener:
        pass

    table, listener = ListenerTable(), Listener()
    listener.table = table  # type: ignore[attr-defined]
    for name in TEXTS[:count]:
        table.add(name, listener)
    watch = weakref.ref(listener)
    del table, listener
    gc.collect()
    assert watch() is None
