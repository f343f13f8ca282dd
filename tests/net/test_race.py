"""The race of a name's addresses (RFC 8305), over loopback addresses that answer, refuse, or keep silent."""

from __future__ import annotations

import pytest

import netloop
from netloop import net
from netloop.events import once
from netloop.net.race import interleaved

GOOD, SILENT, OTHER_SILENT, REFUSING = "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"


def lookup_of(*addresses):
    """A look-up that gives these addresses."""
    def lookup(hostname, callback, **options):
        callback(None, [(address, net.is_ip(address)) for address in addresses])

    return lookup


async def serve(silent, *silent_addresses):
    """A server on `GOOD`, and ports of the same number that never answer."""
    server = await net.listen(0, GOOD, None, lambda socket: socket.resume())
    for address in silent_addresses:
        silent(address, server.address().port)
    return server


def attempts(record, socket):
    return record(socket, "connection_attempt", "connection_attempt_failed", "connection_attempt_timeout", "connect")


# --- order ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("addresses", "expected"), [
    ("", ""),
    ("4a", "4a"),
    ("6a 6b 4a 4b", "6a 4a 6b 4b"),
    ("4a 4b 6a", "4a 6a 4b"),
    ("6a 4a 4b 4c", "6a 4a 4b 4c"),
    ("4a 6a 6b 6c 4b", "4a 6a 4b 6b 6c"),
])
def test_families_take_turns_beginning_with_the_first(addresses, expected):
    pairs = [(name, int(name[0])) for name in addresses.split()]
    assert " ".join(name for name, _ in interleaved(pairs)) == expected


# --- who wins -------------------------------------------------------------------------------------------------

async def test_the_next_address_is_tried_beside_one_that_keeps_silent(silent, record, closed):
    server = await serve(silent, SILENT, OTHER_SILENT)
    port = server.address().port
    client = net.connect(port, "many", lookup=lookup_of(SILENT, OTHER_SILENT, GOOD), auto_select_family_attempt_timeout=10)
    log = attempts(record, client)
    await client
    assert client.remote_address == GOOD
    assert log == [
        ("connection_attempt", SILENT, port, 4), ("connection_attempt_timeout", SILENT, port, 4),
        ("connection_attempt", OTHER_SILENT, port, 4), ("connection_attempt_timeout", OTHER_SILENT, port, 4),
        ("connection_attempt", GOOD, port, 4), "connect"]
    assert client.auto_select_family_attempted_addresses == [
        f"{SILENT}:{port}", f"{OTHER_SILENT}:{port}", f"{GOOD}:{port}"]
    server.close()
    await closed(client.end())


async def test_the_next_address_is_tried_at_once_when_one_is_refused(silent, record, closed):
    server = await serve(silent)
    port = server.address().port
    client = net.connect(port, "many", lookup=lookup_of(REFUSING, GOOD), auto_select_family_attempt_timeout=60_000)
    log = attempts(record, client)
    await client
    assert [entry[:2] for entry in log[:3]] == [
        ("connection_attempt", REFUSING), ("connection_attempt_failed", REFUSING), ("connection_attempt", GOOD)]
    assert log[1][4].code == "ECONNREFUSED"
    server.close()
    await closed(client.end())


@pytest.mark.slow
def test_an_attempt_goes_on_while_later_ones_run_and_can_win(silent):
    """Node gives it up when the next one starts."""
    slow = silent(SILENT)
    silent(OTHER_SILENT, slow.port)

    async def connect():
        client = net.connect(slow.port, "many", lookup=lookup_of(SILENT, OTHER_SILENT), auto_select_family_attempt_timeout=10)
        await once(client, "connection_attempt_timeout")
        slow.answer()
        await client
        assert client.remote_address == SILENT
        client.destroy()

    netloop.run(connect)


async def test_both_families_of_a_name_are_tried(record, closed):
    server = await net.listen(0, "::1")
    port = server.address().port
    client = net.connect(port, "both", lookup=lookup_of(GOOD, "::1"))
    log = attempts(record, client)
    await client
    assert (client.remote_address, client.remote_family) == ("::1", "IPv6")
    assert client.auto_select_family_attempted_addresses == [f"{GOOD}:{port}", f"::1:{port}"]
    assert [entry[3] for entry in log if entry[0] == "connection_attempt"] == [4, 6]
    server.close()
    await closed(client.end())


async def test_what_is_written_before_goes_to_the_winner_alone(silent, closed):
    server = await serve(silent, SILENT)
    client = net.connect(server.address().port, "many", lookup=lookup_of(SILENT, REFUSING, GOOD),
                         auto_select_family_attempt_timeout=10)
    client.write("one ")
    client.end("two")
    (accepted,) = await once(server, "connection")
    assert b"".join([chunk async for chunk in accepted]) == b"one two"
    server.close()
    await closed(client)


# --- when all fail --------------------------------------------------------------------------------------------

async def test_when_all_fail_the_error_has_each_of_them(refused_port, record):
    client = net.connect(refused_port, "many", lookup=lookup_of("127.0.0.5", "127.0.0.6", "::1"))
    log = record(client, "close")
    (error,) = await once(client, "error")
    assert isinstance(error, netloop.errors.AggregateError)
    assert isinstance(error, ExceptionGroup)
    assert error.code == "ECONNREFUSED"
    assert [each.address for each in error.errors] == ["127.0.0.5", "::1", "127.0.0.6"]
    for address in ("127.0.0.5", "127.0.0.6", "::1"):
        assert address in str(error)
    assert log == [("close", True)]


async def test_one_address_that_fails_is_an_error_of_its_own(refused_port):
    with pytest.raises(ConnectionRefusedError):
        await net.connect(refused_port, "one", lookup=lookup_of(GOOD))


async def test_blocked_addresses_are_left_out_of_the_race(silent, closed):
    server = await serve(silent)
    blocked = net.BlockList()
    blocked.add_subnet("127.0.0.4", 30)
    client = net.connect(server.address().port, "many", lookup=lookup_of(REFUSING, "127.0.0.5", GOOD), block_list=blocked)
    failed = []
    client.on("connection_attempt_failed", lambda ip, port, family, error: failed.append((ip, error.code)))
    await client
    assert failed == [(REFUSING, "ERR_IP_BLOCKED"), ("127.0.0.5", "ERR_IP_BLOCKED")]
    server.close()
    await closed(client.end())


# --- without it -----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("options", [{"auto_select_family": False}, {"family": 4}, {"local_address": GOOD}],
                         ids=lambda options: next(iter(options)))
async def test_without_a_race_only_the_first_address_is_tried(options, refused_port):
    asked = []

    def lookup(hostname, callback, **options):
        asked.append(options["all"])
        callback(None, [(REFUSING, 4), (GOOD, 4)])

    client = net.connect(refused_port, "many", lookup=lookup, **options)
    (error,) = await once(client, "error")
    assert error.address == REFUSING
    assert client.auto_select_family_attempted_addresses == [f"{REFUSING}:{refused_port}"]
    assert asked == [False]


# --- leaving it -----------------------------------------------------------------------------------------------

async def test_destroy_closes_every_attempt(silent, record):
    port = silent(SILENT).port
    silent(OTHER_SILENT, port)
    client = net.connect(port, "many", lookup=lookup_of(SILENT, OTHER_SILENT, GOOD), auto_select_family_attempt_timeout=10)
    log = record(client, "close")
    await once(client, "connection_attempt_timeout")
    client.destroy()
    await once(client, "close")
    assert log == [("close", False)]


@pytest.mark.parametrize("event", ["lookup", "connection_attempt", "connection_attempt_failed", "connection_attempt_timeout"])
async def test_a_listener_that_destroys_the_socket_is_obeyed(event, silent, record):
    port = silent(SILENT).port
    client = net.connect(port, "many", lookup=lookup_of(REFUSING, SILENT, GOOD), auto_select_family_attempt_timeout=10)
    client.on(event, lambda *_: client.destroy())
    log = attempts(record, client)
    await once(client, "close")
    seen = [entry[0] for entry in log]
    assert seen[-1:] in ([], [event])
    assert "connect" not in seen


@pytest.mark.parametrize("event", ["lookup", "connection_attempt", "connection_attempt_failed", "connection_attempt_timeout",
                                   "connect", "ready"])
async def test_a_listener_that_raises_does_not_keep_it_from_connecting(event, silent, unhandled, closed):
    server = await serve(silent, SILENT)
    client = net.connect(server.address().port, "many", lookup=lookup_of(REFUSING, SILENT, GOOD),
                         auto_select_family_attempt_timeout=10)
    trouble = ValueError("in a listener")

    def fail():
        raise trouble

    client.once(event, fail)
    await client
    assert unhandled == [trouble]
    assert client.remote_address == GOOD
    client.write("works")
    server.close()
    await closed(client.end())
