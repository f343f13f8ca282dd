"""BoundSocket: an address that is reserved, and given away."""

from __future__ import annotations

import os

import pytest

from netloop import net
from netloop.errors import StateError
from netloop.events import once

LOOPBACK = "127.0.0.1"


def test_it_is_bound_at_once():
    with net.BoundSocket() as bound:
        assert bound.address() == ("0.0.0.0", "IPv4", bound.address().port)
        assert bound.address().port > 0
        assert bound.fd() > 2
        assert not bound.is_pipe
        assert repr(bound) == f"<BoundSocket 0.0.0.0:{bound.address().port}>"


def test_it_reserves_its_port():
    with net.BoundSocket(host=LOOPBACK) as bound:
        port = bound.address().port
        with pytest.raises(OSError) as raised:
            net.BoundSocket(host=LOOPBACK, port=port)
    assert (raised.value.code, raised.value.address, raised.value.port) == ("EADDRINUSE", LOOPBACK, port)


async def test_a_server_cannot_take_its_port_but_the_one_that_adopts_it(closed):
    bound = net.BoundSocket(host=LOOPBACK)
    port = bound.address().port
    with pytest.raises(OSError, match="EADDRINUSE"):
        await net.listen(port, LOOPBACK)
    server = await net.listen(bound)
    client = await net.connect(port, LOOPBACK)
    server.close()
    await closed(client.end())


def test_reuse_port_shares_it():
    with (net.BoundSocket(host=LOOPBACK, reuse_port=True) as first,
          net.BoundSocket(host=LOOPBACK, port=first.address().port, reuse_port=True) as second):
        assert first.address() == second.address()


def test_ipv6_only_is_ipv6():
    with net.BoundSocket(ipv6_only=True) as bound:
        assert bound.address()[:2] == ("::", "IPv6")
        with net.BoundSocket(port=bound.address().port):
            pass


def test_a_path_is_a_unix_socket_whose_file_goes_with_it(tmp_path):
    path = tmp_path / "socket"
    with net.BoundSocket(path=path) as bound:
        assert bound.is_pipe
        assert bound.address() == str(path)
        assert repr(bound) == f"<BoundSocket {path}>"
        assert path.is_socket()
        with pytest.raises(OSError) as raised:
            net.BoundSocket(path=path)
        assert (raised.value.code, raised.value.address) == ("EADDRINUSE", str(path))
        assert path.is_socket()
    assert not path.exists()


def test_an_abstract_name_needs_no_file():
    with net.BoundSocket(path=f"\0netloop-bound-{os.getpid()}") as bound:
        assert bound.address() == f"\0netloop-bound-{os.getpid()}"
        assert repr(bound) == f"<BoundSocket @netloop-bound-{os.getpid()}>"


async def test_a_socket_connects_from_it(closed):
    server = await net.listen(0, LOOPBACK)
    bound = net.BoundSocket(host="127.0.0.9")
    address = bound.address()
    client = net.connect(server.address().port, LOOPBACK, handle=bound)
    with pytest.raises(StateError) as raised:
        bound.address()
    assert raised.value.code == "ERR_SOCKET_HANDLE_ADOPTED"
    await client
    assert client.address() == address
    server.close()
    await closed(client.end())


async def test_an_ipv6_socket_connects_to_ipv4_as_well(closed):
    server = await net.listen(0, LOOPBACK)
    client = await net.connect(server.address().port, LOOPBACK, handle=net.BoundSocket(host="::"))
    assert client.remote_address == f"::ffff:{LOOPBACK}"
    server.close()
    await closed(client.end())


@pytest.mark.parametrize(("bound", "where"), [
    ({"host": LOOPBACK}, {"port": 1, "host": "::1"}),
    ({"host": LOOPBACK}, {"path": "/nowhere"}),
    ({"path": f"\0netloop-other-{os.getpid()}"}, {"port": 1, "host": LOOPBACK}),
])
async def test_an_address_of_another_family_cannot_be_reached_from_it(bound, where):
    client = net.connect(**where, handle=net.BoundSocket(**bound))
    (error,) = await once(client, "error")
    assert error.code == "EAFNOSUPPORT"


async def test_a_unix_socket_connects_from_its_path_and_removes_the_file(tmp_path, closed):
    server = await net.listen(tmp_path / "server")
    client = await net.connect(tmp_path / "server", handle=net.BoundSocket(path=tmp_path / "client"))
    assert (tmp_path / "client").is_socket()
    server.close()
    await closed(client.end())
    assert not (tmp_path / "client").exists()


async def test_a_socket_that_never_connects_lets_go_of_it(tmp_path, closed):
    bound = net.BoundSocket(host=LOOPBACK)
    port = bound.address().port
    socket = net.Socket(handle=bound)
    unix = net.Socket(handle=net.BoundSocket(path=tmp_path / "socket"))
    await closed(socket.destroy())
    await closed(unix.destroy())
    assert not (tmp_path / "socket").exists()
    net.BoundSocket(host=LOOPBACK, port=port).close()


async def test_what_was_adopted_is_the_owners_to_close(closed):
    with net.BoundSocket(host=LOOPBACK) as bound:
        server = await net.listen(bound)
        for call in (bound.address, bound.fd, bound.close, bound.take):
            with pytest.raises(StateError) as raised:
                call()
            assert raised.value.code == "ERR_SOCKET_HANDLE_ADOPTED"
        assert repr(bound) == "<BoundSocket adopted>"
    assert server.listening
    server.close()
    await once(server, "close")


def test_close_is_allowed_twice_and_nothing_else_after_it():
    bound = net.BoundSocket()
    bound.close()
    bound.close()
    with pytest.raises(StateError) as raised:
        bound.address()
    assert raised.value.code == "ERR_SOCKET_CLOSED"
    assert repr(bound) == "<BoundSocket closed>"


@pytest.mark.parametrize(("options", "code"), [
    ({"host": "localhost"}, "ERR_INVALID_ARG_VALUE"),
    ({"host": 5}, "ERR_INVALID_ARG_TYPE"),
    ({"port": 70000}, "ERR_SOCKET_BAD_PORT"),
    ({"port": "http"}, "ERR_SOCKET_BAD_PORT"),
    ({"port": 1.5}, "ERR_SOCKET_BAD_PORT"),
    ({"reuse_port": 1}, "ERR_INVALID_ARG_TYPE"),
    ({"path": 5}, "ERR_INVALID_ARG_TYPE"),
    ({"path": ""}, "ERR_INVALID_ARG_VALUE"),
    ({"path": "\ud800"}, "ERR_INVALID_ARG_VALUE"),
    ({"path": "p" * 108}, "ERR_INVALID_ARG_VALUE"),
    ({"path": "a", "port": 5}, "ERR_INVALID_ARG_VALUE"),
    ({"path": "a", "host": "::"}, "ERR_INVALID_ARG_VALUE"),
    ({"path": "a", "ipv6_only": True}, "ERR_INVALID_ARG_VALUE"),
    ({"path": "a", "reuse_port": True}, "ERR_INVALID_ARG_VALUE"),
], ids=str)
def test_wrong_options_raise_at_once(options, code):
    with pytest.raises((TypeError, ValueError)) as raised:
        net.BoundSocket(**options)
    assert raised.value.code == code


def test_errors_of_the_system_have_their_code_and_address():
    with pytest.raises(OSError) as raised:
        net.BoundSocket(host="192.0.2.1")
    assert (raised.value.code, raised.value.syscall, raised.value.address) == ("EADDRNOTAVAIL", "listen", "192.0.2.1")
