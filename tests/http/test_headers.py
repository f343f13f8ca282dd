"""Header fields as programs read them: Node's rules for what is repeated."""

from __future__ import annotations

import pytest

from netloop.http.headers import SINGLETONS, decode, distinct, merge

FIELDS = [b"Host", b"a", b"X-B", b"1", b"x-b", b"2", b"Set-Cookie", b"a=1, b", b"set-cookie", b"c=2",
          b"Cookie", b"d=3", b"COOKIE", b"e=4", b"AGE", b"5", b"age", b"6", b"X-Empty", b"", b"x-empty", b"",
          b"L\xe4", b"\xff"]


def test_raw_headers_keep_names_and_order():
    assert decode(FIELDS)[:4] == ["Host", "a", "X-B", "1"]
    assert decode(FIELDS)[-2:] == ["L\xe4", "\xff"]
    assert len(decode(FIELDS)) == len(FIELDS)


def test_headers_merge_by_the_rules():
    assert merge(FIELDS) == {
        "host": "a", "x-b": "1, 2", "set-cookie": ["a=1, b", "c=2"], "cookie": "d=3; e=4", "age": "5",
        "x-empty": ", ", "l\xe4": "\xff"}


def test_joining_duplicates_spares_no_singleton():
    assert merge(FIELDS, join_duplicates=True)["age"] == "5, 6"
    assert merge(FIELDS, join_duplicates=True)["cookie"] == "d=3; e=4"


@pytest.mark.parametrize("name", sorted(SINGLETONS))
def test_singleton_keeps_the_first(name):
    assert merge([name.encode(), b"1", name.title().encode(), b"2"]) == {name: "1"}


def test_there_are_as_many_singletons_as_node_has():
    assert len(SINGLETONS) == 18


def test_distinct_headers_are_lists():
    assert distinct(FIELDS) == {
        "host": ["a"], "x-b": ["1", "2"], "set-cookie": ["a=1, b", "c=2"], "cookie": ["d=3", "e=4"],
        "age": ["5", "6"], "x-empty": ["", ""], "l\xe4": ["\xff"]}


def test_set_cookie_is_a_list_also_when_there_is_one():
    assert merge([b"Set-Cookie", b"a"]) == {"set-cookie": ["a"]}


def test_no_fields_are_no_headers():
    assert (decode([]), merge([]), distinct([])) == ([], {}, {})
