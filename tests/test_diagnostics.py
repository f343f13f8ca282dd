"""Diagnostics: channels, their subscribers, and what net publishes on its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import netloop
from netloop import diagnostics, net, next_tick, run
from netloop.diagnostics import channel, channels, has_subscribers, subscribe, unsubscribe

LOOPBACK = "127.0.0.1"
REFERENCE = Path(__file__).parents[1] / "docs/reference/diagnostics.md"


@pytest.fixture(autouse=True)
def own_subscriptions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test's subscriptions end with it, and NETLOOP_DEBUG's stay."""
    monkeypatch.setattr(diagnostics, "_subscriptions", [*diagnostics._subscriptions])
    yield
    monkeypatch.undo()
    diagnostics._update_all()


@pytest.fixture
def log() -> list[Any]:
    return []


# --- channels ---

def test_a_channel_is_made_when_it_is_first_asked_for() -> None:
    assert "left.new" not in channels()
    made = channel("left.new")
    assert made.name == "left.new"
    assert channel("left.new") is made
    assert "left.new" in channels()


def test_the_names_of_channels_are_sorted() -> None:
    channel("left.two")
    channel("left.one")
    assert channels() == sorted(channels())


def test_a_channel_with_nobody_has_no_subscribers_and_costs_one_test() -> None:
    lonely = channel("left.lonely")
    assert lonely.subscribers is None
    assert not has_subscribers("left.lonely")
    lonely.publish({"nobody": "hears"})


def test_a_channel_says_how_many_listen() -> None:
    assert repr(channel("left.shown")) == "<Channel left.shown, 0 subscribers>"
    subscribe("left.shown", print)
    assert repr(channel("left.shown")) == "<Channel left.shown, 1 subscribers>"


# --- subscribing ---

def test_a_subscriber_gets_the_message_and_the_name(log: list[Any]) -> None:
    subscribe("left.one", lambda message, name: log.append((message, name)))
    message = {"value": 1}
    channel("left.one").publish(message)
    assert log == [(message, "left.one")]
    assert log[0][0] is message


def test_subscribers_are_called_in_the_order_in_which_they_subscribed(log: list[Any]) -> None:
    subscribe("left.*", lambda message, name: log.append("first"))
    subscribe("left.one", lambda message, name: log.append("second"))
    subscribe("*", lambda message, name: log.append("third"))
    channel("left.one").publish({})
    assert log == ["first", "second", "third"]


@pytest.mark.parametrize(("pattern", "heard"), [
    ("left.one", ["left.one"]),
    ("left.*", ["left.one", "left.two.deep"]),
    ("*.one", ["left.one", "right.one"]),
    ("*", ["left.one", "left.two.deep", "right.one"]),
    ("left", []),
    ("LEFT.*", []),
])
def test_a_pattern_matches_whole_names_by_their_case(pattern: str, heard: list[str], log: list[Any]) -> None:
    subscribe(pattern, lambda message, name: log.append(name))
    for name in ("left.one", "left.two.deep", "right.one"):
        channel(name).publish({})
    assert log == heard


def test_a_subscription_holds_for_channels_that_are_made_later(log: list[Any]) -> None:
    subscribe("left.later*", lambda message, name: log.append(name))
    assert "left.later still" not in channels()
    channel("left.later still").publish({})
    assert log == ["left.later still"]


def test_who_subscribes_twice_is_called_twice(log: list[Any]) -> None:
    def note(message: dict[str, Any], name: str) -> None:
        log.append(name)

    subscribe("left.one", note)
    subscribe("left.one", note)
    channel("left.one").publish({})
    assert unsubscribe("left.one", note)
    channel("left.one").publish({})
    assert log == ["left.one"] * 3


def test_who_unsubscribed_is_not_called(log: list[Any]) -> None:
    def note(message: dict[str, Any], name: str) -> None:
        log.append(name)

    subscribe("left.*", note)
    assert has_subscribers("left.one")
    assert unsubscribe("left.*", note) is True
    assert not has_subscribers("left.one")
    assert channel("left.one").subscribers is None
    channel("left.one").publish({})
    assert log == []


def test_unsubscribing_what_was_not_subscribed_says_so() -> None:
    subscribe("left.*", print)
    assert unsubscribe("left.one", print) is False
    assert unsubscribe("left.*", repr) is False
    assert has_subscribers("left.one")


def test_a_bound_method_is_found_again_to_unsubscribe(log: list[Any]) -> None:
    class Watcher:
        def note(self, message: dict[str, Any], name: str) -> None:
            log.append(name)

    watcher = Watcher()
    subscribe("left.one", watcher.note)
    assert unsubscribe("left.one", watcher.note)


def test_who_unsubscribes_while_it_is_called_does_not_disturb_the_others(log: list[Any]) -> None:
    def once(message: dict[str, Any], name: str) -> None:
        log.append("once")
        unsubscribe("left.one", once)

    subscribe("left.one", once)
    subscribe("left.one", lambda message, name: log.append("always"))
    channel("left.one").publish({})
    channel("left.one").publish({})
    assert log == ["once", "always", "always"]


@pytest.mark.parametrize("pattern", [None, 5, b"left.one", ["left.one"]])
def test_a_pattern_that_is_no_text_is_refused(pattern: Any) -> None:
    with pytest.raises(TypeError, match="pattern must be a str such as") as caught:
        subscribe(pattern, print)
    assert caught.value.code == "ERR_INVALID_ARG_TYPE"  # type: ignore[attr-defined]


@pytest.mark.parametrize("subscriber", [None, 5, "print"])
def test_a_subscriber_that_is_no_function_is_refused(subscriber: Any) -> None:
    with pytest.raises(TypeError, match="subscriber must be a function") as caught:
        subscribe("left.one", subscriber)
    assert caught.value.code == "ERR_INVALID_ARG_TYPE"  # type: ignore[attr-defined]


# --- a subscriber that raises ---

async def test_what_a_subscriber_raises_goes_to_the_loop_and_not_to_the_publisher(log: list[Any],
                                                                                 unhandled: list[Any]) -> None:
    def fail(message: dict[str, Any], name: str) -> None:
        raise ValueError("broken")

    subscribe("left.one", fail)
    subscribe("left.one", lambda message, name: log.append(name))
    channel("left.one").publish({})
    await asyncio.sleep(0)
    assert log == ["left.one"]
    assert repr(unhandled) == "[ValueError('broken')]"


def test_what_a_subscriber_raises_before_the_loop_runs_comes_out_of_run(log: list[Any]) -> None:
    def fail(message: dict[str, Any], name: str) -> None:
        raise ValueError("broken")

    subscribe("left.one", fail)
    channel("left.one").publish({})
    next_tick(log.append, "never")
    with pytest.raises(ValueError, match="broken"):
        run()
    assert log == []


async def test_a_subscriber_that_raises_does_not_disturb_a_connection(unhandled: list[Any]) -> None:
    def fail(message: dict[str, Any], name: str) -> None:
        raise ValueError(name)

    subscribe("socket.read", fail)
    server = await net.create_server(lambda socket: socket.pipe(socket)).listen(0, LOOPBACK)
    client = net.connect(server.address().port, LOOPBACK)  # type: ignore[union-attr]
    client.end(b"hello")
    assert b"".join([chunk async for chunk in client]) == b"hello"
    server.close()
    assert {str(error) for error in unhandled} == {"socket.read"}


# --- the channels of net ---

async def closed(socket: net.Socket) -> None:
    """Read to the end, take errors as they come, and wait until the socket is closed."""
    over = asyncio.get_running_loop().create_future()
    socket.on("error", lambda error: None).on("close", over.set_result).resume()
    await over


async def published_by_net() -> dict[str, dict[str, Any]]:
    """The first message of each channel, of a program that has something to say on all of them."""
    messages: dict[str, dict[str, Any]] = {}

    def note(message: dict[str, Any], name: str) -> None:
        messages.setdefault(name, message)

    subscribe("net.*", note)
    subscribe("socket.*", note)

    def serve(socket: net.Socket) -> None:
        server.max_connections = 1
        socket.resume()

    server = await net.create_server(serve).listen(0, LOOPBACK)
    port = server.address().port  # type: ignore[union-attr]
    client = await net.connect(port, LOOPBACK)
    await closed(net.connect(port, LOOPBACK))       # is dropped
    client.set_timeout(1)
    await netloop.events.once(client, "timeout")
    client.end(b"hello")
    await closed(client)
    server.close()
    await netloop.events.once(server, "close")
    await closed(net.connect(port, LOOPBACK))       # is refused
    return messages


def documented() -> dict[str, set[str]]:
    """The fields of each channel of net, by the page of the reference."""
    found = {}
    for line in REFERENCE.read_text(encoding="utf-8").splitlines():
        columns = [column.strip() for column in line.split("|")[1:-1]]
        if len(columns) == 2 and columns[0].startswith(("`net.", "`socket.")):
            fields = {part.strip("` ") for part in columns[1].split(":")[0].removesuffix(" in bytes").split(",")}
            found |= {name.strip("` "): fields for name in columns[0].split(",")}
    return found


async def test_each_channel_of_net_is_published_with_its_documented_fields() -> None:
    messages = await published_by_net()
    assert {name: set(message) for name, message in messages.items()} == documented()


async def test_the_messages_of_net_hold_what_the_fields_say() -> None:
    messages = await published_by_net()
    for name, message in messages.items():
        if name.startswith("net.server."):
            assert isinstance(message["server"], net.Server), name
        if "socket" in message:
            assert isinstance(message["socket"], net.Socket), name
        if name.startswith("net.connect."):
            assert message["target"].startswith(f"{LOOPBACK}:"), name
    assert messages["net.connect.end"]["elapsed_ms"] > 0
    assert messages["net.connect.error"]["error"].code == "ECONNREFUSED"
    assert messages["net.server.drop"]["info"].local_address == LOOPBACK
    assert messages["socket.read"]["size"] == messages["socket.write"]["size"] == 5
    assert messages["socket.timeout"]["idle_ms"] == 1
    assert isinstance(messages["socket.error"]["error"], OSError)
    assert messages["socket.close"]["had_error"] in (True, False)


async def test_a_connect_ends_when_both_addresses_are_known_and_before_the_listeners_hear_of_it() -> None:
    server = await net.listen(0, LOOPBACK, lambda socket: socket.end())
    port = server.address().port  # type: ignore[union-attr]
    log: list[Any] = []

    def note(message: Any, name: str) -> None:
        socket = message["socket"]
        log.append((socket.address() is not None, socket.remote_address, socket.remote_port))

    subscribe("net.connect.end", note)
    try:
        client = net.connect(port, LOOPBACK, lambda: log.append("connect"))
        await client
    finally:
        netloop.diagnostics.unsubscribe("net.connect.end", note)
    assert log == [(True, LOOPBACK, port), "connect"]
    client.destroy()
    server.close()
    await server
