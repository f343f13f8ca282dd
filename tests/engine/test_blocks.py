"""Blocks are filled again and again, but what somebody still has never changes."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable
from typing import Any

import pytest

from netloop._engine.blocks import part
from netloop._engine.field_buffer import FieldBuffer
from netloop._engine.stream_handle import StreamHandle

DATA = random.Random(1).randbytes(8000)
LEAST, MOST = 1024, 5120            # the sizes that blocks have room for


def from_data(number: int, size: int) -> bytes:
    """As many bytes, others for each number."""
    return DATA[number:number + size]


def a_part(expected: bytes) -> bytes:
    return part(b"<" + expected + b">", 1, len(expected) + 1)


def serialised(expected: bytes) -> bytes:
    return FieldBuffer().serialise("", expected)[2:]        # behind the empty line


class Collecting(StreamHandle):
    """Keeps the chunks that arrive."""

    def __init__(self, poller: Any, fd: int) -> None:
        super().__init__(poller, fd)
        self.chunks: list[bytes] = []
        self.read_start()

    def on_read(self, data: bytes) -> None:
        self.chunks.append(data)


class Received:
    """Bytes as they arrive at handles that are ready together."""

    def __init__(self, poller: Any) -> None:
        self.poller = poller
        self.handles: list[Collecting] = []
        self.peers: list[socket.socket] = []
        for _ in range(3):
            ours, peer = socket.socketpair()
            ours.setblocking(False)
            self.handles.append(Collecting(poller, ours.detach()))
            self.peers.append(peer)

    def __call__(self, expected: bytes) -> bytes:
        for handle, peer in zip(self.handles, self.peers, strict=True):
            handle.chunks.clear()
            peer.send(expected)
        self.poller.run_until(lambda: all(len(b"".join(handle.chunks)) == len(expected) for handle in self.handles))
        assert [b"".join(handle.chunks) for handle in self.handles] == [expected] * len(self.handles)
        return self.handles[-1].chunks[-1]

    def close(self) -> None:
        for peer in self.peers:
            peer.close()


@pytest.fixture(params=["a part", "what was serialised", "what was received"])
def made(request: pytest.FixtureRequest, poller: Any) -> Any:
    """``made(data)``: the same bytes, in a block if there is one for so many."""
    if request.param == "a part":
        yield a_part
    elif request.param == "what was serialised":
        yield serialised
    else:
        received = Received(poller)
        received(from_data(0, 2000))        # the size of the last chunk tells where the next one goes
        yield received
        received.close()


@pytest.mark.parametrize("size", [1, LEAST - 1, LEAST, LEAST + 1, 4096, MOST - 1, MOST, MOST + 1, 7000])
def test_it_has_what_was_put_there_whatever_was_there_before(made: Callable[[bytes], bytes], size: int) -> None:
    for number in range(200):
        assert made(from_data(number, 3000)) == from_data(number, 3000)
        last = made(from_data(number, size))
        assert from_data(number, size).endswith(last)       # what is received may come in pieces


def test_what_a_program_keeps_stays(made: Callable[[bytes], bytes]) -> None:
    kept = [made(from_data(number, 2000)) for number in range(300)]      # more than a row
    for number in range(300):
        assert made(from_data(number, 3000)) == from_data(number, 3000)
    assert kept == [from_data(number, 2000) for number in range(300)]


def test_what_a_program_keeps_now_and_then_stays(made: Callable[[bytes], bytes]) -> None:
    choose = random.Random(2)
    kept: dict[int, bytes] = {}
    for number in range(2000):
        size = choose.randint(1, 6000)
        if len(last := made(from_data(number, size))) == size and choose.random() < 0.5:
            kept[number] = last
        if kept and choose.random() < 0.5:
            old = choose.choice(list(kept))
            data = kept.pop(old)
            assert data == from_data(old, len(data))
    assert all(data == from_data(number, len(data)) for number, data in kept.items())


def test_a_view_keeps_it_too(made: Callable[[bytes], bytes]) -> None:
    views = [memoryview(made(from_data(number, 2000))) for number in range(10)]
    for number in range(100):
        made(from_data(number, 2000))
    assert views == [from_data(number, 2000) for number in range(10)]


def test_its_hash_is_that_of_what_is_there_now(made: Callable[[bytes], bytes]) -> None:
    for number in range(100):
        assert hash(made(from_data(number, 2000))) == hash(from_data(number, 2000))


def test_it_ends_where_its_bytes_end(made: Callable[[bytes], bytes]) -> None:
    """Whoever reads on to the NUL behind the bytes, as C does, finds it there."""
    for number in range(100):
        made(from_data(number, 3000))
        assert float(made(b"%02000d" % number)) == number


def test_one_block_serves_those_who_come_one_after_the_other() -> None:
    assert len({id(a_part(from_data(number, 2000))) for number in range(100)}) == 1


def test_a_part_that_is_all_is_no_copy() -> None:
    assert part(DATA, 0, len(DATA)) is DATA


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (5, 4), (0, len(DATA) + 1), (2000, 1000), (9000, 9000)])
def test_a_part_lies_within(start: int, stop: int) -> None:
    with pytest.raises(IndexError):
        part(DATA, start, stop)
