"""A chat in the browser: a page over HTTP, and a WebSocket that carries what its visitors say.

    python examples/websocket_chat.py [port]

Open http://localhost:12010 in two windows.  The first line that somebody sends is the name.

A visitor that does not read holds nobody up: the oldest lines that wait for it are dropped.
"""

from __future__ import annotations

import sys
from itertools import count

from netloop import http, run
from netloop.websocket import WebSocket, WebSocketServer, broadcast

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 12010
LONGEST_LINE = 1000
PAGE = """<!doctype html>
<meta charset="utf-8">
<title>Chat</title>
<form><input placeholder="Your name" autofocus></form>
<pre></pre>
<script>
  const [form, input, log] = ["form", "input", "pre"].map(name => document.querySelector(name));
  const chat = new WebSocket(`ws://${location.host}/chat`);
  const show = line => log.textContent = `${line}\\n${log.textContent}`;
  chat.onmessage = event => show(event.data);
  chat.onclose = event => show(`* disconnected (${event.code} ${event.reason})`);
  form.onsubmit = event => {
    event.preventDefault();
    chat.send(input.value);
    input.value = input.placeholder = "";
  };
</script>
"""

numbers = count(1)
names: dict[WebSocket, str] = {}


def tell(line: str) -> None:
    print(line)
    broadcast(names, line)


def on_connection(websocket: WebSocket) -> None:
    websocket.on("message", lambda message: on_message(websocket, message))
    websocket.on("close", lambda: on_close(websocket))
    websocket.on("error", lambda error: print("visitor lost:", error))


def on_message(websocket: WebSocket, message: str | bytes) -> None:
    if not isinstance(message, str):
        websocket.close(1003, "text, please")
    elif websocket in names:
        tell(f"{names[websocket]}: {message}")
    else:
        names[websocket] = message.strip() or f"visitor {next(numbers)}"
        tell(f"* {names[websocket]} joined")


def on_close(websocket: WebSocket) -> None:
    name = names.pop(websocket, None)
    if name is not None:
        tell(f"* {name} left")


def on_request(req: http.IncomingMessage, res: http.ServerResponse) -> None:
    res.write_head(200, {"Content-Type": "text/html; charset=utf-8"})
    res.end(PAGE)


server = http.create_server(on_request)
chat = WebSocketServer(server=server, path="/chat", max_payload=LONGEST_LINE, heartbeat=30_000,
                       slow_consumer="drop", max_buffered_amount=64 * LONGEST_LINE)
chat.on("connection", on_connection)
server.listen(PORT, lambda: print("listening on", server.address()))
run()
