"""Nothing that a peer sends costs more memory than a documented limit."""

from __future__ import annotations

import pytest

from netloop.errors import ArgumentTypeError, ArgumentValueError
from netloop.http.body_parser import CHUNK_LINE_SIZE
from netloop.http.settings import MAX_HEADER_SIZE, MAX_HEADERS_COUNT, ParserSettings

START = b"GET / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
SMALL = ParserSettings(max_header_size=100)


def bytewise(data):
    return [data[at:at + 1] for at in range(len(data))]


def head_of(size):
    return START + b"X: " + b"x" * (size - len(START) - 7) + b"\r\n\r\n"


@pytest.mark.parametrize("ways", [lambda data: [data], bytewise])
def test_head_of_just_the_limit_is_accepted_and_one_byte_more_is_not(requests, ways):
    assert len(head_of(MAX_HEADER_SIZE)) == MAX_HEADER_SIZE == 16384
    assert requests(ways(head_of(MAX_HEADER_SIZE))).events == ["GET / (no body)", "end"]
    log = requests(ways(head_of(MAX_HEADER_SIZE + 1)))
    assert log.events == ["error HPE_HEADER_OVERFLOW 431"]


@pytest.mark.parametrize("endless", [b"GET /" + b"a" * 200, START + b"X: " + b"a" * 200, START + b"a" * 200,
                                     b"\r\n" * 100, START + b"A: b\r\n" * 50])
def test_head_without_end_is_refused_at_the_limit(requests, every_cut, endless):
    for pieces in every_cut(endless):
        assert requests(pieces, settings=SMALL).events == ["error HPE_HEADER_OVERFLOW 431"]


def test_a_fault_within_the_limit_is_told_before_the_overflow(requests, every_cut):
    for pieces in every_cut(b"GET / HTTP/1.1\r\nHost : " + b"a" * 200 + b"\r\n\r\n"):
        assert requests(pieces, settings=SMALL).events == ["error HPE_INVALID_HEADER_TOKEN 400"]


def test_the_limit_counts_for_each_head_of_a_connection(requests):
    assert requests(head_of(100) * 3, settings=SMALL).events == ["GET / (no body)", "end"] * 3


def test_empty_lines_between_requests_count_for_the_head_after_them(requests):
    log = requests(b"\r\n" * 10 + head_of(90), settings=SMALL)
    assert log.events == ["error HPE_HEADER_OVERFLOW 431"]


def test_fields_beyond_the_count_are_dropped(requests):
    fields = b"".join(b"%x:\r\n" % number for number in range(2100))
    log = requests(START + fields + b"\r\n")
    assert len(log.heads[0].fields) == 2 * MAX_HEADERS_COUNT == 4000
    assert log.heads[0].fields[:2] == [b"Host", b"a"]


def test_fields_beyond_the_count_still_frame_the_message(requests):
    settings = ParserSettings(max_headers_count=1)
    log = requests(START + b"Content-Length: 3\r\n\r\nabc", settings=settings)
    assert log.events == ["GET / (fixed)", "body abc", "end"]
    assert log.heads[0].fields == [b"Host", b"a"]
    assert requests(START + b"Host: b\r\n\r\n", settings=settings).error is not None


def test_count_of_zero_means_no_limit_but_the_size(requests):
    fields = b"".join(b"%x:\r\n" % number for number in range(2100))
    log = requests(START + fields + b"\r\n", settings=ParserSettings(max_headers_count=0))
    assert len(log.heads[0].fields) == 2 * 2101


@pytest.mark.parametrize("ways", [lambda data: [data], bytewise])
def test_chunk_extensions_beyond_16_kib_are_refused_with_413(requests, ways):
    line = b"3;a=" + b"b" * (CHUNK_LINE_SIZE - 4)
    assert requests(ways(CHUNKED + line + b"\r\nabc\r\n")).events == ["POST / (chunked)", "body abc"]
    log = requests(ways(CHUNKED + line + b"bbbbb\r\nabc\r\n"))
    assert log.events == ["POST / (chunked)", "error HPE_CHUNK_EXTENSIONS_OVERFLOW 413"]


def test_zeros_before_a_chunk_size_count_as_its_line(requests):
    log = requests(CHUNKED + b"0" * 20000)
    assert log.events == ["POST / (chunked)", "error HPE_CHUNK_EXTENSIONS_OVERFLOW 413"]


def test_trailers_have_the_limit_of_heads(requests, every_cut):
    end = CHUNKED + b"0\r\n"
    assert requests(end + b"X: " + b"a" * 93 + b"\r\n\r\n", settings=SMALL).error is None
    for pieces in every_cut(end + b"X: " + b"a" * 94 + b"\r\n\r\n"):
        log = requests(pieces, settings=SMALL)
        assert log.events == ["POST / (chunked)", "error HPE_HEADER_OVERFLOW 431"]


def test_trailers_beyond_the_count_are_dropped(requests):
    log = requests(CHUNKED + b"0\r\na: 1\r\nb: 2\r\nc: 3\r\n\r\n", settings=ParserSettings(max_headers_count=2))
    assert log.trailers == [b"a", b"1", b"b", b"2"]


# --- settings -----------------------------------------------------------------------------------------------------

RELAXED = ParserSettings(http_validation="relaxed")


def test_relaxed_parser_lets_control_characters_pass_in_values(requests, responses, every_cut):
    for pieces in every_cut(START + b"X: \x01a\x0c\x7f\r\n\r\n"):
        assert requests(pieces, settings=RELAXED).heads[0].fields == [b"Host", b"a", b"X", b"\x01a\x0c\x7f"]
    for pieces in every_cut(b"HTTP/1.1 204 OK\r\nX: \x01a\r\n\r\n"):
        assert responses(pieces, settings=RELAXED).heads[0].fields == [b"X", b"\x01a"]


@pytest.mark.parametrize("data", [
    START + b"X: a\x00b\r\n\r\n", START + b"X: a\r\n b\r\n\r\n", START + b"X: a\nY: b\r\n\r\n",
    START + b"X: a\rY: b\r\n\r\n", START + b"X : a\r\n\r\n", START + b"X\x01: a\r\n\r\n", START + b"Content-Length\r\n\r\n",
    START + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", b"GET / HTTP/1.1\r\n X: a\r\nHost: a\r\n\r\n",
    b"GET / HTTP/5.6\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n",
    CHUNKED + b"0\r\nX: a\x00\r\n\r\n", CHUNKED + b"0\r\nX: a\r\n b\r\n\r\n", CHUNKED + b"0\r\nTrailer: x\r\n\r\n"])
def test_relaxed_parser_refuses_all_else(requests, every_cut, data):
    for pieces in every_cut(data):
        assert requests(pieces, settings=RELAXED).error is not None


def test_where_the_head_ends_is_in_doubt_when_only_llhttp_sees_its_end(requests, every_cut):
    for pieces in every_cut(b"HEAD / HTTP/1.1\r\n \r\nGET / HTTP/1.1\r\n\r\n"):
        log = requests(pieces, settings=RELAXED)
        assert log.events == ["error HPE_INTERNAL 400"]
        assert log.error.reason == "The end of the message is in doubt"


def test_relaxed_parser_keeps_the_limits(requests, every_cut):
    settings = ParserSettings(max_header_size=100, http_validation="relaxed")
    for pieces in every_cut(START + b"X: \x01\r\n" * 50):
        assert requests(pieces, settings=settings).events == ["error HPE_HEADER_OVERFLOW 431"]


@pytest.mark.parametrize("options", [{"http_validation": "relaxed", "insecure_http_parser": True},
                                     {"http_validation": "strict", "insecure_http_parser": True},
                                     {"http_validation": "insecure", "insecure_http_parser": False},
                                     {"http_validation": "lenient"}, {"max_header_size": -1},
                                     {"max_headers_count": -1}, {"max_header_size": 2**31}])
def test_settings_that_cannot_be_are_refused(options):
    with pytest.raises(ArgumentValueError):
        ParserSettings(**options)


@pytest.mark.parametrize("options", [{"insecure_http_parser": 1}, {"max_header_size": "16k"},
                                     {"max_headers_count": True}])
def test_settings_of_another_type_are_refused(options):
    with pytest.raises(ArgumentTypeError):
        ParserSettings(**options)


@pytest.mark.parametrize("options", [{"http_validation": "insecure"}, {"insecure_http_parser": True},
                                     {"http_validation": "insecure", "insecure_http_parser": True}])
def test_insecure_is_said_in_two_ways(options):
    assert ParserSettings(**options).insecure
    assert not ParserSettings().insecure


@pytest.mark.parametrize("host", [b"", b"A.b-c:80", b"a%20b", b"127.0.0.1:", b"[::1]:8000", b"[fe80::1%25eth0]", b"[v1.a:b]"])
def test_hosts_of_every_form_pass(requests, host):
    assert requests(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n").error is None


def test_insecure_parser_keeps_the_limits(requests, every_cut):
    settings = ParserSettings(max_header_size=100, http_validation="insecure")
    for pieces in every_cut(START + b"X: a\n" * 50):
        assert requests(pieces, settings=settings).events == ["error HPE_HEADER_OVERFLOW 431"]


@pytest.mark.parametrize("data", [
    b"GET / HTTP/1.1\r\nHost: a\n\n", START + b"X: \x0c\r\n\r\n", b"GET / HTTP/5.6\r\nHost: a\r\n\r\n",
    START + b"X: a\r\n b\r\n\r\n", START + b"Host: b\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    b"GET  /  HTTP/1.1\r\nHost: a\r\n\r\n",
    CHUNKED + b"3 \r\nabc\r\n0\r\n\r\n", CHUNKED + b"0\r\nTrailer: x\r\n\r\n"])
def test_insecure_parser_takes_what_the_strict_one_refuses(requests, every_cut, data):
    assert requests(data).error is not None
    for pieces in every_cut(data):
        log = requests(pieces, settings=ParserSettings(http_validation="insecure"))
        assert (log.error, log.events[-1].split()[0]) == (None, "end")


def test_insecure_parser_still_asks_for_a_host(requests, every_cut):
    for pieces in every_cut(b"GET / HTTP/1.1\r\n\r\n"):
        assert requests(pieces, settings=ParserSettings(http_validation="insecure")).error.status == 400
        log = requests(pieces, settings=ParserSettings(http_validation="insecure", require_host_header=False))
        assert log.error is None


def test_insecure_parser_unfolds_lines(requests):
    settings = ParserSettings(http_validation="insecure")
    log = requests(START + b"X: a\r\n  b\n\tc\nY:\r\n d\r\n\r\n", settings=settings)
    assert log.heads[0].fields == [b"Host", b"a", b"X", b"a b c", b"Y", b"d"]


def test_insecure_parser_fails_where_no_size_of_a_chunk_stands_that_only_we_see(requests, every_cut):
    """With a tab behind `chunked` an insecure llhttp takes the body as one that ends with the connection."""
    data = b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\t\r\n\r\n3\r\nfoo\r\n\r\n\r\n"
    for pieces in every_cut(data):
        log = requests(pieces, settings=ParserSettings(http_validation="insecure"))
        assert log.events == ["PUT / (chunked)", "body foo", "error HPE_INTERNAL 400"]


def test_insecure_parser_fails_where_llhttp_sees_a_chunk_begin_later(requests, every_cut):
    """Behind a size that ends with LF alone, it takes an LF of the chunk for a part of that line."""
    settings = ParserSettings(http_validation="insecure")
    head = b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    for pieces in every_cut(head + b"a\n\n0123456789\r\n0\r\n\r\nPO\x0b"):
        assert requests(pieces, settings=settings).events == ["PUT / (chunked)", "error HPE_INTERNAL 400"]
    for pieces in every_cut(head + b"a\r\n\n012345678\r\n0\r\n\r\n"):
        assert requests(pieces, settings=settings).events == ["PUT / (chunked)", "body \n012345678", "end"]


def test_relaxed_parser_fails_where_only_llhttp_sees_the_end_of_a_head(requests, every_cut):
    """Behind a control character it takes LF alone, and what follows an upgrade it does not look at."""
    data = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\nX: a\x0b\n\r\nY: \x00\r\n\r\n"
    for pieces in every_cut(data):
        log = requests(pieces, settings=RELAXED)
        assert log.events == ["error HPE_INTERNAL 400"]
        assert 0 <= log.error.bytes_parsed <= len(log.error.raw_packet)
