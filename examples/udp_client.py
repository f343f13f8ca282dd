"""A UDP client that sends one message.

    python examples/udp_client.py [port [host]]

Ports "创建 UDP 客户端" (create a UDP client), with the long form of `send`: buffer, offset, length, port, address, callback.
Mended: the callback looks at its error.
"""

from __future__ import annotations

import sys

from netloop import dgram, run

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 41234
HOST = sys.argv[2] if len(sys.argv) > 2 else "localhost"

message = "深入浅出Node.js".encode()
client = dgram.create_socket("udp4")


def on_sent(error: Exception | None, size: int | None) -> None:
    print(f"not sent: {error}" if error else f"sent {size} bytes")
    client.close()


client.send(message, 0, len(message), PORT, HOST, on_sent)
run()
