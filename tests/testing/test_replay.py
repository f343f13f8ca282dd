"""replay: a peer that plays a script."""

from __future__ import annotations

import pytest

from netloop.errors import ArgumentTypeError
from netloop.stream import consumers, duplex_pair, finished
from netloop.testing import Recorder, in_loop, pattern, replay, settle, splits


@in_loop
async def test_bytes_are_written_chunk_by_chunk_and_none_ends():
    peer = replay([b"one ", b"two ", b"three", None])
    chunks = []
    peer.stream.on("data", chunks.append)
    peer.stream.end(b"thanks")
    await finished(peer.stream)
    assert chunks == [b"one ", b"two ", b"three"]
    assert peer.received == b"thanks"


@in_loop
async def test_a_function_waits_for_what_is_received():
    peer = replay([b"name? ", lambda received: received.endswith(b"\n"), b"hello ", None])
    at_stream = Recorder(peer.stream)
    await at_stream.received(6)
    await settle()
    assert at_stream.data == b"name? "
    peer.stream.write(b"wor")
    await settle()
    assert at_stream.data == b"name? "
    peer.stream.end(b"ld\n")
    await at_stream.until("close")
    assert at_stream.data == b"name? hello "
    assert peer.received == b"world\n"


@in_loop
async def test_an_exception_destroys_the_peer():
    peer = replay([b"par", ValueError("gone")])
    at_stream = Recorder(peer.stream)
    await at_stream.until("close")
    await peer.done()


@in_loop
async def test_a_script_ends_early_when_the_stream_is_destroyed():
    for script in ([b"x" * 1000] * 1000, [lambda received: False, b"never"]):
        peer = replay(script)
        await settle()
        peer.stream.destroy()
        await peer.done()


@in_loop
async def test_a_script_can_be_played_into_any_stream():
    near, far = duplex_pair()
    played = replay([b"hello", None], far)
    near.end(b"hi")
    assert await consumers.bytes(near) == b"hello"
    await finished(near)
    assert played.received == b"hi"


@pytest.mark.parametrize("script", [b"bytes", "text"])
def test_a_script_is_a_list(script):
    with pytest.raises(ArgumentTypeError):
        replay(script)


def test_splits_cut_everywhere_and_lose_nothing():
    cuts = list(splits(b"abcd"))
    assert cuts == [[b"abcd"], [b"a", b"b", b"c", b"d"], [b"a", b"bcd"], [b"ab", b"cd"], [b"abc", b"d"]]


def test_no_piece_of_a_pattern_repeats():
    data = pattern(4003)
    assert len(data) == 4003
    pieces = [data[at:at + 4] for at in range(0, 4000, 4)]
    assert len(set(pieces)) == len(pieces)
