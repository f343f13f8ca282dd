"""WebSocket on real sockets: messages both ways, the faces of emitter and browser, closing, backpressure."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from netloop import events, net
from netloop._engine.framing import masked_frame
from netloop.errors import ArgumentValueError, StateError
from netloop.websocket.handshake import Agreement
from netloop.websocket.websocket import WebSocket

LOOPBACK = "127.0.0.1"
TEXT, BINARY, CLOSE, PING = 0x81, 0x82, 0x88, 0x89
LARGE = 32 * 1024 * 1024            # more than a connection holds


async def raw_pair(**options: Any) -> tuple[WebSocket, net.Socket]:
    """The server's end of a connection, and the bare socket of its peer."""
    accepted = asyncio.get_running_loop().create_future()
    server = await net.create_server(accepted.set_result).listen(0, LOOPBACK)
    peer = await net.connect(server.address().port, LOOPBACK)
    websocket = WebSocket(None, **options)
    websocket.set_socket(await accepted)
    server.close()
    return websocket, peer


async def pair(server: dict[str, Any] | None = None, **options: Any) -> tuple[WebSocket, WebSocket]:
    """Both ends of a connection: the server's, and the client's."""
    accepted, socket = await raw_pair(**(server or {}))
    client = WebSocket(None, **options)
    client._open(socket, b"", Agreement(), False)
    return accepted, client


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


# --- messages --------------------------------------------------------------------------------------------------------

async def test_a_message_arrives_as_it_was_sent_text_or_binary():
    server, client = await pair()
    log = log_of(server, "message")
    server.on("message", lambda data: server.send(data))
    client.send("h\u00e9llo")
    client.send(b"\x00\xff")
    echoed = aiter(client)
    assert [await anext(echoed), await anext(echoed)] == ["h\u00e9llo", b"\x00\xff"]
    assert log == [("message", "h\u00e9llo", False), ("message", b"\x00\xff", True)]
    await close(server, client)


async def test_the_only_listener_gets_as_many_arguments_as_it_takes_whatever_came_and_went_before():
    server, client = await pair()
    log: list[Any] = []

    def on_both(data: Any, is_binary: bool) -> None:
        log.append((data, is_binary))
        server.remove_listener("message", on_both)
        server.on("message", on_data)

    def on_data(data: Any) -> None:
        log.append(data)
        server.on("message", on_nothing)
        server.remove_listener("message", on_data)

    def on_nothing() -> None:
        log.append(None)
        server.remove_all_listeners("message")
        server.once("message", lambda *arguments: log.append(arguments))

    server.on("message", on_both)
    for message in "12345":
        client.send(message)
    client.close()
    await client.wait_closed()
    assert log == [("1", False), "2", None, ("4", False)]


async def test_a_coroutine_listener_gets_each_message_as_a_task():
    server, client = await pair()
    done = asyncio.get_running_loop().create_future()

    async def on_message(data: str) -> None:
        await asyncio.sleep(0)
        done.set_result(data)

    server.on("message", on_message)
    client.send("for a task")
    assert await done == "for a task"
    await close(server, client)


async def test_what_came_behind_the_handshake_is_delivered_to_a_listener_of_the_same_turn():
    websocket, peer = await raw_pair()
    await close(websocket)
    accepted, other = await raw_socket_pair()
    late = WebSocket(None)
    late.set_socket(accepted, masked_frame(TEXT, b"early", 7))
    log = log_of(late, "open", "message")
    await events.once(late, "message")
    assert log == [("open",), ("message", "early", False)]
    await close(late)
    peer.destroy()
    other.destroy()


async def raw_socket_pair() -> tuple[net.Socket, net.Socket]:
    accepted = asyncio.get_running_loop().create_future()
    server = await net.create_server(accepted.set_result).listen(0, LOOPBACK)
    peer = await net.connect(server.address().port, LOOPBACK)
    server.close()
    return await accepted, peer


async def test_answers_to_what_came_in_one_chunk_leave_in_one_write():
    websocket, peer = await raw_pair()
    websocket.on("message", lambda data: websocket.send(data))
    chunks: list[bytes] = []
    peer.on("data", chunks.append)
    peer.write(b"".join(masked_frame(TEXT, b"%d" % number, 9) for number in range(8)))
    while sum(map(len, chunks)) < 8 * 3:
        await events.once(peer, "data")
    assert chunks == [b"".join(b"\x81\x01%d" % number for number in range(8))]
    await close(websocket)
    peer.destroy()


async def test_a_large_message_passes_unharmed_both_ways():
    server, client = await pair()
    server.on("message", lambda data: server.send(data))
    data = bytes(range(256)) * 20000
    client.send(data)
    assert await events.once(client, "message") == [data, True]
    await close(server, client)


async def test_fragments_are_one_message_or_a_list_of_them():
    server, client = await pair()
    for part, fin in ((b"a", False), (b"b", False), (b"c", True)):
        client.send(part, fin=fin)
    assert await events.once(server, "message") == [b"abc", True]
    server.binary_type = "fragments"
    client.send(b"d", fin=False)
    client.send(b"e")
    assert await events.once(server, "message") == [[b"d", b"e"], True]
    server.binary_type = "memoryview"
    client.send(b"f")
    [data, _] = await events.once(server, "message")
    assert isinstance(data, memoryview)
    assert data == b"f"
    with pytest.raises(ArgumentValueError):
        server.binary_type = "blob"
    await close(server, client)


async def test_a_ping_is_answered_and_both_ends_hear_of_it():
    server, client = await pair()
    log = log_of(server, "ping")
    client.ping(b"now")
    assert await events.once(client, "pong") == [b"now"]
    assert log == [("ping", b"now")]
    await close(server, client)


async def test_what_a_listener_raises_goes_to_the_loop_and_the_next_message_still_comes(unhandled):
    server, client = await pair()
    got = []

    def on_message(data: Any) -> None:
        got.append(data)
        raise LookupError(data)

    server.on("message", on_message)
    client.send("one")
    client.send("two")
    while len(got) < 2:
        await asyncio.sleep(0)
    assert [error.args for error in unhandled] == [("one",), ("two",)]
    await close(server, client)


# --- as browsers have it ---------------------------------------------------------------------------------------------

async def test_handlers_get_events_with_what_browsers_give_them():
    server, client = await pair()
    log: list[Any] = []
    client.onopen = lambda event: log.append((event.type, event.target is client))
    client.onmessage = lambda event: log.append((event.type, event.data))
    client.onclose = lambda event: log.append((event.type, event.code, event.reason, event.was_clean))
    server.on("open", lambda: (server.send("hi"), server.close(4000, "bye")))
    await client.wait_closed()
    assert log == [("open", True), ("message", "hi"), ("close", 4000, "bye", True)]
    await server.wait_closed()


async def test_an_event_listener_is_added_once_and_a_handler_keeps_its_place():
    server, client = await pair()
    log: list[str] = []

    def listener(event: Any) -> None:
        log.append("listener")

    server.onmessage = lambda event: log.append("old")
    server.add_event_listener("message", listener)
    server.add_event_listener("message", listener)
    server.onmessage = lambda: log.append("new")        # who does not use the event need not take it
    client.send("1")
    await events.once(server, "message")
    assert log == ["new", "listener"]
    server.remove_event_listener("message", listener)
    server.onmessage = None
    assert server.onmessage is None
    assert server.listener_count("message") == 0
    with pytest.raises(ArgumentValueError):
        server.add_event_listener("ping", listener)
    await close(server, client)


# --- closing ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("who", ["server", "client"])
async def test_a_clean_close_has_the_code_and_the_reason_at_the_other_end(who):
    server, client = await pair()
    closer, other = (server, client) if who == "server" else (client, server)
    closer.send("last words")
    logs = log_of(closer, "close"), log_of(other, "message", "close", "error")
    closer.close(3001, "enough")
    assert closer.ready_state == WebSocket.CLOSING
    await closer.wait_closed()
    await other.wait_closed()
    assert logs == ([("close", 3001, "enough")], [("message", "last words", False), ("close", 3001, "enough")])
    assert closer.ready_state == other.ready_state == WebSocket.CLOSED
    assert closer.was_clean
    assert other.was_clean


async def test_a_close_without_a_code_is_1005_and_a_reset_is_1006():
    server, client = await pair()
    client.close()
    assert await events.once(server, "close") == [1005, ""]
    await client.wait_closed()
    server, client = await pair()
    client._wire.socket.reset_and_destroy()
    assert await events.once(server, "close") == [1006, ""]
    assert not server.was_clean
    await client.wait_closed()


async def test_a_peer_that_never_answers_close_is_cut_off():
    websocket, peer = await raw_pair(close_timeout=20)
    peer.resume()
    websocket.close(1000)
    assert await events.once(websocket, "close") == [1006, ""]
    peer.destroy()


async def test_a_violation_is_an_error_then_close_and_the_peer_is_told_why():
    websocket, peer = await raw_pair()
    log = log_of(websocket, "error", "close")
    received = bytearray()
    peer.on("data", received.extend)
    peer.write(masked_frame(0x83, b"", 5))
    await websocket.wait_closed()
    assert [entry[0] for entry in log] == ["error", "close"]
    assert log[0][1].code == "WS_ERR_INVALID_OPCODE"
    assert received[:4] == b"\x88" + bytes([len(received) - 2]) + b"\x03\xea"
    peer.destroy()


async def test_an_error_that_nobody_listens_to_is_reported(unhandled):
    websocket, peer = await raw_pair()
    peer.write(masked_frame(0x83, b"", 5))
    peer.resume()
    await websocket.wait_closed()
    assert [error.code for error in unhandled] == ["WS_ERR_INVALID_OPCODE"]
    peer.destroy()


async def test_terminate_in_a_listener_ends_it_before_the_next_message():
    websocket, peer = await raw_pair()
    got = []
    websocket.on("message", lambda data: (got.append(data), websocket.terminate()))
    peer.write(masked_frame(TEXT, b"1", 1) + masked_frame(TEXT, b"2", 1))
    peer.resume()
    assert await events.once(websocket, "close") == [1006, ""]
    assert got == ["1"]
    peer.destroy()


async def test_sending_before_it_is_open_raises_and_after_close_is_refused():
    with pytest.raises(StateError):
        WebSocket(None).send("too early")
    server, client = await pair()
    client.close()
    answers: list[Any] = []
    sent = client.send("four", answers.append)
    assert not sent
    assert client.buffered_amount >= 4
    with pytest.raises(StateError):
        await sent
    await client.wait_closed()
    await server.wait_closed()
    assert [type(answer) for answer in answers] == [StateError]


# --- backpressure ----------------------------------------------------------------------------------------------------

async def test_send_says_when_to_wait_and_drain_follows():
    server, client = await pair()
    client.pause()
    answers: list[Any] = []
    assert not server.send(bytes(LARGE), answers.append)
    assert server.buffered_amount > 65536
    assert answers == []
    client.resume()
    await events.once(server, "drain")
    assert server.buffered_amount == 0
    assert answers == [None]
    assert server.send("small")
    await close(server, client)


async def test_awaiting_send_waits_until_the_peer_reads():
    server, client = await pair()
    client.pause()
    waiting = asyncio.ensure_future(_send(server, bytes(LARGE)))
    await asyncio.sleep(0)
    assert not waiting.done()
    client.resume()
    await waiting
    await close(server, client)


async def _send(websocket: WebSocket, data: bytes) -> None:
    await websocket.send(data)


async def test_callbacks_of_what_was_never_sent_get_the_reason():
    server, client = await pair()
    client.pause()
    answers: list[Any] = []
    server.send(bytes(LARGE), answers.append)
    server.terminate()
    await server.wait_closed()
    assert [type(answer) for answer in answers] == [StateError]
    client.resume()
    await client.wait_closed()


async def test_pause_in_a_listener_holds_the_next_message_until_resume():
    websocket, peer = await raw_pair()
    got = []
    websocket.on("message", lambda data: (got.append(data), websocket.pause()))
    peer.write(masked_frame(TEXT, b"1", 1) + masked_frame(TEXT, b"2", 1) + masked_frame(CLOSE, b"\x03\xe8", 1))
    peer.end()
    await events.once(websocket, "message")
    assert got == ["1"]
    assert websocket.is_paused
    websocket.resume()
    assert got == ["1", "2"]
    assert websocket.is_paused
    log = log_of(websocket, "close")
    websocket.resume()
    peer.resume()
    await websocket.wait_closed()
    assert log == [("close", 1000, "")]
    peer.destroy()


@pytest.mark.parametrize(("make", "expected"), [
    (lambda tell: lambda: tell("nothing"), "nothing"),
    (lambda tell: lambda data: tell(data), "1"),
    (lambda tell: lambda data, is_binary: tell((data, is_binary)), ("1", False)),
    (lambda tell: lambda data, is_binary, beyond=2: tell((data, is_binary, beyond)), ("1", False, 2)),
    (lambda tell: lambda *everything: tell(everything), ("1", False)),
])
async def test_the_only_listener_for_messages_gets_as_many_arguments_as_it_takes(make, expected):
    websocket, peer = await raw_pair()
    heard = asyncio.get_running_loop().create_future()
    websocket.on("message", make(heard.set_result))
    peer.write(masked_frame(TEXT, b"1", 1))
    assert await heard == expected
    websocket.terminate()
    peer.destroy()


async def test_close_waits_for_messages_that_a_pause_holds_back():
    websocket, peer = await raw_pair()
    log = log_of(websocket, "message", "close")
    websocket.once("message", lambda: websocket.pause())
    peer.write(masked_frame(TEXT, b"1", 1) + masked_frame(TEXT, b"2", 1))
    await events.once(websocket, "message")
    socket = websocket._wire.socket
    socket.destroy()
    await events.once(socket, "close")
    assert log == [("message", "1", False)]
    websocket.resume()
    assert log == [("message", "1", False), ("message", "2", False), ("close", 1006, "")]
    peer.destroy()


# --- asyncio ---------------------------------------------------------------------------------------------------------

async def test_iteration_gives_the_messages_and_ends_at_close():
    server, client = await pair()
    got = []
    async with server:
        for number in range(100):
            client.send(str(number))
        client.close()
        async for message in server:
            got.append(message)
    assert got == [str(number) for number in range(100)]
    await client.wait_closed()


async def test_a_second_iteration_goes_on_where_the_first_stopped():
    server, client = await pair()
    for number in range(40):
        client.send(str(number))
    client.close()
    got = []
    async for message in server:
        got.append(message)
        if len(got) == 3:
            break
    async for message in server:
        got.append(message)
    assert got == [str(number) for number in range(40)]
    await close(server, client)


async def test_an_iteration_raises_the_error_after_the_messages_before_it():
    websocket, peer = await raw_pair()
    peer.write(masked_frame(TEXT, b"1", 1) + masked_frame(0x83, b"", 1))
    peer.resume()
    messages = aiter(websocket)
    assert await anext(messages) == "1"
    with pytest.raises(Exception, match="opcode 3"):
        await anext(messages)
    await websocket.wait_closed()
    peer.destroy()


async def test_a_body_that_fails_closes_with_1011():
    server, client = await pair()
    closed = asyncio.ensure_future(events.once(client, "close"))
    await asyncio.sleep(0)
    with pytest.raises(LookupError):
        async with server:
            raise LookupError
    assert await closed == [1011, ""]


# --- what costs memory -----------------------------------------------------------------------------------------------

async def test_what_waits_for_a_peer_that_does_not_read_is_bounded_by_the_answer_of_send():
    server, client = await pair()
    server.pause()
    message = bytes(50000)
    while client.send(message):
        pass
    assert 65536 <= client.buffered_amount < 65536 + len(message) + 14
    server.resume()
    await client.drain()
    assert client.buffered_amount == 0
    await close(server, client)


async def test_a_slow_consumer_is_closed_with_1013():
    server, client = await pair({"slow_consumer": "close", "max_buffered_amount": 1000, "close_timeout": 5000})
    client.pause()
    server.send(bytes(LARGE))
    answers: list[Any] = []
    assert not server.send("too much", answers.append)
    assert server.ready_state == WebSocket.CLOSING
    client.resume()
    assert await events.once(client, "close") == [1013, "too slow"]
    await server.wait_closed()
    assert [type(answer) for answer in answers] == [StateError]


async def test_of_what_waits_for_a_slow_consumer_the_oldest_is_dropped():
    server, client = await pair({"slow_consumer": "drop", "max_buffered_amount": 30})
    client.pause()
    server.send(bytes(LARGE))
    answers: list[Any] = []
    for number in range(10):
        server.send(f"{number:010}", answers.append)
    got: list[Any] = []
    client.on("message", lambda data: got.append(data))
    client.resume()
    while len(got) < 4:
        await events.once(client, "message")
    assert got[1:] == [f"{number:010}" for number in (7, 8, 9)]
    await asyncio.sleep(0)
    assert [answer is None for answer in answers] == [False] * 7 + [True] * 3
    await close(server, client)


# --- the heartbeat ---------------------------------------------------------------------------------------------------

async def test_the_heartbeat_pings_an_idle_peer_and_lives_on_with_its_pong():
    server, client = await pair({"heartbeat": 5, "heartbeat_timeout": 5000})
    pinged = await events.once(client, "ping")
    await events.once(client, "ping")
    assert pinged == [b""]
    assert server.ready_state == WebSocket.OPEN
    await close(server, client)


async def test_the_heartbeat_ends_a_connection_whose_peer_is_dead():
    websocket, peer = await raw_pair(heartbeat=5, heartbeat_timeout=20)
    log = log_of(websocket, "error", "close")
    peer.resume()
    await websocket.wait_closed()
    assert log[0][1].code == "WS_ERR_HEARTBEAT"
    assert log[1] == ("close", 1006, "")
    peer.destroy()
