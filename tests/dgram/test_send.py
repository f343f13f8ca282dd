"""Socket.send: its forms, what it refuses, and what becomes of each message."""

from __future__ import annotations

import asyncio
import socket as python_sockets

import pytest

from netloop import dgram, net
from netloop.errors import StateError
from netloop.testing.in_loop import settle

LOOPBACK = "127.0.0.1"


# --- forms ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("arguments", "received"), [
    ((b"hello",), b"hello"), (("grüße",), "grüße".encode()), ((bytearray(b"ab"),), b"ab"),
    ((memoryview(b"abcdef")[::2],), b"ace"),
    ((b"",), b""), (([],), b""), (([b"a", "b", bytearray(b"c")],), b"abc"), (((b"a", b"b"),), b"ab"),
    ((b"abcdef", 1, 3), b"bcd"), ((b"abc", 0, 3), b"abc"), ((b"abc", 3, 0), b""), ((memoryview(b"abc"), 1, 1), b"b"),
], ids=str)
@pytest.mark.parametrize("address", [LOOPBACK, "localhost", None, ""])
async def test_message_arrives_as_it_was_given(arguments, received, address, bound, messages):
    async with bound() as receiver, bound() as sender:
        sent = []
        arriving = messages(receiver)
        sender.send(*arguments, receiver.address().port, address, lambda error, size: sent.append((error, size)))
        [(message, info)] = await arriving
        assert message == received
        assert info == (LOOPBACK, "IPv4", sender.address().port, len(received), False)
        await settle()
        assert sent == [(None, len(received))]


async def test_port_may_stand_alone(bound, messages):
    async with bound() as receiver, bound() as sender:
        arriving = messages(receiver, 3)
        sender.send(b"one", receiver.address().port)
        sender.send(b"xtwo", 1, 3, receiver.address().port)
        await sender.send(b"three", str(receiver.address().port))
        assert [message for message, _ in await arriving] == [b"one", b"two", b"three"]


async def test_connected_socket_needs_no_address(bound, messages):
    async with bound() as receiver, bound() as sender:
        await sender.connect(receiver.address().port)
        sent = asyncio.get_running_loop().create_future()
        arriving = messages(receiver, 3)
        sender.send(b"one")
        sender.send(b"xtwo", 1, 3)
        sender.send([b"thr", "ee"], lambda error, size: sent.set_result((error, size)))
        assert [message for message, _ in await arriving] == [b"one", b"two", b"three"]
        assert await sent == (None, 5)


async def test_sendto_has_all_arguments_in_the_old_order(bound, messages):
    async with bound() as receiver, bound() as sender:
        arriving = messages(receiver)
        await sender.sendto(b"xabcx", 1, 3, receiver.address().port, LOOPBACK)
        assert (await arriving)[0][0] == b"abc"
        with pytest.raises(TypeError):
            sender.sendto(b"abc", receiver.address().port, LOOPBACK, 1, 2)


async def test_message_that_changes_afterwards_was_copied(bound, messages):
    async with bound() as receiver, bound() as sender:
        buffer = bytearray(b"before")
        sender.send(buffer, receiver.address().port, LOOPBACK)
        buffer[:] = b"after!"
        assert (await messages(receiver))[0][0] == b"before"


async def test_socket_that_is_not_bound_is_bound_to_any_port(bound, messages, event):
    async with bound() as receiver:
        sender = dgram.create_socket("udp4")
        arriving = messages(receiver)
        sending = sender.send(b"x", receiver.address().port, LOOPBACK)
        await event(sender, "listening")
        assert await sending == 1
        assert sender.address()[:2] == ("0.0.0.0", "IPv4")
        assert (await arriving)[0][1].port == sender.address().port
        await sender.close()


async def test_udp6_sends_to_the_ipv6_loopback(bound, messages):
    async with bound("udp6", "::1") as receiver, bound("udp6", "::1") as sender:
        for address in ("::1", None, "0:0::0:1"):
            arriving = messages(receiver)
            await sender.send(b"six", receiver.address().port, address)
            assert await arriving == [(b"six", ("::1", "IPv6", sender.address().port, 3, False))]


async def test_coroutine_function_may_be_the_callback(bound):
    async with bound() as receiver:
        done = asyncio.get_running_loop().create_future()

        async def on_sent(error, size):
            await asyncio.sleep(0)
            done.set_result((error, size))

        receiver.send(b"abc", receiver.address().port, LOOPBACK, on_sent)
        assert await done == (None, 3)


async def test_callback_never_runs_in_the_call(bound):
    async with bound() as socket:
        log = []
        for number in range(200):           # more than one batch, so that some leave within the calls
            socket.send(b"x", socket.address().port, LOOPBACK, lambda *_, number=number: log.append(number))
            assert not log
        await socket.send(b"last", socket.address().port)
        assert log == list(range(200))


# --- what is refused at the call ------------------------------------------------------------------------------

@pytest.mark.parametrize(("arguments", "kind", "code"), [
    ((), TypeError, None),
    ((5, 80), TypeError, "ERR_INVALID_ARG_TYPE"), ((None, 80), TypeError, "ERR_INVALID_ARG_TYPE"),
    (([5], 80), TypeError, "ERR_INVALID_ARG_TYPE"), ((b"a",), ValueError, "ERR_SOCKET_BAD_PORT"),
    ((b"a", 0), ValueError, "ERR_SOCKET_BAD_PORT"), ((b"a", -1), ValueError, "ERR_SOCKET_BAD_PORT"),
    ((b"a", 65536, LOOPBACK), ValueError, "ERR_SOCKET_BAD_PORT"),
    ((b"a", 2**80, LOOPBACK), ValueError, "ERR_SOCKET_BAD_PORT"),
    ((b"a", 0, LOOPBACK), ValueError, "ERR_SOCKET_BAD_PORT"), ((b"a", "http"), ValueError, "ERR_SOCKET_BAD_PORT"),
    ((b"a", b"80", LOOPBACK), TypeError, "ERR_INVALID_ARG_TYPE"), ((b"a", 80, 5), TypeError, "ERR_INVALID_ARG_TYPE"),
    ((b"abc", 2, 2, 80), ValueError, "ERR_BUFFER_OUT_OF_BOUNDS"),
    ((b"abc", 4, 0, 80), ValueError, "ERR_BUFFER_OUT_OF_BOUNDS"),
    ((b"abc", -1, 1, 80), ValueError, "ERR_BUFFER_OUT_OF_BOUNDS"),
    ((b"abc", 0, -1, 80), ValueError, "ERR_BUFFER_OUT_OF_BOUNDS"),
    ((b"abc", "0", 1, 80), TypeError, "ERR_INVALID_ARG_TYPE"), ((b"abc", 0, None, 80), TypeError, "ERR_INVALID_ARG_TYPE"),
    (("abc", 0, 1, 80), TypeError, "ERR_INVALID_ARG_TYPE"), (([b"abc"], 0, 1, 80), TypeError, "ERR_INVALID_ARG_TYPE"),
    ((b"abc", 0, 1, 80, LOOPBACK, 5), TypeError, None),
], ids=str)
def test_wrong_arguments_raise(arguments, kind, code):
    socket = dgram.create_socket("udp4")
    with pytest.raises(kind) as raised:
        socket.send(*arguments)
    assert getattr(raised.value, "code", None) == code


async def test_connected_socket_takes_no_address(bound):
    async with bound() as socket:
        await socket.connect(socket.address().port)
        for arguments in ((9,), (9, LOOPBACK), (0, 1, 9), (0, 1, 9, LOOPBACK)):
            with pytest.raises(StateError) as raised:
                socket.send(b"a", *arguments)
            assert raised.value.code == "ERR_SOCKET_DGRAM_IS_CONNECTED"


# --- what fails later -----------------------------------------------------------------------------------------

FAILURES = [((bytes(65508), 9, LOOPBACK), "EMSGSIZE"), ((b"a", 9, "::1"), "EINVAL"),
            ((b"a", 9, "no.such.invalid"), "ENOTFOUND"),
            ((b"a", 9, "255.255.255.255"), "EACCES")]


@pytest.mark.parametrize(("arguments", "code"), FAILURES, ids=lambda value: value if isinstance(value, str) else "")
async def test_failure_goes_to_the_callback(arguments, code, bound):
    async with bound() as socket:
        told = asyncio.get_running_loop().create_future()
        socket.send(*arguments, lambda error, size: told.set_result((error, size)))
        error, size = await told
        assert (error.code, size) == (code, None)


@pytest.mark.parametrize(("arguments", "code"), FAILURES, ids=lambda value: value if isinstance(value, str) else "")
async def test_failure_is_raised_to_who_waits(arguments, code, bound):
    async with bound() as socket:
        with pytest.raises(OSError) as raised:
            await socket.send(*arguments)
        assert raised.value.code == code


@pytest.mark.parametrize(("arguments", "code"), FAILURES, ids=lambda value: value if isinstance(value, str) else "")
async def test_failure_that_nobody_waits_for_is_an_error_event(arguments, code, bound, event):
    async with bound() as socket:
        socket.send(*arguments)
        [error] = await event(socket, "error")
        assert error.code == code
        assert not isinstance(error, OSError) or error.errno != 0
        await socket.send(b"goes on", socket.address().port)


async def test_failure_tells_where(bound):
    async with bound() as socket:
        with pytest.raises(OSError, match=r"send EMSGSIZE 127\.0\.0\.1:9 ") as raised:
            await socket.send(bytes(65508), 9, LOOPBACK)
        assert (raised.value.syscall, raised.value.address, raised.value.port) == ("send", LOOPBACK, 9)


async def test_failure_in_the_middle_of_a_batch_concerns_only_its_own_message(bound, messages):
    async with bound() as receiver, bound() as sender:
        port = receiver.address().port
        arriving = messages(receiver, 3)
        sends = [sender.send(message, port, LOOPBACK) for message in (b"one", bytes(65508), b"two", bytes(65508), b"three")]
        results = await asyncio.gather(*sends, return_exceptions=True)
        assert [getattr(each, "code", each) for each in results] == [3, "EMSGSIZE", 3, "EMSGSIZE", 5]
        assert [message for message, _ in await arriving] == [b"one", b"two", b"three"]


async def _awaited(departure):
    return await departure


async def test_unhandled_failure_is_reported(bound, unhandled):
    async with bound() as socket:
        socket.send(bytes(65508), 9, LOOPBACK)
        await settle()
    [error] = unhandled
    assert error.code == "EMSGSIZE"
    assert error.__notes__[0].startswith(f"send() was called at {__file__}:")


@pytest.mark.parametrize("size", [0, 1, 65507])
async def test_every_size_that_udp_has_arrives(size, bound, messages):
    async with bound() as socket:
        data = bytes(range(256)) * 256
        arriving = messages(socket)
        assert await socket.send(data[:size], socket.address().port, LOOPBACK) == size
        assert await arriving == [(data[:size], (LOOPBACK, "IPv4", socket.address().port, size, False))]


async def test_departure_can_be_awaited_later_and_more_than_once(bound):
    async with bound() as socket:
        departure = socket.send(b"abc", socket.address().port)
        assert await departure == 3
        assert await departure == 3
        assert repr(departure) == "<Departure 3 bytes, sent>"
        failing = socket.send(bytes(65508), socket.address().port)
        for _ in range(2):
            with pytest.raises(OSError, match="EMSGSIZE"):
                await failing
        assert repr(failing) == "<Departure 65508 bytes, failed>"


async def test_callback_and_await_go_together(bound):
    async with bound() as socket:
        told = []
        assert await socket.send(b"abc", socket.address().port, lambda error, size: told.append(size)) == 3
        assert told == [3]


async def test_cancelled_wait_does_not_take_the_message_back(bound, messages):
    async with bound() as receiver, bound() as sender:
        arriving = messages(receiver)
        waiting = asyncio.ensure_future(_awaited(sender.send(b"x", receiver.address().port, LOOPBACK)))
        waiting.cancel()
        assert (await arriving)[0][0] == b"x"
        with pytest.raises(asyncio.CancelledError):
            await waiting


# --- names ----------------------------------------------------------------------------------------------------

async def test_own_lookup_is_asked(bound, messages):
    asked = []

    def lookup(hostname, callback, *, family, hints, all):
        asked.append((hostname, family))
        callback(None, LOOPBACK, 4)

    async with bound() as receiver, bound(lookup=lookup) as sender:
        arriving = messages(receiver)
        await sender.send(b"x", receiver.address().port, "somewhere.example")
        assert (await arriving)[0][0] == b"x"
        await sender.send(b"x", receiver.address().port, LOOPBACK)
    assert asked == [("somewhere.example", 4)]


@pytest.mark.parametrize(("answer", "code"), [
    ((OSError("no"),), None), ((None, "::1", 6), "EINVAL"), ((None, "nonsense", 4), "ERR_INVALID_IP_ADDRESS")])
async def test_own_lookup_may_fail(answer, code, bound):
    async with bound(lookup=lambda hostname, callback, **options: callback(*answer)) as socket:
        with pytest.raises((OSError, ValueError)) as raised:
            await socket.send(b"x", 9, "somewhere.example")
        assert getattr(raised.value, "code", None) == code


async def test_what_waits_for_a_lookup_counts_as_queued_and_is_bounded(bound):
    async with bound(lookup=lambda hostname, callback, **options: None) as socket:
        told = []
        for _ in range(16384):
            socket.send(bytes(10), 9, "never.example", lambda error: told.append(error.code))
        assert (socket.get_send_queue_count(), socket.get_send_queue_size()) == (16384, 163840)
        with pytest.raises(OSError, match="ENOBUFS"):
            await socket.send(b"too much", 9, "never.example")
        await socket.close()
        assert told == ["ECANCELED"] * 16384
        assert (socket.get_send_queue_count(), socket.get_send_queue_size()) == (0, 0)


# --- block list -----------------------------------------------------------------------------------------------

async def test_blocked_address_gets_nothing(bound):
    blocked = net.BlockList()
    blocked.add_address("127.0.0.2")
    async with bound(send_block_list=blocked) as socket:
        with pytest.raises(StateError) as raised:
            await socket.send(b"x", 9, "127.0.0.2")
        assert raised.value.code == "ERR_IP_BLOCKED"
        assert await socket.send(b"y", socket.address().port, LOOPBACK) == 1
        with pytest.raises(StateError):
            await socket.connect(9, "127.0.0.2")


# --- a full buffer --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("connected", [False, True])
async def test_full_kernel_buffer_queues_and_nothing_is_lost(connected, tmp_path):
    """The queue of a UNIX socket that does not receive fills up, and the kernel says so."""
    receiver = dgram.create_socket("unix_dgram").bind(str(tmp_path / "receiver"))
    receiver._pause()
    sender = dgram.create_socket("unix_dgram")
    where = () if connected else (str(tmp_path / "receiver"),)
    if connected:
        await sender.connect(str(tmp_path / "receiver"))
    told = []
    for number in range(2000):
        sender.send(b"%d" % number, *where, lambda error, size: told.append(error))
    await settle()
    assert 0 < len(told) < 2000
    assert sender.get_send_queue_count() == 2000 - len(told)
    assert sender.get_send_queue_size() > 0
    got = []
    arriving = aiter(receiver)
    receiver._resume()
    async for message, _ in arriving:
        got.append(int(message))
        if len(got) == 2000:
            break
    assert got == list(range(2000))
    assert told == [None] * 2000
    assert sender.get_send_queue_count() == sender.get_send_queue_size() == 0
    await sender.close()
    await receiver.close()


async def test_full_queue_refuses_and_close_cancels_the_rest(tmp_path):
    receiver = dgram.create_socket("unix_dgram").bind(str(tmp_path / "receiver"))
    receiver._pause()
    sender = await dgram.create_socket("unix_dgram").connect(str(tmp_path / "receiver"))
    told = []
    for _ in range(400):
        sender.send(bytes(65536), lambda error: told.append(error and error.code))
    await settle()
    assert told.count("ENOBUFS") > 100
    assert sender.get_send_queue_size() <= 16777216
    queued = sender.get_send_queue_count()
    assert queued > 100
    await sender.close()
    assert told.count("ECANCELED") == queued
    assert len(told) == 400
    await receiver.close()


async def test_queue_keeps_an_unref_socket_alive(tmp_path):
    receiver = dgram.create_socket("unix_dgram").bind(str(tmp_path / "receiver")).unref()
    receiver._pause()
    sender = dgram.create_socket("unix_dgram").unref()
    await sender.connect(str(tmp_path / "receiver"))
    before = sender._loop.refs
    told = []
    for _ in range(1000):
        sender.send(b"x", lambda error, size: told.append(error))
    await settle()
    assert sender._loop.refs == before + 1
    receiver._resume()
    while len(told) < 1000:
        await asyncio.sleep(0)
    assert sender._loop.refs == before
    await sender.close()
    await receiver.close()


# --- somebody who is not there --------------------------------------------------------------------------------

async def test_nobody_there_is_an_error_once_when_connected(bound, free_port, event, messages):
    async with bound() as socket:
        await socket.connect(free_port)
        failed = event(socket, "error")
        await socket.send(b"x")
        [error] = await failed
        assert (error.code, error.syscall) == ("ECONNREFUSED", "recvmsg")
        errors = []
        socket.on("error", errors.append)
        socket.disconnect()
        arriving = messages(socket)
        await socket.send(b"y", socket.address().port)
        assert (await arriving)[0][0] == b"y"
        assert errors == []


async def test_nobody_there_is_no_error_when_not_connected(bound, free_port, messages):
    async with bound() as socket:
        arriving = messages(socket)
        for _ in range(3):
            await socket.send(b"x", free_port, LOOPBACK)
        await socket.send(b"y", socket.address().port)
        assert (await arriving)[0][0] == b"y"


# --- batches --------------------------------------------------------------------------------------------------

async def test_what_one_turn_sends_is_collected(bound, peer):
    async with bound() as socket:
        where = peer.getsockname()
        peer.setblocking(False)
        for number in range(10):
            socket.send(b"%d" % number, where[1], where[0])
        assert socket.get_send_queue_count() == 10
        with pytest.raises(BlockingIOError):
            peer.recv(100)
        await socket.send(b"last", where[1], where[0])
        assert [peer.recv(100) for _ in range(11)] == [*(b"%d" % number for number in range(10)), b"last"]


async def test_full_batch_leaves_at_once(bound, peer):
    async with bound() as socket:
        where = peer.getsockname()
        for _ in range(100):
            socket.send(b"x", where[1], where[0])
        assert socket.get_send_queue_count() == 36
        assert peer.recv(100, python_sockets.MSG_DONTWAIT) == b"x"
