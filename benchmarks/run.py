"""CPU per message of an echo server: netloop in its three loops, beside bare protocols on asyncio and uvloop.

    make bench                      or: python benchmarks/run.py --rounds 5 --connections 64 --size 1024

Each server runs in a process of its own on the first core, the load in this one on the second; the servers take turns in
short rounds, so that a machine whose speed drifts treats them alike.  What counts is the CPU time of the server for one
message, and its ratio to the first server inside each round: medians over the rounds.  Needs Linux and two cores.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import select
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
SERVERS = {
    "uvloop protocol": [HERE / "peer_echo.py", "uvloop"],
    "asyncio protocol": [HERE / "peer_echo.py", "asyncio"],
    "netloop.run, data": [HERE / "tcp_echo.py", "run", "data"],
    "netloop.run, pipe": [HERE / "tcp_echo.py", "run", "pipe"],
    "netloop in asyncio": [HERE / "tcp_echo.py", "asyncio", "data"],
    "netloop in uvloop": [HERE / "tcp_echo.py", "uvloop", "data"],
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def server(command: list[object]) -> Iterator[tuple[int, int]]:
    """A server process on the first core: its process id and port."""
    port = free_port()
    argv = [sys.executable, *map(str, command), str(port)]
    process = subprocess.Popen(argv, preexec_fn=lambda: os.sched_setaffinity(0, {0}))
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        else:
            raise RuntimeError(f"{' '.join(argv)} did not start")
        yield process.pid, port
    finally:
        process.terminate()
        process.wait()


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(port: int, connections: int, size: int, seconds: float) -> int:
    """Send a message on each connection, and the next when it has come back; returns how many came back."""
    message = b"m" * size
    poll = select.epoll()
    sockets, missing = {}, {}
    for _ in range(connections):
        peer = socket.create_connection(("127.0.0.1", port))
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sockets[peer.fileno()], missing[peer.fileno()] = peer, size
        poll.register(peer, select.EPOLLIN)
        peer.send(message)
    echoes, deadline = 0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        for fd, _ in poll.poll(0.1):
            missing[fd] -= len(sockets[fd].recv(size))
            if missing[fd] == 0:
                echoes += 1
                missing[fd] = size
                sockets[fd].send(message)
    for peer in sockets.values():
        peer.close()
    poll.close()
    return echoes


def measure(pid: int, port: int, options: argparse.Namespace) -> float:
    """Microseconds of the server's CPU for one message."""
    before = cpu_seconds(pid)
    echoes = load(port, options.connections, options.size, options.seconds)
    return (cpu_seconds(pid) - before) / echoes * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each round of each server")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--size", type=int, default=1024, help="bytes of a message")
    options = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with contextlib.ExitStack() as running:
        servers = {name: running.enter_context(server(command)) for name, command in SERVERS.items()}
        rounds = [{name: measure(*where, options) for name, where in servers.items()} for _ in range(options.rounds)]
    first = next(iter(SERVERS))
    print(f"echo of {options.size} B on {options.connections} connections, median of {options.rounds} rounds\n")
    print(f"| server | CPU us per message | to {first} |\n| --- | ---: | ---: |")
    for name in SERVERS:
        cost = statistics.median(each[name] for each in rounds)
        ratio = statistics.median(each[name] / each[first] for each in rounds)
        print(f"| {name} | {cost:.2f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
