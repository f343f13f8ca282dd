"""The echo server with asyncio: a coroutine for each connection.

    python examples/async_echo.py [port]

``asyncio.run(main())`` would do as well: it lives in whatever asyncio loop runs.
"""

from __future__ import annotations

import sys

from netloop import events, net, run

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 8124


async def echo(socket: net.Socket) -> None:
    try:
        async for chunk in socket:
            if not socket.write(chunk):
                await socket.drain()            # the peer reads slowly, so we do too
    except ConnectionError as error:
        print("connection lost:", error)


async def main() -> None:
    async with net.create_server(echo).listen(PORT) as server:
        print("listening on", server.address())
        await events.once(server, "close")


run(main)
