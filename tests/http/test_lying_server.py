"""Responses that lie about where they end, never end, switch unasked or fold: each ends in an error that is documented.

The table in docs/reference/http-client.md has the same rows.
"""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path
from typing import Any

import pytest

from netloop import events
from netloop.http.agent import Agent
from netloop.http.client_functions import get
from netloop.http.client_request import ClientRequest
from netloop.http.client_response import Response
from netloop.http.faults import ParseError
from netloop.stream import duplex_pair

_spec: Any = importlib.util.spec_from_file_location("client_peer", Path(__file__).with_name("client_peer.py"))
client_peer: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(client_peer)
OK, Peer, serve = client_peer.OK, client_peer.Peer, client_peer.serve

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n"


def ending(data: bytes) -> Any:
    return lambda socket: socket.end(data)


def endless(data: bytes, piece: bytes) -> Any:
    """Writes `data`, then `piece` as long as somebody takes it."""
    def answer(socket: Any) -> None:
        def go_on() -> None:
            while not socket.destroyed and socket.write(piece * 1000):
                pass
        socket.on("drain", go_on)
        socket.write(data)
        go_on()
    return answer


@pytest.mark.parametrize(("answer", "code"), [
    (HEAD + b"Content-Length: 10\r\n\r\nshort", "ECONNRESET"),
    (CHUNKED + b"5\r\nshort\r\n", "ECONNRESET"),
    (CHUNKED + b"5\r\nsho", "ECONNRESET"),
    (CHUNKED + b"5\r\nlonger\r\n0\r\n\r\n", "HPE_STRICT"),
    (CHUNKED + b"5\r\nshort\r\n0\r\nX: 1", "ECONNRESET"),
    (CHUNKED + b"-5\r\nshort\r\n", "HPE_INVALID_CHUNK_SIZE"),
    (CHUNKED + b"0\r\nContent-Length: 3\r\n\r\n", "HPE_UNEXPECTED_CONTENT_LENGTH"),
])
async def test_a_body_that_is_not_as_long_as_it_says_fails(answer: bytes, code: str) -> None:
    server, url = await serve(Peer(ending(answer)))
    response = await get(url, agent=False)
    with pytest.raises((ConnectionResetError, ParseError)) as caught:
        await response.read()
    assert caught.value.code == code  # type: ignore[union-attr]
    await server.close()


@pytest.mark.parametrize(("answer", "code"), [
    (SWITCH, "HPE_INVALID_STATUS"),
    (HEAD + b"X-Folded: one\r\n two\r\nContent-Length: 0\r\n\r\n", "HPE_INVALID_HEADER_TOKEN"),
    (HEAD + b"Content-Length: +5\r\n\r\nhello", "HPE_INVALID_CONTENT_LENGTH"),
    (HEAD + b"Content-Length: 5, 6\r\n\r\nhello", "HPE_INVALID_CONTENT_LENGTH"),
    (b"", "ECONNRESET"),
    (b"HTTP/1.1 200 O", "ECONNRESET"),
])
async def test_a_head_that_cannot_be_believed_fails(answer: bytes, code: str) -> None:
    server, url = await serve(Peer(ending(answer)))
    with pytest.raises((ConnectionResetError, ParseError)) as caught:
        await get(url, agent=False)
    assert caught.value.code == code  # type: ignore[union-attr]
    await server.close()


async def test_what_follows_a_response_is_an_error_and_nobodys_answer() -> None:
    peer = Peer(OK + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfake", OK)
    server, url = await serve(peer)
    agent = Agent(keep_alive=True)
    asked = get(url, agent=agent)
    asked.on("response", lambda response: response.resume())
    [error] = await events.once(asked, "error")
    assert error.code == "HPE_CLOSED_CONNECTION"
    assert await (await get(url, agent=agent)).text() == "hello"
    assert peer.connections == 2
    await destroyed(agent)
    await server.close()


async def test_what_follows_a_response_that_nobody_waits_for_any_more_is_nobodys_error(unhandled: list[Any]) -> None:
    ours, theirs = duplex_pair()
    asked = get("http://localhost/", create_connection=lambda callback, **options: ours)
    waiting = asyncio.ensure_future(answer_of(asked))
    theirs.on("error", lambda: None)
    await events.once(theirs, "data")
    waiting.cancel()                    # the task hears of it later than the request of the response
    theirs.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore")
    with pytest.raises(asyncio.CancelledError):
        await waiting
    theirs.destroy()
    await asyncio.sleep(0)
    assert unhandled == []


async def answer_of(request: ClientRequest) -> Response:
    return await request


async def test_who_awaits_a_response_gets_it_whatever_follows() -> None:
    peer = Peer(OK + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfake", OK)
    server, url = await serve(peer)
    agent = Agent(keep_alive=True)
    assert [await (await get(url, agent=agent)).text() for _ in range(2)] == ["hello", "hello"]
    assert peer.connections == 2
    await destroyed(agent)
    await server.close()


async def destroyed(agent: Agent) -> None:
    [[kept]] = agent.free_sockets.values()
    agent.destroy()
    await events.once(kept, "close")


@pytest.mark.parametrize(("begin", "piece"), [
    (CHUNKED, b"5\r\nhello\r\n"),
    (HEAD + b"\r\n", b"hello"),
    (HEAD + b"Content-Length: 999999999999999\r\n\r\n", b"hello"),
])
async def test_a_body_that_never_ends_is_given_up_at_max_size(begin: bytes, piece: bytes) -> None:
    server, url = await serve(Peer(endless(begin, piece)))
    with pytest.raises(RuntimeError) as caught:
        await (await get(url, agent=False)).read(max_size=100_000)
    assert caught.value.code == "ERR_HTTP_BODY_TOO_LARGE"  # type: ignore[attr-defined]
    await server.close()


@pytest.mark.parametrize(("begin", "piece"), [
    (HEAD, b"X: y\r\n"),
    (HEAD + b"X: ", b"y"),
    (CHUNKED + b"0\r\n", b"X: y\r\n"),
    (CHUNKED + b"5;", b"x"),
])
async def test_a_head_line_or_trailers_that_never_end_are_too_large(begin: bytes, piece: bytes) -> None:
    server, url = await serve(Peer(endless(begin, piece)))
    with pytest.raises(ParseError) as caught:
        await (await get(url, agent=False)).read()
    assert caught.value.code in ("HPE_HEADER_OVERFLOW", "HPE_CHUNK_EXTENSIONS_OVERFLOW")  # type: ignore[attr-defined]
    await server.close()


async def test_a_response_that_never_comes_is_a_timeout() -> None:
    server, url = await serve(Peer(lambda socket: None))
    asked = get(url, agent=False, timeout=20)
    asked.on("timeout", lambda: asked.destroy(TimeoutError("enough")))
    with pytest.raises(TimeoutError) as caught:
        await asked
    assert "of waiting for the response" in caught.value.__notes__[-1]
    await server.close()
