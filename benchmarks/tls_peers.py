"""TLS echo servers to compare, each in a process of its own: netloop, asyncio, uvloop, Node, and ``openssl s_server``.

    python benchmarks/tls_peers.py PEER FOLDER PORT     # one of them, with cert.pem and key.pem of the folder

`openssl` turns each line around instead of sending it back, and serves one connection at a time.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

__all__ = ["PEERS", "Peer", "make_certificates"]

PEERS = ("netloop", "asyncio", "uvloop", "node", "openssl")

NODE = """
const [folder, port] = process.argv.slice(1), {readFileSync} = require('fs');
const options = {cert: readFileSync(folder + '/cert.pem'), key: readFileSync(folder + '/key.pem')};
const server = require('tls').createServer(options, socket => {
    socket.on('error', () => {}).pipe(socket);
});
server.on('tlsClientError', () => {}).listen(+port, '127.0.0.1');
"""


def make_certificates(folder: Path) -> None:
    """P-256, as most servers have today."""
    import trustme
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    issued = authority.issue_cert("localhost", key_type=trustme.KeyType.ECDSA)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    (folder / "cert.pem").write_bytes(b"".join(each.bytes() for each in issued.cert_chain_pems))


class Peer:
    """A server that runs, and a client's way to it."""

    def __init__(self, name: str, folder: Path, port: int, cpu: int | None = None) -> None:
        self.name = name
        self.port = port
        self.context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        self.process = subprocess.Popen(_command(name, folder, port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if cpu is not None:
            os.sched_setaffinity(self.process.pid, {cpu})
        self._wait_until_it_listens()

    def connect(self, session: ssl.SSLSession | None = None) -> ssl.SSLSocket:
        """A secure connection, blocking."""
        plain = socket.create_connection(("127.0.0.1", self.port))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.context.wrap_socket(plain, server_hostname="localhost", session=session)

    def cpu_seconds(self) -> float:
        """What the server has used so far, user and system, in all its threads."""
        nanoseconds = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            nanoseconds += int((task / "schedstat").read_text().split()[0])
        return nanoseconds / 1e9

    def close(self) -> None:
        self.process.kill()
        self.process.wait()

    def _wait_until_it_listens(self) -> None:
        for _ in range(100):
            try:
                self.connect().close()
                return
            except ConnectionRefusedError:
                time.sleep(0.1)
        self.close()
        raise SystemExit(f"{self.name} does not listen")


def _command(name: str, folder: Path, port: int) -> list[str]:
    if name == "openssl":
        return ["openssl", "s_server", "-accept", str(port), "-cert", str(folder / "cert.pem"), "-key",
                str(folder / "key.pem"), "-quiet", "-rev"]
    if name == "node":
        return ["node", "-e", NODE, str(folder), str(port)]
    return [sys.executable, __file__, name, str(folder), str(port)]


# --- the servers in Python --------------------------------------------------------------------------------------------

def serve_netloop(folder: Path, port: int) -> None:
    from netloop import run, tls

    def ignore(error: Exception) -> None:
        pass

    def on_connection(connection: tls.TLSSocket) -> None:
        def echo(data: bytes) -> None:
            if not connection.write(data):
                connection.pause()

        connection.on("error", ignore).on("data", echo).on("drain", connection.resume)

    server = tls.create_server(on_connection, cert=folder / "cert.pem", key=folder / "key.pem")
    server.on("tls_client_error", lambda: None)
    server.listen(port, "127.0.0.1")
    run()


class Echo(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)

    def pause_writing(self) -> None:
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self.transport.resume_reading()


def serve_asyncio(folder: Path, port: int, loop_factory: Any = None) -> None:
    async def serve() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port, ssl=context, backlog=512)
        await asyncio.Event().wait()

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(serve())


def serve_uvloop(folder: Path, port: int) -> None:
    import uvloop
    serve_asyncio(folder, port, uvloop.new_event_loop)


def main(name: str, folder: str, port: str) -> None:
    {"netloop": serve_netloop, "asyncio": serve_asyncio, "uvloop": serve_uvloop}[name](Path(folder), int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
