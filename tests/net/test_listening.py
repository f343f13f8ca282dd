"""Server.listen: its forms and options, what it tells, and what it refuses."""

from __future__ import annotations

import asyncio
import os
import socket as python_sockets

import pytest

import netloop
from netloop import AbortController, net
from netloop.errors import StateError
from netloop.events import once

LOOPBACK = "127.0.0.1"


async def stop(server):
    server.close()
    await once(server, "close")


# --- forms ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("arguments", [(), (0,), ("0",), (None,), (0, LOOPBACK), (0, LOOPBACK, 5), (0, None, 5), (0, 5),
                                       (0, "localhost")], ids=str)
async def test_a_port_is_tcp(arguments):
    server = net.create_server()
    listening = asyncio.get_running_loop().create_future()
    assert server.listen(*arguments, lambda: listening.set_result(True)) is server
    await listening
    assert server.address().port > 0
    await stop(server)


async def test_without_a_host_it_listens_on_all_addresses_of_both_families(closed):
    server = await net.listen(0)
    assert server.address() == ("::", "IPv6", server.address().port)
    for host in (LOOPBACK, "::1"):
        client = await net.connect(server.address().port, host)
        assert client.remote_address == host
        await closed(client.end())
    await stop(server)


async def test_ipv6_only_leaves_ipv4_to_others():
    server = await net.listen(port=0, host="::", ipv6_only=True)
    with pytest.raises(ConnectionRefusedError):
        await net.connect(server.address().port, LOOPBACK)
    other = await net.listen(server.address().port, "0.0.0.0")
    await stop(other)
    await stop(server)


async def test_options_may_come_with_a_listener():
    server = net.create_server()
    listening = asyncio.get_running_loop().create_future()
    server.listen(lambda: listening.set_result(True), port=0, host=LOOPBACK, backlog=3, exclusive=True)
    await listening
    assert server.address().address == LOOPBACK
    await stop(server)


async def test_reuse_port_lets_several_servers_share_a_port():
    first = await net.listen(port=0, host=LOOPBACK, reuse_port=True)
    second = await net.listen(port=first.address().port, host=LOOPBACK, reuse_port=True)
    assert first.address() == second.address()
    await stop(first)
    await stop(second)


async def test_the_backlog_is_511_unless_told_otherwise(monkeypatch):
    asked = []

    class Spy(python_sockets.socket):
        def listen(self, backlog):
            asked.append(backlog)
            super().listen(backlog)

    monkeypatch.setattr(python_sockets, "socket", Spy)
    for backlog in (None, 7, 0):
        await stop(await net.listen(port=0, host=LOOPBACK, backlog=backlog))
    assert asked == [511, 7, 511]


# --- handles --------------------------------------------------------------------------------------------------

async def reached(server, client, closed):
    """Whether `client` talks to `server`."""
    (accepted,) = await once(server, "connection")
    accepted.end("here")
    received = b"".join([chunk async for chunk in await client])
    await closed(accepted)
    return received == b"here"


async def test_it_listens_on_a_bound_socket_and_owns_it(closed):
    bound = net.BoundSocket(host=LOOPBACK)
    address = bound.address()
    server = net.create_server().listen(bound)
    await server
    assert server.address() == address
    with pytest.raises(StateError) as raised:
        bound.address()
    assert raised.value.code == "ERR_SOCKET_HANDLE_ADOPTED"
    assert await reached(server, net.connect(address.port, LOOPBACK), closed)
    await stop(server)


async def test_it_removes_the_file_of_a_bound_socket(tmp_path, closed):
    server = await net.listen(handle=net.BoundSocket(path=tmp_path / "socket"))
    assert server.address() == str(tmp_path / "socket")
    assert await reached(server, net.connect(tmp_path / "socket"), closed)
    await stop(server)
    assert not (tmp_path / "socket").exists()


async def test_it_listens_on_a_python_socket_and_owns_it(closed):
    python_socket = python_sockets.create_server((LOOPBACK, 0))
    port = python_socket.getsockname()[1]
    server = net.create_server().listen(python_socket, 5)
    await server
    assert python_socket.fileno() == -1
    assert await reached(server, net.connect(port, LOOPBACK), closed)
    await stop(server)


@pytest.mark.parametrize("form", [lambda fd: {"fd": fd}, lambda fd: {"handle": fd}])
async def test_it_listens_on_a_descriptor_and_owns_it(form, closed):
    fd = python_sockets.create_server((LOOPBACK, 0)).detach()
    server = await net.listen(**form(fd))
    assert await reached(server, net.connect(server.address().port, LOOPBACK), closed)
    await stop(server)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


async def test_it_shares_the_socket_of_another_server(closed):
    first = await net.listen(0, LOOPBACK)
    second = net.create_server().listen(first)
    await second
    assert second.address() == first.address()
    await stop(first)
    assert await reached(second, net.connect(second.address().port, LOOPBACK), closed)
    await stop(second)


async def test_it_knows_the_path_of_a_unix_handle_and_leaves_its_file(tmp_path):
    python_socket = python_sockets.socket(python_sockets.AF_UNIX)
    python_socket.bind(str(tmp_path / "socket"))
    server = await net.listen(python_socket)
    assert server.address() == str(tmp_path / "socket")
    await stop(server)
    assert (tmp_path / "socket").is_socket()


@pytest.mark.parametrize(("make", "code"), [
    (lambda: 999_999, "EBADF"),
    (lambda: os.open("/dev/null", os.O_RDONLY), "ENOTSOCK"),
    (lambda: python_sockets.socket(type=python_sockets.SOCK_DGRAM), "ERR_INVALID_FD_TYPE"),
    (lambda: net.create_server(), "ERR_INVALID_ARG_VALUE"),
], ids=["closed", "no socket", "datagram socket", "server that does not listen"])
async def test_a_handle_that_cannot_listen_is_an_error_and_stays_its_owners(make, code):
    handle = make()
    server = net.create_server().listen(handle=handle)
    (error,) = await once(server, "error")
    assert error.code == code
    if isinstance(handle, python_sockets.socket):
        handle.close()
    elif isinstance(handle, int) and code == "ENOTSOCK":
        os.close(handle)


# --- what it tells --------------------------------------------------------------------------------------------

async def test_listening_comes_later_and_the_address_with_it(record):
    server = net.create_server()
    log = record(server, "listening")
    server.listen(0, LOOPBACK)
    assert log == []
    assert server.address() is None
    told = []
    server.on("listening", lambda: told.append(server.address()))
    await once(server, "listening")
    assert log == ["listening"]
    assert told == [server.address()]
    assert server.listening
    assert repr(server) == f"<Server on {LOOPBACK}:{server.address().port}, 0 connections>"
    await stop(server)
    assert server.address() is None
    assert not server.listening
    assert repr(server) == "<Server not listening, 0 connections>"


async def test_an_error_carries_where_and_is_not_followed_by_close(record):
    server = await net.listen(0, LOOPBACK)
    port = server.address().port
    other = net.create_server()
    log = record(other, "listening", "close")
    other.listen(port, LOOPBACK)
    (error,) = await once(other, "error")
    assert (error.code, error.syscall, error.address, error.port) == ("EADDRINUSE", "listen", LOOPBACK, port)
    await asyncio.sleep(0)
    assert log == []
    await stop(server)


async def test_listen_may_be_called_again_after_an_error():
    server = await net.listen(0, LOOPBACK)
    port = server.address().port
    other = net.create_server().listen(port, LOOPBACK)
    await once(other, "error")
    await stop(server)
    await other.listen(port, LOOPBACK)
    await stop(other)


async def test_listen_may_be_called_again_after_close():
    server = net.create_server()
    for _ in range(3):
        await server.listen(0, LOOPBACK)
        await stop(server)


async def test_close_and_listen_in_one_breath_listens(record):
    """What the Node documentation does to try again after EADDRINUSE."""
    server = net.create_server()
    server.close()
    await server.listen(0, LOOPBACK)
    assert server.listening
    await stop(server)


async def test_listen_twice_raises():
    server = net.create_server().listen(0, LOOPBACK)
    for _ in range(2):
        with pytest.raises(StateError) as raised:
            server.listen(0, LOOPBACK)
        assert raised.value.code == "ERR_SERVER_ALREADY_LISTEN"
        await server
    await stop(server)


@pytest.mark.parametrize("host", [LOOPBACK, "localhost", "no.such.name.invalid"])
async def test_close_right_after_listen_is_silent(host, record):
    server = net.create_server()
    log = record(server, "listening", "error", "close")
    server.listen(0, host)
    server.close()
    await once(server, "close")
    for _ in range(20):
        await asyncio.sleep(0)
    assert log == ["close"]


async def test_a_host_that_does_not_resolve_is_an_error():
    with pytest.raises(OSError, match=r"no\.such\.name\.invalid") as raised:
        await net.listen(0, "no.such.name.invalid")
    assert raised.value.code in ("ENOTFOUND", "EAI_AGAIN")


async def test_an_address_that_is_not_ours_is_an_error():
    with pytest.raises(OSError, match="EADDRNOTAVAIL") as raised:
        await net.listen(0, "192.0.2.1")
    assert (raised.value.code, raised.value.address) == ("EADDRNOTAVAIL", "192.0.2.1")


async def test_an_unknown_zone_is_an_error():
    with pytest.raises(OSError, match="EINVAL"):
        await net.listen(0, "fe80::1%nozone")


async def test_what_a_listening_listener_raises_is_reported_and_the_server_listens(unhandled):
    trouble = ValueError("in a listener")
    server = net.create_server()

    def fail():
        raise trouble

    server.on("listening", fail)
    await server.listen(0, LOOPBACK)
    assert unhandled == [trouble]
    assert server.listening
    await stop(server)


# --- signal ---------------------------------------------------------------------------------------------------

async def test_a_signal_closes_the_server(record):
    controller = AbortController()
    server = await net.listen(port=0, host=LOOPBACK, signal=controller.signal)
    log = record(server, "error", "close")
    controller.abort()
    assert not server.listening
    await once(server, "close")
    assert log == ["close"]


async def test_a_signal_that_was_aborted_before_keeps_it_from_listening(record):
    server = net.create_server()
    log = record(server, "listening", "error", "close")
    server.listen(port=0, host=LOOPBACK, signal=netloop.AbortSignal.abort())
    assert not server.listening
    await once(server, "close")
    assert log == ["close"]


async def test_the_signal_is_left_alone_after_close_and_after_an_error():
    controller = AbortController()
    server = await net.listen(port=0, host=LOOPBACK, signal=controller.signal)
    other = net.create_server().listen(port=server.address().port, host=LOOPBACK, signal=controller.signal)
    await once(other, "error")
    await stop(server)
    await server.listen(0, LOOPBACK)
    await other.listen(0, LOOPBACK)
    controller.abort()
    assert server.listening
    assert other.listening
    await stop(server)
    await stop(other)


# --- wrong arguments ------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("arguments", "options", "code"), [
    ((-1,), {}, "ERR_SOCKET_BAD_PORT"),
    ((65536,), {}, "ERR_SOCKET_BAD_PORT"),
    ((80.5,), {}, "ERR_SOCKET_BAD_PORT"),
    (("70000",), {}, "ERR_SOCKET_BAD_PORT"),
    ((True,), {}, "ERR_INVALID_ARG_TYPE"),
    (({},), {}, "ERR_INVALID_ARG_TYPE"),
    ((object(),), {}, "ERR_INVALID_ARG_TYPE"),
    ((0, 5.5), {}, "ERR_INVALID_ARG_TYPE"),
    ((0, LOOPBACK, "5"), {}, "ERR_INVALID_ARG_TYPE"),
    ((0, LOOPBACK, -1), {}, "ERR_OUT_OF_RANGE"),
    ((), {"backlog": True}, "ERR_INVALID_ARG_TYPE"),
    ((), {"fd": -1}, "ERR_OUT_OF_RANGE"),
    ((), {"fd": "1"}, "ERR_INVALID_ARG_TYPE"),
    ((), {"handle": True}, "ERR_INVALID_ARG_TYPE"),
    ((), {"ipv6_only": 1}, "ERR_INVALID_ARG_TYPE"),
    ((), {"reuse_port": "yes"}, "ERR_INVALID_ARG_TYPE"),
    ((), {"exclusive": 0}, "ERR_INVALID_ARG_TYPE"),
    ((), {"readable_all": None}, "ERR_INVALID_ARG_TYPE"),
    ((), {"writable_all": 1}, "ERR_INVALID_ARG_TYPE"),
    ((), {"signal": "stop"}, "ERR_INVALID_ARG_TYPE"),
    (("",), {}, "ERR_INVALID_ARG_VALUE"),
    (("p" * 108,), {}, "ERR_INVALID_ARG_VALUE"),
], ids=str)
def test_wrong_arguments_raise_at_once_and_the_server_can_still_listen(arguments, options, code):
    server = net.create_server()
    with pytest.raises((TypeError, ValueError)) as raised:
        server.listen(*arguments, **options)
    assert raised.value.code == code
    assert server.event_names() == []
    server.listen(0)
    server.close()


@pytest.mark.parametrize("call", [
    lambda server: server.listen(0, LOOPBACK, 5, 6),
    lambda server: server.listen("path", 5, 6),
    lambda server: server.listen(0, port=0),
    lambda server: server.listen(colour="red"),
    lambda server: net.create_server(colour="red"),
])
def test_what_python_would_not_take_is_a_type_error(call):
    with pytest.raises(TypeError):
        call(net.create_server())


# --- the function ---------------------------------------------------------------------------------------------

async def test_net_listen_takes_options_of_the_server_and_of_listen_and_a_listener(record, closed):
    accepted = asyncio.get_running_loop().create_future()
    server = await net.listen(accepted.set_result, port=0, host=LOOPBACK, backlog=5, pause_on_connect=True)
    client = await net.connect(server.address().port, LOOPBACK)
    assert (await accepted).is_paused()
    server.close()
    (await accepted).resume()
    await closed(client.end())


async def test_cancelling_net_listen_closes_the_server():
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await net.listen(0, "localhost")


async def test_net_listen_with_an_aborted_signal_is_an_abort_error():
    with pytest.raises(netloop.errors.AbortError) as raised:
        await net.listen(0, LOOPBACK, signal=netloop.AbortSignal.abort("enough"))
    assert raised.value.cause == "enough"


# --- keeping the loop alive -----------------------------------------------------------------------------------

@pytest.mark.parametrize("host", [LOOPBACK, "localhost"])
def test_listening_keeps_the_loop_alive_from_the_call_on(host):
    told = []

    def main():
        server = net.create_server().listen(0, host)
        assert "Listen" in [handle.kind for handle in netloop.active_handles()]
        server.on("listening", lambda: told.append([handle.kind for handle in netloop.active_handles()]))
        server.on("listening", server.close)

    netloop.run(main)
    assert told == [["Server"]]


def test_an_error_is_told_although_nothing_else_is_open():
    def main():
        net.create_server().listen(0, "192.0.2.1")

    with pytest.raises(OSError, match="EADDRNOTAVAIL"):
        netloop.run(main)


def test_a_server_that_was_made_for_another_loop_listens_in_this_one():
    server = net.create_server()

    async def listen():
        await server.listen(0, LOOPBACK)
        await stop(server)

    netloop.run(listen)
    asyncio.run(listen())
    netloop.run(listen)
