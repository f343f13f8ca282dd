"""Server: connections, limits, closing, counting, and what it gives asyncio."""

from __future__ import annotations

import asyncio
import socket as python_sockets

import pytest

import netloop
from netloop import net
from netloop.errors import StateError
from netloop.events import once

LOOPBACK = "127.0.0.1"


async def stop(server):
    server.close()
    await once(server, "close")


def option(socket, level, name):
    with python_sockets.socket(fileno=socket.fileno()) as borrowed:
        try:
            return borrowed.getsockopt(level, name)
        finally:
            borrowed.detach()


# --- accepted sockets -----------------------------------------------------------------------------------------

async def test_an_accepted_socket_knows_its_server_and_both_addresses(pair, closed):
    client, accepted = await pair()
    assert isinstance(accepted.server, net.Server)
    assert client.server is None
    assert accepted.address() == (accepted.local_address, accepted.local_family, accepted.local_port)
    assert (accepted.local_address, accepted.local_family) == (LOOPBACK, "IPv4")
    assert accepted.remote_address == client.local_address
    assert accepted.remote_port == client.local_port
    assert accepted.remote_family == "IPv4"
    assert not accepted.connecting
    assert not accepted.pending
    client.end()
    await closed(client)


async def test_options_of_the_server_are_those_of_its_sockets(pair, closed):
    client, accepted = await pair(server={
        "no_delay": True, "keep_alive": True, "keep_alive_initial_delay": 9000, "high_water_mark": 100,
        "allow_half_open": True})
    assert option(accepted, python_sockets.IPPROTO_TCP, python_sockets.TCP_NODELAY)
    assert option(accepted, python_sockets.SOL_SOCKET, python_sockets.SO_KEEPALIVE)
    assert option(accepted, python_sockets.IPPROTO_TCP, python_sockets.TCP_KEEPIDLE) == 9
    assert option(accepted, python_sockets.IPPROTO_TCP, python_sockets.TCP_KEEPINTVL) == 1
    assert option(accepted, python_sockets.IPPROTO_TCP, python_sockets.TCP_KEEPCNT) == 10
    assert accepted.readable_high_water_mark == accepted.writable_high_water_mark == 100
    assert accepted.allow_half_open
    client.end()
    accepted.end()
    await closed(client)


async def test_tcp_options_do_no_harm_on_a_unix_socket(pair, tmp_path, closed):
    client, accepted = await pair(path=tmp_path / "socket", server={"no_delay": True, "keep_alive": True},
                                  no_delay=True, keep_alive=True, type_of_service=8)
    assert client.get_type_of_service() == 0
    client.set_no_delay().set_keep_alive(True, 1000).set_type_of_service(4)
    client.end("x")
    assert await once(accepted, "data") == [b"x"]
    await closed(client)


async def test_pause_on_connect_reads_nothing_until_resume(pair, closed):
    client, accepted = await pair(server={"pause_on_connect": True})
    client.end("hello")
    await once(client, "finish")
    for _ in range(20):
        await asyncio.sleep(0)
    assert accepted.bytes_read == 0
    assert accepted.is_paused()
    accepted.resume()
    assert await once(accepted, "data") == [b"hello"]
    await closed(client)


async def test_pause_in_the_connection_listener_sticks(closed):
    server = await net.listen(0, LOOPBACK, lambda socket: socket.pause())
    client = net.connect(server.address().port, LOOPBACK)
    client.end("hello")
    (accepted,) = await once(server, "connection")
    got = []
    accepted.on("data", got.append)
    for _ in range(20):
        await asyncio.sleep(0)
    assert got == []
    await closed(accepted)
    assert got == [b"hello"]
    await closed(client)
    await stop(server)


async def test_a_connection_listener_that_raises_loses_no_connection(unhandled, closed):
    trouble = ValueError("in a listener")
    server = await net.listen(0, LOOPBACK)
    accepted = []

    def fail(socket):
        accepted.append(socket)
        raise trouble

    server.on("connection", fail)
    clients = [await net.connect(server.address().port, LOOPBACK) for _ in range(3)]
    while len(accepted) < 3:
        await asyncio.sleep(0)
    assert unhandled == [trouble] * 3
    for socket in (*clients, *accepted):
        await closed(socket.destroy())
    await stop(server)


async def test_a_connection_listener_may_be_a_coroutine_function(closed):
    async def greet(socket):
        await asyncio.sleep(0)
        socket.end("hello")

    server = await net.listen(0, LOOPBACK, greet)
    client = await net.connect(server.address().port, LOOPBACK)
    assert b"".join([chunk async for chunk in client]) == b"hello"
    await closed(client)
    await stop(server)


async def test_without_a_connection_listener_a_connection_ends_with_its_peer(closed):
    server = await net.listen(0, LOOPBACK)
    client = await net.connect(server.address().port, LOOPBACK)
    await closed(client.end())
    await stop(server)


async def test_a_blocked_peer_is_closed_without_an_event(record, closed):
    blocked = net.BlockList()
    blocked.add_address(LOOPBACK)
    server = net.create_server(block_list=blocked)
    log = record(server, "connection", "drop")
    await server.listen(0)      # IPv4 peers arrive as ::ffff:127.0.0.1, which the rule covers too
    client = await net.connect(server.address().port, LOOPBACK)
    await closed(client)
    assert log == []
    allowed = await net.connect(server.address().port, "::1")
    await closed(allowed.end())
    assert [name for name, _ in log] == ["connection"]
    await stop(server)


# --- limits ---------------------------------------------------------------------------------------------------

async def test_a_connection_too_many_is_dropped_with_both_addresses(record, closed):
    server = await net.listen(0, LOOPBACK)
    server.max_connections = 1
    log = record(server, "drop")
    first = await net.connect(server.address().port, LOOPBACK)
    dropped = net.connect(server.address().port, LOOPBACK)
    events = record(dropped, "connect", "end", "close")
    await closed(dropped)
    assert events == ["connect", "end", ("close", False)]
    ((_, info),) = log
    assert info == (LOOPBACK, server.address().port, "IPv4", LOOPBACK, info.remote_port, "IPv4")
    assert info._fields == ("local_address", "local_port", "local_family", "remote_address", "remote_port",
                            "remote_family")
    await closed(first.end())
    second = await net.connect(server.address().port, LOOPBACK)
    await closed(second.end())
    assert len(log) == 1
    await stop(server)


async def test_a_limit_of_zero_drops_every_connection(record, closed):
    server = await net.listen(0, LOOPBACK)
    server.max_connections = 0
    log = record(server, "connection", "drop")
    await closed(await net.connect(server.address().port, LOOPBACK))
    assert [name for name, _ in log] == ["drop"]
    server.max_connections = None
    client = await net.connect(server.address().port, LOOPBACK)
    await closed(client.end())
    assert [name for name, _ in log] == ["drop", "connection"]
    await stop(server)


async def test_a_drop_on_a_unix_socket_tells_nothing(tmp_path, record, closed):
    server = await net.listen(tmp_path / "socket")
    server.max_connections = 0
    log = record(server, "drop")
    await closed(await net.connect(tmp_path / "socket"))
    assert log == [("drop", None)]
    await stop(server)


@pytest.mark.parametrize(("value", "code"), [("5", "ERR_INVALID_ARG_TYPE"), (True, "ERR_INVALID_ARG_TYPE"),
                                             (1.5, "ERR_INVALID_ARG_TYPE"), (-1, "ERR_OUT_OF_RANGE")])
def test_a_limit_is_a_number_of_connections(value, code):
    server = net.create_server()
    with pytest.raises((TypeError, ValueError)) as raised:
        server.max_connections = value
    assert raised.value.code == code
    assert server.max_connections is None


@pytest.mark.parametrize(("arguments", "options", "code"), [
    (("listener",), {}, "ERR_INVALID_ARG_TYPE"),
    ((), {"high_water_mark": -1}, "ERR_INVALID_ARG_VALUE"),
    ((), {"high_water_mark": "much"}, "ERR_INVALID_ARG_VALUE"),
    ((), {"block_list": "everybody"}, "ERR_INVALID_ARG_TYPE"),
    ((), {"keep_alive": True, "keep_alive_initial_delay": "1 s"}, "ERR_INVALID_ARG_TYPE"),
    ((), {"keep_alive": True, "keep_alive_initial_delay": -1}, "ERR_OUT_OF_RANGE"),
])
def test_wrong_options_raise_at_once(arguments, options, code):
    with pytest.raises((TypeError, ValueError)) as raised:
        net.create_server(*arguments, **options)
    assert raised.value.code == code


# --- closing --------------------------------------------------------------------------------------------------

async def test_close_waits_for_the_connections(record, closed):
    server = await net.listen(0, LOOPBACK)
    port = server.address().port
    log = record(server, "close")
    client = await net.connect(port, LOOPBACK)
    while await server.get_connections() == 0:
        await asyncio.sleep(0)
    assert server.close(lambda *arguments: log.append(("callback", *arguments))) is server
    assert server.closing
    with pytest.raises(ConnectionRefusedError):
        await net.connect(port, LOOPBACK)
    assert log == []
    await closed(client.end())
    await server
    assert log == ["close", ("callback",)]
    assert not server.closing


async def test_close_of_a_server_that_is_not_open_calls_back_with_an_error(record):
    server = net.create_server()
    errors = []
    server.close(errors.append)
    await once(server, "close")
    assert [error.code for error in errors] == ["ERR_SERVER_NOT_RUNNING"]
    await server.listen(0, LOOPBACK)
    server.close(lambda: errors.append("closed"))
    server.close(errors.append)
    await once(server, "close")
    assert errors[1] == "closed"
    assert errors[2].code == "ERR_SERVER_NOT_RUNNING"


def test_close_wants_a_function():
    with pytest.raises(TypeError) as raised:
        net.create_server().close("now")
    assert raised.value.code == "ERR_INVALID_ARG_TYPE"


async def test_close_in_the_connection_listener_accepts_no_more(record, closed):
    """What waits in the kernel's backlog goes with the listening socket."""
    server = await net.listen(0, LOOPBACK)
    log = record(server, "connection", "close")
    server.once("connection", lambda socket: server.close())
    clients = [python_sockets.create_connection((LOOPBACK, server.address().port)) for _ in range(3)]
    (accepted,) = await once(server, "connection")
    clients[0].close()
    await closed(accepted)
    await server
    assert log == [("connection", accepted), "close"]
    for client in clients[1:]:
        with pytest.raises(ConnectionResetError):
            client.recv(1)
        client.close()


# --- counting -------------------------------------------------------------------------------------------------

async def test_get_connections_calls_back_later_or_is_awaited(closed):
    server = await net.listen(0, LOOPBACK)
    clients = [await net.connect(server.address().port, LOOPBACK) for _ in range(3)]
    while await server.get_connections() < 3:
        await asyncio.sleep(0)
    counted = asyncio.get_running_loop().create_future()
    assert server.get_connections(lambda error, count: counted.set_result((error, count))) is server
    assert not counted.done()
    assert await counted == (None, 3)
    assert repr(server).endswith(", 3 connections>")
    for client in clients:
        await closed(client.end())
    while await server.get_connections():
        await asyncio.sleep(0)
    await stop(server)


def test_get_connections_wants_a_function():
    with pytest.raises(TypeError) as raised:
        net.create_server().get_connections("now")
    assert raised.value.code == "ERR_INVALID_ARG_TYPE"


def test_connections_is_deprecated():
    with pytest.warns(DeprecationWarning, match="get_connections"):
        assert net.create_server().connections == 0


# --- keeping the loop alive -----------------------------------------------------------------------------------

def test_a_server_keeps_the_loop_alive_until_unref(record):
    closed = []

    def main():
        server = net.create_server().listen(0, LOOPBACK)
        server.on("listening", lambda: netloop.set_immediate(server.unref))
        server.on("close", lambda: closed.append(True))
        assert server.ref() is server

    netloop.run(main)
    assert closed == [True], "what is open when the loop ends is closed with its events"


def test_unref_before_listen_holds_afterwards_and_it_goes_on_accepting():
    got = []

    async def main():
        server = net.create_server(lambda socket: socket.end("hello")).unref()
        await server.listen(0, LOOPBACK)
        assert [handle for handle in netloop.active_handles() if handle.kind == "Server"] == []
        client = await net.connect(server.address().port, LOOPBACK)
        client.on("data", got.append)

    netloop.run(main)
    assert got == [b"hello"]


def test_active_handles_tell_what_is_open_and_where_it_was_made():
    def main():
        server = net.create_server().listen(0, LOOPBACK)

        def look():
            (found,) = netloop.active_handles()
            assert found.kind == "Server"
            assert found.description == repr(server)
            assert "test_server.py:" in found.origin
            assert str(found) == f"{server!r}, made at {found.origin}"
            server.close()

        server.on("listening", look)

    netloop.run(main)


# --- asyncio --------------------------------------------------------------------------------------------------

async def test_async_with_closes_and_waits_for_the_connections(closed):
    async with net.create_server().listen(0, LOOPBACK) as server:
        assert server.listening
        client = await net.connect(server.address().port, LOOPBACK)
        client.end()
        await closed(client)
    assert not server.listening
    assert await server.get_connections() == 0


async def test_async_with_does_not_wait_when_its_body_fails(closed):
    client = None
    with pytest.raises(ValueError, match="in the body"):
        async with net.create_server().listen(0, LOOPBACK) as server:
            client = await net.connect(server.address().port, LOOPBACK)
            while not await server.get_connections():
                await asyncio.sleep(0)
            raise ValueError("in the body")
    assert server.closing
    await closed(client.end())
    await server


async def test_async_with_raises_what_prevented_listening():
    async with net.create_server().listen(0, LOOPBACK) as server:
        with pytest.raises(OSError, match="EADDRINUSE"):
            async with net.create_server().listen(server.address().port, LOOPBACK):
                raise AssertionError("the body must not run")


async def test_awaiting_a_server_that_is_closed_meanwhile_is_an_error():
    server = net.create_server().listen(0, "localhost")

    async def wait():
        await server

    waiting = asyncio.ensure_future(wait())
    await asyncio.sleep(0)
    server.close()
    with pytest.raises(StateError) as raised:
        await waiting
    assert raised.value.code == "ERR_SERVER_NOT_RUNNING"


async def test_cancelling_an_await_leaves_no_listener_behind():
    server = net.create_server().listen(0, "localhost")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await server
    assert not server.listening
    assert server.event_names() == []


async def test_async_for_gives_the_connections_until_close(closed):
    server = await net.listen(0, LOOPBACK)
    clients = [net.connect(server.address().port, LOOPBACK) for _ in range(3)]
    seen = []
    async for socket in server:
        seen.append(socket)
        socket.end()
        if len(seen) == 3:
            server.close()
            for client in clients:
                await closed(client)
    assert [socket.server for socket in seen] == [server] * 3
    assert server.event_names() == []


async def test_async_for_raises_an_error_of_the_server():
    server = await net.listen(0, LOOPBACK)
    other = net.create_server().listen(server.address().port, LOOPBACK)
    with pytest.raises(OSError, match="EADDRINUSE"):
        async for _ in other:
            raise AssertionError("there are no connections")
    assert other.event_names() == []
    await stop(server)


async def test_async_for_over_a_closed_server_ends_at_once():
    async for _ in net.create_server():
        raise AssertionError("there are no connections")


async def test_leaving_async_for_destroys_the_connections_that_were_waiting(closed):
    server = await net.listen(0, LOOPBACK)
    iterator = aiter(server)
    clients = [net.connect(server.address().port, LOOPBACK) for _ in range(3)]
    first = await anext(iterator)
    while await server.get_connections() < 3:
        await asyncio.sleep(0)
    await iterator.aclose()
    assert not first.destroyed
    assert server.event_names() == []
    (its_client,) = [client for client in clients if client.local_port == first.remote_port]
    for client in clients:
        if client is not its_client:
            await closed(client)
    first.end()
    await closed(its_client)
    await stop(server)


async def test_a_cancelled_step_of_async_for_leaves_the_server_as_it_is():
    server = await net.listen(0, LOOPBACK)
    step = asyncio.ensure_future(anext(aiter(server)))
    await asyncio.sleep(0)
    step.cancel()
    await asyncio.wait([step])
    assert step.cancelled()
    assert server.event_names() == []
    assert server.listening
    await stop(server)
