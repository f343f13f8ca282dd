"""URLs and options of requests, before anything is opened."""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import urlsplit

import pytest

from netloop.http.client_options import CONNECT_NAMES, RequestOptions
from netloop.http.client_url import parse_url, resolve
from netloop.http.proxies import Proxies


def options(url: Any = None, **keywords: Any) -> RequestOptions:
    return RequestOptions(url, "http:", 80, CONNECT_NAMES, **keywords)


# --- URLs -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("url", "expected"), [
    ("http://example.org", ("http:", "example.org", None, "/", None)),
    ("HTTP://Example.ORG:8080/a%20b?c=d#e", ("http:", "example.org", 8080, "/a%20b?c=d", None)),
    ("http://user:pass%40word@host/", ("http:", "host", None, "/", "user:pass@word")),
    ("http://user@host/", ("http:", "host", None, "/", "user:")),
    ("http://[::1]:80/", ("http:", "::1", 80, "/", None)),
    ("http://host/a b/ä?ö=<>", ("http:", "host", None, "/a%20b/%C3%A4?%C3%B6=%3C%3E", None)),
    ("http://bücher.example/", ("http:", "xn--bcher-kva.example", None, "/", None)),
    ("https://host?x", ("https:", "host", None, "/?x", None)),
    ("  http://host/  ", ("http:", "host", None, "/", None)),
    ("http://@host/", ("http:", "host", None, "/", None)),
    ("http://host/a/./b/../c?d=/../e", ("http:", "host", None, "/a/c?d=/../e", None)),
    ("http://host/../a/%2E%2e/b/.", ("http:", "host", None, "/b/", None)),
    ("http://host/a/..", ("http:", "host", None, "/", None)),
    ("http://host/a\\b\\..\\c?d\\e", ("http:", "host", None, "/a/c?d%5Ce", None)),
    ("http://127.0.0.1/", ("http:", "127.0.0.1", None, "/", None)),
    ("http://1.2.3.a/", ("http:", "1.2.3.a", None, "/", None)),
    ("http://host/.a/..b//../.%20", ("http:", "host", None, "/.a/..b/.%20", None)),
])
def test_a_url_gives_the_parts_of_a_request(url: str, expected: tuple[Any, ...]) -> None:
    assert parse_url(url) == expected
    assert parse_url(urlsplit(url.strip())) == expected


@pytest.mark.parametrize("url", [
    "", "host/path", "//host/", "http://", "http:///path", "http://host:port/", "http://host:70000/", "http://[::1/",
    "http://host/\r\nX: y", "http://ho\tst/", "http://ho st/", "http://a\\b/", "http://" + "ü" * 70 + "/",
    r"http://a\@b/x", r"http://a@b\@c/", r"http://a:1\@b", "http://a%20b/", "http://a%41/", "http://256.1.1.1/", "http://1.2.3/",
    "http://1.2.3.4.5/", "http://0x7f.1/", "http://0177.0.0.1/", "http://2130706433/", "http://a.5/", "http://a.0x/",
])
def test_what_is_no_url_raises(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_url(url)
    assert caught.value.code == "ERR_INVALID_URL"  # type: ignore[attr-defined]


def test_a_url_of_another_type_raises() -> None:
    with pytest.raises(TypeError) as caught:
        parse_url(b"http://host/")
    assert caught.value.code == "ERR_INVALID_ARG_TYPE"  # type: ignore[attr-defined]


def test_a_url_is_shown_without_its_password() -> None:
    assert str(parse_url("http://user:secret@[::1]:81/x")) == "http://[::1]:81/x"


def test_a_location_is_resolved() -> None:
    assert resolve("http://host/a/b?c", "../d") == "http://host/d"
    assert resolve("http://host/a", "http://other/") == "http://other/"


# --- options --------------------------------------------------------------------------------------------------------

def test_keywords_win_over_the_url() -> None:
    found = options("http://one:81/path", hostname="two", port="82", path="/other", auth="a:b", method="post")
    assert (found.host, found.port, found.path, found.auth, found.method) == ("two", 82, "/other", "a:b", "POST")
    assert found.connect == {"host": "two", "port": 82}


def test_a_url_wins_over_host_as_in_node() -> None:
    assert options("http://one/", host="two").host == "one"
    assert options("http://one/", host="two", hostname="three").host == "three"


def test_empty_auth_says_nothing() -> None:
    assert "authorization" not in options("http://user:pass@host/", auth="").own_headers


def test_hostname_wins_over_host() -> None:
    assert options(host="one", hostname="two").host == "two"


def test_defaults_are_those_of_node() -> None:
    found = options()
    assert (found.host, found.port, found.path, found.method) == ("localhost", 80, "/", "GET")
    assert found.authority == "localhost"
    assert found.set_host


@pytest.mark.parametrize(("keywords", "expected"), [
    ({"host": "h", "port": 80}, "h"), ({"host": "h", "port": 8080}, "h:8080"), ({"host": "::1"}, "[::1]"),
    ({"host": "[::1]", "port": 81}, "[::1]:81"), ({"host": "h:9"}, "h:9"),
])
def test_authority_names_the_port_where_it_is_not_the_usual_one(keywords: dict[str, Any], expected: str) -> None:
    assert options(**keywords).authority == expected


def test_a_socket_path_replaces_the_port_and_the_host_stays_for_who_verifies_it() -> None:
    assert options(socket_path="/run/x.sock", host="h").connect == {"path": "/run/x.sock", "host": "h"}


@pytest.mark.parametrize(("keywords", "error", "code"), [
    ({"path": "/a b"}, ValueError, "ERR_UNESCAPED_CHARACTERS"),
    ({"path": "/\r\n"}, ValueError, "ERR_UNESCAPED_CHARACTERS"),
    ({"path": "/ä"}, ValueError, "ERR_UNESCAPED_CHARACTERS"),
    ({"path": 1}, TypeError, "ERR_INVALID_ARG_TYPE"),
    ({"path": 0}, TypeError, "ERR_INVALID_ARG_TYPE"),
    ({"path": b""}, TypeError, "ERR_INVALID_ARG_TYPE"),
    ({"auth": "\ud800"}, ValueError, "ERR_INVALID_ARG_VALUE"),
    ({"method": "G T"}, ValueError, "ERR_INVALID_HTTP_TOKEN"),
    ({"method": 1}, TypeError, "ERR_INVALID_ARG_TYPE"),
    ({"host": 1}, TypeError, "ERR_INVALID_ARG_TYPE"),
    ({"hostname": b"h"}, TypeError, "ERR_INVALID_ARG_TYPE"),
    ({"protocol": "ftp:"}, ValueError, "ERR_INVALID_PROTOCOL"),
    ({"url": "https://h/"}, ValueError, "ERR_INVALID_PROTOCOL"),
    ({"port": 70000}, ValueError, "ERR_SOCKET_BAD_PORT"),
    ({"timeout": -1}, ValueError, "ERR_OUT_OF_RANGE"),
    ({"auth": 1}, TypeError, "ERR_INVALID_ARG_TYPE"),
    ({"max_redirects": -1}, ValueError, "ERR_OUT_OF_RANGE"),
    ({"max_redirects": sys.maxsize}, ValueError, "ERR_OUT_OF_RANGE"),
    ({"create_connection": 1}, TypeError, "ERR_INVALID_ARG_TYPE"),
    ({"http_validation": "lax"}, ValueError, "ERR_INVALID_ARG_VALUE"),
])
def test_wrong_options_raise_as_in_node(keywords: dict[str, Any], error: type[Exception], code: str) -> None:
    with pytest.raises(error) as caught:
        options(**keywords)
    assert caught.value.code == code  # type: ignore[attr-defined]


def test_an_unknown_option_raises() -> None:
    with pytest.raises(TypeError, match="'colour'"):
        options(colour="red")


# --- proxies --------------------------------------------------------------------------------------------------------

def proxied(no_proxy: str, host: str, port: int = 80) -> bool:
    return Proxies({"HTTP_PROXY": "http://proxy:3128", "NO_PROXY": no_proxy}).proxy_for("http:", host, port) is not None


@pytest.mark.parametrize(("no_proxy", "host", "expected"), [
    ("", "example.org", True), ("*", "example.org", False), ("example.org", "example.org", False),
    ("example.org", "a.example.org", False), ("example.org", "badexample.org", True),
    (".example.org", "example.org", True), (".example.org", "a.example.org", False),
    ("*.example.org", "a.example.org", False), ("a, b ,EXAMPLE.org", "Example.Org", False),
    ("10.0.0.0/8", "10.1.2.3", False), ("10.0.0.0/8", "11.1.2.3", True), ("10.0.0.1-10.0.0.9", "10.0.0.5", False),
    ("10.0.0.1-10.0.0.9", "10.0.0.10", True), ("::1", "::1", False), ("example.org:81", "example.org", True),
    ("example.org:80", "example.org", False), ("[::1]:80", "::1", False),
])
def test_no_proxy_lists_who_is_asked_directly(no_proxy: str, host: str, expected: bool) -> None:
    assert proxied(no_proxy, host) is expected


def test_lower_case_wins() -> None:
    proxy = Proxies({"HTTP_PROXY": "http://upper", "http_proxy": "http://lower:1"}).proxy_for("http:", "host", 80)
    assert proxy is not None
    assert (proxy.host, proxy.port) == ("lower", 1)


def test_a_cgi_program_does_not_take_its_clients_header_for_a_proxy() -> None:
    environment = {"HTTP_PROXY": "http://evil", "REQUEST_METHOD": "GET"}
    assert Proxies(environment).proxy_for("http:", "host", 80) is None


@pytest.mark.parametrize("url", ["socks5://proxy", "proxy:3128", "http://"])
def test_a_proxy_that_is_none_raises(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        Proxies({"http_proxy": url})
    assert "HTTP_PROXY" in str(caught.value)
    assert caught.value.code == "ERR_PROXY_INVALID_CONFIG"  # type: ignore[attr-defined]
