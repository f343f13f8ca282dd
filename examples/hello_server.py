"""A server that says hello, and then repeats what it gets.

    python examples/hello_server.py [port]

Ports the server of "TCP 服务: 基本示例" (TCP services: the basic example).  Mended: a client that vanishes
is an `error` of its connection, which without a listener would end the server.
"""

from __future__ import annotations

import sys

from netloop import net, run

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 8124


def on_connection(c: net.Socket) -> None:
    # 'connection' listener
    print("client connected")
    c.on("end", lambda: print("client disconnected"))
    c.on("error", lambda error: print("client lost:", error))
    c.write("hello\r\n")
    c.pipe(c)


server = net.create_server(on_connection)


@server.on("error")
def on_error(error: Exception) -> None:
    raise error


server.listen(PORT, lambda: print("server bound to", server.address()))
run()
