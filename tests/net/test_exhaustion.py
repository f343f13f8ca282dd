"""No descriptor is left: what needs one fails with EMFILE, what is there goes on, and a server waits for the next one."""

from __future__ import annotations

import contextlib
import os
import resource
import socket as python_sockets
import subprocess
import sys

import pytest

from netloop import net
from netloop.events import once
from netloop.testing import settle

LOOPBACK = "127.0.0.1"


@contextlib.contextmanager
def free_descriptors(count=0):
    """No more than `count` descriptors can be opened, besides those that are closed meanwhile."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = [os.dup(0) for _ in range(count + 1)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (spare[-1], limits[1]))
    for fd in spare:
        os.close(fd)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@contextlib.contextmanager
def visitors(count):
    """Python sockets that are still to be connected."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(python_sockets.socket()) for _ in range(count)]


# --- accepting ------------------------------------------------------------------------------------------------

async def test_a_server_accepts_as_soon_as_a_handle_of_its_loop_closes(pair, closed, record):
    client, other = await pair()
    server = await net.listen(0, LOOPBACK)
    log = record(server, "connection", "drop", "error")
    with visitors(1) as (visitor,), free_descriptors(0):
        visitor.connect((LOOPBACK, server.address().port))
        await settle()
        assert log == []
        other.destroy()
        await once(server, "connection")
    assert [event for event, _ in log] == ["connection"]
    await closed(client)
    server.close()
    await server


async def test_a_server_accepts_soon_after_a_descriptor_was_freed_elsewhere(record):
    spare = os.dup(0)
    server = await net.listen(0, LOOPBACK, lambda socket: socket.end())
    log = record(server, "drop", "error")
    with visitors(1) as (visitor,), free_descriptors(0):
        visitor.connect((LOOPBACK, server.address().port))
        await settle()
        assert await server.get_connections() == 0
        os.close(spare)
        await once(server, "connection")
    assert log == []
    server.close()
    await server


async def test_more_visitors_than_descriptors_are_served_in_turn(record):
    """A server that has two descriptors left answers twenty visitors, who have been waiting in its backlog."""
    server = await net.listen(0, LOOPBACK, lambda socket: (most.append(server._connections), socket.end(b"hello")))
    most = []
    log = record(server, "drop", "error")
    with visitors(20) as all_of_them, free_descriptors(2):
        for visitor in all_of_them:
            visitor.connect((LOOPBACK, server.address().port))
            visitor.shutdown(python_sockets.SHUT_WR)
        while len(most) < 20:
            await once(server, "connection")
        server.close()
        await server
        assert [visitor.recv(10) for visitor in all_of_them] == [b"hello"] * 20
    assert max(most) <= 2
    assert log == []


async def test_a_server_can_be_closed_while_it_waits_for_a_descriptor():
    server = await net.listen(0, LOOPBACK)
    with visitors(1) as (visitor,), free_descriptors(0):
        visitor.connect((LOOPBACK, server.address().port))
        await settle()
        server.close()
        await server
        assert not server.listening


async def test_connections_that_are_there_go_on(pair, closed):
    client, accepted = await pair()
    accepted.pipe(accepted)
    received = []
    client.on("data", received.append)
    with free_descriptors(0):
        client.end(b"hello")
        await closed(client)
        await closed(accepted)
    assert received == [b"hello"]


# --- connecting and listening ---------------------------------------------------------------------------------

@pytest.mark.parametrize("kind", ["tcp", "unix"])
async def test_a_connect_fails_and_succeeds_again_later(kind, closed, record, tmp_path):
    path = str(tmp_path / "s")
    where = {"path": path} if kind == "unix" else {"port": 0, "host": LOOPBACK}
    server = await net.listen(**where)
    if kind == "tcp":
        where["port"] = server.address().port
    client = net.Socket()
    log = record(client, "connect", "error", "close")
    told = []
    with free_descriptors(0):
        client.connect(**where)
        client.write(b"hello", told.append)
        with pytest.raises(OSError) as raised:
            await client
        await closed(client)
    error = raised.value
    assert (error.code, error.syscall) == ("EMFILE", "socket")
    assert (error.address, error.port) == ((path, None) if kind == "unix" else (LOOPBACK, where["port"]))
    assert log == [("error", error), ("close", True)]
    assert [each.code for each in told] == ["ERR_SOCKET_CLOSED_BEFORE_CONNECTION"]

    await client.connect(**where)
    assert log[2:] == ["connect"]
    await closed(client.end())
    server.close()
    await server


async def test_a_listen_fails_and_succeeds_again_later():
    server = net.create_server()
    with free_descriptors(0):
        failed = once(server, "error")
        server.listen(0, LOOPBACK)
        (error,) = await failed
    assert (error.code, error.syscall, error.address) == ("EMFILE", "listen", LOOPBACK)
    assert not server.listening
    await server.listen(0, LOOPBACK)
    server.close()


async def test_a_server_may_answer_the_error_by_making_room_and_listening_again(record):
    reserve = os.dup(0)
    server = net.create_server()
    log = record(server, "error", "listening")

    def make_room(error):
        os.close(reserve)
        server.listen(0, LOOPBACK)

    server.once("error", make_room)
    with free_descriptors(0):
        server.listen(0, LOOPBACK)
        await settle()
    assert [entry if entry == "listening" else entry[1].code for entry in log] == ["EMFILE", "listening"]
    server.close()


def test_a_bound_socket_cannot_be_made():
    with free_descriptors(0), pytest.raises(OSError) as raised:
        net.BoundSocket(host=LOOPBACK)
    assert raised.value.code == "EMFILE"


# --- a program that never connected before --------------------------------------------------------------------

PROGRAM = """
import os, resource
from netloop import net, run

reserve = []

def exhaust():
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    try:
        while True:
            reserve.append(os.dup(0))
    except OSError:
        pass

def connect(*where):
    def on_error(error):
        print("error", error.code, *where[1:])

    socket = net.connect(*where)
    socket.on("error", on_error)
    socket.on("close", lambda had_error: connect_next())

def connect_next():
    if targets:
        connect(*targets.pop())
        return
    for fd in reserve:
        os.close(fd)
    net.connect(server.address().port, "127.0.0.1").on("data", print).on("close", lambda _: server.close())

def on_listening():
    targets.extend([["/nowhere"], [1, "localhost"], [1, "127.0.0.1"]])
    exhaust()
    connect_next()

targets = []
server = net.create_server(lambda socket: socket.end("hello"))
server.listen(0, "127.0.0.1", on_listening)
run()
"""


READING_PROGRAM = """
import os, resource
from netloop import net, run

async def main():
    server = await net.listen(0, "127.0.0.1", lambda socket: socket.end("hello"))
    client = net.connect(server.address().port, "127.0.0.1")
    await client
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    try:
        while True:
            os.dup(0)
    except OSError:
        pass
    async for chunk in client:
        print(chunk)
    async with client:
        pass
    server.close()
    await server

run(main)
"""


@pytest.mark.slow
def test_a_program_that_awaits_and_iterates_for_the_first_time_needs_no_descriptor():
    done = subprocess.run([sys.executable, "-c", READING_PROGRAM], capture_output=True, text=True, timeout=30)
    assert (done.stderr, done.stdout) == ("", "b'hello'\n")


@pytest.mark.slow
def test_a_program_that_connects_for_the_first_time_gets_events_and_recovers():
    """What it lacks includes the descriptors that Python needs to load a module."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "error EMFILE 127.0.0.1", "error EMFILE localhost", "error EMFILE", "b'hello'"]
