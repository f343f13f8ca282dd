"""TLS servers side by side: what a message and a megabyte cost them, echoed.

    python benchmarks/tls_echo.py [PEER ...]

The load comes from Python's `ssl` sockets.  The figures are CPU time of the server, user and system: the median of the
rounds, and in brackets what the first peer needs of it, the median of their ratios.  All servers obey backpressure.
Handshakes have a file of their own, `tls_handshakes.py`.  Needs `trustme`.
"""

from __future__ import annotations

import contextlib
import select
import ssl
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tls_peers import PEERS, Peer, make_certificates

FIRST_PORT = 18_460
ROUNDS = 20
MESSAGES, CONNECTIONS, MESSAGE_BYTES = 4_000, 16, 1024
BULK_BYTES = 48 << 20
CHUNK_BYTES = 65536


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
    """Sends and receives in one thread: OpenSSL has two threads corrupt a connection that they share."""
    connection = peer.connect()
    connection.setblocking(False)
    unsent, unread, buffer = memoryview(bytes(BULK_BYTES)), BULK_BYTES, bytearray(CHUNK_BYTES)
    while unread:
        blocked = True
        with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
            while unsent:
                unsent = unsent[connection.send(unsent[:CHUNK_BYTES]):]
                blocked = False
        with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
            while unread:
                unread -= connection.recv_into(buffer)
                blocked = False
        if blocked:
            select.select([connection], [connection] if unsent else [], [])
    connection.close()
    return BULK_BYTES >> 20


WORK: tuple[tuple[Callable[[Peer], int], str], ...] = (
    (messages, "us a message of 1 KiB"), (megabytes, "us a MiB echoed"))


def compare(names: list[str], folder: Path) -> None:
    """Round after round of each work, the peers taking turns: a disturbance does not hit only one of them."""
    peers: list[Peer] = []
    try:
        for number, name in enumerate(names):
            peers.append(Peer(name, folder, FIRST_PORT + number, cpu=0))
        for work, unit in WORK:
            costs: dict[str, list[float]] = {name: [] for name in names}
            for _ in range(ROUNDS):
                for peer in peers:
                    before = peer.cpu_seconds()
                    count = work(peer)
                    costs[peer.name].append((peer.cpu_seconds() - before) / count * 1e6)
            print(f"{unit:24}", *(_shown(name, cost, costs[names[0]]) for name, cost in costs.items()), sep="  ", flush=True)
    finally:
        for peer in peers:
            peer.close()


def _shown(name: str, costs: list[float], of_the_first: list[float]) -> str:
    ratio = statistics.median(first / cost for first, cost in zip(of_the_first, costs, strict=True))
    return f"{name} {statistics.median(costs):8.1f} ({ratio:.2f})"


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        make_certificates(Path(folder))
        compare(names or [name for name in PEERS if name != "openssl"], Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
