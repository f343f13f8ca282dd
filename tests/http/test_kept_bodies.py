"""What comes and goes is put where others were before: what a listener keeps, and what waits to be sent, is left alone."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from netloop import http

_spec: Any = importlib.util.spec_from_file_location("raw_client", Path(__file__).with_name("raw_client.py"))
raw_client: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(raw_client)
connected, status_and_body = raw_client.connected, raw_client.status_and_body

CLIENTS, ROUNDS = 20, 12            # many at once, and more bodies than there are places


def body_of(client: int, turn: int) -> bytes:
    return (b"%d.%d " % (client, turn)) * 512


def post(body: bytes) -> bytes:
    return b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


@asynccontextmanager
async def clients(server: http.Server) -> AsyncIterator[list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]:
    ends = [await asyncio.open_connection("127.0.0.1", server.address().port) for _ in range(CLIENTS)]
    try:
        yield ends
    finally:
        for _, writer in ends:
            writer.close()
            await writer.wait_closed()


async def test_bodies_that_are_kept_stay_as_they_came() -> None:
    kept: list[bytes] = []

    async def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        body = b"".join([chunk async for chunk in request])
        kept.append(body)
        response.end(body)

    async with connected(on_request) as (server, _), clients(server) as ends:
        for turn in range(ROUNDS):
            for client, (_, writer) in enumerate(ends):
                writer.write(post(body_of(client, turn)))
            for client, (reader, _) in enumerate(ends):
                assert await status_and_body(reader) == (200, body_of(client, turn))
    assert sorted(kept) == sorted(body_of(client, turn) for client in range(CLIENTS) for turn in range(ROUNDS))


async def test_answers_that_wait_for_their_clients_stay_as_they_were_written() -> None:
    """Those of a client that pipelines wait for one another, and for all that others are answered meanwhile."""
    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        response.end(answer_to(int(request.url[1:])))

    def answer_to(number: int) -> bytes:
        return b"=%d=" % number * 600

    async with connected(on_request) as (server, _), clients(server) as ends:
        for turn in range(ROUNDS):
            for client, (_, writer) in enumerate(ends):
                writer.write(b"".join(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % number for number in numbers(client, turn)))
            await asyncio.sleep(0)
        for client, (reader, _) in enumerate(ends):
            for turn in range(ROUNDS):
                for number in numbers(client, turn):
                    assert await status_and_body(reader) == (200, answer_to(number))


def numbers(client: int, turn: int) -> range:
    return range(first := client * 1000 + turn * 20, first + 20)
