"""A request closes when its exchange is over, also where nobody reads the response; then nothing of it is left."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path
from typing import Any

import pytest

from netloop import diagnostics, events
from netloop.events import AbortController
from netloop.http.agent import Agent
from netloop.http.client_functions import get, request
from netloop.http.client_request import ClientRequest

_spec: Any = importlib.util.spec_from_file_location("client_peer", Path(__file__).with_name("client_peer.py"))
client_peer: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(client_peer)
OK, Peer, serve = client_peer.OK, client_peer.Peer, client_peer.serve

FOUND = b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 2\r\n\r\nup"


async def closed(emitter: Any) -> None:
    """Wait for `close`, whatever comes before it."""
    future = asyncio.get_running_loop().create_future()
    emitter.on("close", lambda *_: future.done() or future.set_result(None))
    await future


async def leave_when_it_is_here(asked: ClientRequest) -> None:
    async with await asked as response:
        while not response.message.complete:
            await asyncio.sleep(0)


async def read_where_it_leads(asked: ClientRequest) -> None:
    assert await (await asked).read() == b"hello"


@pytest.mark.parametrize(("answer", "use"), [(OK, leave_when_it_is_here), (FOUND, read_where_it_leads)])
async def test_a_request_whose_response_nobody_read_closes(answer: bytes, use: Any) -> None:
    ended: list[Any] = []

    def note(message: Any, name: Any) -> None:
        ended.append(message["request"])

    server, url = await serve(Peer(answer))
    agent, controller = Agent(keep_alive=True), AbortController()
    diagnostics.subscribe("http.client.request.end", note)
    try:
        asked = get(url, agent=agent, signal=controller.signal, max_redirects=1)
        await asyncio.gather(closed(asked), use(asked))
    finally:
        diagnostics.unsubscribe("http.client.request.end", note)
    assert asked.closed
    assert asked in ended
    assert events.get_event_listeners(controller.signal, "abort") == []
    agent.destroy()
    await server.close()


@pytest.mark.parametrize(("answer", "method"), [
    (b"HTTP/1.1 204 No Content\r\n\r\n", "DELETE"), (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "GET"),
])
async def test_a_request_whose_awaited_response_has_no_body_closes_unread(answer: bytes, method: str) -> None:
    server, url = await serve(Peer(answer))
    controller = AbortController()
    asked = request(url, method=method, agent=False, signal=controller.signal).end()
    _, response = await asyncio.gather(closed(asked), asked)
    assert events.get_event_listeners(controller.signal, "abort") == []
    response.message.resume()
    await events.once(response.message, "end")
    await server.close()


async def test_an_empty_body_can_be_read_when_the_request_is_closed() -> None:
    server, url = await serve(Peer(*[b"HTTP/1.1 204 No Content\r\n\r\n"] * 2))
    asked = get(url, agent=False)
    _, response = await asyncio.gather(closed(asked), asked)
    assert await response.read() == await response.read() == b""
    asked = get(url, agent=False)
    _, response = await asyncio.gather(closed(asked), asked)
    assert [chunk async for chunk in response] == []
    await server.close()
