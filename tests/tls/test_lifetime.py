"""TLS sockets go with their last reference: none waits for the garbage collector, which a busy program pays for."""

from __future__ import annotations

import weakref

import pytest

from netloop import tls
from netloop.events import once

pytestmark = pytest.mark.usefixtures("without_garbage_collector")


async def test_both_ends_are_freed_after_close(server, authority):
    ends = []

    def on_connection(socket):
        ends.append(weakref.ref(socket))
        socket.on("data", socket.write)

    async with server(on_connection) as listening:
        client = tls.connect(listening.address().port, ca=authority.pem)
        client.write(b"hello")
        await once(client, "data")
        client.resume().end()
        ends.append(weakref.ref(client))
        await once(client, "close")
        del client
    assert [end() for end in ends] == [None, None]
