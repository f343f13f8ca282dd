"""The option `lookup`: what it is asked, how it may answer, and what becomes of wrong answers."""

from __future__ import annotations

import asyncio

import pytest

import netloop
from netloop import net
from netloop.events import once

LOOPBACK = "127.0.0.1"


def answering(*answer):
    """A look-up that calls back with these arguments."""
    def lookup(hostname, callback, **options):
        callback(*answer)

    return lookup


@pytest.mark.parametrize("answer", [
    (None, LOOPBACK),
    (None, LOOPBACK, 4),
    (None, LOOPBACK, 0),
    (None, [(LOOPBACK, 4)]),
    (None, [[LOOPBACK, None]]),
    (None, ((LOOPBACK, 4), ("127.0.0.9", 4))),
], ids=str)
async def test_every_form_of_answer_leads_to_a_connection(answer, closed):
    server = await net.listen(0, LOOPBACK)
    client = await net.connect(server.address().port, "name.example", lookup=answering(*answer))
    assert client.remote_address == LOOPBACK
    server.close()
    await closed(client.end())


async def test_it_is_asked_for_the_host_with_the_options_of_connect(refused_port):
    asked = []

    def lookup(hostname, callback, **options):
        asked.append((hostname, options))
        callback(None, LOOPBACK, 4)

    for options in ({}, {"family": 4, "hints": 1}):
        client = net.connect(refused_port, "name.example", lookup=lookup, **options)
        assert len(asked) < 2, "it must not be called before connect() has returned"
        await once(client, "error")
    assert asked == [("name.example", {"family": 0, "hints": 0, "all": True}),
                     ("name.example", {"family": 4, "hints": 1, "all": False})]


@pytest.mark.parametrize("host", [LOOPBACK, "::1"])
async def test_it_is_not_asked_for_an_address(host, refused_port):
    def lookup(*_, **__):
        raise AssertionError("asked")

    with pytest.raises(ConnectionRefusedError):
        await net.connect(refused_port, host, lookup=lookup)


@pytest.mark.parametrize(("answer", "code"), [
    ((None,), "ERR_INVALID_IP_ADDRESS"),
    ((None, []), "ERR_INVALID_IP_ADDRESS"),
    ((None, "name.example"), "ERR_INVALID_IP_ADDRESS"),
    ((None, "127.0.0.1.1", 4), "ERR_INVALID_IP_ADDRESS"),
    ((None, 5), "ERR_INVALID_IP_ADDRESS"),
    ((None, ["127.0.0.1"]), "ERR_INVALID_IP_ADDRESS"),
    ((None, [("127.0.0.1", 4, "more")]), "ERR_INVALID_IP_ADDRESS"),
    ((None, [(None, 4)]), "ERR_INVALID_IP_ADDRESS"),
    ((None, "127.0.0.1", 6), "ERR_INVALID_ADDRESS_FAMILY"),
    ((None, [("::1", 4)]), "ERR_INVALID_ADDRESS_FAMILY"),
    (("no exception",), "ERR_INVALID_ARG_TYPE"),
], ids=str)
async def test_a_wrong_answer_is_the_error_of_the_socket(answer, code, record):
    client = net.connect(80, "name.example", lookup=answering(*answer))
    told = record(client, "lookup", "close")
    (error,) = await once(client, "error")
    assert error.code == code
    assert told == [("lookup", error, None, None, "name.example"), ("close", True)]


async def test_its_error_is_the_error_of_the_socket():
    trouble = OSError("no such name")
    with pytest.raises(OSError, match="no such name") as raised:
        await net.connect(80, "name.example", lookup=answering(trouble))
    assert raised.value is trouble


async def test_what_it_raises_is_the_error_of_the_socket():
    def lookup(*_, **__):
        raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        await net.connect(80, "name.example", lookup=lookup)


async def test_it_may_be_a_coroutine_function(closed):
    async def lookup(hostname, callback, **options):
        await asyncio.sleep(0)
        callback(None, LOOPBACK, 4)

    async def broken(hostname, callback, **options):
        raise KeyError("broken")

    server = await net.listen(0, LOOPBACK)
    client = await net.connect(server.address().port, "name.example", lookup=lookup)
    with pytest.raises(KeyError, match="broken"):
        await net.connect(server.address().port, "name.example", lookup=broken)
    server.close()
    await closed(client.end())


async def test_only_its_first_answer_counts(closed, unhandled):
    def lookup(hostname, callback, **options):
        callback(None, LOOPBACK, 4)
        callback(OSError("second thoughts"))
        raise ValueError("third")

    server = await net.listen(0, LOOPBACK)
    client = await net.connect(server.address().port, "name.example", lookup=lookup)
    server.close()
    await closed(client.end())
    assert unhandled == []


async def test_an_answer_after_destroy_is_ignored(record):
    answers = []
    client = net.connect(80, "name.example", lookup=lambda hostname, callback, **options: answers.append(callback))
    log = record(client, "lookup", "connection_attempt", "error", "close")
    while not answers:
        await asyncio.sleep(0)
    client.destroy()
    await once(client, "close")
    answers[0](None, LOOPBACK, 4)
    await asyncio.sleep(0)
    assert log == [("close", False)]


async def test_destroy_before_it_is_asked_keeps_it_from_being_asked():
    asked = []
    client = net.connect(80, "name.example", lookup=lambda *_, **__: asked.append("asked"))
    client.destroy()
    await once(client, "close")
    assert asked == []


def test_a_look_up_that_never_answers_keeps_the_loop_alive():
    def main():
        client = net.connect(80, "name.example", lookup=lambda *_, **__: None)
        assert [handle.kind for handle in netloop.active_handles()] == ["Connect"]
        netloop.set_timeout(client.destroy, 5).unref()

    netloop.run(main)
