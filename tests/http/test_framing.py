"""How the body of a message to be sent is framed, and whether the connection goes on."""

from __future__ import annotations

import pytest

from netloop.errors import StateError
from netloop.http.framing import (
    CHUNKED,
    FIXED,
    NO_BODY,
    UNTIL_CLOSE,
    BodyLength,
    frame_request,
    frame_response,
    has_body,
    keep_alive_lines,
)
from netloop.http.head import OutgoingHead

KEPT = "Connection: keep-alive\r\n"
CLOSED = "Connection: close\r\n"
CODED = "Transfer-Encoding: chunked\r\n"


def head(headers=(), **removed):
    outgoing = OutgoingHead()
    outgoing.add_all(headers)
    for name, value in removed.items():
        setattr(outgoing, name, value)
    return outgoing


def lines(outgoing):
    return outgoing.serialise("").decode("latin-1").removesuffix("\r\n")


def response(outgoing, status=200, method="GET", minor_version=1, length=-1, keep_alive=True):
    framing = frame_response(outgoing, status, method, minor_version, length, keep_alive)
    return framing, lines(outgoing), outgoing.keep_alive


def test_known_body_has_a_length():
    assert response(head(), length=12) == (FIXED, KEPT + "Content-Length: 12\r\n", True)
    assert response(head(), length=0) == (FIXED, KEPT + "Content-Length: 0\r\n", True)


def test_stream_is_chunked_for_1_1_and_ends_with_the_connection_for_1_0():
    assert response(head()) == (CHUNKED, KEPT + CODED, True)
    assert response(head(), minor_version=0) == (UNTIL_CLOSE, CLOSED, False)


def test_what_the_program_says_is_kept():
    assert response(head({"content-length": 5})) == (FIXED, "content-length: 5\r\n" + KEPT, True)
    assert response(head({"Transfer-Encoding": "gzip, Chunked"}), length=5) == (
        CHUNKED, "Transfer-Encoding: gzip, Chunked\r\n" + KEPT, True)


def test_chunked_is_not_sent_to_1_0():
    assert response(head({"Transfer-Encoding": "chunked"}), minor_version=0) == (UNTIL_CLOSE, CLOSED, False)
    assert response(head({"Transfer-Encoding": "chunked"}), minor_version=0, length=3)[0] == FIXED


@pytest.mark.parametrize("status", [100, 101, 103, 204])
def test_response_without_content_has_neither_length_nor_coding(status):
    assert response(head({"Content-Length": 5}), status) == (NO_BODY, KEPT, True)
    assert response(head({"Transfer-Encoding": "chunked"}), status) == (NO_BODY, KEPT, True)


def test_tunnel_has_neither_length_nor_coding():
    assert response(head({"Content-Length": 5}), method="CONNECT") == (NO_BODY, KEPT, True)
    assert response(head({"Content-Length": 5}), status=407, method="CONNECT")[0] == FIXED


def test_response_to_head_and_304_may_say_what_there_would_be():
    assert response(head({"Content-Length": 5}), method="HEAD") == (NO_BODY, "Content-Length: 5\r\n" + KEPT, True)
    assert response(head({"Content-Length": 5}), status=304) == (NO_BODY, "Content-Length: 5\r\n" + KEPT, True)
    assert response(head(), method="HEAD") == (NO_BODY, KEPT, True)


def test_connection_closes_when_either_side_says_so():
    assert response(head({"Connection": "close"}), length=0) == (
        FIXED, "Connection: close\r\nContent-Length: 0\r\n", False)
    assert response(head(), length=0, keep_alive=False)[1:] == (CLOSED + "Content-Length: 0\r\n", False)
    assert response(head({"Connection": "x, Close "}), length=0)[2] is False
    assert response(head({"Connection": "keep-alive"}), length=0)[2] is True
    assert response(head({"Connection": "keep-alive"}), minor_version=0)[2] is False


def test_fields_that_the_program_removed_stay_away():
    assert response(head(removed_length=True), length=5) == (CHUNKED, KEPT + CODED, True)
    assert response(head(removed_coding=True)) == (UNTIL_CLOSE, CLOSED, False)
    assert response(head(removed_connection=True), length=0)[1] == "Content-Length: 0\r\n"


@pytest.mark.parametrize(("status", "method", "body"), [
    (200, "GET", True), (200, "HEAD", False), (204, "GET", False), (304, "GET", False), (101, "GET", False),
    (200, "CONNECT", False), (404, "CONNECT", True), (205, "GET", True)])
def test_which_responses_have_a_body(status, method, body):
    assert has_body(status, method) is body


def test_keep_alive_says_its_timeout_in_seconds():
    assert keep_alive_lines(65000) == "Connection: keep-alive\r\nKeep-Alive: timeout=65\r\n"
    assert keep_alive_lines(5999, 10) == "Connection: keep-alive\r\nKeep-Alive: timeout=5, max=10\r\n"
    assert keep_alive_lines(999) == keep_alive_lines() == KEPT
    outgoing = head()
    frame_response(outgoing, 200, "GET", 1, 0, True, keep_alive_lines(65000))
    assert lines(outgoing) == keep_alive_lines(65000) + "Content-Length: 0\r\n"


def test_what_is_added_stands_in_nodes_order():
    outgoing = head({"X": "y"})
    frame_response(outgoing, 200, "GET", 1, 5, True, date="Date: today\r\n")
    assert lines(outgoing) == "X: y\r\nDate: today\r\n" + KEPT + "Content-Length: 5\r\n"
    outgoing = head({"Connection": "upgrade"})
    frame_response(outgoing, 200, "GET", 1, -1, True, date="Date: today\r\n")
    assert lines(outgoing) == "Connection: upgrade\r\nDate: today\r\n" + CODED


# --- requests -----------------------------------------------------------------------------------------------------

def request(outgoing, method, length):
    framing = frame_request(outgoing, method, length, True)
    return framing, lines(outgoing)


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"])
def test_request_without_a_body_says_nothing_of_it(method):
    assert request(head(), method, 0) == (NO_BODY, KEPT)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_request_that_should_have_a_body_says_that_it_is_empty(method):
    assert request(head(), method, 0) == (FIXED, KEPT + "Content-Length: 0\r\n")


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_body_of_a_request_is_always_framed(method):
    assert request(head(), method, 3) == (FIXED, KEPT + "Content-Length: 3\r\n")
    assert request(head(), method, -1) == (CHUNKED, KEPT + CODED)
    assert request(head(removed_length=True, removed_coding=True), method, 3) == (CHUNKED, KEPT + CODED)
    assert request(head({"Content-Length": 9}), method, -1) == (FIXED, "Content-Length: 9\r\n" + KEPT)
    assert request(head({"Transfer-Encoding": "chunked"}), method, 0) == (CHUNKED, CODED + KEPT)


def test_connect_has_no_body():
    assert request(head({"Content-Length": 9}), "CONNECT", -1) == (NO_BODY, KEPT)


# --- the length that was promised ---------------------------------------------------------------------------------

def test_body_of_the_promised_length_passes():
    body = BodyLength(5)
    for size in (2, 0):
        body.add(size)
    body.add(3, True)
    assert (body.declared, body.written) == (5, 5)


def test_body_that_is_too_long_is_refused_before_it_is_sent():
    body = BodyLength(5)
    body.add(5)
    with pytest.raises(StateError, match="6 bytes") as caught:
        body.add(1)
    assert caught.value.code == "ERR_HTTP_CONTENT_LENGTH_MISMATCH"
    assert body.written == 5


def test_body_that_is_too_short_is_refused_at_its_end():
    body = BodyLength(19)
    with pytest.raises(StateError, match="17 bytes") as caught:
        body.add(17, True)
    assert caught.value.code == "ERR_HTTP_CONTENT_LENGTH_MISMATCH"
    assert body.written == 0
