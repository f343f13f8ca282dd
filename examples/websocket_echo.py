"""A WebSocket server that sends every message back, text as text and bytes as bytes.

    python examples/websocket_echo.py [port]

Try it:  netloop ws ws://localhost:12010

A client that does not read is not read either: the next message is taken when the one before it is on its way.
"""

from __future__ import annotations

import sys

from netloop import run
from netloop.errors import NetloopError
from netloop.websocket import WebSocket, WebSocketServer

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 12010


async def on_connection(websocket: WebSocket) -> None:
    try:
        async for message in websocket:
            await websocket.send(message)
    except NetloopError as error:           # it broke a rule, or was gone before it was answered
        print("client lost:", error)


server = WebSocketServer(port=PORT, per_message_deflate=True, heartbeat=30_000)
server.on("connection", on_connection)
server.on("listening", lambda: print("listening on", server.address()))
run()
