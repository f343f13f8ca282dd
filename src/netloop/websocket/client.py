"""The opening handshake of a client: a request of `http` that asks for the upgrade (RFC 6455 section 4.1).

    upgrade             the answer is checked, every part of it, and the WebSocket gets the connection
    a redirect          is followed where `follow_redirects` says so; to another origin without what was meant for the first
    any other answer    `unexpected_response` if somebody listens, else an error
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from ..errors import StateError, invalid_value, system_error
from ..loop.origin import add_origin, caller
from ..timers import Timeout, milliseconds, set_timeout
from .client_handshake import check_response, make_key, request_headers
from .errors import HandshakeError
from .handshake import check_protocols
from .options import ConnectionKeywords

if TYPE_CHECKING:
    from datetime import timedelta

    from ..http import ClientRequest
    from .websocket import WebSocket

__all__ = ["Opening", "option_names"]

_SCHEMES = {"ws": "http", "wss": "https", "http": "http", "https": "https"}
_REDIRECTS = (301, 302, 303, 307, 308)
_OF_THE_ORIGIN = ("authorization", "cookie", "host", "proxy-authorization")


class Opening:
    """One opening handshake, with its redirects.

    Options: headers, origin, handshake_timeout (ms, none), follow_redirects (False), max_redirects (10), protocol_version
    (13), finish_request (a function of (request, websocket) that ends the request), and those of `http.request`, or of
    `https.request` for wss.
    """

    def __init__(self, websocket: WebSocket, url: str, protocols: str | Sequence[str] = (), *,
                 headers: dict[str, Any] | None = None, origin: str | None = None,
                 handshake_timeout: float | timedelta | None = None, follow_redirects: bool = False,
                 max_redirects: int = 10, protocol_version: int = 13,
                 finish_request: Callable[[Any, WebSocket], object] | None = None, **request_options: Any) -> None:
        self.url = checked_url(url)
        self._websocket = websocket
        self._protocols = check_protocols([protocols] if isinstance(protocols, str) else protocols)
        self._headers = dict(headers or {})
        self._origin = origin
        self._redirects_left = max_redirects if follow_redirects else 0
        self._follows = follow_redirects
        self._version = protocol_version
        self._finish_request = finish_request
        self._request_options = request_options
        self._over = False
        self._called_at = caller()
        self._request: Any = None
        self._timer: Timeout | None = None
        if handshake_timeout is not None and milliseconds("handshake_timeout", handshake_timeout):
            self._timer = set_timeout(self._on_timeout, handshake_timeout)
        try:
            self._ask()
        except BaseException:
            self._end()
            raise

    def abort(self) -> None:
        """The program has closed the WebSocket already."""
        self._fail(StateError("the WebSocket was closed before the connection was established"))

    # --- asking ------------------------------------------------------------------------------------------------------

    def _ask(self, redirected: bool = False) -> None:
        scheme, rest = self.url.split(":", 1)
        ask: Callable[..., ClientRequest]
        if scheme == "wss":
            from .. import https
            ask = https.request
        else:
            from .. import http
            ask = http.request
        self._key = make_key(os.urandom(16))
        headers = {**self._headers, **request_headers(self._key, self._protocols, self._websocket._options.deflate,
                                                      self._origin, self._version)}
        asked = self._request = ask(f"{_SCHEMES[scheme]}:{rest}", headers=headers, **self._request_options)
        asked.on("upgrade", self._on_upgrade)
        asked.on("response", self._on_response)
        asked.on("error", self._fail)
        if redirected:
            self._websocket._emit_safely("redirect", (self.url, asked))     # who may set headers
        if self._over:
            return
        if self._finish_request is None:
            asked.end()
        else:
            self._finish_request(asked, self._websocket)

    def _on_timeout(self) -> None:
        import errno
        self._fail(system_error(errno.ETIMEDOUT, "handshake"))

    # --- answers -----------------------------------------------------------------------------------------------------

    def _on_upgrade(self, response: Any, socket: Any, head: bytes) -> None:
        if self._over:
            socket.destroy()
            return
        websocket = self._websocket
        websocket._emit_safely("upgrade", (response,))
        try:
            agreement = check_response(response.status_code, response.headers, self._key, self._protocols,
                                       websocket._options.deflate)
        except HandshakeError as error:
            socket.destroy()
            self._fail(error)
            return
        if not self._over:
            self._end()
            websocket._open(socket, head, agreement, False)

    def _on_response(self, response: Any) -> None:
        if self._over:
            response.destroy()
            return
        location = response.headers.get("location")
        if self._follows and location and response.status_code in _REDIRECTS:
            self._redirect(response, location)
        elif self._websocket.listener_count("unexpected_response"):
            self._websocket._emit_safely("unexpected_response", (self._request, response))
        else:
            response.destroy()
            self._fail(HandshakeError(f"Unexpected server response: {response.status_code}", response.status_code))

    def _redirect(self, response: Any, location: str) -> None:
        self._request.remove_listener("error", self._fail)
        self._request.on("error", lambda error: None)
        response.destroy()
        if self._redirects_left == 0:
            self._fail(HandshakeError("too many redirects", response.status_code))
            return
        self._redirects_left -= 1
        before = urlsplit(self.url)
        try:
            self.url = checked_url(urljoin(self.url, location))
            after = urlsplit(self.url)
            if (before.netloc, before.scheme) != (after.netloc, after.scheme):
                self._headers = {name: value for name, value in self._headers.items()
                                 if name.lower() not in _OF_THE_ORIGIN}
                self._request_options.pop("auth", None)
            self._websocket.url = self.url
            self._ask(redirected=True)
        except Exception as error:
            self._fail(error)

    # --- the end -----------------------------------------------------------------------------------------------------

    def _fail(self, error: Exception) -> None:
        if self._over:
            return
        if isinstance(error, HandshakeError):
            parts = urlsplit(self.url)      # without what may be a secret: the user, the query
            add_origin(error, f"WebSocket() for {parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path} was called",
                       self._called_at)
        request = self._request
        self._end()
        if request is not None:
            request.on("error", lambda error: None)
            request.destroy()
        websocket = self._websocket
        if websocket.listener_count("error"):
            websocket._loop.next_tick(websocket._fail_to_open, (error,))
        else:
            websocket._loop.after_first_steps(websocket._fail_to_open, error)

    def _end(self) -> None:
        """It is over.  The request and the timer refer to us, and are let go."""
        self._over = True
        self._request = None
        if self._timer is not None:
            self._timer.close()
            self._timer = None


_OWN_OPTIONS = Opening.__init__.__kwdefaults__ or {}


def option_names() -> set[str]:
    """What `WebSocket` takes: for the connection, for the handshake, and for its request."""
    from ..https import Agent
    from ..https.keywords import RequestKeywords
    return {*ConnectionKeywords.__annotations__, *_OWN_OPTIONS, *RequestKeywords.__annotations__, *Agent.connect_names}


def checked_url(url: str) -> str:
    """The URL with the scheme ws or wss.

    Raises:
        ArgumentValueError: it has another scheme, no host, or a fragment.
    """
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or parts.scheme not in _SCHEMES or not parts.hostname or "#" in url:
        raise invalid_value("url", "like ws://host/path or wss://host/path, without a fragment", url)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    return parts._replace(scheme=scheme, path=parts.path or "/").geturl()
