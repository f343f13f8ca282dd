"""ServerConnection: the life of one connection of a server, from its first byte to its last.

    bytes in    -> the parser -> on_head: a request and its response, to the listeners
                                 on_body: into the request, which may say that it is full
    bytes out   <- the outlet <- the first of the responses; the others wait until it is their turn

Requests may be pipelined: their responses are kept in order.  The connection stops reading while the request is full,
while too many responses wait, and while the peer does not take what is sent, so no peer makes it keep more than the
high-water marks; and after a share of requests it lets the other connections and the timers have their turn.

Where several connections are ready at once, a request whose head came alone waits until the heads of all were parsed; then
the listeners are called.  One request runs through more code than the nearest cache of a processor holds, and each
fetched all of it anew; there is room for what comes before the listeners, and for the rest.

How a connection ends is in `connection_ending`.
"""

from __future__ import annotations

from .._engine.head_lines import EXPECT
from .._engine.poller import proceed_later
from ..diagnostics import channel
from ..errors import StateError
from .connection_ending import ENDED, GONE, LAST, ConnectionEnding
from .faults import ParseError
from .framing import NO_BODY
from .incoming_message import IncomingMessage
from .message_head import MessageHead
from .server_response import ServerResponse

__all__ = ["ServerConnection", "MOST_WAITING"]

MOST_WAITING = 100          # responses: how many pipelined requests are answered at once
_MOST_WAITING = MOST_WAITING
_SHARE = 64                 # pipelined requests of one connection, before the others have their turn
_NO_BODY, _EXPECT = NO_BODY, EXPECT
_LAST, _ENDED, _GONE = LAST, ENDED, GONE

_START = channel("http.server.request.start")
_SENT = channel("http.server.response.sent")


class ServerConnection(ConnectionEnding):
    """One connection of a server; see the module."""

    # --- bytes in ------------------------------------------------------------------------------------------------

    def on_data(self, data: bytes) -> None:
        if self._due is not None:
            self.proceed()
        self._feeding = True
        self._share = self.requests + _SHARE
        self.outlet.hold()                      # pipelined answers leave together
        try:
            self._parser.feed(data)
        finally:
            self._feeding = False
            self.outlet.release()
        if self._due is None:
            self._look_around()

    def _look_around(self) -> None:
        """After something happened: read on or stop, and set the clocks, unless what comes next is here and has to wait."""
        self._read_or_stop()
        if self._phase < _GONE and not self._waits_for_turn and (self._upgrade is None or self._request is not None):
            self._set_clocks()

    def _read_or_stop(self) -> None:
        while self._phase < _ENDED:             # then what comes is let pass
            if self.requests >= self._share:
                self._wait_for_turn()
            if self._full or self._waits_for_turn or self._responses.count >= _MOST_WAITING or self.outlet.is_full():
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

    def _wait_for_turn(self) -> None:
        """Much is pipelined: the other connections, and the timers, come first."""
        if not self._waits_for_turn:
            self._waits_for_turn = True
            self.socket._loop.set_immediate(self._take_turn)

    def _take_turn(self) -> None:
        self._waits_for_turn = False
        self._share = self.requests + _SHARE
        self._look_around()

    def _set_clocks(self) -> None:
        """See what comes next, or that nothing does."""
        if self._phase >= _LAST:
            if self._phase < _ENDED and not self._responses.count:
                self._end()
        elif self._request is not None:
            self.clocks.body_is_coming()
        elif not self._parser.is_idle():
            self.clocks.head_is_coming()
        elif (self.service.closing or self._client_finished) and not self._responses.count:
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

    def on_drain(self) -> None:
        self._look_around()

    # --- messages in ---------------------------------------------------------------------------------------------

    def on_head(self, head: MessageHead) -> None:
        service = self.service
        spare = service.spares.take()
        request = service.make_request(self.socket, spare)
        has_body = head.framing != _NO_BODY and head.content_length != 0
        IncomingMessage._open(request, head, self, has_body)
        self.requests += 1
        most = service.max_requests_per_socket
        beyond = most > 0 and self.requests > most
        if _START.subscribers is not None:
            _START.publish({"server": service.server, "request": request})
        if has_body:
            self._request = request
        elif service.optimize_empty_requests:
            IncomingMessage._open_ended(request)
        if head.upgrade and not beyond and self._take_upgrade(request, head):
            return
        response = service.make_response(request, spare)
        spare = None
        response._belong(self, head.keep_alive and not service.closing
                         and (most == 0 or self.requests < most)
                         and (not self._client_finished or self._parser.unread() > 0),
                         service.keep_alive_text, service.reject_non_standard_body_writes)
        responses = self._responses
        responses.add(response)
        if responses.count == 1:
            ServerResponse._attach(response, self.outlet)
        if responses.count >= _MOST_WAITING or self.requests >= self._share:
            self._parser.pause()
        if beyond:
            head.upgrade = False
            service.drop(request, response)
        elif head.minor_version == 1 and head.count(_EXPECT):
            service.expect(request, response, head.value(_EXPECT) or b"")
        elif not self._parser.unread() and self.outlet.is_empty() and proceed_later(request._loop, self):
            self._due = response                    # it came alone: pipelined requests are answered together
        else:
            service.handle("request", request, response)
            if response._sent_all:
                service.spares.give_back(response, 2)      # `request`, and the response's own

    def proceed(self) -> None:
        """If a request waits for its listeners, that is over."""
        response, self._due = self._due, None
        if response is None or response._connection is not self:    # lost meanwhile
            return
        self._feeding = True
        try:
            self.service.handle("request", response.req, response)
            if response._sent_all:
                self.service.spares.give_back(response, 1)
        finally:
            self._feeding = False
        self._look_around()

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
        if self._phase == _GONE:
            return
        IncomingMessage._pass_by(request)
        if not response.should_keep_alive:
            self._last_was_sent(request)
            return
        timed = self._timed
        if timed is not None and (timed._idle is not None or self.service.timeout):
            timed._restore_timeout(self.service.timeout)    # what was set for one message ends with it
        if IncomingMessage._is_ending(request):
            self.service.spares.answered = response     # its listener may still have them
        following = responses.first
        if following is None:
            self._after_responses()
        elif following.destroyed:
            self._end()                         # a program gave it up while it waited
        else:
            ServerResponse._attach(following, self.outlet)
        if self._feeding:
            if self.outlet.is_full():
                self._parser.pause()
        elif self._parser.paused:
            self.socket._loop.next_tick(self._look_around)      # no listener is called within the end() of another
        else:
            self._look_around()

    def _last_was_sent(self, request: IncomingMessage) -> None:
        """The connection ends with this response, but those beyond `max_requests_per_socket` are to hear 503 before."""
        self._phase = max(self._phase, _LAST)
        most = self.service.max_requests_per_socket
        following = self._responses.first
        if most and following is not None and self._responses.count <= self.requests - most:
            ServerResponse._attach(following, self.outlet)
            return
        self._lose_all(request)
        if not (self._feeding and most and self.requests >= most):
            self._end()
