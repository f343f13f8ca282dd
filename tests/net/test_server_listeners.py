"""A listener may raise, close the server or remove itself, inside each of a server's events: the server lives on."""

from __future__ import annotations

import asyncio

import pytest

from netloop import net

LOOPBACK = "127.0.0.1"


class ListenerError(Exception):
    """What a listener raises."""


def raise_error(server, forget):
    raise ListenerError


def close(server, forget):
    server.close()


def remove_itself(server, forget):
    forget()


def listen_again(server, forget):
    server.listen(0, LOOPBACK)


def act(server, event, action):
    """Add a listener that acts the first time; returns the list of its calls."""
    called = []

    def listener(*_):
        called.append(event)
        if len(called) == 1:
            action(server, lambda: server.remove_listener(event, listener))

    server.on(event, listener)
    return called


async def live(server, closed):
    """A life of the server: it listens, accepts a connection, drops another, and closes, unless it is closed before."""
    server.max_connections = 1
    server.listen(0, LOOPBACK)
    if await listens(server):
        port = server.address().port
        first = await net.connect(port, LOOPBACK)
        if server.listening:
            second = net.connect(port, LOOPBACK)
            second.on("error", lambda error: None)      # reset, where the server closes while this is in its backlog
            await closed(second)
        if server.listening:
            server.close()
        await closed(first.end())
    await server


async def listens(server):
    """Whether the server came to listen, and still does once all listeners were told."""
    told = asyncio.get_running_loop().create_future()
    server.prepend_once_listener("listening", lambda: told.set_result(None))
    await told
    return server.listening


@pytest.mark.parametrize("event", ["listening", "connection", "drop", "close"])
@pytest.mark.parametrize("action", [raise_error, close, remove_itself], ids=lambda action: action.__name__)
async def test_inside_an_event(event, action, unhandled, closed, record):
    server = net.create_server()
    called = act(server, event, action)
    await live(server, closed)
    assert called[:1] == [event]
    log = record(server, "listening", "close")
    first_life = len(called)
    await live(server, closed)
    assert log == ["listening", "close"]
    assert len(called) - first_life == (0 if action is remove_itself else 1)
    assert [type(error) for error in unhandled] == ([ListenerError] if action is raise_error else [])


@pytest.mark.parametrize("action", [raise_error, close, remove_itself, listen_again], ids=lambda action: action.__name__)
async def test_inside_an_error(action, unhandled, closed, record):
    async with net.create_server().listen(0, LOOPBACK) as occupant:
        server = net.create_server()
        log = record(server, "listening", "close")
        called = act(server, "error", action)
        failed = asyncio.get_running_loop().create_future()
        server.prepend_listener("error", failed.set_result)
        server.listen(occupant.address().port, LOOPBACK)
        assert (await failed).code == "EADDRINUSE"
    if action is listen_again:
        await server
        server.close()
    await server
    expected = {close: ["close"], listen_again: ["listening", "close"]}.get(action, [])
    assert log == expected
    assert called == ["error"]
    await live(server, closed)
    assert log == [*expected, "listening", "close"]
    assert [type(error) for error in unhandled] == ([ListenerError] if action is raise_error else [])


@pytest.mark.parametrize("action", ["raise", "remove"])
async def test_the_other_connections_are_served_whatever_a_listener_does(action, unhandled, closed):
    """A listener for all of them fails for one."""
    def on_connection(socket):
        accepted.append(socket)
        if len(accepted) == 2 and action == "raise":
            raise ListenerError
        if len(accepted) == 2:
            server.remove_listener("connection", on_connection)
        socket.end(b"hello")

    accepted = []
    server = await net.listen(0, LOOPBACK, on_connection)
    answers = []
    for _ in range(3):
        client = await net.connect(server.address().port, LOOPBACK)
        client.end()
        answers.append(b"".join([chunk async for chunk in client]))
    server.close()
    await server
    assert answers == ([b"hello", b"", b"hello"] if action == "raise" else [b"hello", b"hello", b""])
    assert len(unhandled) == (action == "raise")
