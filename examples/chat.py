"""A chat room: what one member types, all the others read.

    python examples/chat.py [port]

Join it from several terminals:  nc localhost 8124

A member that does not read holds nobody up: while lines wait for it, it misses the new ones.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator

from netloop import net, run

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 8124
LONGEST_LINE = 1000

members: dict[str, net.Socket] = {}


def tell(line: str, besides: str = "") -> None:
    """Write a line to each member that has room for it."""
    print(line)
    for name, socket in members.items():
        if name != besides and socket.writable and not socket.writable_need_drain:
            socket.write(line + "\n")


async def lines(socket: net.Socket) -> AsyncIterator[str]:
    """The lines of a peer, however they were cut into chunks on the way."""
    rest = ""
    async for chunk in socket.set_encoding("utf8"):
        *complete, rest = (rest[:LONGEST_LINE] + chunk).split("\n")
        for line in complete:
            yield "".join(filter(str.isprintable, line))


async def on_connection(socket: net.Socket) -> None:
    try:
        await talk(socket)
    except ConnectionError as error:
        print(error)


async def talk(socket: net.Socket) -> None:
    incoming = lines(socket)
    socket.write("Your name? ")
    async for name in incoming:
        if name and name not in members:
            break
        socket.write("Another name? ")
    else:
        return                              # gone without a name
    members[name] = socket
    tell(f"* {name} joined", besides=name)
    try:
        async for line in incoming:
            tell(f"{name}: {line}", besides=name)
    finally:
        del members[name]
        tell(f"* {name} left")


server = net.create_server(on_connection)
server.listen(PORT, lambda: print("listening on", server.address()))
run()
