"""Redirects: which request follows a response that points elsewhere.

301, 302 and 303 are followed by GET (HEAD stays HEAD, and 301 and 302 leave other methods but POST as they are); 307 and
308 ask for the same again, body included, which can be done when it was given whole to `end`.  What is meant for one
origin (Authorization, Cookie, a Host of one's own) does not go to another.

Source: RFC 9110 section 15.4, https://fetch.spec.whatwg.org/#http-redirect-fetch
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import ArgumentValueError
from .client_faults import too_many_redirects
from .client_functions import request
from .client_options import RequestOptions
from .client_url import URL, parse_url, resolve

if TYPE_CHECKING:
    from .client_request import ClientRequest
    from .client_response import Response

__all__ = ["next_request"]

REDIRECTS = frozenset((301, 302, 303, 307, 308))
OF_THE_BODY = frozenset(("content-length", "content-type", "content-encoding", "content-language", "content-location",
                         "transfer-encoding", "expect", "trailer"))
OF_THE_ORIGIN = frozenset(("authorization", "cookie", "proxy-authorization"))


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
    url = resolve(response.url, str(location))
    response.message._dump()
    if left == 0:
        response.destroy()
        raise too_many_redirects(before._options.max_redirects, url)
    return _follow(before, url, method, body)


def _method(status: int, method: str) -> str:
    if status == 303 and method != "HEAD":
        return "GET"
    return "GET" if status in (301, 302) and method == "POST" else method


def _follow(before: ClientRequest, url: str, method: str, body: bytes) -> ClientRequest:
    options = before._options
    parts = parse_url(url)
    if parts.protocol != options.protocol:
        raise ArgumentValueError(f"redirect from {options.url} to {parts}: another protocol", "ERR_INVALID_PROTOCOL")
    same = _same_origin(parts, options)
    headers = {name: before.get_header(name) for name in before.get_raw_header_names() if name.lower() != "host"}
    for name in list(headers):
        if (not same and name.lower() in OF_THE_ORIGIN) or (method != before.method and name.lower() in OF_THE_BODY):
            del headers[name]
    keywords: dict[str, Any] = {name: value for name, value in options.connect.items()
                                if name not in ("host", "port", "path")}
    if same and options.socket_path is not None:
        keywords["socket_path"] = options.socket_path
    following = request(url, agent=before.agent, method=method, headers=headers, timeout=options.timeout,
                        signal=options.signal, create_connection=options.create_connection,
                        max_redirects=options.max_redirects, join_duplicate_headers=options.join_duplicate_headers,
                        set_host=options.set_host, set_default_headers=options.set_default_headers, **keywords)
    following._settings = options.settings
    return following.end(body) if body else following.end()


def _same_origin(parts: URL, options: RequestOptions) -> bool:
    return parts.host == options.host and (options.default_port if parts.port is None else parts.port) == options.port
