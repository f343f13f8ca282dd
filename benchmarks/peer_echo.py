"""The same echo as a bare asyncio.Protocol, on asyncio's loop or uvloop: what `tcp_echo.py` is compared with."""

from __future__ import annotations

import asyncio
import sys
from typing import Any


class Echo(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


async def serve(address: str) -> None:
    loop = asyncio.get_running_loop()
    if address.isdigit():
        await loop.create_server(Echo, "127.0.0.1", int(address), backlog=4096)
    else:
        await loop.create_unix_server(Echo, address, backlog=4096)
    await asyncio.Event().wait()


def main(name: str, address: str) -> None:
    factory = asyncio.new_event_loop
    if name == "uvloop":
        import uvloop
        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(serve(address))


if __name__ == "__main__":
    main(*sys.argv[1:])
