"""A web server that greets whoever asks.

    python examples/http_server.py [port]

Ports the HTTP server of "构建 WebSocket 服务" (building a WebSocket service), before its upgrade.

Try it:  curl -i http://127.0.0.1:12010/
"""

from __future__ import annotations

import sys

from netloop import http, run

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 12010


def on_request(req: http.IncomingMessage, res: http.ServerResponse) -> None:
    res.write_head(200, {"Content-Type": "text/plain"})
    res.end("Hello World\n")


server = http.create_server(on_request)
server.listen(PORT, lambda: print("listening on", server.address()))
run()
