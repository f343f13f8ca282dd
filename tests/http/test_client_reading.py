"""Reading the body of an awaited response: more than once, as text in whatever encoding, as JSON that is none."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from netloop.http.client_functions import get

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
