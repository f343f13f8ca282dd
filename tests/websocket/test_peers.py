"""Messages to and from Node's `ws` and Python's `websockets`, in both roles: what comes back has the same hash.

What is not installed is skipped; NODE_PATH says where Node finds `ws`.  With ``NETLOOP_LARGEST_MESSAGE=104857600`` the
messages go up to 100 MiB.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import os
import random
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import pytest

from netloop.websocket import WebSocket, WebSocketServer

LARGEST = int(os.environ.get("NETLOOP_LARGEST_MESSAGE", 1 << 20))
SIZES = [size for size in (1, 125, 126, 65535, 65536, 1 << 20, 16 << 20, 100 << 20) if size <= LARGEST]

NODE_SERVER = """
const { WebSocketServer } = require('ws');
const options = { port: 0, host: '127.0.0.1', maxPayload: 0, perMessageDeflate: process.argv[1] === 'deflate' };
const server = new WebSocketServer(options, () => console.log(server.address().port));
server.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
"""
NODE_CLIENT = """
const [url, ...sizes] = process.argv.slice(1);
const { createHash, randomBytes } = require('crypto');
const WebSocket = require('ws');
const hash = (data) => createHash('sha256').update(data).digest('hex');
const socket = new WebSocket(url, { maxPayload: 0 });
const sent = sizes.map((size) => Buffer.concat([randomBytes(size / 2), Buffer.alloc(size - Math.floor(size / 2))]));
let next = 0;
socket.on('open', () => sent.forEach((data) => socket.send(data)));
socket.on('message', (data) => {
  if (hash(data) !== hash(sent[next++])) process.exit(1);
  if (next === sent.length) socket.close(1000);
});
socket.on('close', (code) => process.exit(code === 1000 && next === sent.length ? 0 : 2));
"""


def message(size: int) -> bytes:
    """Half of it can be compressed."""
    return random.Random(size).randbytes(size // 2) + bytes(size - size // 2)


@functools.cache
def node() -> str:
    """The path of Node, where it has `ws`."""
    import subprocess
    path = shutil.which("node")
    if path is None or subprocess.run([path, "-e", "require('ws')"], capture_output=True, check=False).returncode:
        pytest.skip("Node with ws is not installed")
    return path


@asynccontextmanager
async def node_server(deflate: bool) -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(node(), "-e", NODE_SERVER, "deflate" if deflate else "plain",
                                                   stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield f"ws://127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def websockets_server(deflate: bool) -> AsyncIterator[str]:
    pytest.importorskip("websockets")
    from websockets.asyncio.server import ServerConnection, serve

    async def echo(connection: ServerConnection) -> None:
        async for data in connection:
            await connection.send(data)

    compression = "deflate" if deflate else None
    async with serve(echo, "127.0.0.1", 0, max_size=None, compression=compression) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


Peer = Callable[[bool], AbstractAsyncContextManager[str]]


@pytest.mark.parametrize("deflate", [False, True], ids=["plain", "deflate"])
@pytest.mark.parametrize("peer", [node_server, websockets_server])
async def test_a_client_gets_back_what_it_sent(peer: Peer, deflate: bool):
    async with peer(deflate) as url, WebSocket(url, max_payload=0, per_message_deflate=deflate) as client:
        for size in SIZES:
            sent = message(size)
            await client.send(sent)
            assert hashlib.sha256(await anext(aiter(client))).digest() == hashlib.sha256(sent).digest()


@asynccontextmanager
async def echo_server(deflate: bool) -> AsyncIterator[str]:
    async def echo(websocket: WebSocket) -> None:
        async for data in websocket:
            await websocket.send(data)

    server = WebSocketServer(port=0, host="127.0.0.1", max_payload=0, per_message_deflate=deflate)
    server.on("connection", echo)
    async with server:
        address: Any = server.address()
        yield f"ws://127.0.0.1:{address.port}"


@pytest.mark.parametrize("deflate", [False, True], ids=["plain", "deflate"])
async def test_a_server_gives_nodes_ws_back_what_it_sent(deflate: bool):
    async with echo_server(deflate) as url:
        process = await asyncio.create_subprocess_exec(node(), "-e", NODE_CLIENT, url, *map(str, SIZES))
        try:
            assert await process.wait() == 0
        finally:
            with suppress(ProcessLookupError):
                process.kill()


@pytest.mark.parametrize("deflate", [False, True], ids=["plain", "deflate"])
async def test_a_server_gives_websockets_back_what_it_sent(deflate: bool):
    pytest.importorskip("websockets")
    from websockets.asyncio.client import connect

    compression = "deflate" if deflate else None
    async with echo_server(deflate) as url, connect(url, max_size=None, compression=compression) as client:
        for size in SIZES:
            sent = message(size)
            await client.send(sent)
            assert hashlib.sha256(await client.recv()).digest() == hashlib.sha256(sent).digest()
