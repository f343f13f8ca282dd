"""A UDP echo server through the public API, with a Python listener: what the comparison runs.

    python benchmarks/udp_echo.py run 41234

LOOP is `run` (netloop.run), `asyncio` or `uvloop` (embedded in theirs).
"""

from __future__ import annotations

import sys

from netloop import dgram, run


def serve(port: int) -> None:
    socket = dgram.create_socket("udp4")

    def on_message(message: bytes, sender: dgram.RemoteInfo) -> None:
        socket.send(message, sender.port, sender.address)

    socket.on("message", on_message)
    socket.bind(port, "127.0.0.1")


def main(loop: str, port: str) -> None:
    if loop == "run":
        serve(int(port))
        run()
        return

    import asyncio

    async def forever() -> None:
        serve(int(port))
        await asyncio.Event().wait()

    factory = asyncio.new_event_loop
    if loop == "uvloop":
        import uvloop
        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(forever())


if __name__ == "__main__":
    main(*sys.argv[1:])
