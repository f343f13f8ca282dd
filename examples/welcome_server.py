"""A server that welcomes whoever connects, and answers 你好 (hello) to everything.

    python examples/welcome_server.py [port]

Ports the server of "构建 TCP 服务" (building a TCP service), after the book 《深入浅出 Node.js》.  Mended:
the quote behind the semicolon, and the listener for the `error` of a connection, without which a client that
vanishes would end the server.
"""

from __future__ import annotations

import sys

from netloop import net, run

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 8124


def on_connection(socket: net.Socket) -> None:
    # 新的连接 (a new connection)
    socket.on("data", lambda data: socket.write("你好"))
    socket.on("end", lambda: print("连接断开"))                     # disconnected
    socket.on("error", lambda error: print("连接错误:", error))     # connection error
    socket.write("欢迎光临《深入浅出Node.js》示例:\n")


server = net.create_server(on_connection)
server.listen(PORT, lambda: print("server bound to", server.address()))
run()
