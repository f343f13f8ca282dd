"""A server whose listener reads one header field and sets three, as programs do: what the comparison runs.

    python benchmarks/http_fields.py 8124
"""

from __future__ import annotations

import sys

from netloop import http, run


def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
    if request.headers.get("accept", "").startswith("image/"):
        response.status_code = 406
        response.end()
        return
    response.set_header("Content-Type", "text/plain; charset=utf-8")
    response.set_header("Cache-Control", "no-store")
    response.set_header("X-Path", request.url.partition("?")[0])
    response.end("Hello World\n")


if __name__ == "__main__":
    http.create_server(on_request).listen(int(sys.argv[1]), "127.0.0.1", 4096)
    run()
