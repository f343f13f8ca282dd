"""A body flows from its first listener on, by a way of its own: what listeners see is what other streams show them."""

from __future__ import annotations

import asyncio

import netloop
from netloop import http, net
from netloop.events import once

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n"


async def serve(on_request, *pieces):
    """The log that `on_request` keeps of a request whose pieces are sent one after the other."""
    log = []
    serving = http.create_server(lambda request, response: on_request(request, response, log))
    async with serving.listen(0, "127.0.0.1") as server:
        socket = await net.connect(server.address().port, "127.0.0.1")
        answered = asyncio.ensure_future(once(socket, "data"))
        for piece in pieces:
            await net_written(socket, piece)
        await answered
        socket.destroy()
        await once(socket, "close")
    return log


def net_written(socket, piece):
    written = asyncio.get_running_loop().create_future()
    socket.write(piece, lambda error=None: written.set_result(None))
    return written


def note(request, log, *events):
    for event in events:
        request.on(event, lambda *arguments, event=event: log.append((event, *arguments)))


async def test_resume_is_told_to_a_listener_that_came_after_that_for_data():
    def on_request(request, response, log):
        note(request, log, "data", "resume", "end")
        request.on("end", response.end)

    assert await serve(on_request, HEAD, b"abc", b"def") == [("resume",), ("data", b"abc"), ("data", b"def"), ("end",)]


async def test_resume_is_told_to_a_listener_that_came_before():
    def on_request(request, response, log):
        note(request, log, "resume", "data", "end")
        request.on("end", response.end)

    assert await serve(on_request, HEAD + b"abcdef") == [("data", b"abcdef"), ("resume",), ("end",)]


async def test_a_body_whose_only_listener_left_flows_away():
    def on_request(request, response, log):
        request.on("data", log.append)
        request.off("data", log.append)
        request.on("end", response.end)

    assert await serve(on_request, HEAD, b"abc", b"def") == []


async def test_a_body_that_is_paused_at_once_waits_until_it_is_resumed():
    def on_request(request, response, log):
        note(request, log, "data", "end")
        request.pause()
        request.on("end", response.end)
        netloop.set_immediate(lambda: (log.append("now"), request.resume()))

    assert await serve(on_request, HEAD + b"abcdef") == ["now", ("data", b"abcdef"), ("end",)]


async def test_a_body_that_came_before_its_listener_is_not_lost():
    def on_request(request, response, log):
        def listen():
            note(request, log, "data", "end")
            request.on("end", response.end)
        netloop.set_immediate(listen)

    assert await serve(on_request, HEAD + b"abcdef") == [("data", b"abcdef"), ("end",)]


async def test_a_body_is_decoded_when_the_encoding_is_set_after_the_listener():
    def on_request(request, response, log):
        note(request, log, "data", "end")
        request.set_encoding("utf8")
        request.on("end", response.end)

    assert await serve(on_request, HEAD, b"ab\xc3", b"\xa4cd") == [("data", "ab"), ("data", "\xe4cd"), ("end",)]


async def test_a_reader_that_comes_after_the_listener_drives_the_body():
    def on_request(request, response, log):
        note(request, log, "data")

        def read():
            chunk = request.read()
            if chunk is not None:
                log.append(("read", chunk))

        request.on("readable", read)
        request.on("end", response.end)

    assert await serve(on_request, HEAD + b"abcdef") == [("data", b"abcdef"), ("read", b"abcdef")]
