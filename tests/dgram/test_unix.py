"""UNIX datagram sockets."""

from __future__ import annotations

import os
import sys

import pytest

from netloop import dgram

LINUX = sys.platform == "linux"


async def test_messages_go_by_path_and_answers_come_back(tmp_path, messages):
    server = await dgram.create_socket("unix_dgram").bind(tmp_path / "server")
    client = await dgram.create_socket("unix_dgram").bind(str(tmp_path / "client"))
    server.on("message", lambda message, sender: server.send(message.upper(), sender.address))
    arriving = messages(client, 3)
    client.send(b"one", str(tmp_path / "server"))
    client.send("two", tmp_path / "server", lambda error, size: None)
    await client.send(b"xthree", 1, 5, os.fsencode(tmp_path / "server"))
    assert await arriving == [(message, (str(tmp_path / "server"), "unix", 0, len(message), False))
                              for message in (b"ONE", b"TWO", b"THREE")]
    assert server.address() == str(tmp_path / "server")
    assert repr(client) == f"<Socket unix_dgram {tmp_path / 'client'}>"
    await client.close()
    await server.close()


async def test_file_goes_with_the_socket(tmp_path):
    path = tmp_path / "socket"
    socket = await dgram.create_socket("unix_dgram").bind(path)
    assert path.is_socket()
    other = dgram.create_socket("unix_dgram")
    with pytest.raises(OSError, match=f"bind EADDRINUSE {path}"):
        await other.bind(path)
    assert path.is_socket()
    await socket.close()
    assert not path.exists()


@pytest.mark.skipif(not LINUX, reason="only Linux chooses names")
async def test_socket_that_is_not_bound_gets_a_name_to_answer_to(tmp_path, messages):
    server = await dgram.create_socket("unix_dgram").bind(tmp_path / "server")
    client = dgram.create_socket("unix_dgram")
    arriving = messages(server)
    await client.send(b"x", tmp_path / "server")
    [(_, sender)] = await arriving
    assert sender.address.startswith("\0")
    assert sender.address == client.address()
    arriving = messages(client)
    await server.send(b"answer", sender.address)
    assert (await arriving)[0][0] == b"answer"
    await client.close()
    await server.close()


@pytest.mark.skipif(not LINUX, reason="only Linux has abstract names")
async def test_abstract_names(messages):
    name = f"\0netloop-dgram-{os.getpid()}"
    async with dgram.create_socket("unix_dgram").bind(path=name) as socket:
        arriving = messages(socket)
        await socket.send(b"x", name)
        assert await arriving == [(b"x", (name, "unix", 0, 1, False))]
        assert repr(socket) == f"<Socket unix_dgram @{name[1:]}>"


async def test_connect_and_disconnect(tmp_path, messages):
    server = await dgram.create_socket("unix_dgram").bind(tmp_path / "server")
    client = await dgram.create_socket("unix_dgram").connect(tmp_path / "server")
    arriving = messages(server)
    await client.send(b"x")
    assert (await arriving)[0][0] == b"x"
    assert client.remote_address() == str(tmp_path / "server")
    client.disconnect()
    await client.connect(path=tmp_path / "server")
    await client.close()
    await server.close()


@pytest.mark.parametrize("code", ["ENOENT", "ECONNREFUSED"])
async def test_nobody_there(code, tmp_path):
    path = tmp_path / "nobody"
    if code == "ECONNREFUSED":
        import socket as python_sockets
        with python_sockets.socket(python_sockets.AF_UNIX, python_sockets.SOCK_DGRAM) as gone:
            gone.bind(str(path))
    client = dgram.create_socket("unix_dgram")
    with pytest.raises(OSError, match=f"send {code} {path}"):
        await client.send(b"x", path)
    with pytest.raises(OSError, match=f"connect {code} {path}"):
        await client.connect(path)


@pytest.mark.skipif(not LINUX, reason="other systems refuse such messages")
async def test_message_that_is_too_large_is_truncated_and_says_so(tmp_path, messages):
    async with dgram.create_socket("unix_dgram", send_buffer_size=400_000).bind(tmp_path / "socket") as socket:
        arriving = messages(socket, 3)
        for size in (65536, 65537, 100_000):
            await socket.send(bytes(size), tmp_path / "socket")
        infos = [info for message, info in await arriving if len(message) == 65536]
        assert [(info.size, info.truncated) for info in infos] == [(65536, False), (65536, True), (65536, True)]


@pytest.mark.parametrize(("use", "kind"), [
    (lambda socket: socket.bind(5), TypeError), (lambda socket: socket.bind(""), ValueError),
    (lambda socket: socket.bind("x" * 200), ValueError), (lambda socket: socket.bind("a", "b"), TypeError),
    (lambda socket: socket.bind(port=5), TypeError), (lambda socket: socket.connect(), TypeError),
    (lambda socket: socket.connect(5), TypeError), (lambda socket: socket.send(b"x"), TypeError),
    (lambda socket: socket.send(b"x", ""), ValueError), (lambda socket: socket.send(b"x", "a\0b"), ValueError),
    (lambda socket: socket.send(b"x", 5), TypeError), (lambda socket: socket.send(b"x", "a", "b"), TypeError)])
def test_wrong_paths(use, kind):
    with pytest.raises(kind):
        use(dgram.create_socket("unix_dgram"))
