"""CPU of a client for one request through one agent that keeps its connections.

    python benchmarks/http_client.py            # all that are installed: netloop, Node, aiohttp, httpx
    python benchmarks/http_client.py netloop    # one of them, against the server at URL

The server is a process of its own that answers every request with the same bytes.  32 requests are under way at a time;
each reads its whole body.  User and system time of the client are told in microseconds per request.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable

REQUESTS = 40_000
AT_A_TIME = 32
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\nHello World\n"

NODE = """
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
      console.log((user / total).toFixed(1), (system / total).toFixed(1));
      agent.destroy();
    });
  });
}
for (let i = 0; i < width; i++) next();
"""


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


# --- the clients ----------------------------------------------------------------------------------------------------

def netloop(url: str) -> None:
    """By callbacks, as Node's."""
    import netloop
    from netloop import http
    agent = http.Agent(keep_alive=True)
    left = [REQUESTS, REQUESTS]

    def next_one() -> None:
        if left[0]:
            left[0] -= 1
            http.get(url, on_response, agent=agent)

    def on_response(response: http.IncomingMessage) -> None:
        response.on("data", lambda chunk: None)
        response.on("end", on_end)

    def on_end() -> None:
        left[1] -= 1
        if left[1]:
            next_one()
        else:
            agent.destroy()

    for _ in range(AT_A_TIME):
        next_one()
    netloop.run()


def netloop_await(url: str) -> None:
    import netloop
    from netloop import http

    async def main() -> None:
        agent = http.Agent(keep_alive=True)

        async def ask() -> None:
            await (await http.get(url, agent=agent)).read()

        await at_a_time(ask)
        agent.destroy()

    netloop.run(main)


def aiohttp(url: str) -> None:
    import aiohttp

    async def main() -> None:
        async with aiohttp.ClientSession() as session:
            async def ask() -> None:
                async with session.get(url) as response:
                    await response.read()

            await at_a_time(ask)

    asyncio.run(main())


def httpx(url: str) -> None:
    import httpx

    async def main() -> None:
        async with httpx.AsyncClient() as client:
            async def ask() -> None:
                await client.get(url)

            await at_a_time(ask)

    asyncio.run(main())


async def at_a_time(ask: Callable[[], Awaitable[None]]) -> None:
    async def worker() -> None:
        for _ in range(REQUESTS // AT_A_TIME):
            await ask()

    await asyncio.gather(*[worker() for _ in range(AT_A_TIME)])


CLIENTS = {client.__name__: client for client in (netloop, netloop_await, aiohttp, httpx)}


# --- the comparison -------------------------------------------------------------------------------------------------

def compare() -> None:
    server = subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}/"
        print(f"{'client':14} {'user':>8} {'system':>8}   us per request")
        for name in CLIENTS:
            show(name, [sys.executable, __file__, name, url])
        if shutil.which("node"):
            show("node", ["node", "-e", NODE, url, str(REQUESTS), str(AT_A_TIME)])
    finally:
        server.kill()
        server.wait()


def show(name: str, command: list[str]) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        print(f"{name:14} {ran.stderr.strip().splitlines()[-1] if ran.stderr else 'failed'}")
    else:
        user, system = ran.stdout.split()
        print(f"{name:14} {user:>8} {system:>8}")


def measure(name: str, url: str) -> None:
    before = os.times()
    CLIENTS[name](url)
    after = os.times()
    print(round((after.user - before.user) / REQUESTS * 1e6, 1), round((after.system - before.system) / REQUESTS * 1e6, 1))


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    elif len(sys.argv) == 3:
        measure(sys.argv[1], sys.argv[2])
    else:
        compare()
