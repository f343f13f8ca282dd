"""Requests over TLS: who is trusted, what is reused, and what is no request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from netloop import events, http, https
from netloop.errors import NetloopError

LOOPBACK = "127.0.0.1"


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca(authority: trustme.CA) -> bytes:
    return authority.cert_pem.bytes()


@asynccontextmanager
async def serving(authority: trustme.CA, *names: str, listener: Any = None, path: Any = None,
                  **options: Any) -> AsyncIterator[Any]:
    """``async with serving(authority) as (server, url)``: it tells method and target.  At a UNIX socket, with `path`."""
    def tell(request: Any, response: Any) -> None:
        response.end(f"{request.method} {request.url}")

    issued = authority.issue_cert(*(names or ("localhost", LOOPBACK)))
    server: Any = https.create_server(listener or tell, cert=issued.cert_chain_pems[0].bytes(),
                                 key=issued.private_key_pem.bytes(), **options)
    await (server.listen(0, LOOPBACK) if path is None else server.listen(path))
    try:
        yield server, f"https://localhost:{server.address().port}" if path is None else "https://localhost"
    finally:
        await server.shutdown(0)


async def test_get_is_answered_over_tls(authority: trustme.CA, ca: bytes) -> None:
    async with serving(authority) as (_, url):
        response = await https.get(f"{url}/a?b", ca=ca, agent=False)
        assert (response.status_code, await response.text()) == (200, "GET /a?b")


async def test_redirects_are_followed(authority: trustme.CA, ca: bytes) -> None:
    def listener(request: Any, response: Any) -> None:
        if request.url == "/a":
            response.write_head(302, {"Location": "/b"})
        response.end(request.url)

    agent = https.Agent(keep_alive=True)
    async with serving(authority, listener=listener) as (_, url):
        assert await (await https.get(f"{url}/a", ca=ca, agent=agent, max_redirects=1)).text() == "/b"
        agent.destroy()


async def test_bodies_go_both_ways(authority: trustme.CA, ca: bytes) -> None:
    data = bytes(range(256)) * 10_000

    async with serving(authority, listener=lambda request, response: request.pipe(response)) as (_, url):
        response = await https.request(url, method="POST", ca=ca, agent=False).end(data)
        assert await response.read() == data


@pytest.mark.parametrize(("offered", "chosen"), [
    (["http/1.1"], "http/1.1"), (["http/1.0"], "http/1.0"), (["http/1.0", "http/1.1"], "http/1.1")])
async def test_listener_gets_requests_of_an_encrypted_socket(authority: trustme.CA, ca: bytes, offered: list[str],
                                                             chosen: str) -> None:
    def listener(request: Any, response: Any) -> None:
        response.end(f"{request.socket.encrypted} {request.socket.alpn_protocol}")

    async with serving(authority, listener=listener) as (_, url):
        response = await https.get(url, ca=ca, agent=False, alpn_protocols=offered)
        assert await response.text() == f"True {chosen}"


@pytest.mark.parametrize(("names", "trusted", "code"), [
    (("localhost",), False, "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"), (("other.test",), True, "ERR_TLS_CERT_ALTNAME_INVALID")])
async def test_server_that_cannot_be_verified_is_an_error(authority: trustme.CA, ca: bytes, names: tuple[str, ...],
                                                          trusted: bool, code: str) -> None:
    async with serving(authority, *names) as (_, url):
        with pytest.raises(OSError) as caught:
            await https.get(url, agent=False, ca=ca if trusted else trustme.CA().cert_pem.bytes())
    assert getattr(caught.value, "code", None) == code


async def test_behind_a_unix_socket_the_host_of_the_url_is_asked_for_and_verified(authority: trustme.CA, ca: bytes,
                                                                                  tmp_path: Path) -> None:
    def listener(request: Any, response: Any) -> None:
        response.end(str(request.socket.servername))

    path = tmp_path / "socket"
    async with serving(authority, "a.test", listener=listener, path=path):
        assert await (await https.get("https://a.test", socket_path=path, ca=ca, agent=False)).text() == "a.test"
        with pytest.raises(OSError) as caught:
            await https.get("https://b.test", socket_path=path, ca=ca, agent=False)
    assert getattr(caught.value, "code", None) == "ERR_TLS_CERT_ALTNAME_INVALID"


async def test_a_kept_connection_to_a_unix_socket_serves_no_other_host(authority: trustme.CA, ca: bytes,
                                                                       tmp_path: Path) -> None:
    agent = https.Agent(keep_alive=True, ca=ca)
    path = tmp_path / "socket"
    async with serving(authority, "a.test", path=path):
        await (await https.get("https://a.test", socket_path=path, agent=agent)).read()
        with pytest.raises(OSError) as caught:
            await https.get("https://b.test", socket_path=path, agent=agent)
        agent.destroy()
    assert getattr(caught.value, "code", None) == "ERR_TLS_CERT_ALTNAME_INVALID"


async def test_agent_keeps_connections_for_requests_with_the_same_options_only(authority: trustme.CA, ca: bytes) -> None:
    connections: list[Any] = []
    agent = https.Agent(keep_alive=True)
    async with serving(authority) as (server, url):
        server.on("secure_connection", connections.append)
        for options in ({"ca": ca}, {"ca": ca}, {"ca": [ca]}):
            await (await https.get(url, agent=agent, **options)).read()
        assert len(connections) == 2
        agent.destroy()


@pytest.mark.parametrize("several", [False, True])
async def test_paths_are_the_same_option_until_their_files_are_replaced(several: bool, authority: trustme.CA, ca: bytes,
                                                                        tmp_path: Path) -> None:
    def given() -> Any:
        path = Path(tmp_path / "ca.pem")        # as in a program: a new object each time
        return [path] if several else path

    (tmp_path / "ca.pem").write_bytes(ca)
    agent = https.Agent(keep_alive=True)
    connections: list[Any] = []
    async with serving(authority) as (server, url):
        server.on("secure_connection", connections.append)
        for _ in range(2):
            await (await https.get(url, agent=agent, ca=given())).read()
        assert len(connections) == 1
        (tmp_path / "new.pem").write_bytes(trustme.CA().cert_pem.bytes())
        (tmp_path / "new.pem").replace(tmp_path / "ca.pem")
        with pytest.raises(OSError):
            await https.get(url, agent=agent, ca=given())
        (tmp_path / "ca.pem").unlink()
        with pytest.raises(FileNotFoundError):
            await https.get(url, agent=agent, ca=given())
        agent.destroy()


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
async def test_agent_resumes_sessions_with_an_authority_in_a_file(version: str, authority: trustme.CA, ca: bytes,
                                                                  tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(ca)
    agent = https.Agent(ca=tmp_path / "ca.pem")
    reused = []
    async with serving(authority, max_version=version) as (server, url):
        server.on("secure_connection", lambda socket: reused.append(socket.is_session_reused()))
        for _ in range(2):
            await (await https.get(url, agent=agent)).read()
    assert reused == [False, True]


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
async def test_agent_resumes_sessions(version: str, authority: trustme.CA, ca: bytes) -> None:
    agent = https.Agent(max_cached_sessions=1)
    reused = []
    async with serving(authority, max_version=version) as (server, url):
        server.on("secure_connection", lambda socket: reused.append(socket.is_session_reused()))
        for _ in range(2):
            await (await https.get(url, agent=agent, ca=ca)).read()
    assert reused == [False, True]


async def test_agent_without_cached_sessions_resumes_none(authority: trustme.CA, ca: bytes) -> None:
    agent = https.Agent(max_cached_sessions=0)
    reused = []
    async with serving(authority, max_version="TLSv1.2") as (server, url):
        server.on("secure_connection", lambda socket: reused.append(socket.is_session_reused()))
        for _ in range(2):
            await (await https.get(url, agent=agent, ca=ca)).read()
    assert reused == [False, False]


async def test_plain_request_to_the_port_is_a_client_error(authority: trustme.CA, ca: bytes) -> None:
    async with serving(authority) as (server, url):
        told = asyncio.ensure_future(events.once(server, "client_error"))
        reader, writer = await asyncio.open_connection(LOOPBACK, server.address().port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        error, _ = await told
        assert error.code.startswith("ERR_SSL_")
        assert b"200 OK" not in await reader.read()
        writer.close()
        assert (await https.get(url, ca=ca, agent=False)).status_code == 200


async def test_global_agent_keeps_connections(authority: trustme.CA, ca: bytes) -> None:
    async with serving(authority) as (_, url):
        await (await https.get(url, ca=ca)).read()
        asked = https.get(url, ca=ca)
        await (await asked).read()
        assert asked.reused_socket
        https.global_agent.destroy()


async def test_bytes_that_the_loop_has_not_seen_yet_are_nobodys_answer(authority: trustme.CA, ca: bytes) -> None:
    sockets: list[Any] = []

    def listener(request: Any, response: Any) -> None:
        sockets.append(request.socket)
        response.end("hello")

    agent = https.Agent(keep_alive=True, ca=ca)
    async with serving(authority, listener=listener) as (_, url):
        for _ in range(2):
            asked = https.get(url, agent=agent)
            assert await (await asked).text() == "hello"
            await asyncio.sleep(0)
            sockets[-1].write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray")
        assert sockets[0] is not sockets[1]
        agent.destroy()


async def test_close_ends_idle_connections(authority: trustme.CA, ca: bytes) -> None:
    agent = https.Agent(keep_alive=True)
    async with serving(authority) as (server, url):
        await (await https.get(url, ca=ca, agent=agent)).read()
        closed = asyncio.ensure_future(events.once(server, "close"))
        server.close()
        await closed


@pytest.mark.parametrize("options", [{"max_cached_sessions": -1}, {"max_cached_sessions": "1"},
                                     {"proxy_env": {"https_proxy": "socks://localhost"}}])
def test_agent_refuses_what_it_cannot_do(options: dict[str, Any]) -> None:
    with pytest.raises(NetloopError):
        https.Agent(**options)


def test_unknown_keyword_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        https.request("https://localhost/", cake=1)


def test_other_protocol_is_refused() -> None:
    with pytest.raises(ValueError, match="protocol 'http:' not supported"):
        https.get("http://localhost/")


@pytest.mark.parametrize(("ask", "agent", "refused"), [
    (https.get, http.Agent, "https:"), (https.request, http.Agent, "https:"), (http.get, https.Agent, "http:")])
def test_an_agent_of_the_other_protocol_is_refused(ask: Any, agent: Any, refused: str) -> None:
    with pytest.raises(ValueError, match=f"protocol '{refused}' not supported") as caught:
        ask(host=LOOPBACK, port=9, headers={"Authorization": "secret"}, agent=agent())
    assert getattr(caught.value, "code", None) == "ERR_INVALID_PROTOCOL"


async def test_http_asks_over_tls_where_protocol_and_agent_say_so(authority: trustme.CA, ca: bytes) -> None:
    async with serving(authority) as (server, _):
        response = await http.get(protocol="https:", port=server.address().port, agent=https.Agent(ca=ca))
        assert await response.text() == "GET /"


def test_repr_says_what_it_is(authority: trustme.CA) -> None:
    assert repr(https.create_server()).startswith("<https.Server")


async def test_agent_and_server_tell_the_secrets_of_handshakes_to_those_who_listen(authority: trustme.CA, ca: bytes) -> None:
    ours: list[tuple[bytes, Any]] = []
    theirs: list[tuple[bytes, Any]] = []
    agent = https.Agent(ca=ca)
    agent.on("keylog", lambda line, socket: ours.append((line, socket)))
    async with serving(authority) as (server, url):
        server.on("keylog", lambda line, socket: theirs.append((line, socket)))
        await (await https.get(url, agent=agent)).read()
    assert {line for line, _ in ours} == {line for line, _ in theirs}
    assert all(line.startswith((b"CLIENT_", b"SERVER_", b"EXPORTER_")) and socket.encrypted for line, socket in ours + theirs)
    assert ours


async def test_the_handshake_is_a_step_of_a_request(authority: trustme.CA, ca: bytes) -> None:
    agent = https.Agent(ca=ca, keep_alive=True)
    async with serving(authority) as (_, url):
        first = await https.get(url, agent=agent)
        await first.read()
        second = await https.get(url, agent=agent)
        await second.read()
        assert list(first.steps_ms) == ["socket", "lookup", "connect", "secure", "send", "head", "body"]
        assert list(second.steps_ms) == ["socket", "send", "head", "body"]
        agent.destroy()


async def test_an_error_says_that_it_was_the_handshake_that_failed(authority: trustme.CA) -> None:
    async with serving(authority) as (_, url):
        with pytest.raises(OSError) as caught:
            await https.get(url, agent=False)
        assert "failed after" in caught.value.__notes__[-1]
        assert caught.value.__notes__[-1].endswith("of securing the connection (TLS)")


async def test_shutdown_ends_handshakes_that_are_under_way(authority: trustme.CA) -> None:
    async with serving(authority) as (server, _):
        reader, writer = await asyncio.open_connection(LOOPBACK, server.address().port)
        while await server.get_connections() == 0:
            await asyncio.sleep(0)
        closed: list[bool] = []
        server.on("close", lambda: closed.append(True))
        await server.shutdown(10)
        assert closed == [True]
        assert await reader.read() == b""
        assert await server.get_connections() == 0
        writer.close()
