"""With others, both ways: Node's own WebSocket and its module ws, Python's websockets; each where it is installed."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from netloop import run
from netloop.websocket import WebSocket, WebSocketServer

NODE = shutil.which("node")
SCRIPT = Path(__file__).with_name("interop.js")
LOOPBACK = "127.0.0.1"
TIME_LIMIT_S = 60
SIZES = [0, 1, 125, 126, 65535, 65536, 2**20]
MESSAGES: list[str | bytes] = [each for size in SIZES for each in ("é" * (size // 2), os.urandom(size))]


def node_runs(code: str, *options: str) -> bool:
    return NODE is not None and subprocess.run([NODE, *options, "-e", code], stderr=subprocess.DEVNULL).returncode == 0


def node_options() -> list[str]:
    """What Node needs to have a WebSocket: nothing from 22 on."""
    for options in ([], ["--experimental-websocket"]):
        if node_runs("WebSocket", *options):
            return options
    pytest.skip("there is no Node with a WebSocket here")


@pytest.fixture
def ws() -> None:
    if not node_runs("require('ws')"):
        pytest.skip("there is no Node with the module ws here")


def serve_to(talk: Callable[[str], Any]) -> Any:
    """``talk(url)``, on a thread, to a server of ours that echoes; returns what it did, and our end's view of the close."""
    async def main() -> Any:
        closes: list[Any] = []

        def on_connection(websocket: WebSocket) -> None:
            websocket.on("message", lambda data: websocket.send(data))
            websocket.on("close", lambda code, reason: closes.append((code, reason)))

        async with WebSocketServer(port=0, host=LOOPBACK, per_message_deflate=True,
                                   handle_protocols=lambda offered, request: "echo") as server:
            server.on("connection", on_connection)
            address: Any = server.address()
            result = await asyncio.to_thread(talk, f"ws://{LOOPBACK}:{address.port}/")
            while not closes:
                await asyncio.sleep(0.001)
        return result, closes

    return run(main)


async def talk_to(port: int) -> None:
    """Our client talks to a server that echoes, and that closes when it is told to."""
    async with WebSocket(f"ws://{LOOPBACK}:{port}/", ["other", "echo"], max_payload=0) as client:
        assert client.protocol == "echo"
        assert client.extensions.startswith("permessage-deflate")
        for message in MESSAGES:
            await client.send(message)
            assert digest(await anext(aiter(client))) == digest(message)
        closes: list[Any] = []
        client.on("close", lambda code, reason: closes.append((code, reason)))
        await client.send("close 4001")
        await client.wait_closed()
        assert closes == [(4001, "as you say")]


def digest(message: Any) -> str:
    return hashlib.sha256(message.encode() if isinstance(message, str) else message).hexdigest()


# --- Node -----------------------------------------------------------------------------------------------------------------

def node_client(task: str, *options: str) -> Callable[[str], Any]:
    def talk(url: str) -> Any:
        assert NODE is not None
        done = subprocess.run([NODE, *options, SCRIPT, task, url], capture_output=True, timeout=TIME_LIMIT_S, check=True)
        return json.loads(done.stdout)

    return talk


def check_node(result: Any) -> None:
    seen, closes = result
    assert seen.pop("extensions").startswith("permessage-deflate")
    assert seen == {"protocol": "echo", "same": 14, "code": 4000, "reason": "that was all é", "clean": True}
    assert closes == [(4000, "that was all é")]


@pytest.mark.slow
def test_the_websocket_of_node_talks_to_our_server() -> None:
    check_node(serve_to(node_client("talk", *node_options())))


@pytest.mark.slow
def test_the_client_of_ws_talks_to_our_server(ws: None) -> None:
    check_node(serve_to(node_client("ws-talk")))


@pytest.mark.slow
def test_our_client_talks_to_a_server_of_ws(ws: None) -> None:
    assert NODE is not None
    with subprocess.Popen([NODE, SCRIPT, "ws-serve"], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        try:
            run(lambda: talk_to(port))
        finally:
            server.kill()


# --- Python's websockets --------------------------------------------------------------------------------------------------

@pytest.mark.slow
def test_the_client_of_websockets_talks_to_our_server() -> None:
    client = pytest.importorskip("websockets.sync.client")

    def talk(url: str) -> Any:
        with client.connect(url, subprotocols=["other", "echo"], max_size=None) as connection:
            for message in MESSAGES:
                connection.send(message)
                assert digest(connection.recv()) == digest(message)
            connection.close(4000, "bye é")
        return connection.subprotocol, connection.protocol.close_code

    assert serve_to(talk) == (("echo", 4000), [(4000, "bye é")])


@contextmanager
def websockets_server() -> Iterator[int]:
    server = pytest.importorskip("websockets.sync.server")

    def echo(connection: Any) -> None:
        for message in connection:
            if message == "close 4001":
                connection.close(4001, "as you say")
            else:
                connection.send(message)

    with server.serve(echo, LOOPBACK, 0, subprotocols=["echo"], max_size=None) as serving:
        thread = Thread(target=serving.serve_forever)
        thread.start()
        try:
            yield serving.socket.getsockname()[1]
        finally:
            serving.shutdown()
            thread.join()


@pytest.mark.slow
def test_our_client_talks_to_a_server_of_websockets() -> None:
    with websockets_server() as port:
        run(lambda: talk_to(port))
