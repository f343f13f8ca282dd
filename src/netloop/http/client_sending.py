"""RequestSending: how a request is written to the connection that it is given, and once more if that was lost.

The way of most requests is `end(body)` in the turn in which they are made: the head is made there, and everything waits
as it is until, on the next tick, there is a connection (`_begin`); then it leaves as one.  Where somebody waits for
`finish`, or the connection is being opened still, it goes through the stream, which knows when the kernel has it.

A kept connection may close just when a request is sent on it, which is nobody's fault: see `_may_replay`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..diagnostics import channel
from ..stream.writing import end
from .client_head import RequestHead
from .client_steps import SOCKET, RequestSteps
from .framing import CHUNKED
from .outgoing_message import OutgoingMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from datetime import timedelta
    from typing import Self

    from ..stream.state import Done
    from .agent_core import Opening
    from .agent_pool import Waiting
    from .client_exchange import ClientExchange
    from .head import OutgoingHead
    from .outlet import Outlet

__all__ = ["RequestSending"]

_SENT = channel("http.client.request.sent")
_REPLAY = channel("http.client.request.replay")

_SOCKET = SOCKET
_CHUNKED = CHUNKED
IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"))      # RFC 9110 section 9.2.2
REPLAYED_BODY_SIZE = 65536      # bytes: a larger body is not kept for a replay
_REPLAYED_BODY_SIZE = REPLAYED_BODY_SIZE


class RequestSending(RequestHead):
    """The part of `ClientRequest` that writes."""

    if TYPE_CHECKING:
        agent: Any
        reused_socket: bool
        steps: RequestSteps
        _connection: ClientExchange | None      # the ClientConnection, while it serves this
        _opening: Opening | Waiting | None      # what gives it a connection, where that is not there at once
        _idle_ms: int                           # of set_timeout; -1: the agent's
        _whole: bytes | None                    # the body, when nothing but a connection is missing
        _sent_body: bytes | None                # kept for a replay, or a redirect
        _stream: Any                            # of the connection, also when this is over
        _begun: bool                            # it was given its connection, and may write
        _replayed: bool
        _unsent: bool                           # the stream below lost the end of it

    def _start_sending(self, agent: Any) -> None:
        self.steps = RequestSteps.__new__(RequestSteps)
        self.steps._begin()
        self.agent = agent
        self._connection = self._opening = self._sent_body = self._whole = self._stream = None
        self.reused_socket = self._begun = self._replayed = self._unsent = False
        self._idle_ms = -1

    # --- the end of the request ----------------------------------------------------------------------------------

    def _end_at_once(self, chunk: bytes | None) -> bool:
        """All of the request is given at once; False when it has to go through the stream."""
        if self._framed or self._trailers is not None or (self._outlet is not None and not self._may_send_whole()):
            return False
        body = b"" if chunk is None else chunk
        self._keep_body(body)
        self._frame_at_end(len(body))
        self._check_whole(body)
        state = self._writable_state
        state.ending = state.ended = True
        if self._outlet is None:
            self._whole = body
        else:
            self._send_whole(body)
        return True

    def _end_in_steps(self, chunk: bytes | None, callback: Done | None) -> None:
        body = b"" if chunk is None else chunk
        self._keep_body(body)
        if not self._framed:
            self._frame_at_end(len(body))
        OutgoingMessage._end_in_steps(self, chunk, callback)

    def _keep_body(self, body: bytes) -> None:
        """Keep the whole body, if it is small, for whoever sends it again: nothing of it was written, no trailers follow."""
        whole = self._framing != _CHUNKED and self._length is None and self._trailers is None
        self._sent_body = body if whole and len(body) <= _REPLAYED_BODY_SIZE else None

    def _frame_at_end(self, length: int) -> None:
        """Make the head.  A request that cannot have one would keep its connection, or its place in the queue, for ever."""
        try:
            self._frame(length)
        except Exception:
            self._abandon()
            raise

    def _abandon(self) -> None:
        """Give up without `error`: who needs to know has an exception."""
        OutgoingMessage.destroy(self)

    def _may_send_whole(self) -> bool:
        return not (self.steps.connects or self._has_listeners("finish") or self._has_listeners("prefinish")
                    or self._writable_state.finish_callbacks is not None)

    # --- the connection is there ---------------------------------------------------------------------------------

    def _assign(self, connection: ClientExchange, socket: Any, reused: bool) -> None:
        """There is a connection, from the next tick on."""
        self._connection = connection
        self._opening = None
        self.reused_socket = reused
        self.steps.over(_SOCKET)
        if not reused:
            self.steps.connects = getattr(socket, "connecting", False)
            self.steps.secures = getattr(socket, "secure_connecting", False)

    def _begin(self, outlet: Outlet) -> None:
        """Write what waits, and from now on at once."""
        self._begun = True
        self._stream = outlet.stream
        if self._has_listeners("socket"):
            self._tell("socket", outlet.stream)
            if self.destroyed:
                return
        if self._replayed and self._sent_all and self._sent_head is not None:
            outlet.send(self._sent_head.serialise(self._start_line, self._sent_body or b""), self._on_sent)
            return
        if self._expecting and not self._framed and not self._flush_expecting():
            return
        body = self._whole
        if body is None:
            self._attach(outlet)
            return
        self._whole = None
        self._outlet = outlet
        if self._may_send_whole():
            self._send_whole(body)
        else:
            self._send_in_steps(body)

    def _wants_to_leave(self) -> bool:
        """Whether the answer may take the connection out of HTTP.

        A tunnel that is opened (2xx) always does.  One that is refused does if somebody listens for `connect`: as in Node he
        gets the stream then, with what the proxy says behind its head.
        """
        return self._has_listeners("connect") if self._method == "CONNECT" else self._upgrading

    def _flush_expecting(self) -> bool:
        """The server is asked before the body is there.  A head that cannot be made has no caller to raise to."""
        try:
            self.flush_headers()
        except Exception as error:
            self.destroy(error)
        return not self.destroyed

    def _send_in_steps(self, body: bytes) -> None:
        outlet, state = self._outlet, self._writable_state
        state.ending = state.ended = False      # only now the stream hears of it
        outlet.hold()  # type: ignore[union-attr]  # _begin has set it
        try:
            end(self, body or None, None, None)
        finally:
            outlet.release()  # type: ignore[union-attr]

    def _complete_head(self, length: int) -> OutgoingHead:
        head = RequestHead._complete_head(self, length)
        if self._connection is not None:
            self._connection.expect(self)
        return head

    def _nothing_sent(self) -> bool:
        return not self._framed or self._unsent_head is not None or self._whole is not None

    # --- it was sent ---------------------------------------------------------------------------------------------

    def _on_sent_all(self) -> None:
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

    def _close_if_done(self) -> None:
        """Hook: something happened after which the request may be over."""

    def _closes_when_over(self) -> bool:
        """As in Node, `finished` and `pipeline` are done with a request that was written; it ends with its response."""
        return False

    def _listener_added(self, event: Hashable) -> None:
        if self._events_owed and event in ("prefinish", "finish"):
            self._events_owed = False
            self._loop.next_tick(self._tell_late)
        elif event == "connect" and self._connection is not None:
            self._connection.expect(self)

    def _tell_late(self) -> None:
        self._announce("prefinish")
        self._announce("finish")

    # --- once more -----------------------------------------------------------------------------------------------

    def _may_replay(self, ended_early: bool, error: Exception | None) -> bool:
        """Whether it is safe to send the request once more (RFC 9110 section 9.2.2, RFC 9112 section 9.3.1).

        The connection was a kept one, and the peer ended it before a byte of a response came, so it probably had when the
        request arrived; and either nothing of the request had been sent, or all of it, it is here still, and it is
        idempotent.  Who closes a connection in a program wants no request on another one.
        """
        if not (self.reused_socket and ended_early) or self._replayed or self.destroyed:
            return False
        if not self._sent_all:
            return self._nothing_sent()
        kept = self._sent_body is not None and self._framing != _CHUNKED
        return kept and (self._method in IDEMPOTENT or getattr(error, "code", None) == "EPIPE")

    def _replay(self) -> None:
        self._replayed = True
        self.steps.begin_again()
        if _REPLAY.subscribers is not None:
            _REPLAY.publish({"request": self})
        self.agent.add_request(self, self._options)

    # --- the connection ------------------------------------------------------------------------------------------

    @property
    def socket(self) -> Any:
        """The stream of its connection, from `socket` on, also when the request is over; None before."""
        return self._stream

    def set_timeout(self, timeout: float | timedelta, callback: Callable[[], object] | None = None) -> Self:
        """Emit `timeout` after so many milliseconds in which nothing moved on the connection; 0: never.

        It only reports.  `callback` is a once-listener.

        Source: https://nodejs.org/api/http.html#requestsettimeouttimeout-callback
        """
        from ..timers import milliseconds
        self._idle_ms = milliseconds("timeout", timeout)
        if callback is not None:
            self.once("timeout", callback)
        if self._connection is not None:
            self._connection._set_idle_timeout(self._idle_ms)
        return self

    def set_no_delay(self, no_delay: bool = True) -> None:
        """`Socket.set_no_delay`, once there is one.  Connections of agents begin with True.

        Source: https://nodejs.org/api/http.html#requestsetnodelaynodelay
        """
        self._when_assigned("set_no_delay", no_delay)

    def set_socket_keep_alive(self, enable: bool = False, initial_delay: float | timedelta = 0) -> None:
        """`Socket.set_keep_alive`, once there is one.

        Source: https://nodejs.org/api/http.html#requestsetsocketkeepaliveenable-initialdelay
        """
        self._when_assigned("set_keep_alive", enable, initial_delay)

    def _when_assigned(self, method: str, *arguments: Any) -> None:
        def apply(stream: Any) -> None:
            if hasattr(stream, method):
                getattr(stream, method)(*arguments)
        if self._connection is not None:
            apply(self._connection.socket)
        else:
            self.once("socket", apply)

    def _tell(self, event: str, *arguments: Any) -> bool:
        """Emit an event in the middle of something: what its listeners raise goes to the loop."""
        try:
            return self.emit(event, *arguments)
        except Exception as raised:
            self._loop.report(raised)
            return True
