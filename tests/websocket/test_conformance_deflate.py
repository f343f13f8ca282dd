"""Conformance: permessage-deflate with every parameter (RFC 7692 section 7).

The cases are those of the Autobahn test suite, sections 12 and 13, for both roles.  The peer is zlib itself, with windows of
exactly the size that was agreed on: it could not inflate what refers back further.
"""

from __future__ import annotations

import json
import zlib
from itertools import product
from typing import Any

import pytest

from netloop.websocket.deflate import Deflate
from netloop.websocket.deflate_options import DeflateOptions, DeflateParameters

FIN, RSV1, CONTINUATION, TEXT, BINARY, CLOSE, PING = 0x80, 0x40, 0x00, 0x01, 0x02, 0x08, 0x09
GOODBYE = (FIN | CLOSE, b"\x03\xe8")
TAIL = b"\0\0\xff\xff"
SIZES = [0, 1, 16, 64, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131072]
NORMAL, PROTOCOL_ERROR, INVALID, TOO_BIG = 1000, 1002, 1007, 1009

TEXTS = json.dumps([{"id": number * 7919 % 1000, "name": f"netloop {number}", "é": "你好" * (number % 5)}
                    for number in range(3000)], ensure_ascii=False)
MESSAGES = [TEXTS[:size].encode() for size in SIZES]


class ZlibPeer:
    """Compresses and inflates with windows of exactly so many bits."""

    def __init__(self, bits: int, forgets: bool, their_bits: int, they_forget: bool) -> None:
        self._forgets, self._they_forget = forgets, they_forget
        # zlib cannot compress with 8 bits; what is not compressed at all refers to nothing.
        self._compress = zlib.compressobj(0 if bits == 8 else 6, zlib.DEFLATED, -max(bits, 9))
        self._fresh_compress = self._compress.copy()
        self._their_bits = their_bits
        self._inflate = zlib.decompressobj(-their_bits)

    def compress(self, message: bytes) -> bytes:
        if self._forgets:
            self._compress = self._fresh_compress.copy()
        data = self._compress.compress(message) + self._compress.flush(zlib.Z_SYNC_FLUSH)
        return data.removesuffix(TAIL) or b"\0"

    def inflate(self, payload: bytes) -> bytes:
        if self._they_forget:
            self._inflate = zlib.decompressobj(-self._their_bits)
        return self._inflate.decompress(payload + TAIL)


def deflate(is_server: bool, bits: int = 15, forgets: bool = False, peer_bits: int = 15, peer_forgets: bool = False) -> Any:
    """The own end's half, in either role."""
    own, peer = ("server", "client") if is_server else ("client", "server")
    agreed = DeflateParameters(**{f"{own}_max_window_bits": bits, f"{own}_no_context_takeover": forgets,
                                  f"{peer}_max_window_bits": peer_bits, f"{peer}_no_context_takeover": peer_forgets})
    return Deflate(agreed, is_server, DeflateOptions(threshold=0))


def inflated(peer: ZlibPeer, answer: list[Any]) -> list[Any]:
    """The answer, each compressed message as its bytes."""
    return [each if isinstance(each, int) or not each[0] & RSV1 else (each[0] & ~RSV1, peer.inflate(each[1]))
            for each in answer]


@pytest.mark.parametrize(("bits", "peer_bits"), [*product([8, 9, 10, 12, 15], [8, 9, 15]), (11, 11), (13, 13), (14, 14)])
@pytest.mark.parametrize(("forgets", "peer_forgets"), list(product([False, True], repeat=2)))
def test_messages_of_every_size_come_back_with_every_window(converse, bits, peer_bits, forgets, peer_forgets):
    peer = ZlibPeer(peer_bits, peer_forgets, bits, forgets)
    pieces = [converse.frame(FIN | RSV1 | TEXT, peer.compress(message)) for message in MESSAGES]
    answer = converse.answer([*pieces, converse.frame(*GOODBYE)],
                             deflate=deflate(converse.is_server, bits, forgets, peer_bits, peer_forgets))
    assert all(first == FIN | RSV1 | TEXT for first, _ in answer[:-1])
    assert inflated(peer, answer) == [*((FIN | TEXT, message) for message in MESSAGES), NORMAL]


@pytest.mark.parametrize("size", [1, 64, 256, 1024, 4096, 32768])
@pytest.mark.parametrize("cut", [1, 997, 1 << 20])
def test_a_compressed_message_in_fragments_comes_back(converse, size, cut):
    peer = ZlibPeer(15, False, 15, False)
    message = MESSAGES[-4] if size > 1 else MESSAGES[4]
    sent = b""
    for _ in range(2):
        payload = peer.compress(message)
        fragments = [payload[at:at + size] for at in range(0, len(payload), size)]
        frames = [(RSV1 | BINARY, fragments[0]), *((CONTINUATION, each) for each in fragments[1:]), (FIN | CONTINUATION, b"")]
        sent += b"".join(converse.frame(*frame) + converse.frame(FIN | PING, b"?") for frame in frames)
    answer = converse.answer([sent[at:at + cut] for at in range(0, len(sent), cut)],
                             deflate=deflate(converse.is_server), max_pending_pongs=0)
    messages = [each for each in inflated(peer, answer) if each[0] == FIN | BINARY]
    assert messages == [(FIN | BINARY, message)] * 2


def test_a_peer_may_send_what_it_likes_uncompressed(converse):
    answer = converse((FIN | TEXT, b"plain"), (TEXT, b"in "), (FIN | CONTINUATION, b"pieces"), GOODBYE,
                      deflate=None)
    assert answer == [(FIN | TEXT, b"plain"), (FIN | TEXT, b"in pieces"), NORMAL]
    peer = ZlibPeer(15, False, 15, False)
    pieces = [converse.frame(FIN | TEXT, b"plain"), converse.frame(FIN | RSV1 | TEXT, peer.compress(b"plain"))]
    assert inflated(peer, converse.answer(pieces, deflate=deflate(converse.is_server))) == [(FIN | TEXT, b"plain")] * 2


@pytest.mark.parametrize(("frames", "code"), [
    ([(RSV1 | TEXT, b"\xf2\x48"), (FIN | RSV1 | CONTINUATION, b"\xcd\xc9\xc9\x07\x00")], PROTOCOL_ERROR),
    ([(FIN | RSV1 | PING, b"")], PROTOCOL_ERROR), ([(FIN | RSV1 | CLOSE, b"\x03\xe8")], PROTOCOL_ERROR),
    ([(FIN | 0x60 | TEXT, b"")], PROTOCOL_ERROR), ([(FIN | RSV1 | CONTINUATION, b"")], PROTOCOL_ERROR),
    ([(FIN | RSV1 | TEXT, b"\xff\xff\xff")], INVALID), ([(FIN | RSV1 | BINARY, b"\x06")], INVALID),
    ([(FIN | RSV1 | TEXT, ZlibPeer(15, False, 15, False).compress(b"\xed\xa0\x80"))], INVALID),
    ([(FIN | RSV1 | BINARY, ZlibPeer(15, False, 15, False).compress(bytes(1001)))], TOO_BIG)])
def test_what_breaks_a_rule_of_compression_fails(converse, frames, code):
    answer = converse.answer([converse.frame(*frame) for frame in frames], deflate=deflate(converse.is_server),
                             max_payload=1000)
    assert answer == [code]
