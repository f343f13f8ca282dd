"""Options that are given as Node has them, in an object or in camelCase, and those that are misspelt: what the error says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from netloop import dgram, http, https, net, tls
from netloop.websocket import WebSocket, WebSocketServer

Function = Callable[..., Any]

FUNCTIONS: dict[str, Function] = {
    "net.create_server": net.create_server, "net.connect": net.create_connection, "tls.create_server": tls.create_server,
    "tls.connect": tls.connect, "http.create_server": http.create_server, "https.create_server": https.create_server,
    "http.request": http.request, "https.request": https.get, "dgram.create_socket": dgram.create_socket,
    "WebSocketServer": WebSocketServer, "listen": lambda *args, **options: net.create_server().listen(*args, **options),
    "connect": lambda *args, **options: net.Socket().connect(*args, **options),
}
MISSPELT = {
    "net.create_server": "allow_halfopen", "net.connect": "prot", "tls.create_server": "requestCert",
    "tls.connect": "ALPNProtocols", "http.create_server": "keepAliveTimeout", "https.create_server": "SNICallback",
    "http.request": "socketPath", "https.request": "rejectUnauthorized", "dgram.create_socket": "reuseAddr",
    "WebSocketServer": "prt", "listen": "ipv6Only", "connect": "prt",
}
MEANT = {
    "allow_halfopen": "allow_half_open", "prot": "port", "requestCert": "request_cert", "ALPNProtocols": "alpn_protocols",
    "keepAliveTimeout": "keep_alive_timeout", "SNICallback": "sni_callback", "socketPath": "socket_path",
    "rejectUnauthorized": "reject_unauthorized", "reuseAddr": "reuse_addr", "prt": "port", "ipv6Only": "ipv6_only",
}
parametrize = pytest.mark.parametrize("name", FUNCTIONS)


def listener(*arguments: Any) -> None:
    pass


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "WebSocketServer"])
def test_options_in_a_dict_are_told_to_be_keywords(name: str) -> None:
    with pytest.raises(TypeError) as caught:
        FUNCTIONS[name]({"port": 8124, "localAddress": "::1"}, listener)
    assert str(caught.value) == f"options are keyword arguments: {name}(listener, port=8124, local_address=...)"


@parametrize
def test_options_in_a_dict_need_no_listener_to_be_told(name: str) -> None:
    with pytest.raises(TypeError, match=r"options are keyword arguments: [\w.]+\(port=0\)$"):
        FUNCTIONS[name]({"port": 0})


def test_options_beside_a_url_are_told_to_be_keywords() -> None:
    with pytest.raises(TypeError, match=r"options are keyword arguments: http.request\(..., listener, max_redirects=2\)$"):
        http.get("http://127.0.0.1/", {"maxRedirects": 2}, listener)


def test_a_key_in_a_dict_of_options_stays_out_of_the_message() -> None:
    with pytest.raises(TypeError, match=r"https.create_server\(listener, cert=..., key=...\)$"):
        https.create_server({"cert": "public", "key": "secret"}, listener)       # type: ignore[call-arg, arg-type]


@parametrize
def test_a_misspelt_option_is_told_with_what_was_meant(name: str) -> None:
    option = MISSPELT[name]
    with pytest.raises(TypeError) as caught:
        FUNCTIONS[name](**{option: 1})
    assert str(caught.value) == f"{name}() has no option {option!r}; did you mean {MEANT[option]!r}?"


@parametrize
def test_an_option_like_no_other_is_told_alone(name: str) -> None:
    with pytest.raises(TypeError, match=r"[\w.]+\(\) has no option 'xyzzy'$"):
        FUNCTIONS[name](xyzzy=1)


def test_net_listen_tells_of_its_options_when_it_is_awaited() -> None:
    async def both() -> None:
        with pytest.raises(TypeError, match=r"^options are keyword arguments: net.listen\(listener, port=0\)$"):
            await net.listen({"port": 0}, listener)                             # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"^net.listen\(\) has no option 'prt'; did you mean 'port'\?$"):
            await net.listen(prt=0)                                             # type: ignore[call-arg]
    asyncio.run(both())


def test_a_second_listener_is_refused_as_it_was() -> None:
    with pytest.raises(TypeError, match="positional argument"):
        net.create_server(listener, listener)                                   # type: ignore[arg-type]


def test_a_websocket_tells_of_an_option_that_is_none() -> None:
    with pytest.raises(TypeError, match=r"^WebSocket\(\) has no option 'followRedirects'; did you mean 'follow_redirects'\?"):
        WebSocket("ws://127.0.0.1:1/", followRedirects=True)
    with pytest.raises(TypeError, match=r"^WebSocket\(\) has no option 'maxPayload'; did you mean 'max_payload'\?$"):
        WebSocket(None, maxPayload=100)
