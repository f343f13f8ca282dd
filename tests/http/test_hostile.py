"""Clients that do not read, drip, stop, reset or vanish: the server stays small, and others are served."""

from __future__ import annotations

import asyncio
import socket as python_sockets
import struct
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from itertools import cycle
from typing import Any

import pytest

from netloop import clear_interval, events, http, run, set_interval
from netloop.errors import NetloopError
from netloop.stream import Readable

LOOPBACK = "127.0.0.1"
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n6\r\n words\r\n0\r\nX: y\r\n\r\n"
KINDS_OF_REQUESTS = [GET * 2, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nsome", CHUNKED,
                     b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nsome",
                     b"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nmore"]
GIB = 1 << 30
RESET = struct.pack("ii", 1, 0)         # SO_LINGER of 0 s: close() sends RST


def echo(request: http.IncomingMessage, response: http.ServerResponse) -> None:
    request.pipe(response)


@asynccontextmanager
async def serving(listener: Any = echo, **options: Any) -> AsyncIterator[http.Server]:
    server = http.create_server(listener, **options)
    await server.listen(0, LOOPBACK)
    try:
        yield server
    finally:
        await server.shutdown(0)


def connect(server: http.Server) -> python_sockets.socket:
    client = python_sockets.create_connection((LOOPBACK, server.address().port))
    client.setblocking(False)
    return client


async def answer(server: http.Server, data: bytes = GET) -> bytes:
    """What the server says to a client that finishes after this."""
    reader, writer = await asyncio.open_connection(LOOPBACK, server.address().port)
    writer.write(data)
    received = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return received


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0)


def resident_size() -> int:
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * 4096


# --- who does not read ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("way", ["pipe", "write", "async"])
async def test_a_client_that_never_reads_a_gibibyte_costs_no_memory(way: str) -> None:
    taken = 0
    closed = asyncio.Event()

    def chunk() -> bytes:
        nonlocal taken
        taken += 1 << 16
        return bytes(1 << 16)

    async def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        response.on("close", closed.set)
        response.write_head(200, {"Content-Length": GIB})
        if way == "pipe":
            Readable(read=lambda stream, size: stream.push(chunk() if taken < GIB else None)).pipe(response)
        elif way == "write":
            while response.write(chunk()):
                pass
        else:
            with suppress(NetloopError):            # it is closed while this waits
                while True:
                    response.write(chunk())
                    await response.drain()

    before = resident_size()
    async with serving(on_request) as server:
        with closing(connect(server)) as client:
            client.send(GET)
            await until(lambda: taken > 0)
            before_that = 0
            while taken != before_that:
                before_that = taken
                for _ in range(300):
                    await asyncio.sleep(0)
            assert taken < 16 << 20                     # the kernel's buffers, and the marks
            assert resident_size() - before < 32 << 20
        await closed.wait()


# --- who is slow ----------------------------------------------------------------------------------------------

async def median_of_requests(server: http.Server) -> float:
    spent = []
    reader, writer = await asyncio.open_connection(LOOPBACK, server.address().port)
    for _ in range(100):
        start = time.perf_counter()
        writer.write(GET)
        await reader.readuntil(b"\r\n\r\n")
        spent.append(time.perf_counter() - start)
    writer.close()
    await writer.wait_closed()
    return sorted(spent)[50]


@pytest.mark.slow
def test_a_thousand_slow_connections_keep_nobody_else_waiting() -> None:
    async def main() -> None:
        async with serving() as server:
            usual = await median_of_requests(server)
            slow: list[python_sockets.socket] = []
            for begin in (b"", GET[:5], CHUNKED[:70], CHUNKED[:-10]):
                slow.extend([connect(server) for _ in range(250)])      # fewer than the backlog
                for client in slow[-250:] if begin else ():
                    client.send(begin)
                await until(lambda: len(server._service.connections) == len(slow))
            dripping = cycle(slow[250:500])
            interval = set_interval(lambda: next(dripping).send(b"x"), 1)
            meanwhile = await median_of_requests(server)
            clear_interval(interval)
            for client in slow:
                client.close()
            assert meanwhile < 20 * usual + 0.01    # to wait for each of them would be a thousand times as much

    run(main)


@pytest.mark.parametrize(("options", "begin", "drop"), [
    ({"headers_timeout": 40}, b"GET /", b"x"),
    ({"headers_timeout": 40}, b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"x"),
    ({"request_timeout": 40}, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", b"x"),
    ({"request_timeout": 40}, b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ({"request_timeout": 40}, b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x"),
    ({"request_timeout": 40}, b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"x")])
async def test_who_drips_is_told_408_all_the_same(options: dict[str, Any], begin: bytes, drop: bytes) -> None:
    def listener(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        request.resume()

    async with serving(listener, **options) as server:
        reader, writer = await asyncio.open_connection(LOOPBACK, server.address().port)
        writer.write(begin)
        interval = set_interval(lambda: writer.write(drop), 2)
        received = await reader.read()
        clear_interval(interval)
        writer.close()
        assert received.endswith(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n")


async def test_empty_lines_keep_no_connection() -> None:
    async with serving(keep_alive_timeout=20, keep_alive_timeout_buffer=10) as server:
        reader, writer = await asyncio.open_connection(LOOPBACK, server.address().port)
        writer.write(GET)
        interval = set_interval(lambda: writer.write(b"\r\n"), 2)
        with suppress(ConnectionResetError):
            assert (await reader.read()).count(b"HTTP/1.1") == 1
        clear_interval(interval)
        writer.close()


async def test_who_never_sends_the_body_keeps_no_connection() -> None:
    """Not even one whose request was answered: the rest of the body may not take longer than the request."""
    async with serving(lambda request, response: response.end("early"), request_timeout=20) as server:
        reader, writer = await asyncio.open_connection(LOOPBACK, server.address().port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
        assert b"\r\n\r\nearly" in await reader.read()
        writer.close()


@pytest.mark.slow
def test_who_goes_on_sending_after_the_last_answer_is_cut_off() -> None:
    """After the 2 s that a client has to read it."""
    async def main() -> None:
        async with serving(lambda request, response: response.set_header("Connection", "close").end("early")) as server:
            with closing(connect(server)) as client:
                client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n")
                await until(lambda: len(server._service.connections) == 1)
                [connection] = server._service.connections

                def drip() -> None:
                    with suppress(OSError):             # it is cut off
                        client.send(b"x")

                interval = set_interval(drip, 1)
                await events.once(connection.socket, "close")
                clear_interval(interval)

    run(main)


# --- who goes away --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("data", KINDS_OF_REQUESTS)
@pytest.mark.parametrize("way", ["reset", "half-close", "close"])
async def test_a_client_that_goes_away_at_any_point_leaves_nothing_behind(data: bytes, way: str) -> None:
    async with serving() as server:
        server.on("upgrade", lambda request, socket, head: socket.on("error", lambda: None).end(head))
        for cut in range(len(data) + 1):
            client = connect(server)
            client.send(data[:cut])
            if way == "reset":
                client.setsockopt(python_sockets.SOL_SOCKET, python_sockets.SO_LINGER, RESET)
            if way == "half-close":
                client.shutdown(python_sockets.SHUT_WR)
            else:
                client.close()
            if cut % 8 == 0:
                await asyncio.sleep(0)
            if way == "half-close":
                await at_end(client)
                client.close()
        await until(lambda: not server._service.connections)
        assert (await answer(server)).startswith(b"HTTP/1.1 200 OK\r\n")


async def at_end(client: python_sockets.socket) -> None:
    """Read until the server has finished."""
    loop = asyncio.get_running_loop()
    try:
        while await loop.sock_recv(client, 4096):
            pass
    except ConnectionResetError:
        pass


async def test_a_client_that_resets_while_it_is_answered_leaves_nothing_behind() -> None:
    """At any point of a response: after so many bytes of it were read."""
    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        response.write(b"x" * 100)
        response.end(b"y" * 300_000)

    loop = asyncio.get_running_loop()
    async with serving(on_request) as server:
        for read in (0, 1, 16, 17, 100, 180, 200, 1000, 65_536, 200_000):
            client = connect(server)
            client.send(GET * 3)
            left = read
            while left:
                left -= len(await loop.sock_recv(client, left))
            client.setsockopt(python_sockets.SOL_SOCKET, python_sockets.SO_LINGER, RESET)
            client.close()
        await until(lambda: not server._service.connections)
        assert (await answer(server)).startswith(b"HTTP/1.1 200 OK\r\n")


# --- who sends too much ---------------------------------------------------------------------------------------

@pytest.mark.parametrize(("data", "status"), [
    (b"GET /" + b"x" * 17_000, b"431"), (b"GET / HTTP/1.1\r\nX: " + b"x" * 17_000, b"431"),
    (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 3000, b"431"), (b"\r\n" * 9000, b"431"),
    (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"x" * 17_000, b"413"),
    (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"x" * 17_000, b"431")])
async def test_what_has_no_end_is_answered_and_closed(data: bytes, status: bytes) -> None:
    async with serving() as server:
        reader, writer = await asyncio.open_connection(LOOPBACK, server.address().port)
        writer.write(data)
        try:
            assert (await reader.read()).startswith(b"HTTP/1.1 " + status)
        except ConnectionResetError:
            pytest.fail("the answer was lost")
        writer.close()


async def test_a_flood_of_bad_requests_costs_others_nothing() -> None:
    async with serving() as server:
        clients = [connect(server) for _ in range(200)]
        for client in clients:
            client.send(b"\x16\x03\x01\x02\x00 this is TLS\r\n\r\n")
        assert (await answer(server)).startswith(b"HTTP/1.1 200 OK\r\n")
        for client in clients:
            client.close()
        await until(lambda: not server._service.connections)
