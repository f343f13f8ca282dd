"""Requests as the last of a pipeline: it is done when they are written, and the response comes after that."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from netloop import events, http, net, stream

EARLY = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 8\r\n\r\ntoo much"


async def listening(listener: Any) -> tuple[http.Server, str]:
    server = http.create_server(listener)
    await server.listen(0, "127.0.0.1")
    return server, f"http://127.0.0.1:{server.address().port}"


async def test_a_pipeline_into_a_request_is_done_when_it_is_written() -> None:
    server, url = await listening(lambda request, response: request.pipe(response))
    asked = http.request(url, method="POST", agent=False)
    await stream.pipeline(stream.Readable.from_([b"one ", b"two"]), asked)
    assert asked.writable_finished
    assert not asked.closed
    assert await (await asked).text() == "one two"
    await server.close()


async def test_finished_tells_of_a_request_when_it_is_written() -> None:
    waiting: list[http.ServerResponse] = []
    server, url = await listening(lambda request, response: waiting.append(response))
    asked = http.get(url, agent=False)
    await stream.finished(asked)
    assert asked.response is None
    assert not asked.destroyed
    if not waiting:
        await events.once(server, "request")
    waiting[0].end("later")
    assert await (await asked).text() == "later"
    await server.close()


async def test_a_pipeline_into_a_request_that_fails_raises() -> None:
    server, url = await listening(lambda request, response: request.socket.destroy())

    async def endless() -> Any:
        while True:
            yield bytes(65536)

    with pytest.raises(OSError):
        await stream.pipeline(endless(), http.request(url, method="POST", agent=False))
    await server.close()


async def test_an_answer_that_comes_before_the_body_ends_waits_for_who_asks_later() -> None:
    server = await net.listen(0, "127.0.0.1", lambda socket: socket.resume().write(EARLY))
    asked = http.request(f"http://127.0.0.1:{server.address().port}", method="POST", agent=False)

    async def body() -> Any:
        yield b"begin"
        while asked.response is None or not asked.response.complete:
            await asyncio.sleep(0)
        yield b"end"

    await stream.pipeline(body(), asked)
    assert await (await asked).text() == "too much"
    await server.close()


async def test_a_large_answer_that_nobody_listens_to_is_thrown_away() -> None:
    server, url = await listening(lambda request, response: response.end(bytes(1_000_000)))
    asked = http.get(url, agent=False)
    await events.once(asked, "close")
    with pytest.raises(RuntimeError) as caught:
        await asked
    assert caught.value.code == "ERR_HTTP_BODY_THROWN_AWAY"  # type: ignore[attr-defined]
    await server.close()


async def test_a_small_answer_that_nobody_listened_to_can_be_read_after_the_request_closed() -> None:
    server, url = await listening(lambda request, response: response.end("small"))
    asked = http.get(url, agent=False)
    await events.once(asked, "close")
    assert await (await asked).text() == "small"
    await server.close()
