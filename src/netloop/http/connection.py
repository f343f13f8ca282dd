"""ServerConnection: the life of one connection of a server, from its first byte to its last.

    bytes in    -> the parser -> on_head: a request and its response, to the listeners
                                 on_body: into the request, which may say that it is full
    bytes out   <- the outlet <- the first of the responses; the others wait until it is their turn

Requests may be pipelined: their responses are kept in order.  The connection stops reading while the request is full,
while too many responses wait, and while the peer does not take what is sent, so no peer makes it keep more than the
high-water marks.

It ends after a response that says so, at the peer's end, after an error, and when a clock (see `clocks`) runs out; or
it is handed over, when the client asks to leave HTTP and somebody listens for that.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

from .._engine.head_lines import EXPECT
from ..diagnostics import channel
from ..errors import StateError, system_error
from ..stream.duplex import Duplex
from ..stream.sink import Sink
from .clocks import Clocks
from .constants import STATUS_CODES
from .faults import ParseError
from .framing import NO_BODY
from .incoming_message import IncomingMessage
from .message_head import MessageHead
from .outlet import Outlet
from .request_parser import RequestParser
from .response_queue import ResponseQueue
from .server_response import ResponseOwner, ServerResponse
from .service import Service

__all__ = ["ServerConnection", "MOST_WAITING"]

MOST_WAITING = 100          # responses: how many pipelined requests are answered at once
_MOST_WAITING = MOST_WAITING
_NO_BODY, _EXPECT = NO_BODY, EXPECT

_START = channel("http.server.request.start")
_SENT = channel("http.server.response.sent")
_CLIENT_ERROR = channel("http.server.client_error")
_LISTENERS = {"end": "on_end", "drain": "on_drain", "timeout": "on_timeout",
              "error": "on_socket_error", "close": "on_close"}


class ServerConnection(ResponseOwner):
    """One connection of a server; see the module."""

    if TYPE_CHECKING:
        service: Service
        socket: Duplex
        outlet: Outlet
        clocks: Clocks
        _incoming: Any              # the Sink that listens to `data`; None when it does not any more
        requests: int
        _parser: RequestParser
        _request: IncomingMessage | None
        _responses: ResponseQueue
        _feeding: bool
        _full: bool
        _stopped: bool
        _gone: bool
        _last: bool
        _answered: ServerResponse | None
        _upgrade: tuple[Any, ...] | None
        _last_words: bytes | None

    def __init__(self, service: Service, socket: Duplex) -> None:
        self.service = service
        self.socket = socket
        self.outlet = Outlet(socket)
        self.clocks = Clocks(self)
        self.requests = 0
        self._parser = RequestParser(self, service.parser_settings)
        self._incoming = self._request = self._answered = self._upgrade = self._last_words = None
        self._responses = ResponseQueue()
        self._feeding = self._full = self._stopped = self._gone = self._last = False

    def start(self, incoming: Sink) -> None:
        """Listen to the socket; what `incoming` gets comes to `on_data`."""
        socket = self.socket
        socket.allow_half_open = True           # it is for us to end it
        self._incoming = incoming
        socket._add("data", incoming, False)
        for event, listener in _LISTENERS.items():
            socket._add(event, getattr(self, listener), False)
        self.clocks.start_first()

    # --- bytes in ------------------------------------------------------------------------------------------------

    def on_data(self, data: bytes) -> None:
        self._feeding = True
        self.outlet.hold()                      # pipelined answers leave together
        try:
            self._parser.feed(data)
        finally:
            self._feeding = False
            outlet = self.outlet
            if outlet.let_go():
                if outlet.is_full():
                    outlet.flush()              # else nobody would tell when it is not any more
                else:
                    self.service.departures.add(outlet, self.socket._loop)
        self._look_around()

    def on_end(self) -> None:
        """The client has finished."""
        if self._gone:
            return
        self._parser.finish()
        if self._gone:
            return
        if self.service.http_allow_half_open and self._responses.count:
            self._last = True
            return
        self._lose_all(None)
        self._end()

    def _look_around(self) -> None:
        """After something happened: read on or stop, and set the clocks."""
        while not self._gone:
            if self._full or self._responses.count >= _MOST_WAITING or self.outlet.is_full():
                if not self._stopped:
                    self._stopped = True
                    self._parser.pause()
                    self.socket.pause()
                break
            if self._stopped:
                self._stopped = False
                self.socket.resume()
            elif not self._parser.paused:
                break
            self._read_on()
        if self._gone:
            return
        if self._request is not None:
            self.clocks.body_is_coming()
        elif not self._parser.is_idle():
            self.clocks.head_is_coming()
        elif self.service.closing and not self._responses.count:
            self._end()
        else:
            self.clocks.nothing_is_coming()

    def _read_on(self) -> None:
        """Parse what was kept."""
        self._feeding = True
        self.outlet.hold()
        try:
            self._parser.resume()
        finally:
            self._feeding = False
            self.outlet.release()

    # --- messages in ---------------------------------------------------------------------------------------------

    def on_head(self, head: MessageHead) -> None:
        service = self.service
        spare = service.take_spare()
        request = service.make_request(self.socket, spare)
        has_body = head.framing != _NO_BODY and head.content_length != 0
        IncomingMessage._open(request, head, self, has_body)
        self.requests += 1
        if _START.subscribers is not None:
            _START.publish({"server": service.server, "request": request})
        if has_body:
            self._request = request
        elif service.optimize_empty_requests:
            IncomingMessage._open_ended(request)
        if head.upgrade and self._take_upgrade(request, head):
            return
        response = service.make_response(request, spare)
        spare = None
        most = service.max_requests_per_socket
        response._belong(self, head.keep_alive and not service.closing and not self._last
                         and (most == 0 or self.requests < most),
                         service.keep_alive_text, service.reject_non_standard_body_writes)
        responses = self._responses
        responses.add(response)
        if responses.count == 1:
            ServerResponse._attach(response, self.outlet)
        elif responses.count >= _MOST_WAITING:
            self._parser.pause()
        if most and self.requests > most:
            service.drop(request, response)
        elif head.minor_version == 1 and head.count(_EXPECT):
            service.expect(request, response, head.value(_EXPECT) or b"")
        else:
            service.handle("request", request, response)
            if response._sent_all:
                service.give_back(response, 2)      # `request`, and the response's own

    def on_body(self, chunk: bytes) -> None:
        request = self._request
        if request is not None and not IncomingMessage._receive(request, chunk) and self._request is request:
            if self._upgrade is not None:
                self.client_error(StateError("the body before the upgrade is too large", "ERR_HTTP_BODY_TOO_LARGE"), 413)
                return
            self._full = True
            self._parser.pause()

    def on_message_complete(self, trailers: list[bytes] | None) -> None:
        self.clocks.message_came()
        request = self._request
        if request is not None:
            self._request = None
            self._full = False
            IncomingMessage._complete_with(request, trailers)

    def on_error(self, error: ParseError) -> None:
        self.client_error(error, error.status)

    def read_body(self, message: IncomingMessage) -> None:
        """The request has room again."""
        if self._full and message is self._request:
            self._full = False
            if not self._feeding:
                self.socket._loop.next_tick(self._look_around)
            elif self._responses.count < _MOST_WAITING:
                self._parser.resume()

    def message_destroyed(self, message: IncomingMessage, error: Exception | None) -> None:
        """A program destroyed a request: nobody waits for the rest, nor for an answer."""
        if not self._gone and (not message.complete or message in [response.req for response in self._responses.all()]):
            self.socket.destroy()

    # --- responses out -------------------------------------------------------------------------------------------

    def response_sent(self, response: ServerResponse) -> None:
        """The outlet has all of the first response."""
        responses = self._responses
        responses.remove_first()
        response._detach()
        self.clocks.active = True
        request = response.req
        if _SENT.subscribers is not None:
            _SENT.publish({"server": self.service.server, "request": request, "response": response})
        if self._gone:
            return
        if not response.should_keep_alive:
            self._last = True
            self._lose_all(request)
            self._end()
            return
        IncomingMessage._dump(request)
        if request is self._request:
            self._full = False
        elif IncomingMessage._is_ending(request):
            self._answered = response
            self.socket._loop.next_tick_of(_listeners_done, self)
        following = responses.first
        if following is not None:
            ServerResponse._attach(following, self.outlet)
        else:
            self._after_responses()
        if not self._feeding:
            self._look_around()
        elif self.outlet.is_full():
            self._parser.pause()

    def _after_responses(self) -> None:
        """No response is under way: do what waited for that."""
        if self._last_words is not None:
            self.outlet.send(self._last_words)
            self._end(True)
        elif self._upgrade is not None and len(self._upgrade) == 3:
            self._hand_over()
        elif self._last or (self.service.closing and self._request is None and not self._feeding):
            self._end()

    def response_destroyed(self, response: ServerResponse) -> None:
        """A program gave up: the client must not take what it got for an answer."""
        if not self._gone:
            self.socket.destroy()

    # --- leaving HTTP --------------------------------------------------------------------------------------------

    def _take_upgrade(self, request: IncomingMessage, head: MessageHead) -> bool:
        """Whether this request leaves HTTP, which is for the listeners to say."""
        event = "connect" if head.method == "CONNECT" else "upgrade"
        if self.service.wants(event, request):
            self._upgrade = event, request
            return True
        if event == "connect":
            self.socket.destroy()
            return True
        head.upgrade = False                    # then it is a request like others
        return False

    def on_upgrade(self, rest: bytes) -> None:
        if self._upgrade is None:
            return
        self._upgrade = *self._upgrade, rest
        if self._responses.count:
            self.socket.pause()
        else:
            self._hand_over()

    def _hand_over(self) -> None:
        assert self._upgrade is not None
        event, request, rest = self._upgrade
        self._upgrade = None
        self._let_go()
        state = self.socket._readable_state
        state.flow_decided = state.flowing = state.paused = False   # until somebody wants the data
        self.service.hand_over(event, request, self.socket, rest)

    def _let_go(self) -> None:
        """The socket is not ours any more."""
        self._gone = True
        self.outlet.flush()
        self.clocks.stop()
        self._parser.close()
        self.service.forget(self)
        self.socket._remove_newest("data", self._incoming)
        self._incoming = None
        for event, listener in _LISTENERS.items():
            self.socket._remove_newest(event, getattr(self, listener))

    # --- what goes wrong -----------------------------------------------------------------------------------------

    def client_error(self, error: Exception, status: int) -> None:
        """The client sent something that is no request, or was too slow."""
        if self._gone or self._last:
            return
        if _CLIENT_ERROR.subscribers is not None:
            _CLIENT_ERROR.publish({"server": self.service.server, "error": error, "socket": self.socket})
        self._parser.close()
        self._last = True
        begun = self._give_up_request()
        if self.service.tell_client_error(error, self.socket):
            return
        if begun or self.socket.destroyed:
            self.socket.destroy()
            return
        self._last_words = (f"HTTP/1.1 {status} {STATUS_CODES.get(status, 'Bad Request')}\r\n"
                            "Connection: close\r\n\r\n").encode()
        if not self._responses.count:
            self._after_responses()

    def _give_up_request(self) -> bool:
        """Abort the request that is coming in, and its response; whether that was begun already."""
        request, self._request = self._request, None
        if request is None:
            return False
        request._abort(_aborted())
        response = self._responses.newest()
        if response is None or response.req is not request:
            return False
        self._responses.remove_newest()
        begun = response._framed
        response._lose_connection()
        return bool(begun)

    def time_is_up(self) -> None:
        """The request did not come in time."""
        if not self._stopped:
            self.client_error(StateError("Request timeout", "ERR_HTTP_REQUEST_TIMEOUT"), 408)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._responses.count and self._request is None and self._upgrade is None and self._parser.is_idle()

    def on_socket_error(self, error: Exception) -> None:
        if not self.service.tell_client_error(error, self.socket):
            self.socket.destroy()

    def on_timeout(self) -> None:
        """The socket is idle: somebody may want to know, else that is the end of it."""
        heard = self._request is not None and self._request.emit("timeout")
        if self._responses.first is not None:
            heard = self._responses.first.emit("timeout", self.socket) or heard
        if not self.service.server.emit("timeout", self.socket) and not heard:
            self.socket.destroy()

    def on_drain(self) -> None:
        self._look_around()

    # --- the end -------------------------------------------------------------------------------------------------

    def _end(self, linger: bool = False) -> None:
        """Send what is left, and finish; `linger` when the client may be sending still."""
        if self._gone:
            return
        self._last = True
        self._parser.close()
        linger = linger or self._request is not None
        self.outlet.flush()
        self.socket.end()
        if linger:
            # Who closes with bytes unread resets the connection, and the answer is lost: let the client finish first.
            self.socket.resume()
            self.clocks.linger()
        elif self.socket.writable_finished:
            self.socket.destroy()
        else:
            self.socket.once("finish", self.close)

    def finish_soon(self) -> None:
        """The server closes: end after the responses that are under way."""
        newest = self._responses.newest()
        if self.idle:
            self.close()
        elif newest is not None and not newest._framed:
            newest.should_keep_alive = False

    def close(self) -> None:
        """Now."""
        self.socket.destroy()

    def on_close(self, had_error: bool = False) -> None:
        """The socket is closed."""
        if self._gone:
            return
        self._gone = True
        self._incoming = None
        self.clocks.stop()
        self._parser.close()
        self.service.forget(self)
        self._lose_all(None)

    def _lose_all(self, answered: IncomingMessage | None) -> None:
        """The client will not hear the responses that are left."""
        request = self._request
        for response in self._responses.take_all():
            self.service.client_gone(response)
            if response.req is not request and response.req is not answered:
                response.req._abort(_aborted())
            response._lose_connection()
        if request is not None and request is not answered:
            self._request = None
            request._abort(_aborted())


def _listeners_done(connection: ServerConnection) -> None:
    """A listener for the end of the request has answered it, as most do that read a body."""
    response, connection._answered = connection._answered, None
    if response is not None:
        connection.service.give_back(response, 1)


def _aborted() -> OSError:
    """What a request gets whose client went away."""
    return system_error(errno.ECONNRESET, "read")
