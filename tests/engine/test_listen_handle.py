from __future__ import annotations

import errno
import os
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from netloop._engine.listen_handle import ListenHandle
from netloop._engine.poller import Handle


class Recorded(ListenHandle):
    """Keeps the descriptors that it accepted."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.accepted: list[int] = []
        self.errors: list[tuple[int, str]] = []

    def on_connection(self, fd: int) -> None:
        self.accepted.append(fd)

    def on_error(self, error: int, syscall: str) -> None:
        self.errors.append((error, syscall))


@pytest.fixture
def handle(poller, listener) -> Iterator[Recorded]:
    handle = Recorded(poller, os.dup(listener.fileno()))
    handle.start()
    yield handle
    for fd in handle.accepted:
        os.close(fd)


@contextmanager
def connections(listener: socket.socket, count: int) -> Iterator[None]:
    clients = [socket.create_connection(listener.getsockname()) for _ in range(count)]
    try:
        yield
    finally:
        for client in clients:
            client.close()


@contextmanager
def no_free_descriptor() -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_every_connection_of_the_backlog_is_accepted_in_one_turn(poller, listener, handle):
    with connections(listener, 5):
        poller.turn(1.0)
    assert len(handle.accepted) == 5


def test_an_accepted_descriptor_is_non_blocking_and_not_inherited(poller, listener, handle):
    with connections(listener, 1):
        poller.turn(1.0)
    assert not os.get_blocking(handle.accepted[0])
    assert not os.get_inheritable(handle.accepted[0])


def test_a_flood_is_accepted_in_portions(poller, listener, handle):
    listener.listen(128)
    with connections(listener, 100):
        poller.turn(1.0)
        assert 0 < len(handle.accepted) < 100
        poller.run_until(lambda: len(handle.accepted) == 100)


def test_close_in_the_hook_leaves_the_others_in_the_backlog(poller, listener, handle):
    handle.on_connection = lambda fd: (handle.accepted.append(fd), handle.close())
    with connections(listener, 3):
        poller.turn(1.0)
    assert len(handle.accepted) == 1


def test_ticks_run_between_two_connections(poller, listener, handle):
    log: list[object] = []

    def on_connection(fd: int) -> None:
        handle.accepted.append(fd)
        log.append("connection")
        poller.next_tick(log.append, ("tick",))

    handle.on_connection = on_connection
    with connections(listener, 2):
        poller.turn(1.0)
    assert log == ["connection", "tick"] * 2


def test_what_the_hook_raises_is_reported_and_the_next_connection_comes(poller, listener, handle):
    def fail(fd: int) -> None:
        handle.accepted.append(fd)
        raise ValueError

    handle.on_connection = fail
    with connections(listener, 2):
        poller.turn(1.0)
    assert len(handle.accepted) == len(poller.errors) == 2


def test_nothing_is_accepted_once_the_loop_is_halted(poller, listener, handle):
    def fail(fd: int) -> None:
        handle.accepted.append(fd)
        poller.halt()

    handle.on_connection = fail
    with connections(listener, 2):
        poller.turn(1.0)
        assert len(handle.accepted) == 1


def test_without_a_free_descriptor_it_rests_until_a_handle_closes(poller, listener, handle):
    other = Handle(poller, os.dup(0))
    with connections(listener, 1):
        with no_free_descriptor():
            poller.turn(1.0)
            assert handle.accepted == []
            other.close()
            poller.settle()
            poller.turn(0)
        assert len(handle.accepted) == 1
    assert handle.errors == poller.errors == []


def test_without_a_free_descriptor_it_looks_again_because_others_free_some(poller, listener, handle):
    spare = os.dup(0)
    with connections(listener, 1):
        with no_free_descriptor():
            poller.turn(1.0)
            assert handle.accepted == []
            os.close(spare)             # the poller hears nothing of this
            poller.run_until(lambda: handle.accepted)
        assert len(handle.accepted) == 1


def test_waiting_for_a_descriptor_does_not_keep_the_loop_alive_by_itself(poller, listener, handle):
    with connections(listener, 1), no_free_descriptor():
        poller.turn(1.0)
        assert poller.refs == 1         # the listening handle, and no timer
        handle.close()
        assert poller.refs == 0
        assert poller.timers.waiting() == []


def test_a_socket_that_cannot_accept_is_an_error_once(poller):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))            # and never listens: the kernel reports a hang-up
        handle = Recorded(poller, os.dup(bound.fileno()))
        handle.start()
        poller.turn(1.0)
        poller.turn(0)
    assert handle.errors == [(errno.EINVAL, "accept")]
