"""What the notes of a request's error say: what was asked, how far it came, and each of it once."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path
from typing import Any

import pytest

from netloop.http.client_functions import get, request

_spec: Any = importlib.util.spec_from_file_location("client_peer", Path(__file__).with_name("client_peer.py"))
client_peer: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(client_peer)
OK, Peer, serve = client_peer.OK, client_peer.Peer, client_peer.serve


async def test_a_request_that_the_system_has_in_part_was_not_sent() -> None:
    def reset_at_the_first_bytes(socket: Any) -> None:
        socket.once("data", lambda _: socket.reset_and_destroy())

    server, url = await serve(reset_at_the_first_bytes)
    asked = request(url, method="POST", agent=False).end(bytes(30_000_000))
    with pytest.raises(ConnectionError) as caught:
        await asked
    assert not asked.writable_finished
    note, = (note for note in caught.value.__notes__ if note.startswith("POST "))
    assert "of sending the request" in note
    await server.close()


async def test_a_body_that_the_program_gives_up_says_where() -> None:
    server, url = await serve(Peer(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"))
    asked = get(url, agent=False, timeout=10)
    asked.on("timeout", asked.destroy)
    with pytest.raises(ConnectionResetError, match="aborted") as caught:
        await (await asked).read()
    assert "of receiving the body" in "".join(caught.value.__notes__)
    await server.close()


async def test_all_who_await_a_request_hear_once_that_it_was_redirected() -> None:
    server, url = await serve(Peer(b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
                                   lambda socket: socket.destroy()))
    asked = get(f"{url}/a", agent=False, max_redirects=1)

    async def wait() -> None:
        await asked

    error, other = await asyncio.gather(wait(), wait(), return_exceptions=True)
    assert error is other
    assert isinstance(error, ConnectionResetError)
    assert error.__notes__.count(f"GET {url}/a was redirected there") == 1
    await server.close()
