"""Laws: any split of any bytes gives the same events, and what is serialised is what is parsed."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from netloop.http.chunks import encode_chunk, last_chunk
from netloop.http.framing import CHUNKED, FIXED, NO_BODY, frame_request, frame_response
from netloop.http.head import OutgoingHead, status_line
from netloop.http.message_head import split_fields
from netloop.http.settings import ParserSettings

TOKEN = st.text("!#$%&'*+-.^_`|~0123456789abcXYZ", min_size=1, max_size=12).filter(
    lambda name: name.lower() not in ("host", "connection", "upgrade", "expect"))
VALUE = st.text([chr(code) for code in (9, *range(32, 127), *range(128, 256))], max_size=20)
FIELDS = st.lists(st.tuples(TOKEN, VALUE), max_size=6)
BODY = st.lists(st.binary(min_size=1, max_size=40), max_size=4)
SETTINGS = [ParserSettings(), ParserSettings(max_header_size=64), ParserSettings(http_validation="relaxed"),
            ParserSettings(http_validation="insecure")]
PIECES = [b"GET / HTTP/1.1\r\n", b"POST /a HTTP/1.1\r\n", b"GET / HTTP/1.0\r\n", b"HEAD / HTTP/2.0\r\n",
          b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 304 \r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 101 S\r\n",
          b"Host: a\r\n", b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n",
          b"Connection: upgrade\r\nUpgrade: x\r\n", b"Transfer-Encoding: gzip\r\n", b"Expect: 100-continue\r\n",
          b"\r\n", b"\r", b"\n", b" ", b"\t", b":", b"\x00", b"abc", b"3\r\n", b"3;a=b\r\n", b"0\r\n", b"X: y\r\n", b"\xff"]
JUNK = st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=14).map(b"".join)


def stripped(fields):
    return [(name, value.strip(" \t")) for name, value in fields]


def decoded(fields):
    texts = [part.decode("latin-1") for part in fields]
    return list(zip(texts[::2], texts[1::2], strict=True))


def pieces(data, borders):
    places = sorted({border % (len(data) + 1) for border in borders} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(places)]


@given(data=JUNK, borders=st.lists(st.integers(0, 400), max_size=8), settings=st.sampled_from(SETTINGS), end=st.booleans())
def test_any_split_of_any_bytes_gives_a_server_the_same_events(requests, data, borders, settings, end):
    whole = requests(data, settings=settings, end=end)
    cut = requests(pieces(data, borders), settings=settings, end=end)
    assert cut.events == whole.events
    assert [head.fields for head in cut.heads] == [head.fields for head in whole.heads]


@given(data=JUNK, borders=st.lists(st.integers(0, 400), max_size=8), settings=st.sampled_from(SETTINGS),
       method=st.sampled_from(["GET", "HEAD", "CONNECT"]), upgrade=st.booleans(), end=st.booleans())
def test_any_split_of_any_bytes_gives_a_client_the_same_events(responses, data, borders, settings, method, upgrade, end):
    whole = responses(data, method, upgrade, settings, end)
    cut = responses(pieces(data, borders), method, upgrade, settings, end)
    assert cut.events == whole.events


@given(fields=FIELDS, body=BODY, trailers=FIELDS, chunked=st.booleans(), borders=st.lists(st.integers(0, 900), max_size=6))
def test_request_is_parsed_as_it_was_serialised(requests, fields, body, trailers, chunked, borders):
    head = OutgoingHead()
    head.add("Host", "a")
    head.add_all(fields)
    content = b"".join(body)
    framing = frame_request(head, "POST", -1 if chunked else len(content), True)
    data = head.serialise("POST /a HTTP/1.1\r\n")
    if framing == CHUNKED:
        data += b"".join(map(encode_chunk, body)) + last_chunk(trailers)
    else:
        assert framing == FIXED
        data += content
    log = requests(pieces(data, borders))
    assert log.events[-1].startswith("end")
    assert (log.error, log.body, log.heads[0].framing) == (None, content, framing)
    assert decoded(log.heads[0].fields)[1:len(fields) + 1] == stripped(fields)
    assert decoded(log.trailers or []) == (stripped(trailers) if chunked else [])


@given(status=st.integers(200, 599), reason=st.none() | VALUE, fields=FIELDS, body=BODY,
       method=st.sampled_from(["GET", "HEAD"]), borders=st.lists(st.integers(0, 900), max_size=6))
def test_response_is_parsed_as_it_was_serialised(responses, status, reason, fields, body, method, borders):
    head = OutgoingHead()
    head.add_all(fields)
    content = b"".join(body)
    framing = frame_response(head, status, method, 1, len(content), True)
    data = head.serialise(status_line(status, reason))
    if framing == NO_BODY:
        content = b""
    log = responses(pieces(data + content, borders), method)
    assert log.events[-1] == "end"
    assert (log.error, log.body, log.heads[0].status, log.heads[0].framing) == (None, content, status, framing)
    assert decoded(log.heads[0].fields)[:len(fields)] == stripped(fields)
    if reason is not None:
        assert log.heads[0].reason == reason


@given(fields=FIELDS)
def test_fields_are_cut_where_they_were_joined(fields):
    section = "".join(f"{name}:{value}\r\n" for name, value in fields).encode("latin-1") + b"\r\n"
    assert decoded(split_fields(section, 0, 1000)) == stripped(fields)
