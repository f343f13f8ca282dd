"""Whoever listens to a group hears what anybody says to it: multicast.

    python examples/udp_multicast.py listen [port]          in one terminal, or in several
    python examples/udp_multicast.py say port words ...     in another

On the loopback interface, that is, within this machine.  For a network, put the address of its interface in place of it.
"""

from __future__ import annotations

import sys

from netloop import dgram, run

GROUP, INTERFACE = "239.255.41.23", "127.0.0.1"


async def listen(port: str = "41235") -> None:
    # Several programs on a machine may listen, so they share the port.
    async with dgram.create_socket("udp4", reuse_addr=True).bind(port) as socket:
        socket.add_membership(GROUP, INTERFACE)
        print(f"listening to {GROUP}:{socket.address().port}")
        async for message, sender in socket:
            print(f"{sender.address} says: {message.decode(errors='replace')}")


async def say(port: str, *words: str) -> None:
    async with dgram.create_socket("udp4").bind() as socket:
        socket.set_multicast_interface(INTERFACE)
        size = await socket.send(" ".join(words), port, GROUP)
        print(f"said {size} bytes")


command, *arguments = sys.argv[1:] or ["listen"]
run(say(*arguments) if command == "say" else listen(*arguments))
