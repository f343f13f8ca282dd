"""Redirects: which request follows a response that points elsewhere.

301, 302 and 303 are followed by GET (HEAD stays HEAD, and 301 and 302 leave other methods but POST as they are); 307 and
308 ask for the same again, body included, which can be done when it was given whole to `end`.

An origin is protocol, host and port.  What is meant for one (Authorization, Cookie, a Host of one's own, the certificate
that we show, the name that we verify) does not go to another.  Between http and https the agent is the other one's
global agent, for the request's own speaks one protocol.

Source: RFC 9110 section 15.4, https://fetch.spec.whatwg.org/#http-redirect-fetch
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentValueError
from .client_faults import too_many_redirects
from .client_options import CONNECT_NAMES, RequestOptions
from .client_url import URL, parse_url, resolve

if TYPE_CHECKING:
    from .client_request import ClientRequest
    from .client_response import Response

__all__ = ["next_request"]

REDIRECTS = frozenset((301, 302, 303, 307, 308))
OF_THE_BODY = frozenset(("content-length", "content-type", "content-encoding", "content-language", "content-location",
                         "transfer-encoding", "expect", "trailer"))
OF_THE_ORIGIN = frozenset(("authorization", "cookie", "host", "proxy-authorization"))
OF_THE_HOST = frozenset(("cert", "key", "passphrase", "pfx", "psk_callback", "secure_context", "servername",
                         "session"))                                                    # options of TLS
DUMPED_SIZE = 65536             # bytes of the body of a redirect that are read to keep the connection
MODULES = {"http:": "netloop.http", "https:": "netloop.https"}


def next_request(response: Response, left: int) -> ClientRequest | None:
    """The request to follow with, sent already; None when `response` is what was wanted.

    Raises StateError (ERR_HTTP_TOO_MANY_REDIRECTS) when none is `left`, ArgumentValueError (ERR_INVALID_URL,
    ERR_INVALID_PROTOCOL) for a place where one cannot go.
    """
    before = response.request
    location = response.headers.get("location")
    if response.status_code not in REDIRECTS or location is None:
        return None
    method = _method(response.status_code, before.method)
    body = before._sent_body if method == before.method else b""
    if body is None:
        return None                     # it was not kept and cannot be sent again: the program shall see the redirect
    _let_pass(response)
    url = resolve(response.url, str(location))
    if left == 0:
        response.destroy()
        raise too_many_redirects(before._options.max_redirects, url)
    return _follow(before, url, method, body)


def _let_pass(response: Response) -> None:
    """Nobody reads the body.  A short one keeps its connection; what may go on for ever is cut off with it."""
    message = response.message
    length = -1 if message._head is None else message._head.content_length
    if message.complete or 0 <= length <= DUMPED_SIZE:
        message._dump()
    else:
        response.destroy()


def _method(status: int, method: str) -> str:
    if status == 303 and method != "HEAD":
        return "GET"
    return "GET" if status in (301, 302) and method == "POST" else method


def _follow(before: ClientRequest, url: str, method: str, body: bytes) -> ClientRequest:
    options = before._options
    parts = parse_url(url)
    if parts.protocol not in MODULES:
        raise ArgumentValueError(f"redirect from {before._url()} to {parts}: another protocol", "ERR_INVALID_PROTOCOL")
    same_protocol = parts.protocol == options.protocol
    same = same_protocol and _same_origin(parts, options)
    headers = {name: value for name, value in _fields(before).items()
               if (same or name.lower() not in OF_THE_ORIGIN)
               and (method == before.method or name.lower() not in OF_THE_BODY)}
    keywords: dict[str, Any] = {name: value for name, value in options.connect.items()
                                if name in CONNECT_NAMES or same or (same_protocol and name not in OF_THE_HOST)}
    for name in ("host", "port", "path"):
        keywords.pop(name, None)
    if same:
        keywords["socket_path"] = options.socket_path
    if same_protocol:
        keywords.update(agent=before.agent, create_connection=options.create_connection)
    # By its name: `https` stands above this package.
    ask = import_module(MODULES[parts.protocol]).request
    following: ClientRequest = ask(
        url, method=method, headers=headers, timeout=options.timeout, signal=options.signal,
        max_redirects=options.max_redirects, join_duplicate_headers=options.join_duplicate_headers,
        unique_headers=options.joined_names, set_host=options.set_host, set_default_headers=options.set_default_headers,
        **keywords)
    following._settings = before._settings
    return following.end(body) if body else following.end()


def _fields(before: ClientRequest) -> dict[str, Any]:
    """The header fields of the request; those that the program gave as a list too."""
    if before._fields is None:
        return {name: before.get_header(name) for name in before.get_raw_header_names()}
    given = before._fields
    pairs = given if given and isinstance(given[0], (tuple, list)) else zip(given[::2], given[1::2], strict=True)
    fields: dict[str, tuple[str, list[Any]]] = {}
    for name, value in pairs:
        values = fields.setdefault(name.lower(), (name, []))[1]
        values.extend(value if isinstance(value, (list, tuple)) else [value])
    return {name: values[0] if len(values) == 1 else values for name, values in fields.values()}


def _same_origin(parts: URL, options: RequestOptions) -> bool:
    return parts.host == options.host and (options.default_port if parts.port is None else parts.port) == options.port
