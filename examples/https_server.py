"""A web server over TLS, which takes a new certificate without a restart.

    python examples/https_server.py CERTIFICATE KEY [port]

Both are PEM files.  A certificate for localhost, which only your own programs trust:

    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -days 30

Try it:  curl -i --cacert cert.pem https://localhost:8443/

When the files have changed, tell it:  kill -HUP its process id.  Connections that are open go on.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from netloop import http, https, run

if len(sys.argv) < 3:
    sys.exit("usage: python examples/https_server.py CERTIFICATE KEY [port]")
CERTIFICATE, KEY = map(Path, sys.argv[1:3])
PORT = int(sys.argv[3]) if len(sys.argv) > 3 else 8443


def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
    response.write_head(200, {"Content-Type": "text/plain"})
    response.end("Hello World\n")


def on_hangup(*_: object) -> None:
    try:
        server.set_secure_context(cert=CERTIFICATE, key=KEY)
    except (OSError, ValueError) as error:
        print("the old certificate stays:", error)
    else:
        print("took the new certificate")


server = https.create_server(on_request, cert=CERTIFICATE, key=KEY)
server.on("tls_client_error", lambda error, socket: print("no TLS:", socket.remote_address, error))
server.listen(PORT, lambda: print(f"listening on https://localhost:{server.address().port}"))
signal.signal(signal.SIGHUP, on_hangup)
run()
