"""Of what the kernel tells a TCP socket only once, nothing may be missed."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from netloop._engine.stream_handle import StreamHandle

MUCH = bytes(range(256)) * 4096         # a MiB: some receives


class Noting(StreamHandle):
    """Notes what it receives, and calls `then` in the middle of it."""

    def __init__(self, poller: Any, fd: int) -> None:
        super().__init__(poller, fd)
        self.told_of_changes()
        self.received = bytearray()
        self.sizes: list[int] = []
        self.ended = False
        self.then: Callable[[], object] = lambda: None

    def on_read(self, data: bytes) -> None:
        self.received += data
        self.sizes.append(len(data))
        self.then()

    def on_end(self) -> None:
        self.ended = True


@pytest.fixture
def connect(poller, listener) -> Iterator[Callable[[], tuple[Noting, socket.socket]]]:
    """Connections: our handle, which reads, and the socket of the peer."""
    peers: list[socket.socket] = []

    def connect() -> tuple[Noting, socket.socket]:
        peer = socket.create_connection(listener.getsockname())
        peers.append(peer)
        listener.setblocking(True)
        accepted, _ = listener.accept()
        accepted.setblocking(False)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        handle = Noting(poller, accepted.detach())
        handle.read_start()
        return handle, peer

    yield connect
    for peer in peers:
        peer.close()


def send_all(peer: socket.socket, handle: Noting, data: bytes) -> None:
    """Send what takes some turns of the poller."""
    peer.setblocking(False)
    while data:
        try:
            data = data[peer.send(data):]
        except BlockingIOError:
            handle.poller.turn(1.0)


def test_more_than_one_receive_shows_arrives_whole(poller, connect):
    handle, peer = connect()
    send_all(peer, handle, MUCH)
    poller.run_until(lambda: len(handle.received) >= len(MUCH))
    assert handle.received == MUCH


def test_a_buffer_that_is_filled_is_filled_again(poller, connect):
    handle, peer = connect()
    buffer, received = bytearray(3), bytearray()
    handle.on_read_into = lambda size: received.extend(buffer[:size])
    handle.receive_into(buffer)
    peer.send(b"eleven byte")
    poller.run_until(lambda: len(received) == 11)
    assert received == b"eleven byte"


def test_an_end_that_came_with_the_bytes_is_told(poller, connect):
    handle, peer = connect()
    peer.send(b"last words")
    peer.close()
    poller.run_until(lambda: handle.ended)
    assert handle.received == b"last words"


def test_what_follows_an_urgent_byte_arrives(poller, connect):
    handle, peer = connect()
    peer.send(b"before")
    peer.send(b"!", socket.MSG_OOB)
    peer.send(b"after")
    poller.run_until(lambda: handle.received.endswith(b"after"))
    assert handle.received == b"beforeafter"


@pytest.mark.parametrize("later", ["within the turn", "after it"])
def test_who_pauses_at_each_chunk_receives_all_when_it_goes_on(poller, connect, later):
    handle, peer = connect()

    def pause() -> None:
        handle.read_stop()
        poller.set_immediate(handle.read_start if later == "within the turn" else go_on_after_the_turn)

    def go_on_after_the_turn() -> None:
        poller.set_immediate(handle.read_start)

    handle.then = pause
    send_all(peer, handle, MUCH)
    poller.run_until(lambda: len(handle.received) >= len(MUCH))
    assert handle.received == MUCH


def test_who_paused_and_went_on_within_one_turn_is_told_again(poller, connect):
    """Its bytes were found, and told to nobody, because just then it did not want them."""
    handles, peers = zip(*(connect() for _ in range(3)), strict=True)
    for handle, peer in zip(handles, peers, strict=True):
        peer.send(bytes(10_000))            # after this much, nobody receives before its turn
        poller.run_until(lambda handle=handle: len(handle.received) == 10_000)
    first, others = [], set(handles)

    def stop_the_others(handle: Noting) -> None:
        if not first:
            first.append(handle)
            for other in others - {handle}:
                other.read_stop()

    for handle in handles:
        handle.then = lambda handle=handle: stop_the_others(handle)
    for peer in peers:
        peer.send(b"x")
    poller.turn(1.0)
    assert sorted(len(handle.received) for handle in handles) == [10_000, 10_000, 10_001]
    for handle in handles:                  # before the kernel was told of the pause
        handle.read_start()
    poller.run_until(lambda: all(len(handle.received) == 10_001 for handle in handles))


def test_a_turn_that_is_interrupted_goes_on_with_the_others(poller, connect):
    handles, peers = zip(*(connect() for _ in range(3)), strict=True)
    told: list[int] = []

    def interrupt_once() -> None:
        told.append(1)
        if len(told) == 1:
            raise KeyboardInterrupt

    for handle, peer in zip(handles, peers, strict=True):
        peer.send(b"x")
        handle.then = interrupt_once
    with pytest.raises(KeyboardInterrupt):
        poller.run_until(lambda: told)
    poller.run_until(lambda: all(handle.received == b"x" for handle in handles))
    assert len(told) == 3


def test_a_handle_that_closes_with_bytes_left_behind_is_not_called_again(poller, connect):
    handle, peer = connect()
    handle.then = handle.close
    peer.send(b"last words")
    peer.close()
    poller.run_until(lambda: handle.closed)
    poller.turn(0)
    assert (handle.received, handle.ended) == (b"last words", False)


def test_a_write_that_waited_goes_on_each_time_that_there_is_room(poller, connect):
    handle, peer = connect()
    flushed: list[int] = []
    handle.on_flush = lambda: flushed.append(1)
    assert handle.write([MUCH] * 16) == 0
    peer.setblocking(False)
    received = 0

    def receive_all() -> bool:
        nonlocal received
        try:
            while True:
                received += len(peer.recv(1 << 20))
        except BlockingIOError:
            return received == 16 * len(MUCH)

    poller.run_until(lambda: receive_all() and flushed)
    assert flushed == [1]


def test_who_asks_now_gets_what_was_received_early_then_what_came_after_it_and_nothing_twice(poller, connect):
    handles, peers = zip(*(connect() for _ in range(2)), strict=True)
    for handle, peer in zip(handles, peers, strict=True):
        peer.send(b"-")                     # after so little, the next one is received before its turn
        poller.run_until(lambda handle=handle: len(handle.received) == 1)

    def ask_other() -> None:
        for each in handles:
            each.then = lambda: None
        other = handles[0 if handles[1].received.endswith(b"a") else 1]
        assert other.received == b"-"
        peers[handles.index(other)].send(b"b")
        other.receive_now()
        assert other.received == b"-ab"

    for handle in handles:
        handle.then = ask_other
    for peer in peers:
        peer.send(b"a")
    poller.turn(1.0)
    poller.turn(0.0)
    assert sorted(bytes(handle.received) for handle in handles) == [b"-a", b"-ab"]


def test_who_asks_now_is_told_of_the_end(poller, connect):
    handle, peer = connect()
    handle.receive_now()                    # nothing is there
    assert not handle.ended
    peer.send(b"last")
    peer.close()
    handle.receive_now()
    handle.receive_now()
    assert handle.received == b"last"
    assert handle.ended
