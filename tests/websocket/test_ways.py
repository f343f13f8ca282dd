"""The ways to a server: UNIX sockets, agents, proxies, a look-up of one's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trustme

from netloop import http, https, net
from netloop.websocket.errors import HandshakeError
from netloop.websocket.server import WebSocketServer
from netloop.websocket.websocket import WebSocket

LOOPBACK = "127.0.0.1"


@asynccontextmanager
async def echo(server: Any) -> AsyncIterator[list[Any]]:
    """WebSocket on an http server; gives the requests that led to connections."""
    requests: list[Any] = []
    async with WebSocketServer(server=server) as accepting:
        accepting.on("connection", lambda websocket: websocket.on("message", lambda data: websocket.send(data)))
        accepting.on("connection", lambda websocket, request: requests.append(request))
        yield requests
    server.close_all_connections()


async def talk(url: str, **options: Any) -> None:
    async with WebSocket(url, **options) as client:
        await client.send("hello")
        assert await anext(aiter(client)) == "hello"


async def test_a_unix_socket(tmp_path: Path):
    path = str(tmp_path / "echo.sock")
    async with http.create_server().listen(path) as server, echo(server) as requests:
        await talk("ws://localhost/chat?x", socket_path=path)
        assert [request.url for request in requests] == ["/chat?x"]


async def test_a_connection_leaves_the_agent_that_made_it():
    agent = http.Agent(keep_alive=True, max_sockets=1)
    async with http.create_server().listen(0, LOOPBACK) as server, echo(server):
        url = f"ws://{LOOPBACK}:{server.address().port}/"
        async with WebSocket(url, agent=agent) as first, WebSocket(url, agent=agent) as second:
            await first.send("1")
            await second.send("2")
            assert (await anext(aiter(first)), await anext(aiter(second))) == ("1", "2")
        assert not any(map(len, (agent.sockets, agent.free_sockets, agent.requests)))
    agent.destroy()


async def test_options_of_requests_hold():
    def lookup(host: str, callback: Any, **options: Any) -> None:
        callback(None, LOOPBACK, 4)

    async with http.create_server().listen(0, LOOPBACK) as server, echo(server) as requests:
        await talk(f"ws://no.such.name:{server.address().port}/", lookup=lookup, auth="amy:secret", headers={"X-One": "1"})
        [request] = requests
        assert request.headers["host"].startswith("no.such.name:")
        assert request.headers["authorization"] == "Basic YW15OnNlY3JldA=="
        assert request.headers["x-one"] == "1"


async def test_credentials_in_the_url_are_sent():
    async with http.create_server().listen(0, LOOPBACK) as server, echo(server) as requests:
        await talk(f"ws://amy:secret@{LOOPBACK}:{server.address().port}/")
        assert requests[0].headers["authorization"] == "Basic YW15OnNlY3JldA=="


async def test_finish_request_may_add_to_the_request_later():
    def finish(request: Any, websocket: WebSocket) -> None:
        request.set_header("X-Late", "1")
        request.end()

    async with http.create_server().listen(0, LOOPBACK) as server, echo(server) as requests:
        await talk(f"ws://{LOOPBACK}:{server.address().port}/", finish_request=finish)
        assert requests[0].headers["x-late"] == "1"


# --- proxies --------------------------------------------------------------------------------------------------------------

@asynccontextmanager
async def proxy() -> AsyncIterator[tuple[str, list[str]]]:
    """The URL of a proxy, and the first lines of what it was asked."""
    asked: list[str] = []

    def join(one: Any, other: Any) -> None:
        for source, sink in ((one, other), (other, one)):
            source.on("error", lambda error: None).on("close", partial(close, sink))
            source.pipe(sink)

    def close(sink: Any, had_error: bool) -> None:
        sink.destroy()

    def on_connect(request: Any, socket: Any, head: bytes) -> None:
        asked.append(f"CONNECT {request.url}")
        target = net.connect(int(request.url.rpartition(":")[2]), LOOPBACK)
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n")
        socket.unshift(head)
        join(socket, target)

    def on_upgrade(request: Any, socket: Any, head: bytes) -> None:
        asked.append(f"GET {request.url}")
        host, path = request.url.removeprefix("http://").split("/", 1)
        target = net.connect(int(host.rpartition(":")[2]), LOOPBACK)
        fields = zip(request.raw_headers[::2], request.raw_headers[1::2], strict=True)
        target.write("\r\n".join([f"GET /{path} HTTP/1.1", *map(": ".join, fields), "", ""]))
        socket.unshift(head)
        join(socket, target)

    def refuse(request: Any, response: Any) -> None:
        response.write_head(407).end()

    server = http.create_server(refuse).on("connect", on_connect).on("upgrade", on_upgrade)
    async with server.listen(0, LOOPBACK):
        address: Any = server.address()
        yield f"http://{LOOPBACK}:{address.port}", asked
        server.close_all_connections()


async def test_ws_goes_through_a_proxy_as_a_request_to_it():
    async with proxy() as (url, asked), http.create_server().listen(0, LOOPBACK) as server, echo(server):
        agent = http.Agent(proxy_env={"HTTP_PROXY": url})
        target = f"localhost:{server.address().port}/chat"
        await talk(f"ws://{target}", agent=agent)
        assert asked == [f"GET http://{target}"]
        agent.destroy()


async def test_wss_goes_through_a_proxy_in_a_tunnel():
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    certificate = {"cert": issued.cert_chain_pems[0].bytes(), "key": issued.private_key_pem.bytes()}
    async with (proxy() as (url, asked), https.create_server(**certificate).listen(0, LOOPBACK) as server,
                echo(server)):
        agent = https.Agent(proxy_env={"HTTPS_PROXY": url})
        port = server.address().port
        await talk(f"wss://localhost:{port}/chat", agent=agent, ca=authority.cert_pem.bytes())
        assert asked == [f"CONNECT localhost:{port}"]
        agent.destroy()


async def test_a_proxy_that_refuses_is_an_error():
    def refuse(socket: Any) -> None:
        socket.once("data", lambda: socket.end("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"))

    async with net.create_server(refuse).listen(0, LOOPBACK) as server:
        agent = http.Agent(proxy_env={"HTTP_PROXY": f"http://{LOOPBACK}:{server.address().port}"})
        with pytest.raises(HandshakeError) as raised:
            await WebSocket("ws://nowhere.invalid/", agent=agent)
        assert raised.value.status == 407
        agent.destroy()
