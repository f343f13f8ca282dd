"""Cancelling whatever can be awaited: nothing stays, and what is left can be used, or is destroyed as documented."""

from __future__ import annotations

import asyncio

import pytest

from netloop import events, net
from netloop.errors import AbortError, StateError
from netloop.events import AbortController, once
from netloop.stream import consumers, finished, pipeline
from netloop.testing import settle

LOOPBACK = "127.0.0.1"
CHUNK = bytes(1_000_000)


async def cancel(awaitable):
    """Wait in a task for a while, and cancel it."""
    async def wait():
        return await awaitable

    task = asyncio.ensure_future(wait())
    await settle()
    assert not task.done()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


def listeners(emitter):
    return {event: emitter.listener_count(event) for event in emitter.event_names()}


async def echoes(client, accepted):
    """Whether the connection still works in both directions."""
    accepted.pipe(accepted)
    client.resume()
    heard = once(client, "data")
    client.write(b"hello")
    return await heard == [b"hello"]


async def visit(server):
    """A client that the server has accepted."""
    accepted = once(server, "connection")
    client = await net.connect(server.address().port, LOOPBACK)
    await accepted
    return client


async def fill(socket):
    while socket.write(CHUNK):
        await asyncio.sleep(0)


async def end(closed, *sockets):
    for socket in sockets:
        await closed(socket.on("error", lambda error: None).destroy())


# --- connecting -----------------------------------------------------------------------------------------------

def never(hostname, callback, **options):
    """A look-up that does not answer."""


@pytest.mark.parametrize("kind", ["attempt", "look-up", "async look-up"])
async def test_a_connect_that_is_cancelled_is_destroyed_and_can_be_made_again(kind, silent, closed, record):
    async def never_async(hostname, callback, **options):
        await asyncio.sleep(0)

    port = silent().port
    options = {"attempt": {"host": LOOPBACK}, "look-up": {"host": "localhost", "lookup": never},
               "async look-up": {"host": "localhost", "lookup": never_async}}[kind]
    client = net.Socket()
    log = record(client, "connect", "error", "close")
    before = listeners(client)
    await cancel(client.connect(port=port, **options))
    assert client.destroyed
    assert not client.connecting
    await closed(client)
    assert log == [("close", False)]
    assert listeners(client) == before

    server = await net.listen(0, LOOPBACK, lambda socket: socket.resume())
    await client.connect(server.address().port, LOOPBACK)
    assert log[1:] == ["connect"]
    await closed(client.end())
    server.close()


async def test_a_connect_by_name_that_is_cancelled_at_once_leaves_nothing():
    async def connect():
        async with net.connect(1, "localhost"):
            raise AssertionError("it was cancelled before")

    task = asyncio.ensure_future(connect())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def test_a_connect_whose_time_is_over_before_it_begins_to_wait_is_destroyed(silent):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await net.connect(silent().port, LOOPBACK)


async def test_a_signal_ends_a_connect_whose_task_never_took_a_step(silent):
    controller = AbortController()
    client = net.connect(silent().port, LOOPBACK, signal=controller.signal)
    client.on("error", lambda error: None)
    task = asyncio.ensure_future(client)
    task.cancel()
    await asyncio.wait([task])
    assert client.connecting        # asyncio has told nobody
    controller.abort()
    assert client.destroyed


async def test_one_of_two_who_wait_for_a_connection_destroys_it_for_both(silent):
    client = net.connect(silent().port, LOOPBACK)
    other = asyncio.ensure_future(_await(client))
    await cancel(client)
    with pytest.raises(StateError) as raised:
        await other
    assert raised.value.code == "ERR_SOCKET_CLOSED_BEFORE_CONNECTION"


async def _await(awaitable):
    return await awaitable


# --- listening and serving ------------------------------------------------------------------------------------

async def test_a_listen_that_is_cancelled_is_closed_and_can_be_made_again(record):
    server = net.create_server()
    log = record(server, "listening", "close")
    before = listeners(server)
    task = asyncio.ensure_future(_await(server.listen(0, "localhost")))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    await server
    assert log == ["close"]
    assert listeners(server) == before
    await server.listen(0, LOOPBACK)
    server.close()
    await server


async def test_waiting_for_close_can_be_cancelled_and_done_again(pair, closed):
    server = await net.listen(0, LOOPBACK)
    client = await visit(server)
    server.close()
    await cancel(server)
    assert server.closing
    assert server.event_names() == []
    await closed(client.end())
    await server
    assert not server.closing


async def test_leaving_a_server_can_be_cancelled_while_a_connection_is_open(closed):
    async def serve():
        async with net.create_server().listen(0, LOOPBACK) as server:
            servers.append(server)
            clients.append(await visit(server))

    servers, clients = [], []
    task = asyncio.ensure_future(serve())
    while not (clients and servers[0].closing):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert servers[0].event_names() == []
    await closed(clients[0].end())
    await servers[0]


async def test_the_body_of_async_with_over_a_server_can_be_cancelled(closed):
    async def serve():
        async with net.create_server().listen(0, LOOPBACK) as server:
            servers.append(server)
            await asyncio.get_running_loop().create_future()

    servers = []
    await cancel(serve())
    assert not servers[0].listening
    await servers[0]


async def test_async_for_over_a_server_can_be_cancelled_and_begun_again(closed):
    async def serve():
        async for socket in server:
            seen.append(socket.resume())

    seen = []
    server = await net.listen(0, LOOPBACK)
    await cancel(serve())
    assert server.event_names() == []
    assert server.listening

    again = asyncio.ensure_future(serve())
    await settle()
    client = await visit(server)
    await closed(client.end())
    server.close()
    await again
    assert len(seen) == 1


async def test_a_body_of_async_for_over_a_server_that_is_cancelled_destroys_what_waits(closed):
    async def serve():
        async for socket in server:
            seen.append(socket)
            await asyncio.get_running_loop().create_future()

    seen = []
    server = await net.listen(0, LOOPBACK)
    task = asyncio.ensure_future(serve())
    await settle()
    clients = [await visit(server) for _ in range(3)]
    await settle()
    task.cancel()
    await asyncio.wait([task])
    del task                            # its traceback keeps the iterator; when that is gone, the loop closes it
    await settle()
    assert server.event_names() == []
    assert not seen[0].destroyed
    await end(closed, seen[0], *clients)
    server.close()
    await server


# --- reading --------------------------------------------------------------------------------------------------

async def _first(iterable):
    async for each in iterable:
        return each
    return None


@pytest.mark.parametrize("wait", [_first, lambda socket: consumers.bytes(socket), lambda socket: socket.to_array()],
                         ids=["async for", "consumers.bytes", "to_array"])
async def test_reading_that_is_cancelled_destroys_the_socket(wait, pair, closed):
    client, accepted = await pair()
    before = listeners(client)
    await cancel(wait(client))
    assert client.destroyed
    await closed(client)
    assert listeners(client) == before
    await closed(accepted)


async def test_an_iterator_that_is_to_leave_the_socket_alone_does_so_when_it_is_cancelled(pair, closed):
    client, accepted = await pair()
    before = listeners(client)
    await cancel(_first(client.iterator(destroy_on_return=False)))
    assert not client.destroyed
    assert listeners(client) == before
    assert await echoes(client, accepted)
    await end(closed, client, accepted)


@pytest.mark.parametrize("event", ["data", "end", "close", "drain", "timeout", "error"])
async def test_once_leaves_the_socket_as_it_was(event, pair, closed):
    client, accepted = await pair()
    before = listeners(client)
    await cancel(once(client, event))
    assert listeners(client) == before
    assert await echoes(client, accepted)
    await end(closed, client, accepted)


async def test_on_leaves_the_socket_as_it_was(pair, closed):
    client, accepted = await pair()
    before = listeners(client)
    await cancel(_first(events.on(client, "data")))
    await settle()
    assert listeners(client) == before
    assert await echoes(client, accepted)
    await end(closed, client, accepted)


# --- writing --------------------------------------------------------------------------------------------------

async def test_drain_leaves_the_socket_as_it_was_and_loses_nothing(pair, closed):
    client, accepted = await pair(server={"pause_on_connect": True})
    before = listeners(client)
    await fill(client)
    await cancel(client.drain())
    assert listeners(client) == before
    assert client.writable_length > 0
    accepted.resume()
    await client.drain()
    assert client.writable_length == 0
    await closed(client.end())
    await closed(accepted)
    assert accepted.bytes_read == client.bytes_written


async def test_waiting_for_all_to_be_sent_can_be_cancelled(pair, closed):
    """`finished` is a spectator: what was written is still sent."""
    client, accepted = await pair(server={"pause_on_connect": True})
    await fill(client)
    client.end()
    before = listeners(client)
    await cancel(finished(client))
    assert listeners(client) == before
    assert not client.destroyed
    await closed(accepted)
    await closed(client)
    assert accepted.bytes_read == client.bytes_written


async def test_leaving_a_socket_that_cannot_send_all_can_be_cancelled(pair, closed):
    async def send():
        async with client:
            client.write(CHUNK * 20)

    client, accepted = await pair(server={"pause_on_connect": True})
    before = listeners(client)
    await cancel(send())
    assert client.closed
    assert listeners(client) == before
    await end(closed, accepted)


async def test_the_body_of_async_with_over_a_socket_can_be_cancelled(pair, closed):
    async def hold():
        async with client:
            await asyncio.get_running_loop().create_future()

    client, accepted = await pair()
    await cancel(hold())
    assert client.closed
    await closed(accepted)


# --- pipelines ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("flowing", [False, True], ids=["idle", "stalled"])
async def test_a_pipeline_that_is_cancelled_destroys_its_sockets(flowing, pair, closed):
    far, source = await pair()
    destination, sink = await pair(server={"pause_on_connect": True})
    errors = []
    for socket in (source, destination):
        socket.on("error", errors.append)
    for socket in (far, sink):
        socket.on("error", lambda error: None)      # a reset, where not all was read
    if flowing:
        far.write(CHUNK * 20)
    await cancel(pipeline(source, destination))
    assert source.destroyed
    assert destination.destroyed
    assert all(isinstance(error, AbortError) for error in errors)
    await end(closed, far, sink)


async def test_a_pipeline_with_a_coroutine_that_is_cancelled_ends_the_coroutine(pair, closed):
    async def consume(chunks):
        try:
            async for _ in chunks:
                pass
        finally:
            ended.append(True)

    ended = []
    client, accepted = await pair()
    await cancel(pipeline(client, consume))
    await settle()
    assert ended == [True]
    assert client.destroyed
    await closed(accepted)


# --- all at once ----------------------------------------------------------------------------------------------

async def test_a_task_group_that_fails_takes_its_connections_with_it(closed):
    """The way in which most programs cancel."""
    async def stay():
        async with net.connect(server.address().port, LOOPBACK) as socket:
            clients.append(socket)
            async for _ in socket:
                pass

    async def fail():
        while len(clients) < 5:
            await asyncio.sleep(0)
        raise ZeroDivisionError

    clients, accepted = [], []
    server = await net.listen(0, LOOPBACK, lambda socket: accepted.append(socket.resume()))
    with pytest.raises(ExceptionGroup) as raised:
        async with asyncio.TaskGroup() as group:
            for _ in range(5):
                group.create_task(stay())
            group.create_task(fail())
    assert [type(error) for error in raised.value.exceptions] == [ZeroDivisionError]
    assert all(client.closed for client in clients)
    server.close()
    await server
    assert all(socket.closed for socket in accepted)
