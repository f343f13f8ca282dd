"""How a connection of a server ends: nobody is cut off while his answer is on its way, and nobody stays for ever."""

from __future__ import annotations

import asyncio
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
LAST_GET = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
HALF_POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + bytes(500_000)
UPGRADE = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
LARGE = bytes(8_000_000)        # more than the buffers of two sockets


async def body(reader: asyncio.StreamReader) -> bytes:
    content: bytes = (await status_and_body(reader))[1]
    return content


# --- clocks that are not for it ---------------------------------------------------------------------------------

async def test_the_idle_clock_of_a_request_before_does_not_cut_the_last_answer() -> None:
    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        response.end(LARGE if request.headers.get("connection") == "close" else b"small")

    async with connected(on_request, keep_alive_timeout=20, keep_alive_timeout_buffer=0) as (_, (reader, writer)):
        writer.write(GET)
        assert await body(reader) == b"small"
        writer.write(LAST_GET)
        await asyncio.sleep(0.06)
        assert await body(reader) == LARGE
        assert await reader.read() == b""


async def test_the_idle_clock_does_not_end_a_client_that_has_finished_and_waits() -> None:
    async def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        answers.append(response)
        await asyncio.sleep(0.06 if len(answers) > 1 else 0)
        response.end("ok")

    answers: list[Any] = []
    async with connected(on_request, keep_alive_timeout=20, keep_alive_timeout_buffer=0, half_open=True) as (
            _, (reader, writer)):
        writer.write(GET)
        assert await body(reader) == b"ok"
        writer.write(GET)
        writer.write_eof()
        assert await body(reader) == b"ok"


async def test_lingering_begins_when_the_answer_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netloop.http.clocks.LINGER_MS", 20)

    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        response.write_head(413, {"Connection": "close"})
        response.end(LARGE)

    async with connected(on_request) as (_, (reader, writer)):
        writer.write(HALF_POST)
        await asyncio.sleep(0.06)
        assert await body(reader) == LARGE
        assert await reader.read() == b""


async def test_a_request_that_leaves_http_has_come_though_it_waits_for_an_answer() -> None:
    async def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        await asyncio.sleep(0.06)
        response.end("first")

    async with connected(on_request, headers_timeout=20, request_timeout=20) as (server, (reader, writer)):
        server.on("upgrade", lambda request, socket, head: socket.end(b"second"))
        writer.write(GET + UPGRADE)
        assert (await reader.read()).endswith(b"firstsecond")


async def test_the_socket_timeout_is_not_for_a_connection_that_is_kept() -> None:
    async with connected(lambda request, response: response.end("ok")) as (server, (reader, writer)):
        server.set_timeout(20)
        for _ in range(2):
            writer.write(GET)
            assert await body(reader) == b"ok"
            await asyncio.sleep(0.06)
        server.keep_alive_timeout = 0
        writer.write(GET)
        assert (await reader.read()).endswith(b"ok")    # now it is the only one that ends it


# --- clocks that are for it -------------------------------------------------------------------------------------

@pytest.mark.parametrize("interval", [None, 5])
async def test_a_request_that_waits_for_the_program_has_its_time_once_more(interval: int | None) -> None:
    came: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        size = 0
        await asyncio.sleep(0.2)         # two and a half times that
        try:
            async for chunk in request:
                size += len(chunk)
        except OSError:
            came.set_result(size)

    async with connected(on_request, request_timeout=80, connections_checking_interval=interval) as (
            _, (reader, writer)):
        writer.write(HALF_POST)
        assert b" 408 " in await reader.read()
        assert await came == 500_000


async def test_a_request_that_was_answered_and_is_left_paused_is_given_up() -> None:
    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        request.once("data", lambda chunk: request.pause())
        response.write_head(413)
        response.end("no")

    async with connected(on_request, request_timeout=20) as (_, (reader, writer)):
        writer.write(HALF_POST)
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert answer.endswith(b"\r\n\r\nno")         # a second answer would be taken for that to the next request


async def test_a_client_that_does_not_read_cannot_stop_the_clock() -> None:
    async with connected(lambda request, response: request.pipe(response), request_timeout=100) as (_, (_, writer)):
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n" + LARGE)
        with pytest.raises(ConnectionError):
            await writer.drain()
            while True:
                writer.write(LARGE)
                await writer.drain()


@pytest.mark.parametrize("reads", [True, False])
async def test_a_client_that_sends_all_before_it_reads_gets_the_last_answer(reads: bool) -> None:
    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        if reads:
            request.resume()
        response.end(LARGE)

    async with connected(on_request) as (_, (reader, writer)):
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(LARGE) + LARGE)
        await writer.drain()
        assert await body(reader) == LARGE


async def test_a_client_that_neither_reads_the_last_answer_nor_sends_the_rest_has_only_the_time_of_a_request() -> None:
    closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        request.socket.once("close", lambda: closed.set_result(None))
        response.end(LARGE)

    async with connected(on_request, request_timeout=20) as (_, (_, writer)):
        writer.write(HALF_POST.replace(b"Host: x", b"Host: x\r\nConnection: close"))
        await closed


# --- upgrades ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("before", [b"", GET])
async def test_the_body_of_an_upgrade_has_the_time_of_a_request(before: bytes) -> None:
    async with connected(lambda request, response: response.end("ok"), request_timeout=40, headers_timeout=20) as (
            server, (reader, writer)):
        server.on("upgrade", lambda *_: None)
        writer.write(before)
        if before:
            assert await body(reader) == b"ok"
        writer.write(UPGRADE.replace(b"Host: x", b"Host: x\r\nContent-Length: 10"))
        assert b" 408 " in await reader.read()


async def test_an_upgrade_that_waited_for_an_answer_hears_that_the_client_has_finished() -> None:
    heard: list[Any] = []

    def on_upgrade(request: http.IncomingMessage, socket: Any, head: bytes) -> None:
        heard.append(head)
        socket.on("data", heard.append)
        socket.on("end", lambda: (heard.append("end"), socket.end("bye")))

    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        request.socket.once("end", lambda: response.end("ok"))

    async with connected(on_request, half_open=True) as (server, (reader, writer)):
        server.on("upgrade", on_upgrade)
        writer.write(GET + UPGRADE + b"more")
        writer.write_eof()
        assert (await reader.read()).endswith(b"okbye")
        assert heard == [b"more", "end"]


# --- what came before the end -----------------------------------------------------------------------------------

async def test_all_requests_that_came_before_the_client_finished_are_answered() -> None:
    answers: list[http.ServerResponse] = []

    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        answers.append(response)
        if len(answers) == 1:
            request.socket.once("end", lambda: response.end("ok"))
        else:
            response.end("ok")

    async with connected(on_request, half_open=True) as (_, (reader, writer)):
        writer.write(GET * 150)
        writer.write_eof()
        answer = await reader.read()
        assert answer.count(b"200 OK") == len(answers) == 150
        assert answer.count(b"Connection: close") == 1


async def test_no_listener_is_called_within_the_end_of_another_response() -> None:
    within = False
    waiting: list[http.ServerResponse] = []
    served = 0

    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        nonlocal served
        served += 1
        assert not within
        waiting.append(response)
        set_immediate(answer_all)

    def answer_all() -> None:
        nonlocal within
        within = True
        while waiting:
            waiting.pop(0).end("ok")
        within = False

    async with connected(on_request) as (_, (reader, writer)):
        writer.write(GET * 250)
        for _ in range(250):
            assert await body(reader) == b"ok"
        assert served == 250


def at_once(request: http.IncomingMessage, response: http.ServerResponse) -> None:
    response.end("ok")


def later(request: http.IncomingMessage, response: http.ServerResponse) -> None:
    set_immediate(response.end, "ok")


@pytest.mark.parametrize("answer", [at_once, later])
async def test_requests_beyond_the_last_are_told_as_dropped_and_answered_503(answer: Any) -> None:
    dropped: list[str] = []
    async with connected(answer, max_requests_per_socket=2) as (server, (reader, writer)):
        server.on("drop_request", lambda request, socket: dropped.append(request.url))
        writer.write(GET * 2 + UPGRADE.replace(b"/ ", b"/3 ") + GET.replace(b"/ ", b"/4 ") + b"GET /5 HT")
        answers = await reader.read()
        assert (answers.count(b"200 OK"), answers.count(b"503 Service Unavailable")) == (2, 2)
        assert dropped == ["/3", "/4"]


@pytest.mark.parametrize("answer", [at_once, later])
async def test_a_dropped_request_with_a_body_can_be_read_and_ends(answer: Any) -> None:
    def on_drop(request: http.IncomingMessage, socket: Any) -> None:
        request.on("data", heard.append)
        request.on("end", lambda: heard.append("end"))

    heard: list[Any] = []
    async with connected(answer, max_requests_per_socket=1) as (server, (reader, writer)):
        server.on("upgrade", lambda *_: heard.append("upgrade"))
        server.on("drop_request", on_drop)
        writer.write(GET + b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
        assert (await reader.read()).count(b"503 Service Unavailable") == 1
        assert heard == [b"abc", "end"]
