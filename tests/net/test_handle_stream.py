"""The bytes of a socket: reading, writing, half-close, the idle timeout, and `onread`."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest

import netloop
from netloop import net
from netloop.events import once
from netloop.testing import pattern, splits

LOOPBACK = "127.0.0.1"
THREE_MEGABYTES = pattern(3_000_000)


async def turns(count=20):
    for _ in range(count):
        await asyncio.sleep(0)


# --- reading --------------------------------------------------------------------------------------------------

async def test_data_is_bytes_in_order(pair, closed):
    client, accepted = await pair()
    got = []
    accepted.on("data", got.append)
    for index in range(100):
        client.write(b"%d " % index)
    await closed(client.end())
    await closed(accepted)
    assert {type(chunk) for chunk in got} == {bytes}
    assert b"".join(got) == b"".join(b"%d " % index for index in range(100))


@pytest.mark.parametrize(("encoding", "data", "expected"), [
    ("utf8", "héllo €", "héllo €"), ("utf16le", "hé€".encode("utf-16-le"), "hé€"), ("latin1", b"h\xe9", "hé"),
    ("ascii", b"hello", "hello"), ("hex", b"\x01\xff", "01ff"), ("base64", b"abcd", "YWJjZA=="),
    ("base64url", b"\xfb\xff", "-_8"),
])
async def test_data_is_text_after_set_encoding(encoding, data, expected, pair, closed):
    client, accepted = await pair()
    accepted.set_encoding(encoding)
    client.end(data)
    assert "".join([chunk async for chunk in accepted]) == expected
    await closed(client)


async def test_a_character_split_anywhere_comes_out_whole(pair, closed):
    text = "aé€🧵"
    for pieces in splits(text.encode()):
        client, accepted = await pair(no_delay=True)
        accepted.set_encoding("utf8")
        got = []
        accepted.on("data", got.append)
        for index, piece in enumerate(pieces):
            client.write(piece)
            while accepted.bytes_read < sum(map(len, pieces[:index + 1])):
                await asyncio.sleep(0)
        await closed(client.end())
        await closed(accepted)
        assert "".join(got) == text
        assert "" not in got


async def test_paused_sockets_leave_the_data_to_the_kernel(pair, closed):
    client, accepted = await pair()
    accepted.pause()
    chunk = pattern(65536)
    while client.write(chunk):
        await asyncio.sleep(0)
    await turns()
    assert accepted.readable_length <= accepted.readable_high_water_mark + 65536
    assert client.writable_length > 0
    written = client.bytes_written
    client.end()
    received = sum([len(data) async for data in accepted])
    assert received == written
    await closed(client)


async def test_pause_and_resume_while_connecting_stick(closed):
    server = await net.listen(0, LOOPBACK, lambda socket: socket.end("hello"))
    client = net.connect(server.address().port, LOOPBACK)
    got = []
    client.on("data", got.append)
    client.pause()
    await client
    await turns()
    assert client.is_paused()
    assert got == []
    again = net.connect(server.address().port, LOOPBACK).pause().resume()
    await once(again, "data")
    server.close()
    await closed(client)
    await closed(again)
    assert got == [b"hello"]


async def test_end_waits_until_the_data_was_consumed(pair, closed, record):
    client, accepted = await pair()
    log = record(accepted, "end", "close")
    client.end("hello")
    await once(client, "finish")
    await turns()
    assert log == []
    accepted.resume()
    await closed(client)
    await closed(accepted)
    assert log == ["end", ("close", False)]


async def test_with_a_readable_listener_and_no_read_neither_data_nor_end_comes(pair, closed, record):
    client, accepted = await pair()
    log = record(accepted, "data", "end")
    accepted.on("readable", lambda: None)
    client.end("hello")
    await once(accepted, "readable")
    await turns()
    assert log == []
    assert accepted.read() == b"hello"
    await closed(client)
    await closed(accepted)
    assert log == [("data", b"hello"), "end"]


async def test_async_for_reads_to_the_end_and_raises_what_went_wrong(pair, closed):
    client, accepted = await pair()
    client.write("one")
    reading = asyncio.ensure_future(collect(accepted))
    while not accepted.bytes_read:
        await asyncio.sleep(0)
    client.reset_and_destroy()
    with pytest.raises(ConnectionResetError):
        await reading
    await closed(client)


async def collect(socket):
    return b"".join([chunk async for chunk in socket])


# --- writing --------------------------------------------------------------------------------------------------

async def test_write_answers_after_the_kernel_took_what_it_could(pair, closed):
    """One write far beyond the high-water mark gives True when nothing of it is left."""
    client, accepted = await pair(high_water_mark=1000)
    accepted.resume()
    assert client.write(b"x" * 50_000) is True
    assert client.writable_length == 0
    assert not client.writable_need_drain
    await closed(client.end())


async def test_drain_follows_exactly_when_the_buffer_is_empty_again(pair, closed, record):
    client, accepted = await pair()
    log = []
    client.on("drain", lambda: log.append(client.writable_length))
    chunk = pattern(1_000_000)
    while client.write(chunk):
        pass
    assert client.writable_need_drain
    assert client.writable_length >= client.writable_high_water_mark
    await turns()
    assert log == []
    accepted.resume()
    await client.drain()
    assert log == [0]
    await closed(client.end())


async def test_all_that_waits_leaves_in_one_piece(pair, closed, record):
    """Corked writes are one chunk for the peer."""
    client, accepted = await pair(no_delay=True)
    got = []
    accepted.on("data", got.append)
    client.cork()
    for word in ("one ", "two ", "three"):
        client.write(word)
    await turns()
    assert got == []
    client.uncork()
    await closed(client.end())
    await closed(accepted)
    assert got == [b"one two three"]


async def test_more_pieces_than_one_system_call_takes_arrive_in_order(pair, closed):
    client, accepted = await pair()
    client.cork()
    for index in range(3000):
        client.write(b"%d " % index)
    client.end()
    assert await collect(accepted) == b"".join(b"%d " % index for index in range(3000))
    await closed(client)


@pytest.mark.parametrize("make", [
    lambda: bytearray(b"data"), lambda: memoryview(b"xdatax")[1:-1], lambda: memoryview(b"d.a.t.a.")[::2], lambda: "data",
], ids=["bytearray", "memoryview", "memoryview with gaps", "str"])
async def test_whatever_has_bytes_can_be_written(make, pair, closed):
    client, accepted = await pair()
    chunk = make()
    client.write(chunk)
    if isinstance(chunk, bytearray):
        chunk[:] = b"gone"
    client.end("64617461", "hex")
    assert await collect(accepted) == b"datadata"
    await closed(client)


@pytest.mark.parametrize("chunk", [None, 5, 1.5, [b"data"], object()])
async def test_what_is_no_data_raises_and_the_socket_lives_on(chunk, pair, closed):
    client, accepted = await pair()
    with pytest.raises(TypeError) as raised:
        client.write(chunk)
    assert raised.value.code in ("ERR_INVALID_ARG_TYPE", "ERR_STREAM_NULL_VALUES")
    client.end("works")
    assert await collect(accepted) == b"works"
    await closed(client)


async def test_an_unknown_encoding_raises_and_the_socket_lives_on(pair, closed):
    client, _accepted = await pair()
    for call in (lambda: client.write("x", "klingon"), lambda: client.set_encoding("klingon"),
                 lambda: client.set_default_encoding("klingon")):
        with pytest.raises(ValueError) as raised:
            call()
        assert raised.value.code == "ERR_UNKNOWN_ENCODING"
    await closed(client.end())


async def test_callbacks_come_later_in_order_and_once(pair, closed):
    client, accepted = await pair()
    log = []
    for index in range(3):
        client.write("x", lambda error, index=index: log.append((index, error)))
    client.end("y", lambda error: log.append(("end", error)))
    assert log == []
    accepted.resume()
    await closed(client)
    assert log == [(0, None), (1, None), (2, None), ("end", None)]


async def test_a_write_callback_that_raises_is_reported_and_the_rest_goes_on(pair, closed, unhandled):
    client, accepted = await pair()
    trouble = ValueError("in a callback")

    def fail(error):
        raise trouble

    client.write("one ", fail)
    client.end("two")
    assert await collect(accepted) == b"one two"
    await closed(client)
    assert unhandled == [trouble]


async def test_a_write_after_end_is_an_error_without_finish(pair, closed, record, code):
    client, accepted = await pair()
    accepted.resume()
    log = record(client, "finish", "close")
    client.on("error", lambda error: log.append(code(error)))
    client.end("last")
    assert client.write("more", lambda error: log.append(("callback", code(error)))) is False
    assert log == []
    await closed(client)
    await asyncio.sleep(0)
    assert sorted(map(str, log)) == sorted(map(str, [
        ("callback", "ERR_STREAM_WRITE_AFTER_END"), "ERR_STREAM_WRITE_AFTER_END", ("close", True)]))
    await closed(accepted)


async def test_a_write_after_the_peer_has_finished_is_a_broken_pipe_later(pair, closed, record, code):
    """The socket has ended by itself by then; it is still there because it has something to send."""
    client, accepted = await pair(server={"pause_on_connect": True})
    log = record(client, "close")
    client.on("error", lambda error: log.append(code(error)))
    chunk = bytes(1_000_000)
    while client.write(chunk):
        pass
    client.on("end", lambda: netloop.set_immediate(write_late))
    written = []

    def write_late():
        written.append(client.write("late", lambda error: log.append(("callback", code(error)))))
        assert log == []

    accepted.end()
    await closed(client)
    await asyncio.sleep(0)
    assert written == [False]
    assert set(log) == {("callback", "EPIPE"), "EPIPE", ("close", True)}
    await closed(accepted.on("error", lambda error: None))


async def test_a_write_after_both_sides_have_finished_tells_its_callback_alone(pair, closed, record, code):
    client, accepted = await pair()
    log = record(client, "error", "close")
    await closed(accepted.end())
    await closed(client)
    assert client.write("late", lambda error: log.append(code(error))) is False
    await asyncio.sleep(0)
    assert log == [("close", False), "EPIPE"]


# --- half-close -----------------------------------------------------------------------------------------------

async def test_a_socket_that_allows_it_answers_after_the_peer_has_finished(pair, closed):
    client, accepted = await pair(server={"allow_half_open": True})
    client.end("question")
    assert await collect_without_closing(accepted) == b"question"
    assert accepted.writable
    accepted.write("ans")
    await turns()
    accepted.end("wer")
    assert await collect(client) == b"answer"
    await closed(client)
    await closed(accepted)


async def test_the_peer_that_finished_first_still_receives(pair, closed):
    client, accepted = await pair(allow_half_open=True, server={"allow_half_open": True})
    accepted.end("from the server")
    assert await collect_without_closing(client) == b"from the server"
    client.end("from the client")
    assert await collect(accepted) == b"from the client"
    await closed(client)
    await closed(accepted)


async def collect_without_closing(socket):
    got = []
    socket.on("data", got.append)
    await once(socket, "end")
    return b"".join(got)


async def test_both_may_finish_at_once(pair, closed, record):
    client, accepted = await pair(allow_half_open=True, server={"allow_half_open": True})
    logs = [record(socket, "finish", "end", "close") for socket in (client, accepted)]
    client.end("a")
    accepted.end("b")
    await closed(client)
    await closed(accepted)
    for log in logs:
        assert log[-1] == ("close", False)
        assert set(log[:-1]) == {"finish", "end"}


async def test_without_it_a_socket_ends_by_itself_after_what_it_has_to_send(pair, closed):
    client, accepted = await pair()
    data = THREE_MEGABYTES
    accepted.write(data)
    client.end()
    received = []
    client.on("data", received.append)
    accepted.resume()
    await closed(client)
    await closed(accepted)
    assert b"".join(received) == data


async def test_it_ends_by_itself_without_its_end_listener_too(pair, closed):
    client, accepted = await pair()
    accepted.remove_all_listeners("end")
    await closed(client.end())
    await closed(accepted)


# --- the idle timeout -----------------------------------------------------------------------------------------

async def test_timeout_only_tells(pair, closed, record):
    client, _accepted = await pair()
    log = record(client, "timeout", "close")
    assert client.set_timeout(5) is client
    assert client.timeout == 5
    await once(client, "timeout")
    assert not client.destroyed
    assert log == ["timeout"]
    await closed(client.end())


@pytest.mark.slow
def test_traffic_in_either_direction_postpones_it(pair):
    async def main():
        client, accepted = await pair()
        log = []
        client.set_timeout(60, lambda: log.append("timeout"))
        accepted.resume()
        for index in range(8):
            await asyncio.sleep(0.02)
            (client if index % 2 else accepted).write("x")
        assert log == []
        await once(client, "timeout")
        assert log == ["timeout"]
        client.destroy()

    netloop.run(main)


async def test_a_write_from_a_task_counts_from_when_it_was_made(pair, closed, record):
    """Not from when the poller last woke up, which may be long ago in somebody else's loop."""
    client, accepted = await pair()
    accepted.resume()
    loop = asyncio.get_running_loop()
    log = []
    client.on("timeout", lambda: log.append(loop.time()))
    client.set_timeout(30)
    time.sleep(0.025)       # this task keeps the loop busy
    client.write("x")
    written = loop.time()
    await once(client, "timeout")
    assert log[0] - written >= 0.0289
    await closed(client.end())


async def test_a_timeout_of_zero_switches_it_off(pair, closed, record):
    client, _accepted = await pair()
    log = []

    def listener():
        log.append("timeout")

    client.set_timeout(1, listener)
    assert client.listener_count("timeout") == 1
    client.set_timeout(0, listener)
    assert client.timeout is None
    assert client.listener_count("timeout") == 0
    await asyncio.sleep(0.01)
    assert log == []
    await closed(client.end())


async def test_it_takes_a_timedelta_and_repeats(pair, closed):
    client, accepted = await pair()
    client.set_timeout(timedelta(milliseconds=2))
    assert client.timeout == 2
    await once(client, "timeout")
    client.set_timeout(client.timeout)
    await once(client, "timeout")
    await closed(client.destroy())
    assert client.timeout is None
    client.set_timeout(5)
    assert client.timeout is None
    await closed(accepted)


@pytest.mark.parametrize(("arguments", "code"), [
    ((-1,), "ERR_OUT_OF_RANGE"), ((float("nan"),), "ERR_OUT_OF_RANGE"), ((2**31,), "ERR_OUT_OF_RANGE"),
    (("5",), "ERR_INVALID_ARG_TYPE"), ((None,), "ERR_INVALID_ARG_TYPE"), ((True,), "ERR_INVALID_ARG_TYPE"),
    ((5, "listener"), "ERR_INVALID_ARG_TYPE"),
])
def test_a_wrong_timeout_is_refused(arguments, code):
    socket = net.Socket()
    with pytest.raises((TypeError, ValueError)) as raised:
        socket.set_timeout(*arguments)
    assert raised.value.code == code
    assert socket.timeout is None


def test_a_timeout_does_not_keep_the_loop_alive():
    netloop.run(lambda: net.Socket().set_timeout(60_000) and None)


# --- onread ---------------------------------------------------------------------------------------------------

async def test_onread_receives_into_the_buffer_and_emits_no_data(pair, closed, record):
    buffer = bytearray(4)
    got = []
    client, accepted = await pair(onread={"buffer": buffer, "callback": lambda size, view: got.append(bytes(view[:size]))})
    log = record(client, "data", "end")
    accepted.end("hello world")
    await closed(client)
    assert b"".join(got) == b"hello world"
    assert max(map(len, got)) == 4
    assert log == ["end"]
    assert client.bytes_read == 11


async def test_onread_may_make_a_new_buffer_each_time(pair, closed):
    made = []

    def make():
        made.append(bytearray(3))
        return made[-1]

    got = []
    client, accepted = await pair(onread={"buffer": make, "callback": lambda size, view: got.append((view, size))})
    accepted.end("abcdefg")
    await closed(client)
    assert b"".join(bytes(view[:size]) for view, size in got) == b"abcdefg"
    assert [id(view) for view, _ in got] == [id(view) for view in made[:len(got)]]


async def test_onread_pauses_when_its_callback_says_false(pair, closed):
    got = []

    def take(size, view):
        got.append(bytes(view[:size]))
        return False

    client, accepted = await pair(onread={"buffer": bytearray(4), "callback": take})
    accepted.end("hello world")
    expected = [b"hell", b"o wo", b"rld"]
    for count in (1, 2, 3):
        while len(got) < count:
            await asyncio.sleep(0)
        await turns()
        assert got == expected[:count]
        client.resume()
    await closed(client)


async def test_onread_obeys_pause(pair, closed):
    got = []
    client, accepted = await pair(onread={"buffer": bytearray(100), "callback": lambda size, view: got.append(size)})
    client.pause()
    accepted.write("hello")
    await turns()
    assert got == []
    client.resume()
    while not got:
        await asyncio.sleep(0)
    assert got == [5]
    await closed(accepted.end())
    await closed(client)


async def test_an_onread_callback_that_raises_is_reported_and_reading_goes_on(pair, closed, unhandled):
    got = []
    trouble = ValueError("in onread")

    def take(size, view):
        got.append(bytes(view[:size]))
        raise trouble

    client, accepted = await pair(onread={"buffer": bytearray(4), "callback": take})
    accepted.end("hello")
    await closed(client)
    assert got == [b"hell", b"o"]
    assert unhandled == [trouble, trouble]


async def test_onread_callback_that_destroys_gets_no_more(pair, closed):
    got = []
    onread = {"buffer": bytearray(1), "callback": lambda size, view: got.append(client.destroy())}
    client, accepted = await pair(onread=onread)
    accepted.on("error", lambda error: None)    # what was not read is answered with a reset
    accepted.write("hello")
    await closed(client)
    assert len(got) == 1
    await closed(accepted.destroy())


async def test_a_listener_that_unshifts_up_to_the_mark_goes_on_to_hear(pair, closed):
    client, accepted = await pair(high_water_mark=4)
    got = []

    def first(chunk):
        client.remove_listener("data", first)
        client.pause()
        client.unshift(chunk)
        client.on("data", got.append)
        client.resume()

    client.on("data", first)
    accepted.write(b"four")
    while b"".join(got) != b"four":
        await asyncio.sleep(0)
    accepted.end(b"more")
    await closed(client)
    assert b"".join(got) == b"fourmore"
    await closed(accepted)
