"""A client that greets a server, prints the answer, and ends the connection.

    python examples/hello_client.py [port]

Ports the client of "TCP 服务: 基本示例" (TCP services: the basic example).  Mended: chunks are no
messages; the first one may hold a part of what the server wrote, or all of it, and may end inside a
character, which `set_encoding` takes care of.  And `end` means that the other side has finished.
"""

from __future__ import annotations

import sys

from netloop import net, run

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 8124


def on_connect() -> None:
    # 'connect' listener
    print("connected to server!")
    client.write("world!\r\n")


def on_data(data: str) -> None:
    print(data, end="")
    client.end()


client = net.create_connection(on_connect, port=PORT)
client.set_encoding("utf8")
client.on("data", on_data)
client.on("end", lambda: print("disconnected from server"))
run()
