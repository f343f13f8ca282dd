"""Server: a `net.Server` whose connections speak HTTP/1.1."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Never

from ..errors import check_options, invalid_type, out_of_range
from ..net.server import Server as NetServer
from ..timers import milliseconds
from .accepting import accept
from .checks import Checks
from .incoming_message import IncomingMessage
from .outgoing_headers import joined_names
from .server_response import ServerResponse
from .service import Service
from .settings import ParserSettings

if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Self, Unpack

    from ..net.keywords import ServerKeywords as NetServerKeywords
    from .server_keywords import ServerKeywords
    from .signatures import Exchange, http_server_off, http_server_on

__all__ = ["Server", "create_server"]


class Server(NetServer):
    """A server of HTTP/1.1 over TCP or a UNIX socket.

    `listener` gets each `request`.  It may be a coroutine function.  What it raises is answered with 500 (or ends the
    connection, once the head was sent) and goes to `on_unhandled` of `run`, or to the log: the server lives on.

    Options (keyword arguments), besides those of `net.Server`; times are milliseconds:
        request_timeout: how long a whole request may take (default 300000, 0: no limit); then 408.
        headers_timeout: how long its head may take (default 60000, or `request_timeout` if that is less).
        keep_alive_timeout: how long a connection is kept for the next request (default 65000, 0: no limit).
        keep_alive_timeout_buffer: how much longer than we say it really is kept (default 1000).
        connections_checking_interval: look for requests that are too slow only so often, with one timer for all: these
            live until then (default None, 0: `headers_timeout` and `request_timeout` are exact; Node: 30000).
        max_header_size: bytes of a head (default 16384); then 431.
        max_requests_per_socket: how many requests a connection may send (default 0: any number).
        require_host_header: HTTP/1.1 requests without Host get 400 (default True).
        join_duplicate_headers, http_validation, insecure_http_parser: see `IncomingMessage.headers`, `ParserSettings`.
        unique_headers: names of header fields that responses have once: a list of values is joined by ``; ``.
        reject_non_standard_body_writes: a body where there can be none raises (default False: it is ignored).
        optimize_empty_requests: requests without a body are over when they come: `readable_ended` is True, and they emit
            neither `end` nor `close` (default False).
        should_upgrade_callback: ``callback(request)`` says whether a request with Upgrade may leave HTTP, instead of
            whether `upgrade` has a listener.  One that raises says no.  A plain function: nothing is awaited.
        incoming_message, server_response: subclasses to use.
        cancel_handlers: cancel the task of a coroutine listener when its client goes away (default False).
        high_water_mark: of requests and responses as well (default 64 KiB).
        no_delay: True by default.

    Attributes: `headers_timeout`, `request_timeout`, `keep_alive_timeout`, `keep_alive_timeout_buffer`, `timeout` (0),
    `max_requests_per_socket`, `max_headers_count` (None: 2000), `http_allow_half_open` (False: the client's end ends
    the connection, also when responses are due).

    Events, besides those of `net.Server`:
        request (request, response): an `IncomingMessage`, and the `ServerResponse` that answers it.
        check_continue (request, response): instead, for ``Expect: 100-continue``; else 100 is sent by itself.
        check_expectation (request, response): instead, for any other Expect; else 417 is.
        upgrade (request, socket, head), connect (request, socket, head): the client leaves HTTP.  `head` is what came
            after the request.  Without a listener for `upgrade` it is a request like others; without one for `connect`
            the socket is closed, without an answer.
        client_error (exception, socket): it was no request, or too slow, or the connection failed, or a program destroyed
            a request or response with this error; close the socket.  Without a listener a bad request gets its answer.
        drop_request (request, socket): one more than `max_requests_per_socket`, pipelined behind the last;
            it gets 503.
        timeout (socket): idle for `set_timeout`.  Without a listener the socket is destroyed.

    Source: https://nodejs.org/api/http.html#class-httpserver
    """

    if TYPE_CHECKING:  # typed events, see events/signatures.py
        on = add_listener = once = http_server_on                       # type: ignore[assignment]
        prepend_listener = prepend_once_listener = http_server_on       # type: ignore[assignment]
        off = remove_listener = http_server_off

    _service: Service
    _begins_with = "connection"             # the event that brings a stream to serve

    def __init__(self, listener: Exchange | None = None, *, request_timeout: float | timedelta = 300000,
                 headers_timeout: float | timedelta | None = None, keep_alive_timeout: float | timedelta = 65000,
                 keep_alive_timeout_buffer: float | timedelta = 1000,
                 connections_checking_interval: float | timedelta | None = None, max_header_size: int | None = None,
                 max_requests_per_socket: int = 0, require_host_header: bool = True,
                 join_duplicate_headers: bool = False, http_validation: str | None = None,
                 insecure_http_parser: bool | None = None, unique_headers: Iterable[str] | None = None,
                 reject_non_standard_body_writes: bool = False, optimize_empty_requests: bool = False,
                 should_upgrade_callback: Callable[[IncomingMessage], object] | None = None,
                 incoming_message: type[IncomingMessage] | None = None,
                 server_response: type[ServerResponse] | None = None, cancel_handlers: bool = False,
                 **options: Unpack[NetServerKeywords]) -> None:
        if listener is not None and not callable(listener):
            raise invalid_type("listener", "a function of the request and the response", listener)
        if should_upgrade_callback is not None and not callable(should_upgrade_callback):
            raise invalid_type("should_upgrade_callback", "a function of the request", should_upgrade_callback)
        options.setdefault("no_delay", True)
        super().__init__(None, **options)
        self._parser_options: dict[str, Any] = {
            "max_header_size": max_header_size, "http_validation": http_validation,
            "insecure_http_parser": insecure_http_parser, "require_host_header": require_host_header}
        service = self._service = Service(self)
        interval = milliseconds("connections_checking_interval", connections_checking_interval or 0)
        if interval:
            service.checks = Checks(service.connections, interval)
        service.set_classes(incoming_message, server_response)
        service.join_duplicate_headers = join_duplicate_headers
        service.reject_non_standard_body_writes = reject_non_standard_body_writes
        service.optimize_empty_requests = optimize_empty_requests
        service.joined_names = joined_names(unique_headers)
        mark = options.get("high_water_mark")
        service.high_water_mark = -1 if mark is None else mark
        service.should_upgrade = should_upgrade_callback
        service.cancel_handlers = cancel_handlers
        self.max_headers_count = None
        self.request_timeout = request_timeout
        if headers_timeout is None:
            whole = service.request_timeout
            headers_timeout = min(60000, whole) if whole else 60000
        self.headers_timeout = headers_timeout
        if service.headers_timeout > service.request_timeout > 0:
            raise out_of_range("headers_timeout", "<= request_timeout", headers_timeout)
        self.keep_alive_timeout = keep_alive_timeout
        self.keep_alive_timeout_buffer = keep_alive_timeout_buffer
        self.max_requests_per_socket = max_requests_per_socket
        self.on(self._begins_with, self._serve)
        if listener is not None:
            self.on("request", listener)

    def _serve(self, socket: Any) -> None:
        """The listener for `connection`, or what a subclass has for it; a program may emit that with any Duplex."""
        accept(self._service, socket)

    # --- ending --------------------------------------------------------------------------------------------------

    if not TYPE_CHECKING:
        def listen(self, *args: Any, **options: Any) -> Self:
            """Listen, in any of the forms of `net.Server.listen`.

            Source: https://nodejs.org/api/http.html#serverlisten
            """
            self._service.closing = False
            return super().listen(*args, **options)

    def close(self, callback: Callable[..., object] | None = None) -> Self:
        """Stop accepting, and close idle connections; the others close after the response that is under way.

        Connections that were handed over by `upgrade` or `connect` are not the server's to close.

        Source: https://nodejs.org/api/http.html#serverclosecallback
        """
        super().close(callback)
        self._service.close_soon()
        return self

    def close_idle_connections(self) -> None:
        """Close the connections that wait for a request.

        Source: https://nodejs.org/api/http.html#servercloseidleconnections
        """
        self._service.close_idle()

    def close_all_connections(self) -> None:
        """Close every connection now, also in the middle of a response.

        Source: https://nodejs.org/api/http.html#servercloseallconnections
        """
        self._service.close_all()

    async def shutdown(self, grace: float | timedelta = 10000) -> None:
        """Close gracefully: requests that are under way may finish for `grace` ms, then their connections are closed.

        Returns when the server is closed.  What was handed over by `upgrade` is not waited for.
        """
        from .shutdown import shutdown
        await shutdown(self, milliseconds("grace", grace))

    # --- settings ------------------------------------------------------------------------------------------------

    def set_timeout(self, timeout: float | timedelta = 0, callback: Callable[..., object] | None = None) -> Self:
        """Set the idle timeout of sockets, in milliseconds; 0 (default): none.  `callback` is for `timeout`.

        Source: https://nodejs.org/api/http.html#serversettimeoutmsecs-callback
        """
        self.timeout = timeout
        if callback is not None:
            self.on("timeout", callback)
        return self

    @property
    def timeout(self) -> int:
        """After so many milliseconds in which nothing moved on a connection `timeout` is emitted; 0: never.

        Source: https://nodejs.org/api/http.html#servertimeout
        """
        return self._service.timeout

    @timeout.setter
    def timeout(self, value: float | timedelta) -> None:
        self._service.timeout = milliseconds("timeout", value)

    @property
    def request_timeout(self) -> int:
        """How many milliseconds a whole request may take; 0: any number.

        Source: https://nodejs.org/api/http.html#serverrequesttimeout
        """
        return self._service.request_timeout

    @request_timeout.setter
    def request_timeout(self, value: float | timedelta) -> None:
        self._service.request_timeout = milliseconds("request_timeout", value)

    @property
    def headers_timeout(self) -> int:
        """How many milliseconds the head of a request may take; 0: any number.

        Source: https://nodejs.org/api/http.html#serverheaderstimeout
        """
        return self._service.headers_timeout

    @headers_timeout.setter
    def headers_timeout(self, value: float | timedelta) -> None:
        self._service.headers_timeout = milliseconds("headers_timeout", value)

    @property
    def keep_alive_timeout(self) -> int:
        """How many milliseconds a connection is kept for its next request; 0: any number.

        Source: https://nodejs.org/api/http.html#serverkeepalivetimeout
        """
        return self._service.keep_alive_timeout

    @keep_alive_timeout.setter
    def keep_alive_timeout(self, value: float | timedelta) -> None:
        self._service.set_keep_alive_timeout(milliseconds("keep_alive_timeout", value))

    @property
    def keep_alive_timeout_buffer(self) -> int:
        """How many milliseconds longer a connection is kept than its client is told.

        Source: https://nodejs.org/api/http.html#serverkeepalivetimeoutbuffer
        """
        return self._service.keep_alive_timeout_buffer

    @keep_alive_timeout_buffer.setter
    def keep_alive_timeout_buffer(self, value: float | timedelta) -> None:
        self._service.keep_alive_timeout_buffer = milliseconds("keep_alive_timeout_buffer", value)

    @property
    def max_requests_per_socket(self) -> int:
        """How many requests a connection may send; 0: any number.

        Source: https://nodejs.org/api/http.html#servermaxrequestspersocket
        """
        return self._service.max_requests_per_socket

    @max_requests_per_socket.setter
    def max_requests_per_socket(self, value: int | None) -> None:
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise invalid_type("max_requests_per_socket", "an int or None", value)
        if value is not None and value < 0:
            raise out_of_range("max_requests_per_socket", ">= 0", value)
        self._service.set_max_requests(value or 0)

    @property
    def max_headers_count(self) -> int | None:
        """How many header fields are kept; those beyond are dropped.  None: 2000; 0: no limit."""
        return self._max_headers_count

    @max_headers_count.setter
    def max_headers_count(self, value: int | None) -> None:
        self._service.parser_settings = ParserSettings(max_headers_count=value, **self._parser_options)
        self._max_headers_count = value

    @property
    def http_allow_half_open(self) -> bool:
        """Whether a connection whose client has finished stays open for the responses that are due."""
        return self._service.http_allow_half_open

    @http_allow_half_open.setter
    def http_allow_half_open(self, value: bool) -> None:
        self._service.http_allow_half_open = bool(value)

    def __repr__(self) -> str:
        return "<http." + super().__repr__()[1:]


def create_server(listener: Exchange | None = None, /, *more: Never,
                  **options: Unpack[ServerKeywords]) -> Server:
    """A new server; `listener` is called with each request and its response.  The options are those of `Server`.

        def on_request(request, response):
            response.write_head(200, {"Content-Type": "text/plain"})
            response.end("Hello World\\n")

        http.create_server(on_request).listen(8000)

    Source: https://nodejs.org/api/http.html#httpcreateserveroptions-requestlistener
    """
    try:
        return Server(listener, *more, **options)
    except TypeError:
        from . import server_keywords
        check_options("http.create_server", (listener, *more), options,
                      server_keywords.ServerKeywords.__annotations__)
        raise
