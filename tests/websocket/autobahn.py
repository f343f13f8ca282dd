"""Both roles for the Autobahn test suite, https://github.com/crossbario/autobahn-testsuite; it needs Python 2.7.

    python tests/websocket/autobahn.py serve 9001               then  wstest -m fuzzingclient -s fuzzingclient.json
    wstest -m fuzzingserver -s fuzzingserver.json               then  python tests/websocket/autobahn.py connect ws://localhost:9001

Its cases are in the suite as well, as test_conformance_*.py: this is only for changes of the protocol core.  Every case
shall be OK, and none NON-STRICT; three are INFORMATIONAL for everybody (7.1.6, 7.13.1, 7.13.2).

The cases of compression, 12 and 13, were run without Python 2.7: the module `case12_x_x` of the suite, translated by
lib2to3, on the autobahn 0.10.9 that it wants, under Python 3.11.
"""

from __future__ import annotations

import sys
from typing import Any

from netloop import run
from netloop.websocket import WebSocket, WebSocketServer

OPTIONS: dict[str, Any] = {"per_message_deflate": True, "max_payload": 0, "max_fragments": 0}


def echo(websocket: WebSocket) -> None:
    websocket.on("message", lambda data: websocket.send(data))
    websocket.on("error", lambda error: None)


def serve(port: int) -> None:
    WebSocketServer(port=port, host="127.0.0.1", **OPTIONS).on("connection", echo)


async def connect(url: str) -> None:
    async with WebSocket(f"{url}/getCaseCount") as asking:
        count = int(await anext(aiter(asking)))
    for case in range(1, count + 1):
        print(f"\rcase {case} of {count}", end="", flush=True)
        await talk(f"{url}/runCase?case={case}&agent=netloop")
    await talk(f"{url}/updateReports?agent=netloop")
    print()


async def talk(url: str) -> None:
    websocket = WebSocket(url, **OPTIONS)
    echo(websocket)
    await websocket.wait_closed()


if __name__ == "__main__":
    role, where = sys.argv[1:]
    run((lambda: serve(int(where))) if role == "serve" else (lambda: connect(where)))
