"""Broadcasting to many WebSocket clients: netloop beside `websockets` and Node's `ws`.

    python benchmarks/ws_broadcast.py --clients 10000 --rounds 5

Needs Linux, two cores, as many descriptors as clients (`ulimit -n`), and what it compares: `pip install websockets`, and
`npm install ws` where NODE_PATH says.  What is missing is left out.

Each server runs in a process of its own on the first core.  The clients are bare sockets in this process, on the second.  One
of them says "go", and the server sends 64 bytes to all; that is repeated, and the CPU time of the server for one message to
one client is what counts.  Idle memory is by how much the server has grown with its clients, for each of them.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import resource
import select
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

MESSAGE = "m" * 64
FRAME_BYTES = 2 + len(MESSAGE)
GO = b"\x81\x82\0\0\0\0go"
HANDSHAKE = (b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
NODE = """
const { WebSocketServer } = require('ws');
const server = new WebSocketServer({ port: +process.argv[1], host: '127.0.0.1', backlog: 4096 });
server.on('connection', (socket) => socket.on('message', () => {
  for (const client of server.clients) client.send('m'.repeat(64));
}));
"""


# --- the servers -----------------------------------------------------------------------------------------------------

def serve_netloop(port: int) -> None:
    from netloop import run
    from netloop.websocket import WebSocketServer, broadcast

    server = WebSocketServer(port=port, host="127.0.0.1", backlog=4096)
    server.on("connection", lambda client: client.on("message", lambda: broadcast(server.clients, MESSAGE)))
    run()


def serve_websockets(port: int) -> None:
    from websockets.asyncio.server import ServerConnection, broadcast, serve

    async def main() -> None:
        async def on_connection(connection: ServerConnection) -> None:
            async for _ in connection:
                broadcast(server.connections, MESSAGE)

        async with serve(on_connection, "127.0.0.1", port, backlog=4096, compression=None, ping_interval=None) as server:
            await server.serve_forever()

    asyncio.run(main())


def serve_websockets_uvloop(port: int) -> None:
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    serve_websockets(port)


PYTHON = {"netloop": serve_netloop, "websockets": serve_websockets, "websockets, uvloop": serve_websockets_uvloop}


def command(name: str, port: int) -> list[str]:
    if name in PYTHON:
        return [sys.executable, __file__, "--serve", name, str(port)]
    return [shutil.which("node") or "node", "-e", NODE, str(port)]


@contextlib.contextmanager
def started(name: str) -> Iterator[tuple[int, int]]:
    """A server process on the first core: its process id and port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(command(name, port), stderr=subprocess.DEVNULL,
                               preexec_fn=lambda: os.sched_setaffinity(0, {0}))
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            if process.poll() is not None:
                raise RuntimeError("not installed")
            time.sleep(0.05)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait()


# --- the clients -----------------------------------------------------------------------------------------------------

def connect(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=30)
    client.sendall(HANDSHAKE)
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += client.recv(4096)
    client.setblocking(False)
    return client


def broadcast_once(poll: select.epoll, clients: dict[int, socket.socket]) -> None:
    """One client says "go"; returns when all have the message."""
    next(iter(clients.values())).send(GO)
    missing = dict.fromkeys(clients, FRAME_BYTES)
    while missing:
        for fd, _ in poll.poll(30, len(clients)):
            missing[fd] -= len(clients[fd].recv(4096))
            if not missing[fd]:
                del missing[fd]


def cpu_us(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1000


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


def measure(name: str, count: int, rounds: int) -> tuple[float, float, float]:
    """CPU microseconds for one client's message, milliseconds for one broadcast, bytes for one client."""
    with started(name) as (pid, port), contextlib.ExitStack() as stack:
        connect(port).close()
        time.sleep(0.5)
        before = resident_bytes(pid)
        opened = [stack.enter_context(connect(port)) for _ in range(count)]
        time.sleep(1)
        grown = resident_bytes(pid) - before
        clients = {client.fileno(): client for client in opened}
        poll = stack.enter_context(select.epoll())
        for fd in clients:
            poll.register(fd, select.EPOLLIN)
        broadcast_once(poll, clients)
        cpu, wall = [], []
        for _ in range(rounds):
            cpu_before, began = cpu_us(pid), time.monotonic()
            broadcast_once(poll, clients)
            wall.append(time.monotonic() - began)
            cpu.append((cpu_us(pid) - cpu_before) / count)
        return statistics.median(cpu), statistics.median(wall) * 1000, grown / count


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--clients", type=int, default=10000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", choices=PYTHON, help=argparse.SUPPRESS)
    parser.add_argument("port", type=int, nargs="?", help=argparse.SUPPRESS)
    options = parser.parse_args()
    files = options.clients + 200
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, max(files, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    if options.serve:
        PYTHON[options.serve](options.port)
        return
    os.sched_setaffinity(0, {1})
    print(f"| server | CPU us for one client | ms for {options.clients:,} clients | idle bytes for one |")
    print("| --- | ---: | ---: | ---: |")
    for name in (*PYTHON, "Node, ws"):
        try:
            cpu, wall, idle = measure(name, options.clients, options.rounds)
            print(f"| {name} | {cpu:.2f} | {wall:.0f} | {idle:,.0f} |", flush=True)
        except (RuntimeError, OSError) as reason:
            print(f"| {name} | {reason} | | |", flush=True)


if __name__ == "__main__":
    main()
