"""Agents: which connection a request gets, and what becomes of it."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import socket as python_socket
import sys
import weakref
from pathlib import Path
from typing import Any

import pytest

from netloop import events, http, net
from netloop.http.agent import Agent
from netloop.http.client_functions import get, request

_spec: Any = importlib.util.spec_from_file_location("client_peer", Path(__file__).with_name("client_peer.py"))
client_peer: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(client_peer)
OK, Peer, serve = client_peer.OK, client_peer.Peer, client_peer.serve


async def ask(url: str, agent: Agent, **options: Any) -> bool:
    """Whether the connection was a kept one."""
    asked = request(url, agent=agent, **options).end()
    assert await (await asked).read() == b"hello"
    if not asked.closed:
        await events.once(asked, "close")
    return asked.reused_socket


async def refused_port() -> int:
    server, url = await serve(Peer())
    await server.close()
    return int(url.rpartition(":")[2])


async def done(agent: Agent, server: Any) -> None:
    agent.destroy()
    await server.close()


async def test_a_connection_is_kept_and_used_again() -> None:
    peer, agent = Peer(), Agent(keep_alive=True)
    server, url = await serve(peer)
    assert [await ask(url, agent) for _ in range(3)] == [False, True, True]
    assert peer.connections == 1
    assert repr(agent) == "<Agent sockets: 0 active, 1 idle, 0 queued>"
    assert [len(sockets) for sockets in agent.free_sockets.values()] == [1]
    assert b"Connection: keep-alive" in peer.received[0]
    await done(agent, server)


async def test_without_keep_alive_each_request_has_its_own() -> None:
    peer, agent = Peer(), Agent()
    server, url = await serve(peer)
    assert [await ask(url, agent) for _ in range(2)] == [False, False]
    assert b"Connection: close" in peer.received[0]
    assert agent.total_socket_count == 0
    await done(agent, server)


async def test_an_idle_connection_does_not_keep_the_loop_alive() -> None:
    agent = Agent(keep_alive=True)
    server, url = await serve(Peer())
    await ask(url, agent)
    [[socket]] = agent.free_sockets.values()
    assert not socket._refd
    await done(agent, server)


async def test_max_sockets_lets_requests_wait_in_order() -> None:
    peer, agent = Peer(), Agent(keep_alive=True, max_sockets=1)
    server, url = await serve(peer)
    asked = [get(f"{url}/{number}", agent=agent) for number in range(3)]
    assert repr(agent) == "<Agent sockets: 1 active, 0 idle, 2 queued>"
    assert [len(waiting) for waiting in agent.requests.values()] == [2]
    for each in asked:
        await (await each).read()
    assert peer.connections == 1
    assert [line.split()[1] for line in peer.received] == [b"/0", b"/1", b"/2"]
    await done(agent, server)


async def test_a_waiting_request_that_is_destroyed_is_left_out() -> None:
    peer, agent = Peer(), Agent(max_sockets=1)
    server, url = await serve(peer)
    first, second, third = (get(f"{url}/{number}", agent=agent) for number in range(3))
    second.on("error", lambda error: None)
    second.destroy()
    await (await first).read()
    await (await third).read()
    assert [line.split()[1] for line in peer.received] == [b"/0", b"/2"]
    await done(agent, server)


async def test_requests_that_give_up_on_a_stuck_origin_do_not_gather() -> None:
    peer, agent = Peer(b""), Agent(max_sockets=1)
    server, url = await serve(peer)
    stuck = get(url, agent=agent).on("error", lambda: None)
    patient = get(url, agent=agent)             # before them in the queue
    gone = []
    for _ in range(3):
        waiting = get(url, agent=agent).on("error", lambda: None)
        assert list(agent.requests.values()) == [[patient, waiting]]
        gone.append(weakref.ref(waiting.destroy()))
        assert repr(agent) == "<Agent sockets: 1 active, 0 idle, 1 queued>"
        while not waiting.closed:
            await asyncio.sleep(0)
    del waiting
    gc.collect()
    assert [reference() for reference in gone] == [None, None, None]
    stuck.destroy()
    assert await (await patient).read() == b"hello"
    while agent.sockets:
        await asyncio.sleep(0)
    assert agent.total_socket_count == 0
    await server.close()


async def test_max_total_sockets_closes_what_is_idle_elsewhere() -> None:
    agent = Agent(keep_alive=True, max_total_sockets=1)
    one, first = await serve(Peer())
    two, second = await serve(Peer())
    await ask(first, agent)
    assert await ask(second, agent) is False
    assert agent.total_socket_count == 1
    assert list(agent.free_sockets) == [agent.get_name(host="127.0.0.1", port=two.address().port)]
    await done(agent, one)
    await two.close()


async def test_max_free_sockets_closes_the_rest() -> None:
    peer, agent = Peer(), Agent(keep_alive=True, max_free_sockets=1)
    server, url = await serve(peer)
    await asyncio.gather(*[ask(url, agent) for _ in range(3)])
    assert peer.connections == 3
    assert agent.total_socket_count == 1
    await done(agent, server)


@pytest.mark.parametrize(("scheduling", "place"), [("lifo", -1), ("fifo", 0)])
async def test_scheduling_chooses_among_idle_connections(scheduling: str, place: int) -> None:
    agent = Agent(keep_alive=True, scheduling=scheduling)
    server, url = await serve(Peer())
    await asyncio.gather(*[ask(url, agent) for _ in range(3)])
    [idle] = agent.free_sockets.values()
    asked = get(url, agent=agent)
    [[active]] = agent.sockets.values()
    assert active is idle[place]
    await (await asked).read()
    await done(agent, server)


async def test_free_tells_that_a_connection_is_kept() -> None:
    agent = Agent(keep_alive=True)
    server, url = await serve(Peer())
    freed: list[Any] = []
    agent.on("free", lambda socket, options: freed.append((socket, options.host)))
    await ask(url, agent)
    assert freed == [(next(iter(agent.free_sockets.values()))[0], "127.0.0.1")]
    await done(agent, server)


async def test_agent_remove_takes_a_connection_out() -> None:
    agent = Agent(keep_alive=True)
    server, url = await serve(Peer())
    await ask(url, agent)
    [[socket]] = agent.free_sockets.values()
    socket.emit("agent_remove")
    assert agent.total_socket_count == 0
    assert not socket.destroyed
    socket.destroy()
    await done(agent, server)


async def test_agent_remove_waits_for_the_exchange() -> None:
    agent = Agent(keep_alive=True)
    server, url = await serve(Peer())
    asked = get(url, agent=agent)
    taken: list[Any] = []

    def take(socket: Any) -> None:
        taken.append(socket)
        socket.emit("agent_remove")

    asked.on("socket", take)
    assert await (await asked).read() == b"hello"
    assert agent.total_socket_count == 0
    if not asked.closed:
        await events.once(asked, "close")
    assert not taken[0].destroyed
    assert taken[0].listener_count("data") == 0
    taken[0].destroy()
    await done(agent, server)


async def test_an_agent_of_another_kind_gives_a_stream_by_on_socket() -> None:
    server, url = await serve(Peer())

    class Plain:
        def add_request(self, asked: Any, options: Any) -> None:
            asked.on_socket(net.connect(**options.connect))

    assert await (await get(url, agent=Plain())).read() == b"hello"
    await server.close()


async def test_hooks_decide_what_is_kept() -> None:
    class Forgetful(Agent):
        def keep_socket_alive(self, socket: Any) -> bool:
            return False

    agent = Forgetful(keep_alive=True)
    server, url = await serve(Peer())
    assert [await ask(url, agent) for _ in range(2)] == [False, False]
    await done(agent, server)


async def test_a_listener_for_free_that_raises_leaves_nobody_waiting(unhandled: list[Any]) -> None:
    def fail() -> None:
        raise RuntimeError("a bug")

    agent = Agent(keep_alive=True, max_total_sockets=1).on("free", fail)
    one, first = await serve(Peer())
    two, second = await serve(Peer())
    for asked in [get(first, agent=agent), get(second, agent=agent)]:
        assert await (await asked).read() == b"hello"
        if not asked.closed:
            await events.once(asked, "close")
    assert [str(error) for error in unhandled] == ["a bug", "a bug"]
    await done(agent, one)
    await two.close()


async def test_a_hook_that_raises_keeps_no_connection(unhandled: list[Any]) -> None:
    class Broken(Agent):
        def keep_socket_alive(self, socket: Any) -> bool:
            raise RuntimeError("a bug")

    agent = Broken(keep_alive=True, max_sockets=1)
    server, url = await serve(Peer())
    assert [await ask(url, agent) for _ in range(2)] == [False, False]
    assert [str(error) for error in unhandled] == ["a bug", "a bug"]
    assert agent.total_socket_count == 0
    await done(agent, server)


async def test_a_kept_connection_that_a_hook_does_not_pass_on_is_an_error_of_the_request() -> None:
    class Broken(Agent):
        def reuse_socket(self, socket: Any, request: Any) -> None:
            raise RuntimeError("a bug")

    agent = Broken(keep_alive=True, max_sockets=1)
    server, url = await serve(Peer())
    assert await ask(url, agent) is False
    with pytest.raises(RuntimeError, match="a bug"):
        await get(url, agent=agent)
    assert agent.total_socket_count == 0
    assert await ask(url, agent) is False
    await done(agent, server)


# --- connections that are not what they were ------------------------------------------------------------------------

async def test_a_connection_that_the_peer_closed_is_forgotten() -> None:
    peer, agent = Peer(OK, OK), Agent(keep_alive=True)
    accepted: list[net.Socket] = []
    server, url = await serve(lambda socket: (accepted.append(socket), peer(socket))[2:] or None)
    await ask(url, agent)
    [[kept]] = agent.free_sockets.values()
    accepted[0].end()
    await events.once(kept, "close")
    assert agent.total_socket_count == 0
    assert await ask(url, agent) is False
    await done(agent, server)


async def test_a_fin_that_the_loop_has_not_seen_yet_is_seen() -> None:
    peer, agent = Peer(), Agent(keep_alive=True)
    accepted: list[net.Socket] = []
    server, url = await serve(lambda socket: (accepted.append(socket), peer(socket))[2:] or None)
    await ask(url, agent)
    accepted[0].end()                   # the FIN is in the client's kernel when this returns
    assert await ask(url, agent, method="POST") is False
    assert peer.connections == 2
    await done(agent, server)


async def test_bytes_that_nobody_asked_for_close_an_idle_connection() -> None:
    agent = Agent(keep_alive=True)
    accepted: list[net.Socket] = []
    peer = Peer()
    server, url = await serve(lambda socket: (accepted.append(socket), peer(socket))[2:] or None)
    await ask(url, agent)
    [[kept]] = agent.free_sockets.values()
    accepted[0].write(OK)
    await events.once(kept, "close")
    assert agent.total_socket_count == 0
    await done(agent, server)


STRAY = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray"


async def test_bytes_that_the_loop_has_not_seen_yet_are_nobodys_answer() -> None:
    agent, peer = Agent(keep_alive=True), Peer()
    accepted: list[net.Socket] = []
    server, url = await serve(lambda socket: (accepted.append(socket), peer(socket))[2:] or None)
    await ask(url, agent)
    accepted[0].write(STRAY)            # it is in the client's kernel when this returns
    assert await ask(url, agent) is False
    assert peer.connections == 2
    await done(agent, server)


async def test_bytes_that_come_before_a_request_is_written_are_not_its_answer() -> None:
    agent, peer = Agent(keep_alive=True), Peer()
    accepted: list[net.Socket] = []
    server, url = await serve(lambda socket: (accepted.append(socket), peer(socket))[2:] or None)
    await ask(url, agent)
    asked = request(url, agent=agent, method="POST")
    [kept] = await events.once(asked, "socket")
    accepted[0].write(STRAY)
    await events.once(kept, "close")
    assert await (await asked.end(b"body")).read() == b"hello"
    assert peer.connections == 2
    await done(agent, server)


async def test_bytes_that_follow_a_response_are_not_the_answer_of_who_waits() -> None:
    agent, loop = Agent(keep_alive=True, max_sockets=1), asyncio.get_running_loop()
    with python_socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        first, second = get(url, agent=agent), get(url, agent=agent)
        for asked in (first, second):
            connection, _ = await loop.sock_accept(listening)
            with connection:
                assert await loop.sock_recv(connection, 65536)
                asked.once("response", lambda _, connection=connection: connection.sendall(STRAY))
                connection.sendall(OK)
                assert await (await asked).read() == b"hello"
    agent.destroy()


def drop(socket: net.Socket) -> None:
    socket.destroy()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_request_lost_on_a_kept_connection_is_replayed_once(method: str) -> None:
    peer, agent = Peer(OK, drop, OK), Agent(keep_alive=True)
    server, url = await serve(peer)
    await ask(url, agent)
    response = await request(url, method=method, agent=agent).end(b"body" if method == "PUT" else None)
    assert await response.read() == b"hello"
    assert peer.connections == 2
    assert peer.received[1] == peer.received[2]
    await done(agent, server)


async def test_a_request_is_not_replayed_twice() -> None:
    peer, agent = Peer(OK, drop, drop, OK), Agent(keep_alive=True)
    server, url = await serve(peer)
    await ask(url, agent)
    with pytest.raises(ConnectionResetError):
        await get(url, agent=agent)
    assert len(peer.received) == 3
    await done(agent, server)


@pytest.mark.parametrize("answer", [drop, lambda socket: socket.end(b"HTTP/1.1 2")])
async def test_what_may_have_happened_is_not_replayed(answer: Any) -> None:
    method = "POST" if answer is drop else "GET"
    peer, agent = Peer(OK, answer), Agent(keep_alive=True)
    server, url = await serve(peer)
    await ask(url, agent)
    with pytest.raises(ConnectionResetError, match="hang up"):
        await request(url, method=method, agent=agent).end(b"body" if method == "POST" else None)
    assert len(peer.received) == 2
    await done(agent, server)


async def test_a_new_connection_that_fails_is_not_replayed() -> None:
    peer, agent = Peer(drop), Agent(keep_alive=True)
    server, url = await serve(peer)
    with pytest.raises(ConnectionResetError, match="hang up"):
        await get(url, agent=agent)
    assert peer.connections == 1
    await done(agent, server)


async def test_a_connection_opened_for_another_request_is_no_reused_one() -> None:
    def create(callback: Any, /, **options: Any) -> None:
        opened.append(callback)

    opened: list[Any] = []
    agent = Agent(max_sockets=1)
    agent.create_connection = create  # type: ignore[method-assign]
    url = f"http://127.0.0.1:{await refused_port()}"
    get(url, agent=agent).on("error", lambda: None).destroy()
    asked = get(url, agent=agent)
    opened[0](None, net.connect(url.rpartition(":")[2]))
    with pytest.raises(ConnectionRefusedError) as caught:
        await asked
    assert not asked.reused_socket
    assert "of connecting" in caught.value.__notes__[-1]
    assert len(opened) == 1             # it was not sent once more


async def test_a_request_that_waited_tells_whether_its_connection_served() -> None:
    peer, agent = Peer(), Agent(max_sockets=1)
    server, url = await serve(peer)
    asked = [get(url, agent=agent) for _ in range(2)]
    for each in asked:
        await (await each).read()
    assert [each.reused_socket for each in asked] == [False, True]
    assert peer.connections == 1
    await done(agent, server)


@pytest.mark.parametrize(("fields", "kept"), [
    (b"", True), (b"Keep-Alive: timeout=60\r\n", True), (b"keep-alive: max=5, timeout=1\r\n", False),
    (b"Keep-Alive: timeout=0\r\n", False), (b"Connection: close\r\n", False), (b"Keep-Alive: nonsense\r\n", True),
])
async def test_what_the_server_says_about_keeping_counts(fields: bytes, kept: bool) -> None:
    agent = Agent(keep_alive=True)
    server, url = await serve(Peer(b"HTTP/1.1 200 OK\r\n" + fields + b"Content-Length: 5\r\n\r\nhello"))
    await ask(url, agent)
    assert agent.total_socket_count == kept
    await done(agent, server)


async def test_an_idle_connection_closes_after_the_agents_timeout() -> None:
    agent = Agent(keep_alive=True, timeout=20)
    server, url = await serve(Peer())
    await ask(url, agent)
    [[socket]] = agent.free_sockets.values()
    await events.once(socket, "close")
    assert agent.total_socket_count == 0
    await done(agent, server)


# --- arguments ------------------------------------------------------------------------------------------------------

def test_names_are_those_of_node() -> None:
    name = Agent().get_name
    assert name(host="h", port=80) == "h:80:"
    assert name(host="h", port=80, local_address="127.0.0.1", family=4) == "h:80:127.0.0.1:4"
    assert name(path="/run/x") == name(socket_path="/run/x") == "localhost:::/run/x"


@pytest.mark.parametrize(("options", "code"), [
    ({"max_sockets": 0}, "ERR_OUT_OF_RANGE"), ({"max_sockets": "1"}, "ERR_INVALID_ARG_TYPE"),
    ({"max_total_sockets": float("nan")}, "ERR_OUT_OF_RANGE"), ({"scheduling": "filo"}, "ERR_INVALID_ARG_VALUE"),
    ({"timeout": -1}, "ERR_OUT_OF_RANGE"), ({"proxy_env": "x"}, "ERR_INVALID_ARG_TYPE"),
    ({"proxy_env": {"NO_PROXY": 5}}, "ERR_INVALID_ARG_TYPE"), ({"protocol": 5}, "ERR_INVALID_ARG_TYPE"),
    ({"default_port": "a"}, "ERR_SOCKET_BAD_PORT"), ({"default_port": None}, "ERR_INVALID_ARG_TYPE"),
    ({"default_port": -3}, "ERR_SOCKET_BAD_PORT"),
])
def test_wrong_options_raise(options: dict[str, Any], code: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        Agent(**options)
    assert caught.value.code == code  # type: ignore[union-attr]


def test_an_unknown_option_raises() -> None:
    with pytest.raises(TypeError, match=r"http.Agent\(\) has no option 'colour'"):
        Agent(colour="red")  # type: ignore[call-arg]


@pytest.mark.parametrize(("given", "meant"), [
    ("keepAlive", "keep_alive"), ("maxSockets", "max_sockets"), ("localAddress", "local_address")])
def test_an_option_that_is_spelt_as_in_node_raises_and_says_how_it_is_here(given: str, meant: str) -> None:
    with pytest.raises(TypeError, match=f"did you mean '{meant}'"):
        Agent(**{given: 1})  # type: ignore[arg-type]


@pytest.mark.parametrize(("port", "code"), [("http", "ERR_SOCKET_BAD_PORT"), (-3, "ERR_SOCKET_BAD_PORT"),
                                            (1.5, "ERR_SOCKET_BAD_PORT"), (b"80", "ERR_INVALID_ARG_TYPE")])
def test_a_default_port_of_a_request_that_is_none_raises(port: Any, code: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        request(host="127.0.0.1", default_port=port, agent=False)
    assert caught.value.code == code  # type: ignore[union-attr]


async def test_a_default_port_is_asked_where_no_other_is_named() -> None:
    peer = Peer()
    server, url = await serve(peer)
    await get(host="127.0.0.1", default_port=url.rpartition(":")[2], agent=False)
    assert b"Host: 127.0.0.1\r\n" in peer.received[0]
    await server.close()


def test_an_agent_that_is_none_raises() -> None:
    with pytest.raises(TypeError) as caught:
        get("http://localhost/", agent=object())
    assert caught.value.code == "ERR_INVALID_ARG_TYPE"  # type: ignore[attr-defined]


# --- the global agent -----------------------------------------------------------------------------------------------

async def test_the_global_agent_keeps_connections_of_this_loop() -> None:
    server, url = await serve(Peer())
    assert http.global_agent is http.global_agent
    assert http.global_agent.keep_alive
    assert await ask(url, http.global_agent) is False
    asked = http.get(url)
    assert await (await asked).read() == b"hello"
    assert asked.reused_socket
    await done(http.global_agent, server)


async def test_another_global_agent_may_be_assigned() -> None:
    server, url = await serve(Peer())
    mine = http.global_agent = Agent()
    try:
        asked = http.get(url)
        assert asked.agent is mine
        await (await asked).read()
    finally:
        del http.global_agent
    await server.close()


# --- proxies --------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("path", "target"), [
    ("/other?x", "http://example.test/other?x"), ("*", "http://example.test"),
])
async def test_a_proxy_is_asked_in_absolute_form_for_a_path_that_is_assigned(path: str, target: str) -> None:
    peer = Peer()
    server, url = await serve(peer)
    agent = Agent(proxy_env={"HTTP_PROXY": url})
    asked = http.request("http://example.test/path", agent=agent, method="OPTIONS")
    asked.path = path
    assert asked.path == target
    await asked.end()
    assert peer.received[0].startswith(f"OPTIONS {target} HTTP/1.1\r\nHost: example.test\r\n".encode())
    await done(agent, server)


async def test_a_proxy_is_asked_in_absolute_form() -> None:
    peer = Peer()
    server, url = await serve(peer)
    agent = Agent(proxy_env={"HTTP_PROXY": url.replace("//", "//user:pass@"), "NO_PROXY": "direct.test"})
    await ask("http://example.test:8080/a?b", agent)
    assert peer.received[0].startswith(b"GET http://example.test:8080/a?b HTTP/1.1\r\nHost: example.test:8080\r\n")
    assert b"Proxy-Authorization: Basic dXNlcjpwYXNz\r\n" in peer.received[0]
    await done(agent, server)


async def test_the_global_agent_takes_proxies_from_the_environment() -> None:
    peer = Peer()
    server, url = await serve(peer)
    restore = http.set_global_proxy_from_env({"http_proxy": url})
    try:
        await (await http.get("http://example.test/")).read()
        http.global_agent.destroy()
    finally:
        restore()
    assert peer.received[0].startswith(b"GET http://example.test/ HTTP/1.1\r\n")
    assert http.global_agent._proxies is None
    await server.close()


async def test_an_idle_connection_keeps_nothing_of_its_requests() -> None:
    agent = Agent(keep_alive=True)
    server, url = await serve(Peer())
    asked = get(url, agent=agent)
    await (await asked).read()
    if not asked.closed:
        await events.once(asked, "close")
    gone = weakref.ref(asked), weakref.ref(asked.response)
    del asked
    await asyncio.sleep(0)              # what waits in ticks may still refer to them
    gc.collect()
    assert [reference() for reference in gone] == [None, None]
    await done(agent, server)


@pytest.mark.parametrize("path", ["http://other.test/secret", "@other.test/", "other"])
async def test_what_is_no_path_is_refused_where_a_proxy_is_asked(path: str) -> None:
    peer = Peer()
    server, url = await serve(peer)
    agent = Agent(proxy_env={"HTTP_PROXY": url})
    with pytest.raises(ValueError, match="path must be") as caught:
        http.get("http://inside.test/", path=path, agent=agent)
    assert caught.value.code == "ERR_INVALID_ARG_VALUE"  # type: ignore[attr-defined]
    asked = http.request("http://inside.test/", agent=agent)
    with pytest.raises(ValueError, match="path must be"):
        asked.path = path
    await asked.end()
    assert [head.split(b"\r\n")[0] for head in peer.received] == [b"GET http://inside.test/ HTTP/1.1"]
    await done(agent, server)


# --- connections that a program makes -------------------------------------------------------------------------------

def maker() -> Any:
    """A new `create_connection`."""
    return lambda callback, **options: net.connect(**options)


async def test_a_connection_that_a_program_makes_is_for_its_request_alone() -> None:
    peer = Peer()
    server, url = await serve(peer)
    await (await get(url)).read()
    for options in ({"create_connection": maker()}, {}):
        asked = get(url, **options)
        await (await asked).read()
        if not asked.closed:
            await events.once(asked, "close")
        assert asked.reused_socket is (options == {})
    assert peer.connections == 2
    assert b"Connection: close\r\n" in peer.received[1]
    await done(http.global_agent, server)


async def test_waiting_requests_hear_one_by_one_that_no_connection_can_be_made() -> None:
    def create(_callback: Any = None, /, **options: Any) -> net.Socket:
        if first:
            raise OSError("no more")
        first.append(net.connect(**options))
        return first[0]

    first: list[net.Socket] = []
    failed: list[BaseException] = []
    server, url = await serve(Peer(lambda socket: socket.end()))
    agent = Agent(max_sockets=1)
    agent.create_connection = create  # type: ignore[method-assign]
    asked = [get(url, agent=agent).on("error", failed.append) for _ in range(sys.getrecursionlimit())]
    while len(failed) < len(asked):
        await asyncio.sleep(0)
    assert all(error.__context__ is None for error in failed)
    assert agent.requests == {}
    assert agent.total_socket_count == 0
    await server.close()


async def test_an_agent_keeps_connections_apart_that_different_functions_make() -> None:
    class Makes:
        def connect(self, _callback: Any, **options: Any) -> net.Socket:
            return net.connect(**options)

    agent, one, two, makes = Agent(keep_alive=True), maker(), maker(), Makes()
    server, url = await serve(Peer())
    assert not await ask(url, agent)
    for create in (one, two, makes.connect):
        assert not await ask(url, agent, create_connection=create)
    for create in (one, two, makes.connect):
        assert await ask(url, agent, create_connection=create)
    assert await ask(url, agent)
    await done(agent, server)


async def test_a_stream_that_is_returned_and_called_back_with_stays_open() -> None:
    def create(callback: Any, **options: Any) -> net.Socket:
        socket = net.connect(**options)
        return socket.once("connect", lambda: callback(None, socket))

    server, url = await serve(Peer())
    assert await (await get(url, create_connection=create)).read() == b"hello"
    await server.close()


async def test_what_is_made_and_is_no_stream_is_the_error_of_its_request_alone() -> None:
    class Writes:
        def write(self, data: bytes) -> None: ...

    server, url = await serve(Peer())
    agent = Agent(max_sockets=1)
    made: list[Any] = [Writes()]
    agent.create_connection = (                                                                 # type: ignore[method-assign]
        lambda _callback=None, /, **options: made.pop() if made else net.connect(**options))
    failing, following = get(url, agent=agent), get(url, agent=agent)
    with pytest.raises(TypeError, match="Duplex") as caught:
        await failing
    assert caught.value.code == "ERR_INVALID_ARG_TYPE"  # type: ignore[attr-defined]
    assert await (await following).read() == b"hello"
    await done(agent, server)


async def test_a_second_stream_for_one_request_is_closed() -> None:
    streams: list[net.Socket] = []

    def create(callback: Any, **options: Any) -> net.Socket:
        streams.extend([net.connect(**options), net.connect(**options)])
        callback(None, streams[0])
        return streams[1]

    server, url = await serve(Peer())
    assert await (await get(url, create_connection=create)).read() == b"hello"
    assert streams[1].destroyed
    await server.close()


async def test_a_replay_takes_no_other_connection_that_was_kept() -> None:
    served: list[net.Socket] = []

    def answer_once(socket: net.Socket) -> None:
        if socket in served:
            socket.reset_and_destroy()
        else:
            served.append(socket)
            socket.write(OK)

    server, url = await serve(Peer(*[answer_once] * 5))
    agent = Agent(keep_alive=True)
    for asked in [get(url, agent=agent), get(url, agent=agent)]:
        await (await asked).read()
        if not asked.closed:
            await events.once(asked, "close")
    assert await (await get(url, agent=agent)).read() == b"hello"
    await done(agent, server)


async def test_an_idle_connection_has_the_timeout_of_its_agent() -> None:
    server, url = await serve(Peer())
    agent = Agent(keep_alive=True, timeout=60000)
    free = events.once(agent, "free")
    await ask(url, agent, timeout=30000)
    socket, _ = await free
    assert socket.timeout == 60000
    await done(agent, server)
