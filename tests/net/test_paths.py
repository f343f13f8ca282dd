"""Paths of UNIX sockets, and the files that belong to a server."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from netloop import net
from netloop.addresses.paths import LONGEST, path_of, shown
from netloop.events import once

NOBODY = 65534
IN_ABSTRACT = f"\0netloop-test-{os.getpid()}"


@pytest.mark.parametrize("path", ["a", "/tmp/socket", b"bytes", Path("relative"), "\0abstract", "p" * LONGEST,
                                  "\0" + "p" * LONGEST, "ä" * (LONGEST // 2)])
def test_a_path_is_text_bytes_or_path_like(path):
    assert path_of(path) == (os.fspath(path))


@pytest.mark.parametrize(("path", "code"), [
    (5, "ERR_INVALID_ARG_TYPE"), (None, "ERR_INVALID_ARG_TYPE"), (["a"], "ERR_INVALID_ARG_TYPE"),
    ("", "ERR_INVALID_ARG_VALUE"), (b"", "ERR_INVALID_ARG_VALUE"), ("a\0b", "ERR_INVALID_ARG_VALUE"),
    ("p" * (LONGEST + 1), "ERR_INVALID_ARG_VALUE"), ("\0" + "p" * (LONGEST + 1), "ERR_INVALID_ARG_VALUE"),
    ("ä" * (LONGEST // 2 + 1), "ERR_INVALID_ARG_VALUE"),
])
def test_what_the_system_cannot_take_is_refused(path, code):
    with pytest.raises((TypeError, ValueError)) as raised:
        path_of(path)
    assert raised.value.code == code


def test_abstract_names_are_shown_with_an_at_sign():
    assert [shown(path) for path in ("\0name", b"\0name", "/a/path")] == ["@name", "@name", "/a/path"]


async def test_a_server_on_a_path_makes_the_file_and_removes_it(tmp_path, closed):
    path = tmp_path / "socket"
    server = await net.listen(path, lambda socket: socket.pipe(socket))
    assert path.is_socket()
    assert server.address() == str(path)
    assert repr(server) == f"<Server on {path}, 0 connections>"
    client = await net.connect(path)
    assert client.address() is None
    assert client.remote_address is None
    client.end("hello")
    assert b"".join([chunk async for chunk in client]) == b"hello"
    server.close()
    assert not path.exists()
    assert server.address() is None
    await once(server, "close")


async def test_the_longest_path_works(tmp_path, closed):
    path = str(tmp_path / "x")
    path += "x" * (LONGEST - len(path))
    server = await net.listen(path)
    client = await net.connect(path)
    server.close()
    await closed(client.end())


async def test_an_abstract_name_makes_no_file(closed):
    server = await net.listen(IN_ABSTRACT)
    assert server.address() == IN_ABSTRACT
    assert repr(server) == f"<Server on @{IN_ABSTRACT[1:]}, 0 connections>"
    client = await net.connect(IN_ABSTRACT)
    server.close()
    await closed(client.end())
    with pytest.raises(ConnectionRefusedError) as raised:
        await net.connect(IN_ABSTRACT)
    assert raised.value.address == f"@{IN_ABSTRACT[1:]}"


async def test_a_path_in_use_is_an_error_and_its_file_stays(tmp_path):
    path = tmp_path / "socket"
    server = await net.listen(path)
    with pytest.raises(OSError, match="EADDRINUSE") as raised:
        await net.listen(path)
    assert (raised.value.code, raised.value.syscall, raised.value.address) == ("EADDRINUSE", "listen", str(path))
    assert path.is_socket()
    server.close()
    assert not path.exists()
    await once(server, "close")


async def test_a_path_in_a_missing_directory_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError) as raised:
        await net.listen(tmp_path / "nowhere" / "socket")
    assert raised.value.code == "ENOENT"


@pytest.fixture
def forbidden(tmp_path: Path) -> Iterator[Path]:
    """A directory in which we may not write.  Root may everywhere, so for this test the process is somebody else."""
    tmp_path.chmod(0o500)
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    yield tmp_path
    os.seteuid(user)


async def test_a_path_in_a_directory_that_is_not_ours_is_an_error(forbidden):
    for call in net.listen, net.connect:
        with pytest.raises(PermissionError) as raised:
            await call(forbidden / "socket")
        assert raised.value.code == "EACCES"


async def test_a_file_that_somebody_else_put_in_its_place_stays(tmp_path):
    path = tmp_path / "socket"
    server = await net.listen(path)
    path.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        server.close()
        assert path.is_socket()
    await once(server, "close")


async def test_a_file_that_is_gone_already_is_no_trouble(tmp_path):
    server = await net.listen(tmp_path / "socket")
    (tmp_path / "socket").unlink()
    server.close()
    await once(server, "close")


@pytest.mark.parametrize(("options", "expected"), [
    ({}, 0), ({"readable_all": True}, 0o444), ({"writable_all": True}, 0o222),
    ({"readable_all": True, "writable_all": True}, 0o666),
])
async def test_readable_all_and_writable_all_open_it_to_others(tmp_path, options, expected):
    path = tmp_path / "socket"
    before = os.umask(0o177)
    try:
        server = await net.listen(path=path, **options)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600 | expected
    server.close()
    await once(server, "close")


async def test_what_follows_a_passed_descriptor_arrives(tmp_path):
    """A receive stops at the bytes that a descriptor came with, though more are there."""
    path = str(tmp_path / "socket")
    received = bytearray()
    with socket.socket(socket.AF_UNIX) as peer, open(os.devnull, "rb") as passed:
        async with net.create_server().listen(path) as server:
            peer.connect(path)
            accepted, = await once(server, "connection")
            peer.send(b"before, ")
            socket.send_fds(peer, [b"with it, "], [passed.fileno()])
            peer.send(b"after")
            peer.shutdown(socket.SHUT_WR)
            async for chunk in accepted:
                received += chunk
    assert received == b"before, with it, after"
