"""Server: requests and responses over real sockets, byte for byte."""

from __future__ import annotations

import asyncio
import inspect
import logging

import pytest

from netloop import diagnostics, events
from netloop.http.server import create_server
from netloop.stream import Duplex, consumers

LOOPBACK = "127.0.0.1"
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def get(path: str, *fields: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *fields, "", ""]).encode()


def post(body: bytes, *fields: str) -> bytes:
    lines = ["POST / HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *fields, "", ""]
    return "\r\n".join(lines).encode() + body


class Client:
    """A raw client."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer

    def send(self, data):
        self.writer.write(data)

    async def head(self):
        return await self.reader.readuntil(b"\r\n\r\n")

    async def answer(self):
        """Status and body of a response with Content-Length."""
        head = await self.head()
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return int(head.split()[1]), await self.reader.readexactly(length)

    async def rest(self):
        """Everything until the server closes."""
        return await self.reader.read()


class Running:
    """A server that listens, and its clients."""

    def __init__(self, listener=None, **options):
        self.server = create_server(listener, **options)
        self.clients = []

    async def __aenter__(self):
        self.server.listen(0, LOOPBACK)
        await self.server
        return self

    async def __aexit__(self, *failure):
        for client in self.clients:
            client.writer.close()
        for client in self.clients:
            try:
                await client.writer.wait_closed()
            except OSError:
                pass
        await self.server.shutdown(0)

    async def connect(self, data=b""):
        client = Client(*await asyncio.open_connection(LOOPBACK, self.server.address().port))
        self.clients.append(client)
        client.send(data)
        return client


def hello(request, response):
    response.end("hello")


async def body_of(request):
    return b"".join([chunk async for chunk in request])


# --- keep-alive and pipelining --------------------------------------------------------------------------------

async def test_a_connection_serves_one_request_after_the_other():
    async with Running(hello) as running:
        client = await running.connect()
        for _ in range(3):
            client.send(GET)
            assert await client.answer() == (200, b"hello")


async def test_a_response_says_how_long_the_connection_is_kept():
    async with Running(hello) as running:
        client = await running.connect(GET)
        assert b"\r\nConnection: keep-alive\r\nKeep-Alive: timeout=65\r\n" in await client.head()


@pytest.mark.parametrize("request_", [get("/", "Connection: close"), b"GET / HTTP/1.0\r\n\r\n"])
async def test_the_connection_closes_after_the_response_when_the_client_asks_for_it(request_):
    async with Running(hello) as running:
        client = await running.connect(request_)
        answer = await client.rest()
        assert b"\r\nConnection: close\r\n" in answer
        assert answer.endswith(b"\r\n\r\nhello")


async def test_pipelined_requests_are_answered_in_order_though_their_answers_are_not_ready_in_order():
    waiting = {}

    def on_request(request, response):
        waiting[request.url] = response
        if len(waiting) == 3:
            for url in ("/c", "/b", "/a"):
                waiting[url].write(f"{url} ")
                waiting[url].end("done")

    async with Running(on_request) as running:
        client = await running.connect(get("/a") + get("/b") + get("/c", "Connection: close"))
        answers = await client.rest()
        assert answers.index(b"/a ") < answers.index(b"/b ") < answers.index(b"/c ")
        assert answers.count(b"done") == 3


async def test_pipelined_answers_leave_together():
    async with Running(hello) as running:
        sizes = []

        def on_write(message, name):
            sizes.append(message["size"])

        diagnostics.subscribe("socket.write", on_write)
        client = await running.connect(GET * 16)
        for _ in range(16):
            await client.answer()
        diagnostics.unsubscribe("socket.write", on_write)
        assert len(sizes) == 1


async def test_an_answer_leaves_though_another_listener_closes_the_server_in_the_same_turn():
    def listener(request, response):
        response.end("hello")
        if request.url == "/close":
            running.server.close()

    async with Running(listener) as running:
        clients = [await running.connect(GET), await running.connect(GET)]
        for client in clients:
            assert await client.answer() == (200, b"hello")
        for client, path in zip(clients, ["/", "/close"], strict=True):
            client.send(get(path))
        for client in clients:
            assert await client.answer() == (200, b"hello")
            assert await client.rest() == b""


@pytest.mark.parametrize("leave", [
    lambda socket: socket.end(),
    lambda socket: socket.end(b"bye"),
    lambda socket: socket.write(b"bye") and socket.end(),
    lambda socket: socket.destroy_soon(),
    lambda socket: socket.destroy(),
])
async def test_an_answer_leaves_before_what_a_listener_does_with_the_socket(leave):
    def listener(request, response):
        response.end("hello")
        leave(request.socket)

    async with Running(listener) as running:
        client = await running.connect(GET)
        assert await client.answer() == (200, b"hello")
        assert await client.rest() in (b"", b"bye")


async def test_answers_beyond_the_mark_are_no_reason_to_stop_reading_once_they_have_left():
    async with Running(lambda request, response: response.end(b"x" * 8192), high_water_mark=1024) as running:
        client = await running.connect()
        for _ in range(3):
            client.send(GET + GET)
            for _ in range(2):
                assert await client.answer() == (200, b"x" * 8192)


async def test_what_was_answered_before_an_upgrade_leaves_before_it():
    async with Running(hello) as running:
        running.server.on("upgrade", lambda request, socket, head: socket.end("upgraded"))
        client = await running.connect(GET + get("/", "Connection: upgrade", "Upgrade: x"))
        assert await client.answer() == (200, b"hello")
        assert await client.rest() == b"upgraded"


async def test_more_requests_than_are_answered_at_once_are_all_answered():
    async def on_request(request, response):
        await asyncio.sleep(0)
        response.end(request.url)

    async with Running(on_request) as running:
        client = await running.connect(b"".join(get(f"/{number}") for number in range(500)))
        assert [await client.answer() for _ in range(500)] == [(200, f"/{number}".encode()) for number in range(500)]


async def test_a_client_that_does_not_read_stops_being_read():
    asked = 0

    def on_request(request, response):
        nonlocal asked
        asked += 1
        response.end(bytes(1 << 20))

    async with Running(on_request) as running:
        client = await running.connect(GET * 200)
        for _ in range(50):
            await asyncio.sleep(0)
        stopped_at = asked
        assert stopped_at < 100
        for _ in range(200):
            assert await client.answer() == (200, bytes(1 << 20))
        assert asked == 200


# --- bodies ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("request_", [
    post(b"some words"),
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n6\r\n words\r\n0\r\n\r\n",
])
async def test_a_listener_reads_the_body_however_it_is_framed_and_cut(request_):
    async def on_request(request, response):
        response.end(await body_of(request))

    async with Running(on_request) as running:
        client = await running.connect()
        for pieces in ([request_], [bytes([byte]) for byte in request_], [request_[:70], request_[70:]]):
            for piece in pieces:
                client.send(piece)
                await asyncio.sleep(0)
            assert await client.answer() == (200, b"some words")


@pytest.mark.parametrize("waits_for_close", [True, False])
async def test_a_request_that_was_read_to_its_end_is_closed(waits_for_close):
    seen = []

    def listener(request, response):
        if waits_for_close:
            request.on("close", lambda: seen.append("close"))
        request.on("data", seen.append)
        request.on("end", lambda: response.end())
        response.on("close", lambda: seen.append((request.destroyed, request.closed, request.aborted)))

    async with Running(listener) as running:
        client = await running.connect(post(b"body"))
        assert await client.answer() == (200, b"")
    assert seen == [b"body", *["close"] * waits_for_close, (True, True, False)]


async def test_a_body_that_nobody_reads_is_passed_over():
    async with Running(hello) as running:
        client = await running.connect(post(bytes(300_000)) + GET)
        assert await client.answer() == (200, b"hello")
        assert await client.answer() == (200, b"hello")


async def test_a_body_that_is_not_read_is_not_buffered_beyond_the_mark():
    requests = []

    def on_request(request, response):
        requests.append(request)
        request.on("end", lambda: response.end("read"))

    async with Running(on_request) as running:
        client = await running.connect(post(bytes(4 << 20)))
        for _ in range(200):
            await asyncio.sleep(0)
        assert requests[0].readable_length <= 65536 + 262144
        requests[0].resume()
        assert await client.answer() == (200, b"read")


async def test_trailers_are_there_at_the_end():
    seen = []

    def on_request(request, response):
        request.on("end", lambda: seen.append((request.complete, request.trailers, request.raw_trailers)))
        request.on("end", lambda: response.end())
        request.resume()

    async with Running(on_request) as running:
        client = await running.connect(
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 12\r\n\r\n")
        assert await client.answer() == (200, b"")
        assert seen == [(True, {"x-sum": "12"}, ["X-Sum", "12"])]


async def test_a_request_is_read_as_it_came():
    seen = []

    def on_request(request, response):
        seen.append((request.method, request.url, request.http_version, request.headers, request.raw_headers))
        response.end()

    async with Running(on_request) as running:
        client = await running.connect(get("/a?b", "X-One: 1", "x-one: 2"))
        await client.answer()
        assert seen == [("GET", "/a?b", "1.1", {"host": "x", "x-one": "1, 2"},
                         ["Host", "x", "X-One", "1", "x-one", "2"])]


# --- what goes wrong ------------------------------------------------------------------------------------------

async def test_what_a_listener_raises_is_answered_with_500_and_told(caplog, unhandled):
    def on_request(request, response):
        if request.url == "/bad":
            response.set_header("X-Half", "done")
            raise ZeroDivisionError("oh")
        response.end("fine")

    async with Running(on_request) as running:
        client = await running.connect(get("/bad") + GET)
        with caplog.at_level(logging.ERROR, "netloop"):
            assert (await client.answer())[0] == 500
        assert await client.answer() == (200, b"fine")
    logged = [record.exc_info[1] for record in caplog.records]
    assert [type(error) for error in logged + unhandled] == [ZeroDivisionError]


async def test_what_a_coroutine_listener_raises_is_answered_with_500(unhandled):
    async def on_request(request, response):
        await asyncio.sleep(0)
        raise ZeroDivisionError("oh")

    async with Running(on_request) as running:
        client = await running.connect(GET)
        assert (await client.answer())[0] == 500


async def iterate(request):
    async for _ in request:
        pass


@pytest.mark.parametrize("read", [iterate, lambda request: request.to_array(), consumers.text])
async def test_a_listener_that_reads_a_request_whose_client_leaves_has_not_failed(caplog, read):
    over = asyncio.get_running_loop().create_future()

    async def on_request(request, response):
        try:
            await read(request)
        except ConnectionResetError as error:
            over.set_result(error)
            raise

    async with Running(on_request) as running:
        client = await running.connect(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello")
        asyncio.get_running_loop().call_soon(client.writer.close)
        assert (await over).code == "ECONNRESET"
    assert not caplog.records


async def test_a_coroutine_listener_that_was_cancelled_is_answered_with_500():
    async def on_request(request, response):
        never = asyncio.get_running_loop().create_future()
        never.cancel()
        await never

    async with Running(on_request) as running:
        client = await running.connect(GET)
        assert (await client.answer())[0] == 500


async def test_a_listener_that_asks_for_what_was_cancelled_is_answered_with_500():
    def on_request(request, response):
        raise asyncio.CancelledError

    async with Running(on_request) as running:
        client = await running.connect(GET)
        assert (await client.answer())[0] == 500
        client = await running.connect(GET)
        assert (await client.answer())[0] == 500


async def test_a_failure_after_the_head_was_sent_closes_the_connection(unhandled):
    async def on_request(request, response):
        response.write("half of")
        await asyncio.sleep(0)
        raise ZeroDivisionError("oh")

    async with Running(on_request) as running:
        client = await running.connect(GET)
        answer = await client.rest()
        assert answer.endswith(b"7\r\nhalf of\r\n")


@pytest.mark.parametrize(("data", "status"), [
    (b"GARBAGE\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\n\r\n", 400),
    (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
    (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20000 + b"\r\n\r\n", 431),
    (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"a" * 20000, 413),
])
async def test_what_is_no_request_gets_a_bare_answer_and_the_connection_closes(data, status):
    def on_request(request, response):
        request.on("end", lambda: response.end("read"))
        request.resume()

    async with Running(on_request) as running:
        client = await running.connect(data)
        answer = await client.rest()
        assert answer.startswith(f"HTTP/1.1 {status} ".encode())
        assert answer.endswith(b"\r\nConnection: close\r\n\r\n")


async def test_requests_before_what_is_no_request_are_answered_first():
    async def on_request(request, response):
        await asyncio.sleep(0)
        response.end("hello")

    async with Running(on_request) as running:
        client = await running.connect(GET + b"GARBAGE\r\n\r\n")
        answer = await client.rest()
        assert answer.index(b"hello") < answer.index(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


async def test_client_error_hands_over_the_error_and_the_socket():
    seen = []

    def on_client_error(error, socket):
        seen.append((error.code, error.raw_packet))
        socket.end("HTTP/1.1 418 Teapot\r\n\r\n")

    async with Running(hello) as running:
        running.server.on("client_error", on_client_error)
        client = await running.connect(b"GARBAGE\r\n\r\n")
        assert await client.rest() == b"HTTP/1.1 418 Teapot\r\n\r\n"
        client.writer.close()
        assert seen == [("HPE_INVALID_METHOD", b"GARBAGE\r\n\r\n")]


async def test_a_client_that_goes_away_aborts_its_request():
    seen = []
    gone = asyncio.Event()

    def on_request(request, response):
        signal = request.signal
        request.on("aborted", lambda: seen.append("aborted"))
        request.on("error", lambda error: seen.append(error.code))
        request.on("close", lambda: seen.append(f"close {request.complete}"))
        response.on("close", lambda: (seen.append(f"response closed {signal.aborted}"), gone.set()))
        running.clients[0].writer.close()

    async with Running(on_request) as running:
        await running.connect(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        await gone.wait()
        assert sorted(seen) == ["ECONNRESET", "aborted", "close False", "response closed True"]


async def test_the_task_of_a_listener_is_cancelled_when_its_client_goes_away_if_asked_for():
    cancelled = asyncio.Event()

    async def on_request(request, response):
        try:
            running.clients[0].writer.close()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with Running(on_request, cancel_handlers=True) as running:
        await running.connect(GET)
        await cancelled.wait()


async def test_a_task_that_is_cancelled_before_it_began_leaves_no_coroutine_behind():
    made = []

    async def work(request, response):
        raise AssertionError("it must not begin")

    def on_request(request, response):
        made.append(work(request, response))
        return made[0]

    async with Running(on_request, cancel_handlers=True) as running:
        running.server.on("request", lambda request, response: running.server.close_all_connections())
        client = await running.connect(GET)
        assert await client.rest() == b""
        await asyncio.sleep(0)
        assert inspect.getcoroutinestate(made[0]) == inspect.CORO_CLOSED


# --- timeouts -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("options", "data"), [
    ({"headers_timeout": 20}, b""),
    ({"headers_timeout": 20}, b"GET / HTTP/1.1\r\n"),
    ({"headers_timeout": 20}, GET + b"GET / HTTP/1.1\r\n"),
    ({"request_timeout": 20}, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"),
])
@pytest.mark.parametrize("interval", [None, 0, 7])
async def test_a_request_that_takes_too_long_gets_408(interval, options, data):
    def on_request(request, response):
        request.on("end", lambda: response.end())
        request.resume()

    async with Running(on_request, connections_checking_interval=interval, **options) as running:
        client = await running.connect(data)
        answer = await client.rest()
        assert answer.endswith(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n")


async def test_a_request_that_takes_too_long_lives_until_the_next_check():
    async with (Running(hello, headers_timeout=1, connections_checking_interval=10_000_000) as checked,
                Running(hello, headers_timeout=20) as exact):
        client = await checked.connect(b"GET / HTTP/1.1\r\n")
        assert b" 408 " in await (await exact.connect(b"GET / HTTP/1.1\r\n")).rest()
        client.writer.write(b"Host: x\r\n\r\n")
        assert await client.answer() == (200, b"hello")


async def test_a_check_gives_the_body_of_a_request_the_time_of_the_request():
    def on_request(request, response):
        request.on("end", lambda: response.end("all"))
        request.resume()

    async with Running(on_request, headers_timeout=50, connections_checking_interval=1) as running:
        client = await running.connect(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
        await asyncio.sleep(0.1)
        client.writer.write(b"cde")
        assert await client.answer() == (200, b"all")


async def test_an_idle_connection_is_closed_after_the_keep_alive_timeout():
    async with Running(hello, keep_alive_timeout=10, keep_alive_timeout_buffer=10) as running:
        client = await running.connect(GET)
        assert (await client.rest()).endswith(b"hello")


async def test_a_slow_listener_is_no_reason_to_close():
    async def on_request(request, response):
        await asyncio.sleep(0.12)
        response.end("at last")

    async with Running(on_request, keep_alive_timeout=10, keep_alive_timeout_buffer=1, headers_timeout=100,
                       request_timeout=100) as running:
        client = await running.connect(GET)
        assert await client.answer() == (200, b"at last")


async def test_a_socket_that_times_out_is_destroyed_unless_somebody_listens():
    async with Running(lambda request, response: None) as running:
        running.server.set_timeout(10)
        client = await running.connect(GET)
        assert await client.rest() == b""
        heard = []
        running.server.set_timeout(10, lambda socket: (heard.append(socket), socket.destroy()))
        client = await running.connect(GET)
        assert await client.rest() == b""
        assert len(heard) == 1


# --- limits and closing ---------------------------------------------------------------------------------------

async def test_the_last_request_of_a_connection_closes_it_and_those_beyond_get_503():
    dropped = []
    async with Running(hello, max_requests_per_socket=2) as running:
        running.server.on("drop_request", lambda request, socket: dropped.append(request.url))
        client = await running.connect(get("/1") + get("/2"))
        assert b"Keep-Alive: timeout=65, max=2" in await client.head()
        assert b"Connection: close" in await client.rest()
        assert dropped == []


async def test_close_closes_idle_connections_and_lets_the_others_finish():
    waiting = []
    async with Running(lambda request, response: waiting.append(response)) as running:
        busy = await running.connect(GET)
        idle = await running.connect()
        while not waiting or len(running.server._service.connections) < 2:
            await asyncio.sleep(0)
        closed = []
        running.server.close(lambda: closed.append(True))
        assert await idle.rest() == b""
        waiting[0].end("bye")
        answer = await busy.rest()
        assert b"\r\nConnection: close\r\n" in answer
        assert answer.endswith(b"bye")
        if not closed:
            await events.once(running.server, "close")


async def test_shutdown_waits_for_what_is_under_way_and_no_longer_than_its_grace():
    waiting = []
    async with Running(lambda request, response: waiting.append(response)) as running:
        client = await running.connect(GET)
        while not waiting:
            await asyncio.sleep(0)
        await running.server.shutdown(10)
        assert await client.rest() == b""
        assert waiting[0].destroyed


async def test_after_shutdown_the_server_is_closed():
    closed = []
    async with Running(lambda request, response: response.end()) as running:
        running.server.on("close", lambda: closed.append(True))
        await running.server.shutdown()
        assert closed == [True]


async def test_shutdown_does_not_wait_for_a_connection_that_leaves_http_meanwhile():
    sockets = []

    def on_upgrade(request, socket, head):
        sockets.append(socket)
        socket.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")

    async with Running() as running:
        running.server.on("upgrade", on_upgrade)
        client = await running.connect(UPGRADE[:-2])
        while not running.server._service.connections or next(iter(running.server._service.connections)).idle:
            await asyncio.sleep(0)
        closing = asyncio.ensure_future(running.server.shutdown(10000))
        await asyncio.sleep(0)
        client.send(b"\r\n")
        await client.head()
        await closing
        assert not sockets[0].destroyed
        sockets[0].destroy()


async def test_shutdown_does_not_wait_for_a_stream_that_never_says_that_it_is_closed(monkeypatch):
    class Undying(Duplex):
        def _read(self, size):
            pass

        def _destroy(self, error, callback):
            pass

    monkeypatch.setattr("netloop.http.shutdown._LAST_MS", 10)
    async with Running(lambda request, response: None) as running:
        stream = Undying()
        running.server.emit("connection", stream)
        stream.push(GET)
        await running.server.shutdown(10)
        assert stream.destroyed


async def test_the_end_of_the_client_ends_the_connection_unless_half_open_is_allowed():
    async def on_request(request, response):
        await asyncio.sleep(0.01)
        response.end("late")

    async with Running(on_request) as running:
        client = await running.connect(GET)
        client.writer.write_eof()
        assert await client.rest() == b""
        running.server.http_allow_half_open = True
        client = await running.connect(GET)
        client.writer.write_eof()
        assert (await client.rest()).endswith(b"late")


# --- expectations ---------------------------------------------------------------------------------------------

async def test_100_continue_is_sent_by_itself():
    async def on_request(request, response):
        response.end(await body_of(request))

    async with Running(on_request) as running:
        client = await running.connect(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert await client.head() == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.send(b"hi")
        assert await client.answer() == (200, b"hi")


async def test_check_continue_comes_instead_of_request():
    def on_check(request, response):
        response.write_head(413, {"Connection": "close"})
        response.end("no")

    async with Running(hello) as running:
        running.server.on("check_continue", on_check)
        client = await running.connect(post(b"", "Expect: 100-continue"))
        assert await client.answer() == (413, b"no")


@pytest.mark.parametrize("event", ["check_continue", "check_expectation"])
@pytest.mark.parametrize("refuse", [lambda request, response: response.write_head(401).end("no"),
                                    lambda request, response: 1 / 0])
async def test_who_refuses_an_expectation_closes_for_the_body_may_come_or_not(event, refuse, caplog, unhandled):
    expectation = "100-continue" if event == "check_continue" else "else"
    async with Running(hello) as running:
        running.server.on(event, refuse)
        client = await running.connect(post(b"12345", f"Expect: {expectation}")[:-5])
        head = await client.head()
        assert b"\r\nConnection: close\r\n" in head
        client.send(GET)
        assert b"HTTP/1.1" not in await client.rest()


async def test_an_expectation_that_is_met_keeps_the_connection():
    def on_check(request, response):
        response.write_continue()
        response.end("go on")

    async with Running(hello) as running:
        running.server.on("check_continue", on_check)
        client = await running.connect(post(b"12345", "Expect: 100-continue")[:-5])
        assert await client.head() == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert await client.answer() == (200, b"go on")
        client.send(b"12345" + GET)
        assert await client.answer() == (200, b"hello")


async def test_another_expectation_gets_417():
    async with Running(hello) as running:
        client = await running.connect(get("/", "Expect: miracles"))
        assert (await client.answer())[0] == 417


# --- leaving HTTP ---------------------------------------------------------------------------------------------

UPGRADE = get("/chat", "Connection: Upgrade", "Upgrade: echo")


async def test_upgrade_hands_over_the_socket_and_what_came_after_the_request():
    def on_upgrade(request, socket, head):
        assert socket.listener_count("data") == 0
        socket.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n" + head)
        socket.pipe(socket)

    async with Running(hello) as running:
        running.server.on("upgrade", on_upgrade)
        client = await running.connect(UPGRADE + b"first ")
        assert (await client.head()).startswith(b"HTTP/1.1 101 ")
        client.send(b"second")
        assert await client.reader.readexactly(12) == b"first second"
        running.server.close_all_connections()
        client.send(b"third")
        assert await client.reader.readexactly(5) == b"third"


async def test_an_upgrade_waits_for_the_answers_before_it():
    async def on_request(request, response):
        await asyncio.sleep(0)
        response.end("first")

    async with Running(on_request) as running:
        running.server.on("upgrade", lambda request, socket, head: socket.end(b"second"))
        client = await running.connect(GET + UPGRADE)
        answer = await client.rest()
        assert answer.endswith(b"firstsecond")


async def test_a_request_to_upgrade_is_like_any_other_when_nobody_listens():
    async with Running(hello) as running:
        client = await running.connect(UPGRADE)
        assert await client.answer() == (200, b"hello")


async def test_connect_is_refused_by_closing_unless_somebody_listens():
    async with Running(hello) as running:
        client = await running.connect(b"CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n")
        assert await client.rest() == b""
        running.server.on("connect", lambda request, socket, head: socket.end(request.url.encode() + head))
        client = await running.connect(b"CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\nabc")
        assert await client.rest() == b"x:1abc"
