"""What the tls tests share: certificates of every kind, both ends of a connection, and event records."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trustme

from netloop import net, tls
from netloop.stream import duplex_pair

LOOPBACK = "127.0.0.1"


class Authority:
    """An authority that signs certificates, as PEM."""

    def __init__(self) -> None:
        self.authority = trustme.CA()
        self.pem = self.authority.cert_pem.bytes()

    def issue(self, *names: str, authority: trustme.CA | None = None, **options: Any) -> dict[str, bytes]:
        """``{"cert": ..., "key": ...}`` for these names."""
        issued = (authority or self.authority).issue_cert(*(names or ("localhost", LOOPBACK)), **options)
        return {"cert": b"".join(each.bytes() for each in issued.cert_chain_pems), "key": issued.private_key_pem.bytes()}


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="session")
def certificate(authority: Authority) -> dict[str, bytes]:
    """``cert`` and ``key`` for localhost and 127.0.0.1."""
    return authority.issue()


Pair = Callable[..., Awaitable[tuple[tls.TLSSocket, tls.TLSSocket]]]


@pytest.fixture
def pair(authority: Authority, certificate: dict[str, bytes]) -> Pair:
    """``client, accepted = await pair(...)``: both ends of a secure TCP connection.

    Options are those of the client; `server` has those of the server; `path` makes a UNIX connection.
    """
    async def connect(*, server: dict[str, Any] | None = None, path: Any = None, **options: Any) -> Any:
        accepted = asyncio.get_running_loop().create_future()
        listening = tls.create_server(accepted.set_result, **(certificate | (server or {})))
        if path is None:
            await listening.listen(0, LOOPBACK)
            where = {"port": listening.address().port, "host": LOOPBACK}
        else:
            await listening.listen(path)
            where = {"path": path}
        client = await tls.connect(**where, **({"ca": authority.pem, "servername": "localhost"} | options))
        both = client, await accepted
        listening.close()
        return both

    return connect


@pytest.fixture
def over(authority: Authority, certificate: dict[str, bytes]) -> Callable[..., tuple[tls.TLSSocket, tls.TLSSocket]]:
    """``client, server = over(left, right, ...)``: TLS over two linked streams, the handshake still to come."""
    def encrypt(left: Any, right: Any, *, server: dict[str, Any] | None = None, **options: Any) -> Any:
        server_end = tls.TLSSocket(right, is_server=True, **(certificate | (server or {})))
        client_end = tls.connect(socket=left, **({"ca": authority.pem, "servername": "localhost"} | options))
        return client_end, server_end

    return encrypt


@pytest.fixture
def memory_pair(over: Any) -> Pair:
    """The same in memory, and secure."""
    async def connect(**options: Any) -> Any:
        client, server = over(*duplex_pair(), **options)
        return await client, await server

    return connect


@pytest.fixture
def record() -> Callable[..., list[Any]]:
    """``log = record(emitter, "data", "close")``: a list that gets ``"end"`` or ``("close", False)`` as they come."""

    def start(emitter: Any, *events: str) -> list[Any]:
        entries: list[Any] = []
        for event in events:
            def note(*arguments: Any, event: str = event) -> None:
                entries.append((event, *arguments) if arguments else event)
            emitter.on(event, note)
        return entries

    return start


@pytest.fixture
def happened() -> Callable[[Any, str], Awaitable[tuple[Any, ...]]]:
    """``arguments = await happened(emitter, "error")``: wait for an event."""

    async def wait(emitter: Any, event: str) -> tuple[Any, ...]:
        future = asyncio.get_running_loop().create_future()

        def succeed(*arguments: Any) -> None:
            if not future.done():
                future.set_result(arguments)

        emitter.once(event, succeed)
        return await future

    return wait


@pytest.fixture
def closed(happened: Any) -> Callable[[net.Socket], Awaitable[None]]:
    """``await closed(socket)``: read to the end, and wait until the socket is closed."""

    async def wait(socket: net.Socket) -> None:
        socket.resume()
        if not socket.closed:
            await happened(socket, "close")

    return wait


@pytest.fixture
def server(certificate: dict[str, bytes]) -> Any:
    """``async with server(...) as listening``: a server that echoes, unless it is told otherwise."""
    def echo(socket: Any) -> None:
        socket.on("error", lambda: None)
        socket.pipe(socket)

    def make(listener: Any = echo, **options: Any) -> Any:
        return tls.create_server(listener, **(certificate | options)).listen(0, LOOPBACK)

    return make


class Plain:
    """A TCP client without any TLS, in blocking Python: it sends what it wants, and reads what comes."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((LOOPBACK, port))
        self.socket.setblocking(False)

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.socket, data)

    async def receive_all(self) -> bytes:
        received = b""
        while data := await self.receive():
            received += data
        return received

    async def receive(self) -> bytes:
        try:
            return await asyncio.get_running_loop().sock_recv(self.socket, 65536)
        except ConnectionResetError:
            return b""

    def __enter__(self) -> Plain:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()


@pytest.fixture
def plain() -> type[Plain]:
    return Plain


def python_pair(client_context: ssl.SSLContext) -> tuple[ssl.SSLObject, ssl.MemoryBIO, ssl.MemoryBIO]:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    return client_context.wrap_bio(incoming, outgoing, server_hostname="localhost"), incoming, outgoing


@pytest.fixture
def client_bytes(authority: Authority) -> Callable[[], bytes]:
    """A ClientHello as OpenSSL makes it."""
    def make() -> bytes:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client, _, outgoing = python_pair(context)
        with pytest.raises(ssl.SSLWantReadError):
            client.do_handshake()
        return outgoing.read()

    return make


@pytest.fixture
def code() -> Callable[[Any], Any]:
    """The code of an error, or None."""
    return lambda error: None if error is None else getattr(error, "code", type(error).__name__)


class Relay:
    """Two streams in memory, and what passes between them: `stop_after` bytes from one side, it passes no more."""

    def __init__(self, stop_after: int | None = None, from_client: bool = True) -> None:
        self.client, client_side = duplex_pair()
        self.server, server_side = duplex_pair()
        self.passed = {True: b"", False: b""}
        for source, target, is_client in ((client_side, server_side, True), (server_side, client_side, False)):
            limit = stop_after if is_client is from_client else None
            source.on("data", lambda data, target=target, is_client=is_client, limit=limit: self.give(
                data, target, is_client, limit))
            source.on("end", target.end)

    def give(self, data: bytes, target: Any, is_client: bool, limit: int | None) -> None:
        before = len(self.passed[is_client])
        self.passed[is_client] += data
        data = data if limit is None else data[:max(0, limit - before)]
        if data and target.writable:
            target.write(data)


@pytest.fixture
def make_relay() -> type[Relay]:
    return Relay
