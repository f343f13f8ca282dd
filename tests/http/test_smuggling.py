"""Messages that two parsers might see two ways are refused, however their bytes are cut."""

from __future__ import annotations

import pytest

HOST = b"Host: a\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


def post(*lines: bytes, body: bytes = b"") -> bytes:
    return b"POST / HTTP/1.1\r\nHost: a\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


HEADS = {
    "two lengths": post(b"Content-Length: 3", b"Content-Length: 4", body=b"abcd"),
    "the same length twice": post(b"Content-Length: 3", b"Content-Length: 3", body=b"abc"),
    "a list of lengths": post(b"Content-Length: 3, 3", body=b"abc"),
    "length and chunked": post(b"Content-Length: 3", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "chunked and length": post(b"Transfer-Encoding: chunked", b"Content-Length: 3", body=b"0\r\n\r\n"),
    "a length with a plus": post(b"Content-Length: +3", body=b"abc"),
    "a negative length": post(b"Content-Length: -3", body=b"abc"),
    "a length in hex": post(b"Content-Length: 0x3", body=b"abc"),
    "a length with an underscore": post(b"Content-Length: 1_0", body=b"0123456789"),
    "a length with a point": post(b"Content-Length: 3.0", body=b"abc"),
    "a length with a space in it": post(b"Content-Length: 1 0", body=b"0123456789"),
    "a length with a letter": post(b"Content-Length: 3a", body=b"abc"),
    "an empty length": post(b"Content-Length: "),
    "a length beyond 64 bits": post(b"Content-Length: 18446744073709551616"),
    "a length beyond 63 bits": post(b"Content-Length: 9223372036854775808"),
    "a length with other digits": post("Content-Length: \u0663".encode()),
    "no final chunked": post(b"Transfer-Encoding: gzip"),
    "identity": post(b"Transfer-Encoding: identity"),
    "chunked before another coding": post(b"Transfer-Encoding: chunked, gzip"),
    "chunked twice": post(b"Transfer-Encoding: chunked, chunked"),
    "chunked in two fields": post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
    "chunked, then nothing": post(b"Transfer-Encoding: chunked,"),
    "nothing, then chunked": post(b"Transfer-Encoding: , chunked"),
    "a coding we do not know, then chunked": post(b"Transfer-Encoding: cow, chunked"),
    "quoted chunked": post(b'Transfer-Encoding: "chunked"'),
    "chunked with a parameter": post(b"Transfer-Encoding: chunked;a=b"),
    "xchunked": post(b"Transfer-Encoding: xchunked"),
    "chunked after a vertical tab": post(b"Transfer-Encoding: \x0bchunked"),
    "chunked after a NUL": post(b"Transfer-Encoding: \x00chunked"),
    "chunked after a no-break space": post(b"Transfer-Encoding: \xa0chunked"),
    "an empty coding": post(b"Transfer-Encoding:"),
    "a space before the colon": post(b"Transfer-Encoding : chunked"),
    "a tab before the colon": post(b"Content-Length\t: 3"),
    "a space before the name": post(b" Transfer-Encoding: chunked"),
    "a folded line": post(b"X: a", b" b"),
    "a folded line with a tab": post(b"X: a", b"\tb"),
    "a folded coding": post(b"Transfer-Encoding:", b" chunked"),
    "a space after the start line": b"GET / HTTP/1.1\r\n Host: a\r\n\r\n",
    "a bare LF after a field": post(b"X: a\nTransfer-Encoding: chunked"),
    "a bare CR after a field": post(b"X: a\rTransfer-Encoding: chunked"),
    "a bare LF after the start line": b"GET / HTTP/1.1\nHost: a\r\n\r\n",
    "a bare CR after the start line": b"GET / HTTP/1.1\rHost: a\r\n\r\n",
    "a bare LF for the empty line": b"GET / HTTP/1.1\r\nHost: a\r\n\n",
    "a CR too many for the empty line": b"GET / HTTP/1.1\r\nHost: a\r\n\r\r\n",
    "a NUL in a value": post(b"X: a\x00b"),
    "a DEL in a value": post(b"X: a\x7fb"),
    "a control byte in a name": post(b"X\x01: a"),
    "a letter beyond ASCII in a name": post(b"Transfer-Enc\xf6ding: chunked"),
    "no name": post(b": a"),
    "no colon": post(b"Transfer-Encoding chunked"),
    "a name in parentheses": post(b"(X): a"),
    "chunked in HTTP/1.0": b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two spaces before the target": b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n",
    "two spaces after the target": b"GET /  HTTP/1.1\r\n" + HOST + b"\r\n",
    "a space at the end of the start line": b"GET / HTTP/1.1 \r\n" + HOST + b"\r\n",
    "a space in the target": b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n",
    "a tab after the target": b"GET /\tHTTP/1.1\r\n" + HOST + b"\r\n",
    "a control byte in the target": b"GET /\x01 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a letter beyond ASCII in the target": b"GET /\xe9 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a target that is no path": b"GET index.html HTTP/1.1\r\n" + HOST + b"\r\n",
    "a line feed before the target": b"CONNECT \nfoo:443 HTTP/1.1\r\nHost: foo:443\r\n\r\n",
    "a line feed for the target": b"CONNECT \n HTTP/1.1\r\nHost: a\r\n\r\n",
    "a method in lower case": b"get / HTTP/1.1\r\n" + HOST + b"\r\n",
    "a method of RTSP": b"DESCRIBE / RTSP/1.0\r\n" + HOST + b"\r\n",
    "the protocol RTSP": b"OPTIONS / RTSP/1.0\r\n" + HOST + b"\r\n",
    "the protocol ICE": b"SOURCE / ICE/1.0\r\n" + HOST + b"\r\n",
    "no version": b"GET /\r\n\r\n",
    "no Host": b"GET / HTTP/1.1\r\n\r\n",
    "Host twice": b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "Host twice in HTTP/1.0": b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
    "a Host with a path": b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "a Host with a user": b"GET / HTTP/1.1\r\nHost: user@a\r\n\r\n",
    "a Host with a space": b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    "a list of Hosts": b"GET / HTTP/1.1\r\nHost: a, b c\r\n\r\n",
    "a Host that is half a percent-encoding": b"GET / HTTP/1.1\r\nHost: a%zz\r\n\r\n",
    "a Host in brackets that is no address": b"GET / HTTP/1.1\r\nHost: [x]\r\n\r\n",
    "a Host with letters for a port": b"GET / HTTP/1.1\r\nHost: a:b\r\n\r\n",
    "the head of a TLS connection": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}
NOT_SUPPORTED = {
    "HTTP/2.0": b"GET / HTTP/2.0\r\n" + HOST + b"\r\n",
    "HTTP/0.9": b"GET / HTTP/0.9\r\n" + HOST + b"\r\n",
    "HTTP/1.2": b"GET / HTTP/1.2\r\n" + HOST + b"\r\n",
    "HTTP/5.6": b"GET / HTTP/5.6\r\n" + HOST + b"\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}
CHUNKS = {
    "a size with a plus": b"+3\r\nabc\r\n",
    "a size with a minus": b"-3\r\nabc\r\n",
    "a size with 0x": b"0x3\r\nabc\r\n",
    "a size with an underscore": b"1_0\r\n0123456789abcdef\r\n",
    "no size": b"\r\nabc\r\n",
    "a size beyond 64 bits": b"10000000000000000\r\nabc\r\n",
    "a size beyond 63 bits": b"8000000000000000\r\nabc\r\n",
    "a size that wraps round to 3": b"10000000000000003\r\nabc\r\n",
    "a space before the size": b" 3\r\nabc\r\n",
    "a space after the size": b"3 \r\nabc\r\n",
    "a bare LF after the size": b"3\nabc\r\n",
    "a bare CR after the size": b"3\rabc\r\n",
    "a bare LF after an extension": b"3;a=b\nabc\r\n",
    "a bare CR in an extension": b"3;a\r=b\r\nabc\r\n",
    "a bare LF in a quoted extension": b'3;a="\n"\r\nabc\r\n',
    "a NUL in an extension": b"3;a=\x00\r\nabc\r\n",
    "an extension without a name": b"3;\r\nabc\r\n",
    "data longer than the size": b"3\r\nabcd\r\n",
    "data shorter than the size": b"3\r\nab\r\n0\r\n\r\n",
    "a bare LF after the data": b"3\r\nabc\n0\r\n\r\n",
    "a bare CR after the data": b"3\r\nabc\r0\r\n\r\n",
    "no line end after the data": b"3\r\nabc0\r\n\r\n",
    "a size with a letter": b"3g\r\nabc\r\n",
}
TRAILERS = {
    "Content-Length": b"Content-Length: 3\r\n",
    "Transfer-Encoding": b"Transfer-Encoding: chunked\r\n",
    "Host": b"Host: evil\r\n",
    "Connection": b"X: a\r\nConnection: upgrade\r\n",
    "Upgrade": b"UPGRADE: h2c\r\n",
    "Trailer": b"Trailer: x\r\n",
    "a folded line": b"X: a\r\n b\r\n",
    "a space before the colon": b"X : a\r\n",
    "a bare LF": b"X: a\nY: b\r\n",
    "a NUL": b"X: \x00\r\n",
}


def refused(log, status=400):
    return log.error is not None and log.error.status in (status, 501 if status == 400 else status)


@pytest.mark.parametrize("data", HEADS.values(), ids=HEADS)
def test_ambiguous_head_is_refused_before_anybody_sees_it(data, requests, every_cut):
    code = None
    for pieces in every_cut(data):
        log = requests(pieces, end=True)
        assert refused(log), log.events
        assert log.heads == []
        code = code or log.error.code
        assert log.error.code == code


@pytest.mark.parametrize("data", NOT_SUPPORTED.values(), ids=NOT_SUPPORTED)
def test_other_version_is_refused_with_505(data, requests, every_cut):
    for pieces in every_cut(data):
        assert refused(requests(pieces, end=True), 505)


@pytest.mark.parametrize("chunk", CHUNKS.values(), ids=CHUNKS)
def test_ambiguous_chunk_is_refused(chunk, requests, every_cut):
    for pieces in every_cut(CHUNKED + chunk + b"0\r\n\r\n"):
        log = requests(pieces)
        assert refused(log), log.events
        assert "end" not in log.events
        assert len(log.heads) == 1


@pytest.mark.parametrize("trailers", TRAILERS.values(), ids=TRAILERS)
def test_forbidden_trailer_is_refused(trailers, requests, every_cut):
    for pieces in every_cut(CHUNKED + b"3\r\nabc\r\n0\r\n" + trailers + b"\r\n"):
        log = requests(pieces)
        assert refused(log), log.events
        assert log.events[:2] == ["POST / (chunked)", "body abc"]
        assert "end" not in log.events


def test_unknown_transfer_coding_is_not_implemented(requests):
    assert requests(post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n")).error.status == 501


def test_a_refused_message_ends_the_parsing(requests):
    log = requests(HEADS["two lengths"] + b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
    assert log.heads == []


def test_what_is_just_unusual_is_accepted(requests, every_cut):
    for data, event in {
        b"GET / HTTP/1.1\r\nHost:\r\n\r\n": "GET / (no body)",
        b"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n": "GET / (no body)",
        b"GET / HTTP/1.1\r\nHost: a_b.example:\r\n\r\n": "GET / (no body)",
        b"GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n": "GET http://a/b (no body)",
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n": "OPTIONS * (no body)",
        b"GET / HTTP/1.0\r\n\r\n": "GET / (no body, close)",
        b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n": "GET / (no body)",
        b"\r\n\r\nGET / HTTP/1.1\r\nhOsT: a\r\n\r\n": "GET / (no body)",
        post(b"content-length: 00000000000000000000000000", b"X:\ta\xff\t"): "POST / (fixed)",
        post(b"TRANSFER-ENCODING:\tCHUNKED ", body=b"0\r\n\r\n"): "POST / (chunked)",
    }.items():
        for pieces in every_cut(data):
            assert requests(pieces).events == [event, "end"], pieces


# --- responses that lie -------------------------------------------------------------------------------------------

LIES = {
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "length and chunked": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a folded line": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    "a bare LF": b"HTTP/1.1 200 OK\r\nX: a\nContent-Length: 0\r\n\r\n",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
    "a status below 100": b"HTTP/1.1 099 Early\r\nContent-Length: 0\r\n\r\n",
    "a control byte in the reason": b"HTTP/1.1 200 O\x01K\r\nContent-Length: 0\r\n\r\n",
    "a bare CR in the reason": b"HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/2.0": b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "RTSP": b"RTSP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "a switch that nobody asked for": b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
}


@pytest.mark.parametrize("data", LIES.values(), ids=LIES)
def test_response_that_lies_is_refused_before_anybody_sees_it(data, responses, every_cut):
    for pieces in every_cut(data):
        log = responses(pieces, end=True)
        assert log.error is not None
        assert log.heads == []


@pytest.mark.parametrize("body", [*(chunk + b"0\r\n\r\n" for chunk in CHUNKS.values()),
                                  *(b"3\r\nabc\r\n0\r\n" + trailers + b"\r\n" for trailers in TRAILERS.values())],
                         ids=[*CHUNKS, *(f"trailers: {name}" for name in TRAILERS)])
def test_chunks_and_trailers_that_servers_refuse_clients_refuse_too(body, responses, every_cut):
    for pieces in every_cut(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body):
        log = responses(pieces)
        assert log.error is not None
        assert "end" not in log.events


def test_response_shorter_than_its_length_is_an_error_at_the_end(responses, every_cut):
    for pieces in every_cut(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"):
        assert responses(pieces, end=True).events == [
            "200 OK (fixed)", "body abc", "error HPE_INVALID_EOF_STATE 400"]


def test_chunked_response_without_a_last_chunk_is_an_error_at_the_end(responses, every_cut):
    for pieces in every_cut(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"):
        assert responses(pieces, end=True).events[2:] == ["error HPE_INVALID_EOF_STATE 400"]


def test_a_switch_without_its_fields_is_refused_though_the_request_asked(responses, every_cut):
    for pieces in every_cut(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"):
        assert responses(pieces, upgrade=True).events == ["error HPE_INVALID_STATUS 400"]
