"""What the engine tests share: a poller that keeps what is reported to it, and pairs of descriptors."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from netloop.loop.loops import NativePoller

MOST_TURNS = 1000


class RecordingPoller(NativePoller):
    """A poller without asyncio.  `errors` is what no caller could catch."""

    def __init__(self) -> None:
        self.errors: list[BaseException] = []

    def report(self, error: BaseException) -> None:
        self.errors.append(error)

    def run_until(self, done: Callable[[], Any]) -> None:
        """Turn until `done()` is true."""
        for _ in range(MOST_TURNS):
            if done():
                return
            self.settle()
            self.turn(1.0)
        raise AssertionError(f"not done after {MOST_TURNS} turns")


@pytest.fixture
def poller() -> Iterator[RecordingPoller]:
    poller = RecordingPoller()
    yield poller
    for handle in poller.handles():
        handle.close()
    poller.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two connected sockets: give one away with ``detach()``, keep the other as the peer."""
    ours, peer = socket.socketpair()
    ours.setblocking(False)
    peer.setblocking(False)
    with ours, peer:
        yield ours, peer


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A listening TCP socket on the loopback interface."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener
