"""Requests through a proxy, with TLS to the server, to the proxy, or both: what the proxy learns, who is verified, and what
becomes of requests that it does not let through.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trustme

from netloop import events, http, https, net, stream, tls
from netloop.errors import NetloopError
from netloop.http.client_url import parse_url
from netloop.http.proxies import address_of

LOOPBACK = "127.0.0.1"


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca(authority: trustme.CA) -> bytes:
    return authority.cert_pem.bytes()


class Proxy:
    """Opens tunnels to loopback, whatever the host that was asked for; ``refuse``: the answer instead.

    ``secure``: options of the TLS that it is spoken to over.
    """

    def __init__(self, refuse: bytes | None = None, secure: dict[str, Any] | None = None) -> None:
        self.heads: list[bytes] = []
        self.plain: list[str] = []
        self.fields: list[dict[str, Any]] = []
        self.refuse = refuse
        self.url = ""
        self._scheme = "http" if secure is None else "https"
        self._server: Any = http.create_server() if secure is None else https.create_server(**secure)
        self._server.on("request", self._on_request).on("connect", self._on_connect)
        self._streams: list[Any] = []

    def _on_request(self, request: http.IncomingMessage, response: http.ServerResponse) -> None:
        self.plain.append(request.url)
        self.fields.append(request.headers)
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

    def to_client(self) -> Any:
        """The newest tunnel's stream to the client."""
        return self._streams[-2]

    async def __aenter__(self) -> Proxy:
        await self._server.listen(0, LOOPBACK)
        host = "localhost" if self._scheme == "https" else LOOPBACK
        self.url = f"{self._scheme}://{host}:{self._server.address().port}"
        return self

    async def __aexit__(self, *failure: object) -> None:
        for each in self._streams:
            each.destroy()
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


@pytest.mark.parametrize("stray", [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray", None])
async def test_a_tunnel_is_not_used_again_after_what_nobody_asked_for(stray: bytes | None, authority: trustme.CA, ca: bytes
                                                                      ) -> None:
    async with Proxy() as proxy, origin(authority) as (_, port):
        agent = https.Agent(proxy_env={"https_proxy": proxy.url}, ca=ca, keep_alive=True)
        for _ in range(2):
            asked = https.request(f"https://origin.test:{port}/", agent=agent, method="POST").end()
            assert await (await asked).text() == "POST /"
            if not asked.closed:
                await events.once(asked, "close")
            proxy.to_client().end(stray)        # no TLS, or the end without its close_notify
        assert len(proxy.heads) == 2
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


async def test_a_request_that_gives_up_takes_back_the_tunnel_that_it_asked_for() -> None:
    server, url = await silent_proxy()
    agent = https.Agent(proxy_env={"HTTPS_PROXY": url}, max_sockets=1)
    asked = https.get("https://origin.test/", agent=agent).on("error", lambda error: None)
    waiting = https.get("https://origin.test/", agent=agent).on("error", lambda error: None)
    connections: asyncio.Queue[net.Socket] = asyncio.Queue()
    server.on("connection", connections.put_nowait)
    for each in (asked, waiting):
        gone = events.once(await connections.get(), "close")
        each.destroy()
        await gone
    assert agent.total_socket_count == 0
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


# --- a proxy that is spoken to over TLS -----------------------------------------------------------------------------

@pytest.fixture
def secure(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The certificate of a proxy whose authority everybody trusts."""
    monkeypatch.setattr("netloop.tls.trust._default", None)
    issuer = trustme.CA()
    tls.set_default_ca_certificates([issuer.cert_pem.bytes()])
    issued = issuer.issue_cert("localhost")
    return {"cert": issued.cert_chain_pems[0].bytes(), "key": issued.private_key_pem.bytes()}


async def test_a_request_over_tls_goes_through_a_proxy_over_tls(authority: trustme.CA, ca: bytes, secure: dict[str, Any]
                                                                ) -> None:
    async with Proxy(secure=secure) as proxy, origin(authority) as (seen, port):
        agent = https.Agent(proxy_env={"HTTPS_PROXY": proxy.url.replace("//", "//user:pass@")}, ca=ca)
        response = await https.get(f"https://origin.test:{port}/a", agent=agent)
        assert await response.text() == "GET /a"
        assert proxy.heads[0].endswith(b"Proxy-Authorization: Basic " + base64.b64encode(b"user:pass"))
        assert "Proxy-Authorization" not in seen[0]
        agent.destroy()


async def test_large_bodies_go_both_ways_through_tls_within_tls(authority: trustme.CA, ca: bytes, secure: dict[str, Any]
                                                                ) -> None:
    data = bytes(range(256)) * 8192
    issued = authority.issue_cert("origin.test")
    server = https.create_server(lambda request, response: stream.pipeline(request, response),
                                 cert=issued.cert_chain_pems[0].bytes(), key=issued.private_key_pem.bytes())
    await server.listen(0, LOOPBACK)
    async with Proxy(secure=secure) as proxy:
        agent = https.Agent(proxy_env={"HTTPS_PROXY": proxy.url}, ca=ca)
        url = f"https://origin.test:{server.address().port}/"
        assert await (await https.request(url, agent=agent, method="POST").end(data)).read() == data
        agent.destroy()
    await server.shutdown(0)


async def test_a_plain_request_goes_to_a_proxy_over_tls_in_absolute_form(secure: dict[str, Any]) -> None:
    async with Proxy(secure=secure) as proxy:
        agent = http.Agent(proxy_env={"HTTP_PROXY": proxy.url.replace("//", "//user:pass@")}, keep_alive=True)
        for _ in range(2):
            asked = http.get("http://origin.test/a?b", agent=agent)
            assert await (await asked).text() == "by the proxy"
        assert asked.reused_socket
        assert proxy.plain == ["http://origin.test/a?b"] * 2
        assert proxy.fields[0]["proxy-authorization"] == "Basic " + base64.b64encode(b"user:pass").decode()
        agent.destroy()


async def test_connections_to_a_proxy_over_tls_are_not_used_for_others(secure: dict[str, Any]) -> None:
    """Direct requests to the very port of the proxy, in the clear, get connections of their own."""
    async with Proxy(secure=secure) as proxy:
        agent = http.Agent(proxy_env={"HTTP_PROXY": proxy.url, "NO_PROXY": "localhost"}, keep_alive=True)
        await (await http.get("http://origin.test/", agent=agent)).read()
        with pytest.raises(OSError):
            await http.get(proxy.url.replace("https", "http"), agent=agent)
        agent.destroy()


async def test_idle_tunnels_in_tls_do_not_keep_the_loop_alive(authority: trustme.CA, ca: bytes, secure: dict[str, Any]
                                                              ) -> None:
    async with Proxy(secure=secure) as proxy, origin(authority) as (_, port):
        agent = https.Agent(proxy_env={"HTTPS_PROXY": proxy.url}, ca=ca, keep_alive=True)
        asked = https.get(f"https://origin.test:{port}/", agent=agent)
        await (await asked).read()
        if not asked.closed:
            await events.once(asked, "close")
        [[idle]] = agent.free_sockets.values()
        assert idle._carrier.stream._handle.has_ref() is False
        agent.destroy()


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_over_tls_that_cannot_be_verified_is_the_error(scheme: str, authority: trustme.CA, ca: bytes) -> None:
    """The authorities of the agent are for the origin, and not asked."""
    issued = authority.issue_cert("localhost")
    secure = {"cert": issued.cert_chain_pems[0].bytes(), "key": issued.private_key_pem.bytes()}
    async with Proxy(secure=secure) as proxy:
        environment = {"HTTP_PROXY": proxy.url, "HTTPS_PROXY": proxy.url}
        module, agent = (http, http.Agent(proxy_env=environment)) if scheme == "http" else (
            https, https.Agent(proxy_env=environment, ca=ca, reject_unauthorized=False))
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            await module.get(f"{scheme}://origin.test/", agent=agent)      # type: ignore[attr-defined]
        said = "\n".join(caught.value.__notes__)
        assert proxy.url in said
        assert "securing the connection" in said
        assert (proxy.heads, proxy.plain) == ([], [])


async def test_a_proxy_that_does_not_speak_tls_is_told_so() -> None:
    async with Proxy() as proxy:
        environment = {"HTTP_PROXY": proxy.url.replace("http:", "https:")}
        with pytest.raises(ssl.SSLError) as caught:
            await http.get("http://origin.test/", agent=http.Agent(proxy_env=environment))
        assert "does not seem to speak TLS" in "\n".join(caught.value.__notes__)


@pytest.mark.parametrize(("auth", "text"), [("", "wants to know who asks"), ("user:wrong@", "did not accept")])
async def test_a_proxy_that_wants_other_credentials_is_told_so(auth: str, text: str, secure: dict[str, Any]) -> None:
    answer = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    async with Proxy(refuse=answer, secure=secure) as proxy:
        agent = https.Agent(proxy_env={"HTTPS_PROXY": proxy.url.replace("//", f"//{auth}")})
        with pytest.raises(https.ProxyTunnelError, match="407") as caught:
            await https.get("https://origin.test/", agent=agent)
        said = "\n".join(caught.value.__notes__)
        assert text in said
        assert "wrong" not in said


def test_a_proxy_over_tls_is_asked_at_443_by_default() -> None:
    assert address_of(parse_url("https://proxy.test")) == ("proxy.test", 443)
    assert address_of(parse_url("http://proxy.test")) == ("proxy.test", 80)
