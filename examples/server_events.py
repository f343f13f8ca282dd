"""A server that prints its events, and those of its connections.

    python examples/server_events.py [port]

Ports the programs of "net 模块的 API" (the API of the net module).  Mended: `close` of a server has no
argument, and `listening`, `connection` and `close` in its list are events of the server, not of a socket.
"""

from __future__ import annotations

import sys

from netloop import net, run

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 3000


def on_connection(socket: net.Socket) -> None:
    print("server: connection")
    socket.set_encoding("utf8")
    socket.on("data", lambda data: print("socket: data", repr(data)))
    socket.on("end", lambda: print("socket: end"))
    socket.on("error", lambda error: print("socket: error", error))
    socket.on("close", lambda had_error: print("socket: close", had_error))


server = net.create_server(on_connection)
server.on("close", lambda: print("server: close"))
server.on("error", lambda error: print("server: error", error))
server.listen(PORT, lambda: print("server: listening on", server.address()))
run()
