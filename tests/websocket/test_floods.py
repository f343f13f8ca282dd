"""What a peer may try: floods of frames of every kind, messages that never end, silence; and programs that send too much."""

from __future__ import annotations

import asyncio
import time
import tracemalloc
import zlib
from typing import Any

import pytest

from netloop import events, net
from netloop._engine.framing import frame_head, masked_frame
from netloop.errors import StateError
from netloop.websocket.broadcasting import broadcast
from netloop.websocket.deflate_options import DeflateOptions, DeflateParameters
from netloop.websocket.handshake import Agreement
from netloop.websocket.websocket import WebSocket

LOOPBACK = "127.0.0.1"
KEY = 0x3D21FA37
FIN, RSV1, CONTINUATION, TEXT, BINARY, PING = 0x80, 0x40, 0, 1, 2, 9
MIB = 1024 * 1024
LARGE = 32 * MIB        # bytes; more than a connection holds


async def raw_pair(agreement: Agreement | None = None, **options: Any) -> tuple[WebSocket, net.Socket]:
    """The server's end of a connection, and the bare socket of its peer."""
    accepted = asyncio.get_running_loop().create_future()
    server = await net.create_server(accepted.set_result).listen(0, LOOPBACK)
    address: Any = server.address()
    peer = await net.connect(address.port, LOOPBACK)
    websocket = WebSocket(None, **options)
    websocket._open(await accepted, b"", agreement or Agreement(), True)
    server.close()
    return websocket, peer


async def fails(websocket: WebSocket, peer: net.Socket) -> tuple[str, int]:
    """Wait for the end: the code of the error, and the close code that the peer was told."""
    codes: list[str] = []
    websocket.on("error", lambda error: codes.append(error.code))
    received = bytearray()
    peer.on("data", received.extend).on("error", lambda error: None)
    await websocket.wait_closed()
    peer.destroy()
    [code] = codes
    return code, int.from_bytes(received[2:4], "big")


# --- frames ---------------------------------------------------------------------------------------------------------------

async def test_pings_from_a_peer_that_reads_no_pongs_end_the_connection():
    websocket, peer = await raw_pair()
    codes: list[str] = []
    websocket.on("error", lambda error: codes.append(error.code))
    flood = masked_frame(FIN | PING, bytes(125), KEY) * 1000
    peer.pause()
    peer.on("error", lambda error: None)
    while not codes and not peer.destroyed:
        if not peer.write(flood):
            await asyncio.sleep(0)
        assert websocket.buffered_amount < MIB
    assert codes == ["WS_ERR_TOO_MANY_PENDING_PONGS"]
    peer.destroy()
    await websocket.wait_closed()


async def test_tiny_messages_are_all_delivered_and_cost_no_more_than_what_is_under_way():
    websocket, peer = await raw_pair()
    count, total = 0, 5000
    delivered = asyncio.Event()

    def on_message(data: str) -> None:
        nonlocal count
        count += 1
        if count == total:
            delivered.set()

    websocket.on("message", on_message)
    tracemalloc.start()
    try:
        peer.write(masked_frame(FIN | TEXT, b"x", KEY) * total)
        await delivered.wait()
        assert tracemalloc.get_traced_memory()[1] < MIB
    finally:
        tracemalloc.stop()
    websocket.terminate()
    await websocket.wait_closed()
    peer.destroy()


async def test_empty_fragments_without_an_end_end_the_connection():
    websocket, peer = await raw_pair(max_fragments=1000)
    peer.write(masked_frame(TEXT, b"", KEY) + masked_frame(CONTINUATION, b"", KEY) * 1000)
    assert await fails(websocket, peer) == ("WS_ERR_TOO_MANY_BUFFERED_PARTS", 1008)


async def test_a_message_in_fragments_without_an_end_is_limited_in_bytes():
    websocket, peer = await raw_pair(max_payload=MIB)
    peer.write(masked_frame(BINARY, bytes(65536), KEY) + masked_frame(CONTINUATION, bytes(65536), KEY) * 16)
    assert await fails(websocket, peer) == ("WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", 1009)


async def test_a_head_that_promises_much_reserves_nothing():
    websocket, peer = await raw_pair(max_payload=0)
    tracemalloc.start()
    try:
        head = frame_head(FIN | BINARY, 2**40)
        peer.write(head[:1] + bytes([head[1] | 0x80]) + head[2:] + bytes(4) + b"begun")
        peer.write(b"x")
        await asyncio.sleep(0.01)
        assert tracemalloc.get_traced_memory()[1] < 4 * MIB
    finally:
        tracemalloc.stop()
    assert websocket.ready_state == WebSocket.OPEN
    peer.destroy()
    await websocket.wait_closed()


async def test_a_bomb_is_told_that_it_is_too_big():
    agreement = Agreement("", "permessage-deflate", DeflateParameters())
    websocket, peer = await raw_pair(agreement, per_message_deflate=DeflateOptions(), max_payload=MIB)
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = (squeeze.compress(bytes(16 * MIB)) + squeeze.flush(zlib.Z_SYNC_FLUSH))[:-4]
    assert len(bomb) < MIB // 8
    peer.write(masked_frame(FIN | RSV1 | BINARY, bomb, KEY))
    assert await fails(websocket, peer) == ("WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", 1009)


# --- a program that does not read -----------------------------------------------------------------------------------------

async def test_a_program_that_does_not_take_messages_stops_its_peer():
    websocket, peer = await raw_pair()
    messages = aiter(websocket)
    await websocket
    count = LARGE // 65536
    peer.write(masked_frame(FIN | BINARY, bytes(65536), KEY) * count)
    first = await anext(messages)
    while not websocket.is_paused:
        await asyncio.sleep(0.001)
    assert peer.writable_length > LARGE // 4        # the rest is in the kernel
    sizes = [len(first)] + [len(await anext(messages)) for _ in range(count - 1)]
    assert sizes == [65536] * count
    websocket.terminate()
    peer.destroy()
    await websocket.wait_closed()


# --- a program that sends too much ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("policy", ["drop", "close"])
async def test_a_broadcast_keeps_to_the_policy_for_each_slow_consumer(policy):
    slow, peer = await raw_pair(slow_consumer=policy, max_buffered_amount=100_000)
    fast, other = await raw_pair(slow_consumer=policy, max_buffered_amount=100_000)
    peer.pause()
    other.resume()
    slow.send(bytes(LARGE))
    for _ in range(100):
        broadcast([slow, fast], bytes(10_000))
        await fast.drain()
    assert fast.ready_state == WebSocket.OPEN
    assert slow.ready_state == (WebSocket.OPEN if policy == "drop" else WebSocket.CLOSING)
    assert slow.buffered_amount < LARGE + 200_000
    for websocket in (slow, fast):
        websocket.terminate()
        await websocket.wait_closed()
    peer.destroy()
    other.destroy()


async def test_a_fragment_cannot_wait_where_the_oldest_is_dropped():
    websocket, peer = await raw_pair(slow_consumer="drop")
    peer.pause()
    websocket.send(bytes(LARGE))
    with pytest.raises(StateError):
        websocket.send("begun", fin=False)
    websocket.terminate()
    await websocket.wait_closed()
    peer.destroy()


# --- silence --------------------------------------------------------------------------------------------------------------

async def test_the_heartbeat_gives_a_peer_more_time_after_the_loop_was_blocked_and_says_so():
    websocket, peer = await raw_pair(heartbeat=10, heartbeat_timeout=40)
    errors: list[Exception] = []
    websocket.on("error", errors.append)
    await events.once(peer, "data")             # the ping
    peer.resume()
    time.sleep(0.1)                             # the program blocks the loop beyond the timeout
    await websocket.wait_closed()
    assert "the loop of this program was blocked for" in str(errors[0])
    peer.destroy()


async def test_the_heartbeat_takes_whatever_comes_as_a_sign_of_life():
    websocket, peer = await raw_pair(heartbeat=10, heartbeat_timeout=100)
    errors: list[Exception] = []
    websocket.on("error", errors.append)
    pings = 0

    def on_data(data: bytes) -> None:           # it answers no ping, but talks
        nonlocal pings
        pings += 1
        peer.write(masked_frame(FIN | TEXT, b"x", KEY))

    peer.on("data", on_data)
    while pings < 3:
        await events.once(websocket, "message")
    assert not errors
    websocket.terminate()
    await websocket.wait_closed()
    peer.destroy()


async def test_a_peer_that_never_ends_its_socket_is_cut_off_after_a_violation():
    websocket, peer = await raw_pair(close_timeout=20)
    websocket.on("error", lambda error: None)
    peer.on("error", lambda error: None)
    peer.allow_half_open = True
    peer.write(b"\x81\x01x")
    peer.resume()
    await websocket.wait_closed()
    peer.destroy()
