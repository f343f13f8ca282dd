"""Every name of Node's http and https is here: functions, classes, constants, members, options and events.

The lists are those of https://nodejs.org/api/http.html and https.html, in snake_case.  An option counts when it is taken by
a call; an event when it was heard.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from netloop import AbortSignal, events, http, https, net
from netloop.errors import FeatureUnavailableError
from netloop.tls.keywords import ClientKeywords, ServerKeywords


def words(text: str) -> list[str]:
    return text.split()


# --- modules ------------------------------------------------------------------------------------------------------

HTTP = words("""create_server request get METHODS STATUS_CODES global_agent max_header_size validate_header_name
    validate_header_value set_max_idle_http_parsers set_global_proxy_from_env WebSocket CloseEvent MessageEvent
    Server ServerResponse IncomingMessage OutgoingMessage ClientRequest Agent""")
OWN = words("Response Information ParseError")         # what ours are given, and is named in the reference
HTTPS = words("create_server request get global_agent Server Agent")


@pytest.mark.parametrize(("module", "name"), [(http, name) for name in HTTP + OWN] + [(https, name) for name in HTTPS])
def test_module_has_the_name(module: Any, name: str) -> None:
    assert name in module.__all__
    assert getattr(module, name) is not None


def test_every_name_that_is_listed_is_there() -> None:
    for module in (http, https):
        assert [name for name in module.__all__ if not hasattr(module, name)] == []


def test_classes_are_nodes_kinds_of_classes() -> None:
    for kind, base in ((http.Server, net.Server), (https.Server, http.Server), (https.Agent, http.Agent),
                       (http.ClientRequest, http.OutgoingMessage), (http.ServerResponse, http.OutgoingMessage)):
        assert issubclass(kind, base)


# --- members ------------------------------------------------------------------------------------------------------

SERVER = words("""listen close close_all_connections close_idle_connections set_timeout headers_timeout request_timeout
    keep_alive_timeout keep_alive_timeout_buffer max_headers_count max_requests_per_socket timeout listening
    http_allow_half_open __aenter__ __aexit__""")
OUTGOING = words("""add_trailers append_header set_header set_headers get_header get_header_names get_headers has_header
    remove_header flush_headers cork uncork write end set_timeout destroy headers_sent send_date chunked_encoding
    should_keep_alive use_chunked_encoding_by_default finished connection socket writable_corked writable_ended
    writable_finished writable_high_water_mark writable_length writable_object_mode pipe""")
RESPONSE = words("""write_head write_continue write_processing write_early_hints write_information assign_socket detach_socket
    status_code status_message strict_content_length req""")
REQUEST = words("""abort get_raw_header_names set_no_delay set_socket_keep_alive on_socket aborted host method path protocol
    reused_socket max_headers_count""")
INCOMING = words("""complete aborted headers headers_distinct raw_headers trailers trailers_distinct raw_trailers http_version
    http_version_major http_version_minor method url status_code status_message signal socket connection set_timeout
    destroy""")
AGENT = words("""create_connection keep_socket_alive reuse_socket get_name destroy free_sockets sockets requests
    max_free_sockets
    max_sockets max_total_sockets default_port protocol""")


def a_request() -> http.ClientRequest:
    return http.request("http://localhost:1/", signal=AbortSignal.abort()).on("error", lambda: None)


@pytest.mark.parametrize(("make", "names"), [
    (http.Server, SERVER), (https.Server, SERVER), (lambda: http.ServerResponse(http.IncomingMessage()), OUTGOING + RESPONSE),
    (a_request, OUTGOING + REQUEST), (http.IncomingMessage, INCOMING), (http.Agent, AGENT),
    (https.Agent, [*AGENT, "max_cached_sessions"])])
def test_object_has_its_members(make: Callable[[], Any], names: list[str]) -> None:
    made = make()
    assert [name for name in names if not hasattr(made, name)] == []


def test_settings_of_a_server_can_be_changed() -> None:
    server: Any = http.Server()
    for name in ("headers_timeout", "request_timeout", "keep_alive_timeout", "keep_alive_timeout_buffer", "timeout",
                 "max_requests_per_socket", "max_headers_count", "http_allow_half_open"):
        setattr(server, name, 1)
        assert getattr(server, name) == 1


# --- options ------------------------------------------------------------------------------------------------------

SERVER_OPTIONS: dict[str, Any] = {
    "incoming_message": http.IncomingMessage, "server_response": http.ServerResponse, "request_timeout": 1000,
    "headers_timeout": 1000, "connections_checking_interval": 1000, "keep_alive_timeout": 1000,
    "keep_alive_timeout_buffer": 1000, "max_header_size": 1000, "insecure_http_parser": False,
    "http_validation": "relaxed", "high_water_mark": 1000, "no_delay": False, "keep_alive": True,
    "keep_alive_initial_delay": 1000, "require_host_header": False, "join_duplicate_headers": True,
    "unique_headers": ["x"], "reject_non_standard_body_writes": True, "should_upgrade_callback": lambda request: True,
    "optimize_empty_requests": True, "max_requests_per_socket": 1}
REQUEST_OPTIONS: dict[str, Any] = {
    "agent": None, "auth": "user:password", "create_connection": lambda callback, **options: None, "default_port": 80,
    "family": 4, "headers": {"X": "1"}, "hints": 0, "host": "localhost", "hostname": "localhost",
    "local_address": "127.0.0.1", "local_port": 0, "lookup": lambda name, options, callback: None,
    "max_header_size": 1000, "method": "PUT", "path": "/", "port": 1, "protocol": "http:", "set_default_headers": False,
    "set_host": False, "signal": None, "socket_path": "a.sock", "timeout": 1000, "http_validation": "strict",
    "insecure_http_parser": False, "join_duplicate_headers": True, "unique_headers": ["x"]}
AGENT_OPTIONS: dict[str, Any] = {
    "keep_alive": True, "keep_alive_msecs": 1000, "agent_keep_alive_timeout_buffer": 1000, "max_sockets": math.inf,
    "max_total_sockets": math.inf, "max_free_sockets": 1, "scheduling": "fifo", "timeout": 1000, "proxy_env": {},
    "default_port": 80, "protocol": "http:"}
TLS_OPTIONS = {"servername": "localhost", "reject_unauthorized": True, "ciphers": None,
               "check_server_identity": lambda name, certificate: None}


@pytest.mark.parametrize(("make", "options"), [
    (http.create_server, SERVER_OPTIONS), (https.create_server, SERVER_OPTIONS), (http.Agent, AGENT_OPTIONS),
    (https.Agent, AGENT_OPTIONS | TLS_OPTIONS | {"protocol": "https:", "max_cached_sessions": 0})])
def test_every_option_is_taken(make: Callable[..., Any], options: dict[str, Any]) -> None:
    for name, value in options.items():
        make(**{name: value})
    with pytest.raises(TypeError):
        make(no_such_option=1)


def test_every_option_of_a_request_is_taken() -> None:
    signal = AbortSignal.abort()
    for name, value in REQUEST_OPTIONS.items():
        given = {"signal": signal, "agent": http.Agent(), name: value}
        if name == "signal":
            given["create_connection"] = lambda callback, **options: None
        http.request("http://localhost:1/", **given).on("error", lambda: None).destroy()
    for name, value in TLS_OPTIONS.items():
        https.request("https://localhost:1/", signal=signal, **{name: value}).on("error", lambda: None)


def test_https_takes_the_options_of_tls() -> None:
    wanted = set(words("""ca cert ciphers crl dhparam ecdh_curve honor_cipher_order key passphrase pfx reject_unauthorized
        secure_options secure_protocol servername check_server_identity high_water_mark"""))
    assert wanted <= https.Agent.connect_names
    assert wanted - {"servername", "check_server_identity"} <= ServerKeywords.__annotations__.keys()
    assert wanted <= ClientKeywords.__annotations__.keys()


@pytest.mark.parametrize("options", [{"client_cert_engine": "x"}, {"session_id_context": "x"}])
def test_what_python_cannot_do_is_refused_by_name(options: dict[str, Any]) -> None:
    for make in (https.create_server, https.Agent):
        with pytest.raises(FeatureUnavailableError):
            make(**options)


# --- events -------------------------------------------------------------------------------------------------------

class Heard:
    """Who listens to these events, and what was heard of them."""

    def __init__(self, emitter: Any, names: str) -> None:
        self.left = set(names.split())
        self.done = asyncio.Event()
        for event in self.left:
            emitter.on(event, partial(self._hear, event))

    def _hear(self, event: str, *_: object) -> None:
        self.left.discard(event)
        if not self.left:
            self.done.set()

    async def all(self) -> None:
        try:
            async with asyncio.timeout(5):
                await self.done.wait()
        except TimeoutError:
            raise AssertionError(f"never heard: {sorted(self.left)}") from None


def head(line: str, *fields: str) -> bytes:
    return "\r\n".join([f"{line} HTTP/1.1", "Host: x", *fields, "", ""]).encode()


async def test_server_emits_every_event() -> None:
    server = http.create_server(max_requests_per_socket=1)
    heard = Heard(server, "listening request connection check_continue check_expectation client_error connect upgrade "
                          "drop_request")
    server.on("client_error", lambda error, socket: socket.destroy())
    for event in ("check_continue", "check_expectation", "request"):
        server.on(event, answer_later)
    for event in ("connect", "upgrade"):
        server.on(event, lambda request, socket, rest: socket.destroy())
    server.listen(0, "127.0.0.1")
    await server
    for data in (head("GET /") * 2, head("GET /", "Expect: 100-continue"), head("GET /", "Expect: x"), b"?\r\n\r\n",
                 head("CONNECT x:1"), head("GET /", "Connection: upgrade", "Upgrade: x")):
        connect_to(server).end(data)
    await heard.all()
    heard = Heard(server, "timeout close")
    server.on("timeout", lambda socket: socket.destroy())
    server.set_timeout(1)
    connect_to(server)
    await events.once(server, "timeout")
    await server.close()
    await heard.all()


async def answer_later(request: http.IncomingMessage, response: http.ServerResponse) -> None:
    await asyncio.sleep(0)
    response.end()


def connect_to(server: http.Server) -> net.Socket:
    return net.connect(server.address().port, "127.0.0.1").on("error", lambda: None).on("data", lambda: None)


async def test_request_and_response_emit_every_event() -> None:
    """What happens to a request that is answered, on both sides, and to one whose connection is lost."""
    all_heard = []

    def on_request(request: http.IncomingMessage, response: http.ServerResponse) -> None:
        lost = request.url == "/lost"
        all_heard.append(Heard(request, "aborted error close" if lost else "data end close"))
        if lost:
            request.on("data", lambda: request.socket and request.socket.destroy())
        else:
            all_heard.append(Heard(response, "prefinish finish close drain"))
            response.write_continue()
            while response.write(b"x" * 65536):
                pass
            response.once("drain", response.end)

    server = http.create_server(on_request)
    server.listen(0, "127.0.0.1")
    await server
    url = f"http://127.0.0.1:{server.address().port}"
    request = http.request(url, method="POST")
    all_heard.append(Heard(request, "socket response information continue finish close"))

    def on_response(response: http.IncomingMessage) -> None:
        response.on("readable", response.read)
        all_heard.append(Heard(response, "readable end close"))

    request.on("response", on_response)
    request.end("hello")
    lost = http.request(f"{url}/lost", method="POST")
    all_heard.append(Heard(lost, "error close"))
    lost.write("hello")
    silent = http.request(f"{url}/silent")
    all_heard.append(Heard(silent, "timeout abort error close"))
    silent.set_timeout(1, silent.abort)
    for heard in all_heard:             # more may come while one is waited for
        await heard.all()
    assert len(all_heard) == 7
    http.global_agent.destroy()
    await server.close()


SWITCH = {"Connection": "upgrade", "Upgrade": "x"}


@pytest.mark.parametrize(("event", "ask", "answer"), [
    ("upgrade", {"headers": SWITCH}, b"HTTP/1.1 101 Yes\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
    ("connect", {"method": "CONNECT", "path": "x:1"}, b"HTTP/1.1 200 OK\r\n\r\n")])
async def test_request_emits_that_it_left_http(event: str, ask: dict[str, Any], answer: bytes) -> None:
    server = http.create_server().on(event, lambda request, socket, rest: socket.end(answer))
    server.listen(0, "127.0.0.1")
    await server
    request = http.request(port=server.address().port, host="127.0.0.1", agent=False, **ask)
    heard = Heard(request, f"{event} close")
    request.on(event, lambda response, socket, rest: socket.destroy())
    request.end()
    await heard.all()
    await server.close()


async def test_agent_emits_free_and_obeys_agent_remove() -> None:
    server = http.create_server(lambda request, response: response.end())
    server.listen(0, "127.0.0.1")
    await server
    agent = http.Agent(keep_alive=True)
    heard = Heard(agent, "free")
    request = http.get(port=server.address().port, host="127.0.0.1", agent=agent)
    await (await request).read()
    await heard.all()
    [[socket]] = agent.free_sockets.values()
    socket.emit("agent_remove")
    assert agent.free_sockets == {}
    socket.destroy()
    await server.close()
