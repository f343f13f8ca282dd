"""Connections of which something arrives at once: what is decrypted and encrypted for all in a row keeps its order."""

from __future__ import annotations

import asyncio
import os
from functools import partial

import pytest

LONG = bytes(range(256)) * 64           # too long to be held
BROKEN = b"\x17\x03\x03\0\x20" + b"x" * 32      # a record, by its header


class Group:
    """Secure connections whose server ends become readable in one turn."""

    def __init__(self, pairs):
        self.clients = [client for client, _ in pairs]
        self.accepted = [accepted for _, accepted in pairs]
        self.received = [bytearray() for _ in pairs]
        self.ended = []

    async def ask(self, *answers, broken=None):
        """Have the listeners for what the clients send answer, in the turn in which all of it arrives.

        What the client with the number `broken` sends is no record.
        """
        for number, (client, accepted, answer) in enumerate(zip(self.clients, self.accepted, answers, strict=True)):
            client.on("data", self.received[number].extend)
            client.on("error", lambda: None)
            accepted.on("error", lambda: None)
            ended = asyncio.get_running_loop().create_future()
            client.on("close", ended.set_result)
            self.ended.append(ended)
            accepted.on("data", answer)
        await self._turn()              # the peers' tickets are read, and their chunks are known to be short
        for number, client in enumerate(self.clients):
            if number == broken:
                os.write(client.fileno(), BROKEN)
            else:
                client.write("?")
        await self._turn()

    async def finish(self):
        """End all connections; what each client received."""
        for accepted in self.accepted:
            accepted.end()
        await asyncio.gather(*self.ended)
        return [bytes(each) for each in self.received]

    @staticmethod
    async def _turn():
        for _ in range(10):
            await asyncio.sleep(0)


@pytest.fixture(params=["TLSv1.3", "TLSv1.2"])
def group(request, pair):
    """``group = await group()``"""
    async def connect(count=3):
        return Group([await pair(max_version=request.param) for _ in range(count)])

    return connect


def nothing(data):
    pass


def answer(accepted, text, data):
    accepted.write(text)


async def test_each_gets_its_own_answer(group):
    group = await group(5)
    await group.ask(*[partial(answer, accepted, b"%d" % number) for number, accepted in enumerate(group.accepted)])
    assert await group.finish() == [b"0", b"1", b"2", b"3", b"4"]


async def test_what_all_write_to_all_arrives_in_order(group):
    group = await group(4)

    def tell_all(number, data):
        for accepted in group.accepted:
            accepted.write(b"%d" % number)
            accepted.write(b",")

    await group.ask(*[partial(tell_all, number) for number in range(4)])
    assert await group.finish() == [b"0,1,2,3,"] * 4


async def test_short_and_long_writes_keep_their_order(group):
    group = await group()
    first = group.accepted[0]
    pieces = [b"short", LONG, b"s", LONG * 5, b"x" * 8000, b"y" * 8000, b"end"]

    def write(data):
        for piece in pieces:
            first.write(piece)

    await group.ask(write, lambda data: write(data), nothing)
    assert (await group.finish())[0] == b"".join(pieces) * 2
    assert first.bytes_written == len(b"".join(pieces)) * 2


async def test_callbacks_of_what_is_held_are_called(group):
    group = await group()
    done = []
    await group.ask(lambda data: group.accepted[0].write("held", done.append),
                    lambda data: group.accepted[0].write(LONG * 20, done.append), nothing)
    assert (await group.finish())[0] == b"held" + LONG * 20
    assert done == [None, None]


async def test_the_end_comes_behind_what_is_held(group):
    group = await group()
    first, second = group.accepted[:2]
    await group.ask(lambda data: first.end("bye"), lambda data: second.write("good"), lambda data: second.end("bye"))
    assert (await group.finish())[:2] == [b"bye", b"goodbye"]
    assert not any(client.truncated for client in group.clients)


async def test_what_is_held_leaves_before_destroy(group):
    group = await group()
    first, second = group.accepted[:2]

    def destroy_both(data):
        first.destroy()
        second.destroy()

    await group.ask(lambda data: first.write("last"), lambda data: second.write("words"), destroy_both)
    assert (await group.finish())[:2] == [b"last", b"words"]


async def test_a_broken_record_stops_no_other_connection(group, code):
    group = await group()
    errors = []
    group.accepted[1].on("error", errors.append)
    await group.ask(lambda data: group.accepted[0].write("first"), nothing, lambda data: group.accepted[2].write("third"),
                    broken=1)
    assert [code(error) for error in errors] == ["ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC"]
    assert await group.finish() == [b"first", b"", b"third"]


async def test_what_is_held_for_a_connection_that_breaks_is_told(group, code):
    """Between the arrival of the broken record and its turn, another connection's listener writes."""
    group = await group()
    errors = []
    group.accepted[1].on("error", errors.append)
    await group.ask(lambda data: group.accepted[1].write("too late"), nothing, nothing, broken=1)
    assert [code(error) for error in errors] == ["ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC"]
    assert await group.finish() == [b"", b"", b""]


async def test_a_paused_connection_keeps_what_was_decrypted(group):
    group = await group()
    log = []
    second = group.accepted[1]
    second.on("data", log.append)
    await group.ask(lambda data: second.pause(), nothing, lambda data: log.append("third"))
    assert log == ["third"]
    second.resume()
    await group.finish()
    assert log == ["third", b"?"]
