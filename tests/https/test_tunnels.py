"""Requests over TLS through a proxy: what the proxy learns, and what becomes of requests that it does not let through."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trustme

from netloop import events, http, https, net
from netloop.errors import NetloopError

LOOPBACK = "127.0.0.1"


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca(authority: trustme.CA) -> bytes:
    return authority.cert_pem.bytes()


class Proxy:
    """Opens tunnels to loopback, whatever the host that was asked for; ``refuse``: the answer instead."""

    def __init__(self, refuse: bytes | None = None) -> None:
        self.heads: list[bytes] = []
        self.plain: list[str] = []
        self.refuse = refuse
        self.url = ""
        self._server = http.create_server(self._on_request).on("connect", self._on_connect)
        self._streams: list[Any] = []

    def _on_request(self, request: http.IncomingMessage, response: http.ServerResponse) -> None:
        self.plain.append(request.url)
        response.end("by the proxy")

    def _on_connect(self, request: http.IncomingMessage, socket: net.Socket, head: bytes) -> None:
        fields = [f"{name}: {value}" for name, value in zip(request.raw_headers[::2], request.raw_headers[1::2], strict=True)]
        self.heads.append("\r\n".join([f"CONNECT {request.url}", *fields]).encode())
        self._streams.append(socket.on("error", lambda: None))
        if self.refuse is not None:
            socket.end(self.refuse)
            return
        port = int(request.url.rpartition(":")[2])
        origin = net.connect(port, LOOPBACK).on("error", lambda: None)
        self._streams.append(origin)
        socket.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        origin.write(head)
        socket.pipe(origin).pipe(socket)

    async def __aenter__(self) -> Proxy:
        await self._server.listen(0, LOOPBACK)
        self.url = f"http://{LOOPBACK}:{self._server.address().port}"
        return self

    async def __aexit__(self, *failure: object) -> None:
        for stream in self._streams:
            stream.destroy()
        await self._server.shutdown(0)


@asynccontextmanager
async def origin(authority: trustme.CA, *names: str) -> AsyncIterator[tuple[list[list[str]], int]]:
    """A server that keeps the fields that it gets, and its port."""
    seen: list[list[str]] = []

    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        seen.append(request.raw_headers)
        response.end(f"{request.method} {request.url}")

    issued = authority.issue_cert(*(names or ("origin.test",)))
    server = https.create_server(on_request, cert=issued.cert_chain_pems[0].bytes(), key=issued.private_key_pem.bytes())
    await server.listen(0, LOOPBACK)
    try:
        yield seen, server.address().port
    finally:
        await server.shutdown(0)


async def test_a_request_goes_through_the_tunnel_of_the_proxy(authority: trustme.CA, ca: bytes) -> None:
    async with Proxy() as proxy, origin(authority) as (seen, port):
        agent = https.Agent(proxy_env={"HTTPS_PROXY": proxy.url.replace("//", "//user:pass@")}, ca=ca)
        headers = {"Authorization": "Bearer secret", "Cookie": "a=secret"}
        response = await https.get(f"https://origin.test:{port}/a?b", agent=agent, headers=headers)
        assert await response.text() == "GET /a?b"
        assert proxy.heads == [f"CONNECT origin.test:{port}\r\nHost: origin.test:{port}\r\nProxy-Connection: keep-alive\r\n"
                               f"Proxy-Authorization: Basic {base64.b64encode(b'user:pass').decode()}".encode()]
        assert seen[0][2:6] == ["Authorization", "Bearer secret", "Cookie", "a=secret"]
        assert "Proxy-Authorization" not in seen[0]
        agent.destroy()


async def test_a_tunnel_is_kept_for_the_next_request_to_the_same_origin(authority: trustme.CA, ca: bytes) -> None:
    async with Proxy() as proxy, origin(authority) as (_, port), origin(authority) as (_, other):
        agent = https.Agent(proxy_env={"https_proxy": proxy.url}, ca=ca, keep_alive=True)
        for at in (port, port, other):
            asked = https.get(f"https://origin.test:{at}/", agent=agent)
            await (await asked).read()
            if not asked.closed:
                await events.once(asked, "close")
        asked_for = [head.split(b"\r\n")[0] for head in proxy.heads]
        assert asked_for == [b"CONNECT origin.test:%d" % each for each in (port, other)]
        agent.destroy()


async def test_a_server_is_verified_through_the_tunnel(authority: trustme.CA, ca: bytes) -> None:
    async with Proxy() as proxy, origin(authority, "other.test") as (seen, port):
        agent = https.Agent(proxy_env={"HTTPS_PROXY": proxy.url}, ca=ca)
        with pytest.raises(ssl.SSLError) as caught:
            await https.get(f"https://origin.test:{port}/", agent=agent)
        assert caught.value.code == "ERR_TLS_CERT_ALTNAME_INVALID"  # type: ignore[attr-defined]
        assert seen == []


async def test_no_proxy_and_plain_requests_do_not_tunnel(authority: trustme.CA, ca: bytes) -> None:
    async with Proxy() as proxy, origin(authority, "localhost") as (_, port):
        environment = {"HTTPS_PROXY": proxy.url, "NO_PROXY": "localhost"}
        response = await https.get(f"https://localhost:{port}/", agent=https.Agent(proxy_env=environment, ca=ca))
        assert await response.text() == "GET /"
        agent = http.Agent(proxy_env={"HTTP_PROXY": proxy.url})
        assert await (await http.get("http://origin.test/a", agent=agent)).text() == "by the proxy"
        assert (proxy.heads, proxy.plain) == ([], ["http://origin.test/a"])


async def test_the_global_agent_takes_the_proxy_of_the_environment(authority: trustme.CA, ca: bytes) -> None:
    async with Proxy() as proxy, origin(authority) as (_, port):
        restore = http.set_global_proxy_from_env({"https_proxy": proxy.url})
        try:
            assert await (await https.get(f"https://origin.test:{port}/", ca=ca)).text() == "GET /"
            https.global_agent.destroy()
        finally:
            restore()
        assert len(proxy.heads) == 1
        assert https.global_agent._proxies is None


@pytest.mark.parametrize(("answer", "status", "text"), [
    (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno", 407, "answered 407 Proxy Auth"),
    (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", 502, "answered 502"),
    (b"HTTP/1.1 302 Found\r\nLocation: https://evil.test/\r\n\r\n", 302, "answered 302")])
async def test_a_refused_tunnel_is_the_error_of_the_request(answer: bytes, status: int, text: str) -> None:
    async with Proxy(refuse=answer) as proxy:
        agent = https.Agent(proxy_env={"HTTPS_PROXY": proxy.url})
        with pytest.raises(https.ProxyTunnelError, match=text) as caught:
            await https.get("https://origin.test/", agent=agent, max_redirects=5)
        assert (caught.value.code, caught.value.status_code) == ("ERR_PROXY_TUNNEL", status)
        assert agent.total_socket_count == 0


@pytest.mark.parametrize(("answer", "code"), [(b"", "ECONNRESET"), (b"?\r\n\r\n", "HPE_INVALID_CONSTANT"),
                                              (b"HTTP/1.1 200 OK\r\n\r\nno TLS", "ERR_SSL_WRONG_VERSION_NUMBER")])
async def test_a_proxy_that_breaks_off_is_the_error_of_the_request(answer: bytes, code: str) -> None:
    async with Proxy(refuse=answer) as proxy:
        with pytest.raises((OSError, NetloopError)) as caught:
            await https.get("https://origin.test/", agent=https.Agent(proxy_env={"HTTPS_PROXY": proxy.url}))
        assert caught.value.code == code  # type: ignore[attr-defined]


async def test_a_proxy_that_cannot_be_reached_is_the_error_of_the_request() -> None:
    server = net.create_server()
    await server.listen(0, LOOPBACK)
    port = server.address().port
    await server.close()
    with pytest.raises(ConnectionRefusedError) as caught:
        await https.get("https://origin.test/", agent=https.Agent(proxy_env={"HTTPS_PROXY": f"http://{LOOPBACK}:{port}"}))
    assert caught.value.port == port  # type: ignore[attr-defined]


async def silent_proxy() -> tuple[net.Server, str]:
    def on_connection(socket: net.Socket) -> None:
        socket.on("error", lambda: None).on("data", lambda: None)

    server = net.create_server(on_connection)
    await server.listen(0, LOOPBACK)
    return server, f"http://{LOOPBACK}:{server.address().port}"


async def test_a_proxy_that_does_not_answer_is_given_up_after_the_timeout() -> None:
    server, url = await silent_proxy()
    with pytest.raises(https.ProxyTunnelError, match="did not answer in 20 ms") as caught:
        await https.get("https://origin.test/", agent=https.Agent(proxy_env={"HTTPS_PROXY": url}), timeout=20)
    assert caught.value.status_code is None
    await server.close()


async def test_destroying_the_agent_gives_up_tunnels_that_are_being_opened() -> None:
    server, url = await silent_proxy()
    agent = https.Agent(proxy_env={"HTTPS_PROXY": url})
    asked = https.get("https://origin.test/", agent=agent)
    await events.once(server, "connection")
    told = asyncio.Event()
    asked.on("error", told.set)
    agent.destroy()
    await told.wait()
    await server.close()


async def test_wrong_options_of_tls_are_the_error_of_the_request() -> None:
    async with Proxy(refuse=b"HTTP/1.1 200 OK\r\n\r\n") as proxy:
        agent = https.Agent(proxy_env={"HTTPS_PROXY": proxy.url})
        with pytest.raises(ssl.SSLError, match="No cipher"):
            await https.get("https://origin.test/", agent=agent, ciphers="no such cipher")


def test_a_connection_through_a_proxy_needs_a_callback() -> None:
    agent: Any = https.Agent(proxy_env={"HTTPS_PROXY": "http://localhost:1"})
    with pytest.raises(TypeError, match="callback"):
        agent.create_connection(host="origin.test", port=443)
