"""Response and request splitting: no way to set a part of a head lets anything beyond its line."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from netloop import AbortSignal, http
from netloop.errors import ArgumentValueError
from netloop.stream import duplex_pair

SPLITTERS = ["a\r\nX-Evil: 1", "a\r\n\r\nevil", "a\nX-Evil: 1", "a\rX-Evil: 1", "a\r\n X-Evil: 1", "a\x00", "\r\n", "\n",
             "a\u010a\u010dX-Evil: 1",       # whose low bytes are CR and LF
             "a\x0bX-Evil: 1", "a\x85X-Evil: 1\u2028"]
CODES = ("ERR_INVALID_CHAR", "ERR_INVALID_HTTP_TOKEN", "ERR_UNESCAPED_CHARACTERS", "ERR_INVALID_URL")

RESPONSES = [
    lambda response, text: response.set_header("X", text),
    lambda response, text: response.set_header("X", ["a", text]),
    lambda response, text: response.set_header(text, "a"),
    lambda response, text: response.set_header("Set-Cookie", ["a=1", text]),
    lambda response, text: response.set_headers({"X": text}),
    lambda response, text: response.set_headers({text: "a"}),
    lambda response, text: response.append_header("X", text),
    lambda response, text: response.set_header("X", "a").append_header("X", ["b", text]),
    lambda response, text: response.append_header(text, "a"),
    lambda response, text: response.write_head(200, text),
    lambda response, text: response.write_head(200, {"X": text}),
    lambda response, text: response.write_head(200, {text: "a"}),
    lambda response, text: response.write_head(200, "OK", {"X": ["a", text]}),
    lambda response, text: response.write_head(200, ["X", text]),
    lambda response, text: response.write_head(200, [("X", text)]),
    lambda response, text: response.write_head(200, [text, "a"]),
    lambda response, text: response.add_trailers({"X": text}),
    lambda response, text: response.add_trailers([(text, "a")]),
    lambda response, text: response.write_early_hints({"link": text}),
    lambda response, text: response.write_early_hints({"link": ["</a>", text]}),
    lambda response, text: response.write_early_hints({"link": "</a>", "X": text}),
    lambda response, text: response.write_information(104, {"X": text}),
    lambda response, text: response.write_information(104, {text: "a"}),
]


async def wire_of(on_request: Any) -> bytes:
    client, stream = duplex_pair()
    received: list[bytes] = []
    client.on("data", received.append)
    server = http.create_server(on_request)
    server.emit("connection", stream)
    client.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    for _ in range(10):
        await asyncio.sleep(0)
    client.destroy()
    server.close_all_connections()
    await asyncio.sleep(0)
    return b"".join(received)


@pytest.mark.parametrize("text", SPLITTERS)
async def test_no_response_is_split(text: str) -> None:
    for send in RESPONSES:
        codes = []

        def on_request(request: http.IncomingMessage, response: http.ServerResponse, send: Any = send,
                       codes: list[str] = codes) -> None:
            try:
                send(response, text)
            except ArgumentValueError as error:
                codes.append(error.code)
            response.end("body")

        wire = await wire_of(on_request)
        assert codes[0] in CODES
        assert wire.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"vil" not in wire
        assert wire.count(b"\r\n\r\n") == 1


@pytest.mark.parametrize("text", SPLITTERS)
async def test_no_status_message_splits_a_response(text: str, unhandled: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        response.status_message = text
        response.end("body")

    assert (await wire_of(on_request)).startswith(b"HTTP/1.1 500 Internal Server Error\r\n")


REQUESTS = [
    lambda text: {"headers": {"X": text}}, lambda text: {"headers": {text: "a"}},
    lambda text: {"headers": {"X": ["a", text]}}, lambda text: {"headers": {"Cookie": ["a", text]}},
    lambda text: {"headers": {"Host": text}},
    lambda text: {"headers": ["X", text]}, lambda text: {"headers": [("X", text)]}, lambda text: {"headers": [(text, "a")]},
    lambda text: {"method": text}, lambda text: {"path": "/" + text}, lambda text: {"host": text},
]


@pytest.mark.parametrize("text", SPLITTERS)
@pytest.mark.parametrize("options", REQUESTS)
def test_no_request_is_split(text: str, options: Any) -> None:
    with pytest.raises(ArgumentValueError) as caught:
        http.request(signal=AbortSignal.abort(), **options(text))
    assert caught.value.code in CODES


@pytest.mark.parametrize("text", SPLITTERS)
@pytest.mark.parametrize("change", [
    lambda request, text: request.set_header("X", text), lambda request, text: request.append_header(text, "a"),
    lambda request, text: setattr(request, "path", "/" + text), lambda request, text: setattr(request, "method", text),
    lambda request, text: request.add_trailers({"X": text})])
def test_no_change_to_a_request_splits_it(text: str, change: Any) -> None:
    request = http.request("http://localhost/", signal=AbortSignal.abort()).on("error", lambda: None)
    with pytest.raises(ArgumentValueError) as caught:
        change(request, text)
    assert caught.value.code in CODES


@pytest.mark.parametrize("url", ["http://a\r\nb/", "http://a/\r\nX: 1", "http://a/\nb", "http://a b/", "http://a/\x00"])
def test_no_url_splits_a_request(url: str) -> None:
    with pytest.raises(ArgumentValueError) as caught:
        http.get(url)
    assert caught.value.code == "ERR_INVALID_URL"
