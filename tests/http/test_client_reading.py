"""Reading the body of an awaited response: more than once, as text in whatever encoding, as JSON that is none."""

from __future__ import annotations

import asyncio
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from netloop import events
from netloop.errors import StateError
from netloop.http.client_functions import get, request

_spec: Any = importlib.util.spec_from_file_location("client_peer", Path(__file__).with_name("client_peer.py"))
client_peer: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(client_peer)
Peer, serve = client_peer.Peer, client_peer.serve


def answer(body: bytes, content_type: str = "text/plain") -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize("charset", ["punycode", "idna", "utf-7", "rot13", "no-such", "unicode_escape", "iso-8859-12", ""])
async def test_a_charset_that_is_none_of_the_web_is_read_as_utf_8(charset: str) -> None:
    server, url = await serve(Peer(answer("a-ä".encode() + b"\xff", f"text/plain; charset={charset}")))
    assert await (await get(url, agent=False)).text() == "a-ä\ufffd"
    await server.close()


@pytest.mark.parametrize(("charset", "text"), [
    ("UTF-8", "ä€"), ("utf-16le", "ä€"), ("ISO-8859-15", "ä€"), ("iso-8859-7", "λ"), ("windows-1252", "ä€"), ("koi8-r", "ж"),
    ("KOI8-U", "ї"), ("gbk", "中"), ("gb18030", "中"), ("big5", "中"), ("euc-jp", "日"), ("euc-kr", "한"),
    ("Shift_JIS", "日"), ("iso-2022-jp", "日"), ('"us-ascii"', "a"),
])
async def test_a_charset_of_the_web_is_heeded(charset: str, text: str) -> None:
    server, url = await serve(Peer(answer(text.encode(charset.strip('"')), f"text/plain; charset={charset}")))
    assert await (await get(url, agent=False)).text() == text
    await server.close()


async def test_an_encoding_that_a_program_names_is_its_own_affair() -> None:
    server, url = await serve(Peer(answer(b"a-4ga")))
    response = await get(url, agent=False)
    assert await response.text("punycode") == b"a-4ga".decode("punycode")
    with pytest.raises(LookupError):
        await response.text("no-such")
    await server.close()


@pytest.mark.parametrize("head", [b"Content-Length: 7", b"Connection: close"])
async def test_a_body_can_be_read_again(head: bytes) -> None:
    def close_after(socket: Any) -> None:
        socket.end(b"HTTP/1.1 200 OK\r\n" + head + b'\r\n\r\n{"a":1}')

    server, url = await serve(Peer(close_after))
    response = await get(url, agent=False)
    assert await response.read() == b'{"a":1}'
    assert await response.read() == b'{"a":1}'
    assert await response.text() == '{"a":1}'
    assert await response.json() == {"a": 1}
    with pytest.raises(RuntimeError, match="larger than max_size") as caught:
        await response.read(6)
    assert caught.value.code == "ERR_HTTP_BODY_TOO_LARGE"  # type: ignore[attr-defined]
    await server.close()


async def test_what_is_no_json_is_shown_in_a_note() -> None:
    body = b"<html>" + b"x" * 100
    server, url = await serve(Peer(answer(body, "text/html")))
    response = await get(url + "/page", agent=False)
    with pytest.raises(json.JSONDecodeError) as caught:
        await response.json()
    note, = caught.value.__notes__
    for part in (f"{url}/page", "200 OK", "'text/html'", repr(body[:80].decode())):
        assert part in note
    assert "x" * 75 not in note
    await server.close()


# --- several who want it --------------------------------------------------------------------------------------------

class Parts:
    """A server that sends the head and the first byte of a body, and the rest when it is told to."""

    def __init__(self, rest: bytes) -> None:
        self.rest = rest
        self.sockets: list[Any] = []

    def __call__(self, socket: Any) -> None:
        self.sockets.append(socket)
        socket.on("error", lambda: None)
        socket.once("data", lambda: socket.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\na" % (len(self.rest) + 1)))

    def send_rest(self) -> None:
        self.sockets[0].write(self.rest)


async def test_all_who_read_at_a_time_get_the_whole_body() -> None:
    parts = Parts(b"b" * 100_000)
    server, url = await serve(parts)
    response = await get(url, agent=False)
    reading = asyncio.gather(response.read(), response.text(), response.read())
    await asyncio.sleep(0)
    parts.send_rest()
    assert [len(each) for each in await reading] == [100_001] * 3
    assert await response.read() == b"a" + parts.rest
    await server.close()


@pytest.mark.parametrize("first", [True, False])
async def test_who_gives_up_reading_leaves_the_body_to_the_others(first: bool) -> None:
    parts = Parts(b"b" * 100_000)
    server, url = await serve(parts)
    response = await get(url, agent=False)
    readers = [asyncio.ensure_future(response.read()) for _ in range(2)]
    await asyncio.sleep(0)
    readers[0 if first else 1].cancel()
    await asyncio.sleep(0)
    parts.send_rest()
    assert await readers[1 if first else 0] == b"a" + parts.rest
    await server.close()


async def test_after_the_last_who_gives_up_reading_the_response_is_destroyed() -> None:
    server, url = await serve(Parts(b"b"))
    response = await get(url, agent=False)
    readers = [asyncio.ensure_future(response.read()) for _ in range(2)]
    await asyncio.sleep(0)
    for reader in readers:
        assert not response.message.destroyed
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
    assert response.message.destroyed
    await server.close()


async def test_each_who_reads_has_a_limit_of_his_own() -> None:
    parts = Parts(b"b" * 100_000)
    server, url = await serve(parts)
    response = await get(url, agent=False)
    modest, other = asyncio.ensure_future(response.read(1000)), asyncio.ensure_future(response.read())
    await asyncio.sleep(0)
    parts.send_rest()
    with pytest.raises(StateError, match="larger than max_size, 1000 bytes"):
        await modest
    assert len(await other) == 100_001
    await server.close()


async def test_a_request_that_is_awaited_again_gives_the_same_response() -> None:
    server, url = await serve(Peer(answer(b"hello")))
    asked = get(url, agent=False)
    response = await asked
    assert await response.text() == "hello"
    assert await asked is response
    del response
    assert await (await asked).text() == "hello"
    await server.close()


async def test_all_who_await_a_request_get_its_body() -> None:
    server, url = await serve(Peer(answer(b"hello")))
    asked = get(url, agent=False)

    async def text() -> str:
        return await (await asked).text()

    assert await asyncio.gather(text(), text()) == ["hello", "hello"]
    await server.close()


async def test_who_gives_up_waiting_for_a_response_leaves_it_to_the_others() -> None:
    server, url = await serve(Peer(answer(b"hello")))
    asked = get(url, agent=False)

    async def text() -> str:
        return await (await asked).text()

    waiting = [asyncio.ensure_future(text()) for _ in range(2)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    assert await waiting[1] == "hello"
    await server.close()


async def test_who_gives_up_reading_just_as_the_end_comes_may_read_again() -> None:
    parts = Parts(b"b")
    server, url = await serve(parts)
    response = await get(url, agent=False)
    reader = asyncio.ensure_future(response.read())
    await asyncio.sleep(0)
    response.message.once("close", reader.cancel)
    parts.send_rest()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert await response.read() == b"ab"
    await server.close()


@pytest.mark.parametrize("first", [True, False])
async def test_who_gives_up_waiting_just_as_the_response_comes_leaves_it_to_the_others(first: bool) -> None:
    parts = Parts(b"b")
    server, url = await serve(parts)
    asked = get(url, agent=False)

    async def text() -> str:
        return await (await asked).text()

    waiting = [asyncio.ensure_future(text()) for _ in range(2)]
    asked.once("response", lambda _: waiting[0 if first else 1].cancel())
    await events.once(asked, "response")
    await asyncio.sleep(0)
    parts.send_rest()
    assert await waiting[1 if first else 0] == "ab"
    await server.close()


async def test_after_the_last_who_gives_up_waiting_the_request_is_destroyed() -> None:
    server, url = await serve(Parts(b"b"))
    asked = get(url, agent=False)

    async def wait() -> None:
        await asked

    waiting = [asyncio.ensure_future(wait()) for _ in range(2)]
    asked.once("response", lambda _: [each.cancel() for each in waiting])
    for each in waiting:
        with pytest.raises(asyncio.CancelledError):
            await each
    assert asked.destroyed
    await server.close()


async def test_a_redirect_is_followed_once_for_all_who_await_the_request() -> None:
    peer = Peer(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n", answer(b"hello"))
    server, url = await serve(peer)
    asked = request(url, method="POST", agent=False, max_redirects=1).end(b"order")

    async def text() -> str:
        return await (await asked).text()

    assert await asyncio.gather(text(), text()) == ["hello", "hello"]
    assert await text() == "hello"
    assert [each.split()[1] for each in peer.received] == [b"/", b"/b"]
    await server.close()
