"""Requests and their responses, against peers that speak in bytes."""

from __future__ import annotations

import asyncio
import importlib.util
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from netloop import events, net
from netloop.events import AbortController
from netloop.http.agent import Agent
from netloop.http.client_functions import get, request

_spec: Any = importlib.util.spec_from_file_location("client_peer", Path(__file__).with_name("client_peer.py"))
client_peer: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(client_peer)
OK, Peer, serve = client_peer.OK, client_peer.Peer, client_peer.serve


def record(emitter: Any, log: list[str], *names: str, prefix: str = "") -> None:
    for name in names:
        emitter.on(name, lambda *_, name=name: log.append(prefix + name))


async def closed(emitter: Any) -> None:
    """Wait for `close`, whatever comes before it."""
    future = asyncio.get_running_loop().create_future()
    emitter.on("close", lambda *_: future.done() or future.set_result(None))
    await future


# --- the usual ------------------------------------------------------------------------------------------------------

async def test_events_come_in_nodes_order() -> None:
    server, url = await serve(Peer())
    log: list[str] = []
    asked = get(url, agent=False)
    record(asked, log, "socket", "finish", "response", "error", "close")
    asked.on("response", lambda response: record(response, log, "data", "end", "close", prefix="response "))
    await events.once(asked, "close")
    assert log == ["socket", "finish", "response", "response data", "response end", "response close", "close"]
    await server.close()


async def test_response_closes_for_those_who_listen_by_its_end() -> None:
    server, url = await serve(Peer())
    log: list[str] = []
    asked = get(url, agent=False)
    asked.on("response", lambda response: (
        response.on("end", lambda: record(response, log, "close", prefix="response ")), response.resume()))
    await closed(asked)
    assert log == ["response close"]
    await server.close()


async def test_request_closes_after_a_response_that_nobody_watches() -> None:
    server, url = await serve(Peer())
    log: list[str] = []
    asked = get(url, agent=False)
    record(asked, log, "close")
    asked.on("response", lambda response: record(response, log, "data", "end", prefix="response "))
    await closed(asked)
    assert log == ["response data", "response end", "close"]
    assert (asked.response.closed, asked.response.destroyed) == (True, True)
    assert (asked.closed, asked.destroyed) == (True, True)
    await server.close()


async def test_a_request_is_written_as_node_writes_it() -> None:
    peer = Peer()
    server, url = await serve(peer)
    await (await get(f"{url}/a?b", headers={"X-One": "1", "x-list": ["a", "b"]}, agent=False)).read()
    port = url.rpartition(":")[2].encode()
    assert peer.received == [b"GET /a?b HTTP/1.1\r\nHost: 127.0.0.1:" + port + b"\r\nX-One: 1\r\nx-list: a\r\nx-list: b\r\n"
                             b"Connection: close\r\n\r\n"]
    await server.close()


async def test_headers_given_as_a_list_are_sent_as_they_are() -> None:
    peer = Peer()
    server, url = await serve(peer)
    await (await get(url.replace("//", "//user:password@"), headers=["Host", "x", "A", "1"], agent=False)).read()
    assert peer.received == [b"GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nConnection: close\r\n\r\n"]
    await server.close()


async def test_a_field_that_was_removed_is_not_sent() -> None:
    peer = Peer()
    server, url = await serve(peer)
    asked = request(url, agent=False, method="POST")
    asked.remove_header("Connection")
    asked.remove_header("Content-Length")
    await asked.end("body")
    assert b"Connection" not in peer.received[0]
    assert b"Transfer-Encoding: chunked\r\n" in peer.received[0]
    asked = request(url, agent=False)
    asked.remove_header("Connection")
    asked.set_header("Connection", "close")
    await asked.end()
    assert b"Connection: close\r\n" in peer.received[1]
    await server.close()


async def test_a_host_that_is_a_list_is_refused() -> None:
    for ask in (lambda: request("http://127.0.0.1:9/", headers={"Host": ["a", "b"]}),
                lambda: request("http://127.0.0.1:9/").on("error", lambda error: None).append_header("host", "b")):
        with pytest.raises(TypeError, match="Host") as caught:
            ask()
        assert caught.value.code == "ERR_INVALID_ARG_TYPE"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("headers", "code"), [
    (5, "ERR_INVALID_ARG_TYPE"), ("ab", "ERR_INVALID_ARG_TYPE"), (b"ab", "ERR_INVALID_ARG_TYPE"),
    ([("a",)], "ERR_INVALID_ARG_VALUE"), ([("a", "b", "c")], "ERR_INVALID_ARG_VALUE"),
    ([("a", "b"), "cd"], "ERR_INVALID_ARG_VALUE"), (["a"], "ERR_INVALID_ARG_VALUE"),
])
async def test_headers_that_are_none_are_refused(headers: Any, code: str) -> None:
    with pytest.raises((TypeError, ValueError), match="headers must be") as caught:
        request("http://127.0.0.1:9/", headers=headers)
    assert caught.value.code == code  # type: ignore[attr-defined]


async def test_auth_of_the_url_becomes_authorization() -> None:
    peer = Peer()
    server, url = await serve(peer)
    await (await get(url.replace("//", "//user:pass@"), agent=False)).read()
    assert b"\r\nAuthorization: Basic dXNlcjpwYXNz\r\n" in peer.received[0]
    await server.close()


async def test_a_body_given_to_end_has_its_length() -> None:
    peer = Peer()
    server, url = await serve(peer)
    response = await request(url, method="POST", agent=False).end("grüß")
    assert await response.text() == "hello"
    assert peer.received[0].endswith("Connection: close\r\nContent-Length: 6\r\n\r\ngrüß".encode())
    await server.close()


@pytest.mark.parametrize(("method", "keywords", "framing"), [
    ("GET", {}, b""), ("DELETE", {}, b""), ("OPTIONS", {}, b""), ("POST", {}, b"Transfer-Encoding: chunked\r\n"),
    ("GET", {"headers": {"Transfer-Encoding": "chunked"}}, b"Transfer-Encoding: chunked\r\n"),
    ("GET", {"headers": {"Content-Length": "0"}}, b"Content-Length: 0\r\n"),
])
async def test_a_head_that_is_flushed_announces_the_body_that_its_method_has(method: str, keywords: Any,
                                                                             framing: bytes) -> None:
    peer = Peer()
    server, url = await serve(peer)
    asked = request(url, method=method, agent=False, **keywords)
    asked.flush_headers()
    assert await (await asked.end()).read() == b"hello"
    found = [line + b"\r\n" for line in peer.received[0].split(b"\r\n") if line.startswith((b"Transfer", b"Content"))]
    assert b"".join(found) == framing
    await server.close()


async def test_a_body_behind_a_head_that_has_none_is_refused() -> None:
    server, url = await serve(Peer())
    flushed = request(url, agent=False)
    flushed.flush_headers()
    for asked in (flushed, request(url, agent=False, method="CONNECT", path="a:1")):
        with pytest.raises(RuntimeError) as caught:
            asked.write("x")
        assert caught.value.code == "ERR_HTTP_BODY_NOT_ALLOWED"  # type: ignore[attr-defined]
        asked.on("error", lambda: None).destroy()
    await server.close()


async def test_a_body_that_may_not_be_chunked_is_chunked_all_the_same() -> None:
    """A request cannot end with the connection: nobody could answer."""
    peer = Peer()
    server, url = await serve(peer)
    asked = request(url, method="POST", agent=False)
    asked.use_chunked_encoding_by_default = False
    asked.remove_header("transfer-encoding")
    asked.write("x")
    await asked.end()
    assert peer.received[0].endswith(b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n")
    await server.close()


async def test_a_body_that_is_written_goes_in_chunks_with_trailers() -> None:
    peer = Peer()
    server, url = await serve(peer)
    asked = request(url, method="POST", headers={"Trailer": "X-Sum"}, agent=False)
    asked.write(b"one")
    asked.add_trailers({"X-Sum": "1"})
    asked.end(b"two")
    await events.once(asked, "close")
    assert peer.received[0].endswith(b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                                     b"3\r\none\r\n3\r\ntwo\r\n0\r\nX-Sum: 1\r\n\r\n")
    await server.close()


async def test_text_follows_the_charset_and_json_is_parsed() -> None:
    peer = Peer(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=latin-1\r\nContent-Length: 1\r\n\r\n\xe4",
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n[1,2\r\n1\r\n]\r\n0\r\nX-T: v\r\n\r\n")
    server, url = await serve(peer)
    assert await (await get(url, agent=False)).text() == "ä"
    response = await get(url, agent=False)
    assert await response.json() == [1, 2]
    assert response.trailers == {"x-t": "v"}
    await server.close()


async def test_a_head_response_has_no_body() -> None:
    server, url = await serve(Peer(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"))
    response = await request(url, method="HEAD", agent=False).end()
    assert await response.read() == b""
    assert response.headers["content-length"] == "100"
    await server.close()


async def test_a_body_may_end_with_the_connection() -> None:
    server, url = await serve(Peer(lambda socket: socket.end(b"HTTP/1.0 200 OK\r\n\r\nall of it")))
    assert await (await get(url)).read() == b"all of it"
    await server.close()


async def test_a_response_that_nobody_wants_is_thrown_away() -> None:
    server, url = await serve(Peer())
    await events.once(get(url, agent=False), "close")
    await server.close()


async def test_read_refuses_more_than_max_size() -> None:
    server, url = await serve(Peer())
    with pytest.raises(RuntimeError) as caught:
        await (await get(url, agent=False)).read(max_size=4)
    assert caught.value.code == "ERR_HTTP_BODY_TOO_LARGE"  # type: ignore[attr-defined]
    await server.close()


async def test_a_unix_socket_is_asked(tmp_path: Any) -> None:
    path = tmp_path / "http.sock"
    server = await net.listen(path, Peer())
    assert await (await get(socket_path=path, path="/x", agent=False)).read() == b"hello"
    await server.close()


async def test_a_custom_lookup_and_create_connection_are_used() -> None:
    server, _ = await serve(Peer())
    port = server.address().port
    looked_up = []

    def lookup(hostname: str, callback: Any, **options: Any) -> None:
        looked_up.append(hostname)
        callback(None, [("127.0.0.1", 4)] if options.get("all") else "127.0.0.1", 4)

    assert await (await get(f"http://name.test:{port}", lookup=lookup, agent=False)).read() == b"hello"
    assert looked_up == ["name.test"]

    def create(callback: Any, **options: Any) -> None:
        callback(None, net.connect(port, "127.0.0.1"))

    assert await (await get("http://nowhere.test/", create_connection=create, agent=False)).read() == b"hello"
    await server.close()


# --- more than a response -------------------------------------------------------------------------------------------

async def test_continue_and_information_come_before_the_response() -> None:
    server, url = await serve(lambda socket: socket.on("data", lambda data: socket.write(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" if b"Expect" in data else OK)))
    log: list[Any] = []
    asked = request(url, method="POST", headers={"Expect": "100-continue", "Content-Length": 2}, agent=False)

    def go_on() -> None:
        log.append("continue")
        asked.end(b"ab")

    asked.on("continue", go_on)
    asked.on("information", lambda information: log.append((information.status_code, information.headers)))
    asked.on("response", lambda response: log.append(response.resume().status_code))
    await events.once(asked, "close")
    assert log == ["continue", (100, {}), (103, {"link": "x"}), 200]
    await server.close()


async def test_upgrade_keeps_the_bytes_that_came_with_it() -> None:
    server, url = await serve(Peer(
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nfirst"))
    asked = get(url, headers={"Connection": "Upgrade", "Upgrade": "echo"}, agent=False)
    response, socket, head = await events.once(asked, "upgrade")
    assert (response.status_code, head) == (101, b"first")
    assert socket.listener_count("data") == 0
    socket.destroy()
    await server.close()


async def test_connect_opens_a_tunnel() -> None:
    def tunnel(socket: net.Socket) -> None:
        socket.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        socket.remove_all_listeners("data")
        socket.pipe(socket)

    peer = Peer(tunnel)
    server, url = await serve(peer)
    asked = request(url, method="CONNECT", path="example.org:443", agent=False).end()
    _, socket, head = await events.once(asked, "connect")
    assert head == b""
    assert peer.received[0].startswith(b"CONNECT example.org:443 HTTP/1.1\r\n")
    socket.end(b"through")
    assert [chunk async for chunk in socket] == [b"through"]
    await server.close()


async def test_an_upgrade_without_a_listener_closes() -> None:
    server, url = await serve(Peer(b"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"))
    asked = get(url, headers={"Connection": "Upgrade", "Upgrade": "x"}, agent=False)
    await events.once(asked, "close")
    await server.close()


async def test_timeout_only_reports() -> None:
    peer = Peer(lambda socket: None)
    server, url = await serve(peer)
    asked = get(url, timeout=10, agent=False)
    await events.once(asked, "timeout")
    assert not asked.destroyed
    asked.on("error", lambda error: None)
    asked.destroy()
    await closed(asked)
    await server.close()


@pytest.mark.parametrize("timeout", [0.4, timedelta(microseconds=400)])
async def test_a_timeout_of_less_than_a_millisecond_is_one(timeout: Any) -> None:
    server, url = await serve(Peer(lambda socket: None))
    asked = get(url, timeout=timeout, agent=False)
    await events.once(asked, "timeout")
    await closed(asked.on("error", lambda error: None).destroy())
    await server.close()


async def test_a_timeout_may_be_set_when_the_socket_is_there() -> None:
    server, url = await serve(Peer(lambda socket: None))
    asked = get(url, agent=False)
    asked.on("socket", lambda: asked.set_timeout(10))
    await events.once(asked, "timeout")
    await closed(asked.on("error", lambda error: None).destroy())
    await server.close()


# --- redirects ------------------------------------------------------------------------------------------------------

def redirect(status: int, location: str) -> bytes:
    return b"HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, location.encode())


@pytest.mark.parametrize(("status", "method", "expected"), [
    (301, "POST", b"GET /there"), (302, "POST", b"GET /there"), (303, "PUT", b"GET /there"), (303, "HEAD", b"HEAD /there"),
    (307, "POST", b"POST /there"), (308, "PUT", b"PUT /there"), (302, "GET", b"GET /there"),
])
async def test_redirects_are_followed_when_asked(status: int, method: str, expected: bytes) -> None:
    answer = b"HTTP/1.1 204 No Content\r\n\r\n"
    peer = Peer(redirect(status, "/there"), answer)
    server, url = await serve(peer)
    asked = request(url, method=method, max_redirects=True, agent=False)
    response = await (asked.end() if method in ("GET", "HEAD") else asked.end(b"body"))
    assert response.status_code == 204
    assert response.url == f"{url}/there"
    assert peer.received[1].startswith(expected)
    assert peer.received[1].endswith(b"body") == (expected[:4] in (b"POST", b"PUT "))
    await server.close()


@pytest.mark.parametrize(("location", "expected"), [
    ("/caf\u00e9?q=\u00e9", b"/caf%C3%A9?q=%C3%A9"), ("/caf%C3%A9", b"/caf%C3%A9"), ("b c", b"/a/b%20c"), ("?q", b"/a/?q")])
async def test_a_redirect_leads_where_a_browser_would_go(location: str, expected: bytes) -> None:
    peer = Peer(redirect(302, location))
    server, url = await serve(peer)
    await (await get(f"{url}/a/", max_redirects=1, agent=False)).read()
    assert peer.received[1].startswith(b"GET %s HTTP/1.1\r\n" % expected)
    await server.close()


@pytest.mark.parametrize("location", [
    "http://", "http:///there", "//", "///there", "/the\tre", "/\\elsewhere.test/", "\\\\elsewhere.test/",
    "http:/\\elsewhere.test/",
])
async def test_a_redirect_to_what_is_no_url_is_an_error(location: str) -> None:
    peer = Peer(redirect(302, location))
    server, url = await serve(peer)
    with pytest.raises(ValueError, match="Invalid URL") as caught:
        await get(url, agent=False, max_redirects=2)
    assert caught.value.code == "ERR_INVALID_URL"  # type: ignore[attr-defined]
    assert len(peer.received) == 1
    await server.close()


async def test_a_redirect_is_relative_to_the_path_that_was_assigned() -> None:
    peer = Peer(redirect(302, "c"))
    server, url = await serve(peer)
    asked = request(url, max_redirects=1, agent=False)
    asked.path = "/a/b"
    response = await asked.end()
    assert [each.split()[1] for each in peer.received] == [b"/a/b", b"/a/c"]
    assert response.url == f"{url}/a/c"
    await server.close()


async def test_a_redirect_is_not_followed_unasked() -> None:
    server, url = await serve(Peer(redirect(302, "/there")))
    response = await get(url, agent=False)
    assert (response.status_code, response.headers["location"]) == (302, "/there")
    await response.read()
    await server.close()


async def test_too_many_redirects_are_an_error() -> None:
    server, url = await serve(Peer(*[redirect(302, "/again")] * 3))
    with pytest.raises(RuntimeError) as caught:
        await get(url, max_redirects=2, agent=False)
    assert caught.value.code == "ERR_HTTP_TOO_MANY_REDIRECTS"  # type: ignore[attr-defined]
    await server.close()


@pytest.mark.parametrize("framing", [b"Transfer-Encoding: chunked", b"Content-Length: 65537", b"Connection: close"])
async def test_a_redirect_whose_body_may_not_end_gives_its_connection_up(framing: bytes) -> None:
    peer = Peer(b"HTTP/1.1 302 Found\r\nLocation: /end\r\n" + framing + b"\r\n\r\n5\r\nhello\r\n")
    server, url = await serve(peer)
    agent = Agent(max_sockets=1)
    assert await (await get(url, agent=agent, max_redirects=1)).read() == b"hello"
    assert peer.connections == 2
    agent.destroy()
    await server.close()


async def test_a_redirect_with_a_short_body_keeps_its_connection() -> None:
    def in_two_parts(socket: net.Socket) -> None:
        socket.write(b"HTTP/1.1 302 Found\r\nLocation: /end\r\nContent-Length: 5\r\n\r\nhe")
        asyncio.get_running_loop().call_later(0.01, socket.write, b"llo")

    peer = Peer(in_two_parts)
    server, url = await serve(peer)
    agent = Agent(max_sockets=1)
    assert await (await get(url, agent=agent, max_redirects=1)).read() == b"hello"
    assert peer.connections == 1
    agent.destroy()
    await server.close()


@pytest.mark.parametrize("headers", [{"Host": "own.test"}, ["Host", "own.test"]])
async def test_a_host_of_ones_own_follows_to_the_same_origin_only(headers: Any) -> None:
    other = Peer()
    elsewhere, far = await serve(other)
    peer = Peer(b"HTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n",
                f"HTTP/1.1 302 Found\r\nLocation: {far}/b\r\nContent-Length: 0\r\n\r\n".encode())
    server, url = await serve(peer)
    await get(url, agent=False, max_redirects=2, headers=headers)
    assert [b"Host: own.test\r\n" in head for head in [*peer.received, *other.received]] == [True, True, False]
    assert b"Host: 127.0.0.1:" in other.received[0]
    await server.close()
    await elsewhere.close()


async def test_a_location_that_is_no_url_is_an_error_with_a_code() -> None:
    server, url = await serve(Peer(b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\nContent-Length: 0\r\n\r\n"))
    with pytest.raises(ValueError, match="Invalid URL") as caught:
        await get(url, agent=False, max_redirects=1)
    assert caught.value.code == "ERR_INVALID_URL"  # type: ignore[attr-defined]
    await server.close()


async def test_credentials_do_not_follow_to_another_origin() -> None:
    there = Peer()
    second, elsewhere = await serve(there)
    server, url = await serve(Peer(redirect(302, f"{elsewhere}/")))
    headers = {"Authorization": "secret", "Cookie": "c", "X-Kept": "1"}
    await (await get(url, headers=headers, max_redirects=1, agent=False)).read()
    assert b"X-Kept: 1" in there.received[0]
    assert b"secret" not in there.received[0]
    assert b"Cookie" not in there.received[0]
    await server.close()
    await second.close()


# --- giving up ------------------------------------------------------------------------------------------------------

async def test_destroy_before_the_response_is_a_hang_up() -> None:
    server, url = await serve(Peer(lambda socket: None))
    asked = get(url, agent=False)
    log: list[str] = []
    record(asked, log, "close")
    asked.on("error", lambda error: log.append(f"{error.code} {error.strerror}"))
    await events.once(asked, "finish")
    asked.destroy()
    await closed(asked)
    assert log == ["ECONNRESET socket hang up", "close"]
    await server.close()


async def test_a_signal_destroys_the_request() -> None:
    server, url = await serve(Peer(lambda socket: None))
    controller = AbortController()
    asked = get(url, signal=controller.signal, agent=False)
    asked.once("finish", controller.abort)
    with pytest.raises(Exception, match="aborted") as caught:
        await asked
    assert caught.value.code == "ABORT_ERR"  # type: ignore[attr-defined]
    await server.close()


async def test_a_signal_that_was_aborted_opens_nothing() -> None:
    controller = AbortController()
    controller.abort()
    agent = Agent()
    asked = get("http://127.0.0.1:9/", signal=controller.signal, agent=agent)
    assert agent.total_socket_count == 0
    with pytest.raises(Exception, match="aborted"):
        await asked


async def test_cancelling_leaves_nothing_behind() -> None:
    server, url = await serve(Peer(lambda socket: None))
    asked = get(url, agent=False)

    async def wait() -> None:
        await asked

    task = asyncio.ensure_future(wait())
    await events.once(asked, "finish")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asked.destroyed
    await server.close()


async def test_abort_tells_and_hangs_up() -> None:
    server, url = await serve(Peer(lambda socket: asked.abort()))
    asked = get(url, agent=False)
    log: list[str] = []
    record(asked, log, "abort", "error", "close")
    await closed(asked)
    assert asked.aborted
    assert sorted(log) == ["abort", "close", "error"]
    await server.close()
