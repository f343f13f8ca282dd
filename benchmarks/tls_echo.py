"""TLS servers side by side: what a handshake, a message and a megabyte cost them.

    python benchmarks/tls_echo.py [PEER ...]

PEER is `netloop`, `asyncio`, `uvloop` or `openssl` (``openssl s_server``, handshakes only).  Each server runs in a process of
its own; the load comes from Python's blocking `ssl` sockets.  The figures are CPU time of the server, user and system, which
does not depend on how fast the client is.  Needs `trustme`.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

FIRST_PORT = 18_440
ROUNDS = 10         # the best one counts: the others were disturbed
HANDSHAKES = 100
MESSAGES, CONNECTIONS, MESSAGE_BYTES = 4_000, 16, 1024
BULK_BYTES = 48 << 20
CHUNK = bytes(65536)


# --- the servers: an echo each ----------------------------------------------------------------------------------------

def serve_netloop(folder: Path, port: int) -> None:
    from netloop import run, tls

    def on_connection(connection: tls.TLSSocket) -> None:
        connection.on("error", lambda: None)
        connection.pipe(connection)

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


SERVERS = {"netloop": serve_netloop, "asyncio": serve_asyncio, "uvloop": serve_uvloop}


# --- the load ---------------------------------------------------------------------------------------------------------

class Load:
    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.context = ssl.create_default_context(cafile=str(folder / "ca.pem"))

    def connect(self, session: ssl.SSLSession | None = None) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.port))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.context.wrap_socket(plain, server_hostname="localhost", session=session)

    def wait_until_it_listens(self) -> None:
        for _ in range(100):
            try:
                self.connect().close()
                return
            except ConnectionRefusedError:
                time.sleep(0.1)
        raise SystemExit("the server does not listen")

    def full_handshakes(self) -> int:
        for _ in range(HANDSHAKES):
            self.connect().close()
        return HANDSHAKES

    def resumed_handshakes(self) -> int:
        session = None
        for _ in range(HANDSHAKES):
            connection = self.connect(session)
            connection.sendall(b"x")
            connection.recv(1)              # the tickets have come as well
            assert session is None or connection.session_reused
            session = connection.session
            connection.close()
        return HANDSHAKES

    def messages(self) -> int:
        connections = [self.connect() for _ in range(CONNECTIONS)]
        message = bytes(MESSAGE_BYTES)
        for _ in range(MESSAGES // CONNECTIONS):
            for connection in connections:
                connection.sendall(message)
            for connection in connections:
                left = MESSAGE_BYTES
                while left:
                    left -= len(connection.recv(left))
        for connection in connections:
            connection.close()
        return MESSAGES

    def megabytes(self) -> int:
        connection = self.connect()
        reader = threading.Thread(target=self._read, args=(connection,))
        reader.start()
        for _ in range(BULK_BYTES // len(CHUNK)):
            connection.sendall(CHUNK)
        reader.join()
        connection.close()
        return BULK_BYTES >> 20

    def _read(self, connection: ssl.SSLSocket) -> None:
        left, buffer = BULK_BYTES, bytearray(65536)
        while left:
            left -= connection.recv_into(buffer)


WORK = (("full_handshakes", "us a full handshake"), ("resumed_handshakes", "us a resumed handshake"),
        ("messages", "us a message of 1 KiB"), ("megabytes", "us a MiB echoed"))


# --- the comparison ---------------------------------------------------------------------------------------------------

def make_certificates(folder: Path) -> None:
    import trustme
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    issued = authority.issue_cert("localhost", key_type=trustme.KeyType.ECDSA)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    (folder / "cert.pem").write_bytes(b"".join(each.bytes() for each in issued.cert_chain_pems))


def command(peer: str, folder: Path, port: int) -> list[str]:
    if peer == "openssl":
        return ["openssl", "s_server", "-accept", str(port), "-cert", str(folder / "cert.pem"), "-key",
                str(folder / "key.pem"), "-quiet", "-rev"]
    return [sys.executable, __file__, "--serve", peer, str(folder), str(port)]


def cpu_seconds(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def compare(peers: list[str], folder: Path) -> None:
    """Round after round of each work, the peers taking turns: a disturbance does not hit only one of them."""
    servers = {}
    try:
        for number, peer in enumerate(peers):
            servers[peer] = subprocess.Popen(command(peer, folder, FIRST_PORT + number), stdout=subprocess.DEVNULL,
                                             stderr=subprocess.DEVNULL)
        loads = {peer: Load(folder, FIRST_PORT + number) for number, peer in enumerate(peers)}
        for load in loads.values():
            load.wait_until_it_listens()
        for name, unit in WORK:
            able = [peer for peer in peers if peer != "openssl" or name == "full_handshakes"]
            best = dict.fromkeys(able, float("inf"))
            for _ in range(ROUNDS):
                for peer in able:
                    before = cpu_seconds(servers[peer].pid)
                    count = getattr(loads[peer], name)()
                    best[peer] = min(best[peer], (cpu_seconds(servers[peer].pid) - before) / count * 1e6)
            print(f"{unit:24}", *(f"{peer} {cost:8.1f}" for peer, cost in best.items()), sep="  ", flush=True)
    finally:
        for server in servers.values():
            server.kill()
            server.wait()


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--serve"]:
        SERVERS[arguments[1]](Path(arguments[2]), int(arguments[3]))
        return
    with tempfile.TemporaryDirectory() as name:
        make_certificates(Path(name))
        compare(arguments or [*SERVERS, "openssl"], Path(name))


if __name__ == "__main__":
    main(sys.argv[1:])
