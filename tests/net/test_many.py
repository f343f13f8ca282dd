"""Ten thousand connections at once: each end is served, and nothing of them stays."""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys

import pytest

import netloop
from netloop import net

LOOPBACK = "127.0.0.1"
WANTED = 10_000
RESERVE = 200               # descriptors for all else
TIME_LIMIT_S = 60

CLIENTS = """
import resource, sys
from netloop import net, run

port, count, descriptors = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
started = 0

def connect():
    global started
    if started < count:
        started += 1
        client = net.connect(port, "127.0.0.1", connect)    # the next one once this is connected
        client.pipe(client)                                 # the server speaks first

for _ in range(200):        # under way at once: less than the server's backlog, or the kernel would drop some
    connect()
run()
"""


@pytest.fixture
def descriptors():
    """As many descriptors as that takes, at each end, or as this system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = WANTED + RESERVE if hard == resource.RLIM_INFINITY else min(WANTED + RESERVE, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, allowed), hard))
    yield allowed
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.slow
def test_ten_thousand_connections_at_once_are_all_served(descriptors):
    """The server waits until all are there, and sends each its number, which comes back before the connection ends."""
    count = descriptors - RESERVE
    sockets, received, closes = [], [None] * count, []

    def on_connection(socket):
        number = len(sockets)
        sockets.append(socket)
        socket.on("data", lambda data: received.__setitem__(number, (received[number] or b"") + data))
        socket.on("close", closes.append)
        if len(sockets) == count:
            for index, each in enumerate(sockets):
                each.end(str(index))

    async def main():
        async with asyncio.timeout(TIME_LIMIT_S):
            server = await net.listen(0, LOOPBACK, on_connection)
            all_there = asyncio.get_running_loop().create_future()
            server.on("connection", lambda _: len(sockets) == count and all_there.set_result(None))
            clients = subprocess.Popen(
                [sys.executable, "-c", CLIENTS, str(server.address().port), str(count), str(descriptors)])
            try:
                await all_there
                assert await server.get_connections() == count
                server.close()
                await server
                assert await asyncio.to_thread(clients.wait) == 0
            finally:
                clients.kill()
                clients.wait()

    netloop.run(main)
    assert received == [str(index).encode() for index in range(count)]
    assert closes == [False] * count
