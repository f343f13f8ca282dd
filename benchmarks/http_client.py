"""CPU of a client for one request through one agent that keeps its connections.

    python benchmarks/http_client.py                    # netloop, Node, aiohttp and httpx, as far as they are installed
    python benchmarks/http_client.py --rounds 5 --requests 20000 --only netloop,node

All ask the same server, which is a process of its own: Node's, or one on asyncio where there is no Node.  32 requests are
under way at a time, and each reads its whole body.  The clients take turns, and the table shows medians over the rounds:
user and system time in microseconds for one request, and the whole as a multiple of Node's in the same round.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from statistics import median

AT_A_TIME = 32
SHARES = {"aiohttp": 0.5, "httpx": 0.1}         # of the requests: so that the slow ones do not take for ever
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\nKeep-Alive: timeout=60\r\n\r\nHello World\n"

NODE_SERVER = """
const server = require('http').createServer((request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 12 });
  response.end('Hello World\\n');
});
server.keepAliveTimeout = 60000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
"""

NODE_CLIENT = """
const http = require('http'), agent = new http.Agent({ keepAlive: true });
const [url, total, width] = [process.argv[1], +process.argv[2], +process.argv[3]];
let begun = 0, done = 0;
const start = process.cpuUsage();
function next() {
  if (begun++ >= total) return;
  http.get(url, { agent }, (response) => {
    response.on('data', () => {});
    response.on('end', () => {
      if (++done < total) return next();
      const { user, system } = process.cpuUsage(start);
      console.log(user / total, system / total);
      agent.destroy();
    });
  });
}
for (let i = 0; i < width; i++) next();
"""


# --- the clients ----------------------------------------------------------------------------------------------------

def netloop(url: str, requests: int) -> None:
    """By callbacks, as Node's."""
    import netloop
    from netloop import http
    agent = http.Agent(keep_alive=True)
    left = [requests, requests]

    def next_one() -> None:
        if left[0]:
            left[0] -= 1
            http.get(url, on_response, agent=agent)

    def on_response(response: http.IncomingMessage) -> None:
        response.on("data", on_data)
        response.on("end", on_end)

    def on_data(chunk: bytes) -> None:
        pass

    def on_end() -> None:
        left[1] -= 1
        if left[1]:
            next_one()
        else:
            agent.destroy()

    for _ in range(AT_A_TIME):
        next_one()
    netloop.run()


def netloop_await(url: str, requests: int) -> None:
    import netloop
    from netloop import http

    async def main() -> None:
        agent = http.Agent(keep_alive=True)

        async def ask() -> None:
            await (await http.get(url, agent=agent)).read()

        await at_a_time(ask, requests)
        agent.destroy()

    netloop.run(main)


def aiohttp(url: str, requests: int) -> None:
    import aiohttp

    async def main() -> None:
        async with aiohttp.ClientSession() as session:
            async def ask() -> None:
                async with session.get(url) as response:
                    await response.read()

            await at_a_time(ask, requests)

    asyncio.run(main())


def httpx(url: str, requests: int) -> None:
    import httpx

    async def main() -> None:
        async with httpx.AsyncClient() as client:
            async def ask() -> None:
                await client.get(url)

            await at_a_time(ask, requests)

    asyncio.run(main())


async def at_a_time(ask: Callable[[], Awaitable[None]], requests: int) -> None:
    async def worker() -> None:
        for _ in range(requests // AT_A_TIME):
            await ask()

    await asyncio.gather(*[worker() for _ in range(AT_A_TIME)])


CLIENTS = {client.__name__: client for client in (netloop, netloop_await, aiohttp, httpx)}


def measure(name: str, url: str, requests: int) -> None:
    before = os.times()
    CLIENTS[name](url, requests)
    after = os.times()
    print((after.user - before.user) / requests * 1e6, (after.system - before.system) / requests * 1e6)


# --- the server -----------------------------------------------------------------------------------------------------

class Canned(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(ANSWER * data.count(b"\r\n\r\n"))  # type: ignore[attr-defined]


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Canned, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def start_server() -> tuple[subprocess.Popen[str], str]:
    node = shutil.which("node")
    command = [node, "-e", NODE_SERVER] if node else [sys.executable, __file__, "serve"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    return server, f"http://127.0.0.1:{server.stdout.readline().strip()}/"


# --- the comparison -------------------------------------------------------------------------------------------------

def compare(names: list[str], rounds: int, requests: int) -> None:
    server, url = start_server()
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    try:
        for number in range(rounds):
            first = number % len(names)         # who comes after whom must not matter
            for name in names[first:] + names[:first]:
                figures[name].append(run_one(name, url, round(requests * SHARES.get(name, 1))))
    finally:
        server.kill()
        server.wait()
    show(figures)


def run_one(name: str, url: str, requests: int) -> tuple[float, float]:
    command = (["node", "-e", NODE_CLIENT, url, str(requests), str(AT_A_TIME)] if name == "node"
               else [sys.executable, __file__, name, url, str(requests)])
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"{name}: {ran.stderr.strip()}")
    user, system = map(float, ran.stdout.split())
    return user, system


def show(figures: dict[str, list[tuple[float, float]]]) -> None:
    node = figures.get("node")
    print(f"{'client':14} {'user':>8} {'system':>8} {'both':>8}   us for one request")
    for name, rounds in figures.items():
        user, system, both = [median(column) for column in zip(*[(u, s, u + s) for u, s in rounds], strict=True)]
        line = f"{name:14} {user:8.1f} {system:8.1f} {both:8.1f}"
        if node:
            ratios = [sum(mine) / sum(theirs) for mine, theirs in zip(rounds, node, strict=True)]
            line += f"   {median(ratios):.2f} x node"
        print(line)


def installed() -> list[str]:
    from importlib.util import find_spec
    found = ["netloop", "netloop_await"] + (["node"] if shutil.which("node") else [])
    return found + [name for name in ("aiohttp", "httpx") if find_spec(name)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=20_000, help="of each client and round")
    parser.add_argument("--only", help="clients, by commas")
    options = parser.parse_args()
    compare(options.only.split(",") if options.only else installed(), options.rounds, options.requests)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    elif len(sys.argv) == 4 and sys.argv[1] in CLIENTS:
        measure(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    else:
        main()
