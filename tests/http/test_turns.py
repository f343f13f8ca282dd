"""A client that pipelines without end keeps neither the other clients waiting nor the timers, and makes nothing pile up."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from netloop import http, set_immediate

_spec: Any = importlib.util.spec_from_file_location("raw_client", Path(__file__).with_name("raw_client.py"))
raw_client: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(raw_client)
connected, status_and_body = raw_client.connected, raw_client.status_and_body

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"
MOST = 200                      # requests of one connection in one turn


@pytest.mark.parametrize("request_bytes", [GET, POST])
async def test_the_loop_turns_while_thousands_of_pipelined_requests_are_answered(request_bytes: bytes) -> None:
    served: list[int] = [0]     # in each turn

    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        served[-1] += 1
        if len(served) == 1:
            next_turn()
        response.end("ok")

    def next_turn() -> None:
        if sum(served) < 2000:
            served.append(0)
            set_immediate(next_turn)

    async with connected(on_request) as (_, (reader, writer)):
        writer.write(request_bytes * 2000)
        for _ in range(2000):
            assert await status_and_body(reader) == (200, b"ok")
        assert sum(served) == 2000
        assert max(served) <= MOST


async def test_requests_that_came_are_answered_though_the_client_has_finished() -> None:
    async with connected(lambda request, response: response.end("ok"), half_open=True) as (_, (reader, writer)):
        writer.write(GET * 1000)
        writer.write_eof()
        assert (await reader.read()).count(b"200 OK") == 1000


async def test_a_connection_that_waits_for_its_turn_can_be_closed() -> None:
    seen = 0

    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        nonlocal seen
        seen += 1
        if seen == 10:
            set_immediate(request.socket.destroy)
        response.end("ok")

    async with connected(on_request) as (_, (reader, writer)):
        writer.write(GET * 1000)
        try:
            await reader.read()
        except ConnectionResetError:
            pass
        assert seen < 1000
