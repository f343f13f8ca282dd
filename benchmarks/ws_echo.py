"""A WebSocket echo server through the public API, with a Python listener: what the comparison runs.

    python benchmarks/ws_echo.py 8080
"""

from __future__ import annotations

import sys

from netloop import run
from netloop.websocket import WebSocket, WebSocketServer


def on_connection(websocket: WebSocket) -> None:
    def on_message(data: str | bytes) -> None:
        websocket.send(data)

    websocket.on("error", lambda: None)
    websocket.on("message", on_message)


def main(port: str) -> None:
    server = WebSocketServer(port=int(port), host="127.0.0.1", backlog=4096)
    server.on("connection", on_connection)
    run()


if __name__ == "__main__":
    main(*sys.argv[1:])
