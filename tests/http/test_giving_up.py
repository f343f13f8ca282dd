"""What becomes of a request and its response when one side stops before the end."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path
from typing import Any

import pytest

from netloop import events, http, set_timeout
from netloop.stream import Writable, finished, pipeline

_spec: Any = importlib.util.spec_from_file_location("raw_client", Path(__file__).with_name("raw_client.py"))
raw_client: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(raw_client)
connected, status_and_body = raw_client.connected, raw_client.status_and_body

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LAST_GET = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
HALF = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello"
OTHER_HALF = b"world"


def heard(request: http.IncomingMessage) -> list[str]:
    told: list[str] = []
    for event in ("aborted", "error", "end", "close"):
        request.on(event, lambda *_, event=event: told.append(event))
    return told


# --- the client goes away ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("sent", [GET, HALF, HALF + OTHER_HALF])
@pytest.mark.parametrize("how", ["client", "server", "response"])
async def test_a_request_hears_that_its_client_is_gone_though_all_of_it_came(sent: bytes, how: str) -> None:
    arrived: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    async with connected(lambda *exchange: arrived.set_result(exchange)) as (server, (_, writer)):
        writer.write(sent)
        request, response = await arrived
        told, signal = heard(request), request.signal
        over: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        finished(request, over.set_result)
        if how == "client":
            writer.transport.abort()
        elif how == "server":
            server.close_all_connections()
        else:
            response.destroy()
        assert (await over).code == "ECONNRESET"
        assert told == ["aborted", "error", "close"]
        assert request.aborted
        assert signal.aborted


async def test_a_request_that_was_read_hears_nothing_of_it() -> None:
    arrived: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    async with connected(lambda *exchange: arrived.set_result(exchange)) as (_, (_, writer)):
        writer.write(HALF + OTHER_HALF)
        request, response = await arrived
        told = heard(request)
        assert b"".join([chunk async for chunk in request]) == b"helloworld"
        writer.transport.abort()
        await events.once(response, "close")
        assert told == ["end", "close"]


@pytest.mark.parametrize("sent", [LAST_GET, b"GET / HTTP/1.0\r\n\r\n"])
async def test_an_unread_request_ends_though_its_connection_does(sent: bytes) -> None:
    told: list[str] = []

    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        nonlocal told
        told = heard(request)
        response.end("ok")

    async with connected(on_request) as (_, (reader, writer)):
        writer.write(sent)
        assert (await reader.read()).endswith(b"ok")
        assert told == ["end", "close"]


# --- the program leaves the request -----------------------------------------------------------------------------

async def leave_by_break(request: http.IncomingMessage, response: http.ServerResponse) -> None:
    async for _ in request:
        break
    response.write_head(413)
    response.end("no")


async def leave_by_pipeline(request: http.IncomingMessage, response: http.ServerResponse) -> None:
    full = Writable(write=lambda self, chunk, encoding, callback: callback(OSError(28, "No space left on device")))

    def on_over(error: Exception | None) -> None:
        assert isinstance(error, OSError)
        response.write_head(413)
        response.end("no")

    pipeline(request, full, on_over)


@pytest.mark.parametrize("leave", [leave_by_break, leave_by_pipeline])
async def test_who_leaves_a_request_may_answer_and_the_rest_passes_by(leave: Any) -> None:
    seen: list[http.IncomingMessage] = []

    async def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        seen.append(request)
        if request.method == "GET":
            response.end("next")
        else:
            await leave(request, response)

    async with connected(on_request) as (_, (reader, writer)):
        writer.write(HALF)
        assert await status_and_body(reader) == (413, b"no")
        writer.write(OTHER_HALF + GET)
        assert await status_and_body(reader) == (200, b"next")
        assert seen[0].destroyed
        assert seen[0].complete
        assert not seen[0].aborted


async def test_a_large_body_that_nobody_wants_passes_by_whole() -> None:
    size = 4 << 20

    async with connected(leave_by_break) as (_, (reader, writer)):
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(2):
            writer.write(bytes(size // 2))
            await writer.drain()
        assert await status_and_body(reader) == (413, b"no")
        writer.write(HALF + OTHER_HALF)
        assert await status_and_body(reader) == (413, b"no")


# --- the program answers before it has read ---------------------------------------------------------------------

def by_data(request: http.IncomingMessage, got: list[bytes], over: Any) -> None:
    request.on("data", got.append)
    request.on("end", over)


def by_readable(request: http.IncomingMessage, got: list[bytes], over: Any) -> None:
    def on_readable() -> None:
        while (chunk := request.read()) is not None:
            got.append(chunk)

    request.on("readable", on_readable)
    request.on("end", over)


def by_pipe(request: http.IncomingMessage, got: list[bytes], over: Any) -> None:
    def write(sink: Writable, chunk: bytes, encoding: str, callback: Any) -> None:
        got.append(chunk)
        sink._loop.set_immediate(callback, ())      # slower than the client

    request.pipe(Writable(write=write, high_water_mark=1)).on("finish", over)


def by_resuming(request: http.IncomingMessage, got: list[bytes], over: Any) -> None:
    by_data(request, got, over)
    request.pause()
    set_timeout(request.resume, 5)


def by_iteration(request: http.IncomingMessage, got: list[bytes], over: Any) -> None:
    async def read() -> None:
        async for chunk in request:
            got.append(chunk)
        over()

    task = asyncio.get_running_loop().create_task(read())
    request.once("close", lambda: task)         # who keeps it


@pytest.mark.parametrize("read", [by_data, by_readable, by_resuming, by_pipe, by_iteration])
@pytest.mark.parametrize("answer_first", [False, True])
@pytest.mark.parametrize("size", [10, 1_000_000])
async def test_who_reads_a_request_gets_all_of_it_though_it_was_answered(read: Any, answer_first: bool, size: int) -> None:
    got: list[bytes] = []
    over = asyncio.Event()

    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        if request.method == "GET":
            response.end("next")
        elif answer_first:
            response.end("accepted")
            read(request, got, over.set)
        else:
            read(request, got, over.set)
            response.end("accepted")

    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    async with connected(on_request) as (_, (reader, writer)):
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size + content[:size // 2])
        assert await status_and_body(reader) == (200, b"accepted")
        writer.write(content[size // 2:] + GET)
        await over.wait()
        assert b"".join(got) == content
        assert await status_and_body(reader) == (200, b"next")


@pytest.mark.parametrize("sent", [GET, HALF + OTHER_HALF])
async def test_a_request_that_was_answered_and_not_read_is_over(sent: bytes) -> None:
    kept: list[http.IncomingMessage] = []

    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        kept.append(request)
        response.end("ok")

    async with connected(on_request) as (_, (reader, writer)):
        writer.write(sent)
        assert await status_and_body(reader) == (200, b"ok")
        request = kept[0]
        await finished(request)
        assert (request.complete, request.readable_ended, request.destroyed, request.closed) == (True, True, True, True)
        assert not request.aborted


async def test_who_listens_to_a_request_after_it_was_answered_hears_of_its_end() -> None:
    told: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()

    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        response.end("ok")
        events_told = heard(request)
        request.on("close", lambda: told.set_result(events_told))

    async with connected(on_request) as (_, (reader, writer)):
        writer.write(GET)
        assert await status_and_body(reader) == (200, b"ok")
        assert await told == ["end", "close"]


async def test_the_error_that_a_response_is_given_up_with_needs_no_listener() -> None:
    async with connected(lambda request, response: response.destroy(LookupError("mine"))) as (_, (reader, writer)):
        writer.write(GET)
        assert await reader.read() == b""


async def test_to_destroy_a_request_still_closes_its_connection() -> None:
    async with connected(lambda request, response: request.destroy()) as (_, (reader, writer)):
        writer.write(HALF)
        assert await reader.read() == b""


@pytest.mark.parametrize("which", ["request", "response"])
async def test_the_error_that_a_program_gives_up_with_is_told_as_a_client_error(which: str) -> None:
    """As in Node: the socket is destroyed with it."""
    told: list[Any] = []

    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        response.on("error", lambda error: told.append("response"))
        message: Any = {"request": request, "response": response}[which]
        message.destroy(LookupError("mine"))

    async with connected(on_request) as (server, (reader, writer)):
        server.on("client_error", lambda error, socket: told.append((type(error), socket.destroyed)))
        writer.write(HALF)
        assert await reader.read() == b""
    assert (LookupError, True) in told


# --- the program gives up a response ----------------------------------------------------------------------------

async def test_a_response_that_is_given_up_in_the_queue_lets_those_before_it_finish() -> None:
    responses: list[http.ServerResponse] = []

    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        responses.append(response)
        if len(responses) == 1:
            response.write("first part, ")
        elif len(responses) == 2:
            response.destroy()
        else:
            responses[0].end("second part")

    async with connected(on_request) as (_, (reader, writer)):
        writer.write(GET * 3)
        answer = await reader.read()
        assert answer.count(b"HTTP/1.1 ") == 1
        assert answer.endswith(b"first part, \r\nb\r\nsecond part\r\n0\r\n\r\n")


# --- too late ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("late", ["write", "end"])
@pytest.mark.parametrize("sent", [False, True])
async def test_a_write_after_the_end_is_an_error_of_its_own(late: str, sent: bool) -> None:
    told: list[Any] = []

    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        response.on("error", lambda error: told.append(("error", error.code)))
        response.on("finish", lambda: told.append("finish"))
        if not sent:
            response.write("a")                 # in pieces, so that the end comes later
        response.end("a", lambda error=None: told.append(("end", error)))
        getattr(response, late)("b", lambda error: told.append(("late", error.code)))

    async with connected(on_request) as (_, (reader, writer)):
        writer.write(LAST_GET)
        answer = await reader.read()
        assert b"b" not in answer.partition(b"\r\n\r\n")[2].replace(b"\r\n", b"")
        assert ("end", None) in told
        assert ("late", "ERR_STREAM_WRITE_AFTER_END") in told
        assert ("error", "ERR_STREAM_WRITE_AFTER_END") in told
        assert "finish" in told


# --- timeouts ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("set_timeout", [
    lambda request, response: response.set_timeout(20), lambda request, response: request.set_timeout(20),
    lambda request, response: request.socket.set_timeout(20)])
async def test_the_timeout_of_one_request_is_not_that_of_the_next(set_timeout: Any) -> None:
    timeouts: list[Any] = []

    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        timeouts.append(request.socket.timeout)
        if len(timeouts) == 1:
            set_timeout(request, response)
            timeouts.append(request.socket.timeout)
        response.end("ok")

    async with connected(on_request) as (server, (reader, writer)):
        for _ in range(2):
            writer.write(GET)
            await status_and_body(reader)
        server.set_timeout(70)
        for _ in range(2):
            writer.write(GET)
            await status_and_body(reader)
        assert timeouts == [None, 20, None, None, 70]


async def test_a_request_is_told_which_socket_was_idle() -> None:
    told: list[Any] = []

    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        def on_timeout(socket: Any) -> None:
            told.append(socket is request.socket)
            socket.destroy()

        request.on("timeout", on_timeout)
        request.set_timeout(5)

    async with connected(on_request) as (_, (reader, writer)):
        writer.write(HALF)
        assert await reader.read() == b""
        assert told == [True]


# --- a client's fault -------------------------------------------------------------------------------------------

async def test_a_fault_is_told_once_though_its_listener_destroys_the_socket_with_it() -> None:
    told: list[str] = []

    def on_client_error(error: Any, socket: Any) -> None:
        told.append(error.code)
        socket.destroy(error)

    async with connected(lambda request, response: None) as (server, (reader, writer)):
        server.on("client_error", on_client_error)
        writer.write(b"GARBAGE\r\n\r\n")
        assert await reader.read() == b""
        assert len(told) == 1
