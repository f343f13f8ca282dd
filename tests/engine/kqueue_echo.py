"""An echo over a loop on kqueue, in a process of its own: what the platform is, is decided at import."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import kqueue_double

if sys.platform == "linux":
    kqueue_double.install()
    sys.platform = "darwin"
    from netloop.loop.loops import Loop
    sys.platform = "linux"
else:
    from netloop.loop.loops import Loop

from netloop import net, run

MESSAGE = b"through kqueue" * 100_000


async def echo() -> int:
    async with net.create_server(lambda socket: socket.pipe(socket)).listen(0) as server:
        socket = await net.connect(server.address().port)
        socket.end(MESSAGE)
        return len(b"".join([chunk async for chunk in socket]))


def main() -> None:
    assert any("kqueue" in base.__module__ for base in Loop.__mro__)
    sizes: list[Any] = [run(echo), asyncio.run(echo())]         # a loop of our own, and one that was there
    assert sizes == [len(MESSAGE)] * 2, sizes
    print("echoed")


main()
