"""Sends a file to another machine, and says its checksum at both ends.

    python examples/file_transfer.py receive FILE [port]
    python examples/file_transfer.py send FILE [port [host]]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from netloop import net, run
from netloop.stream import pipeline

PIECE = 65536


async def receive(file: Path, port: int = 8124) -> None:
    """Write what the first peer sends to a file."""
    async with net.create_server().listen(port) as server:
        print("listening on", server.address())
        async for socket in server:
            server.close()                      # one file is enough
            checksum = sha256()
            with file.open("wb") as output:
                async for chunk in socket:
                    checksum.update(chunk)
                    output.write(chunk)
            print("received", checksum.hexdigest())


async def send(file: Path, port: int = 8124, host: str = "localhost") -> None:
    """Send a file, no faster than the peer takes it."""
    checksum = sha256()

    def pieces() -> Iterator[bytes]:
        with file.open("rb") as source:
            while piece := source.read(PIECE):
                checksum.update(piece)
                yield piece

    await pipeline(pieces(), await net.connect(port, host))
    print("sent", checksum.hexdigest())


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in ("receive", "send"):
        sys.exit("usage: python examples/file_transfer.py receive|send FILE [port [host]]")
    what, name, *where = sys.argv[1:]
    command = {"receive": receive, "send": send}[what]
    run(command(Path(name), *map(int, where[:1]), *where[1:]))
