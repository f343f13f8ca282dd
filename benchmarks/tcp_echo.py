"""An echo server through the public API, with a Python listener: what the comparison runs.

    python benchmarks/tcp_echo.py run data 8124

LOOP is `run` (netloop.run), `asyncio` or `uvloop` (embedded in theirs).  STYLE is `data` (``socket.on("data",
socket.write)``) or `pipe` (``socket.pipe(socket)``).  ADDRESS is a port, or the path of a UNIX socket.
"""

from __future__ import annotations

import sys

from netloop import net, run


def on_connection_data(socket: net.Socket) -> None:
    socket.on("error", lambda: None)
    socket.on("data", socket.write)


def on_connection_pipe(socket: net.Socket) -> None:
    socket.on("error", lambda: None)
    socket.pipe(socket)


def serve(style: str, address: str) -> None:
    server = net.create_server({"data": on_connection_data, "pipe": on_connection_pipe}[style], no_delay=True)
    if address.isdigit():
        server.listen(int(address), "127.0.0.1", 4096)
    else:
        server.listen(address, 4096)


def main(loop: str, style: str, address: str) -> None:
    if loop == "run":
        serve(style, address)
        run()
        return

    import asyncio

    async def forever() -> None:
        serve(style, address)
        await asyncio.Event().wait()

    factory = asyncio.new_event_loop
    if loop == "uvloop":
        import uvloop
        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(forever())


if __name__ == "__main__":
    main(*sys.argv[1:])
