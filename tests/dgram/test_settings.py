"""The options of a socket, and multicast."""

from __future__ import annotations

import socket as python_sockets
import sys

import pytest

from netloop import dgram

LOOPBACK = "127.0.0.1"
GROUP, GROUP6 = "239.255.42.99", "ff02::4299"


def option(socket, level, name):
    with python_sockets.fromfd(socket._handle.fileno(), python_sockets.AF_INET, python_sockets.SOCK_DGRAM) as python_socket:
        return python_socket.getsockopt(level, name)


# --- reach ----------------------------------------------------------------------------------------------------

async def test_ttl(bound):
    async with bound() as socket, bound("udp6", "::1") as six:
        assert socket.set_ttl(3) == 3
        assert option(socket, python_sockets.IPPROTO_IP, python_sockets.IP_TTL) == 3
        assert socket.set_multicast_ttl(0) == 0
        assert socket.set_multicast_ttl(255) == 255
        assert option(socket, python_sockets.IPPROTO_IP, python_sockets.IP_MULTICAST_TTL) == 255
        six.set_ttl(255)
        assert option(six, python_sockets.IPPROTO_IPV6, python_sockets.IPV6_UNICAST_HOPS) == 255
        six.set_multicast_ttl(7)
        assert option(six, python_sockets.IPPROTO_IPV6, python_sockets.IPV6_MULTICAST_HOPS) == 7


@pytest.mark.parametrize(("method", "value"), [("set_ttl", 0), ("set_ttl", 256), ("set_ttl", -1), ("set_multicast_ttl", 256),
                                               ("set_multicast_ttl", -1)])
async def test_ttl_out_of_range(method, value, bound):
    async with bound() as socket:
        with pytest.raises(OSError, match=f"{method} EINVAL") as raised:
            getattr(socket, method)(value)
        assert (raised.value.code, raised.value.syscall) == ("EINVAL", method)


@pytest.mark.parametrize("method", ["set_ttl", "set_multicast_ttl"])
async def test_ttl_of_another_type(method, bound):
    async with bound() as socket:
        for value in ("1", 1.5, None, True):
            with pytest.raises(TypeError) as raised:
                getattr(socket, method)(value)
            assert raised.value.code == "ERR_INVALID_ARG_TYPE"


async def test_broadcast_must_be_allowed(bound):
    async with bound(address="0.0.0.0") as socket:
        with pytest.raises(PermissionError):
            await socket.send(b"x", 9, "127.255.255.255")
        assert socket.set_broadcast(True) is None
        assert await socket.send(b"x", 9, "127.255.255.255") == 1
        socket.set_broadcast(False)
        assert option(socket, python_sockets.SOL_SOCKET, python_sockets.SO_BROADCAST) == 0


async def test_multicast_loopback(bound):
    async with bound() as socket, bound("udp6", "::1") as six:
        assert socket.set_multicast_loopback(False) is False
        assert option(socket, python_sockets.IPPROTO_IP, python_sockets.IP_MULTICAST_LOOP) == 0
        assert six.set_multicast_loopback(False) is False
        assert option(six, python_sockets.IPPROTO_IPV6, python_sockets.IPV6_MULTICAST_LOOP) == 0
        assert six.set_multicast_loopback(True) is True
        assert option(six, python_sockets.IPPROTO_IPV6, python_sockets.IPV6_MULTICAST_LOOP) == 1


@pytest.mark.parametrize("use", [
    lambda socket: socket.set_ttl(3), lambda socket: socket.set_multicast_ttl(3), lambda socket: socket.set_broadcast(True),
    lambda socket: socket.set_multicast_loopback(True), lambda socket: socket.set_multicast_interface(LOOPBACK),
    lambda socket: socket.drop_membership(GROUP), lambda socket: socket.address(),
    lambda socket: socket.drop_source_specific_membership(LOOPBACK, "232.1.1.1")])
def test_what_is_not_bound_has_no_options(use):
    with pytest.raises(OSError, match="EBADF") as raised:
        use(dgram.create_socket("udp4"))
    assert raised.value.code == "EBADF"


# --- buffers --------------------------------------------------------------------------------------------------

async def test_buffer_sizes(bound):
    factor = 2 if sys.platform == "linux" else 1
    async with bound(recv_buffer_size=20000, send_buffer_size=30000) as socket:
        assert socket.get_recv_buffer_size() == 20000 * factor
        assert socket.get_send_buffer_size() == 30000 * factor
        socket.set_recv_buffer_size(40000)
        socket.set_send_buffer_size(50000)
        assert socket.get_recv_buffer_size() == 40000 * factor
        assert socket.get_send_buffer_size() == 50000 * factor


@pytest.mark.parametrize("use", [
    lambda socket: socket.get_recv_buffer_size(), lambda socket: socket.get_send_buffer_size(),
    lambda socket: socket.set_recv_buffer_size(10000), lambda socket: socket.set_send_buffer_size(10000)])
def test_what_is_not_bound_has_no_buffers(use):
    with pytest.raises(OSError, match="EBADF") as raised:
        use(dgram.create_socket("udp4"))
    assert raised.value.code == "ERR_SOCKET_BUFFER_SIZE"


@pytest.mark.parametrize(("size", "kind"), [("1", TypeError), (1.5, TypeError), (True, TypeError), (None, TypeError),
                                            (0, ValueError), (-1, ValueError), (2**31, ValueError)])
async def test_wrong_buffer_sizes(size, kind, bound):
    async with bound() as socket:
        for method in (socket.set_recv_buffer_size, socket.set_send_buffer_size):
            with pytest.raises(kind) as raised:
                method(size)
            assert raised.value.code == "ERR_SOCKET_BAD_BUFFER_SIZE"


# --- multicast ------------------------------------------------------------------------------------------------

async def test_member_hears_the_group_until_it_leaves(messages):
    async with dgram.create_socket("udp4").bind(0) as member, dgram.create_socket("udp4").bind(0, LOOPBACK) as sender:
        sender.set_multicast_interface(LOOPBACK)
        member.add_membership(GROUP, LOOPBACK)
        arriving = messages(member)
        await sender.send(b"to all", member.address().port, GROUP)
        [(message, info)] = await arriving
        assert (message, info.address, info.port) == (b"to all", LOOPBACK, sender.address().port)
        member.drop_membership(GROUP, LOOPBACK)
        arriving = messages(member)
        await sender.send(b"not heard", member.address().port, GROUP)
        await sender.send(b"heard", member.address().port, LOOPBACK)
        assert (await arriving)[0][0] == b"heard"


async def test_several_members_share_a_port(messages):
    first = await dgram.create_socket("udp4", reuse_addr=True).bind(0)
    second = await dgram.create_socket("udp4", reuse_addr=True).bind(first.address().port)
    async with dgram.create_socket("udp4").bind(0, LOOPBACK) as sender:
        sender.set_multicast_interface(LOOPBACK)
        arriving = []
        for member in (first, second):
            member.add_membership(GROUP, LOOPBACK)
            arriving.append(messages(member))
        await sender.send(b"both", first.address().port, GROUP)
        assert [(await each)[0][0] for each in arriving] == [b"both", b"both"]
        arriving = [messages(member, 20) for member in (first, second)]
        for number in range(20):
            sender.send(b"%2d" % number, first.address().port, GROUP)
        assert [[int(message) for message, _ in await each] for each in arriving] == [list(range(20))] * 2
    await first.close()
    await second.close()


async def test_source_specific_member_hears_only_its_source(messages):
    group = "232.1.42.99"
    async with dgram.create_socket("udp4").bind(0) as member:
        member.add_source_specific_membership("127.0.0.2", group, LOOPBACK)
        arriving = messages(member)
        for source in ("127.0.0.3", "127.0.0.2"):
            async with dgram.create_socket("udp4").bind(0, source) as sender:
                sender.set_multicast_interface(LOOPBACK)
                await sender.send(source, member.address().port, group)
        assert (await arriving)[0][0] == b"127.0.0.2"
        member.drop_source_specific_membership("127.0.0.2", group, LOOPBACK)
        with pytest.raises(OSError, match=r"EADDRNOTAVAIL|EINVAL"):
            member.drop_source_specific_membership("127.0.0.2", group, LOOPBACK)


async def test_ipv6_groups_have_interfaces_by_name(messages):
    async with dgram.create_socket("udp6").bind(0) as member, dgram.create_socket("udp6").bind(0, "::1") as sender:
        sender.set_multicast_interface("::%lo")
        member.add_membership(GROUP6, "::%lo")
        try:
            await sender.send(b"nobody", 9, f"{GROUP6}%lo")
        except OSError as error:
            pytest.skip(f"no IPv6 multicast here: {error}")
        arriving = messages(member)
        await sender.send(b"six", member.address().port, f"{GROUP6}%lo")
        assert (await arriving)[0][0] == b"six"
        member.drop_membership(GROUP6, "::%lo")
        member.add_source_specific_membership("::1", "ff32::4299", "::%1")
        arriving = messages(member)
        await sender.send(b"source", member.address().port, "ff32::4299%lo")
        assert (await arriving)[0][0] == b"source"
        member.drop_source_specific_membership("::1", "ff32::4299", "::%1")


async def test_ipv6_interface_that_is_not_there(bound):
    async with bound("udp6", "::1") as socket:
        for interface in ("::%nowhere", "::%4242"):
            with pytest.raises(OSError, match="add_membership ENODEV"):
                socket.add_membership(GROUP6, interface)
        with pytest.raises(OSError, match="EINVAL"):
            socket.add_membership(GROUP6, "lo")
        socket.add_membership(GROUP6, "::%lo")
        socket.drop_membership(GROUP6, "::%1")
        socket.add_source_specific_membership("::1", "ff32::4299", "::%lo")
        socket.drop_source_specific_membership("::1", "ff32::4299", "::%1")


async def test_membership_binds():
    for join in (lambda socket: socket.add_membership(GROUP, LOOPBACK),
                 lambda socket: socket.add_source_specific_membership(LOOPBACK, "232.1.1.1", LOOPBACK)):
        socket = dgram.create_socket("udp4")
        join(socket)
        assert socket.address().port > 0
        await socket.close()


@pytest.mark.parametrize(("arguments", "code"), [
    (("add_membership", "1.2.3.4", LOOPBACK), "EINVAL"), (("add_membership", "nonsense"), "EINVAL"),
    (("add_membership", GROUP6), "EINVAL"), (("add_membership", GROUP, "nonsense"), "EINVAL"),
    (("drop_membership", GROUP, LOOPBACK), "EADDRNOTAVAIL"), (("set_multicast_interface", "nonsense"), "EINVAL"),
    (("add_source_specific_membership", "x", "232.1.1.1"), "EINVAL"),
    (("add_source_specific_membership", LOOPBACK, "1.2.3.4", LOOPBACK), "EINVAL")], ids=str)
async def test_what_is_no_group(arguments, code, bound):
    async with bound() as socket:
        with pytest.raises(OSError, match=f"{arguments[0]} {code}") as raised:
            getattr(socket, arguments[0])(*arguments[1:])
        assert raised.value.code == code


async def test_joined_twice(bound):
    async with bound() as socket:
        socket.add_membership(GROUP, LOOPBACK)
        with pytest.raises(OSError, match="EADDRINUSE"):
            socket.add_membership(GROUP, LOOPBACK)


@pytest.mark.parametrize(("arguments", "code"), [
    (("add_membership", None), "ERR_MISSING_ARGS"), (("add_membership", ""), "ERR_MISSING_ARGS"),
    (("add_membership", 5), "ERR_INVALID_ARG_TYPE"), (("add_membership", GROUP, 5), "ERR_INVALID_ARG_TYPE"),
    (("drop_membership", None), "ERR_MISSING_ARGS"), (("set_multicast_interface", 5), "ERR_INVALID_ARG_TYPE"),
    (("add_source_specific_membership", 5, GROUP), "ERR_INVALID_ARG_TYPE"),
    (("drop_source_specific_membership", 5, GROUP), "ERR_INVALID_ARG_TYPE")], ids=str)
def test_groups_of_another_type(arguments, code):
    with pytest.raises(TypeError) as raised:
        getattr(dgram.create_socket("udp4"), arguments[0])(*arguments[1:])
    assert raised.value.code == code


async def test_unix_socket_has_no_multicast(tmp_path):
    async with dgram.create_socket("unix_dgram").bind(tmp_path / "socket") as socket:
        for use in (lambda: socket.add_membership(GROUP), lambda: socket.set_multicast_interface(LOOPBACK),
                    lambda: socket.set_ttl(3)):
            with pytest.raises(OSError, match="ENOTSUP"):
                use()
