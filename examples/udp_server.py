"""A UDP server that prints what it gets, and from whom.

    python examples/udp_server.py [port]

Ports "创建 UDP 服务器端" (create a UDP server).  Mended: the tutorial's server never calls `bind`, so it hears
nothing.  And a socket that was closed stays closed: to receive again, create a new one.
"""

from __future__ import annotations

import sys

from netloop import dgram, run

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 41234

server = dgram.create_socket("udp4")


@server.on("message")
def on_message(message: bytes, sender: dgram.RemoteInfo) -> None:
    print(f"server got: {message.decode(errors='replace')} from {sender.address}:{sender.port}")


@server.on("error")
def on_error(error: Exception) -> None:
    print("server error:", error)
    server.close()


server.on("listening", lambda: print(f"server listening on {server.address()}"))
server.on("close", lambda: print("server closed"))
server.bind(PORT)
run()
