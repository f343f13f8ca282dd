from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop.websocket.errors import HandshakeError
from netloop.websocket.extensions import Extension, format_extensions, parse_extensions

TOKENS = st.text("!#$%&'*+-.^_`|~0123456789abcXYZ", min_size=1, max_size=8)
EXTENSIONS = st.lists(st.builds(Extension, TOKENS, st.lists(st.tuples(TOKENS, st.none() | TOKENS), max_size=3).map(tuple)))


@pytest.mark.parametrize(("field", "extensions"), [
    ("", []),
    (" , ,", []),
    ("foo", [("foo", ())]),
    ("foo,bar", [("foo", ()), ("bar", ())]),
    (" foo ;\ta = 1 ; b , , bar ", [("foo", (("a", "1"), ("b", None))), ("bar", ())]),
    ('foo; a="1"; b="x\\y"', [("foo", (("a", "1"), ("b", "xy")))]),
    ("foo; a; a=1", [("foo", (("a", None), ("a", "1")))]),
])
def test_what_is_well_formed(field, extensions):
    assert parse_extensions(field) == extensions


@pytest.mark.parametrize("field", [
    ";", "foo;", "foo; ;a", "foo;a=", "foo;=1", "foo bar", "foo; a b", 'foo;a="', 'foo;a="1', 'foo;a=""', 'foo;a="1 2"',
    'foo;a="1"2', "foo\x00", "föö", "foo;a=1=2", '"foo"', "foo\r\nbar", "/", "foo; a=(1)"])
def test_what_is_malformed(field):
    with pytest.raises(HandshakeError, match="malformed") as raised:
        parse_extensions(field)
    assert raised.value.status == 400


@given(EXTENSIONS)
def test_parse_undoes_format(extensions):
    assert parse_extensions(format_extensions(extensions)) == extensions


@given(st.text('ab;,="\\ \t', max_size=30))
def test_any_text_is_parsed_or_malformed(field):
    try:
        extensions = parse_extensions(field)
    except HandshakeError:
        return
    assert parse_extensions(format_extensions(extensions)) == extensions


def test_a_long_field_takes_no_longer_than_its_length():
    with pytest.raises(HandshakeError):
        parse_extensions('a;b="' + "\\" * 100_001)
