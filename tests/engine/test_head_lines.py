from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop._engine import head_lines
from netloop._engine.head_lines import (
    CODING,
    CONNECTION,
    EXPECT,
    HOST,
    KEEP_ALIVE,
    LENGTH,
    METHOD,
    TARGET,
    UPGRADE,
    VERSION,
    HeadLines,
)

NAMES = {"host": HOST, "content-length": LENGTH, "transfer-encoding": CODING, "connection": CONNECTION,
         "proxy-connection": CONNECTION, "upgrade": UPGRADE, "expect": EXPECT, "keep-alive": KEEP_ALIVE}
OTHERS = ["x", "hos", "hosts", "cookie", "content-type", "content-lengths", "x" * 18]
FIELDS = st.lists(st.tuples(st.sampled_from([*NAMES, *OTHERS]), st.booleans(),
                            st.text("aB,: ", max_size=9), st.sampled_from(["", " ", " \t "])), max_size=8)


def lines(section):
    head = HeadLines()
    head.read_lines(section)
    return head


@given(FIELDS)
def test_fields_are_found_in_any_case_and_with_any_space_around_them(fields):
    section = "GET / HTTP/1.1\r\n"
    values = {part: [] for part in NAMES.values()}
    for name, upper, value, space in fields:
        section += f"{name.upper() if upper else name}:{space}{value}{space}\r\n"
        if name in NAMES:
            values[NAMES[name]].append(value.strip().encode())
    head = lines((section + "\r\n").encode())
    for part, expected in values.items():
        assert head.count(part) == len(expected)
        assert head.value(part) == (b", ".join(expected) if expected else None)
        assert head.text(part) == (expected[-1].decode() if expected else "")
        assert head.equals(part, expected[-1] if expected else b"") == bool(expected)
        assert not head.equals(part, b"something else")


@pytest.mark.parametrize(("line", "parts"), [
    ("GET / HTTP/1.1", ("GET", "/", "HTTP/1.1")),
    ("GET  /a b  HTTP/1.1", ("GET", " /a b ", "HTTP/1.1")),
    ("GET /\xff HTTP/1.0 ", ("GET", "/\xff", "HTTP/1.0")),
    ("GET /", None),
    ("GET", None),
])
def test_request_line_is_what_is_before_between_and_after_the_outer_spaces(line, parts):
    head = lines(line.encode("latin-1") + b"\r\n\r\n")
    assert head.first_field == len(line) + 2
    assert head.split_request_line() == (parts is not None)
    if parts is not None:
        assert (head.text(METHOD), head.text(TARGET), head.text(VERSION)) == parts


@pytest.mark.parametrize(("value", "number"), [
    ("0", 0), ("007", 7), (" 12 ", 12), ("9223372036854775807", 2**63 - 1), ("9223372036854775808", -1), ("9" * 40, -1),
    ("", -1), ("-1", -1), ("+1", -1), ("1 2", -1), ("0x1", -1),
])
def test_numbers_are_decimal_and_have_63_bits(value, number):
    assert lines(f"GET / HTTP/1.1\r\nContent-Length:{value}\r\n\r\n".encode()).number(LENGTH) == number


def test_the_first_line_is_compared_with_its_line_end():
    head = lines(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n")
    assert head.starts_with(b"HTTP/1.1 200 OK\r\n")
    assert not head.starts_with(b"HTTP/1.1 200 OK")
    assert not head.starts_with(b"HTTP/1.1 200 KO\r\n")
    assert not HeadLines().starts_with(b"")


def test_what_is_not_there_is_no_number():
    assert lines(b"GET / HTTP/1.1\r\n\r\n").number(LENGTH) == -1


@pytest.mark.parametrize("part", [-1, head_lines.KEEP_ALIVE + 1, 10**6])
def test_other_parts_are_refused(part):
    with pytest.raises(IndexError):
        lines(b"GET / HTTP/1.1\r\n\r\n").value(part)


def test_a_head_that_was_not_read_has_no_parts():
    with pytest.raises(IndexError):
        HeadLines().value(HOST)


@given(st.binary(max_size=200))
def test_any_bytes_may_come(section):
    head = lines(section)
    head.split_request_line()
    for part in range(METHOD, KEEP_ALIVE + 1):
        head.value(part)
        head.text(part)


# --- heads that are like another ----------------------------------------------------------------------------------

def test_read_like_finds_a_head_whose_fields_are_those_of_another():
    known = lines(b"GET / HTTP/1.1\r\nHost: a\r\nExpect:  b \r\n\r\n")
    data = b"xxGET /longer HTTP/1.1\r\nHost: a\r\nExpect:  b \r\n\r\nyy"
    head = HeadLines()
    assert head.read_like(known, data, 2)
    assert head.section == data[2:-2]
    assert head.value(HOST) == b"a"
    assert head.value(EXPECT) == b"b"
    assert head.count(LENGTH) == 0
    assert head.first_line_alone() == b"GET /longer HTTP/1.1\r\n\r\n"


@pytest.mark.parametrize("data", [
    b"", b"GET / HTTP/1.1", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r", b"GET / HTTP/1.1\r\nHost: b\r\n\r\n",
    b"GET / HTTP/1.1\r\nX: y\r\nHost: a\r\n\r\n", b"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
])
def test_read_like_finds_nothing_where_the_fields_differ_or_have_not_come(data):
    head = HeadLines()
    assert not head.read_like(lines(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), data, 0)
    assert head.section is None


@pytest.mark.parametrize(("line", "target"), [
    (b"GET / HTTP/1.1\r\n", b"/"), (b"GET /a?b=c HTTP/1.1\r\n", b"/a?b=c"),
    (b"GET / HTTP/1.0\r\n", None), (b"GET / HTTP/1.1\n", None), (b"GET /a b HTTP/1.1\r\n", None),
    (b"GET  / HTTP/1.1\r\n", None), (b"GET /  HTTP/1.1\r\n", None), (b"POST / HTTP/1.1\r\n", None),
    (b"GETS / HTTP/1.1\r\n", None), (b"GET HTTP/1.1\r\n", None), (b"GET  HTTP/1.1\r\n", None), (b"HTTP/1.1\r\n", None),
    (b"\r\n", None),
])
def test_plain_request_line_is_a_method_a_target_and_the_version(line, target):
    head = lines(line + b"\r\n")
    assert head.split_plain_request_line(b"GET") == (target is not None)
    if target is not None:
        assert head.value(METHOD) == b"GET"
        assert head.value(TARGET) == target
        assert head.value(VERSION) == b"HTTP/1.1"
