"""A walk through the net module: each call, and what comes of it.

    python examples/net_tour.py

Ports the tables of "net 模块的 API" (the API of the net module).  Mended: a server without a host listens on
all addresses of both families, and `get_connections` always works.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from netloop import events, net, run


async def main() -> None:
    print("is_ip:", net.is_ip("127.0.0.1"), net.is_ip("::1"), net.is_ip("localhost"))
    print("is_ipv4, is_ipv6:", net.is_ipv4("127.0.0.1"), net.is_ipv6("127.0.0.1"))
    await over_tcp()
    with tempfile.TemporaryDirectory() as folder:
        await over_a_path(str(Path(folder, "tour.sock")))
    await over_a_handle()


async def over_tcp() -> None:
    server = net.create_server(lambda socket: socket.end("welcome"))
    server.listen(0, lambda: print("listening:", server.listening))     # 0: the system chooses a port
    await events.once(server, "listening")
    print("address:", server.address().family, server.address().address)

    port = server.address().port
    await visit(net.connect(port, "localhost", lambda: print("connect(port, host)")))
    await visit(net.create_connection(lambda: print("connect(options)"), port=port, host="localhost"))
    print("connections:", await server.get_connections())
    server.unref()                      # the loop may end although the server is open ...
    server.ref()                        # ... and may not; in neither case does it stop listening
    server.close(lambda: print("closed, and its address is", server.address()))
    await events.once(server, "close")


async def over_a_path(path: str) -> None:
    async with net.create_server(lambda socket: socket.end("welcome")).listen(path):
        await visit(net.connect(path, lambda: print("connect(path)")))


async def over_a_handle() -> None:
    bound = net.BoundSocket(host="127.0.0.1")
    async with net.create_server(lambda socket: socket.end("welcome")).listen(bound) as server:
        await visit(net.connect(server.address().port, "127.0.0.1", lambda: print("listen(handle)")))


async def visit(socket: net.Socket) -> None:
    """Print the events of a connection, until its last one."""
    socket.set_encoding("utf8")
    socket.set_timeout(5000, lambda: socket.destroy())      # `timeout` only tells; closing is ours
    socket.on("lookup", lambda error, address, family, host: print("  lookup:", host))
    socket.on("connect", lambda: print("  connect:", socket.remote_family))
    socket.on("data", lambda data: print("  data:", data))
    socket.on("end", lambda: print("  end"))
    socket.on("drain", lambda: print("  drain"))
    socket.on("error", lambda error: print("  error:", error))
    [had_error] = await events.once(socket, "close")
    print("  close:", had_error)


run(main)
