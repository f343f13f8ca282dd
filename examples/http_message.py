"""An HTTP response, as the lines that travel: written by hand over TCP.

    python examples/http_message.py [port]

Ports the sample response of "http/https".  Mended: no empty line stands between the status line and the header fields,
for it would end the head; Content-Length is the length of the body, 17 and not 19 bytes, or the client would wait for
the rest; and there are no comments on the wire.

Try it:  curl -i http://127.0.0.1:8000/
"""

from __future__ import annotations

import sys

from netloop import net, run

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
BODY = "Hi I'm a message!"
MESSAGE = "\r\n".join([
    "HTTP/1.0 200 OK",                      # the start line
    "Content-Type: text/plain",             # header fields
    f"Content-Length: {len(BODY)}",
    "",                                     # the end of the head
    BODY])


def on_connection(socket: net.Socket) -> None:
    head = ""

    def on_data(text: str) -> None:
        nonlocal head
        head = (head + text)[-65536:]       # a peer that never ends its head shall not fill the memory
        if "\r\n\r\n" in head:              # the end of a request that has no body
            socket.remove_all_listeners("data").resume()
            socket.end(MESSAGE)

    socket.set_encoding("latin1")           # a byte is a character, whatever comes
    socket.on("data", on_data)
    socket.on("error", lambda error: print("client lost:", error))


server = net.create_server(on_connection)
server.listen(PORT, lambda: print("listening on", server.address()))
run()
