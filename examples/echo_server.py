"""A server that sends back every byte.

    python examples/echo_server.py [port]

Try it:  nc localhost 8124
"""

from __future__ import annotations

import sys

from netloop import net, run

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 8124


def on_connection(socket: net.Socket) -> None:
    socket.on("error", lambda error: print("connection lost:", error))
    socket.pipe(socket)


server = net.create_server(on_connection)
server.listen(PORT, lambda: print("listening on", server.address()))
run()
