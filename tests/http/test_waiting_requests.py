"""Requests of several connections that arrive at once wait for one another: only the order between connections tells."""

from __future__ import annotations

import asyncio
import logging
import socket
from functools import partial

import pytest

import netloop
from netloop import diagnostics, http
from netloop.stream import Duplex, duplex_pair

LOOPBACK = "127.0.0.1"
GET = b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"POST /%d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
LAST = b"GET /%d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


class Crowd:
    """A server, and clients whose requests it finds in one turn."""

    def __init__(self, on_request, count=3, **options):
        self.server = http.create_server(on_request, **options)
        self.clients = []
        self.sockets = []       # the server's ends
        self.count = count

    async def __aenter__(self):
        self.server.listen(0, LOOPBACK)
        await self.server
        self.server.on("connection", self.sockets.append)
        for _ in range(self.count):
            self.clients.append(socket.create_connection((LOOPBACK, self.server.address().port)))
        while len(self.sockets) < self.count:
            await asyncio.sleep(0)
        for client in self.clients:
            client.setblocking(False)
        return self

    async def __aexit__(self, *failure):
        for client in self.clients:
            client.close()
        await self.server.shutdown(0)

    def send(self, *requests):
        """One for each client, before the server runs again."""
        for client, request in zip(self.clients, requests, strict=True):
            client.sendall(request)

    async def answers(self):
        """What each client receives until the server closes; None for a connection that was reset."""
        return [await self._rest(client) for client in self.clients]

    async def _rest(self, client):
        received = bytearray()
        try:
            while piece := await asyncio.get_running_loop().sock_recv(client, 65536):
                received += piece
        except ConnectionError:
            return None
        return bytes(received)

    async def bodies(self):
        """The bodies of the answers, of those that were answered."""
        return [b"" if answer is None else answer.rpartition(b"\r\n\r\n")[2] for answer in await self.answers()]


def echo(log, request, response):
    """Answer with the target and the body, at the end of the request; and note what happens."""
    chunks = []

    def on_end():
        log.append(("end", request.url))
        response.end(request.url.encode() + b" " + b"".join(chunks))

    log.append(("request", request.url))
    request.on("data", chunks.append)
    request.on("end", on_end)


def answer_at_once(request, response):
    response.end(request.url)


async def test_all_heads_are_read_before_the_first_listener_is_called():
    log = []

    def note(message, name):
        log.append(("head", message["request"].url))

    def on_request(request, response):
        log.append(("request", request.url))
        response.end()

    diagnostics.subscribe("http.server.request.start", note)
    try:
        async with Crowd(on_request) as crowd:
            crowd.send(LAST % 0, LAST % 1, LAST % 2)
            await crowd.answers()
    finally:
        diagnostics.unsubscribe("http.server.request.start", note)
    assert [what for what, _ in log] == ["head"] * 3 + ["request"] * 3
    assert [url for _, url in log[:3]] == [url for _, url in log[3:]]


@pytest.mark.parametrize("requests", [
    [LAST % 0, LAST % 1, LAST % 2],
    [POST % 0 + LAST % 3, CHUNKED % 1 + LAST % 4, POST % 2 + CHUNKED % 5 + LAST % 6],
    [GET % 0 + LAST % 1, LAST % 2, GET % 3 + POST % 4 + GET % 5 + LAST % 6],
    [b"\r\n" + GET % 0 + b"\r\n" + LAST % 1, POST % 2 + GET % 3 + LAST % 4, LAST % 5],
])
@pytest.mark.parametrize("on_request", [answer_at_once, partial(echo, [])])
async def test_the_answers_are_those_of_each_connection_alone(requests, on_request):
    alone = []
    async with Crowd(on_request) as crowd:
        crowd.send(*requests)
        together = await crowd.answers()
    for request in requests:
        async with Crowd(on_request, 1) as crowd:
            crowd.send(request)
            alone += await crowd.answers()
    assert [_without_dates(answer) for answer in together] == [_without_dates(answer) for answer in alone]


def _without_dates(answer):
    return [line for line in answer.split(b"\r\n") if not line.startswith(b"Date: ")]


async def test_within_a_connection_requests_keep_their_order():
    logs = {}

    def on_request(request, response):
        echo(logs.setdefault(request.socket, []), request, response)

    for count in (1, 3):
        async with Crowd(on_request, count) as crowd:
            crowd.send(*[POST % 0 + GET % 1 + CHUNKED % 2 + LAST % 3] * count)
            await crowd.answers()
    alone, *together = logs.values()
    assert len(alone) == 8
    for log in together:
        assert [url for what, url in log if what == "request"] == ["/0", "/1", "/2", "/3"]
        assert sorted(log) == sorted(alone)
        assert all(log.index(("request", url)) < log.index(("end", url)) for _, url in log)


async def test_a_connection_that_another_listener_destroys_is_not_answered():
    log = []

    def on_request(request, response):
        log.append(request.url)
        for other in crowd.sockets:
            if other is not request.socket:
                other.destroy()
        response.end("survivor")

    async with Crowd(on_request) as crowd:
        crowd.send(LAST % 0, LAST % 1, LAST % 2)
        assert sorted(await crowd.bodies()) == [b"", b"", b"survivor"]
    assert len(log) == 1


@pytest.mark.parametrize("requests", [[LAST % 0, LAST % 1, LAST % 2], [POST % 0, POST % 1, POST % 2]])
async def test_a_listener_may_close_all_connections(requests):
    log = []

    def on_request(request, response):
        log.append(request.url)
        crowd.server.close_all_connections()

    async with Crowd(on_request) as crowd:
        crowd.send(*requests)
        await crowd.answers()
    assert len(log) == 1


async def test_requests_that_wait_are_answered_although_the_server_closes():
    def on_request(request, response):
        crowd.server.close()
        response.end("last")

    async with Crowd(on_request) as crowd:
        crowd.send(GET % 0, GET % 1, GET % 2)
        answers = await crowd.answers()
    assert all(answer.endswith(b"last") and b"\r\nConnection: close\r\n" in answer for answer in answers)


async def test_connections_whose_requests_waited_are_idle_afterwards():
    async with Crowd(answer_at_once, keep_alive_timeout=10, keep_alive_timeout_buffer=10) as crowd:
        crowd.send(GET % 0, GET % 1, GET % 2)
        assert await crowd.bodies() == [b"/0", b"/1", b"/2"]       # until the server closes


async def test_an_error_of_one_listener_concerns_its_own_request(caplog, unhandled):
    def on_request(request, response):
        if request.url == "/1":
            raise LookupError("listener")
        response.end("fine")

    async with Crowd(on_request) as crowd:
        crowd.send(LAST % 0, LAST % 1, LAST % 2)
        with caplog.at_level(logging.ERROR, "netloop"):
            assert await crowd.bodies() == [b"fine", b"Internal Server Error\n", b"fine"]
    logged = [record.exc_info[1] for record in caplog.records]
    assert [str(error) for error in logged + unhandled] == ["listener"]


async def test_an_error_at_the_end_of_one_body_concerns_no_other(unhandled):
    def on_request(request, response):
        def on_end():
            response.end("fine")
            if request.url == "/1":
                raise LookupError("end")

        request.on("end", on_end)
        request.resume()

    async with Crowd(on_request) as crowd:
        crowd.send(*[POST % number + LAST % (10 + number) for number in range(3)])
        assert await crowd.bodies() == [b"fine"] * 3
    assert [str(error) for error in unhandled] == ["end"]


async def test_clients_that_finish_right_after_the_request_are_answered():
    async with Crowd(answer_at_once) as crowd:
        crowd.send(GET % 0, GET % 1, GET % 2)
        for client in crowd.clients:
            client.shutdown(socket.SHUT_WR)
        assert await crowd.bodies() == [b"/0", b"/1", b"/2"]


async def test_what_another_stream_brings_meanwhile_is_answered_in_its_order():
    """A stream that is no socket may bring more bytes, and its end, while its request waits."""
    ours, theirs = duplex_pair()
    received = bytearray()
    ours.on("data", received.extend)
    closed = asyncio.get_running_loop().create_future()
    theirs.on("close", lambda: closed.set_result(None))

    def on_request(request, response):
        response.end(request.url)
        if request.url == "/0":
            ours.write(POST % 7)
            ours.end(GET % 8)

    async with Crowd(on_request) as crowd:
        crowd.server.emit("connection", theirs)
        crowd.send(LAST % 0, LAST % 1, LAST % 2)
        await crowd.answers()
        await closed
    assert received.index(b"/7") < received.index(b"/8")


async def test_a_request_that_waits_is_called_before_more_of_its_stream_is_read():
    """Each piece comes while what was before it waits."""
    log = []

    class Impatient(Duplex):
        """Pushes all its pieces at once."""

        def _read(self, size):
            pass

        def _write(self, chunk, encoding, callback):
            callback(None)

    stream = Impatient()
    closed = asyncio.get_running_loop().create_future()
    stream.on("close", lambda: closed.set_result(None))

    def on_request(request, response):
        echo(log, request, response)
        if request.url == "/0":
            for piece in (POST % 7, GET % 8, POST % 9):
                stream.push(piece)
            stream.push(None)

    async with Crowd(on_request) as crowd:
        crowd.server.emit("connection", stream)
        crowd.send(LAST % 0, LAST % 1, LAST % 2)
        await crowd.answers()
        await closed
    assert [url for what, url in log if what == "request" and url in ("/7", "/8", "/9")] == ["/7", "/8", "/9"]


async def test_an_upgrade_behind_a_request_comes_after_it():
    log = []

    def on_request(request, response):
        log.append(request.url)
        response.end()

    def on_upgrade(request, stream, rest):
        log.append(request.url)
        stream.end(b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + rest)

    upgrade = b"GET /9 HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nrest"
    async with Crowd(on_request) as crowd:
        crowd.server.on("upgrade", on_upgrade)
        crowd.send(GET % 0 + upgrade, LAST % 1, LAST % 2)
        answers = await crowd.answers()
    assert answers[0].endswith(b"101 Switching Protocols\r\n\r\nrest")
    assert log.index("/0") < log.index("/9")


async def test_requests_that_are_kept_do_not_serve_again():
    kept = []

    def on_request(request, response):
        kept.append((request, response))
        response.end(request.url)

    async with Crowd(on_request) as crowd:
        for rounds in range(1, 4):
            crowd.send(GET % 0, GET % 1, GET % 2)
            while len(kept) < 3 * rounds:
                await asyncio.sleep(0)
        crowd.send(LAST % 3, LAST % 4, LAST % 5)
        await crowd.answers()
    assert len({id(request) for request, _ in kept}) == len({id(response) for _, response in kept}) == len(kept)
    assert {request.url for request, _ in kept[-3:]} == {"/3", "/4", "/5"}


@pytest.mark.skipif(bool(netloop._modules.PLAIN_MODE), reason="where Python runs the sources, it refers to what it calls")
async def test_messages_of_a_crowd_serve_the_next_one():
    seen = []

    def on_request(request, response):
        seen.append(id(response))
        if request.method == "POST":
            request.on("end", lambda: response.end("x"))
            request.resume()
        else:
            response.end("x")

    async with Crowd(on_request) as crowd:
        for rounds, request in ((1, GET), (2, GET), (3, POST), (4, POST)):
            crowd.send(*[request % number for number in range(3)])
            for client in crowd.clients:
                answer = b""
                while not answer.endswith(b"x"):
                    answer += await asyncio.get_running_loop().sock_recv(client, 65536)
            assert len(seen) == 3 * rounds
    assert len(set(seen)) == 3


async def test_a_body_that_comes_later_is_told_of_when_it_comes():
    log = []
    head, body = POST[:-5], POST[-5:]
    async with Crowd(partial(echo, log)) as crowd:
        crowd.send(head % 0, head % 1, head % 2)
        while len(log) < 3:
            await asyncio.sleep(0)
        crowd.send(body[:2], body[:2], body[:2])
        await asyncio.sleep(0)
        crowd.send(*[body[2:] + LAST % number for number in (3, 4, 5)])
        answers = await crowd.answers()
    assert [answer.count(b"hello") for answer in answers] == [1, 1, 1]
    assert [what for what, url in log if url in ("/0", "/1", "/2")] == ["request"] * 3 + ["end"] * 3


async def test_a_client_that_never_reads_keeps_no_other_waiting():
    large = bytes(1 << 22)

    def on_request(request, response):
        response.end(large if request.url == "/0" else request.url)

    async with Crowd(on_request) as crowd:
        crowd.send(GET % 0, LAST % 1, LAST % 2)
        assert [await crowd._rest(client) for client in crowd.clients[1:]]
        crowd.clients[0].sendall(LAST % 3)
        assert (await crowd._rest(crowd.clients[0])).endswith(b"/3")
