"""Peers that send drop by drop, read late, or never read: nothing is lost, and memory stays within the marks."""

from __future__ import annotations

import asyncio

import pytest

import netloop
from netloop.events import once
from netloop.testing import pattern, splits

MEBIBYTE = 1024 ** 2
GIBIBYTE = 1024 ** 3
DATA = pattern(MEBIBYTE)
LARGEST_CHUNK = 256 * 1024          # of what a socket reads at once


async def arrived(socket, size):
    """Wait until the socket has received so many bytes."""
    while socket.bytes_read < size:
        await asyncio.sleep(0)


def noted(log, code):
    """A write callback that puts the code of its error, or None, into `log`."""
    return lambda error: log.append(code(error))


# --- drop by drop ---------------------------------------------------------------------------------------------

async def test_each_byte_of_a_dripping_peer_is_a_chunk(with_python_peer, closed):
    client, peer = await with_python_peer()
    received = []
    client.on("data", received.append)
    data = bytes(range(256))
    for index in range(len(data)):
        peer.send(data[index:index + 1])
        await arrived(client, index + 1)
    peer.close()
    await closed(client)
    assert received == [data[index:index + 1] for index in range(len(data))]


async def test_read_waits_until_a_dripping_peer_has_sent_what_is_asked_for(with_python_peer, closed):
    client, peer = await with_python_peer()
    found = []
    client.on("readable", lambda: found.append(client.read(4)))
    for index in range(8):
        peer.send(b"abcdefgh"[index:index + 1])
        await arrived(client, index + 1)
        await asyncio.sleep(0)
    assert [chunk for chunk in found if chunk is not None] == [b"abcd", b"efgh"]
    peer.close()
    client.remove_all_listeners("readable")
    await closed(client)


async def test_single_bytes_through_an_echo_come_back_in_order(pair, closed):
    client, accepted = await pair(no_delay=True)
    accepted.pipe(accepted)
    data = bytes(range(256)) * 4
    for index in range(len(data)):
        client.write(data[index:index + 1])
    client.end()
    assert b"".join([chunk async for chunk in client]) == data
    await closed(accepted)


# --- characters in pieces -------------------------------------------------------------------------------------

CHARACTERS = [("é", "utf8"), ("€", "utf8"), ("🧵", "utf8"), ("🧵", "utf16le"), ("é", "utf16le"), ("ÿ", "latin1")]
PYTHON_NAMES = {"utf8": "utf-8", "utf16le": "utf-16-le", "latin1": "latin-1"}


@pytest.mark.parametrize(("character", "encoding"), CHARACTERS)
async def test_a_character_split_at_any_byte_comes_out_whole(character, encoding, with_python_peer, closed):
    data = f"a{character}b".encode(PYTHON_NAMES[encoding])
    for pieces in splits(data):
        client, peer = await with_python_peer()
        client.set_encoding(encoding)
        received = []
        client.on("data", received.append)
        sent = 0
        for piece in pieces:
            peer.send(piece)
            sent += len(piece)
            await arrived(client, sent)
        peer.close()
        await closed(client)
        assert "".join(received) == f"a{character}b"
        assert set("".join(received)) <= {"a", character, "b"}
        assert "" not in received


@pytest.mark.parametrize(("character", "encoding"), CHARACTERS[:4])
async def test_a_character_that_is_cut_by_the_end_is_one_replacement_character(
        character, encoding, with_python_peer, closed):
    """But a single byte of UTF-16 is dropped, as in Node."""
    whole = character.encode(PYTHON_NAMES[encoding])
    for kept in range(1, len(whole)):
        client, peer = await with_python_peer()
        client.set_encoding(encoding)
        received = []
        client.on("data", received.append)
        peer.send("a".encode(PYTHON_NAMES[encoding]) + whole[:kept])
        peer.close()
        await once(client, "end")
        await closed(client)
        assert "".join(received) == ("a" if (encoding, kept) == ("utf16le", 1) else "a\ufffd")


# --- half-close -----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("first", ["client", "accepted"])
@pytest.mark.parametrize("kind", ["tcp", "unix"])
async def test_much_data_follows_a_half_close_in_either_order(first, kind, pair, closed, record, tmp_path):
    ends = await pair(allow_half_open=True, server={"allow_half_open": True},
                      path=tmp_path / "s" if kind == "unix" else None)
    early, late = ends if first == "client" else reversed(ends)
    log = record(early, "finish", "end", "close")
    received = []
    early.on("data", received.append)
    heard, ended = once(late, "data"), once(late, "end")
    early.end(b"question")
    assert [await heard, await ended] == [[b"question"], []]
    assert (late.ready_state, early.ready_state) == ("writeOnly", "readOnly")
    late.end(DATA)
    await closed(early)
    await closed(late)
    assert b"".join(received) == DATA
    assert log == ["finish", "end", ("close", False)]


@pytest.mark.parametrize("first", ["client", "accepted"])
async def test_a_side_that_does_not_allow_it_sends_what_it_has_and_ends(first, pair, closed):
    ends = await pair()
    early, late = ends if first == "client" else reversed(ends)
    received = []
    early.on("data", received.append)
    late.resume()
    late.write(DATA)
    early.end(b"question")
    await closed(early)
    await closed(late)
    assert b"".join(received) == DATA


# --- a peer that never reads ----------------------------------------------------------------------------------

async def stalled(socket, chunk):
    """Write, heeding the answer, until the peer's silence has stopped it; returns what was accepted, and the most queued."""
    accepted, most, silent_turns = 0, 0, 0
    while silent_turns < 50:
        if socket.writable_need_drain:
            silent_turns += 1
            await asyncio.sleep(0)
            continue
        silent_turns = 0
        socket.write(chunk)
        accepted += len(chunk)
        most = max(most, socket.writable_length)
    return accepted, most


@pytest.mark.parametrize("size", [1000, 65536, MEBIBYTE])
async def test_a_writer_that_heeds_the_answer_queues_no_more_than_a_chunk_beyond_the_mark(size, pair, closed):
    client, accepted = await pair(server={"pause_on_connect": True}, high_water_mark=16 * 1024)
    _, most = await stalled(client, bytes(size))
    assert client.writable_high_water_mark <= most < client.writable_high_water_mark + size
    assert accepted.readable_length == 0
    client.destroy()
    await closed(accepted.on("error", lambda error: None))


async def test_nothing_is_lost_when_a_peer_begins_to_read_after_it_stalled_the_writer(pair, closed):
    client, accepted = await pair(server={"pause_on_connect": True})
    size, _ = await stalled(client, DATA)
    received = []
    accepted.on("data", received.append)
    accepted.resume()
    await once(client, "drain")
    assert client.writable_length == 0
    await closed(client.end())
    await closed(accepted)
    assert b"".join(received) == DATA * (size // MEBIBYTE)


@pytest.mark.slow
def test_a_gibibyte_to_a_peer_that_reads_late_keeps_to_the_marks(pair, closed):
    async def main():
        client, accepted = await pair(server={"pause_on_connect": True})
        chunk = bytes(MEBIBYTE)
        written, most = await stalled(client, chunk)
        accepted.resume()
        while written < GIBIBYTE:
            await client.drain()
            client.write(chunk)
            written += len(chunk)
            most = max(most, client.writable_length)
            assert accepted.readable_length <= accepted.readable_high_water_mark + LARGEST_CHUNK
        assert most < client.writable_high_water_mark + len(chunk)
        await closed(client.end())
        await closed(accepted)
        assert accepted.bytes_read == client.bytes_written == GIBIBYTE

    netloop.run(main)


async def test_a_gibibyte_that_nobody_reads_is_queued_and_every_write_is_answered(pair, closed, code):
    """The writer ignores what write() says.  All chunks are one object, so that the queue holds references only."""
    client, accepted = await pair(server={"pause_on_connect": True})
    chunk = bytes(MEBIBYTE)
    told = []
    for _ in range(GIBIBYTE // len(chunk)):
        client.write(chunk, noted(told, code))
    assert client.bytes_written == GIBIBYTE
    taken = GIBIBYTE - client.writable_length
    assert taken < 64 * MEBIBYTE, "the kernel cannot have taken that much"
    assert client.writable_need_drain
    client.destroy()
    await closed(client)
    assert client.writable_length == 0
    assert len(told) == GIBIBYTE // len(chunk)
    sent = told.count(None)
    assert told == [None] * sent + ["ERR_STREAM_DESTROYED"] * (len(told) - sent)
    assert sent <= taken // len(chunk) + 1
    await closed(accepted.on("error", lambda error: None))


async def test_a_gibibyte_that_nobody_reads_fails_with_the_reset(with_python_peer, closed, code):
    client, peer = await with_python_peer()
    chunk = bytes(MEBIBYTE)
    told = []
    for _ in range(GIBIBYTE // len(chunk)):
        client.write(chunk, noted(told, code))
    failed = once(client, "error")
    peer.close()                        # with unread data: a reset
    (error,) = await failed
    await closed(client)
    sent = told.count(None)
    assert len(told) == GIBIBYTE // len(chunk)
    assert told == [None] * sent + [error.code] * (len(told) - sent)
    assert client.writable_length == 0


async def test_an_echo_stops_reading_from_a_client_that_does_not_read(pair, closed):
    client, accepted = await pair()
    accepted.pipe(accepted)
    client.pause()
    chunk = bytes(65536)
    await stalled(client, chunk)
    assert accepted.readable_length <= accepted.readable_high_water_mark + LARGEST_CHUNK
    assert accepted.writable_length <= accepted.writable_high_water_mark + LARGEST_CHUNK
    assert accepted.readable_flowing is False
    client.destroy()
    await closed(accepted.on("error", lambda error: None))


async def test_a_pipe_to_a_peer_that_reads_now_and_then_keeps_little(pair, closed):
    client, accepted = await pair()
    far, middle = await pair()
    accepted.pipe(middle)
    chunk, size, most = bytes(65536), 8 * MEBIBYTE, 0
    received = []
    far.on("data", lambda data: (received.append(len(data)), far.pause(), netloop.set_immediate(far.resume)))

    for _ in range(size // len(chunk)):
        if not client.write(chunk):
            await client.drain()
        most = max(most, accepted.readable_length + middle.writable_length + far.readable_length)
    client.end()
    await closed(middle)
    await closed(far)
    assert sum(received) == size
    assert most <= 2 * LARGEST_CHUNK
