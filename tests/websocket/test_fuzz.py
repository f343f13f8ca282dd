"""Fuzz target of the frame parser: whatever arrives, in whatever pieces, has one outcome, and it is a documented one.

The suite runs a few hundred inputs.  To run for a minute, or for as long as it takes, with new ones each time:

    python tests/websocket/test_fuzz.py 60          (seconds; the seed of an input that fails is printed)
    python tests/websocket/test_fuzz.py 0 12345     (that seed alone)
"""

from __future__ import annotations

import random
import sys
import time
from typing import Any

import pytest

from netloop._engine.framing import frame, masked_frame
from netloop.websocket.deflate import Deflate
from netloop.websocket.deflate_options import DeflateOptions, DeflateParameters
from netloop.websocket.errors import CLOSE_CODES
from netloop.websocket.protocol import Protocol

MAX_PAYLOAD = 10_000
INPUTS = 300
TEXTS = [b"", b"Hello", "é你🎉".encode() * 20, b"\xc3", b"\xed\xa0\x80", bytes(range(256)) * 20, b"\x03\xe8bye", b"\xff"]


class Outcome(Protocol):
    """What came of an input: its messages and control frames, how it ended, and what was answered."""

    def __init__(self, is_server: bool, compressed: bool) -> None:
        deflate = Deflate(DeflateParameters(), is_server, DeflateOptions()) if compressed else None
        super().__init__(is_server, max_payload=MAX_PAYLOAD, max_fragments=20, deflate=deflate)
        self.events: list[Any] = []

    def on_message(self, data: Any, is_binary: bool) -> None:
        assert isinstance(data, bytes if is_binary else str)
        assert len(data) <= MAX_PAYLOAD
        self.events.append(data)

    def on_ping(self, data: bytes) -> None:
        super().on_ping(data)
        self.events.append(("ping", data))

    def on_pong(self, data: bytes) -> None:
        self.events.append(("pong", data))

    def on_failure(self, error: Any) -> None:
        super().on_failure(error)
        assert CLOSE_CODES[error.code] == error.close_code
        self.events.append(error.code)

    def summary(self) -> Any:
        return self.events, self.close_received, self.close_sent, [piece[0] for piece in self.take_output()]


def random_input(source: random.Random, is_server: bool, compressed: bool) -> bytes:
    """Frames that are mostly right, some of them with a byte changed, or cut."""
    data = b""
    sender = Deflate(DeflateParameters(), not is_server, DeflateOptions())
    for _ in range(source.randrange(1, 8)):
        opcode = source.choice([0, 0, 1, 1, 2, 8, 9, 10, source.randrange(16)])
        first = opcode | source.choice([0x80, 0x80, 0]) | source.choice([0, 0, 0, 0x40, 0x10])
        payload = source.choice(TEXTS) if source.random() < 0.8 else source.randbytes(source.choice([3, 130, 70_000]))
        if compressed and first & 0x40:
            payload = sender.compress(payload)
        data += masked_frame(first, payload, source.getrandbits(32)) if is_server else frame(first, payload)
    changed = bytearray(data[:source.randrange(len(data))] if source.random() < 0.2 else data)
    if changed and source.random() < 0.5:
        changed[source.randrange(min(len(changed), 200))] = source.randrange(256)
    return bytes(changed)


def run(seed: int) -> None:
    """One input, whole and in pieces."""
    source = random.Random(seed)
    is_server, compressed = source.random() < 0.7, source.random() < 0.5
    data = random_input(source, is_server, compressed)
    whole, pieces = Outcome(is_server, compressed), Outcome(is_server, compressed)
    whole.receive_data(data)
    while data:
        size = source.choice([1, 1, 2, 7, 100, 65_536])
        if source.random() < 0.1:
            pieces.pause()
        pieces.receive_data(data[:size])
        pieces.resume()
        data = data[size:]
    assert whole.summary() == pieces.summary(), f"seed {seed}"


@pytest.mark.parametrize("first", range(0, INPUTS, 50))
def test_any_input_has_one_outcome_in_any_pieces(first):
    for seed in range(first, first + 50):
        run(seed)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        run(int(sys.argv[2]))
        sys.exit()
    until, count, seed = time.monotonic() + float(sys.argv[1]), 0, random.SystemRandom().getrandbits(32)
    while time.monotonic() < until:
        try:
            run(seed + count)
        except BaseException:
            print(f"seed {seed + count}", file=sys.stderr)
            raise
        count += 1
    print(f"{count} inputs")
