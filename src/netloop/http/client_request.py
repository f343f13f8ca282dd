"""ClientRequest: a request that is written, and the events of what comes back.

A request asks its agent for a connection, and is given one (`_assign`) when there is one; on the next tick it begins to
write (`_begin`, in `client_sending`).  What the connection hears comes in by `_on_information`, `_on_response`,
`_on_upgrade`; how it ends by `_exchange_over`, `_on_response_lost` and `_on_connection_lost`.
"""

from __future__ import annotations

from collections.abc import Generator
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

from ..diagnostics import channel
from .client_ending import RequestEnding
from .client_faults import hang_up
from .client_response import Response, answer
from .client_steps import HEAD
from .headers import decode, merge

if TYPE_CHECKING:
    from .client_options import RequestOptions
    from .incoming_response import IncomingResponse
    from .message_head import MessageHead
    from .settings import ParserSettings
    from .signatures import request_off, request_on

__all__ = ["ClientRequest", "Information"]

_START = channel("http.client.request.start")
_RESPONSE = channel("http.client.response")

_HEAD = HEAD


class Information(NamedTuple):
    """An informational response: what `information` is emitted with."""

    status_code: int
    status_message: str
    http_version: str
    http_version_major: int
    http_version_minor: int
    headers: dict[str, Any]
    raw_headers: list[str]


class ClientRequest(RequestEnding):
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
            yours; `head` are bytes that came already.  Without a listener it is closed.  `connect` tells of a refusal
            too, whose body comes on the stream as it is: look at the status.  Without a listener that is a `response`.
        timeout: nothing moved for the time of `set_timeout`, or of the agent's.  It only reports.
        finish: the request was handed to the operating system.  `stream.finished` and `stream.pipeline` wait for this.
        error (exception): there will be no response, or no more of it; then `close` follows.  Its notes say what was tried.
        close: the request and its response are done.
        abort: `abort` was called.  Deprecated.

    ``await request`` gives a `Response`; see there.  Where the connection leaves HTTP, that is the head of the answer if
    somebody listened for `upgrade` or `connect`, and ECONNRESET if nobody did.

    Source: https://nodejs.org/api/http.html#class-httpclientrequest
    """

    if TYPE_CHECKING:  # typed events, see events/signatures.py
        on = add_listener = once = request_on                      # type: ignore[assignment]
        prepend_listener = prepend_once_listener = request_on      # type: ignore[assignment]
        off = remove_listener = request_off

        _settings: ParserSettings

    def __init__(self, options: RequestOptions, agent: Any) -> None:
        self._start(None)
        self._start_sending(agent)
        self._settings = options.settings
        self._start_ending()
        if options.timeout is not None:
            self._idle_ms = options.timeout
        self.should_keep_alive = getattr(agent, "keep_alive", False) or getattr(agent, "max_sockets", inf) != inf
        self._start_head(options)
        if options.signal is not None:
            self._heed(options.signal)
        if _START.subscribers is not None:
            _START.publish({"request": self, "method": self._method, "url": options.url})
        if not self.destroyed:
            try:
                agent.add_request(self, options)
            except Exception:
                self._abandon()         # nobody has it: it must not stay on its signal either
                raise

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

    # --- what the connection hears -------------------------------------------------------------------------------

    def _on_information(self, head: MessageHead) -> None:
        if head.status == 100:
            self._tell("continue")
        if self._has_listeners("information"):
            fields = head.fields
            self._tell("information", Information(head.status, head.reason, f"1.{head.minor_version}", 1,
                                                  head.minor_version, merge(fields), decode(fields)))

    def _on_response(self, response: IncomingResponse, leaving: bool) -> None:
        self.response = response
        response.join_duplicate_headers = self._options.join_duplicate_headers
        self.steps.over(_HEAD)
        if _RESPONSE.subscribers is not None:
            _RESPONSE.publish({"request": self, "response": response, "status": response.status_code})
        if leaving:
            return
        awaited = self._waiters is not None and self._settle(response, None)
        try:
            self._unheard = not (self._emit1("response", response) or awaited)
        except Exception as raised:
            self._loop.report(raised)

    def _on_upgrade(self, stream: Any, head: bytes) -> None:
        event = "connect" if self._method == "CONNECT" else "upgrade"
        self._connection = None
        self._detach()                          # nothing more of this goes there
        if self._tell(event, self.response, stream, head):
            self._settle(self.response, None)
        else:
            stream.destroy()
            self._miss_upgrade(event)
        self._exchange_over()
        self._on_response_closed()

    def _miss_upgrade(self, event: str) -> None:
        """Nobody listened for `event`, so there is nothing to give to those who await the response."""
        if self._waiters is not None:
            error = hang_up()
            self._annotate(error)
            error.add_note(f"The connection left HTTP, and was closed because nobody listened for {event!r}")
            self._settle(None, error)

    def _on_timeout(self, response: IncomingResponse | None) -> None:
        self._announce("timeout")
        if response is not None and not response.complete:
            response._announce("timeout")

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

    # --- awaiting ------------------------------------------------------------------------------------------------

    def __await__(self) -> Generator[Any, Any, Response]:
        """Wait for the response; raises what `error` would tell.  All who await it get the same one.

        Cancelling destroys the request, unless others await it.
        """
        return answer(self)

    def __repr__(self) -> str:
        return f"<ClientRequest {self._method} {self._url()}>"
