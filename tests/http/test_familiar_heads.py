"""A head with the fields of one before is read in a shorter way, and means what it would mean to a new parser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop.http.request_parser import RequestParser
from netloop.http.settings import ParserSettings

LINES = [b"GET / HTTP/1.1", b"GET /another?a=b HTTP/1.1", b"POST / HTTP/1.1", b"HEAD * HTTP/1.1", b"CONNECT a:1 HTTP/1.1",
         b"GET / HTTP/1.0", b"GET / HTTP/1.2", b"GET / HTTP/0.9", b"GET / RTSP/1.0", b"PRI * HTTP/2.0", b"GET /", b"GET", b"",
         b"GET /a b HTTP/1.1", b"GET  / HTTP/1.1", b"GET /  HTTP/1.1", b"GET / HTTP/1.1 ", b" GET / HTTP/1.1",
         b"FOO / HTTP/1.1", b"GE T / HTTP/1.1", b"GET  HTTP/1.1", b"GET HTTP/1.1", b"GET /\x00 HTTP/1.1",
         b"GET /\xff HTTP/1.1", b"GET /\r HTTP/1.1", b"GET /" + b"a" * 100 + b" HTTP/1.1", b"GET / HTTP/1.1\r\nX: y",
         b"\r\nGET / HTTP/1.1"]
FIELDS = [b"Host: a\r\n", b"HOST:a\r\nX: y\r\n", b"", b"Host: a\r\nHost: a\r\n", b"Host: a b\r\n",
          b"Host: a\r\nX: " + b"y" * 2000 + b"\r\n", b"Host: a\r\nConnection: keep-alive\r\n",
          b"Host: a\r\nConnection: close\r\n", b"Host: a\r\nConnection: upgrade\r\nUpgrade: x\r\n",
          b"Host: a\r\nExpect: 100-continue\r\n", b"Host: a\r\nContent-Length: 0\r\n", b"Host: a\r\nContent-Length: 1\r\n",
          b"Host: a\r\nTransfer-Encoding: chunked\r\n", b"Host: a\r\n X: folded\r\n", b"Host: a\r\nX: \x01\r\n"]
SETTINGS = {"strict": ParserSettings(), "relaxed": ParserSettings(http_validation="relaxed"),
            "insecure": ParserSettings(http_validation="insecure"), "without host": ParserSettings(require_host_header=False),
            "small": ParserSettings(max_header_size=90), "few": ParserSettings(max_headers_count=1)}


@pytest.fixture(scope="module")
def read(log):
    """``read(settings, *pieces)``: the log of a new parser."""
    def read_pieces(settings, *pieces):
        receiver = log()
        parser = RequestParser(receiver, settings)
        for piece in pieces:
            parser.feed(piece)
        return receiver

    return read_pieces


def facts(head):
    """What there is to know of a head."""
    return head.fields, head.section, head.expect, head.keep_alive, head.minor_version, head.content_length, repr(head)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS.keys())
@pytest.mark.parametrize("fields", FIELDS)
def test_request_means_the_same_after_another_with_the_same_fields(read, fields, settings):
    first = LINES[1] + b"\r\n" + fields + b"\r\n"
    before = read(settings, first)
    if before.error is not None or before.events[-1] != "end" or not before.heads[0].keep_alive:
        return
    for line in LINES:
        second = line + b"\r\n" + fields + b"\r\n"
        alone = read(settings, second)
        for pieces in ([first + second], [first, second], [first, second[:20], second[20:]]):
            after = read(settings, *pieces)
            assert after.events[len(before.events):] == alone.events
            if alone.heads:
                assert facts(after.heads[-1]) == facts(alone.heads[-1])


LENGTHS = [b"0", b"1", b"9", b"10", b"007", b"123", b"", b"+5", b"-1", b"5 5", b"5,5", b"0x5", b"1e1", b"9" * 18, b"9" * 19,
           b"9" * 30, b"5\r\nContent-Length: 6", b"5\r\nTransfer-Encoding: chunked"]
AROUND = [b"Host: a\r\nContent-Length: %s\r\n", b"content-length:%s  \r\nHost: a\r\n",
          b"Host: a\r\nX: y\r\nContent-Length:  %s\r\nUser-Agent: z\r\n",
          b"Host: a\r\nContent-Length: %s\r\nExpect: 100-continue\r\n",
          b"Host: a\r\nContent-Length: %s\r\nConnection: close\r\n",
          b"Host: a\r\nContent-Length: %s\r\nUpgrade: x\r\nConnection: Upgrade\r\n"]
REQUESTS = b"GET / HTTP/1.1\r\nHost: body\r\n\r\n" * 4


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS.keys())
@pytest.mark.parametrize("line", [LINES[0], LINES[2], LINES[1]])
@pytest.mark.parametrize("around", AROUND)
def test_request_with_a_body_means_the_same_after_another_that_differs_in_the_length(read, around, line, settings):
    first = b"POST / HTTP/1.1\r\n" + around % b"10" + b"\r\n" + b"0123456789"
    before = read(settings, first)
    if before.error is not None or before.events[-1] != "end" or not before.heads[0].keep_alive:
        return
    for length in LENGTHS:
        second = line + b"\r\n" + around % length + b"\r\n" + REQUESTS
        alone = read(settings, second)
        for firsts, rest in ((1, [second]), (2, [second]), (1, [second[:60], second[60:]])):
            after = read(settings, *[first] * firsts, *rest)
            assert after.events[firsts * len(before.events):] == alone.events
            assert [facts(head) for head in after.heads[firsts:]] == [facts(head) for head in alone.heads]


@pytest.mark.parametrize("line", [b"POST /a HTTP/1.1\r\n", b"HEAD /a HTTP/1.1\r\n", b"CONNECT a:1 HTTP/1.1\r\n"])
def test_the_method_is_that_of_the_line_also_after_one_that_is_not_kept_for_comparison(read, line):
    fields = b"Host: a\r\n\r\n"
    earlier = line if line.startswith((b"POST", b"HEAD")) else b"PUT /a HTTP/1.1\r\n"
    first = b"GET / HTTP/1.1\r\n" + fields + earlier + b"Content-Length: 0\r\n" + fields
    before, alone = read(SETTINGS["strict"], first), read(SETTINGS["strict"], line + fields)
    after = read(SETTINGS["strict"], first + line + fields)
    assert before.error is None
    assert after.events == before.events + alone.events
    assert after.heads[-1].method == line.partition(b" ")[0].decode()


@given(st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(FIELDS)), min_size=2, max_size=6))
def test_requests_that_come_together_are_those_that_come_byte_by_byte(read, heads):
    data = b"".join(line + b"\r\n" + fields + b"\r\n" for line, fields in heads)
    together = read(SETTINGS["strict"], data)
    one_by_one = read(SETTINGS["strict"], *[data[at:at + 1] for at in range(len(data))])
    assert together.events == one_by_one.events
