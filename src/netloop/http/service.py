"""Service: what a server of HTTP is over whatever transport: its settings, its connections, its listeners.

`http.Server` has one over TCP, and gives each socket to `accepting.accept`; what is here the connections ask.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Awaitable, Callable
from functools import partial
from types import FunctionType
from typing import TYPE_CHECKING, Any

from ..errors import invalid_type
from ..events.emitter import EventEmitter, is_coroutine
from ..events.listener import call_fitting
from ..stream.duplex import Duplex
from .containment import contain
from .framing import keep_alive_lines
from .incoming_message import IncomingMessage
from .server_response import ServerResponse
from .settings import ParserSettings
from .spare_messages import SpareMessages

if TYPE_CHECKING:
    from asyncio import Task

    from .checks import Checks
    from .connection_ending import ConnectionEnding

__all__ = ["Service"]


class Service:
    """The settings of a server, and how requests reach its listeners."""

    if TYPE_CHECKING:
        server: EventEmitter
        connections: set[ConnectionEnding]
        closing: bool
        parser_settings: ParserSettings
        keep_alive_text: str
        keep_alive_timeout: int
        keep_alive_timeout_buffer: int
        headers_timeout: int
        request_timeout: int
        max_requests_per_socket: int
        http_allow_half_open: bool
        join_duplicate_headers: bool
        reject_non_standard_body_writes: bool
        cancel_handlers: bool
        optimize_empty_requests: bool
        joined_names: frozenset[str] | None     # of `unique_headers`
        timeout: int
        checks: Checks | None                   # instead of clocks that are exact
        high_water_mark: int                    # of requests and responses; -1: the default
        _request_class: type[IncomingMessage] | None
        _response_class: type[ServerResponse] | None
        should_upgrade: Callable[[IncomingMessage], object] | None
        emptied: Any            # an asyncio.Event for those who wait until there are no connections
        spares: SpareMessages
        _usual: Any             # the listener that was seen to take both arguments

    def __init__(self, server: EventEmitter) -> None:
        self.server = server
        self.connections = set()
        self.closing = self.http_allow_half_open = self.join_duplicate_headers = False
        self.reject_non_standard_body_writes = self.cancel_handlers = self.optimize_empty_requests = False
        self.joined_names = None
        self.max_requests_per_socket = self.timeout = 0
        self.high_water_mark = -1
        self.headers_timeout, self.request_timeout, self.checks = 60000, 300000, None
        self.keep_alive_timeout_buffer = 1000
        self._request_class = self._response_class = self.should_upgrade = self.emptied = None
        self._usual = None
        self.spares = SpareMessages()
        self.set_keep_alive_timeout(65000)

    def set_keep_alive_timeout(self, milliseconds: int) -> None:
        self.keep_alive_timeout = milliseconds
        self.keep_alive_text = keep_alive_lines(milliseconds, self.max_requests_per_socket)

    def set_max_requests(self, count: int) -> None:
        self.max_requests_per_socket = count
        self.keep_alive_text = keep_alive_lines(self.keep_alive_timeout, count)

    def set_classes(self, request_class: Any, response_class: Any) -> None:
        """The options `incoming_message` and `server_response`."""
        if request_class is not None and not (
                isinstance(request_class, type) and issubclass(request_class, IncomingMessage)):
            raise invalid_type("incoming_message", "a subclass of IncomingMessage", request_class)
        if response_class is not None and not (
                isinstance(response_class, type) and issubclass(response_class, ServerResponse)):
            raise invalid_type("server_response", "a subclass of ServerResponse", response_class)
        self._request_class = request_class
        self._response_class = response_class
        if request_class is not None or response_class is not None:
            self.spares.most = 0

    # --- connections ---------------------------------------------------------------------------------------------

    def forget(self, connection: ConnectionEnding) -> None:
        """It is closed, or its socket is somebody else's now."""
        self.connections.discard(connection)
        self.spares.answered = None         # which knows its connection
        if self.emptied is not None and not self.connections:
            self.emptied.set()

    def close_idle(self) -> None:
        for connection in [*self.connections]:
            if connection.idle:
                connection.close()

    def close_soon(self) -> None:
        """The server closes: no connection takes another request."""
        self.closing = True
        for connection in [*self.connections]:
            connection.finish_soon()

    def close_all(self) -> None:
        for connection in [*self.connections]:
            connection.close()

    # --- requests ------------------------------------------------------------------------------------------------

    def make_request(self, socket: Duplex, spare: ServerResponse | None) -> IncomingMessage:
        if self._request_class is None:
            request = IncomingMessage.__new__(IncomingMessage) if spare is None else spare.req
            request._start(socket, socket._loop)
        else:
            request = self._request_class(socket)
        request.join_duplicate_headers = self.join_duplicate_headers
        if self.high_water_mark >= 0:
            request._readable_state.high_water_mark = self.high_water_mark
        return request

    def make_response(self, request: IncomingMessage, spare: ServerResponse | None) -> ServerResponse:
        if self._response_class is not None:
            response = self._response_class(request)
        else:
            response = ServerResponse.__new__(ServerResponse) if spare is None else spare
            response._start_for(request)
        response._joined_names = self.joined_names
        if self.high_water_mark >= 0:
            response._writable_state.high_water_mark = self.high_water_mark
        return response

    def handle(self, event: str, request: IncomingMessage, response: ServerResponse) -> bool:
        """Give a request to the listeners for `event`; whether there are any.  What they raise is contained."""
        listeners = self.server._listeners
        found = None if listeners is None else listeners.get(event)
        if found is None:
            return False
        if type(found) is not tuple:
            self._call(found, request, response)
        else:
            for listener in found:
                if not self._call(listener, request, response):
                    break
        return True

    def _call(self, listener: Any, request: IncomingMessage, response: ServerResponse) -> bool:
        """Call one of them; whether the next may be called too."""
        try:
            if listener is self._usual:
                result = listener(request, response)
            else:
                result = call_fitting(listener, (request, response))
                if type(listener) is FunctionType and listener.__code__.co_argcount == 2:
                    self._usual = listener
        except CancelledError:                  # no fault to tell of
            _fail(response)
            return False
        except Exception as error:
            self.request_failed(request, response, error)
            return False
        if result is not None and is_coroutine(result):
            response._task = request._loop.spawn(result, partial(self.request_failed, request, response))
            response._task.add_done_callback(partial(_task_done, response))
        return True

    def request_failed(self, request: IncomingMessage, response: ServerResponse, error: Exception) -> None:
        """A listener raised: the client hears that it failed, and the program why.

        That the client has left in the middle of its request is no failure of the program, which heard of it.
        """
        _fail(response)
        if not (request.aborted and error is request.errored):
            contain(request._loop, error, request)

    def client_gone(self, response: ServerResponse) -> None:
        """The client went away before it had its response."""
        if self.cancel_handlers and response._task is not None:
            response._task.cancel()

    def expect(self, request: IncomingMessage, response: ServerResponse, expectation: bytes) -> None:
        """A request with Expect: the client waits for leave to send its body (RFC 9110 section 10.1.1)."""
        response._expected = True
        if expectation.lower() == b"100-continue":
            if not self.handle("check_continue", request, response):
                response.write_continue()
                self.handle("request", request, response)
        elif not self.handle("check_expectation", request, response):
            response.write_head(417)
            response.end()

    def drop(self, request: IncomingMessage, response: ServerResponse) -> None:
        """Answer a request beyond `max_requests_per_socket`."""
        self.tell_dropped(request)
        response.should_keep_alive = False
        response.write_head(503)
        response.end()

    # --- what else the listeners hear ----------------------------------------------------------------------------

    def wants(self, event: str, request: IncomingMessage) -> bool:
        """Whether a request that asks to leave HTTP may."""
        if event == "upgrade" and self.should_upgrade is not None:
            return self._may_upgrade(request)
        return self.server._has_listeners(event)

    def _may_upgrade(self, request: IncomingMessage) -> bool:
        """What the callback says.  One that fails to say it, or wants to be awaited, has not agreed."""
        try:
            answer = self.should_upgrade(request)  # type: ignore[misc]  # there is one
            if is_coroutine(answer):
                answer.close()
            if isinstance(answer, Awaitable):       # that would be true, whatever it is going to say
                raise invalid_type("should_upgrade_callback", "a plain function", self.should_upgrade)
        except Exception as error:
            contain(request._loop, error, request)
            return False
        return bool(answer)

    def hand_over(self, event: str, request: IncomingMessage, socket: Duplex, rest: bytes) -> None:
        """The socket is the listener's from now on; `rest` came after the request already."""
        try:
            if not self.server.emit(event, request, socket, rest):
                socket.destroy()
        except Exception as error:
            socket.destroy()
            contain(socket._loop, error, request)

    def tell_dropped(self, request: IncomingMessage) -> None:
        self._tell("drop_request", request, request.socket)

    def tell_client_error(self, error: Exception, socket: Duplex) -> bool:
        """Whether somebody listens; then closing the socket is his business."""
        return self._tell("client_error", error, socket)

    def _tell(self, event: str, *arguments: Any) -> bool:
        try:
            return self.server.emit(event, *arguments)
        except Exception as error:
            contain(arguments[1]._loop, error, arguments[0])
            return False


def _fail(response: ServerResponse) -> None:
    """Answer 500, or end the connection if it is too late for that."""
    if not response._answer_failure() and not response.writable_ended:
        response.destroy()


def _task_done(response: ServerResponse, task: Task[Any]) -> None:
    """Whoever cancelled the listener, the client waits for an answer, unless it was its leaving."""
    if task.cancelled() and response._connection is not None:
        _fail(response)
