"""Our client against Node's server, where there is a Node."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netloop import events, http, stream

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="there is no Node here")


@pytest.fixture(scope="module")
def node() -> Iterator[str]:
    assert NODE is not None
    server = subprocess.Popen([NODE, str(Path(__file__).with_name("node_server.js"))], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
    server.kill()
    server.wait()
    server.stdout.close()


@pytest.fixture
def agent() -> Iterator[http.Agent]:
    made = http.Agent(keep_alive=True)
    yield made
    made.destroy()


async def done(agent: http.Agent) -> None:
    """Close what the agent keeps."""
    sockets = [socket for kept in agent.free_sockets.values() for socket in kept]
    agent.destroy()
    for socket in sockets:
        if not socket.closed:
            await events.once(socket, "close")


async def text(url: str, **options: Any) -> str:
    return await (await http.get(url, **options)).text()


async def test_a_connection_is_kept_for_the_next_request(node: str, agent: http.Agent) -> None:
    first = await text(f"{node}/connection", agent=agent)
    assert await text(f"{node}/connection", agent=agent) == first
    assert await text(f"{node}/last", agent=agent) == "bye"
    assert await text(f"{node}/connection", agent=agent) != first
    await done(agent)


async def test_chunks_and_trailers_come(node: str, agent: http.Agent) -> None:
    response = await http.get(f"{node}/chunked", agent=agent)
    assert response.headers["transfer-encoding"] == "chunked"
    assert await response.text() == "one two"
    assert response.trailers == {"x-sum": "2"}
    await done(agent)


async def test_chunks_and_trailers_go(node: str, agent: http.Agent) -> None:
    asked = http.request(f"{node}/trailers", method="POST", agent=agent, headers={"Trailer": "X-Sum"})
    asked.write("one ")
    asked.add_trailers({"X-Sum": "2"})
    asked.end("two")
    assert await (await asked).json() == {"x-sum": "2"}
    await done(agent)


async def test_the_body_waits_for_100_continue(node: str, agent: http.Agent) -> None:
    asked = http.request(f"{node}/expect", method="POST", agent=agent, headers={"Expect": "100-continue"})
    await events.once(asked, "continue")
    asked.end("now")
    assert await (await asked).text() == "now"
    await done(agent)


async def test_early_hints_come_before_the_response(node: str, agent: http.Agent) -> None:
    asked = http.get(f"{node}/hints", agent=agent)
    [hints] = await events.once(asked, "information")
    assert (hints.status_code, hints.headers["link"]) == (103, "</a.css>; rel=preload")
    assert await (await asked).text() == "hinted"
    await done(agent)


async def test_an_upgrade_hands_over_the_stream_and_what_came_already(node: str) -> None:
    asked = http.get(f"{node}/", agent=False, headers={"Connection": "Upgrade", "Upgrade": "echo"})
    response, socket, head = await events.once(asked, "upgrade")
    assert response.status_code == 101
    socket.end("and last")
    assert head + await stream.consumers.buffer(socket) == b"first and last"


async def test_a_tunnel_is_opened_by_connect(node: str) -> None:
    asked = http.request(f"{node}/", method="CONNECT", path="example.org:80", agent=False).end()
    response, socket, head = await events.once(asked, "connect")
    assert response.status_code == 200
    socket.end("through")
    assert head + await stream.consumers.buffer(socket) == b"to example.org:80 through"


async def test_a_response_to_head_has_a_length_and_no_body(node: str, agent: http.Agent) -> None:
    response = await http.request(f"{node}/head", method="HEAD", agent=agent).end()
    assert response.headers["content-length"] == "1000"
    assert await response.read() == b""
    assert await text(f"{node}/connection", agent=agent)
    await done(agent)


@pytest.mark.parametrize("path", ["hang-up", "reset"])
async def test_a_connection_lost_before_the_response_is_an_error(node: str, path: str) -> None:
    with pytest.raises(ConnectionResetError):
        await text(f"{node}/{path}", agent=False)


async def test_a_reset_in_the_body_is_an_error_of_the_response(node: str) -> None:
    response = await http.get(f"{node}/reset-in-body", agent=False)
    with pytest.raises(ConnectionResetError):
        await response.read()
    assert response.message.aborted


async def test_a_large_body_goes_there_and_comes_back_whole(node: str, agent: http.Agent) -> None:
    body = [bytes([number]) * 50_000 for number in range(200)]
    asked = http.request(f"{node}/echo", method="POST", agent=agent)
    upload = asyncio.ensure_future(stream.pipeline(stream.Readable.from_(body), asked))
    echoed = hashlib.sha256(await (await asked).read())
    await upload
    assert echoed.hexdigest() == hashlib.sha256(b"".join(body)).hexdigest()
    asked = http.request(f"{node}/sum", method="PUT", agent=agent).end(b"".join(body))
    assert await (await asked).text() == echoed.hexdigest()
    await done(agent)


async def test_many_requests_get_their_own_answers(node: str) -> None:
    agent = http.Agent(keep_alive=True, max_sockets=8)

    async def ask(number: int) -> str:
        return await (await http.request(f"{node}/echo", method="POST", agent=agent).end(str(number))).text()

    assert await asyncio.gather(*map(ask, range(200))) == [str(number) for number in range(200)]
    await done(agent)
