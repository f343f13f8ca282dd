"""Uploads a file by HTTP, shows how far it is, and compares checksums.

    python examples/http_upload.py receive FILE [port]
    python examples/http_upload.py send FILE [URL]
"""

from __future__ import annotations

import sys
from asyncio import gather
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from netloop import http, run
from netloop.stream import pipeline

PIECE = 65536


def receive(file: Path, port: str = "8000") -> None:
    """Write what is uploaded to `file`; each upload replaces the one before, once it is complete."""

    async def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        if request.method != "PUT":
            response.write_head(405, {"Allow": "PUT"})
            response.end()
            return
        checksum = sha256()
        part = file.with_name(f"{file.name}.{id(request):x}.part")
        try:
            with part.open("wb") as output:
                async for chunk in request:
                    checksum.update(chunk)
                    output.write(chunk)
        except ConnectionError as error:
            part.unlink()
            print("upload lost:", error)
            return
        part.replace(file)
        print("received", checksum.hexdigest())
        response.write_head(201, {"Content-Type": "text/plain"})
        response.end(checksum.hexdigest())

    server = http.create_server(on_request, request_timeout=0)      # a large file takes its time
    server.listen(int(port), lambda: print("listening on", server.address()))
    run()


async def send(file: Path, url: str = "http://127.0.0.1:8000/") -> None:
    """Send `file`, no faster than the server takes it."""
    size, checksum = file.stat().st_size, sha256()

    def pieces() -> Iterator[bytes]:
        sent = shown = 0
        with file.open("rb") as source:
            while piece := source.read(PIECE):
                yield piece
                checksum.update(piece)
                sent += len(piece)
                if sent * 10 // size > shown:
                    shown = sent * 10 // size
                    print(f"{shown * 10} %")

    request = http.request(url, method="PUT", headers={"Content-Length": size})

    async def answer() -> str:
        return await (await request).text()

    theirs, _ = await gather(answer(), pipeline(pieces(), request))     # it may come before all is sent
    print("sent", checksum.hexdigest(), "intact" if theirs == checksum.hexdigest() else "NOT INTACT")


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in ("receive", "send"):
        sys.exit("usage: python examples/http_upload.py receive|send FILE [port or URL]")
    what, name, *where = sys.argv[1:]
    if what == "receive":
        receive(Path(name), *where)
    else:
        run(send(Path(name), *where))
