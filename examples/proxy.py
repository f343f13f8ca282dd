"""A TCP proxy: passes each connection on to another server, both ways at the pace of the slower side.

    python examples/proxy.py [port [target-port [target-host]]]

Try it:  python examples/hello_server.py, then this, then  nc localhost 8125
"""

from __future__ import annotations

import sys

from netloop import net, run
from netloop.stream import pipeline

arguments = sys.argv[1:]
PORT = int(arguments[0]) if arguments else 8125
TARGET_PORT = int(arguments[1]) if len(arguments) > 1 else 8124
TARGET_HOST = arguments[2] if len(arguments) > 2 else "localhost"


def on_connection(client: net.Socket) -> None:
    # allow_half_open: who has finished sending may still receive
    target = net.connect(TARGET_PORT, TARGET_HOST, allow_half_open=True)
    pipeline(client, target, tell_of)       # each ends what it writes to, and after an error destroys both
    pipeline(target, client, tell_of)


def tell_of(error: Exception | None) -> None:
    if error is not None:
        print(error)


server = net.create_server(on_connection, allow_half_open=True)
server.listen(PORT, lambda: print("listening on", server.address()))
run()
