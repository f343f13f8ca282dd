"""Socket: its state and properties, options, adopted descriptors, and the ways to end it."""

from __future__ import annotations

import asyncio
import os
import socket as python_sockets

import pytest

import netloop
from netloop import net
from netloop.errors import StateError
from netloop.events import once
from netloop.net.options import KeepAliveWarning

LOOPBACK = "127.0.0.1"


def options_of(socket):
    """A Python socket over the same descriptor, to ask for options."""
    return python_sockets.socket(fileno=os.dup(socket.fileno()))


# --- state ----------------------------------------------------------------------------------------------------

def test_a_new_socket_is_open_and_pending():
    socket = net.Socket()
    assert socket.ready_state == "open"
    assert socket.pending
    assert not socket.connecting
    assert not socket.destroyed
    assert socket.address() is None
    assert (socket.local_address, socket.local_port, socket.local_family) == (None, None, None)
    assert (socket.remote_address, socket.remote_port, socket.remote_family) == (None, None, None)
    assert (socket.bytes_read, socket.bytes_written) == (0, 0)
    assert socket.timeout is None
    assert socket.server is None
    assert socket.fileno() == -1
    assert not socket.allow_half_open
    assert socket.readable_high_water_mark == socket.writable_high_water_mark == 65536
    assert socket.auto_select_family_attempted_addresses == []
    assert repr(socket) == "<Socket not connected>"


@pytest.mark.parametrize(("half_open", "end_listeners"), [(False, 1), (True, 0)])
def test_a_socket_has_exactly_one_end_listener_of_its_own(half_open, end_listeners):
    assert net.Socket(allow_half_open=half_open).listener_count("end") == end_listeners


async def test_ready_state_follows_both_halves(pair, closed):
    client, accepted = await pair(allow_half_open=True)
    states = [client.ready_state]
    client.end()
    states.append(client.ready_state)
    accepted.resume()
    await once(accepted, "end")
    await closed(client)
    states.append(client.ready_state)
    assert states == ["open", "readOnly", "closed"]

    client, accepted = await pair(allow_half_open=True)
    accepted.end()
    client.resume()
    await once(client, "end")
    assert client.ready_state == "writeOnly"
    client.end()
    await closed(client)
    assert client.ready_state == "closed"


async def test_the_repr_says_what_it_is_connected_to(pair, closed):
    client, accepted = await pair()
    assert repr(client) == f"<Socket {LOOPBACK}:{client.local_port} to {LOOPBACK}:{client.remote_port}>"
    client.end()
    assert repr(client) == f"<Socket {LOOPBACK}:{client.local_port} to {LOOPBACK}:{client.remote_port} readOnly>"
    await closed(client)
    await closed(accepted)


async def test_addresses_are_known_in_the_close_listener_and_after(pair, closed):
    client, accepted = await pair()
    address, peer = client.address(), accepted.address()
    told = []
    client.on("close", lambda: told.append((client.address(), client.remote_address, client.remote_port)))
    client.destroy()
    assert client.fileno() == -1
    await once(client, "close")
    assert told == [(address, peer.address, peer.port)]
    await closed(accepted)


async def test_bytes_are_counted_with_those_that_are_queued(pair, closed):
    client, accepted = await pair()
    client.cork()
    client.write("ä€")
    client.write(b"1234")
    assert client.bytes_written == 9
    client.uncork()
    client.end("x")
    assert client.bytes_written == 10
    received = b"".join([chunk async for chunk in accepted])
    assert accepted.bytes_read == len(received) == 10
    await closed(client)
    assert client.bytes_written == 10
    assert client.bytes_read == 0


def test_buffer_size_is_deprecated():
    with pytest.warns(DeprecationWarning, match="writable_length"):
        assert net.Socket().buffer_size == 0


# --- options --------------------------------------------------------------------------------------------------

async def test_no_delay_can_be_switched(pair, closed):
    client, _accepted = await pair()
    for wanted, call in ((1, client.set_no_delay), (0, lambda: client.set_no_delay(False))):
        assert call() is client
        with options_of(client) as python_socket:
            assert bool(python_socket.getsockopt(python_sockets.IPPROTO_TCP, python_sockets.TCP_NODELAY)) == wanted
    await closed(client.end())


def keep_alive_of(socket):
    """What the system has: enabled, idle time, interval, probes."""
    with options_of(socket) as python_socket:
        return [bool(python_socket.getsockopt(python_sockets.SOL_SOCKET, python_sockets.SO_KEEPALIVE))] + [
            python_socket.getsockopt(python_sockets.IPPROTO_TCP, getattr(python_sockets, name))
            for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")]


async def test_keep_alive_times_are_whole_seconds(pair, closed):
    client, _accepted = await pair()
    assert keep_alive_of(client)[0] is False
    client.set_keep_alive(True, 7999)
    assert keep_alive_of(client) == [True, 7, 1, 10]
    client.set_keep_alive(True, 0, 3000, 4)
    assert keep_alive_of(client) == [True, 7, 3, 4], "an idle time of 0 leaves what was set"
    client.set_keep_alive(enable=True, initial_delay=9000, interval=0, count=0)
    assert keep_alive_of(client) == [True, 9, 3, 4], "and so do an interval and a count of 0"
    client.set_keep_alive(False, 1000)
    assert keep_alive_of(client) == [False, 9, 3, 4]
    with pytest.warns(KeepAliveWarning, match="initial_delay of 500 ms"):
        client.set_keep_alive(True, 500)
    assert keep_alive_of(client) == [True, 9, 1, 10]
    await closed(client.end())


@pytest.mark.parametrize(("arguments", "code"), [
    ((True, "1 s"), "ERR_INVALID_ARG_TYPE"), ((True, -1), "ERR_OUT_OF_RANGE"),
    ((True, 0, -1), "ERR_OUT_OF_RANGE"), ((True, 0, 1000, 1.5), "ERR_INVALID_ARG_TYPE"),
    ((True, 0, 1000, -1), "ERR_OUT_OF_RANGE"), ((True, 0, 1000, 128), "ERR_OUT_OF_RANGE"),
    ((True, 32_768_000), "ERR_OUT_OF_RANGE"),
])
def test_keep_alive_values_are_checked(arguments, code):
    with pytest.raises((TypeError, ValueError)) as raised:
        net.Socket().set_keep_alive(*arguments)
    assert raised.value.code == code


@pytest.mark.parametrize("host", [LOOPBACK, "::1"])
async def test_type_of_service_is_set_before_and_after_connecting(host, closed):
    server = await net.listen(0, host)
    client = net.Socket().set_type_of_service(16)
    assert client.get_type_of_service() == 16
    await client.connect(server.address().port, host)
    assert client.get_type_of_service() == 16
    client.set_type_of_service(8)
    assert client.get_type_of_service() == 8
    server.close()
    await closed(client.end())


@pytest.mark.parametrize(("value", "code"), [("8", "ERR_INVALID_ARG_TYPE"), (True, "ERR_INVALID_ARG_TYPE"),
                                             (1.0, "ERR_INVALID_ARG_TYPE"), (-1, "ERR_OUT_OF_RANGE"),
                                             (256, "ERR_OUT_OF_RANGE")])
def test_type_of_service_is_a_byte(value, code):
    with pytest.raises((TypeError, ValueError)) as raised:
        net.Socket().set_type_of_service(value)
    assert raised.value.code == code


# --- adopted --------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("adopt", [
    lambda python_socket: net.Socket(fd=python_socket.detach()),
    lambda python_socket: net.Socket(handle=python_socket),
], ids=["fd", "Python socket"])
@pytest.mark.parametrize("family", [python_sockets.AF_UNIX, python_sockets.AF_INET])
async def test_a_descriptor_is_adopted_connected(adopt, family, closed):
    if family == python_sockets.AF_UNIX:
        ours, theirs = python_sockets.socketpair()
    else:
        with python_sockets.create_server((LOOPBACK, 0)) as listening:
            ours = python_sockets.create_connection(listening.getsockname())
            theirs, _ = listening.accept()
    socket = adopt(ours)
    assert not socket.pending
    assert not socket.connecting
    theirs.sendall(b"ping")
    assert await once(socket, "data") == [b"ping"]
    socket.write(b"pong")
    assert theirs.recv(10) == b"pong"
    theirs.close()
    await closed(socket)


async def test_an_adopted_descriptor_is_closed_by_its_socket(closed):
    ours, theirs = python_sockets.socketpair()
    fd = ours.detach()
    socket = net.Socket(fd=fd).destroy()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)
    assert theirs.recv(1) == b""
    theirs.close()
    await closed(socket)


async def test_readable_false_and_writable_false_end_that_half(closed):
    ours, theirs = python_sockets.socketpair()
    theirs.setblocking(False)
    socket = net.Socket(fd=ours.detach(), writable=False)
    await once(socket, "finish")
    assert theirs.recv(1) == b""
    theirs.sendall(b"hello")
    theirs.close()
    assert b"".join([chunk async for chunk in socket]) == b"hello"
    await closed(socket)

    ours, theirs = python_sockets.socketpair()
    socket = net.Socket(fd=ours.detach(), readable=False, allow_half_open=True)
    await once(socket, "end")
    socket.end(b"hello")
    assert theirs.recv(10) == b"hello"
    theirs.close()
    await closed(socket)


@pytest.mark.parametrize(("options", "code"), [
    ({"fd": -1}, "ERR_OUT_OF_RANGE"),
    ({"fd": "1"}, "ERR_INVALID_ARG_TYPE"),
    ({"fd": True}, "ERR_INVALID_ARG_TYPE"),
    ({"fd": 999_999}, "EBADF"),
    ({"handle": object()}, "ERR_INVALID_ARG_TYPE"),
])
def test_what_is_no_descriptor_is_refused(options, code):
    with pytest.raises((TypeError, ValueError, OSError)) as raised:
        net.Socket(**options)
    assert raised.value.code == code


def test_what_is_no_stream_socket_is_refused_and_stays_its_owners():
    with python_sockets.socket(type=python_sockets.SOCK_DGRAM) as datagram:
        with pytest.raises(ValueError) as raised:
            net.Socket(handle=datagram)
        assert raised.value.code == "ERR_INVALID_FD_TYPE"
        assert datagram.fileno() >= 0
    reading, writing = os.pipe()
    with pytest.raises(OSError) as raised:
        net.Socket(fd=reading)
    assert raised.value.code == "ENOTSOCK"
    os.close(reading)
    os.close(writing)


# --- ending ---------------------------------------------------------------------------------------------------

async def test_destroy_returns_the_socket_also_when_repeated(pair, closed):
    client, accepted = await pair()
    assert client.destroy() is client
    assert client.destroy(ValueError("ignored")) is client
    await once(client, "close")
    assert client.errored is None
    await closed(accepted)


async def test_a_write_after_destroy_is_refused_without_an_error_event(pair, record, closed, code):
    client, accepted = await pair()
    log = record(client, "error", "close")
    client.destroy()
    assert client.write("lost", lambda error: log.append(code(error))) is False
    assert log == []
    await closed(client)
    await asyncio.sleep(0)
    assert set(log) == {"ERR_STREAM_DESTROYED", ("close", False)}
    await closed(accepted)


async def test_destroy_soon_sends_what_was_written(pair, closed):
    client, accepted = await pair()
    client.write(b"x" * 1_000_000)
    client.destroy_soon()
    assert not client.writable
    received = sum([len(chunk) async for chunk in accepted])
    assert received == 1_000_000
    await closed(client)


async def test_destroy_soon_after_finish_destroys_at_once(pair, closed):
    client, accepted = await pair(server={"allow_half_open": True})
    client.end()
    await once(client, "finish")
    client.destroy_soon()
    assert client.destroyed
    accepted.end()
    await closed(accepted)


async def test_reset_and_destroy_is_a_reset_for_the_peer(pair, record):
    client, accepted = await pair()
    log = record(client, "error", "close")
    assert client.reset_and_destroy() is client
    (error,) = await once(accepted, "error")
    assert isinstance(error, ConnectionResetError)
    assert (error.code, error.syscall) == ("ECONNRESET", "read")
    assert log == [("close", False)]


async def test_reset_and_destroy_while_connecting_waits_in_silence(record):
    server = await net.listen(0, LOOPBACK)
    reset = asyncio.get_running_loop().create_future()
    server.on("connection", lambda socket: socket.on("error", reset.set_result))
    client = net.connect(server.address().port, LOOPBACK)
    log = record(client, "connect", "ready", "error", "close")
    client.reset_and_destroy()
    await once(client, "close")
    assert log == [("close", False)]
    assert (await reset).code == "ECONNRESET"
    server.close()


async def test_reset_and_destroy_of_a_closed_socket_is_an_error():
    socket = net.Socket().reset_and_destroy()
    (error,) = await once(socket, "error")
    assert error.code == "ERR_SOCKET_CLOSED"


async def test_a_unix_socket_cannot_be_reset(pair, tmp_path, closed):
    client, _accepted = await pair(path=tmp_path / "socket")
    with pytest.raises(StateError) as raised:
        client.reset_and_destroy()
    assert raised.value.code == "ERR_INVALID_HANDLE_TYPE"
    connecting = net.connect(tmp_path / "socket").on("error", lambda error: None)
    with pytest.raises(StateError) as raised:
        connecting.reset_and_destroy()
    assert raised.value.code == "ERR_INVALID_HANDLE_TYPE"
    await closed(client.end())
    await closed(connecting)


async def test_a_signal_destroys_a_connected_socket(pair, closed):
    controller = netloop.AbortController()
    client, accepted = await pair(signal=controller.signal)
    controller.abort()
    (error,) = await once(client, "error")
    assert error.code == "ABORT_ERR"
    await closed(accepted)


# --- keeping the loop alive -----------------------------------------------------------------------------------

def test_a_socket_keeps_the_loop_alive_until_unref(pair):
    closed = []

    async def main():
        client, accepted = await pair()
        kinds = [handle.kind for handle in netloop.active_handles()]
        assert kinds.count("Socket") == 2
        assert client.unref() is client
        accepted.unref()
        assert "Socket" not in [handle.kind for handle in netloop.active_handles()]
        client.ref().unref()
        for socket in (client, accepted):
            socket.on("close", closed.append)

    netloop.run(main)
    assert closed == [False, False]


def test_unref_before_connect_holds_afterwards(silent):
    def main():
        net.Socket().unref().connect(silent().port, LOOPBACK)
        assert netloop.active_handles() == []

    netloop.run(main)


# --- asyncio --------------------------------------------------------------------------------------------------

async def test_await_gives_the_socket_also_when_it_is_connected(pair, closed):
    client, accepted = await pair()
    assert await client is client
    assert await accepted is accepted
    await closed(client.end())


async def test_await_raises_what_prevented_the_connection_also_later(refused_port):
    client = net.connect(refused_port, LOOPBACK)
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            await client


async def test_await_of_a_socket_that_does_not_connect_is_an_error():
    for socket in (net.Socket(), net.Socket().destroy()):
        with pytest.raises(StateError) as raised:
            await socket
        assert raised.value.code == "ERR_SOCKET_CLOSED"


async def test_await_ends_when_the_socket_is_destroyed(silent):
    client = net.connect(silent().port, LOOPBACK)
    asyncio.get_running_loop().call_soon(client.destroy)
    with pytest.raises(StateError) as raised:
        await client
    assert raised.value.code == "ERR_SOCKET_CLOSED_BEFORE_CONNECTION"


async def test_cancelling_an_await_destroys_the_socket(silent):
    client = net.connect(silent().port, LOOPBACK)
    names = client.event_names()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await client
    assert client.destroyed
    assert client.event_names() == names


async def test_async_with_sends_what_was_written_and_closes(pair, closed):
    client, accepted = await pair()
    accepted.on("data", accepted.write)
    async with client:
        client.write("hello")
    assert client.closed
    assert accepted.bytes_read == 5
    await closed(accepted)
