"""When a request is sent once more: its kept connection was lost, and the server was the one who ended it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from netloop import events
from netloop.http.agent import Agent
from netloop.http.client_functions import get, request
from netloop.http.client_request import ClientRequest

_spec: Any = importlib.util.spec_from_file_location("client_peer", Path(__file__).with_name("client_peer.py"))
client_peer: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(client_peer)
OK, Peer, serve = client_peer.OK, client_peer.Peer, client_peer.serve


async def keep_a_connection(url: str, agent: Agent) -> None:
    asked = get(url, agent=agent)
    assert await (await asked).read() == b"hello"
    if not asked.closed:
        await events.once(asked, "close")


@pytest.mark.parametrize(("close", "error", "text"), [
    (lambda agent, asked: agent.destroy(), ConnectionResetError, "socket hang up"),
    (lambda agent, asked: asked.socket.destroy(), ConnectionResetError, "socket hang up"),
    (lambda agent, asked: asked.socket.destroy(TimeoutError("too slow")), TimeoutError, "too slow"),
])
async def test_a_request_whose_connection_the_program_closes_is_not_sent_again(
        close: Callable[[Agent, ClientRequest], object], error: type[Exception], text: str) -> None:
    agent = Agent(keep_alive=True)
    peer = Peer(OK, lambda socket: close(agent, asked))
    server, url = await serve(peer)
    await keep_a_connection(url, agent)
    asked = request(url, method="PUT", agent=agent).end(b"order")
    with pytest.raises(error, match=text):
        await asked
    assert asked.reused_socket
    assert len(peer.received) == 2
    assert agent.sockets == {}
    await server.close()


def end_with_a_callback(asked: ClientRequest) -> None:
    asked.end(lambda *_: None)


def flush_and_end(asked: ClientRequest) -> None:
    asked.flush_headers()
    asked.end()


def flush_and_end_with_the_body(asked: ClientRequest) -> None:
    asked.set_header("Content-Length", 5)
    asked.flush_headers()
    asked.end(b"order")


async def end_late_and_listen_for_finish(asked: ClientRequest) -> None:
    await events.once(asked, "socket")
    asked.on("finish", lambda: None).end(b"order")


WAYS_TO_END = [end_with_a_callback, flush_and_end, flush_and_end_with_the_body, end_late_and_listen_for_finish]


@pytest.mark.parametrize("end", WAYS_TO_END)
@pytest.mark.parametrize("answer", [
    lambda socket: socket.destroy(), b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
])
async def test_a_request_is_sent_again_however_it_was_ended(answer: Any, end: Callable[[ClientRequest], Any]) -> None:
    agent, peer = Agent(keep_alive=True), Peer(OK, answer)
    server, url = await serve(peer)
    await keep_a_connection(url, agent)
    asked = request(url, method="GET" if end is flush_and_end else "PUT", agent=agent, max_redirects=1)
    waiting = end(asked)
    if waiting is not None:
        await waiting
    assert await (await asked).read() == b"hello"
    first, second = (sent.partition(b"\r\n\r\n")[2] for sent in peer.received[1:])
    assert first == second
    agent.destroy()
    await server.close()
