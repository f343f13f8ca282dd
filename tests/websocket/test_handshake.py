"""RFC 6455 section 4: every header right, wrong, missing, doubled and in another case."""

from __future__ import annotations

from typing import Any

import pytest

from netloop.errors import ArgumentValueError
from netloop.websocket.client_handshake import check_response, make_key, request_headers
from netloop.websocket.deflate_options import DeflateOptions, DeflateParameters
from netloop.websocket.errors import HandshakeError
from netloop.websocket.handshake import accept_for
from netloop.websocket.server_handshake import (
    UpgradeRequest,
    answer_head,
    check_request,
    choose,
    refusal,
    serialise_head,
)

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
REQUEST = {"host": "example.com", "upgrade": "websocket", "connection": "Upgrade", "sec-websocket-key": KEY,
           "sec-websocket-version": "13"}
RESPONSE = {"upgrade": "websocket", "connection": "Upgrade", "sec-websocket-accept": ACCEPT}
DOUBLED = {name: f"{value}, {value}" for name, value in REQUEST.items()}


def with_header(headers: dict[str, str], name: str, value: Any) -> dict[str, Any]:
    """A copy with one header changed; None leaves it out."""
    changed = {**headers, name: value}
    return {name: value for name, value in changed.items() if value is not None}


def test_the_example_of_the_rfc():
    """RFC 6455 section 1.3."""
    assert accept_for(KEY) == ACCEPT
    assert make_key(b"the sample nonce") == KEY


# --- the request ----------------------------------------------------------------------------------------------------------

def test_a_request_as_it_must_be():
    assert check_request("GET", "1.1", REQUEST) == UpgradeRequest(KEY)
    full = REQUEST | {"sec-websocket-protocol": "chat , superchat", "origin": "http://example.com",
                      "sec-websocket-extensions": "permessage-deflate; client_max_window_bits"}
    assert check_request("GET", "1.1", full) == UpgradeRequest(
        KEY, ("chat", "superchat"), (("permessage-deflate", (("client_max_window_bits", None),)),), "http://example.com")


@pytest.mark.parametrize(("name", "value"), [
    ("upgrade", "WebSocket"), ("upgrade", " websocket\t"), ("connection", "keep-alive, UPGRADE"), ("connection", "upgrade"),
    ("connection", ["keep-alive", "Upgrade"]), ("connection", "Upgrade, Upgrade"), ("sec-websocket-version", " 13 "),
    ("sec-websocket-extensions", ""), ("sec-websocket-protocol", ["a", "b"])])
def test_what_is_also_right(name, value):
    assert check_request("GET", "1.1", with_header(REQUEST, name, value)).key == KEY


@pytest.mark.parametrize(("name", "value", "status"), [
    ("upgrade", None, 426), ("upgrade", "", 400), ("upgrade", "h2c", 400), ("upgrade", DOUBLED["upgrade"], 400),
    ("connection", None, 400), ("connection", "keep-alive", 400), ("connection", "no-upgrade", 400),
    ("sec-websocket-version", None, 400), ("sec-websocket-version", "8", 426), ("sec-websocket-version", "013", 426),
    ("sec-websocket-version", DOUBLED["sec-websocket-version"], 426), ("sec-websocket-version", "", 426),
    ("sec-websocket-key", None, 400), ("sec-websocket-key", "", 400), ("sec-websocket-key", "dGhlIHNhbXBsZQ==", 400),
    ("sec-websocket-key", DOUBLED["sec-websocket-key"], 400), ("sec-websocket-key", KEY[:-1], 400),
    ("sec-websocket-key", "!" * 22 + "==", 400), ("sec-websocket-key", "é" * 24, 400), ("sec-websocket-key", "A" * 24, 400),
    ("sec-websocket-protocol", "", 400), ("sec-websocket-protocol", "a b", 400), ("sec-websocket-protocol", "a,a", 400),
    ("sec-websocket-protocol", "a/b", 400), ("sec-websocket-extensions", "foo;", 400)])
def test_what_is_wrong(name, value, status):
    with pytest.raises(HandshakeError) as raised:
        check_request("GET", "1.1", with_header(REQUEST, name, value))
    assert raised.value.status == status
    assert raised.value.code == "WS_ERR_HANDSHAKE"


@pytest.mark.parametrize("method", ["POST", "HEAD", "get", ""])
def test_another_method_is_not_allowed(method):
    with pytest.raises(HandshakeError) as raised:
        check_request(method, "1.1", REQUEST)
    assert (raised.value.status, raised.value.headers) == (405, {"Allow": "GET"})


def test_http_1_0_cannot_be_upgraded():
    with pytest.raises(HandshakeError) as raised:
        check_request("GET", "1.0", REQUEST)
    assert raised.value.status == 400


# --- the answer -----------------------------------------------------------------------------------------------------------

def test_the_answer():
    request = UpgradeRequest(KEY)
    assert serialise_head(answer_head(request, choose(request))).decode() == (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {ACCEPT}\r\n\r\n")


def test_the_answer_with_a_subprotocol_and_compression():
    headers = REQUEST | {"sec-websocket-protocol": "chat, superchat", "sec-websocket-extensions": "foo, permessage-deflate"}
    request = check_request("GET", "1.1", headers)
    agreement = choose(request, "superchat", DeflateOptions(server_max_window_bits=10))
    assert answer_head(request, agreement)[4:] == [
        "Sec-WebSocket-Protocol: superchat", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10"]
    assert agreement.deflate == DeflateParameters(server_max_window_bits=10)


def test_compression_is_not_chosen_where_it_is_not_wanted():
    request = check_request("GET", "1.1", REQUEST | {"sec-websocket-extensions": "permessage-deflate"})
    assert choose(request).deflate is None
    assert choose(request, None, DeflateOptions()).deflate == DeflateParameters()


def test_only_a_subprotocol_that_was_asked_for_is_chosen():
    with pytest.raises(ArgumentValueError, match="protocol"):
        choose(UpgradeRequest(KEY, ("chat",)), "other")
    assert choose(UpgradeRequest(KEY, ("chat",)), None).protocol == ""


def test_a_refusal_says_why():
    with pytest.raises(HandshakeError) as raised:
        check_request("GET", "1.1", REQUEST | {"sec-websocket-version": "8"})
    assert refusal(raised.value).decode() == (
        "HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Length: 42\r\nSec-WebSocket-Version: 13\r\n\r\nSec-WebSocket-Version must be 13; got '8'\n")


def test_a_refusal_cannot_be_made_to_carry_a_header():
    with pytest.raises(HandshakeError) as raised:
        check_request("GET", "1.1", REQUEST | {"upgrade": "x\r\nSet-Cookie: y"})
    assert refusal(raised.value).count(b"\r\n") == 5


@pytest.mark.parametrize("line", ["X: a\r\nY: b", "X: a\nb", "X: \0", "X: €"])
def test_a_line_that_is_none_is_not_sent(line):
    with pytest.raises(ArgumentValueError, match="header"):
        serialise_head(["HTTP/1.1 101 Switching Protocols", line])


# --- the client -----------------------------------------------------------------------------------------------------------

def test_what_a_client_asks():
    assert request_headers(KEY) == {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": KEY}
    full = request_headers(KEY, ["chat", "superchat"], DeflateOptions(), "http://example.com", 8)
    assert full["Sec-WebSocket-Protocol"] == "chat, superchat"
    assert full["Sec-WebSocket-Extensions"] == "permessage-deflate; client_max_window_bits"
    assert full["Origin"] == "http://example.com"
    assert full["Sec-WebSocket-Version"] == "8"


@pytest.mark.parametrize("protocols", [["a b"], [""], ["a", "a"], ["é"], [1]])
def test_subprotocols_are_tokens(protocols):
    with pytest.raises(ArgumentValueError, match="protocols"):
        request_headers(KEY, protocols)


@pytest.mark.parametrize("random", [b"", bytes(15), bytes(17)])
def test_a_key_is_made_of_16_bytes(random):
    with pytest.raises(ArgumentValueError, match="16 bytes"):
        make_key(random)


def test_a_response_as_it_must_be():
    assert check_response(101, RESPONSE, KEY) == ("", "", None)
    other_case = {"upgrade": "WebSocket", "connection": "keep-alive, upgrade"}
    assert check_response(101, RESPONSE | other_case, KEY) == ("", "", None)
    assert check_response(101, RESPONSE | {"sec-websocket-protocol": "b"}, KEY, ["a", "b"]).protocol == "b"
    answered = check_response(101, RESPONSE | {"sec-websocket-extensions": "permessage-deflate"}, KEY, (), DeflateOptions())
    assert (answered.extensions, answered.deflate) == ("permessage-deflate", DeflateParameters())


@pytest.mark.parametrize(("name", "value"), [
    ("upgrade", None), ("upgrade", "h2c"), ("upgrade", "websocket, websocket"), ("connection", None), ("connection", "close"),
    ("sec-websocket-accept", None), ("sec-websocket-accept", ACCEPT.lower()), ("sec-websocket-accept", f"{ACCEPT}, {ACCEPT}"),
    ("sec-websocket-accept", accept_for(KEY[::-1])), ("sec-websocket-protocol", None), ("sec-websocket-protocol", ""),
    ("sec-websocket-protocol", "other"), ("sec-websocket-protocol", "CHAT"), ("sec-websocket-protocol", "chat, chat"),
    ("sec-websocket-extensions", "foo"), ("sec-websocket-extensions", "permessage-deflate, permessage-deflate"),
    ("sec-websocket-extensions", "permessage-deflate; foo"), ("sec-websocket-extensions", ";")])
def test_a_response_that_is_wrong(name, value):
    headers = with_header(RESPONSE | {"sec-websocket-protocol": "chat"}, name, value)
    with pytest.raises(HandshakeError):
        check_response(101, headers, KEY, ["chat"], DeflateOptions())


def test_what_was_not_asked_for_fails():
    for name, value in (("sec-websocket-protocol", "chat"), ("sec-websocket-extensions", "permessage-deflate")):
        with pytest.raises(HandshakeError):
            check_response(101, RESPONSE | {name: value}, KEY)


@pytest.mark.parametrize("status", [200, 301, 400, 401, 426, 500])
def test_another_status_is_no_upgrade(status):
    with pytest.raises(HandshakeError, match=f"Unexpected server response: {status}") as raised:
        check_response(status, RESPONSE, KEY)
    assert raised.value.status == status


@pytest.mark.parametrize("protocols", [[], ["chat"], ["superchat", "chat"]])
@pytest.mark.parametrize("deflate", [None, DeflateOptions(), DeflateOptions(client_max_window_bits=9)])
def test_both_sides_arrive_at_the_same(protocols, deflate):
    asked = {name.lower(): value for name, value in request_headers(KEY, protocols, deflate).items()}
    request = check_request("GET", "1.1", asked)
    theirs = choose(request, protocols[-1] if protocols else None, DeflateOptions())
    lines = serialise_head(answer_head(request, theirs)).decode().split("\r\n")[1:-2]
    answered = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert check_response(101, answered, KEY, protocols, deflate) == theirs
