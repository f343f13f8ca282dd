"""A large body up to Node's server and down from it: SHA-256 on both sides, and what our memory grows by meanwhile.

    python benchmarks/http_transfer.py              # 1 GiB each way
    python benchmarks/http_transfer.py 100          # MiB
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import netloop
from netloop import http, stream

MIB = 2**20

NODE = """
const crypto = require('crypto');
const server = require('http').createServer((request, response) => {
  const sum = crypto.createHash('sha256');
  if (request.method === 'PUT') {
    request.on('data', (chunk) => sum.update(chunk)).on('end', () => response.end(sum.digest('hex')));
    return;
  }
  let left = +request.headers.mebibytes;
  response.writeHead(200, { Trailer: 'Sum' });
  const go = () => {
    while (left-- > 0) {
      const chunk = crypto.randomBytes(2 ** 20);
      sum.update(chunk);
      if (!response.write(chunk)) return response.once('drain', go);
    }
    response.addTrailers({ Sum: sum.digest('hex') });
    response.end();
  };
  go();
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
"""


class Peak:
    """How much more memory there was than at the beginning."""

    def __init__(self) -> None:
        self.before = self.most = resident()

    def look(self) -> None:
        self.most = max(self.most, resident())

    def __str__(self) -> str:
        return f"memory grew by at most {(self.most - self.before) / MIB:.1f} MiB"


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def upload(url: str, agent: http.Agent, mebibytes: int) -> None:
    digest, peak, begun = hashlib.sha256(), Peak(), time.monotonic()

    def body() -> Iterator[bytes]:
        for _ in range(mebibytes):
            chunk = os.urandom(MIB)
            digest.update(chunk)
            peak.look()
            yield chunk

    request = http.request(url, method="PUT", agent=agent)
    await stream.pipeline(stream.Readable.from_(body(), high_water_mark=1), request)
    told = await (await request).text()
    report("up", mebibytes, told == digest.hexdigest(), peak, begun)


async def download(url: str, agent: http.Agent, mebibytes: int) -> None:
    digest, peak, begun = hashlib.sha256(), Peak(), time.monotonic()
    response = await http.get(url, agent=agent, headers={"Mebibytes": mebibytes})
    size = 0
    async for chunk in response:
        digest.update(chunk)
        size += len(chunk)
        if size % MIB < len(chunk):
            peak.look()
    report("down", size // MIB, response.trailers["sum"] == digest.hexdigest(), peak, begun)


def report(what: str, mebibytes: int, equal: bool, peak: Peak, begun: float) -> None:
    speed = mebibytes / (time.monotonic() - begun)
    print(f"{mebibytes} MiB {what}: SHA-256 {'equal' if equal else 'DIFFERENT'}, {peak}, {speed:.0f} MiB/s")


async def main() -> None:
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    server = subprocess.Popen(["node", "-e", NODE], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}/"
        agent = http.Agent(keep_alive=True)
        await upload(url, agent, 16)            # code, buffers and allocator warm up
        await upload(url, agent, mebibytes)
        await download(url, agent, mebibytes)
        agent.destroy()
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    netloop.run(main)
