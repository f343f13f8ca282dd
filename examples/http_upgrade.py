"""Leaving HTTP: the handshake with which a WebSocket begins, and raw bytes after it.

    python examples/http_upgrade.py [port]

Ports the server of "构建 WebSocket 服务" (building a WebSocket service).  Mended: the constant of RFC 6455 begins with
"258", without which no browser takes the answer; the request is checked before it is answered; what came together with
the request is not thrown away; and a subprotocol is named only if the client has offered it.

After the handshake this one echoes bytes, and knows nothing of frames: that is the work of `netloop.websocket`.
"""

from __future__ import annotations

import sys
from base64 import b64decode, b64encode
from binascii import Error
from hashlib import sha1

from netloop import http, net, run

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 12010
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"       # RFC 6455 section 1.3
PROTOCOL = "echo"                                   # the subprotocol that is spoken here


def on_request(req: http.IncomingMessage, res: http.ServerResponse) -> None:
    res.write_head(200, {"Content-Type": "text/plain"})
    res.end("Hello World\n")


def on_upgrade(req: http.IncomingMessage, socket: net.Socket, upgrade_head: bytes) -> None:
    # after a request for an upgrade: tell the client that the protocol changes
    socket.on("error", lambda error: print("client lost:", error))
    if not is_handshake(req):
        socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        return
    headers = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Accept: " + accept_value(req.headers["sec-websocket-key"])]
    if PROTOCOL in words(req, "sec-websocket-protocol"):
        headers.append("Sec-WebSocket-Protocol: " + PROTOCOL)
    socket.set_no_delay(True)                       # send at once
    socket.write("\r\n".join([*headers, "", ""]))
    socket.unshift(upgrade_head)                    # what came already comes first
    socket.pipe(socket)


def accept_value(key: str) -> str:
    return b64encode(sha1((key + GUID).encode()).digest()).decode()


def is_handshake(req: http.IncomingMessage) -> bool:
    """Whether it is the request of RFC 6455 section 4.1."""
    try:
        key = b64decode(req.headers.get("sec-websocket-key", ""), validate=True)
    except (Error, ValueError):
        return False
    return (req.method == "GET" and len(key) == 16 and req.headers.get("sec-websocket-version") == "13"
            and "websocket" in [word.lower() for word in words(req, "upgrade")])


def words(req: http.IncomingMessage, name: str) -> list[str]:
    """The elements of a header field that is a list."""
    return [word.strip() for word in req.headers.get(name, "").split(",")]


server = http.create_server(on_request)
server.on("upgrade", on_upgrade)
server.listen(PORT, lambda: print("listening on", server.address()))
run()
