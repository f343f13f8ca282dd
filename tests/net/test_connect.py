"""connect(): its forms and options, its events, and how it fails."""

from __future__ import annotations

import asyncio
import errno
import socket as python_sockets
from datetime import timedelta
from pathlib import Path
from weakref import ref

import pytest

import netloop
from netloop import AbortController, net
from netloop.events import once

LOOPBACK = "127.0.0.1"


async def listening(*args, **options):
    return await net.listen(*args, **options)


# --- forms ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("form", [
    lambda port, done: net.connect(port, done),
    lambda port, done: net.connect(str(port), done),
    lambda port, done: net.connect(port, LOOPBACK, done),
    lambda port, done: net.connect(done, port=port),
    lambda port, done: net.connect(done, port=port, host=LOOPBACK),
    lambda port, done: net.connect(port, LOOPBACK).on("connect", done),
    lambda port, done: net.create_connection(port, LOOPBACK, done),
    lambda port, done: net.Socket().connect(port, done),
    lambda port, done: net.Socket().connect(done, port=port, host=LOOPBACK),
], ids=["port", "port as text", "port, host", "options", "options with host", "event", "create_connection",
        "Socket.connect", "Socket.connect with options"])
async def test_every_form_connects_and_calls_the_listener(form, closed):
    server = await listening(0, LOOPBACK)
    called = asyncio.get_running_loop().create_future()
    client = form(server.address().port, lambda: called.set_result(True))
    assert client.connecting
    await called
    assert client.remote_port == server.address().port
    server.close()
    await closed(client.end())


@pytest.mark.parametrize("make", [str, Path, lambda path: str(path).encode()])
async def test_a_path_is_a_unix_socket(make, tmp_path, closed):
    server = await listening(tmp_path / "socket")
    client = await net.connect(make(tmp_path / "socket"))
    server.close()
    await closed(client.end())


async def test_the_path_is_ignored_when_there_is_a_port(tmp_path, closed):
    server = await listening(0, LOOPBACK)
    client = await net.connect(port=server.address().port, path=tmp_path / "nothing here", host=LOOPBACK)
    assert client.remote_family == "IPv4"
    server.close()
    await closed(client.end())


async def test_the_listener_is_called_once_for_all_lives_of_the_socket(closed):
    server = await listening(0, LOOPBACK)
    connected = []
    client = net.connect(server.address().port, LOOPBACK, lambda: connected.append("first")).resume()
    await closed(client.end())
    client.connect(server.address().port, LOOPBACK).resume()
    await closed(client.end())
    assert connected == ["first"]
    server.close()


@pytest.mark.parametrize(("call", "code"), [
    (lambda: net.connect(), "ERR_MISSING_ARGS"),
    (lambda: net.connect(None), "ERR_MISSING_ARGS"),
    (lambda: net.connect(host="localhost"), "ERR_MISSING_ARGS"),
    (lambda: net.connect(-1), "ERR_SOCKET_BAD_PORT"),
    (lambda: net.connect(65536), "ERR_SOCKET_BAD_PORT"),
    (lambda: net.connect(80.5), "ERR_SOCKET_BAD_PORT"),
    (lambda: net.connect("70000"), "ERR_SOCKET_BAD_PORT"),
    (lambda: net.connect(True), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.connect([]), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.connect({"port": 80}), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.connect(80, 5), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.connect(80, family=5), "ERR_INVALID_ARG_VALUE"),
    (lambda: net.connect(80, family="IPv4"), "ERR_INVALID_ARG_VALUE"),
    (lambda: net.connect(80, hints="all"), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.connect(80, local_address="here"), "ERR_INVALID_IP_ADDRESS"),
    (lambda: net.connect(80, local_address=1), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.connect(80, local_port=70000), "ERR_SOCKET_BAD_PORT"),
    (lambda: net.connect(80, lookup="dns"), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.connect(80, auto_select_family=1), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.connect(80, auto_select_family_attempt_timeout="1 s"), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.connect(80, auto_select_family_attempt_timeout=-1), "ERR_OUT_OF_RANGE"),
    (lambda: net.connect(80, timeout=-1), "ERR_OUT_OF_RANGE"),
    (lambda: net.connect(80, timeout="1 s"), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.connect(80, onread={"buffer": bytearray(1)}), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.connect(80, onread={"buffer": b"constant", "callback": print}), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.connect(80, onread={"buffer": bytearray(), "callback": print}), "ERR_INVALID_ARG_VALUE"),
    (lambda: net.connect(80, onread={"buffer": bytearray(1), "callback": 1}), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.connect(80, block_list=["::1"]), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.connect(80, type_of_service=256), "ERR_OUT_OF_RANGE"),
    (lambda: net.connect(80, type_of_service="low"), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.connect(80, keep_alive=True, keep_alive_initial_delay="1 s"), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.connect(80, high_water_mark=-1), "ERR_INVALID_ARG_VALUE"),
    (lambda: net.connect(80, signal="stop"), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.connect(""), "ERR_INVALID_ARG_VALUE"),
    (lambda: net.connect(b"a\0b"), "ERR_INVALID_ARG_VALUE"),
    (lambda: net.connect("p" * 108), "ERR_INVALID_ARG_VALUE"),
    (lambda: net.connect("\0" + "p" * 108), "ERR_INVALID_ARG_VALUE"),
    (lambda: net.set_default_auto_select_family("yes"), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.set_default_auto_select_family_attempt_timeout("1 s"), "ERR_INVALID_ARG_TYPE"),
])
def test_wrong_arguments_raise_at_once(call, code):
    with pytest.raises((TypeError, ValueError)) as raised:
        call()
    assert raised.value.code == code
    assert netloop.active_handles() == []


@pytest.mark.parametrize("call", [
    lambda: net.connect(80, colour="red"),
    lambda: net.connect(80, "localhost", "another", print),
    lambda: net.connect("path", "localhost"),
    lambda: net.connect(80, port=80),
    lambda: net.Socket(colour="red"),
    lambda: net.Socket().connect(80, timeout=5),
])
def test_what_python_would_not_take_is_a_type_error(call):
    with pytest.raises(TypeError):
        call()
    assert netloop.active_handles() == []


# --- events and state -----------------------------------------------------------------------------------------

async def test_connect_is_followed_at_once_by_ready_and_accepted_sockets_emit_neither(record, closed):
    server = await listening(0, LOOPBACK)
    log = []
    server.on("connection", lambda socket: record(socket, "connect", "ready", "lookup", log=log).append(socket.end()))
    client = net.connect(server.address().port, LOOPBACK).resume()
    events = record(client, "lookup", "connection_attempt", "connect", "ready", "finish", "end", "close")
    await closed(client)
    assert events == [("connection_attempt", LOOPBACK, server.address().port, 4), "connect", "ready", "end", "finish",
                      ("close", False)]
    assert [entry for entry in log if isinstance(entry, str)] == []
    server.close()


async def test_lookup_tells_each_address_of_a_name_and_none_of_an_address(record, closed):
    server = await listening(0)
    by_name = net.connect(server.address().port, "localhost").resume()
    told = record(by_name, "lookup")
    await closed(by_name.end())
    assert told
    assert {entry[3] for entry in told} <= {4, 6}
    assert {entry[4] for entry in told} == {"localhost"}
    assert {entry[1] for entry in told} == {None}
    by_address = net.connect(server.address().port, LOOPBACK).resume()
    told = record(by_address, "lookup")
    await closed(by_address.end())
    assert told == []
    server.close()


async def test_an_error_is_followed_by_close_with_true(refused_port, record):
    client = net.connect(refused_port, LOOPBACK)
    events = record(client, "connect", "close")
    (error,) = await once(client, "error")
    assert isinstance(error, ConnectionRefusedError)
    assert (error.code, error.errno, error.syscall, error.address, error.port) == (
        "ECONNREFUSED", errno.ECONNREFUSED, "connect", LOOPBACK, refused_port)
    assert str(error) == f"[Errno 111] connect ECONNREFUSED {LOOPBACK}:{refused_port} (Connection refused)"
    assert client.closed
    assert events == [("close", True)]
    assert client.destroyed
    assert client.errored is error


async def test_nothing_happens_before_the_caller_has_returned(record, closed):
    server = await listening(0, LOOPBACK)
    client = net.connect(server.address().port, LOOPBACK)
    events = record(client.resume(), "connection_attempt", "connect")
    assert client.connecting
    assert client.pending
    assert client.ready_state == "opening"
    assert client.auto_select_family_attempted_addresses == []
    assert repr(client) == f"<Socket connecting to {LOOPBACK}:{server.address().port}>"
    await client
    assert events[-1] == "connect"
    assert not client.connecting
    assert not client.pending
    assert client.ready_state == "open"
    await closed(client.end())
    server.close()


async def test_a_name_that_does_not_resolve_is_an_error_with_the_name(record):
    client = net.connect(80, "no.such.name.invalid")
    told = record(client, "lookup")
    (error,) = await once(client, "error")
    assert isinstance(error, OSError)
    assert error.code in ("ENOTFOUND", "EAI_AGAIN")
    assert error.hostname == "no.such.name.invalid"
    assert error.syscall == "getaddrinfo"
    assert told == [("lookup", error, None, None, "no.such.name.invalid")]
    assert client.closed


async def test_a_host_that_is_no_name_is_an_error():
    client = net.connect(80, "a" * 64 + ".example")
    (error,) = await once(client, "error")
    assert error.code == "ENOTFOUND"


async def test_a_missing_path_is_an_error_with_the_path(tmp_path):
    with pytest.raises(FileNotFoundError) as raised:
        await net.connect(tmp_path / "nothing")
    assert (raised.value.code, raised.value.address, raised.value.port) == ("ENOENT", str(tmp_path / "nothing"), None)


async def test_a_path_that_is_no_socket_is_refused(tmp_path):
    (tmp_path / "file").write_text("no socket")
    with pytest.raises(ConnectionRefusedError):
        await net.connect(tmp_path / "file")


async def test_an_unknown_zone_is_an_error():
    with pytest.raises(OSError, match="EINVAL") as raised:
        await net.connect(80, "fe80::1%nozone")
    assert raised.value.code == "EINVAL"


# --- writes before it -----------------------------------------------------------------------------------------

async def test_what_is_written_before_the_connection_arrives_in_order(pair, closed):
    server = await listening(0, LOOPBACK)
    client = net.connect(server.address().port, LOOPBACK)
    written = []
    assert client.write("one ", lambda error: written.append(("one", error)))
    assert client.write(b"two ", lambda error: written.append(("two", error)))
    client.end(b"three", lambda error: written.append(("end", error)))
    assert client.bytes_written == 13
    (accepted,) = await once(server, "connection")
    assert b"".join([chunk async for chunk in accepted]) == b"one two three"
    await closed(client)
    assert written == [("one", None), ("two", None), ("end", None)]
    assert client.bytes_written == 13
    server.close()


async def test_callbacks_of_early_writes_come_after_close_when_the_connection_fails(refused_port, record, code, closed):
    client = net.connect(refused_port, LOOPBACK)
    log = record(client, "close")
    client.on("error", lambda error: log.append(("error", code(error))))
    client.write("one", lambda error: log.append(("one", code(error))))
    client.write("two", lambda error: log.append(("two", code(error))))
    await closed(client)
    await asyncio.sleep(0)
    assert log == [("error", "ECONNREFUSED"), ("close", True), ("one", "ERR_SOCKET_CLOSED_BEFORE_CONNECTION"),
                   ("two", "ERR_SOCKET_CLOSED_BEFORE_CONNECTION")]


async def test_destroy_before_the_connection_refuses_early_writes(silent, code, closed):
    client = net.connect(silent().port, LOOPBACK)
    log = []
    client.write("one", lambda error: log.append(code(error)))
    client.write("two", lambda error: log.append(code(error)))
    client.end(lambda error: log.append(code(error)))
    assert client.destroy() is client
    await closed(client)
    await asyncio.sleep(0)
    assert log == ["ERR_SOCKET_CLOSED_BEFORE_CONNECTION"] * 3


async def test_a_write_to_a_socket_that_never_connected_is_an_error(code):
    socket = net.Socket()
    log = []
    assert socket.write("lost", lambda error: log.append(code(error))) is False
    (error,) = await once(socket, "error")
    assert error.code == "ERR_SOCKET_CLOSED"
    assert log == ["ERR_SOCKET_CLOSED"]
    assert socket.closed


# --- options --------------------------------------------------------------------------------------------------

async def test_local_address_and_port_are_where_it_connects_from(closed):
    server = await listening(0, LOOPBACK)
    reserved = net.BoundSocket(host="127.0.0.3")
    port = reserved.address().port
    reserved.close()
    client = net.connect(server.address().port, LOOPBACK, local_address="127.0.0.3", local_port=port)
    (accepted,) = await once(server, "connection")
    assert (accepted.remote_address, accepted.remote_port) == ("127.0.0.3", port)
    await client
    assert (client.local_address, client.local_port) == ("127.0.0.3", port)
    await closed(client.end())
    server.close()


@pytest.mark.parametrize(("local_address", "code"), [("192.0.2.1", "EADDRNOTAVAIL"), ("::1", "EINVAL")])
async def test_a_local_address_that_cannot_be_used_is_an_error(local_address, code):
    client = net.connect(80, LOOPBACK, local_address=local_address, local_port=0)
    (error,) = await once(client, "error")
    assert (error.code, error.syscall, error.address) == (code, "bind", local_address)


async def test_family_chooses_among_the_addresses_of_a_name(closed):
    server = await listening(0, LOOPBACK)
    client = await net.connect(server.address().port, "localhost", family=4)
    assert client.remote_address == LOOPBACK
    server.close()
    await closed(client.end())


async def test_timeout_runs_while_connecting(silent, closed):
    client = net.connect(silent().port, LOOPBACK, timeout=timedelta(milliseconds=20))
    assert client.timeout == 20
    await once(client, "timeout")
    assert client.connecting
    client.destroy()
    await closed(client)


async def test_a_blocked_address_is_not_connected_to():
    blocked = net.BlockList()
    blocked.add_address(LOOPBACK)
    server = await listening(0, LOOPBACK)
    with pytest.raises(netloop.errors.StateError) as raised:
        await net.connect(server.address().port, LOOPBACK, block_list=blocked)
    assert raised.value.code == "ERR_IP_BLOCKED"
    server.close()


async def test_a_signal_destroys_the_socket_that_connects(silent):
    controller = AbortController()
    client = net.connect(silent().port, LOOPBACK, signal=controller.signal)
    controller.abort("enough")
    (error,) = await once(client, "error")
    assert (error.code, error.cause) == ("ABORT_ERR", "enough")
    assert client.closed


async def test_a_signal_that_was_aborted_before_keeps_it_from_connecting(record):
    server = await listening(0, LOOPBACK)
    accepted = record(server, "connection")
    client = net.connect(server.address().port, LOOPBACK, signal=netloop.AbortSignal.abort())
    events = record(client, "connection_attempt", "connect", "close")
    (error,) = await once(client, "error")
    assert error.code == "ABORT_ERR"
    assert client.closed
    assert events == [("close", True)]
    assert accepted == []
    server.close()


async def test_settings_made_before_are_those_of_the_connection(pair, closed):
    client, accepted = await pair(no_delay=True, keep_alive=True, keep_alive_initial_delay=7000, type_of_service=16,
                                  high_water_mark=10)
    with python_sockets.socket(fileno=client.fileno()) as borrowed:
        assert borrowed.getsockopt(python_sockets.IPPROTO_TCP, python_sockets.TCP_NODELAY)
        assert borrowed.getsockopt(python_sockets.SOL_SOCKET, python_sockets.SO_KEEPALIVE)
        assert borrowed.getsockopt(python_sockets.IPPROTO_TCP, python_sockets.TCP_KEEPIDLE) == 7
        assert borrowed.getsockopt(python_sockets.IPPROTO_IP, python_sockets.IP_TOS) == 16
        borrowed.detach()
    assert client.readable_high_water_mark == client.writable_high_water_mark == 10
    accepted.end()
    await closed(client)


# --- again ----------------------------------------------------------------------------------------------------

async def test_a_socket_connects_again_after_close(record, closed):
    server = await listening(0, LOOPBACK)
    server.on("connection", lambda socket: socket.end("hello"))
    client = net.Socket(no_delay=True).set_encoding("utf8")
    log = record(client, "data", "end", "close")
    for _ in range(3):
        client.connect(server.address().port, LOOPBACK)
        await closed(client)
        assert client.bytes_read == 5
    assert log == [("data", "hello"), "end", ("close", False)] * 3
    assert client.listener_count("end") == 2
    server.close()


async def test_a_client_socket_is_freed_without_the_garbage_collector(closed, without_garbage_collector):
    async def connect(port):
        client = net.connect(port, LOOPBACK).resume()
        await closed(client)
        return ref(client)

    server = await listening(0, LOOPBACK)
    server.on("connection", lambda socket: socket.end("hello"))
    client = await connect(server.address().port)
    await asyncio.sleep(0)
    assert client() is None
    server.close()


async def test_a_socket_that_connects_again_in_its_close_ends_with_its_peer(record, closed):
    server = await listening(0, LOOPBACK)
    server.on("connection", lambda socket: socket.end("hello"))
    client = net.connect(server.address().port, LOOPBACK).set_encoding("utf8")
    log = record(client, "data", "end", "close")
    client.once("close", lambda: client.connect(server.address().port, LOOPBACK))
    await closed(client)
    await closed(client)
    assert log == [("data", "hello"), "end", ("close", False)] * 2
    assert client.listener_count("end") == 2
    server.close()


async def test_a_socket_connects_after_it_failed(refused_port, closed):
    server = await listening(0, LOOPBACK)
    client = net.connect(refused_port, LOOPBACK).resume()
    await once(client, "error")
    assert client.closed
    client.connect(server.address().port, LOOPBACK).resume()
    await client
    await closed(client.end())
    assert client.errored is None
    server.close()


async def test_a_socket_that_is_connecting_connected_or_closing_cannot_connect(closed):
    server = await listening(0, LOOPBACK)
    port = server.address().port
    client = net.connect(port, LOOPBACK)
    for _ in range(2):
        with pytest.raises(netloop.errors.StateError) as raised:
            client.connect(port, LOOPBACK)
        assert raised.value.code == "ERR_SOCKET_ALREADY_CONNECTED"
        await client
    client.destroy()
    with pytest.raises(netloop.errors.StateError) as raised:
        client.connect(port, LOOPBACK)
    assert raised.value.code == "ERR_SOCKET_CLOSED"
    await closed(client.end())
    server.close()


def test_a_socket_of_a_loop_that_is_over_connects_in_the_next(closed):
    socket = net.Socket()

    async def connect_once():
        server = await listening(0, LOOPBACK)
        socket.connect(server.address().port, LOOPBACK).resume()
        await closed(socket.end())
        server.close()

    netloop.run(connect_once)
    asyncio.run(connect_once())


def test_a_socket_of_another_loop_cannot_connect():
    socket = net.Socket()

    async def connect():
        with pytest.raises(netloop.errors.StateError, match="another loop"):
            socket.connect(80)

    asyncio.run(connect())


# --- defaults -------------------------------------------------------------------------------------------------

def test_the_defaults_can_be_changed():
    assert net.get_default_auto_select_family() is True
    assert net.get_default_auto_select_family_attempt_timeout() == 500
    try:
        net.set_default_auto_select_family(False)
        net.set_default_auto_select_family_attempt_timeout(timedelta(seconds=1))
        assert net.get_default_auto_select_family() is False
        assert net.get_default_auto_select_family_attempt_timeout() == 1000
        net.set_default_auto_select_family_attempt_timeout(1)
        assert net.get_default_auto_select_family_attempt_timeout() == 10
    finally:
        net.set_default_auto_select_family(True)
        net.set_default_auto_select_family_attempt_timeout(500)


# --- keeping the loop alive -----------------------------------------------------------------------------------

def test_a_connect_keeps_the_loop_alive_and_is_listed(silent):
    def main():
        client = net.connect(silent().port, LOOPBACK)
        (found,) = netloop.active_handles()
        assert found.kind == "Connect"
        assert found.description == repr(client)
        assert found.origin is not None
        assert "test_connect.py" in found.origin
        netloop.set_timeout(client.destroy, 5).unref()

    netloop.run(main)


def test_an_unrefd_connect_lets_the_loop_end(silent, record):
    closed = []

    def main():
        client = net.connect(silent().port, LOOPBACK).unref()
        client.on("close", closed.append)
        assert netloop.active_handles() == []
        client.ref()
        assert [handle.kind for handle in netloop.active_handles()] == ["Connect"]
        client.unref()

    netloop.run(main)
    assert closed == [False]
