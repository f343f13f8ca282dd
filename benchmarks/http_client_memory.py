"""Resident memory of an idle connection that a client keeps for the next request.

    python benchmarks/http_client_memory.py             # netloop, and Node where it is installed
    python benchmarks/http_client_memory.py --connections 2000 --by-type

A hundred requests are under way at a time, each hundred with an agent of its own that keeps their connections.  What the
process has grown by in the end, beyond what the first hundred had made it grow, is divided by the number of the others.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import shutil
import subprocess
import sys
from collections import Counter
from typing import Any

AT_A_TIME = 100
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\nKeep-Alive: timeout=60\r\n\r\nHello World\n"

NODE_CLIENT = """
const http = require('http'), agents = [];
const [url, many, count] = [process.argv[1], +process.argv[2], +process.argv[3]];
const ask = (agent) => new Promise((done) => http.get(url, { agent }, (response) => response.resume().on('end', done)));
const together = async () => {
  const agent = new http.Agent({ keepAlive: true });
  agents.push(agent);
  await Promise.all(Array.from({ length: many }, () => ask(agent)));
  await new Promise((done) => setTimeout(done, 10));
};
const size = () => { for (let i = 0; i < 4; i++) gc(); return process.memoryUsage().rss; };
(async () => {
  await together();
  const before = size();
  for (let i = 0; i < count / many; i++) await together();
  console.log(Math.round((size() - before) / count));
  process.exit();
})();
"""


def resident() -> int:
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def netloop(url: str, count: int, by_type: bool) -> None:
    import netloop
    from netloop import http

    agents = []

    async def together() -> None:
        agent = http.Agent(keep_alive=True)
        agents.append(agent)

        async def ask() -> None:
            await (await http.get(url, agent=agent)).read()

        await asyncio.gather(*[ask() for _ in range(AT_A_TIME)])

    async def main() -> None:
        await together()
        before, types = resident(), objects()
        for _ in range(count // AT_A_TIME):
            await together()
        print(round((resident() - before) / count))
        if by_type:
            show(objects(), types, count)
        for agent in agents:
            agent.destroy()

    netloop.run(main)


def objects() -> Counter[Any]:
    return Counter([(type(each).__name__, sys.getsizeof(each)) for each in gc.get_objects()])


def show(after: Counter[Any], before: Counter[Any], count: int) -> None:
    """What the garbage collector knows of, for one connection; strings, numbers and buffers are not among that."""
    for (name, size), number in (after - before).most_common(30):
        if number >= count // 2:
            print(f"  {number / count:5.1f} {name:28} {size:6} bytes")


class Canned(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(ANSWER)  # type: ignore[attr-defined]


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Canned, "127.0.0.1", 0, backlog=5000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=2000)
    parser.add_argument("--by-type", action="store_true")
    options = parser.parse_args()
    server = subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}/"
    count = str(options.connections)
    commands = {"netloop": [sys.executable, __file__, "netloop", url, count, str(int(options.by_type))]}
    if shutil.which("node"):
        commands["node"] = ["node", "--expose-gc", "-e", NODE_CLIENT, url, str(AT_A_TIME), count]
    try:
        for name, command in commands.items():
            told, *rest = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
            print(f"{name:10} {int(told):8} bytes", *rest, sep="\n" if rest else "")
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    elif sys.argv[1:2] == ["netloop"]:
        netloop(sys.argv[2], int(sys.argv[3]), sys.argv[4] == "1")
    else:
        main()
