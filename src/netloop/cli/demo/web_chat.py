"""The chat in the browser: a WebSocket for each visitor, beside the pages of the same HTTP server.

The first message of a visitor is the name, each further one a line.  What the page hears is JSON with one key:

    {"welcome": name}       the name was taken over      {"here": [name, ...]}      who is in the room
    {"note": text}          what happened                {"said": [name, text]}     what somebody says

The room waits for nobody: of what waits for a visitor that reads too slowly the oldest is dropped.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ...websocket import WebSocket, WebSocketServer, broadcast
from .log import Log

if TYPE_CHECKING:
    from ...http import IncomingMessage, Server
    from ...websocket.verification import ClientInfo

__all__ = ["WebChat"]

PATH = "/chat"
LONGEST_LINE = 1000         # characters
LONGEST_NAME = 20
LONGEST_MESSAGE = 4 * LONGEST_LINE      # bytes
MOST_WAITING = 256 * 1024               # bytes for a visitor that does not read
HEARTBEAT_MS = 30_000       # a browser whose machine fell asleep says no goodbye


class WebChat:
    """The room, on an HTTP server; its log lines are those of the service `name`."""

    def __init__(self, log: Log, name: str, server: Server) -> None:
        self._log = log
        self._name = name
        self._members: dict[WebSocket, str] = {}
        accepting = WebSocketServer(server=server, path=PATH, max_payload=LONGEST_MESSAGE, heartbeat=HEARTBEAT_MS,
                                    slow_consumer="drop", max_buffered_amount=MOST_WAITING, per_message_deflate=True,
                                    verify_client=_is_own_page)
        accepting.on("connection", self._on_connection)
        accepting.on("error", _is_told_by_the_server)

    def _on_connection(self, websocket: WebSocket, request: IncomingMessage) -> None:
        peer = f"{getattr(request.socket, 'remote_address', '')}:{getattr(request.socket, 'remote_port', '')}"
        websocket.on("message", lambda message: self._take(websocket, message))
        websocket.on("error", lambda error: self._log.write(self._name, str(error), peer))
        websocket.on("close", lambda: self._leave(websocket))

    def _take(self, websocket: WebSocket, message: str | bytes) -> None:
        if not isinstance(message, str):
            websocket.close(1003, "This chat takes text.")
            return
        text = "".join(filter(str.isprintable, message)).strip()[:LONGEST_LINE]
        name = self._members.get(websocket)
        if name is None:
            self._introduce(websocket, text)
        elif text:
            self._log.write(self._name, f"{name}: {text}")
            self._tell(said=[name, text])

    def _introduce(self, websocket: WebSocket, name: str) -> None:
        if not name or len(name) > LONGEST_NAME:
            websocket.send(_json(note=f"A name has 1 to {LONGEST_NAME} characters."))
        elif name.lower() in map(str.lower, self._members.values()):
            websocket.send(_json(note=f"{name} is here already."))
        else:
            self._members[websocket] = name
            websocket.send(_json(welcome=name))
            self._note(f"{name} joined")

    def _leave(self, websocket: WebSocket) -> None:
        name = self._members.pop(websocket, None)
        if name is not None:
            self._note(f"{name} left")

    def _note(self, text: str) -> None:
        self._log.write(self._name, f"* {text}")
        self._tell(note=text)
        self._tell(here=sorted(self._members.values(), key=str.lower))

    def _tell(self, **what: Any) -> None:
        broadcast(self._members, _json(**what))


def _is_own_page(client: ClientInfo) -> bool:
    """No page from elsewhere may speak in the name of whoever looks at it (RFC 6455 section 10.2)."""
    scheme = "https" if client.secure else "http"
    return client.origin is None or client.origin == f"{scheme}://{client.request.headers.get('host')}"


def _json(**what: Any) -> str:
    return json.dumps(what, ensure_ascii=False)


def _is_told_by_the_server(error: Exception) -> None:
    """The HTTP server has a listener of its own for it."""
