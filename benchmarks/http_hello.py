"""A server of HTTP through the public API, with a Python listener: what the comparison runs.

    python benchmarks/http_hello.py 8124
    python benchmarks/http_hello.py 8124 cert.pem key.pem        # over TLS

``GET /`` is answered with a short text, ``POST /`` with the body of the request.
"""

from __future__ import annotations

import sys
from pathlib import Path

from netloop import run
from netloop.http.incoming_message import IncomingMessage
from netloop.http.server import create_server
from netloop.http.server_response import ServerResponse

HEADERS = {"Content-Type": "text/plain"}


def on_request(request: IncomingMessage, response: ServerResponse) -> None:
    if request.method == "POST":
        echo(request, response)
        return
    response.write_head(200, HEADERS)
    response.end("Hello World\n")


def echo(request: IncomingMessage, response: ServerResponse) -> None:
    chunks: list[bytes] = []

    def on_end() -> None:
        response.write_head(200, HEADERS)
        response.end(b"".join(chunks))

    request.on("data", chunks.append)
    request.on("end", on_end)


if __name__ == "__main__":
    port, *certificate = sys.argv[1:]
    if certificate:
        from netloop import https

        server = https.create_server(on_request, cert=Path(certificate[0]), key=Path(certificate[1]))
    else:
        server = create_server(on_request)
    server.listen(int(port), "127.0.0.1", 4096)
    run()
