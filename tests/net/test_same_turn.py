"""Sockets that are found ready in one turn receive before the first of them calls its listeners, and send after the last.

Nobody loses by it.  Each test makes sockets ready at once of which the poller knows that their chunks are short.
"""

from __future__ import annotations

import asyncio
import socket as python_sockets

import pytest

import netloop
from netloop import net
from netloop.events import once


@pytest.fixture
def ready(with_python_peer):
    """``sockets, peers = await ready()``: two sockets that received a short chunk, and the other ends of them."""
    async def connect():
        both = [await with_python_peer() for _ in range(2)]
        for socket, peer in both:
            peer.sendall(b"first")
            assert await once(socket, "data") == [b"first"]
        return zip(*both, strict=True)

    return connect


async def close(sockets, peers):
    for socket in sockets:
        if not socket.closed:
            socket.destroy()
            await once(socket, "close")
    for peer in peers:
        peer.close()


def when(log, count):
    """A future that is done when `log` has so many entries; whoever appends calls the second result."""
    full = asyncio.get_running_loop().create_future()

    def look():
        if len(log) == count and not full.done():
            full.set_result(None)

    return full, look


async def test_each_socket_gets_its_own_chunk(ready):
    sockets, peers = await ready()
    log = []
    full, look = when(log, 2)
    for number, socket in enumerate(sockets):
        socket.on("data", lambda chunk, number=number: (log.append((number, chunk)), look()))
        peers[number].sendall(b"to %d" % number)
    await full
    assert sorted(log) == [(0, b"to 0"), (1, b"to 1")]
    assert [socket.bytes_read for socket in sockets] == [9, 9]
    await close(sockets, peers)


async def test_a_socket_that_another_listener_pauses_keeps_its_chunk_until_it_is_resumed(ready):
    sockets, peers = await ready()
    log = []

    def listen(socket, other):
        def on_data(chunk):
            if not log:
                other.pause()
            log.append((socket, chunk))
        socket.on("data", on_data)

    listen(*sockets)
    listen(*reversed(sockets))
    for peer in peers:
        peer.sendall(b"second")
    while not log:
        await asyncio.sleep(0)
    first = log[0][0]
    paused = sockets[1 - sockets.index(first)]
    peers[sockets.index(first)].sendall(b"third")       # a turn later
    await once(first, "data")
    assert [socket for socket, _ in log] == [first, first]
    paused.resume()
    await once(paused, "data")
    assert log[2] == (paused, b"second")
    await close(sockets, peers)


async def test_a_socket_that_another_listener_destroys_gets_nothing_more(ready):
    sockets, peers = await ready()
    log = []
    gone = []
    closed = asyncio.get_running_loop().create_future()

    def listen(socket, other):
        def on_data(chunk):
            log.append(socket)
            if not other.destroyed:
                gone.append(other)
                other.once("close", closed.set_result)
                other.destroy()
        socket.on("data", on_data)

    listen(*sockets)
    listen(*reversed(sockets))
    for peer in peers:
        peer.sendall(b"second")
    await closed
    assert len(log) == 1
    assert log[0] is not gone[0]
    await close(sockets, peers)


async def test_an_end_behind_the_chunk_follows_it(ready):
    sockets, peers = await ready()
    log = []
    full, look = when(log, 4)
    for number, socket in enumerate(sockets):
        socket.on("data", lambda chunk, number=number: (log.append((number, "data", chunk)), look()))
        socket.on("end", lambda number=number: (log.append((number, "end")), look()))
    for peer in peers:
        peer.sendall(b"last")
        peer.close()
    await full
    for number in range(2):
        assert [entry[1] for entry in log if entry[0] == number] == ["data", "end"]
    await close(sockets, peers)


@pytest.mark.parametrize("finished", ["before", "after"])
async def test_all_that_was_written_in_one_turn_precedes_the_end(finished):
    """The kernel takes only a part of it, and the rest when the peer reads."""
    answer = bytes(range(256)) * 32
    sockets, peers = [], []
    for _ in range(2):
        ours, peer = python_sockets.socketpair()
        ours.setsockopt(python_sockets.SOL_SOCKET, python_sockets.SO_SNDBUF, 0)     # as little as the kernel allows
        peer.settimeout(5)
        sockets.append(net.Socket(handle=ours))
        peers.append(peer)

    def write_all():
        for _ in range(8):
            sockets[0].write(answer)
        sockets[0].end()

    for peer in peers:
        peer.sendall(b"?")
        if finished == "before":
            peer.shutdown(python_sockets.SHUT_WR)
    sockets[0].on("data", lambda chunk: write_all())
    sockets[1].on("data", lambda chunk: sockets[1].end())

    def read_all():
        received = bytearray()
        while chunk := peers[0].recv(65536):
            received += chunk
        return bytes(received)

    assert await asyncio.to_thread(read_all) == answer * 8
    for peer in peers:
        peer.close()
    for socket in sockets:
        if not socket.closed:
            await once(socket, "close")


async def test_who_writes_and_destroys_in_one_turn_has_written(ready):
    sockets, peers = await ready()
    for socket in sockets:
        socket.on("data", lambda chunk, socket=socket: (socket.write(b"farewell"), socket.destroy()))
    for peer in peers:
        peer.sendall(b"second")
    assert [await asyncio.to_thread(peer.recv, 100) for peer in peers] == [b"farewell"] * 2
    await close(sockets, peers)


class Interruption(BaseException):
    """What no loop catches."""


def test_a_turn_that_is_interrupted_loses_no_chunk():
    log = []

    def listen(socket):
        def on_data(chunk):
            log.append((socket, chunk))
            if len(log) == 1:
                raise Interruption
        socket.on("data", on_data)

    async def begin():
        both = []
        with python_sockets.create_server(("127.0.0.1", 0)) as listening:
            for _ in range(2):
                socket = await net.connect(listening.getsockname()[1], "127.0.0.1")
                peer, _ = listening.accept()
                peer.sendall(b"first")
                await once(socket, "data")
                both.append((socket, peer))
        return both

    async def send():
        for socket, peer in both:
            listen(socket)
            peer.sendall(b"second")
        await asyncio.get_running_loop().create_future()

    async def end():
        while len(log) < 2:
            await asyncio.sleep(0)
        await close(*zip(*both, strict=True))

    loop = netloop.new_event_loop()
    both = loop.run_until_complete(begin())
    sending = loop.create_task(send())
    with pytest.raises(Interruption):
        loop.run_until_complete(sending)
    sending.cancel()
    loop.run_until_complete(asyncio.wait_for(end(), 5))
    assert {socket for socket, _ in log} == {socket for socket, _ in both}
    assert [chunk for _, chunk in log] == [b"second", b"second"]
    loop.close()
