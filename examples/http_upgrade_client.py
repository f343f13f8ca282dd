"""The other side of http_upgrade.py: asks to leave HTTP, and then talks in raw bytes.

    python examples/http_upgrade_client.py [port [host]]

Ports the client of "构建 WebSocket 服务" (building a WebSocket service).  Mended: the key is 16 random bytes; the server's
answer to it is compared with what was expected; a server that refuses is told of; and bytes that came together with the
answer are not lost.
"""

from __future__ import annotations

import sys
from base64 import b64encode
from hashlib import sha1
from secrets import token_bytes

from netloop import http, net, run

arguments = sys.argv[1:]
PORT = int(arguments[0]) if arguments else 12010
HOST = arguments[1] if len(arguments) > 1 else "127.0.0.1"
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"       # RFC 6455 section 1.3

key = b64encode(token_bytes(16)).decode()
expected = b64encode(sha1((key + GUID).encode()).digest()).decode()
req = http.request(port=PORT, host=HOST, path="/updates", headers={
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": key})


@req.on("upgrade")
def on_upgrade(res: http.IncomingMessage, socket: net.Socket, upgrade_head: bytes) -> None:
    if res.headers.get("sec-websocket-accept") != expected:
        print("the server does not speak WebSocket")
        socket.destroy()
        return
    print("open")
    socket.set_encoding("utf8")
    socket.unshift(upgrade_head)
    socket.on("data", lambda text: print("echo:", text))
    socket.end("你好")


@req.on("response")
def on_response(res: http.IncomingMessage) -> None:
    print("refused:", res.status_code, res.status_message)
    res.resume()


req.on("error", lambda error: print("failed:", error))
req.end()
run()
