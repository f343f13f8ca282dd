"""RequestEnding: how a request ends, and who hears of it.

A request is over when the connection is done with it, all of it was sent, and its response is closed: then it closes too.
Where the connection is lost before a response came, it is sent again or fails; in the middle of the response, both fail.

Who awaits the response is told directly, without listeners (`_wait`); and where nobody listens to `close`, none is
emitted.  Should somebody listen after that, he still hears of it.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from ..diagnostics import channel
from ..stream.signals import when_aborted
from .client_faults import aborted, hang_up
from .client_sending import RequestSending
from .client_steps import BODY, SEND
from .outgoing_message import OutgoingMessage

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from typing import Self
    from weakref import ref

    from ..stream.state import Callback
    from .client_request import ClientRequest
    from .client_response import Response
    from .incoming_response import IncomingResponse

__all__ = ["RequestEnding"]

_END = channel("http.client.request.end")
_ERROR = channel("http.client.request.error")

_SEND, _BODY = SEND, BODY


class RequestEnding(RequestSending):
    """The part of `ClientRequest` that closes."""

    if TYPE_CHECKING:
        aborted: bool
        response: IncomingResponse | None
        _waiters: list[asyncio.Future[IncomingResponse]] | None
        _awaiting: int                          # tasks that wait for the response, or waited and have it
        _over: bool                             # the connection is done with this
        _response_closed: bool                  # or is empty, and who awaited it need not read
        _cut_short: bool                        # the response was, and nothing says why
        _answered: bool                         # somebody awaited it, and has the response
        _given: ref[Response] | None            # what he has
        _followed: ClientRequest | None         # the request that went where a redirect led
        _unheard: bool                          # nobody listened to `response`
        _close_owed: bool                       # `close` was not emitted, for nobody listened
        _forget_signal: Callable[[], None] | None

    def _start_ending(self) -> None:
        self.response = self._forget_signal = self._waiters = self._given = self._followed = None
        self.aborted = self._over = self._response_closed = self._unheard = self._close_owed = False
        self._answered = self._cut_short = False
        self._awaiting = 0

    # --- with its response ---------------------------------------------------------------------------------------

    def _exchange_over(self) -> None:
        """The connection is done with this request."""
        self._over = True
        self._connection = None
        self._outlet = None
        response = self.response
        if self._answered and response is not None and response._is_empty():
            self._on_response_closed()              # who awaited it has all there is, and need not read
        else:
            self._close_if_done()

    def _on_writable_finish(self) -> None:
        self.steps.over(_SEND)
        if self._connection is None:
            self._close_if_done()
        elif self.response is not None:
            self._connection._finish_exchange()

    def _on_response_closed(self) -> None:
        self._response_closed = True
        self.steps.over(_BODY)
        self._close_if_done()

    def _on_response_destroyed(self, error: Exception | None) -> None:
        """A program destroyed the response before it was complete.  When that is closed, this is, with the same error."""
        self.errored = error
        self._exchange_over()

    def _close_if_done(self) -> None:
        """`close` follows `finish`, unless that cannot come because the server did not read all of the request."""
        if not (self._over and (self._response_closed or self._unheard)) or self.destroyed:
            return
        finished = self._writable_state.finished
        if self.errored is not None:
            self.destroy(self.errored)
        elif finished and self._forget_signal is None and self._waiters is None and not self._has_listeners("close"):
            self.destroyed = self.closed = self._close_owed = True      # as destroy(), and what it does later
            self._publish_end()
        elif finished or self._unsent or not self._sent_all:
            self.destroy()

    # --- without it ----------------------------------------------------------------------------------------------

    def _on_response_lost(self, error: Exception | None) -> None:
        """The connection was lost in the middle of the response."""
        response = self.response
        failure = error or aborted()
        self._cut_short = error is None
        self._over = True
        self._connection = None
        self._detach()
        self.destroy(failure)
        if response is not None:
            response._abort(failure)

    def _on_connection_lost(self, ended_early: bool, error: Exception | None) -> None:
        """The connection was lost before a response came.  `ended_early`: by the peer, before a byte of one came."""
        self._connection = None
        self._detach()
        if self._may_replay(ended_early, error):
            self._replay()
        else:
            self.destroy(error or hang_up())

    # --- because somebody wants it -------------------------------------------------------------------------------

    def destroy(self, error: Exception | None = None) -> Self:
        """Give up, and close the connection; returns the request.

        Before a response came `error` follows: the one given, or ECONNRESET "socket hang up"; afterwards the one given,
        and the response ends with `aborted`, and with `error` for those who listen there.

        Source: https://nodejs.org/api/http.html#requestdestroyerror
        """
        if not self.destroyed:
            if error is None and self.response is None:
                error = hang_up()
            OutgoingMessage.destroy(self, None if error is None else self._annotated(error))
        return self

    def _heed(self, signal: Any) -> None:
        """An aborted signal destroys the request."""
        self._forget_signal = when_aborted(signal, self._on_abort)

    def _on_abort(self, error: Exception) -> None:
        """Where the response was read to its end nothing failed: the request closes, without `error`."""
        response = self.response
        was_read = response is not None and response.complete and response._readable_state.end_emitted
        self.destroy(None if was_read else error)

    def abort(self) -> None:
        """Deprecated: use `destroy`.  Emits `abort` on the next tick as well.

        As in Node there is no `error` where it comes before `socket`: nothing was begun that could fail.

        Source: https://nodejs.org/api/http.html#requestabort
        """
        if not self.aborted:
            self.aborted = True
            self._loop.next_tick(self._announce_late, ("abort",))
            if self._begun:
                self.destroy()
            else:
                self._abandon()

    def _destroy(self, error: Exception | None, callback: Callback) -> None:
        connection, self._connection = self._connection, None
        if self._forget_signal is not None:
            self._forget_signal()
            self._forget_signal = None
        response = self.response
        self._detach()
        opening, self._opening = self._opening, None
        if opening is not None:
            opening.give_up()
        if connection is not None:
            connection.give_up(self)
            if response is not None:
                response._abort(error or self._annotated(aborted()))
        if error is None:
            self._publish_end()
        elif _ERROR.subscribers is not None:
            _ERROR.publish({"request": self, "error": error, "steps_ms": self.steps.milliseconds()})
        callback(error)

    def _publish_end(self) -> None:
        if _END.subscribers is not None:
            _END.publish({"request": self, "response": self.response, "steps_ms": self.steps.milliseconds()})

    def _annotate(self, error: BaseException) -> None:
        """Have the error say what was tried, how long each step took, and where it failed."""
        proxy = self._options.proxy
        by = "" if proxy is None else f" by the proxy {proxy.origin}"
        error.add_note(f"{self._method} {self._url()}{by}: {self.steps.describe()}")

    def _annotated(self, error: Exception) -> Exception:
        self._annotate(error)
        return error

    # --- who hears of it -----------------------------------------------------------------------------------------

    def _wait(self) -> asyncio.Future[IncomingResponse]:
        """The response to come; its failure is not `error`'s any more."""
        future: asyncio.Future[IncomingResponse] = self._loop.asyncio_loop.create_future()
        if self._waiters is None:
            self._waiters = []
        self._waiters.append(future)
        self._awaiting += 1
        return future

    def _wait_no_more(self) -> None:
        """A task was cancelled while it waited, or hears of a failure.  After the last one nobody wants the response."""
        self._awaiting -= 1
        if self._awaiting == 0:
            self.destroy()

    def _settle(self, response: IncomingResponse | None, error: Exception | None) -> bool:
        """Tell those who wait; whether there are any."""
        waiters, self._waiters = self._waiters, None
        if waiters is None:
            return False
        if response is not None:
            self._answered = True
        for future in waiters:
            if future.done():
                continue                    # cancelled, and whoever waited does not know it yet
            if response is not None:
                future.set_result(response)
            else:
                future.set_exception(error or hang_up())
        return True

    def _may_be_awaited_yet(self) -> bool:
        return self.response is None and self._waiters is None

    def _emit_error(self, error: Exception) -> None:
        """What nobody hears is unhandled.  Only that a response was cut short is told once, and if somebody listens."""
        told = self._settle(None, error) or self._answered or self._told_by_response()
        listens = self._has_listeners("error")
        if (listens and not told) if self._cut_short else (listens or not told):
            RequestSending._emit_error(self, error)

    def _told_by_response(self) -> bool:
        """Whether somebody hears of an error there, or has."""
        response = self.response
        return response is not None and (response._error_emitted or response._has_listeners("error"))

    def _emit_closed(self) -> None:
        self._settle(None, self.errored)
        RequestSending._emit_closed(self)

    def _listener_added(self, event: Hashable) -> None:
        if self._close_owed and event == "close":
            self._close_owed = False
            self._loop.next_tick(self._announce_late, ("close",))
        RequestSending._listener_added(self, event)

    def _announce_late(self, event: str) -> None:
        self._announce(event)
