"""TLS servers side by side: what a message and a megabyte cost them, echoed.

    python benchmarks/tls_echo.py [PEER ...]

The load comes from Python's blocking `ssl` sockets.  The figures are CPU time of the server, user and system, which does not
depend on how fast the client is.  Handshakes have a file of their own, `tls_handshakes.py`.  Needs `trustme`.
"""

from __future__ import annotations

import ssl
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from tls_peers import PEERS, Peer, make_certificates

FIRST_PORT = 18_460
ROUNDS = 10         # the best one counts: the others were disturbed
MESSAGES, CONNECTIONS, MESSAGE_BYTES = 4_000, 16, 1024
BULK_BYTES = 48 << 20
CHUNK = bytes(65536)


def messages(peer: Peer) -> int:
    connections = [peer.connect() for _ in range(CONNECTIONS)]
    message = bytes(MESSAGE_BYTES)
    for _ in range(MESSAGES // CONNECTIONS):
        for connection in connections:
            connection.sendall(message)
        for connection in connections:
            left = MESSAGE_BYTES
            while left:
                left -= len(connection.recv(left))
    for connection in connections:
        connection.close()
    return MESSAGES


def megabytes(peer: Peer) -> int:
    connection = peer.connect()
    reader = threading.Thread(target=_read, args=(connection,))
    reader.start()
    for _ in range(BULK_BYTES // len(CHUNK)):
        connection.sendall(CHUNK)
    reader.join()
    connection.close()
    return BULK_BYTES >> 20


def _read(connection: ssl.SSLSocket) -> None:
    left, buffer = BULK_BYTES, bytearray(65536)
    while left:
        left -= connection.recv_into(buffer)


WORK: tuple[tuple[Callable[[Peer], int], str], ...] = (
    (messages, "us a message of 1 KiB"), (megabytes, "us a MiB echoed"))


def compare(names: list[str], folder: Path) -> None:
    """Round after round of each work, the peers taking turns: a disturbance does not hit only one of them."""
    peers: list[Peer] = []
    try:
        for number, name in enumerate(names):
            peers.append(Peer(name, folder, FIRST_PORT + number))
        for work, unit in WORK:
            best = dict.fromkeys(names, float("inf"))
            for _ in range(ROUNDS):
                for peer in peers:
                    before = peer.cpu_seconds()
                    count = work(peer)
                    best[peer.name] = min(best[peer.name], (peer.cpu_seconds() - before) / count * 1e6)
            print(f"{unit:24}", *(f"{name} {cost:8.1f}" for name, cost in best.items()), sep="  ", flush=True)
    finally:
        for peer in peers:
            peer.close()


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        make_certificates(Path(folder))
        compare(names or [name for name in PEERS if name != "openssl"], Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
