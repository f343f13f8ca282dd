"""RFC 7692 section 7.2: compressing and inflating, and what a peer may try."""

from __future__ import annotations

import os
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop.websocket.deflate import Deflate
from netloop.websocket.deflate_options import DeflateOptions, DeflateParameters
from netloop.websocket.errors import WebSocketError
from netloop.websocket.prepared import PreparedMessage

FIN, RSV1, TEXT, BINARY = 0x80, 0x40, 1, 2
MOST = 100_000


def ends(new_protocol: Any, options: DeflateOptions | None = None, **parameters: Any) -> tuple[Any, Any]:
    """A server and a client that agreed on these parameters."""
    agreed, options = DeflateParameters(**parameters), options or DeflateOptions(threshold=0)
    return tuple(new_protocol(is_server, deflate=Deflate(agreed, is_server, options)) for is_server in (True, False))


def receiver(**parameters: Any) -> Deflate:
    return Deflate(DeflateParameters(**parameters), True, DeflateOptions())


# --- the examples of RFC 7692 section 7.2.3 -----------------------------------------------------------------------------

def test_a_message_in_one_frame(new_protocol):
    server, client = ends(new_protocol)
    server.send("Hello")
    assert server.take_output() == [bytes.fromhex("c107 f248cdc9c90700")]
    client.receive_data(bytes.fromhex("c107 f248cdc9c90700"))
    assert client.events == [("message", "Hello")]


def test_a_message_in_two_fragments(new_protocol):
    _, client = ends(new_protocol)
    client.receive_data(bytes.fromhex("4103 f248cd 8004 c9c90700"))
    assert client.events == [("message", "Hello")]


def test_the_window_is_shared_with_the_message_before(new_protocol):
    server, client = ends(new_protocol)
    server.send("Hello")
    server.send("Hello")
    assert server.take_output()[1] == bytes.fromhex("c105 f200110000")
    client.receive_data(bytes.fromhex("c107 f248cdc9c90700 c105 f200110000"))
    assert client.events == [("message", "Hello")] * 2


def test_a_block_without_compression(new_protocol):
    _, client = ends(new_protocol)
    client.receive_data(bytes.fromhex("c10b 000500faff48656c6c6f00"))
    assert client.events == [("message", "Hello")]


def test_a_block_that_says_it_is_the_last(new_protocol):
    _, client = ends(new_protocol)
    for _ in range(2):
        client.receive_data(bytes.fromhex("c108 f348cdc9c9070000"))
    assert client.events == [("message", "Hello")] * 2


def test_two_blocks_in_one_message(new_protocol):
    _, client = ends(new_protocol)
    client.receive_data(bytes.fromhex("c10d f248050000 00ffffcac9c90700"))
    assert client.events == [("message", "Hello")]


def test_an_empty_message(new_protocol):
    server, client = ends(new_protocol)
    server.send("")
    server.send("")
    assert server.output() == bytes.fromhex("c10100") * 2      # RFC 7692 section 7.2.3.6
    client.receive_data(bytes.fromhex("c10100") * 2)
    server.send("x", final=False)
    server.send("", final=False)
    server.send("")
    for piece in server.take_output():
        client.receive_data(piece)
    assert client.events == [("message", ""), ("message", ""), ("message", "x")]


# --- windows and context --------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("bits", range(8, 16))
def test_every_window_can_be_read_by_a_decompressor_of_that_size(new_protocol, bits):
    block = os.urandom(300)
    payload = block * 20 + b"a" * 3000 + os.urandom(100) + block
    server, client = ends(new_protocol, server_max_window_bits=bits, client_max_window_bits=bits)
    for sender, taker in ((server, client), (client, server)):
        for _ in range(3):
            sender.send(payload)
        for piece in sender.take_output():
            taker.receive_data(piece)
        assert taker.events == [("message", payload)] * 3


@pytest.mark.parametrize("server_forgets", [True, False])
@pytest.mark.parametrize("client_forgets", [True, False])
def test_context_takeover_is_each_ends_own_matter(new_protocol, server_forgets, client_forgets):
    server, client = ends(new_protocol, server_no_context_takeover=server_forgets, client_no_context_takeover=client_forgets)
    for sender, taker, forgets in ((server, client, server_forgets), (client, server, client_forgets)):
        sender.send("a message that comes twice")
        sender.send("a message that comes twice")
        first, second = sender.take_output()
        assert (len(first) == len(second)) is forgets
        taker.receive_data(first + second)
        assert taker.events == [("message", "a message that comes twice")] * 2


@given(messages=st.lists(st.lists(st.binary(max_size=100), min_size=1, max_size=4), max_size=8), forget=st.booleans(),
       bits=st.integers(8, 15))
def test_any_messages_in_any_fragments(new_protocol, messages, forget, bits):
    server, client = ends(new_protocol, server_no_context_takeover=forget, server_max_window_bits=bits)
    for fragments in messages:
        for fragment in fragments[:-1]:
            server.send(fragment, final=False)
        server.send(fragments[-1])
    for piece in server.take_output():
        client.receive_data(piece)
    assert client.events == [("message", b"".join(fragments)) for fragments in messages]


def test_the_program_may_send_a_message_uncompressed(new_protocol):
    server, client = ends(new_protocol)
    server.send("plain", compress=False)
    server.send("compressed")
    plain, compressed = server.take_output()
    assert (plain[0], compressed[0]) == (FIN | TEXT, FIN | RSV1 | TEXT)
    client.receive_data(plain + compressed)
    assert client.events == [("message", "plain"), ("message", "compressed")]


def test_the_threshold_counts_where_no_context_is_taken_over(new_protocol):
    for forget, first in ((True, FIN | TEXT), (False, FIN | RSV1 | TEXT)):
        server, _ = ends(new_protocol, DeflateOptions(threshold=10), server_no_context_takeover=forget)
        server.send("a" * 9)
        server.send("a" * 10)
        assert [piece[0] for piece in server.take_output()] == [first, FIN | RSV1 | TEXT]


# --- what a peer may try --------------------------------------------------------------------------------------------------

def compressed(data: bytes, level: int = 9) -> bytes:
    compressor = zlib.compressobj(level, zlib.DEFLATED, -15)
    return (compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


def test_a_bomb_is_not_inflated_beyond_the_limit(new_protocol, sent_to):
    bomb = compressed(bytes(20_000_000))
    server = new_protocol(True, max_payload=MOST, deflate=receiver())
    assert len(bomb) < MOST
    server.receive_data(sent_to(server, FIN | RSV1 | BINARY, bomb))
    assert server.events == [("failure", "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH")]
    assert server.close_sent.code == 1009


def test_a_bomb_costs_no_more_memory_than_the_limit():
    bomb, deflate = compressed(bytes(20_000_000)), receiver()
    tracemalloc.start()
    try:
        with pytest.raises(WebSocketError):
            deflate.decompress(bomb, MOST)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * MOST


@pytest.mark.parametrize("size", [MOST - 1, MOST, MOST + 1])
def test_the_limit_is_exact(size):
    payload = compressed(bytes(size))
    if size <= MOST:
        assert receiver().decompress(payload, MOST) == bytes(size)
    else:
        with pytest.raises(WebSocketError, match="too large"):
            receiver().decompress(payload, MOST)


@pytest.mark.parametrize("payload", ["ff", "07", "0000000000"])
def test_what_is_not_compressed_data_fails(new_protocol, sent_to, payload):
    server = new_protocol(True, deflate=receiver())
    server.receive_data(sent_to(server, FIN | RSV1 | TEXT, bytes.fromhex(payload)))
    assert server.events == [("failure", "WS_ERR_INVALID_COMPRESSED_DATA")]
    assert server.close_sent.code == 1007


def test_many_blocks_that_say_they_are_the_last_fail():
    final_block = b"\x03\x00"
    assert receiver().decompress(final_block * 10, MOST) == b""
    with pytest.raises(WebSocketError) as raised:
        receiver().decompress(final_block * 10_000, MOST)
    assert raised.value.code == "WS_ERR_INVALID_COMPRESSED_DATA"


def test_text_is_validated_after_inflating(new_protocol, sent_to):
    server = new_protocol(True, deflate=receiver())
    server.receive_data(sent_to(server, FIN | RSV1 | TEXT, compressed(b"\xff")))
    assert server.events == [("failure", "WS_ERR_INVALID_UTF8")]


@pytest.mark.parametrize("first", [FIN | RSV1 | 9, FIN | RSV1 | 8])
def test_control_frames_are_never_compressed(new_protocol, sent_to, first):
    server = new_protocol(True, deflate=receiver())
    server.receive_data(sent_to(server, first))
    assert server.events == [("failure", "WS_ERR_UNEXPECTED_RSV_1")]


def test_only_the_first_fragment_says_that_the_message_is_compressed(new_protocol, sent_to):
    server = new_protocol(True, deflate=receiver())
    server.receive_data(sent_to(server, RSV1 | TEXT, b"\xf2") + sent_to(server, FIN | RSV1, b"x"))
    assert server.events == [("failure", "WS_ERR_UNEXPECTED_RSV_1")]


# --- one message for many connections -------------------------------------------------------------------------------------

def test_a_prepared_message_is_framed_once_and_compressed_once_for_each_kind(new_protocol):
    message = PreparedMessage("to all of you, " * 10)
    pairs = [ends(new_protocol, server_max_window_bits=bits) for bits in (15, 15, 9)]
    plain = new_protocol(True)
    for server in (plain, *(server for server, _ in pairs)):
        message.send_to(server)
    frames = [server.take_output()[0] for server, _ in pairs]
    assert frames[0] is frames[1]
    assert frames[0] is not frames[2]
    assert plain.take_output()[0][0] == FIN | TEXT
    for (_, client), frame in zip(pairs, frames, strict=True):
        client.receive_data(frame)
        assert client.events == [("message", "to all of you, " * 10)]


def test_messages_before_and_after_a_prepared_one_keep_their_context(new_protocol):
    server, client = ends(new_protocol)
    for _ in range(3):
        server.send("to one of you " * 5)
        PreparedMessage(b"to all of you " * 5).send_to(server)
        server.send("to one of you " * 5)
    for piece in server.take_output():
        client.receive_data(piece)
    assert [data for _, data in client.events] == ["to one of you " * 5, b"to all of you " * 5, "to one of you " * 5] * 3


def test_a_client_masks_a_prepared_message(new_protocol):
    server, client = new_protocol(True), new_protocol(False)
    PreparedMessage(bytearray(b"x")).send_to(client)
    server.receive_data(client.output())
    assert server.events == [("message", b"x")]
