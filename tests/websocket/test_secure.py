"""WebSocket over TLS: servers on https, and clients that trust an authority."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import pytest
import trustme

from netloop import https
from netloop.tls.options import UnverifiedTLSWarning
from netloop.websocket.client import checked_url
from netloop.websocket.server import WebSocketServer
from netloop.websocket.websocket import WebSocket

LOOPBACK = "127.0.0.1"


@cache
def authority() -> trustme.CA:
    return trustme.CA()


CA = authority().cert_pem.bytes()


@cache
def certificate() -> dict[str, bytes]:
    issued = authority().issue_cert("localhost")
    return {"cert": issued.cert_chain_pems[0].bytes(), "key": issued.private_key_pem.bytes()}


@asynccontextmanager
async def secure_echo(on_connection: Callable[..., object] | None = None, **options: Any) -> AsyncIterator[str]:
    """The URL of a server on https that sends every message back."""
    async with https.create_server(**certificate()).listen(0, LOOPBACK) as server, \
            WebSocketServer(server=server, **options) as websockets:
        websockets.on("connection", lambda websocket: websocket.on("message", lambda data: websocket.send(data)))
        if on_connection is not None:
            websockets.on("connection", on_connection)
        yield f"wss://localhost:{server.address().port}/"
        server.close_all_connections()


async def test_messages_of_every_size_pass_over_tls():
    requests: list[Any] = []
    async with (secure_echo(lambda websocket, request: requests.append(request), per_message_deflate=True) as url,
                WebSocket(url, ca=CA) as client):
        for message in ("", "hello", b"x" * 65536, "y" * 1_000_000):
            await client.send(message, compress=len(message) > 65536)
            assert await anext(aiter(client)) == message
        client.close(4000, "done")
        await client.wait_closed()
        assert client.was_clean
    assert requests[0].socket.encrypted


async def test_a_server_that_is_not_trusted_is_an_error_then_close():
    async with secure_echo() as url:
        client = WebSocket(url)
        log: list[Any] = []
        client.on("error", lambda error: log.append(error))
        client.on("close", lambda code: log.append(code))
        await client.wait_closed()
        assert log[1:] == [1006]
        assert "certificate" in str(log[0])


async def test_a_server_of_another_name_is_refused():
    async with secure_echo() as url:
        with pytest.raises(ssl.SSLCertVerificationError) as raised:
            await WebSocket(url.replace("localhost", LOOPBACK), ca=CA)
        assert getattr(raised.value, "code", None) == "ERR_TLS_CERT_ALTNAME_INVALID"


async def test_without_verification_any_server_will_do_and_there_is_a_warning():
    async with secure_echo() as url:
        with pytest.warns(UnverifiedTLSWarning):
            client = await WebSocket(url, reject_unauthorized=False)
        await client.send("hello")
        assert await anext(aiter(client)) == "hello"
        client.close()


async def test_verify_client_is_told_that_the_connection_is_secure():
    told: list[bool] = []

    def verify(info: Any) -> bool:
        told.append(info.secure)
        return True

    async with secure_echo(verify_client=verify) as url, WebSocket(url, ca=CA):
        assert told == [True]


async def test_a_redirect_leads_from_one_to_another_with_its_options():
    def redirect(request: Any, response: Any) -> None:
        response.write_head(307, {"Location": "/http"} if request.url == "/" else {"Location": url + "ws"}).end()

    async with secure_echo() as url, https.create_server(redirect, **certificate()).listen(0, LOOPBACK) as server:
        start = f"https://localhost:{server.address().port}/"
        client = WebSocket(start, ca=CA, follow_redirects=True)
        redirects: list[str] = []
        client.on("redirect", lambda url: redirects.append(url))
        async with client:
            assert client.url == url + "ws"
        assert redirects == [start.replace("https", "wss") + "http", url + "ws"]
        server.close_all_connections()


async def test_terminating_while_tls_shakes_hands_leaves_nothing_open():
    async with secure_echo() as url:
        client = WebSocket(url, ca=CA)
        client.on("error", lambda error: None)
        await asyncio.sleep(0)
        client.terminate()
        await client.wait_closed()


def test_the_scheme_of_http_means_that_of_websocket():
    assert [checked_url(url) for url in ("http://x", "https://x/y?z", "WSS://x/")] == ["ws://x/", "wss://x/y?z", "wss://x/"]
