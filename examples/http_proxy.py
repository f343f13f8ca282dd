"""A reverse proxy: passes each request on to another server, and its response back, as they come.

    python examples/http_proxy.py [port [target-port [target-host]]]

Nothing is kept: a body goes through at the pace of whoever is slower, however large it is, and a client that goes away
ends the request to the target.

Try it:  python examples/http_server.py, then this, then  curl -i http://127.0.0.1:8080/
"""

from __future__ import annotations

import sys

from netloop import http, run
from netloop.stream import pipeline

arguments = sys.argv[1:]
PORT = int(arguments[0]) if arguments else 8080
TARGET_PORT = int(arguments[1]) if len(arguments) > 1 else 12010
TARGET_HOST = arguments[2] if len(arguments) > 2 else "127.0.0.1"

# Of one connection only, never passed on (RFC 9110 section 7.6.1).
HOP_BY_HOP = {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
              "trailer", "transfer-encoding", "upgrade"}
agent = http.Agent(keep_alive=True, max_sockets=100)


def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
    headers = passed_on(request)
    headers += ["X-Forwarded-For", getattr(request.socket, "remote_address", None) or "unknown"]
    if "transfer-encoding" in request.headers:
        headers += ["Transfer-Encoding", "chunked"]
    outgoing = http.request(host=TARGET_HOST, port=TARGET_PORT, method=request.method, path=request.url, headers=headers,
                            agent=agent)

    @outgoing.on("response")
    def on_response(incoming: http.IncomingMessage) -> None:
        response.write_head(incoming.status_code or 502, incoming.status_message or "", passed_on(incoming))
        pipeline(incoming, response, tell_of)

    def on_sent(error: Exception | None) -> None:
        tell_of(error)
        if error is not None and not response.headers_sent:
            response.write_head(502, {"Content-Type": "text/plain"})
            response.end("the server behind this one does not answer\n")

    response.on("close", lambda: outgoing.destroy() if not response.writable_finished else None)
    pipeline(request, outgoing, on_sent)


def passed_on(message: http.IncomingMessage) -> list[str]:
    """The header fields that go further, in their order and spelling."""
    raw = message.raw_headers
    named = {name.strip().lower() for name in message.headers.get("connection", "").split(",")}
    return [part for name, value in zip(raw[::2], raw[1::2], strict=True)
            if name.lower() not in HOP_BY_HOP | named for part in (name, value)]


def tell_of(error: Exception | None) -> None:
    if error is not None:
        print(error)


server = http.create_server(on_request)
server.listen(PORT, lambda: print("listening on", server.address()))
run()
