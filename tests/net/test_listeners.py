"""A listener may raise, destroy, pause, or remove itself, inside each event: it is obeyed, and nothing is harmed."""

from __future__ import annotations

import asyncio

import pytest

import netloop
from netloop import net
from netloop.testing import pattern

LOOPBACK = "127.0.0.1"
DATA = pattern(3_000_000)


class ListenerError(Exception):
    """What the listeners raise."""


def raise_error(socket, forget):
    raise ListenerError


def destroy(socket, forget):
    socket.destroy()


def destroy_with_error(socket, forget):
    socket.destroy(ListenerError())


def pause(socket, forget):
    """And go on a little later."""
    if not socket.destroyed:
        socket.pause()
        netloop.set_immediate(socket.resume)


def remove_itself(socket, forget):
    forget()


ACTIONS = [raise_error, destroy, destroy_with_error, pause, remove_itself]
OF_THE_CLIENT = ["lookup", "connection_attempt", "connect", "ready", "resume", "data", "drain", "end", "prefinish", "finish",
                 "close"]
OF_THE_ACCEPTED = ["data", "pause", "drain", "resume", "end", "prefinish", "finish", "unpipe", "close"]
LAST = ("end", "prefinish", "finish", "unpipe", "close")     # when they come, the client has, or will have, everything


class Visit:
    """A client that sends twice `DATA` to an echo server, begins to read late, and ends."""

    def __init__(self, port):
        self.received = []
        self.closes = []
        self.called = 0
        self.over = asyncio.get_running_loop().create_future()
        client = self.client = net.connect(port, "localhost", family=4)
        client.on("error", lambda error: None)
        client.on("close", self.on_close)
        client.on("data", self.received.append)
        client.on("drain", lambda: client.end(DATA))
        client.pause()
        client.write(DATA)

    def on_close(self, had_error):
        self.closes.append(had_error)
        if not self.over.done():
            self.over.set_result(None)

    def act(self, event, socket, action):
        """Add a listener that acts the first time that it is called."""
        def listener(*_):
            self.called += 1
            if self.called == 1:
                action(socket, lambda: socket.remove_listener(event, listener))

        socket.on(event, listener)


async def visit_with(event, action, *, of_the_client):
    """A visit from its start to its end; `action` is done in the first `event` of one side."""
    accepted = []

    def on_connection(socket):
        accepted.append(socket.on("error", lambda error: None))
        socket.once("pause", lambda: netloop.set_immediate(visit.client.resume))    # because nobody read
        socket.pipe(socket)
        if not of_the_client:
            visit.act(event, socket, action)

    server = await net.listen(0, LOOPBACK, on_connection)
    visit = Visit(server.address().port)
    if of_the_client:
        visit.act(event, visit.client, action)
    await visit.over
    for socket in accepted:
        await until_closed(socket)
    server.close()
    await server
    return visit


async def until_closed(socket):
    if not socket.closed:
        over = asyncio.get_running_loop().create_future()
        socket.once("close", over.set_result)
        await over


def reported(unhandled, action):
    """Whether what the listener raised was reported, once, and nothing else was."""
    return [type(error) for error in unhandled] == ([ListenerError] if action is raise_error else [])


@pytest.mark.parametrize("event", OF_THE_CLIENT)
@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.__name__)
async def test_inside_an_event_of_the_client(event, action, unhandled):
    visit = await visit_with(event, action, of_the_client=True)
    check(visit, event, action, unhandled)
    if action in (destroy, destroy_with_error):
        assert visit.called == 1
        assert visit.closes == [action is destroy_with_error and event != "close"]


@pytest.mark.parametrize("event", OF_THE_ACCEPTED)
@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.__name__)
async def test_inside_an_event_of_an_accepted_socket(event, action, unhandled):
    check(await visit_with(event, action, of_the_client=False), event, action, unhandled)


def check(visit, event, action, unhandled):
    assert visit.called >= 1
    assert len(visit.closes) == 1
    assert reported(unhandled, action)
    if action is remove_itself:
        assert visit.called == 1
    if action in (raise_error, pause, remove_itself):
        assert b"".join(visit.received) == DATA + DATA
        assert visit.closes == [False]
    elif event not in LAST:
        assert b"".join(visit.received) != DATA + DATA


# --- events that the visit does not have ----------------------------------------------------------------------

@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.__name__)
async def test_inside_an_error(action, refused_port, unhandled, record):
    client = net.connect(refused_port, LOOPBACK)
    log = record(client, "close")

    def listener(error):
        action(client, lambda: client.remove_listener("error", listener))

    client.on("error", listener)
    await until_closed(client)
    assert log == [("close", True)]
    assert reported(unhandled, action)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.__name__)
async def test_inside_a_failed_attempt(action, refused_port, unhandled, record):
    client = net.connect(refused_port, LOOPBACK)
    failed = asyncio.get_running_loop().create_future()
    client.on("error", failed.set_result)
    log = record(client, "close")

    def listener(*_):
        action(client, lambda: client.remove_listener("connection_attempt_failed", listener))

    client.on("connection_attempt_failed", listener)
    await asyncio.wait_for(until_closed(client), 5)
    assert log == [("close", action is not destroy)]
    if action is destroy:
        assert not failed.done()
    elif action is destroy_with_error:
        assert isinstance(failed.result(), ListenerError)
    else:
        assert failed.result().code == "ECONNREFUSED"
    assert reported(unhandled, action)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.__name__)
async def test_inside_a_timeout(action, pair, closed, unhandled):
    """It only reports: unless the listener destroys the socket, this goes on working."""
    client, accepted = await pair()
    called = asyncio.get_running_loop().create_future()

    def listener():
        client.set_timeout(0)
        called.set_result(None)
        action(client, lambda: client.remove_listener("timeout", listener))

    client.on("error", lambda error: None)
    client.on("timeout", listener)
    client.set_timeout(1)
    await called
    accepted.end(b"hello")
    if action in (destroy, destroy_with_error):
        assert client.destroyed
        assert client.read() is None
    else:
        assert [chunk async for chunk in client] == [b"hello"]
    await closed(client.end())
    await closed(accepted)
    assert reported(unhandled, action)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.__name__)
async def test_inside_readable(action, pair, closed, unhandled):
    client, accepted = await pair()
    received = []

    def listener():
        if not acted:
            acted.append(True)
            action(client, lambda: client.remove_listener("readable", listener))

    def read():
        while (chunk := client.read()) is not None:
            received.append(chunk)

    acted = []
    client.on("error", lambda error: None)
    client.on("readable", listener)
    client.on("readable", read)
    accepted.write(b"one")
    accepted.end(b"two")
    await closed(client)
    await closed(accepted)
    destroys = action in (destroy, destroy_with_error)
    assert b"".join(received) == (b"" if destroys else b"onetwo")
    assert reported(unhandled, action)
