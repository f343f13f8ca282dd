"""ClientRequest: a request that is written, and the events of what comes back.

A request asks its agent for a connection, and is given one (`_assign`) when there is one; on the next tick it begins to
write (`_begin`).  What the connection hears comes in by `_on_information`, `_on_response`, `_on_upgrade`; how it ends by
`_exchange_over`, `_on_response_lost` and `_on_connection_lost`.

A kept connection may close just when a request is sent on it, which is nobody's fault: see `_may_replay`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

from ..diagnostics import channel
from ..stream.signals import when_aborted
from .client_faults import aborted, hang_up
from .client_head import RequestHead
from .client_steps import BODY, HEAD, SEND, SOCKET, RequestSteps
from .framing import CHUNKED
from .headers import decode, merge
from .outgoing_message import OutgoingMessage

if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Self

    from ..stream.state import Callback, Done
    from .client_connection import ClientConnection
    from .client_options import RequestOptions
    from .client_response import Response
    from .incoming_message import IncomingMessage
    from .message_head import MessageHead
    from .outlet import Outlet
    from .settings import ParserSettings
    from .signatures import request_off, request_on

__all__ = ["ClientRequest", "Information"]

_START = channel("http.client.request.start")
_SENT = channel("http.client.request.sent")
_RESPONSE = channel("http.client.response")
_END = channel("http.client.request.end")
_ERROR = channel("http.client.request.error")
_REPLAY = channel("http.client.request.replay")

_SOCKET, _SEND, _HEAD, _BODY = SOCKET, SEND, HEAD, BODY
_CHUNKED = CHUNKED
IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"))      # RFC 9110 section 9.2.2
REPLAYED_BODY_SIZE = 65536      # bytes: a larger body is not kept for a replay


class Information(NamedTuple):
    """An informational response: what `information` is emitted with."""

    status_code: int
    status_message: str
    http_version: str
    http_version_major: int
    http_version_minor: int
    headers: dict[str, Any]
    raw_headers: list[str]


class ClientRequest(RequestHead):
    """A request, made by `http.request` or `http.get`.

    Attributes:
        agent: who gives it a connection.
        method, protocol, host: what it asks, and where.
        reused_socket: whether its connection has served a request before.
        steps: a `RequestSteps`: how long what took.
        response: the response (an `IncomingMessage`), once it came.

    Events:
        socket (stream): it has a connection, which may be connecting still.
        response (IncomingMessage): the head of the response came.  Without a listener a body that is larger than the
            buffer is thrown away; a smaller one is there for an ``await`` that comes later.
        continue, information (Information): the server said 100, or another 1xx.
        upgrade (response, stream, head), connect (response, stream, head): the connection has left HTTP, and is
            yours; `head` are bytes that came already.  Without a listener it is closed.
        timeout: nothing moved for the time of `set_timeout`, or of the agent's.  It only reports.
        finish: the request was handed to the operating system.  `stream.finished` and `stream.pipeline` wait for this.
        error (exception): there will be no response; then `close` follows.  Its notes say what was tried.
        close: the request and its response are done.
        abort: `abort` was called.  Deprecated.

    ``await request`` gives a `Response`; see there.

    Source: https://nodejs.org/api/http.html#class-httpclientrequest
    """

    if TYPE_CHECKING:  # typed events, see events/signatures.py
        on = add_listener = once = request_on                      # type: ignore[assignment]
        prepend_listener = prepend_once_listener = request_on      # type: ignore[assignment]
        off = remove_listener = request_off

        agent: Any
        reused_socket: bool
        aborted: bool
        steps: RequestSteps
        response: IncomingMessage | None
        _settings: ParserSettings
        _connection: ClientConnection | None    # while it serves this
        _idle_ms: int | None
        _sent_body: bytes | None
        _replayed: bool
        _over: bool
        _unheard: bool                          # nobody listened to `response`
        _unsent: bool                           # the stream below lost the end of it
        _response_closed: bool
        _forget_signal: Callable[[], None] | None

    def __init__(self, options: RequestOptions, agent: Any) -> None:
        self._start(None)
        self.steps = RequestSteps()
        self.agent = agent
        self._settings = options.settings
        self.response = self._connection = self._forget_signal = self._sent_body = None
        self.reused_socket = self.aborted = self._replayed = self._over = self._response_closed = False
        self._unheard = self._unsent = False
        self._idle_ms = options.timeout
        self.should_keep_alive = getattr(agent, "keep_alive", False) or getattr(agent, "max_sockets", inf) != inf
        self._start_head(options)
        if options.signal is not None:
            self._forget_signal = when_aborted(options.signal, self.destroy)
        if _START.subscribers is not None:
            _START.publish({"request": self, "method": self._method, "url": options.url})
        if not self.destroyed:
            agent.add_request(self, options)

    # --- the connection -------------------------------------------------------------------------------------------------

    def _assign(self, connection: ClientConnection, reused: bool) -> None:
        """There is a connection, from the next tick on."""
        self._connection = connection
        self.reused_socket = reused
        self.steps.over(_SOCKET)
        self.steps.connects = getattr(connection.socket, "connecting", False)

    def on_socket(self, socket: Any, error: Exception | None = None) -> None:
        """For agents of another kind: the request gets this stream, for itself alone, or this error.

        Source: lib/_http_client.js; not documented in Node.
        """
        if error is not None:
            self.destroy(error)
        elif self.destroyed:
            socket.destroy()
        else:
            from .agent import Agent
            Agent()._serve_on(socket, self, self._options)

    # --- sending -------------------------------------------------------------------------------------------------

    def end(self, chunk: Any = None, encoding: str | Done | None = None, callback: Done | None = None) -> Self:
        """Send the last chunk of the body, if one is given, and finish the request; returns it.  See `OutgoingMessage`."""
        if not self._framed and (chunk is None or callable(chunk)):
            self._sent_body = b""
        elif not self._framed and type(chunk) is bytes and len(chunk) <= REPLAYED_BODY_SIZE:
            self._sent_body = chunk
        OutgoingMessage.end(self, chunk, encoding, callback)
        return self

    def _make_head(self, length: int) -> bytes:
        head = RequestHead._make_head(self, length)
        if self._connection is not None:
            self._connection.expect(self)
        return head

    def _begin(self, outlet: Outlet) -> None:
        """Write what waits, and from now on at once."""
        socket = outlet.stream
        idle_ms = self._idle_ms if self._idle_ms is not None else getattr(self.agent, "timeout", None) or 0
        if (getattr(socket, "timeout", None) or 0) != idle_ms:
            socket.set_timeout(idle_ms)  # type: ignore[attr-defined]
        if self._has_listeners("socket"):
            self._tell("socket", socket)
            if self.destroyed:
                return
        if self._replayed and self._sent_all:
            outlet.send(self._sent_head + (self._sent_body or b""), self._on_sent)
            return
        if self._expecting and not self._framed:
            self.flush_headers()
        self._attach(outlet)

    def _on_sent_all(self) -> None:
        self.steps.over(_SEND)
        if _SENT.subscribers is not None:
            _SENT.publish({"request": self})
        if self._writable_state.finished:
            self._on_writable_finish()

    def _on_sent(self, error: Exception | None = None) -> None:
        """The stream below has the last of it; what goes wrong there, the connection tells, unless it is done with this."""
        if error is None:
            OutgoingMessage._on_sent(self)
        else:
            self._unsent = True
            self._close_if_done()

    def _on_writable_finish(self) -> None:
        """The request was sent; it ends with its response."""
        if self._connection is not None:
            self._connection._finish_exchange()
        else:
            self._close_if_done()

    def _closes_when_over(self) -> bool:
        """As in Node, `finished` and `pipeline` are done with a request that was written."""
        return False

    # --- what the connection hears -------------------------------------------------------------------------------

    def _on_information(self, head: MessageHead) -> None:
        if head.status == 100:
            self._tell("continue")
        if self._has_listeners("information"):
            fields = head.fields
            self._tell("information", Information(head.status, head.reason, f"1.{head.minor_version}", 1,
                                                  head.minor_version, merge(fields), decode(fields)))

    def _on_response(self, response: IncomingMessage, leaving: bool) -> None:
        self.response = response
        response.join_duplicate_headers = self._options.join_duplicate_headers
        self.steps.over(_HEAD)
        if _RESPONSE.subscribers is not None:
            _RESPONSE.publish({"request": self, "response": response, "status": response.status_code})
        if leaving:
            return
        response.on("close", self._on_response_closed)
        self._unheard = not self._tell("response", response)

    def _on_upgrade(self, stream: Any, head: bytes) -> None:
        event = "connect" if self._method == "CONNECT" else "upgrade"
        self._exchange_over()
        self._on_response_closed()
        if not self._tell(event, self.response, stream, head):
            stream.destroy()

    def _on_timeout(self, response: IncomingMessage | None) -> None:
        self._announce("timeout")
        if response is not None and not response.complete:
            response._announce("timeout")

    # --- how it ends ---------------------------------------------------------------------------------------------

    def _exchange_over(self) -> None:
        """The connection is done with this request."""
        self._over = True
        self._connection = None
        self._detach()
        self._close_if_done()

    def _on_response_closed(self) -> None:
        self._response_closed = True
        self.steps.over(_BODY)
        self._close_if_done()

    def _close_if_done(self) -> None:
        """`close` follows `finish`, unless that cannot come because the server did not read all of the request."""
        if (self._over and (self._response_closed or self._unheard)
                and (self._writable_state.finished or self._unsent or not self._sent_all)):
            self.destroy()

    def _on_response_lost(self, error: Exception | None) -> None:
        """The connection was lost in the middle of the response: that is what tells."""
        response = self.response
        failure = error or aborted()
        self._annotate(failure)
        if _ERROR.subscribers is not None:
            _ERROR.publish({"request": self, "error": failure, "steps_ms": self.steps.milliseconds()})
        self._over = True
        self._connection = None
        self._detach()
        if response is not None:
            self.destroy()
            response._abort(failure)

    def _on_connection_lost(self, connection: ClientConnection, error: Exception | None) -> None:
        """The connection was lost before a response came."""
        self._connection = None
        self._detach()
        if self._may_replay(connection, error):
            self._replay()
        else:
            self.destroy(error or hang_up())

    def _may_replay(self, connection: ClientConnection, error: Exception | None) -> bool:
        """Whether it is safe to send the request once more (RFC 9110 section 9.2.2, RFC 9112 section 9.3.1).

        The connection was a kept one, so it probably was closed before the request arrived; no byte of a response came;
        and either nothing of the request had been sent, or all of it, it is here still, and it is idempotent.
        """
        if not self.reused_socket or connection.responded or self._replayed or self.destroyed:
            return False
        if not self._sent_all:
            return not self._framed or self._head_bytes is not None
        kept = self._sent_body is not None and self._framing != _CHUNKED
        return kept and (self._method in IDEMPOTENT or getattr(error, "code", None) == "EPIPE")

    def _replay(self) -> None:
        self._replayed = True
        self.steps.begin_again()
        if _REPLAY.subscribers is not None:
            _REPLAY.publish({"request": self})
        self.agent.add_request(self, self._options)

    def destroy(self, error: Exception | None = None) -> Self:
        """Give up, and close the connection; returns the request.

        Before a response came `error` follows: the one given, or ECONNRESET "socket hang up"; afterwards the response
        ends with `aborted`, and with `error` for those who listen there.

        Source: https://nodejs.org/api/http.html#requestdestroyerror
        """
        if not self.destroyed:
            if error is None and self.response is None:
                error = hang_up()
            if error is not None:
                self._annotate(error)
            OutgoingMessage.destroy(self, error)
        return self

    def abort(self) -> None:
        """Deprecated: use `destroy`.  Emits `abort` on the next tick as well."""
        if not self.aborted:
            self.aborted = True
            self._loop.next_tick(self._announce_abort)
            self.destroy()

    def _announce_abort(self) -> None:
        self._announce("abort")

    def _destroy(self, error: Exception | None, callback: Callback) -> None:
        connection, self._connection = self._connection, None
        if self._forget_signal is not None:
            self._forget_signal()
            self._forget_signal = None
        response = self.response
        self._detach()
        if connection is not None:
            connection.give_up(self)
            if response is not None:
                response._abort(error or aborted())
        if error is None:
            if _END.subscribers is not None:
                _END.publish({"request": self, "response": response, "steps_ms": self.steps.milliseconds()})
        elif _ERROR.subscribers is not None:
            _ERROR.publish({"request": self, "error": error, "steps_ms": self.steps.milliseconds()})
        callback(error)

    def _annotate(self, error: Exception) -> None:
        """Have the error say what was tried, how long each step took, and where it failed."""
        error.add_note(f"{self._method} {self._options.url}: {self.steps.describe()}")

    @property
    def max_headers_count(self) -> int:
        """How many header fields of the response are kept (default 2000, 0: no limit but the size); more are dropped.

        To be set in the turn in which the request is made.

        Source: https://nodejs.org/api/http.html#requestmaxheaderscount
        """
        return self._settings.max_headers_count

    @max_headers_count.setter
    def max_headers_count(self, count: int | None) -> None:
        self._settings = self._settings.with_max_headers_count(count)

    # --- settings of the connection ------------------------------------------------------------------------------

    def set_timeout(self, timeout: float | timedelta, callback: Callable[[], object] | None = None) -> Self:
        """Emit `timeout` after so many milliseconds in which nothing moved on the connection; 0: never.

        It only reports.  `callback` is a once-listener.

        Source: https://nodejs.org/api/http.html#requestsettimeouttimeout-callback
        """
        from ..timers import milliseconds
        self._idle_ms = milliseconds("timeout", timeout)
        if callback is not None:
            self.once("timeout", callback)
        if self._outlet is not None:
            self._outlet.stream.set_timeout(self._idle_ms)  # type: ignore[attr-defined]
        return self

    def set_no_delay(self, no_delay: bool = True) -> None:
        """`Socket.set_no_delay`, once there is one.  Connections of agents begin with True."""
        self._when_assigned("set_no_delay", no_delay)

    def set_socket_keep_alive(self, enable: bool = False, initial_delay: float | timedelta = 0) -> None:
        """`Socket.set_keep_alive`, once there is one."""
        self._when_assigned("set_keep_alive", enable, initial_delay)

    def _when_assigned(self, method: str, *arguments: Any) -> None:
        def apply(stream: Any) -> None:
            if hasattr(stream, method):
                getattr(stream, method)(*arguments)
        if self._connection is not None:
            apply(self._connection.socket)
        else:
            self.once("socket", apply)

    # --- awaiting ------------------------------------------------------------------------------------------------

    def __await__(self) -> Generator[Any, Any, Response]:
        """Wait for the response; raises what `error` would tell.  Cancelling destroys the request."""
        from .client_response import answer
        return answer(self).__await__()

    def _tell(self, event: str, *arguments: Any) -> bool:
        """Emit an event in the middle of something: what its listeners raise goes to the loop."""
        try:
            return self.emit(event, *arguments)
        except Exception as raised:
            self._loop.report(raised)
            return True

    def __repr__(self) -> str:
        return f"<ClientRequest {self._method} {self._options.url}>"
