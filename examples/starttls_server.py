"""A mail server's first words, up to STARTTLS: a connection that becomes secure in the middle, then an echo.

    python examples/starttls_server.py CERTIFICATE KEY [port]

Both are PEM files; `https_server.py` says how to make them.

Try it:  openssl s_client -connect localhost:2525 -starttls smtp -CAfile cert.pem -quiet
"""

from __future__ import annotations

import sys
from pathlib import Path

from netloop import net, run, tls

if len(sys.argv) < 3:
    sys.exit("usage: python examples/starttls_server.py CERTIFICATE KEY [port]")
CERTIFICATE, KEY = map(Path, sys.argv[1:3])
PORT = int(sys.argv[3]) if len(sys.argv) > 3 else 2525


def on_connection(socket: net.Socket) -> None:
    """Answer line by line, in plain text, until the client wants to go on in secret."""
    buffer = b""

    def on_data(data: bytes) -> None:
        nonlocal buffer
        buffer += data
        while b"\r\n" in buffer:
            line, _, buffer = buffer.partition(b"\r\n")
            command = line.partition(b" ")[0].upper()
            if command == b"EHLO":
                socket.write("250-localhost\r\n250 STARTTLS\r\n")
            elif command == b"STARTTLS":
                start_tls()
                return
            elif command == b"QUIT":
                socket.end("221 bye\r\n")
            else:
                socket.write("530 first STARTTLS\r\n")

    def start_tls() -> None:
        """What came behind the command is the client's first of TLS: never read it as a command (CVE-2011-0411)."""
        socket.remove_listener("data", on_data)
        socket.write("220 go ahead\r\n")
        socket.unshift(buffer)
        secure_server.emit("connection", socket)

    socket.on("data", on_data).on("error", lambda error: print("connection:", error))
    socket.write("220 localhost ESMTP\r\n")


def on_secure(socket: tls.TLSSocket) -> None:
    print("secure:", socket.get_protocol(), socket.servername or "no name")
    socket.on("error", lambda error: print("secure connection:", error))
    socket.pipe(socket)


secure_server = tls.create_server(on_secure, cert=CERTIFICATE, key=KEY)     # it never listens
secure_server.on("tls_client_error", lambda error: print("no TLS:", error))
server = net.create_server(on_connection)
server.listen(PORT, lambda: print(f"listening on localhost:{server.address().port}"))
run()
