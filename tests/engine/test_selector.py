"""The selector as asyncio uses it: descriptors of its own beside netloop's handles, on one poller."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from selectors import EVENT_READ, EVENT_WRITE
from typing import Any

import pytest

import netloop
from netloop._engine.stream_handle import StreamHandle


@pytest.fixture
def loop() -> Iterator[Any]:
    loop = netloop.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture
def selector(loop) -> Any:
    return loop._selector


def run_until(loop: Any, done: Callable[[], Any]) -> None:
    async def wait() -> None:
        async with asyncio.timeout(5):
            while not done():
                await asyncio.sleep(0)

    loop.run_until_complete(wait())


class Reader(StreamHandle):
    """Calls a function with what it receives."""

    def __init__(self, poller: Any, fd: int, receive: Callable[[bytes], object]) -> None:
        super().__init__(poller, fd)
        self.on_read = receive


# --- the interface ------------------------------------------------------------------------------------------

def test_register_gives_a_key_that_select_returns_when_it_is_ready(selector, pair):
    key = selector.register(pair[0], EVENT_READ, "data")
    assert (key.fileobj, key.fd, key.events, key.data) == (pair[0], pair[0].fileno(), EVENT_READ, "data")
    assert selector.select(0) == []
    pair[1].send(b"x")
    assert selector.select(1) == [(key, EVENT_READ)]
    selector.unregister(pair[0])


def test_modify_changes_events_and_data(selector, pair):
    selector.register(pair[0], EVENT_READ)
    key = selector.modify(pair[0], EVENT_READ | EVENT_WRITE, "new")
    assert selector.get_key(pair[0]) is key
    assert selector.select(1) == [(key, EVENT_WRITE)]
    selector.unregister(pair[0])


def test_only_what_was_asked_for_is_returned_when_the_peer_hangs_up(selector, pair):
    key = selector.register(pair[0], EVENT_READ)
    pair[1].close()
    assert selector.select(1) == [(key, EVENT_READ)]
    selector.unregister(pair[0])


def test_unregister_returns_the_key_and_forgets_it(selector, pair):
    key = selector.register(pair[0], EVENT_READ)
    pair[1].send(b"x")
    assert selector.unregister(pair[0]) is key
    assert selector.select(0) == []
    with pytest.raises(KeyError):
        selector.unregister(pair[0])


def test_register_twice_and_modify_the_unknown_are_key_errors(selector, pair):
    selector.register(pair[0], EVENT_READ)
    with pytest.raises(KeyError):
        selector.register(pair[0].fileno(), EVENT_READ)
    with pytest.raises(KeyError):
        selector.modify(pair[1], EVENT_READ)
    selector.unregister(pair[0])


def test_the_map_answers_for_descriptors_and_file_objects(selector, pair):
    mapping = selector.get_map()
    before = len(mapping)
    key = selector.register(pair[0], EVENT_READ)
    assert isinstance(mapping, Mapping)
    assert len(mapping) == before + 1
    assert mapping[pair[0]] is mapping[pair[0].fileno()] is mapping.get(pair[0]) is key
    assert pair[0].fileno() in list(mapping)
    assert mapping.get(pair[1]) is None
    selector.unregister(pair[0])


def test_a_file_object_closed_before_unregister_is_found_by_identity(selector, pair):
    key = selector.register(pair[0], EVENT_READ)
    pair[0].close()
    assert selector.unregister(pair[0]) is key


def test_a_number_that_was_closed_and_given_away_can_be_watched_again(selector, pair):
    old = os.dup(pair[0].fileno())
    selector.register(old, EVENT_READ)
    os.close(old)
    assert os.dup(pair[1].fileno()) == old
    key = selector.modify(old, EVENT_READ, "new")
    pair[0].send(b"x")
    assert selector.select(1) == [(key, EVENT_READ)]
    selector.unregister(old)
    os.close(old)


def test_unregistering_a_number_that_is_a_handles_by_now_leaves_the_handle_watched(loop, selector, pair):
    received: list[bytes] = []
    old = os.dup(pair[0].fileno())
    selector.register(old, EVENT_READ)
    os.close(old)
    handle = Reader(loop.netloop, os.dup(pair[0].fileno()), received.append)
    assert handle.fd == old
    handle.read_start()
    selector.select(0)
    selector.unregister(old)
    pair[1].send(b"x")
    run_until(loop, lambda: received)
    assert received == [b"x"]
    handle.close()


# --- with asyncio on top ------------------------------------------------------------------------------------

def test_a_foreign_descriptor_and_a_handle_are_served_side_by_side(loop, pair):
    received: list[Any] = []
    theirs, their_peer = socket.socketpair()
    with theirs, their_peer:
        handle = Reader(loop.netloop, pair[0].detach(), received.append)
        handle.read_start()
        loop.add_reader(theirs, lambda: received.append(theirs.recv(100)))
        pair[1].send(b"to the handle")
        their_peer.send(b"to asyncio")
        run_until(loop, lambda: len(received) == 2)
        assert loop.remove_reader(theirs)
        assert not loop.remove_reader(theirs)
        handle.close()
    assert sorted(received) == [b"to asyncio", b"to the handle"]


def test_a_reader_removed_by_a_handle_in_the_same_batch_is_not_called(loop, pair):
    called: list[str] = []
    theirs, their_peer = socket.socketpair()
    with theirs, their_peer:
        handle = Reader(loop.netloop, pair[0].detach(),
                        lambda data: (called.append("handle"), loop.remove_reader(theirs)))
        handle.read_start()
        loop.add_reader(theirs, called.append, "reader")
        pair[1].send(b"x")
        loop.netloop.turn(0)            # the handle first, whatever order the kernel would have chosen
        their_peer.send(b"x")
        run_until(loop, lambda: called)
        handle.close()
    assert called == ["handle"]


def test_a_timer_that_a_handle_sets_wakes_asyncio_in_time(loop, pair):
    """asyncio waits without end; only our look at its timers tells that it must not any more."""
    future = loop.create_future()
    handle = Reader(loop.netloop, pair[0].detach(),
                    lambda data: loop.call_later(0.001, future.set_result, data))
    handle.read_start()
    pair[1].send(b"x")
    assert loop.run_until_complete(future) == b"x"
    handle.close()


def test_what_a_tick_schedules_in_asyncio_runs(loop):
    future = loop.create_future()
    loop.netloop.next_tick(loop.call_soon, (future.set_result, "ran"))
    assert loop.run_until_complete(future) == "ran"


def test_asyncio_streams_and_executors_work_on_it(loop):
    async def main() -> tuple[bytes, int]:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.read())
            writer.close()
            await writer.wait_closed()

        async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"through asyncio")
            writer.write_eof()
            answer = await reader.read()
            writer.close()
            await writer.wait_closed()
        return answer, await asyncio.to_thread(int, "1")

    assert loop.run_until_complete(main()) == (b"through asyncio", 1)
