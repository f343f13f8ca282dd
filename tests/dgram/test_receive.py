"""What arrives: messages and their senders, batches, floods, and what is dropped."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket as python_sockets
import subprocess
import sys
from weakref import ref

import pytest

import netloop
from netloop import dgram, net
from netloop.testing.in_loop import settle

LOOPBACK = "127.0.0.1"


def address_of(socket):
    return socket.address()[0], socket.address().port


# --- messages -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("listeners", [1, 2])
async def test_each_datagram_is_one_message_in_order(listeners, bound, peer):
    async with bound() as socket:
        logs = [[] for _ in range(listeners)]
        for log in logs:
            socket.on("message", lambda message, sender, log=log: log.append((message, sender)))
        for number in range(200):           # several batches
            peer.sendto(b"x" * number, address_of(socket))
        arriving = aiter(socket)
        for _ in range(200):
            await anext(arriving)
        sender = peer.getsockname()
        for log in logs:
            assert [message for message, _ in log] == [b"x" * number for number in range(200)]
            assert {info[:3] for _, info in log} == {(LOOPBACK, "IPv4", sender[1])}
            assert [info.size for _, info in log] == list(range(200))


async def test_listener_takes_as_many_arguments_as_it_likes(bound, peer):
    async with bound() as socket:
        log = []

        class Object:
            def method(self, message):
                log.append(message)

        def three(message, sender, more=3):
            log.append((message, sender.size, more))

        for listener in (lambda: log.append(0), lambda message: log.append(message), Object().method,
                         lambda *arguments: log.append(len(arguments)), three):
            socket.once("message", listener)
            arriving = aiter(socket)
            peer.sendto(b"m", address_of(socket))
            await anext(arriving)
            socket.on("message", listener)
            peer.sendto(b"m", address_of(socket))
            await anext(arriving)
            socket.off("message", listener)
        assert log == [0, 0, b"m", b"m", b"m", b"m", 2, 2, (b"m", 1, 3), (b"m", 1, 3)]


async def test_coroutine_listener(bound, peer):
    async with bound() as socket:
        heard = asyncio.get_running_loop().create_future()

        @socket.on("message")
        async def on_message(message, sender):
            await asyncio.sleep(0)
            heard.set_result((message, sender.port))

        peer.sendto(b"x", address_of(socket))
        assert await heard == (b"x", peer.getsockname()[1])


async def test_many_senders_are_told_apart(bound):
    """More than are remembered."""
    async with bound() as socket:
        arriving = aiter(socket)
        for _ in range(2):
            for _ in range(400):
                with python_sockets.socket(type=python_sockets.SOCK_DGRAM) as sender:
                    sender.bind((LOOPBACK, 0))
                    sender.sendto(b"%d" % sender.getsockname()[1], address_of(socket))
            for _ in range(200):
                message, info = await anext(arriving)
                assert int(message) == info.port


async def test_what_a_listener_raises_is_reported_and_the_rest_of_the_batch_comes(bound, peer, unhandled):
    async with bound() as socket:
        got = []

        def on_message(message):
            got.append(message)
            if message in (b"1", b"2"):
                raise ValueError(message)

        for number in range(5):
            peer.sendto(b"%d" % number, address_of(socket))
        socket.on("message", on_message)
        while len(got) < 5:
            await asyncio.sleep(0)
    assert [error.args for error in unhandled] == [(b"1",), (b"2",)]


async def test_ticks_run_between_the_messages_of_a_batch(bound, peer):
    async with bound() as socket:
        log = []

        def on_message(message):
            log.append(message)
            netloop.next_tick(log.append, "tick")

        for number in range(3):
            peer.sendto(b"%d" % number, address_of(socket))
        socket.on("message", on_message)
        while len(log) < 6:
            await asyncio.sleep(0)
        assert log == [b"0", "tick", b"1", "tick", b"2", "tick"]


async def test_answers_of_a_batch_leave_together(bound, peer):
    async with bound() as socket:
        counts = []

        def on_message(message, sender):
            socket.send(message, sender.port, sender.address)
            counts.append(socket.get_send_queue_count())

        for number in range(10):
            peer.sendto(b"%d" % number, address_of(socket))
        socket.on("message", on_message)
        while len(counts) < 10:
            await asyncio.sleep(0)
        assert counts == list(range(1, 11))
        assert socket.get_send_queue_count() == 0
        assert [peer.recv(9) for _ in range(10)] == [b"%d" % number for number in range(10)]


async def test_listener_may_return_what_send_returns(bound, peer):
    async with bound() as socket:
        socket.on("message", lambda message, sender: socket.send(message, sender.port, sender.address))
        peer.sendto(b"x", address_of(socket))
        await anext(aiter(socket))
        await settle()
        assert peer.recv(9) == b"x"


# --- block list -----------------------------------------------------------------------------------------------

async def test_blocked_sender_is_not_heard(messages):
    blocked = net.BlockList()
    blocked.add_address("127.0.0.2")
    for kind, address, from_ in (("udp4", "0.0.0.0", "127.0.0.1"), ("udp6", "::", "::ffff:127.0.0.1")):
        async with dgram.create_socket(kind, receive_block_list=blocked).bind(0, address) as socket:
            arriving = messages(socket)
            for source in ("127.0.0.2", LOOPBACK):
                with python_sockets.socket(type=python_sockets.SOCK_DGRAM) as sender:
                    sender.bind((source, 0))
                    sender.sendto(source.encode(), (LOOPBACK, socket.address().port))
            [(message, info)] = await arriving
            assert (message, info.address) == (LOOPBACK.encode(), from_)


# --- iteration ------------------------------------------------------------------------------------------------

async def test_iteration_ends_with_close(bound, peer):
    async with bound() as socket:
        peer.sendto(b"x", address_of(socket))
        got = []
        async for message, sender in socket:
            got.append((message, sender.port))
            socket.close()
        assert got == [(b"x", peer.getsockname()[1])]
        assert [each async for each in socket] == []


async def test_iteration_raises_an_error_and_may_begin_again(bound, free_port, peer):
    async with bound() as socket:
        arriving = aiter(socket)
        await socket.connect(free_port)
        await socket.send(b"x")
        with pytest.raises(ConnectionRefusedError):
            await anext(arriving)
        socket.disconnect()
        peer.sendto(b"y", address_of(socket))
        assert (await anext(arriving))[0] == b"y"


async def test_iteration_that_is_left_leaves_nothing_behind(bound, peer):
    async with bound() as socket:
        peer.sendto(b"x", address_of(socket))
        async for _ in socket:
            break
        assert socket.event_names() == []
        arriving = aiter(socket)
        found = ref(arriving)
        del arriving
        gc.collect()
        assert found() is None
        assert socket.event_names() == []
        arriving = aiter(socket)
        await arriving.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(arriving)
        assert socket.event_names() == []


async def test_cancelled_step_can_be_taken_again(bound, peer):
    async with bound() as socket:
        arriving = aiter(socket)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await anext(arriving)
        peer.sendto(b"x", address_of(socket))
        assert (await anext(arriving))[0] == b"x"


async def test_iteration_that_is_not_taken_lets_the_kernel_drop(bound, peer):
    async with bound() as socket:
        socket.set_recv_buffer_size(1_000_000)
        arriving = aiter(socket)
        heard = []
        socket.on("message", lambda message: heard.append(message))
        for _ in range(40):
            for _ in range(50):
                peer.sendto(b"x", address_of(socket))
            await settle()
        assert 1024 <= len(heard) < 1024 + 64
        for _ in range(1024):
            await anext(arriving)
        peer.sendto(b"last", address_of(socket))
        while (await anext(arriving))[0] != b"last":
            pass
        assert len(heard) > 1024 + 64


# --- floods ---------------------------------------------------------------------------------------------------

FLOOD = """
import socket, sys
sender = socket.socket(type=socket.SOCK_DGRAM)
sender.connect(("127.0.0.1", int(sys.argv[1])))
while True:
    try:
        sender.send(b"flood")
    except OSError:
        pass
"""


async def test_flood_starves_neither_timers_nor_tcp(bound):
    """A process sends as fast as it can, until a hundred timers were due and a hundred TCP messages echoed."""
    async with bound() as socket:
        count = 0

        def on_message(message):
            nonlocal count
            count += 1

        socket.on("message", on_message)
        server = await net.create_server(lambda peer: peer.pipe(peer)).listen(0, LOOPBACK)
        client = await net.connect(server.address().port, LOOPBACK)
        ticks = 0

        def on_timer():
            nonlocal ticks
            ticks += 1

        with subprocess.Popen([sys.executable, "-c", FLOOD, str(socket.address().port)]) as flood:
            try:
                while count < 1000:
                    await asyncio.sleep(0)
                timer = netloop.set_interval(on_timer, 1)
                for number in range(100):
                    client.write(b"%03d" % number)
                    async for chunk in client.iterator(destroy_on_return=False):
                        assert chunk == b"%03d" % number
                        break
                while ticks < 100:
                    await asyncio.sleep(0)
            finally:
                flood.send_signal(signal.SIGKILL)
        netloop.clear_interval(timer)
        assert count > 2000
        server.close()
        client.destroy()


@pytest.mark.slow
def test_a_million_datagrams_arrive_while_timers_are_on_time():
    """As many at once as one batch takes, so that the kernel has no reason to drop any."""
    ticks, received = [], 0
    socket = dgram.create_socket("udp4").bind(0, LOOPBACK)
    port = socket.address().port

    def on_message(message, sender):
        nonlocal received
        received += 1
        if received % 50 == 0:
            send_some() if received < 1_000_000 else socket.close()

    def send_some():
        for _ in range(50):
            socket.send(b"flood", port, LOOPBACK)

    timer = netloop.set_interval(lambda: ticks.append(received), 10).unref()
    socket.on("message", on_message)
    send_some()
    netloop.run()
    netloop.clear_interval(timer)
    assert received == 1_000_000
    assert len(ticks) > 20


# --- errors ---------------------------------------------------------------------------------------------------

async def test_somebody_elses_close_of_the_descriptor_is_an_error(unhandled):
    """The number must not be given to anybody else meanwhile, so another descriptor takes its place."""
    socket = await dgram.create_socket("udp4").bind(0, LOOPBACK)
    reading, writing = os.pipe()
    os.dup2(reading, socket._handle.fileno())
    failed = []
    socket.on("error", lambda error: failed.append(error.code))
    with pytest.raises(OSError, match="ENOTSOCK"):
        await socket.send(b"x", 9, LOOPBACK)
    os.close(reading)
    os.close(writing)
    await socket.close()
