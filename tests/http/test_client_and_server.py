"""Our client against our server: what one writes, the other reads."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import pytest

from netloop import events, http, stream

SIZE = 8 * 2**20


async def listening(listener: Any, **options: Any) -> tuple[http.Server, str]:
    server = http.create_server(listener, **options)
    await server.listen(0, "127.0.0.1")
    return server, f"http://127.0.0.1:{server.address().port}"


def pieces(size: int) -> Any:
    """A body of so many bytes, in pieces of many sizes."""
    sent = 0
    number = 0
    while sent < size:
        number += 1
        chunk = bytes([number % 251]) * min(size - sent, 1 + number * 7919 % 150_000)
        sent += len(chunk)
        yield chunk


async def test_a_body_goes_there_and_comes_back() -> None:
    server, url = await listening(lambda request, response: request.pipe(response))
    expected = hashlib.sha256(b"".join(pieces(SIZE))).hexdigest()
    asked = http.request(url, method="POST", agent=False)
    upload = asyncio.ensure_future(stream.pipeline(stream.Readable.from_(pieces(SIZE)), asked))
    found = hashlib.sha256()
    async for chunk in await asked:
        found.update(chunk)
    await upload
    assert found.hexdigest() == expected
    await server.close()


@pytest.mark.parametrize("agent", [{"keep_alive": True}, {"keep_alive": True, "max_sockets": 2}, {}])
async def test_many_requests_at_a_time_get_their_own_answers(agent: dict[str, Any]) -> None:
    server, url = await listening(lambda request, response: response.end(request.url))
    pool = http.Agent(**agent)

    async def ask(number: int) -> str:
        return await (await http.get(f"{url}/{number}", agent=pool)).text()

    assert await asyncio.gather(*[ask(number) for number in range(50)]) == [f"/{number}" for number in range(50)]
    pool.destroy()
    await server.close()


async def test_continue_lets_the_body_come() -> None:
    async def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        response.end(b"".join([chunk async for chunk in request]))

    server, url = await listening(on_request)
    asked = http.request(url, method="PUT", headers={"Expect": "100-continue", "Content-Length": 4}, agent=False)
    asked.on("continue", lambda: asked.end(b"body"))
    assert await (await asked).read() == b"body"
    await server.close()


async def test_an_upgraded_connection_is_a_stream_on_both_sides() -> None:
    server, url = await listening(None)

    def on_upgrade(request: Any, socket: Any, head: bytes) -> None:
        socket.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n")
        socket.pipe(socket)

    server.on("upgrade", on_upgrade)
    asked = http.get(url, headers={"Connection": "Upgrade", "Upgrade": "echo"}, agent=False)
    _, socket, head = await events.once(asked, "upgrade")
    socket.end(b"echo")
    assert head + b"".join([chunk async for chunk in socket]) == b"echo"
    await server.close()


async def test_trailers_and_early_hints_arrive() -> None:
    def on_request(request: Any, response: Any) -> None:
        response.write_early_hints({"link": "</a.css>; rel=preload"})
        response.set_header("Trailer", "X-Sum")
        response.write("body")
        response.add_trailers({"X-Sum": "4"})
        response.end()

    server, url = await listening(on_request)
    asked = http.get(url, agent=False)
    hints: list[int] = []
    asked.on("information", lambda information: hints.append(information.status_code))
    response = await asked
    assert await response.read() == b"body"
    assert response.trailers == {"x-sum": "4"}
    assert hints == [103]
    await server.close()


async def test_streams_of_ones_own_need_no_clock() -> None:
    """Where agent, server, request and response have a timeout, there is none on a stream without `set_timeout`."""
    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        request.set_timeout(5000)
        response.set_timeout(5000).end("hello")

    ours, theirs = stream.duplex_pair()
    server = http.create_server(on_request).set_timeout(5000)
    server.emit("connection", theirs)
    asked = http.get("http://localhost/", agent=http.Agent(timeout=5000), timeout=5000,
                     create_connection=lambda callback, **options: ours)
    await events.once(asked, "socket")
    assert await (await asked.set_timeout(5000)).text() == "hello"
    ours.destroy()
    theirs.destroy()
