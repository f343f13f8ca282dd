"""TLS servers side by side: resident memory of an idle connection, after one message was echoed on it.

    python benchmarks/tls_memory.py [PEER ...]

Needs `trustme`.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from tls_peers import PEERS, Peer, make_certificates

FIRST_PORT = 18_480
CONNECTIONS = 800
SETTLE_S = 1.5


def resident(peer: Peer) -> int:
    pages = int(Path(f"/proc/{peer.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def of_one_connection(peer: Peer) -> float:
    """Bytes by which the server grows for each connection."""
    for connection in [_used_once(peer) for _ in range(50)]:        # what is made once, or kept for the next one
        connection.close()
    time.sleep(SETTLE_S)
    before = resident(peer)
    connections = [_used_once(peer) for _ in range(CONNECTIONS)]
    time.sleep(SETTLE_S)
    grown = resident(peer) - before
    for connection in connections:
        connection.close()
    return grown / CONNECTIONS


def _used_once(peer: Peer):  # type: ignore[no-untyped-def]
    connection = peer.connect()
    connection.sendall(b"hello\n")
    assert connection.recv(6) == b"hello\n"
    return connection


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        make_certificates(Path(folder))
        for number, name in enumerate(names or [name for name in PEERS if name != "openssl"]):
            peer = Peer(name, Path(folder), FIRST_PORT + number)
            try:
                print(f"{name:8} {of_one_connection(peer):8.0f} bytes")
            finally:
                peer.close()


if __name__ == "__main__":
    main(sys.argv[1:])
