"""TLS servers side by side: what a handshake costs them, a full one and a resumed one (TLS 1.3).

    python benchmarks/tls_handshakes.py [--rounds 15] [--together 16] [PEER ...]

A piece of work is one connection: handshake, a line sent and sent back, and an orderly end (close_notify both ways).  The
client makes some of them together and step by step, so that the server has several at hand each time, as a busy one has;
``openssl s_server`` gets one at a time, because it takes no more (and it writes some hundred lines to /dev/null meanwhile).
The client checks that a session is resumed where it should be, and is not where it should not.

The servers take turns in random order, round after round.  Each runs twice, started in one order and then in the other: which
of two was started first moved the ratio between them by 3 %, which is as much as they differ.
Each figure is CPU time of the server, user and system: the median of the rounds, and the median of the ratios to `openssl` in
the same round.  Needs `trustme`.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import ssl
import tempfile
from pathlib import Path
from statistics import mean, median

from tls_peers import PEERS, Peer, make_certificates

FIRST_PORT = 18_440
HANDSHAKES = 64         # of each server in a round
WARM_UP = 320           # Node compiles what is used often
LINE = b"x\n"
BASE = "openssl"


class Dialogue:
    """The client's side of one connection.  `prepare` computes what `send` sends: the two are apart so that the flights of
    many connections can leave together.
    """

    def __init__(self, peer: Peer, session: ssl.SSLSession | None) -> None:
        self.socket = socket.create_connection(("127.0.0.1", peer.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = peer.context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost", session=session)
        self.flight = b""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            self.flight = self.outgoing.read()

    def send(self) -> None:
        self.socket.sendall(self.flight)

    def finish_handshake(self) -> None:
        """Receive the server's flight, and prepare ours with a line."""
        self.wait_for(self.tls.do_handshake)
        self.tls.write(LINE)
        self.flight = self.outgoing.read()

    def receive_line(self) -> None:
        """Receive the line, and the tickets before it; prepare the goodbye."""
        received = b""
        while not received.endswith(b"\n"):
            received += self.wait_for(lambda: self.tls.read(len(LINE)))
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            self.flight = self.outgoing.read()

    def close(self) -> None:
        self.wait_for(self.tls.unwrap)
        self.socket.close()

    def wait_for(self, step):  # type: ignore[no-untyped-def]
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                data = self.socket.recv(65536)
                if not data:
                    raise SystemExit("the server ended the connection") from None
                self.incoming.write(data)


def connect(peer: Peer, sessions: list[ssl.SSLSession | None]) -> list[ssl.SSLSession | None]:
    """One connection for each session (None: a full handshake), all together; the sessions that they leave."""
    dialogues = [Dialogue(peer, session) for session in sessions]
    for step in (Dialogue.finish_handshake, Dialogue.receive_line, Dialogue.close):
        for dialogue in dialogues:
            dialogue.send()
        for dialogue in dialogues:
            step(dialogue)
    for dialogue, session in zip(dialogues, sessions, strict=True):
        assert dialogue.tls.session_reused is (session is not None)
    return [dialogue.tls.session for dialogue in dialogues]


def handshakes(peer: Peer, resume: bool, count: int, together: int) -> float:
    """CPU microseconds of the server for one."""
    together = 1 if peer.name == "openssl" else together
    sessions: list[ssl.SSLSession | None] = [None] * together
    if resume:
        sessions = connect(peer, sessions)
    before = peer.cpu_seconds()
    for _ in range(count // together):
        following = connect(peer, sessions)
        if resume:
            sessions = following        # a ticket of TLS 1.3 is meant to be used once
    return (peer.cpu_seconds() - before) / count * 1e6


def compare(peers: list[Peer], rounds: int, together: int) -> None:
    kinds = {"full": False, "resumed": True}
    costs: dict[str, dict[str, list[float]]] = {kind: {peer.name: [] for peer in peers} for kind in kinds}
    for peer in peers:
        for resume in kinds.values():
            handshakes(peer, resume, WARM_UP, together)
    for _ in range(rounds):
        for kind, resume in kinds.items():
            of_round: dict[str, list[float]] = {peer.name: [] for peer in peers}
            for peer in random.sample(peers, len(peers)):
                of_round[peer.name].append(handshakes(peer, resume, HANDSHAKES, together))
            for name, found in of_round.items():
                costs[kind][name].append(mean(found))
    for kind, of_kind in costs.items():
        for name, found in of_kind.items():
            base = of_kind.get(BASE)
            ratio = f"{median(a / b for a, b in zip(found, base, strict=True)):6.2f}" if base else ""
            print(f"{kind:8} {name:8} {median(found):8.1f} us {ratio}")


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU time of TLS servers for a handshake")
    parser.add_argument("peers", nargs="*", default=list(PEERS), metavar="PEER", help=", ".join(PEERS))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--together", type=int, default=16, help="connections at once (default 16)")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    peers: list[Peer] = []
    with tempfile.TemporaryDirectory() as folder:
        make_certificates(Path(folder))
        try:
            for number, name in enumerate([*options.peers, *reversed(options.peers)]):
                peers.append(Peer(name, Path(folder), FIRST_PORT + number, cores[0]))
            compare(peers, options.rounds, options.together)
        finally:
            for peer in peers:
                peer.close()


if __name__ == "__main__":
    main()
