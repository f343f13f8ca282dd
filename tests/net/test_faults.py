"""Faults of the network: connections that are refused, reset or time out, before, during and after everything."""

from __future__ import annotations

import asyncio
import errno
import socket as python_sockets

import pytest

import netloop
from netloop import net
from netloop.events import once
from netloop.stream import pipeline

LOOPBACK = "127.0.0.1"
TCP_USER_TIMEOUT = 18       # of Linux: milliseconds that data, or a connect, may wait for an answer


def reset(peer):
    """Close a Python socket with a reset."""
    peer.setsockopt(python_sockets.SOL_SOCKET, python_sockets.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    peer.close()


async def fill(socket, chunk=bytes(1_000_000)):
    """Write until the kernel takes no more; returns what the callbacks were told."""
    told = []
    while socket.write(chunk, told.append):
        await asyncio.sleep(0)
    socket.write(chunk, told.append)
    return told


# --- before the connection ------------------------------------------------------------------------------------

@pytest.mark.slow
def test_a_connect_that_is_never_answered_times_out(silent):
    """The system's own time is two minutes; a bound socket lets us shorten it to the first repetition, after 1 s."""
    async def main():
        bound = net.BoundSocket(host=LOOPBACK)
        with python_sockets.socket(fileno=bound.fd()) as borrowed:
            borrowed.setsockopt(python_sockets.IPPROTO_TCP, TCP_USER_TIMEOUT, 10)
            borrowed.detach()
        with pytest.raises(TimeoutError) as raised:
            await net.connect(silent().port, LOOPBACK, handle=bound)
        assert (raised.value.code, raised.value.errno, raised.value.syscall) == (
            "ETIMEDOUT", errno.ETIMEDOUT, "connect")

    netloop.run(main)


async def test_a_connection_that_is_reset_before_it_was_accepted_is_reset(closed):
    """The peer closes its listening socket, and with it what waits in its backlog."""
    listening = python_sockets.create_server((LOOPBACK, 0))
    client = await net.connect(listening.getsockname()[1], LOOPBACK)
    listening.close()
    (error,) = await once(client, "error")
    assert error.code == "ECONNRESET"


async def test_a_connection_that_was_reset_before_the_server_looked_is_accepted_and_fails(record):
    accepted = asyncio.get_running_loop().create_future()
    server = await net.listen(0, LOOPBACK, accepted.set_result)
    reset(python_sockets.create_connection((LOOPBACK, server.address().port)))
    socket = await accepted
    (error,) = await once(socket, "error")
    assert error.code == "ECONNRESET"
    server.close()


# --- in the middle of reading and writing ---------------------------------------------------------------------

async def test_a_reset_while_reading_is_an_error_and_a_close(with_python_peer, record):
    client, peer = await with_python_peer()
    log = record(client, "data", "end", "close")
    peer.send(b"hello")
    await once(client, "data")
    reset(peer)
    (error,) = await once(client, "error")
    assert (error.code, error.syscall) == ("ECONNRESET", "read")
    assert log == [("data", b"hello"), ("close", True)]
    assert not client.readable
    assert not client.writable


async def test_a_reset_in_the_middle_of_a_write_fails_each_write_that_waits(with_python_peer, record):
    client, peer = await with_python_peer()
    log = record(client, "drain", "finish", "close")
    told = await fill(client)
    taken = len(told)
    ended = []
    client.end(lambda error: ended.append(error))
    waiting = client.writable_length
    assert waiting > 0
    reset(peer)
    (error,) = await once(client, "error")
    await asyncio.sleep(0)
    assert error.code in ("ECONNRESET", "EPIPE")
    assert None not in told[taken:]
    assert {each.code for each in told[taken:]} == {error.code}
    assert [each.code for each in ended] == [error.code]
    assert log == [("close", True)]
    assert client.writable_length == 0


async def test_a_reset_that_nobody_reads_is_found_by_the_next_write(with_python_peer, code):
    """A paused socket does not look at what comes; writing to it tells."""
    client, peer = await with_python_peer()
    client.pause()
    await asyncio.sleep(0)
    reset(peer)
    told = []
    failed = once(client, "error")
    while not failed.done():
        client.write(b"x", lambda error: told.append(code(error)))
        await asyncio.sleep(0)
    (error,) = await failed
    assert error.code in ("ECONNRESET", "EPIPE")
    assert set(told) <= {None, "ECONNRESET", "EPIPE", "ERR_STREAM_DESTROYED"}


@pytest.mark.slow
def test_a_peer_that_takes_nothing_any_more_times_out(with_python_peer):
    """The window stays closed, and the system gives up when its time is over."""
    async def main():
        client, peer = await with_python_peer()
        with python_sockets.socket(fileno=client.fileno()) as borrowed:
            borrowed.setsockopt(python_sockets.IPPROTO_TCP, TCP_USER_TIMEOUT, 100)
            borrowed.detach()
        told = await fill(client)
        (error,) = await once(client, "error")
        assert isinstance(error, TimeoutError)
        assert error.code == "ETIMEDOUT"
        await asyncio.sleep(0)
        assert told[-1] is error
        peer.close()

    netloop.run(main)


async def test_a_peer_that_closes_without_reading_resets_the_writer(with_python_peer):
    client, peer = await with_python_peer()
    await fill(client)
    peer.close()
    (error,) = await once(client, "error")
    assert error.code in ("ECONNRESET", "EPIPE")


async def test_a_peer_that_half_closes_and_is_gone_is_found_by_writing(with_python_peer):
    client, peer = await with_python_peer(allow_half_open=True)
    client.resume()
    peer.close()
    await once(client, "end")
    failed = once(client, "error")
    while not failed.done():
        client.write(b"x")
        await asyncio.sleep(0)
    (error,) = await failed
    assert error.code in ("ECONNRESET", "EPIPE")


# --- in the middle of a pipe ----------------------------------------------------------------------------------

async def test_a_pipe_leaves_its_source_alone_when_its_destination_is_reset(with_python_peer, record, closed):
    source, source_peer = await with_python_peer()
    destination, destination_peer = await with_python_peer()
    source.pipe(destination)
    log = record(destination, "unpipe")
    source_peer.send(b"one")
    while destination.bytes_written < 3:
        await asyncio.sleep(0)
    reset(destination_peer)
    (error,) = await once(destination, "error")
    assert error.code == "ECONNRESET"
    assert log == [("unpipe", source)]
    assert not source.destroyed
    assert source.is_paused()
    source_peer.close()
    await closed(source)


async def test_a_pipe_leaves_its_destination_alone_when_its_source_is_reset(with_python_peer, closed):
    source, source_peer = await with_python_peer()
    destination, destination_peer = await with_python_peer()
    source.pipe(destination)
    reset(source_peer)
    (error,) = await once(source, "error")
    assert error.code == "ECONNRESET"
    assert not destination.writable_ended
    destination.write(b"still here")
    assert destination_peer.recv(20) == b"still here"
    destination_peer.close()
    await closed(destination)


@pytest.mark.parametrize("which", ["source", "destination"])
async def test_a_pipeline_destroys_both_when_one_is_reset(with_python_peer, which, closed):
    source, source_peer = await with_python_peer()
    destination, destination_peer = await with_python_peer()
    running = pipeline(source, destination)
    source_peer.send(b"one")
    assert await asyncio.to_thread(destination_peer.recv, 10) == b"one"
    reset(source_peer if which == "source" else destination_peer)
    with pytest.raises(OSError) as raised:
        await running
    assert raised.value.code == "ECONNRESET"
    assert source.destroyed
    assert destination.destroyed
    (destination_peer if which == "source" else source_peer).close()


async def test_an_echo_survives_a_client_that_never_reads_and_is_reset(closed):
    """The pipe stops reading when the client does; the reset ends it."""
    server = await net.listen(0, LOOPBACK, lambda socket: socket.on("error", errors.append).pipe(socket))
    errors = []
    client = await net.connect(server.address().port, LOOPBACK)
    client.pause()
    chunk = bytes(1_000_000)
    while client.write(chunk):
        await asyncio.sleep(0)
    client.reset_and_destroy()
    server.close()
    await once(server, "close")
    assert [error.code for error in errors] in (["ECONNRESET"], ["EPIPE"])
