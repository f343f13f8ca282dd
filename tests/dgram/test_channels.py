"""What the diagnostics channels tell of datagrams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import netloop
from netloop import dgram, diagnostics

LOOPBACK = "127.0.0.1"


@pytest.fixture
def heard() -> Iterator[list[Any]]:
    """(channel, its message without the socket)"""
    log: list[Any] = []

    def subscriber(message: dict[str, Any], name: str) -> None:
        assert isinstance(message["socket"], dgram.Socket)
        log.append((name, {key: value for key, value in message.items() if key != "socket"}))

    diagnostics.subscribe("dgram.*", subscriber)
    yield log
    diagnostics.unsubscribe("dgram.*", subscriber)


async def test_life_of_a_socket(heard, messages):
    socket = await dgram.create_socket("udp4").bind(0, LOOPBACK)
    port = socket.address().port
    arriving = messages(socket)
    await socket.send(b"one", port, LOOPBACK)
    await arriving
    await socket.connect(port)
    arriving = messages(socket)
    await socket.send(b"three")
    [(_, sender)] = await arriving
    await socket.close()
    assert heard == [
        ("dgram.listening", {}),
        ("dgram.send", {"size": 3, "address": LOOPBACK, "port": port}),
        ("dgram.message", {"size": 3, "sender": (LOOPBACK, "IPv4", port, 3, False)}),
        ("dgram.connect", {}),
        ("dgram.send", {"size": 5, "address": None, "port": None}),
        ("dgram.message", {"size": 5, "sender": sender}),
        ("dgram.close", {}),
    ]


async def test_what_is_not_sent_is_told_also_when_nobody_waits(heard, bound):
    async with bound(lookup=lambda *_, **__: None) as socket:
        socket.send(b"never", 9, "never.example")
    name, message = heard[-1]
    assert (name, message["size"], message["error"].code) == ("dgram.drop", 5, "ECANCELED")


async def test_error_is_told(heard, bound, event):
    async with bound() as socket:
        failed = event(socket, "error")
        socket.send(bytes(65508), 9, LOOPBACK)
        await failed
    assert [name for name, _ in heard] == ["dgram.listening", "dgram.send", "dgram.drop", "dgram.error", "dgram.close"]


def test_active_handles_call_it_a_datagram_socket():
    socket = dgram.create_socket("udp4").bind(0, LOOPBACK)
    kinds = [handle.kind for handle in netloop.active_handles() if handle.description == repr(socket)]
    assert "DatagramSocket" in kinds
    socket.close()
    netloop.run()
