"""Heads that are sent: what they look like, and that no value can end its line (response splitting)."""

from __future__ import annotations

from enum import IntEnum
from http import HTTPStatus
from time import monotonic_ns, time

import pytest

from netloop.errors import ArgumentTypeError, ArgumentValueError
from netloop.http import METHODS, STATUS_CODES, max_header_size, validate_header_name, validate_header_value
from netloop.http.chunks import LAST_CHUNK, chunk_line, encode_chunk, last_chunk
from netloop.http.client_options import checked_method, checked_path
from netloop.http.date import date_line, http_date
from netloop.http.head import OutgoingHead, status_line

SPLITTERS = ["a\r\nX: y", "a\nX: y", "a\rX: y", "\r\n", "a\r\n", "\n", "a\x00", "a\x7f", "a\x0b", "a\x1b[0m",
             "a\u010d\u010aX: y", "\u2028", "\ud800", "\U0001f600", "a\u0100"]


def head(headers):
    outgoing = OutgoingHead()
    outgoing.add_all(headers)
    return outgoing


# --- what it looks like -------------------------------------------------------------------------------------------

@pytest.mark.parametrize("headers", [
    {"X-A": "1", "x-b": ["2", 3]},
    ["X-A", "1", "x-b", "2", "x-b", "3"],
    [("X-A", "1"), ("x-b", "2"), ["x-b", 3]],
    (pair for pair in [("X-A", 1), ("x-b", ("2", "3"))]),
])
def test_head_keeps_case_and_order_and_repeats_lists(headers):
    assert head(headers).serialise("START\r\n") == b"START\r\nX-A: 1\r\nx-b: 2\r\nx-b: 3\r\n\r\n"


def test_values_are_latin_1():
    assert head({"X": "D\xfc"}).serialise("") == b"X: D\xfc\r\n\r\n"


@pytest.mark.parametrize(("value", "text"), [(5, b"5"), (-1, b"-1"), (1.5, b"1.5"), ("", b""), (HTTPStatus.OK, b"200")])
def test_values_may_be_numbers(value, text):
    assert head({"X": value}).serialise("") == b"X: " + text + b"\r\n\r\n"


def test_cookies_of_a_list_are_one_field():
    assert head({"Cookie": ["a=1", "b=2"]}).serialise("") == b"Cookie: a=1; b=2\r\n\r\n"
    assert head({"Set-Cookie": ["a=1", "b=2"]}).serialise("") == b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n"


def test_an_empty_list_is_no_field():
    assert head({"X": []}).serialise("") == b"\r\n"


def test_status_line_has_the_usual_reason_or_the_given_one():
    assert status_line(200) == "HTTP/1.1 200 OK\r\n"
    assert status_line(HTTPStatus.NOT_FOUND) == "HTTP/1.1 404 Not Found\r\n"
    assert status_line(299) == "HTTP/1.1 299 unknown\r\n"
    assert status_line(200, "F\xfcr dich") == "HTTP/1.1 200 F\xfcr dich\r\n"
    assert status_line(200, "") == "HTTP/1.1 200 \r\n"


def test_methods_are_sent_in_upper_case_and_targets_as_they_are():
    assert checked_method("m-search") == "M-SEARCH"
    assert checked_path("/a?b=%20") == "/a?b=%20"


def test_date_is_that_of_rfc_9110_whatever_the_second():
    assert http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT"


def test_date_line_is_made_once_a_second():
    now = monotonic_ns()
    before = int(time())
    line = date_line(now)
    assert line in [f"Date: {http_date(second)}\r\n" for second in (before - 1, before, before + 1)]
    assert date_line(now) is line
    assert date_line(now + 10**9) is not line



def test_constants_are_nodes():
    assert (len(METHODS), len(STATUS_CODES), max_header_size) == (35, 63, 16384)
    assert sorted(METHODS) == METHODS
    assert STATUS_CODES[418] == "I'm a Teapot"


# --- what cannot be sent ------------------------------------------------------------------------------------------

@pytest.mark.parametrize("text", SPLITTERS)
@pytest.mark.parametrize("send", [
    lambda text: head({"X": text}),
    lambda text: head({"X": ["a", text]}),
    lambda text: head({"X": [["a", text]]}),
    lambda text: head({"Cookie": ["a", text]}),
    lambda text: head({"Cookie": text}),
    lambda text: head(["X", text]),
    lambda text: head([("X", text)]),
    lambda text: head({"Connection": text}),
    lambda text: head({"Date": text}),
    lambda text: head({text: "a"}),
    lambda text: head([(text, "a")]),
    lambda text: status_line(200, text),
    lambda text: checked_method(text),
    lambda text: checked_path("/" + text),
    lambda text: last_chunk({"X": text}),
    lambda text: last_chunk({text: "a"}),
    lambda text: validate_header_value("X", text),
    lambda text: validate_header_name(text),
])
def test_no_value_gets_beyond_its_line(send, text):
    for _ in range(2):      # what was remembered the first time must not let it pass the second
        with pytest.raises(ArgumentValueError) as caught:
            send(text)
        assert caught.value.code in ("ERR_INVALID_CHAR", "ERR_INVALID_HTTP_TOKEN", "ERR_UNESCAPED_CHARACTERS")


class Lying(str):
    """Says one thing when it is checked, and another when it is formatted."""

    def __str__(self):
        return "a\r\nX: y"

    def __format__(self, spec):
        return "a\r\nX: y"

    def strip(self, *_):
        return "a\r\nX: y"

    def __eq__(self, other):
        return True

    def __hash__(self):
        return hash("X")


class LyingNumber(IntEnum):
    ONE = 1

    def __str__(self):
        return "1\r\nX: y"

    def __format__(self, spec):
        return "1\r\nX: y"


def test_a_subclass_cannot_say_something_else_than_was_checked():
    assert head({"Y": Lying("b")}).serialise("") == b"Y: b\r\n\r\n"
    assert head([Lying("Y"), "b"]).serialise("") == b"Y: b\r\n\r\n"
    assert head({"Y": [Lying("b")], "Cookie": [Lying("c")]}).serialise("") == b"Y: b\r\nCookie: c\r\n\r\n"
    assert status_line(200, Lying("b")) == "HTTP/1.1 200 b\r\n"
    assert (checked_method(Lying("GET")), checked_path(Lying("/"))) == ("GET", "/")
    validate_header_value("Y", Lying("b"))
    with pytest.raises(ArgumentValueError):
        head({"Y": LyingNumber.ONE})


@pytest.mark.parametrize("value", [None, True, b"a", object(), {"a": 1}, 1j, {1}])
def test_values_are_text_or_numbers(value):
    with pytest.raises(ArgumentTypeError) as caught:
        head({"X": value})
    assert caught.value.code == "ERR_HTTP_INVALID_HEADER_VALUE"
    with pytest.raises(ArgumentTypeError):
        validate_header_value("X", value)


@pytest.mark.parametrize("name", [None, 5, b"X", ("X",)])
def test_names_are_text(name):
    with pytest.raises(ArgumentTypeError) as caught:
        head({name: "a"})
    assert caught.value.code == "ERR_INVALID_HTTP_TOKEN"


@pytest.mark.parametrize("name", ["", " ", "X ", " X", "X:", "a b", "a\tb", "(X)", 'X"', "X\xe4", "[x]", "x/y", "x,y", "{"])
def test_names_are_tokens(name):
    with pytest.raises(ArgumentValueError) as caught:
        validate_header_name(name)
    assert caught.value.code == "ERR_INVALID_HTTP_TOKEN"
    with pytest.raises(ArgumentValueError):
        head({name: "a"})


def test_good_names_and_values_pass():
    for name in ("X", "x-y_z", "!#$%&'*+-.^_`|~09"):
        validate_header_name(name)
    for value in ("", "a b", "\t", "\x80\xff", 5, 1.5):
        validate_header_value("X", value)


@pytest.mark.parametrize("headers", ["X: a", b"X: a", ["X"], ["X", "a", "Y"]])
def test_headers_are_a_mapping_or_a_list_of_pairs(headers):
    with pytest.raises((ArgumentTypeError, ArgumentValueError)):
        head(headers)


@pytest.mark.parametrize("status", [99, 1000, -1, 0, "200", None, 200.5])
@pytest.mark.parametrize("message", ["OK", None])
def test_status_has_three_digits(status, message):
    with pytest.raises((ArgumentValueError, ArgumentTypeError)) as caught:
        status_line(status, message)
    assert caught.value.code == "ERR_HTTP_INVALID_STATUS_CODE"


@pytest.mark.parametrize("target", ["", " ", "/a b", "/\xe4", "/\t"])
def test_target_is_visible_ascii(target):
    with pytest.raises(ArgumentValueError) as caught:
        checked_path(target)
    assert caught.value.code == "ERR_UNESCAPED_CHARACTERS"


@pytest.mark.parametrize("value", [5, None, b"/"])
@pytest.mark.parametrize("checked", [checked_method, checked_path])
def test_method_and_target_are_text(checked, value):
    with pytest.raises(ArgumentTypeError):
        checked(value)


@pytest.mark.parametrize("headers", [
    {"Content-Length": "-1"}, {"Content-Length": "1e3"}, {"Content-Length": "0x10"}, {"content-length": "\u0663"},
    {"Content-Length": ["1", "1"]}, {"Content-Length": "1", "content-length": "2"}, {"Content-Length": ""},
    {"Content-Length": "1", "Transfer-Encoding": "chunked"}, {"Transfer-Encoding": "chunked", "Content-Length": 1},
    {"Transfer-Encoding": "gzip"}, {"Transfer-Encoding": ["chunked", "chunked"]}, {"Transfer-Encoding": "chunked, gzip"},
    {"Content-Length": 10**18}])
def test_framing_that_would_lie_cannot_be_set(headers):
    with pytest.raises(ArgumentValueError):
        head(headers)


# --- chunks -------------------------------------------------------------------------------------------------------

def test_chunks_have_their_size_in_hex():
    assert encode_chunk(b"x" * 26) == b"1a\r\n" + b"x" * 26 + b"\r\n"
    assert chunk_line(4096) == b"1000\r\n"
    assert encode_chunk(b"") == b""


def test_last_chunk_has_the_trailers():
    assert last_chunk() == last_chunk({}) == LAST_CHUNK == b"0\r\n\r\n"
    assert last_chunk({"X-Sum": "abc", "Y": ["1", "2"]}) == b"0\r\nX-Sum: abc\r\nY: 1\r\nY: 2\r\n\r\n"


@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding", "HOST", "Set-Cookie", "Content-Type", "TE"])
def test_fields_that_must_not_be_trailers_are_not_sent_as_such(name):
    with pytest.raises(ArgumentValueError):
        last_chunk({name: "chunked" if name == "transfer-encoding" else "1"})
