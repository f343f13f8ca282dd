"""Responses that lie, never end or are none; connections that break at every point; readers that are slow."""

from __future__ import annotations

import asyncio
import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

from netloop import diagnostics, events, net
from netloop.http.agent import Agent
from netloop.http.client_functions import get, request

_spec: Any = importlib.util.spec_from_file_location("client_peer", Path(__file__).with_name("client_peer.py"))
client_peer: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(client_peer)
OK, Peer, serve = client_peer.OK, client_peer.Peer, client_peer.serve


async def closed(emitter: Any) -> None:
    """Wait for `close`, whatever comes before it."""
    future = asyncio.get_running_loop().create_future()
    emitter.on("close", lambda *_: future.done() or future.set_result(None))
    await future


def ending(data: bytes) -> Any:
    return lambda socket: socket.end(data)


@pytest.mark.parametrize(("answer", "code"), [
    (b"GARBAGE\r\n\r\n", "HPE_INVALID_CONSTANT"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "HPE_UNEXPECTED_CONTENT_LENGTH"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", None),
    (b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", None),
    (b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HPE_INVALID_HEADER_TOKEN"),
    (b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "HPE_INVALID_STATUS"),
    (b"HTTP/2.0 200 OK\r\n\r\n", "HPE_INVALID_VERSION"),
    (b"HTTP/1.1 200 OK\r\nA: " + b"a" * 17000, "HPE_HEADER_OVERFLOW"),
    (OK + b"more", "HPE_CLOSED_CONNECTION"),
    (OK + b"\r\nmore", "HPE_CLOSED_CONNECTION"),
])
async def test_what_is_no_response_is_an_error(answer: bytes, code: str | None) -> None:
    server, url = await serve(Peer(answer))
    asked = get(url, agent=False)
    errors: list[Any] = []
    asked.on("error", errors.append)
    await closed(asked)
    assert len(errors) == 1
    assert errors[0].code == code or code is None
    assert errors[0].code.startswith("HPE_")
    assert any("waiting for the response" in note or "sent the request" in note for note in errors[0].__notes__)
    await server.close()


@pytest.mark.parametrize("framing", [b"Content-Length: 5\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"])
async def test_a_line_end_behind_a_response_does_no_harm(framing: bytes) -> None:
    peer = Peer(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\n")
    server, url = await serve(peer)
    agent = Agent(keep_alive=True)
    for _ in range(2):
        asked = get(url, agent=agent)
        response, = await events.once(asked, "response")
        response.resume()
        await closed(asked)
    assert peer.connections == 1
    agent.destroy()
    await server.close()


async def test_a_larger_head_is_taken_where_it_is_allowed() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: " + b"a" * 17000 + b"\r\n\r\n"
    server, url = await serve(Peer(head))
    assert len((await get(url, agent=False, max_header_size=20000)).headers["a"]) == 17000
    await server.close()


@pytest.mark.parametrize("answer", [
    b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
])
async def test_a_body_cut_short_has_nodes_events(answer: bytes) -> None:
    server, url = await serve(Peer(ending(answer)))
    log: list[str] = []
    asked = get(url, agent=False)
    asked.on("close", lambda: log.append("close"))
    response, = await events.once(asked, "response")
    for name in ("data", "aborted", "end", "close"):
        response.on(name, lambda *_, name=name: log.append(f"response {name}"))
    response.on("error", lambda error: log.append(f"response error {error.code}"))
    await closed(response)
    assert log == ["response data", "response aborted", "close", "response error ECONNRESET", "response close"]
    assert not response.complete
    await server.close()


async def test_reading_a_body_cut_short_raises_and_says_where() -> None:
    server, url = await serve(Peer(ending(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")))
    response = await get(url, agent=False)
    with pytest.raises(ConnectionResetError, match="aborted") as caught:
        await response.read()
    assert caught.value.code == "ECONNRESET"  # type: ignore[attr-defined]
    assert "receiving the body" in "".join(caught.value.__notes__)
    await server.close()


async def test_a_fault_in_the_body_reaches_its_reader() -> None:
    server, url = await serve(Peer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"))
    response = await get(url, agent=False)
    with pytest.raises(Exception, match="Parse Error") as caught:
        await response.read()
    assert caught.value.code == "HPE_INVALID_CHUNK_SIZE"  # type: ignore[attr-defined]
    await server.close()


@pytest.mark.parametrize("cut", range(0, 38, 3))
async def test_a_connection_lost_at_any_point_is_one_error(cut: int) -> None:
    server, url = await serve(Peer(ending(OK[:cut])))
    with pytest.raises(ConnectionResetError):
        await (await get(url, agent=False)).read()
    await server.close()


async def test_a_response_one_byte_at_a_time_is_a_response() -> None:
    async def drip(socket: net.Socket) -> None:
        for byte in OK:
            socket.write(bytes([byte]))
            await asyncio.sleep(0)

    server, url = await serve(Peer(lambda socket: asyncio.ensure_future(drip(socket))))
    assert await (await get(url, agent=False)).read() == b"hello"
    await server.close()


async def test_what_is_no_response_leaves_no_listener_on_the_socket() -> None:
    server, url = await serve(Peer(b"GARBAGE\r\n\r\n"))
    asked = get(url, agent=False)
    sockets: list[Any] = []
    asked.on("socket", sockets.append)
    before = net.Socket()
    await closed(asked.on("error", lambda: None))
    for event in ("data", "end", "error", "close", "timeout", "agent_remove", "lookup"):
        assert sockets[0].listener_count(event) == before.listener_count(event), event
    assert asked.agent.total_socket_count == 0
    await server.close()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"])
async def test_a_timeout_of_asyncio_says_how_far_the_request_was(answer: bytes) -> None:
    server, url = await serve(Peer(answer))
    with pytest.raises(TimeoutError) as caught:
        async with asyncio.timeout(0.05):
            await (await get(f"{url}/slow", agent=False)).read()
    said = "\n".join(caught.value.__cause__.__notes__)  # type: ignore[union-attr]
    assert f"GET {url}/slow: waited" in said
    assert said.endswith("of receiving the body" if answer else "of waiting for the response")
    await server.close()


async def test_an_error_behind_a_redirect_says_what_was_asked_first() -> None:
    server, url = await serve(Peer(b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n", ending(b"")))
    with pytest.raises(ConnectionResetError) as caught:
        await get(f"{url}/a", agent=False, max_redirects=1)
    assert caught.value.__notes__[0].startswith(f"GET {url}/b: ")
    assert caught.value.__notes__[1] == f"GET {url}/a was redirected there"
    await server.close()


async def test_a_refused_connection_says_what_was_tried() -> None:
    server, url = await serve(Peer())
    await server.close()
    with pytest.raises(ConnectionRefusedError) as caught:
        await get(f"{url}/x", agent=False)
    assert any(note.startswith(f"GET {url}/x: waited") and "of connecting" in note for note in caught.value.__notes__)


async def test_a_name_that_is_not_found_is_no_step_that_was_done() -> None:
    def lookup(hostname: str, callback: Any, **options: Any) -> None:
        callback(OSError("not found"))

    asked = get("http://name.test/", lookup=lookup, agent=False)
    with pytest.raises(OSError, match="not found") as caught:
        await asked
    assert re.search(r"socket, failed after [0-9.]+ ms of looking up the name$", caught.value.__notes__[-1])
    assert list(asked.steps.milliseconds()) == ["socket"]


async def test_an_early_answer_that_closes_ends_the_upload() -> None:
    answer = b"HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno"

    def refuse(socket: net.Socket) -> None:
        socket.once("data", lambda data: socket.write(answer))
        socket.on("error", lambda error: None)

    server, url = await serve(refuse)
    asked = request(url, method="POST", agent=False)
    asked.write(b"x" * 1000)
    response, = await events.once(asked, "response")
    assert response.status_code == 413
    assert b"".join([chunk async for chunk in response]) == b"no"
    if not asked.closed:
        await closed(asked)
    await server.close()


async def test_a_listener_that_raises_disturbs_nothing(unhandled: list[Any]) -> None:
    server, url = await serve(Peer())
    asked = get(url, agent=False)
    asked.on("response", lambda response: response.resume() and 1 / 0)
    await closed(asked)
    assert [type(error) for error in unhandled] == [ZeroDivisionError]
    await server.close()


# --- backpressure ---------------------------------------------------------------------------------------------------

async def test_a_slow_reader_slows_the_server() -> None:
    size = 32 * 2**20
    sent: list[net.Socket] = []

    def pour(socket: net.Socket) -> None:
        sent.append(socket)
        socket.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        socket.write(bytes(size))

    server, url = await serve(Peer(pour))
    response = (await get(url, agent=False)).message
    response.pause()
    for _ in range(500):
        await asyncio.sleep(0)
    assert response.readable_length < 2**20
    assert sent[0].writable_length > size // 2
    response.resume()
    total = 0
    async for chunk in response:
        total += len(chunk)
    assert total == size
    await server.close()


async def test_a_body_that_ended_before_it_was_read_comes_whole() -> None:
    body = bytes(range(256)) * 2000
    server, url = await serve(Peer(ending(b"HTTP/1.1 200 OK\r\n\r\n" + body)))
    response = await get(url, agent=False)
    for _ in range(50):
        await asyncio.sleep(0)
    assert await response.read() == body
    await server.close()


async def test_an_upload_waits_for_drain() -> None:
    read: list[int] = []

    def slow(socket: net.Socket) -> None:
        total = 0

        def on_data(data: bytes) -> None:
            nonlocal total
            total += len(data)
            if data.endswith(b"0\r\n\r\n"):
                read.append(total)
                socket.write(OK)

        socket.on("data", on_data)

    server, url = await serve(slow)
    asked = request(url, method="PUT", agent=False)
    waited = 0
    for _ in range(100):
        if not asked.write(bytes(200_000)):
            waited += 1
            await asked.drain()
    asked.end()
    assert await (await asked).read() == b"hello"
    assert waited > 0
    assert read[0] > 100 * 200_000
    await server.close()


# --- diagnostics ----------------------------------------------------------------------------------------------------

async def test_channels_tell_every_phase() -> None:
    told: list[str] = []

    def note(message: dict[str, Any], name: str) -> None:
        told.append(name)

    async def ask() -> None:
        asked = get(url, agent=agent)
        over = asyncio.ensure_future(closed(asked))
        await (await asked).read()
        await over

    diagnostics.subscribe("http.client.*", note)
    agent = Agent(keep_alive=True)
    server, url = await serve(Peer(OK, lambda socket: socket.destroy(), OK))
    try:
        await ask()
        await ask()
    finally:
        diagnostics.unsubscribe("http.client.*", note)
    assert [name.removeprefix("http.client.") for name in told] == [
        "request.start", "request.sent", "response", "request.end",
        "request.start", "request.sent", "request.replay", "response", "request.end"]
    agent.destroy()
    await server.close()


# --- where it was called --------------------------------------------------------------------------------------------

async def refused_port() -> int:
    """A port where nobody listens any more."""
    server = await net.listen(0, "127.0.0.1")
    port = server.address().port
    await server.close()
    return port


async def test_the_note_of_a_failed_connect_names_the_line_of_the_request() -> None:
    with pytest.raises(ConnectionRefusedError) as caught:
        await get(f"http://127.0.0.1:{await refused_port()}", agent=False)
    assert [Path(note.rpartition(":")[0]).name for note in caught.value.__notes__ if "was called at" in note] == [
        Path(__file__).name]


async def test_a_connect_that_no_line_of_the_program_called_has_no_note_of_it() -> None:
    port = await refused_port()
    agent = Agent(max_sockets=1)

    async def notes() -> list[str]:
        with pytest.raises(ConnectionRefusedError) as caught:
            await get(f"http://127.0.0.1:{port}", agent=agent)
        return caught.value.__notes__

    first, second = await asyncio.gather(notes(), notes())
    assert "was called at" in "".join(first)
    assert "was called at" not in "".join(second)
