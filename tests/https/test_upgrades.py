"""From plain to encrypted on one connection, when the peer does not wait (RFC 2817)."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import pytest
import trustme

from netloop import http, https, net

LOOPBACK = "127.0.0.1"
PROXY_LINE = b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"
UPGRADE = b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: TLS/1.3\r\nConnection: Upgrade\r\n\r\n"
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.3\r\nConnection: Upgrade\r\n\r\n"


class Client:
    """The client's end, by Python's ssl: it has its ClientHello before it has a connection."""

    def __init__(self, authority: trustme.CA) -> None:
        context = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")
        with pytest.raises(ssl.SSLWantReadError):
            self.tls.do_handshake()
        self.hello = self.outgoing.read()

    async def ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
        """Finish the handshake, send a request, and read to the end."""
        answer = b""
        steps = [self.tls.do_handshake, lambda: self.tls.write(request), lambda: self.tls.read(65536)]
        while steps:
            try:
                result = steps[0]()
            except ssl.SSLWantReadError:
                writer.write(self.outgoing.read())
                self.incoming.write(await reader.read(65536))
            else:
                if isinstance(result, bytes) and result:
                    answer += result
                else:
                    steps.pop(0)
        return answer


async def test_a_proxy_line_an_upgrade_and_a_client_hello_in_one_segment() -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    secure = https.create_server(lambda request, response: response.end(f"secret {request.url}"),
                                 cert=issued.cert_chain_pems[0].bytes(), key=issued.private_key_pem.bytes())
    plain = http.create_server()
    segments: list[bytes] = []

    def on_upgrade(request: Any, socket: Any, head: bytes) -> None:
        segments.append(head)
        socket.write(SWITCHING)
        socket.unshift(head)
        secure.emit("connection", socket)

    def on_first(socket: Any, data: bytes) -> None:
        line, _, rest = data.partition(b"\r\n")
        segments.extend((line, rest))
        socket.unshift(rest)
        plain.emit("connection", socket)

    plain.on("upgrade", on_upgrade)
    async with net.create_server(lambda socket: socket.once("data", lambda data: on_first(socket, data))).listen(
            0, LOOPBACK) as listening:
        client = Client(authority)
        reader, writer = await asyncio.open_connection(LOOPBACK, listening.address().port)
        writer.write(PROXY_LINE + UPGRADE + client.hello)
        assert await reader.readuntil(b"\r\n\r\n") == SWITCHING
        answer = await client.ask(reader, writer, b"GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        writer.close()
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b"secret /a")
    assert segments == [PROXY_LINE.rstrip(), UPGRADE + client.hello, client.hello]
