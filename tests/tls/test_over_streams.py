"""TLS over streams that exist: STARTTLS, a PROXY line, sockets that still connect, injected connections."""

from __future__ import annotations

import asyncio

import pytest

from netloop import net, tls
from netloop.stream import Duplex, PassThrough, duplex_pair
from netloop.testing import settle

LOOPBACK = "127.0.0.1"


async def test_starttls_on_a_live_connection(server, certificate, authority, happened, closed):
    """The usual way: a command, an answer, then the handshake on the same connection."""
    def serve(socket):
        def on_command(data):
            assert data == b"STARTTLS\r\n"
            socket.write("220 go ahead\r\n")
            secure = tls.TLSSocket(socket, is_server=True, **certificate)
            secure.on("data", lambda data: secure.end(b"secret " + data))

        socket.once("data", on_command)

    async with net.create_server(serve).listen(0, LOOPBACK) as listening:
        socket = await net.connect(listening.address().port, LOOPBACK)
        socket.write("STARTTLS\r\n")
        answer, = await happened(socket, "data")
        assert answer == b"220 go ahead\r\n"
        client = await tls.connect(socket=socket, servername="localhost", ca=authority.pem)
        assert client.remote_port == listening.address().port
        client.write("hello")
        assert b"".join([chunk async for chunk in client]) == b"secret hello"
        await closed(socket)


async def test_bytes_behind_the_command_are_the_first_of_tls(certificate, authority):
    """A PROXY line and a ClientHello in one segment."""
    lines = []

    def serve(socket):
        def on_first(data):
            line, _, rest = data.partition(b"\r\n")
            lines.append(line)
            assert rest.startswith(b"\x16\x03\x01")        # the ClientHello, in the same segment
            socket.unshift(rest)
            listening_tls.emit("connection", socket)

        socket.once("data", on_first)

    listening_tls = tls.create_server(lambda secure: secure.pipe(secure), **certificate)
    async with net.create_server(serve).listen(0, LOOPBACK) as listening:
        socket = await net.connect(listening.address().port, LOOPBACK)
        socket.cork()
        socket.write("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n")
        client = tls.connect(socket=socket, servername="localhost", ca=authority.pem)
        await asyncio.sleep(0)
        socket.uncork()
        await client
        client.end("through")
        assert b"".join([chunk async for chunk in client]) == b"through"
    assert lines == [b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2"]


@pytest.mark.parametrize("how", ["paused", "readable"])
async def test_what_the_stream_below_has_buffered_is_the_first_of_tls(how, certificate, authority):
    left, right = duplex_pair()
    if how == "paused":
        right.pause()
    else:
        right.on("readable", lambda: None)
    client = tls.connect(socket=left, servername="localhost", ca=authority.pem)
    while right.readable_length == 0:
        await asyncio.sleep(0)
    server = await tls.TLSSocket(right, is_server=True, **certificate)
    client.end("hello")
    assert [chunk async for chunk in server] == [b"hello"]
    server.end()
    client.resume()


async def test_a_socket_that_is_not_connected_yet(server, authority, happened, record):
    async with server() as listening:
        socket = net.connect(listening.address().port, LOOPBACK)
        client = tls.connect(socket=socket, servername="localhost", ca=authority.pem)
        log = record(client, "connect", "secure_connect")
        assert (client.pending, client.connecting, client.ready_state) == (True, True, "opening")
        await happened(client, "connect")
        assert (client.pending, client.connecting, client.ready_state) == (False, False, "open")
        await client
        assert log == ["connect", "secure_connect"]
        client.end("hello")
        assert [chunk async for chunk in client] == [b"hello"]


async def test_a_socket_that_is_destroyed_while_the_one_below_connects_is_not_connecting(server, authority, closed, record):
    async with server() as listening:
        client = tls.connect(socket=net.connect(listening.address().port, LOOPBACK), ca=authority.pem)
        log = record(client, "connect", "error", "close")
        client.destroy()
        assert not client.connecting
        await closed(client)
        assert log == [("close", False)]


@pytest.mark.parametrize("by_hand", [False, True])
async def test_the_server_is_verified_by_the_name_that_the_socket_below_was_connected_to(by_hand, server, authority,
                                                                                         happened, code):
    def lookup(name, callback, **options):
        callback(None, LOOPBACK, 4)

    make = tls.TLSSocket if by_hand else lambda socket, **options: tls.connect(socket=socket, **options)
    for name in ("a.test", "b.test"):
        async with server(**authority.issue("a.test")) as listening:
            below = await net.connect(listening.address().port, name, lookup=lookup, auto_select_family=False)
            client = make(below, ca=authority.pem)
            if name == "a.test":
                assert (await client).authorized
                client.destroy()
            else:
                error, = await happened(client, "error")
                assert code(error) == "ERR_TLS_CERT_ALTNAME_INVALID"


async def test_a_socket_below_that_was_connected_to_an_address_has_no_name(server, authority):
    async with server() as listening:
        below = await net.connect(listening.address().port, LOOPBACK)
        client = await tls.connect(socket=below, ca=authority.pem)      # as for localhost
        assert client.servername is None
        client.destroy()


async def test_a_connection_that_fails_below():
    socket = net.connect(1, LOOPBACK)
    with pytest.raises(ConnectionRefusedError):
        await tls.connect(socket=socket, servername="localhost")


async def test_encoding_of_the_stream_below_is_undone(over):
    left, right = duplex_pair()
    for stream in (left, right):
        stream.set_encoding("utf8")
    client, server = over(left, right)
    await client
    client.end("gr\u00fc\u00dfe")
    assert b"".join([chunk async for chunk in server]).decode() == "gr\u00fc\u00dfe"
    server.end()
    client.resume()


async def test_listeners_for_data_below_get_no_ciphertext(over):
    left, right = duplex_pair()
    seen = []
    left.on("data", seen.append)
    client, server = over(left, right)
    await client
    await server
    assert seen == []
    client.destroy()
    server.destroy()


async def test_raw_listener_sees_the_connection_and_it_is_encrypted_all_the_same(server, authority, closed):
    async with server() as listening:
        raw = []
        listening.on("connection", raw.append)
        client = await tls.connect(listening.address().port, ca=authority.pem)
        assert type(raw[0]) is net.Socket
        client.end("hello")
        assert [chunk async for chunk in client] == [b"hello"]
        await closed(raw[0])


async def test_destroying_either_destroys_both(over, closed):
    for which in range(2):
        left, right = duplex_pair()
        client, server = over(left, right)
        await client
        await server
        (client, left)[which].destroy()
        await closed(client)
        assert left.destroyed
        await settle()
        assert server.truncated
        server.destroy()
        assert right.destroyed


async def test_half_close_follows_the_stream_below():
    left, _ = duplex_pair(allow_half_open=False)
    assert tls.TLSSocket(left).allow_half_open is False
    left, _ = duplex_pair()
    client = tls.TLSSocket(left)
    assert client.allow_half_open is True
    client.destroy()


@pytest.mark.parametrize("wrong", [5, "stream", PassThrough(object_mode=True), Duplex(readable_object_mode=True)])
async def test_what_is_no_stream_of_bytes_is_refused(wrong):
    with pytest.raises(TypeError) as raised:
        tls.TLSSocket(wrong)
    assert raised.value.code == "ERR_INVALID_ARG_TYPE"


async def test_options_of_a_socket_are_refused_together_with_one():
    left, _ = duplex_pair()
    with pytest.raises(TypeError, match="no_delay"):
        tls.TLSSocket(left, no_delay=True)


async def test_three_layers(over, memory_pair):
    pair = await memory_pair()
    for _ in range(2):
        client, server = over(*pair)
        pair = await client, await server
    client, server = pair
    client.end("deep")
    assert [chunk async for chunk in server] == [b"deep"]
    server.end()
    client.resume()
