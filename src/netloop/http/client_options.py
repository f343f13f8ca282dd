"""RequestOptions: what `http.request` was asked for, checked before anything is opened.

A URL gives protocol, hostname, port, path and auth; keywords of these names win over it.  What concerns the connection
alone is collected in `connect`, as `net.connect` takes it: the agent opens connections with that, and tells by a part of
it which of them are alike.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..addresses.arguments import check_port
from ..errors import ArgumentValueError, invalid_type, invalid_value, out_of_range, unknown_option
from ..timers import milliseconds
from .client_url import URL, parse_url
from .outgoing_headers import joined_names
from .settings import ParserSettings
from .tokens import is_target, is_token, validate_header_value

if TYPE_CHECKING:
    from datetime import timedelta

    from ..events import AbortSignal
    from .head import Headers

__all__ = ["RequestOptions", "CONNECT_NAMES", "DEFAULT_SETTINGS", "MAX_REDIRECTS", "basic", "url_options"]

CONNECT_NAMES = frozenset((
    "family", "hints", "local_address", "local_port", "lookup", "auto_select_family",
    "auto_select_family_attempt_timeout", "no_delay", "keep_alive", "keep_alive_initial_delay", "type_of_service",
    "block_list", "high_water_mark"))
MAX_REDIRECTS = 20          # what max_redirects=True stands for; as browsers have it (https://fetch.spec.whatwg.org)
_MOST_REDIRECTS = 2**31 - 1

DEFAULT_SETTINGS = ParserSettings()
_NO_URL = URL("", "", None, "", None)
_parse_url = lru_cache(maxsize=256)(parse_url)      # programs ask for the same few URLs again and again


class RequestOptions:
    """The options of a request; `http.request` documents them."""

    if TYPE_CHECKING:
        protocol: str
        host: str
        port: int
        path: str
        method: str
        timeout: int | None
        signal: AbortSignal | None
        connect: dict[str, Any]         # what `net.connect` gets
        only_address: bool              # nothing but host and port is in there
        proxy: URL | None               # that `Proxies.apply` found for it; its address is in `connect`
        own_headers: dict[str, tuple[str, Any]]     # Host and Authorization, as `OutgoingHeaders` keeps them

    def __init__(self, url: Any, expected_protocol: str, default_port: int, connect_names: frozenset[str], *,
                 protocol: str | None = None, host: str | None = None, hostname: str | None = None,
                 port: int | str | None = None, socket_path: Any = None, method: str | None = None, path: str | None = None,
                 auth: str | None = None, headers: Headers | None = None, set_host: bool | None = None,
                 set_default_headers: bool = True, timeout: float | timedelta | None = None,
                 signal: AbortSignal | None = None, create_connection: Callable[..., object] | None = None,
                 max_redirects: int | bool = 0,
                 max_header_size: int | None = None, max_headers_count: int | None = None,
                 http_validation: str | None = None, insecure_http_parser: bool | None = None,
                 join_duplicate_headers: bool = False, unique_headers: list[str] | None = None,
                 **connect: Any) -> None:
        unknown = connect.keys() - connect_names
        if unknown:
            from .client_keywords import RequestKeywords
            raise unknown_option(f"{expected_protocol.removesuffix(':')}.request", min(unknown),
                                 connect_names.union(RequestKeywords.__annotations__))
        parts = _NO_URL if url is None else _parse_url(url) if type(url) is str else parse_url(url)
        self.protocol = _checked_protocol(protocol or parts.protocol or expected_protocol, expected_protocol)
        other_host = _checked_host(host, "host")
        self.host = _checked_host(hostname, "hostname") or parts.host or other_host or "localhost"
        self.port = check_port("port", port) if port is not None else default_port if parts.port is None else parts.port
        self.default_port = default_port
        self.socket_path = socket_path
        self.method = "GET" if method is None else checked_method(method)
        self.path = checked_path(parts.path or "/" if path is None or path == "" else path)
        self.auth = _checked_auth(auth) if auth is not None else parts.auth
        self.headers = headers
        self.set_default_headers = set_default_headers
        self.set_host = set_default_headers if set_host is None else set_host
        self.timeout = None if timeout is None else milliseconds("timeout", timeout)
        self.signal = signal
        if create_connection is not None and not callable(create_connection):
            raise invalid_type("create_connection", "a function", create_connection)
        self.create_connection = create_connection
        self.max_redirects = _checked_redirects(max_redirects)
        self.join_duplicate_headers = join_duplicate_headers
        self.joined_names = joined_names(unique_headers)
        self.settings = DEFAULT_SETTINGS
        if not (max_header_size is None and max_headers_count is None and http_validation is None
                and insecure_http_parser is None):
            self.settings = ParserSettings(max_header_size=max_header_size, max_headers_count=max_headers_count,
                                           http_validation=http_validation, insecure_http_parser=insecure_http_parser)
        self.own_headers = _own_headers(self.authority if self.set_host else None, self.auth or None)
        self.connect = connect
        self.proxy = None
        self.only_address = not connect and socket_path is None
        connect["host"] = self.host         # with a path too: it is whom TLS verifies, and tells origins apart
        if socket_path is not None:
            connect["path"] = socket_path
        else:
            connect["port"] = self.port

    @property
    def authority(self) -> str:
        """The value of Host: the port is left out where it is the protocol's own (RFC 9110 section 7.2)."""
        host = f"[{self.host}]" if self.host.count(":") > 1 else self.host
        return host if self.port == self.default_port else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The absolute URL, without user and password; of the server as a whole for ``*`` (RFC 9112 section 3.2.4)."""
        return self.url_of(self.path)

    def url_of(self, path: str) -> str:
        """The same for another path."""
        return self.absolute(path) if path == "*" or path.startswith("/") else f"{self.protocol}//{self.authority} {path}"

    def absolute(self, path: str) -> str:
        """A path in absolute-form, which proxies are asked in (RFC 9112 section 3.2.2).

        Raises ERR_INVALID_ARG_VALUE for what is no path: the proxy would ask another server than the one that was named.
        """
        if path == "*":
            return f"{self.protocol}//{self.authority}"
        if not path.startswith("/"):
            raise invalid_value("path", "'*', or to begin with '/', where a proxy is asked", path)
        return f"{self.protocol}//{self.authority}{path}"


@lru_cache(maxsize=256)
def url_options(url: str, protocol: str, default_port: int, connect_names: frozenset[str]) -> RequestOptions:
    """The options of a request that has nothing but a URL: nobody changes them, so they are made once."""
    return RequestOptions(url, protocol, default_port, connect_names)


@lru_cache(maxsize=256)
def _own_headers(authority: str | None, auth: str | None) -> dict[str, tuple[str, Any]]:
    """What a request says of itself.  To be copied: it is the same dict each time."""
    headers = {}
    if authority is not None:
        validate_header_value("Host", authority)
        headers["host"] = "Host", authority
    if auth is not None:
        headers["authorization"] = "Authorization", basic(auth)
    return headers


def basic(auth: str) -> str:
    """``user:password`` as the value of (Proxy-)Authorization (RFC 7617)."""
    try:
        encoded = auth.encode()
    except UnicodeEncodeError:
        raise invalid_value("auth", "text without halves of surrogate pairs", auth) from None
    return "Basic " + base64.b64encode(encoded).decode()


# --- checks ---------------------------------------------------------------------------------------------------------

def checked_method(method: Any) -> str:
    """Upper case, as Node sends methods.  Raises ERR_INVALID_ARG_TYPE, ERR_INVALID_HTTP_TOKEN."""
    if not isinstance(method, str):
        raise invalid_type("method", "a str", method)
    if not is_token(method):
        raise ArgumentValueError(f"method must be a valid HTTP token; got {method[:80]!r}", "ERR_INVALID_HTTP_TOKEN")
    return str.upper(method)


def checked_path(path: Any) -> str:
    """A request target.  Raises ERR_INVALID_ARG_TYPE, ERR_UNESCAPED_CHARACTERS."""
    if not isinstance(path, str):
        raise invalid_type("path", "a str", path)
    if not is_target(path):
        raise ArgumentValueError(f"request path contains unescaped characters: {path[:80]!r}", "ERR_UNESCAPED_CHARACTERS")
    return str.__str__(path)


def _checked_protocol(protocol: Any, expected: str) -> str:
    if protocol != expected:
        raise ArgumentValueError(f"protocol {protocol!r} not supported, expected {expected!r}", "ERR_INVALID_PROTOCOL")
    return expected


def _checked_host(host: Any, name: str) -> str:
    if host is None:
        return ""
    if not isinstance(host, str):
        raise invalid_type(name, "a str", host)
    return host.removeprefix("[").removesuffix("]")


def _checked_auth(auth: Any) -> str:
    if not isinstance(auth, str):
        raise invalid_type("auth", "a str 'user:password'", auth)
    return auth


def _checked_redirects(value: Any) -> int:
    if value is True:
        return MAX_REDIRECTS
    if not isinstance(value, int):
        raise invalid_type("max_redirects", "an int, or True", value)
    if not 0 <= value <= _MOST_REDIRECTS:
        raise out_of_range("max_redirects", f"from 0 to {_MOST_REDIRECTS}", value)
    return value
