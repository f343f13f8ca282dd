"""Large messages are compressed and inflated in threads: nobody may notice it by the order, the end or the limits."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from netloop import events, net
from netloop.errors import StateError
from netloop.websocket import zlib_threads
from netloop.websocket.connection import INFLATED_IN_THREAD
from netloop.websocket.deflate_options import DeflateParameters
from netloop.websocket.handshake import Agreement
from netloop.websocket.outbound import COMPRESSED_IN_THREAD
from netloop.websocket.websocket import WebSocket

LOOPBACK = "127.0.0.1"
AGREEMENT = Agreement("", "permessage-deflate", DeflateParameters())
NOISE = random.Random(7).randbytes(INFLATED_IN_THREAD)
LARGE = NOISE + bytes(COMPRESSED_IN_THREAD)         # both ways take a thread
SMALL = b"small" * 300


@pytest.fixture
def threaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the functions that were called in threads."""
    called: list[str] = []
    call = zlib_threads.call_in_thread

    def record(loop: Any, limit: int, function: Any, *rest: Any) -> None:
        called.append(function.__name__)
        call(loop, limit, function, *rest)

    monkeypatch.setattr("netloop.websocket.zlib_threads.call_in_thread", record)
    return called


async def pair(**options: Any) -> tuple[WebSocket, WebSocket]:
    """Both ends of a connection that compresses: the server's, and the client's."""
    accepted = asyncio.get_running_loop().create_future()
    listening = await net.create_server(accepted.set_result).listen(0, LOOPBACK)
    socket = await net.connect(listening.address().port, LOOPBACK)
    server, client = (WebSocket(None, per_message_deflate=True, **options) for _ in range(2))
    server._open(await accepted, b"", AGREEMENT, True)
    client._open(socket, b"", AGREEMENT, False)
    listening.close()
    return server, client


async def close(*websockets: WebSocket) -> None:
    for websocket in websockets:
        websocket.terminate()
    for websocket in websockets:
        await websocket.wait_closed()


def log_of(websocket: WebSocket, *names: str) -> list[tuple[Any, ...]]:
    log: list[tuple[Any, ...]] = []
    for name in names:
        websocket.on(name, lambda *arguments, name=name: log.append((name, *arguments)))
    return log


async def test_small_messages_take_no_thread(threaded):
    server, client = await pair()
    client.send(SMALL)
    assert await anext(aiter(server)) == SMALL
    assert threaded == []
    await close(server, client)


async def test_messages_keep_their_order_whether_they_take_a_thread_or_not(threaded):
    server, client = await pair()
    log = log_of(server, "message", "ping", "close")
    sent = [LARGE, SMALL, b"", LARGE[::-1], LARGE, "text", b"last"]
    for message in sent:
        client.send(message)
    client.ping(b"between")
    client.send("\u00e9" * COMPRESSED_IN_THREAD)
    client.close(1000, "done")
    await server.wait_closed()
    assert log == [*(("message", message, isinstance(message, bytes)) for message in sent), ("ping", b"between"),
                   ("message", "\u00e9" * COMPRESSED_IN_THREAD, False), ("close", 1000, "done")]
    assert threaded.count("compress") == 4
    assert threaded.count("decompress") == 3        # two bytes again and again are few when they are compressed


async def test_fragments_keep_their_order(threaded):
    server, client = await pair()
    client.send(LARGE, fin=False)
    client.send(SMALL, fin=False)
    client.send(LARGE)
    assert await anext(aiter(server)) == LARGE + SMALL + LARGE
    assert threaded == ["compress", "compress", "decompress"]
    await close(server, client)


async def test_a_callback_comes_after_its_message_and_those_before_it():
    server, client = await pair()
    log: list[str] = []
    done = asyncio.get_running_loop().create_future()
    client.send(LARGE, lambda error: log.append(f"large {error}"))
    client.send(b"x", lambda error: log.append(f"small {error}"))
    client.ping(b"x", lambda error: (log.append(f"ping {error}"), done.set_result(None)))
    assert log == []
    assert client.buffered_amount > len(LARGE)
    await done
    assert log == ["large None", "small None", "ping None"]
    assert client.buffered_amount == 0
    await close(server, client)


async def test_drain_follows_when_what_waited_for_a_thread_has_gone():
    server, client = await pair(high_water_mark=1024)
    assert not client.send(LARGE)
    assert not client.send(b"x")
    await events.once(client, "drain")
    assert client.buffered_amount == 0
    messages = aiter(server)
    assert [await anext(messages), await anext(messages)] == [LARGE, b"x"]
    await close(server, client)


async def test_nothing_is_lost_when_the_sender_closes_at_once():
    server, client = await pair()
    log = log_of(server, "message", "close")
    client.send(LARGE)
    client.send(SMALL)
    client.close(1000, "bye")
    assert not client.send(b"too late")
    await server.wait_closed()
    assert log == [("message", LARGE, True), ("message", SMALL, True), ("close", 1000, "bye")]


async def test_nothing_is_lost_when_the_peer_is_gone_before_it_is_inflated():
    server, client = await pair()
    log = log_of(server, "message", "close")
    sent = asyncio.get_running_loop().create_future()
    client.send(LARGE, sent.set_result)
    await sent
    client.terminate()
    await server.wait_closed()
    assert log == [("message", LARGE, True), ("close", 1006, "")]


async def test_a_terminated_connection_answers_every_callback_and_delivers_nothing():
    server, client = await pair()
    log = log_of(server, "message")
    answers: list[Any] = []
    for message in (LARGE, SMALL, LARGE):
        client.send(message, answers.append)
    client.terminate()
    await client.wait_closed()
    await server.wait_closed()
    assert [type(answer) for answer in answers] == [StateError] * 3
    assert log == []


async def test_a_paused_connection_keeps_what_was_inflated(threaded):
    server, client = await pair()
    log = log_of(server, "message")
    client.send(LARGE)
    client.send(b"behind")
    while "decompress" not in threaded:
        await asyncio.sleep(0)
    server.pause()
    client.ping()
    client.send(LARGE)          # compressed behind the back of what is inflated
    while client.buffered_amount:
        await asyncio.sleep(0)
    assert log == []
    server.resume()
    await events.once(client, "pong")
    assert log[:2] == [("message", LARGE, True), ("message", b"behind", True)]
    await close(server, client)


async def test_a_bomb_is_stopped_while_it_is_inflated_in_a_thread(threaded):
    server, client = await pair(max_payload=1024 * 1024)
    log = log_of(server, "message")
    bomb = bytes(64 * 1024 * 1024)
    client._wire.send(bomb)     # 64 KiB on the wire
    client._wire.settle()
    error, = await events.once(server, "error")
    assert error.code == "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"
    assert error.close_code == 1009
    assert log == []
    assert threaded == ["compress", "decompress"]
    await server.wait_closed()
    await close(client)


async def test_what_is_no_compressed_data_fails_the_connection(threaded):
    server, client = await pair()
    client._wire.put_frame(0xC2, b"\xff" * INFLATED_IN_THREAD)
    client._wire.settle()
    error, = await events.once(server, "error")
    assert error.code == "WS_ERR_INVALID_COMPRESSED_DATA"
    assert threaded == ["decompress"]
    await server.wait_closed()
    await close(client)


async def test_a_system_without_threads_does_the_work_in_the_loop(monkeypatch):
    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("netloop.dns.threads.start_new_thread", refuse)
    monkeypatch.setattr(zlib_threads, "_pools", {})
    server, client = await pair()
    client.send(LARGE)
    client.send(SMALL)
    messages = aiter(server)
    assert [await anext(messages), await anext(messages)] == [LARGE, SMALL]
    await close(server, client)
