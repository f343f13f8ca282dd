"""What close() does, and what a closed socket refuses."""

from __future__ import annotations

import pytest

import netloop
from netloop import dgram
from netloop.errors import StateError

LOOPBACK = "127.0.0.1"


async def test_close_is_told_once_and_later(bound):
    async with bound() as socket:
        log = []
        socket.on("close", lambda: log.append("event"))
        assert socket.close(lambda *arguments: log.append(arguments)) is socket
        assert log == []
        await socket
        assert log == ["event", ()]


async def test_closed_twice_is_silent_but_a_callback_gets_an_error(bound):
    async with bound() as socket:
        log = []
        socket.close().close()
        socket.close(lambda error: log.append(error.code))
        await socket
        assert socket.close() is socket
    assert log == ["ERR_SOCKET_DGRAM_NOT_RUNNING"]


@pytest.mark.parametrize("use", [
    lambda socket: socket.bind(), lambda socket: socket.bind_sync(), lambda socket: socket.connect(9),
    lambda socket: socket.connect_sync(9), lambda socket: socket.disconnect(), lambda socket: socket.send(b"x", 9),
    lambda socket: socket.send(b"x", 9, LOOPBACK), lambda socket: socket.sendto(b"x", 0, 1, 9, LOOPBACK),
    lambda socket: socket.address(), lambda socket: socket.remote_address(), lambda socket: socket.set_ttl(4),
    lambda socket: socket.set_broadcast(True), lambda socket: socket.add_membership("224.0.0.1"),
    lambda socket: socket.get_recv_buffer_size(), lambda socket: socket.set_send_buffer_size(10000),
])
async def test_closed_socket_refuses(use, bound):
    async with bound() as socket:
        await socket.close()
        with pytest.raises(StateError) as raised:
            use(socket)
        assert raised.value.code == "ERR_SOCKET_DGRAM_NOT_RUNNING"


async def test_closed_socket_answers_what_needs_no_descriptor(bound):
    async with bound() as socket:
        await socket.close()
        assert repr(socket) == "<Socket udp4 closed>"
        assert socket.ref() is socket.unref() is socket
        assert socket.get_send_queue_size() == socket.get_send_queue_count() == 0


async def test_what_was_sent_in_this_turn_leaves_before(bound, peer):
    async with bound() as socket:
        told = []
        for number in range(10):
            socket.send(b"%d" % number, peer.getsockname()[1], LOOPBACK, lambda error, size: told.append(error))
        socket.on("close", lambda: told.append("close"))
        await socket.close()
        assert [peer.recv(9) for _ in range(10)] == [b"%d" % number for number in range(10)]
        assert told == [None] * 10 + ["close"]


async def test_listener_that_closes_gets_no_more_of_the_batch(bound, peer):
    async with bound() as socket:
        got = []
        for number in range(10):
            peer.sendto(b"%d" % number, tuple(socket.address())[::2])

        @socket.on("message")
        def on_message(message):
            got.append(message)
            if len(got) == 3:
                socket.close()

        async for _ in socket:
            pass
        assert got == [b"0", b"1", b"2"]


async def test_send_that_waits_for_a_name_is_cancelled_by_close(bound):
    async with bound(lookup=lambda *_, **__: None) as socket:
        told = []
        socket.send(b"x", 9, "never.example", lambda error: told.append(error.code))
        socket.send(b"y", 9, "never.example")      # nobody wants to know
        await socket.close()
        assert told == ["ECANCELED"]


def test_bound_socket_keeps_the_loop_alive_until_it_is_closed():
    log = []
    socket = dgram.create_socket("udp4").bind(0, LOOPBACK)
    netloop.set_timeout(lambda: (log.append("timeout"), socket.close()), 1)
    netloop.run()
    assert log == ["timeout"]


def test_unref_lets_the_loop_end_and_closes():
    log = []
    dgram.create_socket("udp4").unref().on("close", lambda: log.append("close")).bind(0, LOOPBACK)
    bound = dgram.create_socket("udp4").bind(0, LOOPBACK)
    assert bound.unref() is bound
    assert bound.ref().unref() is bound
    netloop.run()
    assert log == ["close"]


def test_active_handles_tell_of_it():
    socket = dgram.create_socket("udp4").bind(0, LOOPBACK)
    assert repr(socket) in [handle.description for handle in netloop.active_handles()]
    socket.close()
    netloop.run()
    assert netloop.active_handles() == []


def test_signal_of_the_process_closes_it():
    import os
    import signal
    log = []
    socket = dgram.create_socket("udp4").bind(0, LOOPBACK).on("close", lambda: log.append("close"))
    socket.on("listening", lambda: os.kill(os.getpid(), signal.SIGTERM))
    netloop.run()
    assert log == ["close"]
