"""How requests of a client end where something goes wrong: nobody waits for ever, and no connection is kept for nobody."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path
from typing import Any

import pytest

from netloop import events
from netloop.events import AbortController
from netloop.http.agent import Agent
from netloop.http.client_functions import get, request
from netloop.http.faults import ParseError

_spec: Any = importlib.util.spec_from_file_location("client_peer", Path(__file__).with_name("client_peer.py"))
client_peer: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(client_peer)
OK, Peer, serve = client_peer.OK, client_peer.Peer, client_peer.serve

SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
WANTED = {"Connection": "Upgrade", "Upgrade": "x"}


def record(emitter: Any, *names: str) -> list[str]:
    log: list[str] = []
    for name in names:
        emitter.on(name, lambda *_, name=name: log.append(name))
    return log


async def closed(emitter: Any) -> None:
    """Wait for `close`, whatever comes before it."""
    future = asyncio.get_running_loop().create_future()
    emitter.on("close", lambda *_: future.done() or future.set_result(None))
    await future


async def test_a_body_that_pauses_longer_than_the_timeout_is_told_to_request_and_response() -> None:
    sockets: list[Any] = []

    def half(socket: Any) -> None:
        socket.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        sockets.append(socket)

    server, url = await serve(Peer(half))
    asked = get(url, agent=False, timeout=20)
    log = record(asked, "timeout")
    response, = await events.once(asked, "response")
    await events.once(response, "timeout")
    assert log == ["timeout"]
    sockets[0].write(b"world")
    chunks = [chunk async for chunk in response]
    assert b"".join(chunks) == b"helloworld"
    await server.close()


# --- out of HTTP ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("answer", "keywords", "event"), [
    (SWITCH, {"headers": WANTED}, "upgrade"), (b"HTTP/1.1 200 OK\r\n\r\n", {"method": "CONNECT", "path": "a:1"}, "connect"),
])
async def test_who_awaits_gets_the_head_where_somebody_takes_the_stream(answer: bytes, keywords: Any, event: str) -> None:
    server, url = await serve(Peer(answer))
    asked = request(url, agent=False, **keywords)
    streams: list[Any] = []
    asked.once(event, lambda response, stream, head: streams.append(stream))
    response = await asked.end()
    assert response.status_code in (101, 200)
    assert await response.read() == b""
    assert not streams[0].destroyed
    streams[0].destroy()
    await server.close()


@pytest.mark.parametrize(("answer", "keywords", "event"), [
    (SWITCH, {"headers": WANTED}, "upgrade"), (b"HTTP/1.1 200 OK\r\n\r\n", {"method": "CONNECT", "path": "a:1"}, "connect"),
])
async def test_who_awaits_hears_that_nobody_took_the_stream(answer: bytes, keywords: Any, event: str) -> None:
    server, url = await serve(Peer(answer))
    with pytest.raises(ConnectionResetError, match="socket hang up") as caught:
        await request(url, agent=False, **keywords).end()
    assert event in "".join(caught.value.__notes__)
    await server.close()


@pytest.mark.parametrize(("answer", "keywords", "event"), [
    (SWITCH, {"headers": WANTED}, "upgrade"), (b"HTTP/1.1 200 OK\r\n\r\n", {"method": "CONNECT", "path": "a:1"}, "connect"),
])
async def test_a_request_whose_stream_is_taken_lives_and_has_its_socket(answer: bytes, keywords: Any, event: str) -> None:
    def take(response: Any, stream: Any, head: bytes) -> None:
        found.append((stream, asked.socket, asked.destroyed))

    found: list[Any] = []
    server, url = await serve(Peer(answer))
    asked = request(url, agent=False, **keywords).once(event, take).end()
    assert asked.socket is None
    await closed(asked)
    [(stream, socket, destroyed)] = found
    assert (socket, destroyed) == (stream, False)
    assert asked.socket is stream
    stream.destroy()
    await server.close()


REFUSAL = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 5\r\n\r\n"
CHUNKED_REFUSAL = b"HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(("answer", "body"), [(REFUSAL, b"hello"), (CHUNKED_REFUSAL, b"5\r\nhello\r\n0\r\n\r\n"),
                                              (b"HTTP/1.1 302 Found\r\nConnection: close\r\n\r\n", b"hello")])
@pytest.mark.parametrize("late", [False, True])
async def test_who_listens_for_connect_hears_of_a_refusal_and_gets_the_stream(answer: bytes, body: bytes, late: bool) -> None:
    server, url = await serve(Peer(answer + body))
    asked = request(url, agent=False, method="CONNECT", path="a:1")
    if late:
        asked.flush_headers()
        await events.once(asked, "socket")
    log = record(asked, "response")
    asked.end()
    response, stream, head = await events.once(asked, "connect")
    assert str(response.status_code).encode() in answer
    assert (head, response.complete, log) == (body, True, [])
    assert not stream.destroyed
    stream.destroy()
    await server.close()


async def test_a_refusal_of_connect_is_a_response_for_who_listens_to_that_alone() -> None:
    server, url = await serve(Peer(REFUSAL + b"hello"))
    response = await request(url, agent=False, method="CONNECT", path="a:1").end()
    assert (response.status_code, await response.read()) == (407, b"hello")
    await server.close()


async def test_a_request_knows_its_socket_when_it_is_over() -> None:
    server, url = await serve(Peer())
    agent = Agent(keep_alive=True)
    asked = get(url, agent=agent)
    asked.on("response", lambda response: response.resume())
    ports: list[int] = []
    asked.on("close", lambda: ports.append(asked.socket.remote_port))
    await closed(asked)
    assert ports == [server.address().port]
    agent.destroy()
    await server.close()


# --- a head that cannot be made -------------------------------------------------------------------------------------

async def test_a_head_that_cannot_be_made_is_the_error_of_a_request_that_waits_for_100() -> None:
    server, url = await serve(Peer())
    asked = request(url, agent=False, method="POST", headers={"Expect": "100-continue", "Content-Length": "x"})
    with pytest.raises(ValueError, match="Content-Length"):
        await asked
    assert asked.destroyed
    await server.close()


@pytest.mark.parametrize("length", ["x", "5"])
async def test_get_that_raises_leaves_its_place_to_the_next(length: str) -> None:
    server, url = await serve(Peer())
    agent = Agent(max_sockets=1)
    with pytest.raises((ValueError, RuntimeError), match="Content-Length"):
        get(url, agent=agent, headers={"Content-Length": length})
    assert await (await get(url, agent=agent)).read() == b"hello"
    agent.destroy()
    await server.close()


@pytest.mark.parametrize("body", [(), ("body", lambda: None)])
async def test_an_end_that_raises_for_the_head_closes_the_request(body: Any) -> None:
    server, url = await serve(Peer())
    agent = Agent(max_sockets=1)
    asked = request(url, agent=agent, method="POST", headers={"Content-Length": "x"})
    log = record(asked, "error", "close")
    with pytest.raises(ValueError, match="Content-Length"):
        asked.end(*body)
    assert await (await get(url, agent=agent)).read() == b"hello"
    assert log == ["close"]
    agent.destroy()
    await server.close()


# --- in the middle of a response ------------------------------------------------------------------------------------

HALF = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"


class MyError(Exception):
    pass


def cut(asked: Any, response: Any, sockets: list[Any]) -> None:
    sockets[0].end()


def reset(asked: Any, response: Any, sockets: list[Any]) -> None:
    sockets[0].reset_and_destroy()


def garble(asked: Any, response: Any, sockets: list[Any]) -> None:
    sockets[0].write(b"no size\r\n")


def destroy_response(asked: Any, response: Any, sockets: list[Any]) -> None:
    response.destroy(MyError())


def destroy_request(asked: Any, response: Any, sockets: list[Any]) -> None:
    asked.destroy(MyError())


@pytest.mark.parametrize(("listening", "told"), [
    ("request", ["request"]), ("response", ["response"]), ("both", ["request", "response"]), ("", ["nobody"])])
@pytest.mark.parametrize(("fail", "kind"), [
    (cut, ConnectionResetError), (reset, ConnectionResetError), (garble, ParseError), (destroy_response, MyError),
    (destroy_request, MyError)])
async def test_a_failure_in_the_response_is_told_to_those_who_listen(
        fail: Any, kind: type[Exception], listening: str, told: list[str], unhandled: list[Any]) -> None:
    def half(socket: Any) -> None:
        sockets.append(socket)
        socket.write(HALF)

    sockets: list[Any] = []
    heard: dict[str, Exception] = {}
    server, url = await serve(Peer(half))
    asked = get(url, agent=False)
    asked.on("response", lambda response: response.on("data", lambda _: fail(asked, response, sockets)))
    if listening in ("request", "both"):
        asked.on("error", lambda error: heard.update(request=error))
    if listening in ("response", "both"):
        asked.on("response", lambda response: response.on("error", lambda error: heard.update(response=error)))
    await closed(asked)
    while not asked.response.closed:
        await asyncio.sleep(0)
    if unhandled:
        heard["nobody"] = unhandled[0]
    if fail is cut:                     # as in Node; but there the response alone hears of it
        told = {"both": ["response"], "": []}.get(listening, told)
    assert sorted(heard) == told
    assert all(type(error) is kind for error in heard.values())
    assert asked.response.aborted
    await server.close()


async def test_who_awaited_hears_of_a_failure_by_reading(unhandled: list[Any]) -> None:
    server, url = await serve(Peer(lambda socket: socket.write(HALF + b"no size\r\n")))
    response = await get(url, agent=False)
    with pytest.raises(ParseError):
        await response.read()
    assert unhandled == []
    await server.close()


# --- given up -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("keep_alive", [True, False])
async def test_a_signal_that_aborts_at_the_end_of_the_response_is_no_error(keep_alive: bool) -> None:
    server, url = await serve(Peer())
    agent, controller = Agent(keep_alive=keep_alive), AbortController()
    asked = get(url, agent=agent, signal=controller.signal)
    log = record(asked, "error", "close")
    response, = await events.once(asked, "response")
    response.resume().on("end", controller.abort)
    await closed(asked)
    assert log == ["close"]
    assert response.complete
    agent.destroy()
    await server.close()


async def test_abort_before_there_is_a_socket_is_no_error() -> None:
    asked = get("http://127.0.0.1:9/", agent=False)
    log = record(asked, "abort", "error", "close")
    asked.abort()
    await closed(asked)
    assert asked.aborted
    assert sorted(log) == ["abort", "close"]


async def test_a_request_closes_though_a_listener_of_its_response_raises(unhandled: list[Any]) -> None:
    def fail() -> None:
        raise RuntimeError("a bug")

    server, url = await serve(Peer())
    asked = get(url, agent=False)
    response, = await events.once(asked, "response")
    response.on("close", fail).resume()
    await closed(asked)
    assert asked.destroyed
    assert [str(error) for error in unhandled] == ["a bug"]
    await server.close()


async def test_a_request_that_cannot_be_made_leaves_nothing_on_its_signal() -> None:
    agent, controller = Agent(proxy_env={"HTTP_PROXY": "http://127.0.0.1:9"}), AbortController()
    with pytest.raises(ValueError, match="where a proxy is asked"):
        request("http://example.test/", path="no-path", agent=agent, signal=controller.signal)
    assert events.get_event_listeners(controller.signal, "abort") == []
