"""Options of a server whose effect is seen in one request."""

from __future__ import annotations

import asyncio
import gc
import logging
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from netloop import http
from netloop.errors import ArgumentTypeError, ArgumentValueError
from netloop.http.response_parser import ResponseParser
from netloop.stream import consumers, duplex_pair, finished

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
UPGRADE = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"


async def wire_of(server: http.Server, data: bytes) -> bytes:
    """What the server sends to who sends it these bytes, over a stream in memory."""
    client, stream = duplex_pair()
    received: list[bytes] = []
    client.on("data", received.append)
    client.on("error", lambda: None)
    server.emit("connection", stream)
    client.write(data)
    for _ in range(50):
        await asyncio.sleep(0)
    client.destroy()
    server.close_all_connections()
    await asyncio.sleep(0)
    return b"".join(received)


# --- unique_headers -----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("send", [
    lambda response, fields: response.set_headers(fields).end(),
    lambda response, fields: response.write_head(200, fields).end(),
    lambda response, fields: response.write_head(200, list(fields.items())).end(),
])
async def test_unique_headers_are_sent_once_with_their_values_joined(send: Any) -> None:
    fields = {"X-One": ["a", "b", "c"], "X-Many": ["a", "b"], "X-Text": "a"}
    server = http.create_server(lambda request, response: send(response, fields), unique_headers=["x-one", "X-Text"])
    assert b"X-One: a; b; c\r\nX-Many: a\r\nX-Many: b\r\nX-Text: a\r\n" in await wire_of(server, GET)


async def test_unique_headers_hold_for_responses_of_a_class_of_ones_own() -> None:
    class Response(http.ServerResponse):
        pass

    server = http.create_server(lambda request, response: response.set_header("X", ["a", "b"]).end(),
                                unique_headers=["x"], server_response=Response)
    assert b"X: a; b\r\n" in await wire_of(server, GET)


async def test_joined_values_are_checked_like_others() -> None:
    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        with pytest.raises(ArgumentValueError) as caught:
            response.write_head(200, {"X": ["a", "b\r\nY: c"]})
        response.end(caught.value.code)

    assert (await wire_of(http.create_server(on_request, unique_headers=["x"]), GET)).endswith(b"ERR_INVALID_CHAR")


# --- optimize_empty_requests --------------------------------------------------------------------------------------

async def test_requests_without_a_body_are_over_when_they_come_if_asked_for() -> None:
    events: list[str] = []
    states = []

    async def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        for event in ("end", "close"):
            request.on(event, partial(events.append, event))
        states.append(request.readable_ended)
        body = await consumers.text(request)
        await finished(request)
        response.end(body)

    server = http.create_server(on_request, optimize_empty_requests=True)
    assert (await wire_of(server, GET)).endswith(b"\r\n\r\n")
    assert (states, events) == ([True], [])
    assert (await wire_of(server, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")).endswith(b"\r\n\r\nhi")
    assert (states[1:], events) == ([False], ["end", "close"])


async def test_the_client_going_away_is_told_to_requests_that_were_over() -> None:
    signals = []
    server = http.create_server(lambda request, response: signals.append(request.signal), optimize_empty_requests=True)
    await wire_of(server, GET)
    assert [signal.aborted for signal in signals] == [True]


# --- should_upgrade_callback --------------------------------------------------------------------------------------

@pytest.mark.parametrize(("answer", "first_line"), [(True, b"HTTP/1.1 101 Yes"), (False, b"HTTP/1.1 200 OK")])
async def test_should_upgrade_callback_decides_who_may_leave_http(answer: bool, first_line: bytes) -> None:
    asked = []

    def may_upgrade(request: http.IncomingMessage) -> bool:
        asked.append(request.headers["upgrade"])
        return answer

    server = http.create_server(lambda request, response: response.end(), should_upgrade_callback=may_upgrade)
    server.on("upgrade", lambda request, socket, head: socket.end(b"HTTP/1.1 101 Yes\r\n\r\n"))
    assert (await wire_of(server, UPGRADE)).startswith(first_line + b"\r\n")
    assert asked == ["echo"]


async def test_an_upgrade_that_was_agreed_to_without_a_listener_closes() -> None:
    server = http.create_server(lambda request, response: response.end(), should_upgrade_callback=lambda request: True)
    assert await wire_of(server, UPGRADE) == b""


def fails(request: http.IncomingMessage) -> bool:
    raise LookupError("no session")


async def cannot_be_awaited(request: http.IncomingMessage) -> bool:
    return True


def answers_later(request: http.IncomingMessage) -> Any:
    return asyncio.get_running_loop().create_future()


@pytest.mark.parametrize(("callback", "kind"), [
    (fails, LookupError), (cannot_be_awaited, ArgumentTypeError), (answers_later, ArgumentTypeError)])
async def test_a_callback_that_does_not_answer_has_not_agreed(callback: Any, kind: type[Exception], unhandled: list[Any],
                                                              caplog: pytest.LogCaptureFixture) -> None:
    server = http.create_server(lambda request, response: response.end(), should_upgrade_callback=callback)
    server.on("upgrade", lambda request, socket, head: socket.end(b"HTTP/1.1 101 Yes\r\n\r\n"))
    with caplog.at_level(logging.ERROR, "netloop"):
        assert (await wire_of(server, UPGRADE)).startswith(b"HTTP/1.1 200 OK\r\n")
    told = [*unhandled, *(record.exc_info[1] for record in caplog.records if record.exc_info)]
    assert [type(error) for error in told] == [kind]


# --- what is checked ----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("interval", [0, 30000, timedelta(seconds=30)])
def test_connections_checking_interval_is_a_time(interval: Any) -> None:
    http.Server(connections_checking_interval=interval)


@pytest.mark.parametrize(("options", "code"), [
    ({"connections_checking_interval": -1}, "ERR_OUT_OF_RANGE"),
    ({"connections_checking_interval": "often"}, "ERR_INVALID_ARG_TYPE"),
    ({"unique_headers": "x-one"}, "ERR_INVALID_ARG_TYPE"),
    ({"unique_headers": 1}, "ERR_INVALID_ARG_TYPE"),
    ({"unique_headers": ["x one"]}, "ERR_INVALID_HTTP_TOKEN"),
    ({"should_upgrade_callback": 1}, "ERR_INVALID_ARG_TYPE"),
])
def test_wrong_options_raise(options: dict[str, Any], code: str) -> None:
    with pytest.raises((ArgumentTypeError, ArgumentValueError)) as caught:
        http.Server(**options)
    assert caught.value.code == code


def test_a_head_may_not_take_longer_than_its_request() -> None:
    with pytest.raises(ArgumentValueError, match="<= request_timeout") as caught:
        http.create_server(request_timeout=1000, headers_timeout=2000)
    assert caught.value.code == "ERR_OUT_OF_RANGE"
    assert http.create_server(request_timeout=0, headers_timeout=2000).headers_timeout == 2000


async def test_the_high_water_mark_is_that_of_requests_and_responses_too() -> None:
    marks: list[int] = []

    def listener(request: Any, response: Any) -> None:
        marks.extend([request.readable_high_water_mark, response.writable_high_water_mark])
        response.end()

    async with http.create_server(listener, high_water_mark=1000).listen(0, "127.0.0.1") as server:
        await (await http.get(f"http://127.0.0.1:{server.address().port}/", agent=False)).read()
    assert marks == [1000, 1000]


def spare_parsers() -> int:
    gc.collect()
    return sum(isinstance(each, ResponseParser) for each in gc.get_objects())


async def test_no_more_parsers_are_kept_than_wanted() -> None:
    agent = http.Agent(keep_alive=True)
    async with http.create_server(lambda request, response: response.end()).listen(0, "127.0.0.1") as server:
        try:
            for most in (3, 1):
                http.set_max_idle_http_parsers(most)
                asked = [http.get(f"http://127.0.0.1:{server.address().port}/", agent=agent) for _ in range(5)]
                for each in asked:
                    await (await each).read()
                while sum(map(len, agent.free_sockets.values())) < 5:
                    await asyncio.sleep(0)
                assert spare_parsers() == most
        finally:
            http.set_max_idle_http_parsers(1000)
        agent.destroy()


@pytest.mark.parametrize(("most", "code"), [(0, "ERR_OUT_OF_RANGE"), ("1", "ERR_INVALID_ARG_TYPE")])
def test_a_wrong_number_of_parsers_raises(most: Any, code: str) -> None:
    with pytest.raises((ArgumentTypeError, ArgumentValueError)) as caught:
        http.set_max_idle_http_parsers(most)
    assert caught.value.code == code
