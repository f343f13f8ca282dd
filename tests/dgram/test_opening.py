"""create_socket, bind and connect: their forms, what they tell, and what they refuse."""

from __future__ import annotations

import asyncio
import os
import socket as python_sockets
from functools import partial

import pytest

import netloop
from netloop import AbortController, AbortSignal, dgram, net
from netloop.errors import StateError
from netloop.testing.in_loop import settle

LOOPBACK = "127.0.0.1"


# --- create_socket --------------------------------------------------------------------------------------------

def test_forms_of_create_socket():
    def listener():
        pass

    for socket in (dgram.create_socket("udp4", listener), dgram.create_socket(listener, type="udp4"),
                   dgram.create_socket("udp4", listener, reuse_addr=True)):
        assert (socket.type, socket.listeners("message")) == ("udp4", [listener])
    assert dgram.create_socket(type="udp6").listener_count("message") == 0
    assert repr(dgram.create_socket("udp6")) == "<Socket udp6 not bound>"


@pytest.mark.parametrize(("arguments", "options", "kind", "code"), [
    ((), {}, TypeError, "ERR_SOCKET_BAD_TYPE"), (("tcp",), {}, TypeError, "ERR_SOCKET_BAD_TYPE"),
    ((4,), {}, TypeError, "ERR_SOCKET_BAD_TYPE"), (("udp4",), {"type": "udp4"}, TypeError, None),
    (("udp4", "udp6"), {}, TypeError, None), (("udp4",), {"reuse": True}, TypeError, None),
    (("udp4",), {"reuse_addr": 1}, TypeError, "ERR_INVALID_ARG_TYPE"),
    (("udp4",), {"reuse_port": 1}, TypeError, "ERR_INVALID_ARG_TYPE"),
    (("udp6",), {"ipv6_only": "yes"}, TypeError, "ERR_INVALID_ARG_TYPE"),
    (("udp4",), {"recv_buffer_size": "1"}, TypeError, "ERR_SOCKET_BAD_BUFFER_SIZE"),
    (("udp4",), {"send_buffer_size": 0}, ValueError, "ERR_SOCKET_BAD_BUFFER_SIZE"),
    (("udp4",), {"send_buffer_size": 2**31}, ValueError, "ERR_SOCKET_BAD_BUFFER_SIZE"),
    (("udp4",), {"lookup": 5}, TypeError, "ERR_INVALID_ARG_TYPE"),
    (("udp4",), {"signal": 5}, TypeError, "ERR_INVALID_ARG_TYPE"),
    (("udp4",), {"receive_block_list": []}, TypeError, "ERR_INVALID_ARG_TYPE"),
    (("udp4",), {"send_block_list": []}, TypeError, "ERR_INVALID_ARG_TYPE"),
], ids=str)
def test_wrong_options_raise(arguments, options, kind, code):
    with pytest.raises(kind) as raised:
        dgram.create_socket(*arguments, **options)
    assert getattr(raised.value, "code", None) == code


def test_socket_that_is_not_bound_keeps_nothing_alive():
    dgram.create_socket("udp4")
    netloop.run()


# --- bind -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("arguments", "options", "address"), [
    ((), {}, "0.0.0.0"), ((0,), {}, "0.0.0.0"), (("0",), {}, "0.0.0.0"), ((None,), {}, "0.0.0.0"), ((0, None), {}, "0.0.0.0"),
    ((0, LOOPBACK), {}, LOOPBACK), ((0, "localhost"), {}, LOOPBACK), ((0, ""), {}, "0.0.0.0"),
    ((), {"port": 0, "address": LOOPBACK, "exclusive": True}, LOOPBACK), ((), {"address": "127.0.0.9"}, "127.0.0.9"),
], ids=str)
async def test_forms_of_bind(arguments, options, address):
    for with_listener in (False, True):
        told = asyncio.get_running_loop().create_future()
        socket = dgram.create_socket("udp4")
        if with_listener:
            assert socket.bind(*arguments, partial(told.set_result, None), **options) is socket
        else:
            socket.on("listening", partial(told.set_result, None)).bind(*arguments, **options)
        await told
        assert socket.address()[:2] == (address, "IPv4")
        assert socket.address().port > 0
        assert repr(socket) == f"<Socket udp4 {socket.address()}>"
        await socket.close()


async def test_bound_at_once_but_told_later():
    told = []
    socket = dgram.create_socket("udp4").bind(0, LOOPBACK, lambda: told.append(1))
    assert socket.address().port > 0
    assert told == []
    await socket
    assert told == [1]
    await socket.close()


async def test_udp6_takes_ipv4_unless_it_is_ipv6_only(messages):
    sender = dgram.create_socket("udp4")
    for only in (False, True):
        socket = await dgram.create_socket("udp6", ipv6_only=only).bind()
        assert socket.address()[:2] == ("::", "IPv6")
        if only:
            taken = await dgram.create_socket("udp4").bind(socket.address().port)
            await taken.close()
        else:
            arriving = messages(socket)
            await sender.send(b"x", socket.address().port, LOOPBACK)
            assert (await arriving)[0][1].address == f"::ffff:{LOOPBACK}"
        await socket.close()
    await sender.close()


async def test_bound_twice_is_refused(bound):
    async with bound() as socket:
        for call in (socket.bind, socket.bind_sync):
            with pytest.raises(StateError) as raised:
                call(0)
            assert raised.value.code == "ERR_SOCKET_ALREADY_BOUND"
    waiting = dgram.create_socket("udp4").bind(0, "localhost")
    with pytest.raises(StateError):
        waiting.bind(0)
    await waiting
    await waiting.close()


@pytest.mark.parametrize(("arguments", "options", "kind", "code"), [
    ((70000,), {}, ValueError, "ERR_SOCKET_BAD_PORT"), ((-1,), {}, ValueError, "ERR_SOCKET_BAD_PORT"),
    ((b"1",), {}, TypeError, "ERR_INVALID_ARG_TYPE"), ((0, 5), {}, TypeError, "ERR_INVALID_ARG_TYPE"),
    ((0, LOOPBACK, 5), {}, TypeError, None), ((0,), {"port": 0}, TypeError, None), ((), {"host": LOOPBACK}, TypeError, None),
    ((), {"fd": "0"}, TypeError, "ERR_INVALID_ARG_TYPE"), ((), {"fd": -1}, ValueError, "ERR_OUT_OF_RANGE"),
    ((), {"path": "/tmp/x"}, TypeError, None), ((), {"exclusive": 1}, TypeError, "ERR_INVALID_ARG_TYPE"),
], ids=str)
def test_wrong_arguments_of_bind_raise(arguments, options, kind, code):
    with pytest.raises(kind) as raised:
        dgram.create_socket("udp4").bind(*arguments, **options)
    assert getattr(raised.value, "code", None) == code


@pytest.mark.parametrize(("address", "code", "syscall"), [
    ("192.0.2.1", "EADDRNOTAVAIL", "bind"), ("::1", "EINVAL", "bind"), ("no.such.invalid", "ENOTFOUND", "getaddrinfo")])
async def test_failed_bind_is_an_error_and_may_be_repeated(address, code, syscall, event):
    socket = dgram.create_socket("udp4")
    for _ in range(3):
        failed = event(socket, "error")
        socket.bind(0, address, print)
        [error] = await failed
        assert (error.code, error.syscall) == (code, syscall)
        assert socket.event_names() == []
        with pytest.raises(OSError, match=code):
            await socket.bind(0, address)
        socket = dgram.create_socket("udp4")
    await (await socket.bind(0, LOOPBACK)).close()


async def test_port_in_use(bound, event):
    async with bound() as first:
        port = first.address().port
        second = dgram.create_socket("udp4")
        with pytest.raises(OSError, match=f"bind EADDRINUSE 127.0.0.1:{port} ") as raised:
            second.bind_sync(port, LOOPBACK)
        assert (raised.value.code, raised.value.address, raised.value.port) == ("EADDRINUSE", LOOPBACK, port)
        failed = event(second, "error")
        second.bind(port, LOOPBACK)
        [error] = await failed
        assert error.code == "EADDRINUSE"
        assert error.__notes__[0].startswith(f"bind() was called at {__file__}:")
        await second.close()


async def test_await_that_fails_closes_the_socket_and_emits_nothing(bound):
    async with bound() as first:
        socket = dgram.create_socket("udp4")
        with pytest.raises(OSError, match="EADDRINUSE"):
            await socket.bind(first.address().port, LOOPBACK)
        with pytest.raises(StateError):
            socket.bind(0)


@pytest.mark.parametrize("option", ["reuse_addr", "reuse_port"])
async def test_several_sockets_may_share_an_address(option, bound):
    async with bound(**{option: True}) as first:
        second = await dgram.create_socket("udp4", **{option: True}).bind(first.address().port, LOOPBACK)
        assert second.address() == first.address()
        await second.close()


async def test_bind_sync_tells_later(event):
    socket = dgram.create_socket("udp4")
    listening = event(socket, "listening")
    assert socket.bind_sync(0, LOOPBACK) is socket
    assert not listening.done()
    await listening
    with pytest.raises(OSError, match="EINVAL"):
        dgram.create_socket("udp4").bind_sync(0, "localhost")
    await socket.close()


async def test_descriptor_is_adopted(messages):
    with python_sockets.socket(type=python_sockets.SOCK_DGRAM) as original:
        original.bind((LOOPBACK, 0))
        name = original.getsockname()
        socket = await dgram.create_socket("udp4").bind(fd=original.detach())
    assert tuple(socket.address()) == (LOOPBACK, "IPv4", name[1])
    arriving = messages(socket)
    await socket.send(b"x", name[1])
    assert (await arriving)[0][0] == b"x"
    await socket.close()


async def test_descriptor_of_another_kind_is_refused():
    with (python_sockets.socket() as stream,
          python_sockets.socket(python_sockets.AF_INET6, python_sockets.SOCK_DGRAM) as other):
        for wrong in (stream, other):
            with pytest.raises(ValueError) as raised:
                await dgram.create_socket("udp4").bind(fd=wrong.fileno())
            assert raised.value.code == "ERR_INVALID_FD_TYPE"
            assert os.fstat(wrong.fileno())
    with pytest.raises(OSError, match="EBADF"):
        await dgram.create_socket("udp4").bind(fd=9999)


async def test_sends_wait_for_a_bind_by_name(messages, peer):
    socket = dgram.create_socket("udp4").bind(0, "localhost")
    for number in range(3):
        socket.send(b"%d" % number, peer.getsockname()[1], LOOPBACK)
    assert socket.get_send_queue_count() == 3
    assert await socket.send(b"last", peer.getsockname()[1], LOOPBACK) == 4
    assert [peer.recv(9) for _ in range(4)] == [b"0", b"1", b"2", b"last"]
    await socket.close()


async def test_sends_fail_with_the_bind_that_they_wait_for(event):
    socket = dgram.create_socket("udp4").bind(0, "no.such.invalid")
    failed = event(socket, "error")
    with pytest.raises(OSError, match="ENOTFOUND"):
        await socket.send(b"x", 9)
    assert (await failed)[0].code == "ENOTFOUND"
    await socket.close()


async def test_closed_during_a_lookup_tells_only_close(event):
    log = []
    socket = dgram.create_socket("udp4").bind(0, "localhost", lambda: log.append("listening"))
    socket.on("error", log.append).on("close", lambda: log.append("close"))
    await socket.close()
    await settle()
    assert log == ["close"]


async def test_cancelled_await_closes():
    socket = dgram.create_socket("udp4", lookup=lambda *_, **__: None).bind(0, "never.example")

    async def wait():
        await socket

    waiting = asyncio.ensure_future(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(StateError):
        socket.bind()


# --- signal ---------------------------------------------------------------------------------------------------

async def test_signal_closes(event):
    controller = AbortController()
    socket = await dgram.create_socket("udp4", signal=controller.signal).bind(0, LOOPBACK)
    closed = event(socket, "close")
    controller.abort()
    await closed
    with pytest.raises(StateError):
        socket.address()


async def test_signal_that_had_aborted_closes_at_once(event):
    socket = dgram.create_socket("udp4", signal=AbortSignal.abort())
    await event(socket, "close")
    with pytest.raises(StateError):
        socket.bind()


# --- connect --------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("address", [(), (None,), (LOOPBACK,), ("localhost",)], ids=str)
async def test_forms_of_connect(address, bound, peer):
    port = peer.getsockname()[1]
    async with bound() as first, bound() as second, bound() as third:
        told = asyncio.get_running_loop().create_future()
        assert first.connect(port, *address, lambda: told.set_result(None)) is first
        await told
        await second.connect(port=port, address=address[0] if address else None)
        connected = asyncio.get_running_loop().create_future()
        third.connect(lambda *arguments: connected.set_result(arguments), port=port)
        assert await connected == ()
        for socket in (first, second, third):
            assert socket.remote_address() == net.AddressInfo(LOOPBACK, "IPv4", port)
            assert repr(socket) == f"<Socket udp4 {socket.address()} to 127.0.0.1:{port}>"


async def test_connect_binds(peer):
    socket = dgram.create_socket("udp4")
    log = []
    socket.on("listening", lambda: log.append("listening")).on("connect", lambda: log.append("connect"))
    await socket.connect(peer.getsockname()[1])
    await socket.send(b"x")
    assert peer.recvfrom(9) == (b"x", (LOOPBACK, socket.address().port))
    assert log == ["listening", "connect"]
    await socket.close()


async def test_connected_socket_hears_nobody_else(bound, peer, messages):
    async with bound() as socket, bound() as stranger:
        await socket.connect(peer.getsockname()[1])
        arriving = messages(socket)
        await stranger.send(b"not heard", socket.address().port, LOOPBACK)
        peer.sendto(b"heard", tuple(socket.address())[::2])
        assert (await arriving)[0][0] == b"heard"


async def test_connected_twice_is_refused(bound):
    async with bound() as socket:
        await socket.connect(9)
        for call in (socket.connect, socket.connect_sync):
            with pytest.raises(StateError) as raised:
                call(9)
            assert raised.value.code == "ERR_SOCKET_DGRAM_IS_CONNECTED"


@pytest.mark.parametrize(("arguments", "kind", "code"), [
    ((), ValueError, "ERR_SOCKET_BAD_PORT"), ((0,), ValueError, "ERR_SOCKET_BAD_PORT"),
    ((70000,), ValueError, "ERR_SOCKET_BAD_PORT"), ((b"9",), TypeError, "ERR_INVALID_ARG_TYPE"),
    ((9, 5), TypeError, "ERR_INVALID_ARG_TYPE"),
    ((9, LOOPBACK, 5), TypeError, None),
], ids=str)
def test_wrong_arguments_of_connect_raise(arguments, kind, code):
    with pytest.raises(kind) as raised:
        dgram.create_socket("udp4").connect(*arguments)
    assert getattr(raised.value, "code", None) == code


@pytest.mark.parametrize(("address", "code"), [("::1", "EINVAL"), ("no.such.invalid", "ENOTFOUND"),
                                               ("255.255.255.255", "EACCES")])
async def test_failed_connect_goes_to_the_callback_the_await_or_error(address, code, bound, event):
    async with bound() as socket:
        told = asyncio.get_running_loop().create_future()
        socket.connect(9, address, told.set_result)
        assert (await told).code == code
        assert socket.event_names() == []
        failed = event(socket, "error")
        socket.connect(9, address)
        assert (await failed)[0].code == code
        with pytest.raises(StateError) as raised:
            socket.remote_address()
        assert raised.value.code == "ERR_SOCKET_DGRAM_NOT_CONNECTED"
        with pytest.raises(OSError, match=code):
            await socket.connect(9, address)


async def test_connect_sync(peer, event):
    socket = dgram.create_socket("udp4")
    connected = event(socket, "connect")
    assert socket.connect_sync(peer.getsockname()[1]) is socket
    await socket.send(b"x")
    assert peer.recv(9) == b"x"
    await connected
    await socket.close()
    refused = dgram.create_socket("udp4")
    with pytest.raises(OSError, match="EACCES"):
        refused.connect_sync(9, "255.255.255.255")
    await refused.close()


async def test_connect_waits_for_a_bind_by_name(peer):
    socket = dgram.create_socket("udp4").bind(0, "localhost")
    socket.connect(peer.getsockname()[1], LOOPBACK)
    await socket
    assert socket.remote_address().port == peer.getsockname()[1]
    await socket.close()


async def test_closed_while_connecting_tells_only_close(bound):
    async with bound() as socket:
        log = []
        socket.on("connect", lambda: log.append("connect")).on("close", lambda: log.append("close"))
        socket.connect(9, "localhost")
        socket.close()
    assert log == ["close"]


async def test_disconnected_socket_keeps_its_address_and_hears_everybody(bound, peer, messages):
    stranger = dgram.create_socket("udp4")
    for socket in (dgram.create_socket("udp4"), await dgram.create_socket("udp4").bind(0, LOOPBACK)):
        await socket.connect(peer.getsockname()[1])
        port = socket.address().port
        socket.disconnect()
        assert socket.address().port == port
        arriving = messages(socket)
        await stranger.send(b"x", port, LOOPBACK)
        assert (await arriving)[0][0] == b"x"
        await socket.send(b"y", peer.getsockname()[1], LOOPBACK)
        assert peer.recvfrom(9) == (b"y", (LOOPBACK, port))
        with pytest.raises(StateError) as raised:
            socket.disconnect()
        assert raised.value.code == "ERR_SOCKET_DGRAM_NOT_CONNECTED"
        await socket.close()
    await stranger.close()
