"""IncomingMessage: a message that comes in: a request at a server, a response at a client.

It is a `Readable` of the body; its fields are in `incoming_headers`.

Whoever owns the connection is the message's source:

    message._open(head, source, has_body)
    message._receive(chunk)             the next of the body; False: no more until ``source.read_body(message)``
    message._complete_with(trailers)    all of it came
    message._dump()                     nobody will read the rest
    message._pass_by()                  the same, unless somebody reads it already
    message._abort(error)               the connection was lost; if that was before all came, it is cut short
    message._lose(error)                the same for a request: also if nobody had all of it, for nobody is there to answer

and offers two methods: ``read_body(message)``, the message has room again; ``message_destroyed(message, error)``, a
program destroyed it before it was complete, or read to its end.  A message without a body is complete when it is
opened, and costs no event unless somebody listens.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Protocol

from .._engine.references import is_ours_alone
from .._engine.text import is_text
from ..errors import invalid_type
from ..loop import current
from ..stream.flow import read, resume_now
from ..stream.intake import push
from ..stream.readable import Readable
from ..stream.state import ReadableState
from .incoming_headers import IncomingHeaders
from .message_head import MessageHead

if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Self

    from ..events import AbortSignal
    from ..events.abort import AbortController
    from ..loop import Loop
    from ..net.signatures import OneSocket
    from ..net.socket import Socket
    from ..stream import Duplex
    from ..stream.state import Callback
    from .signatures import incoming_off, incoming_on

__all__ = ["IncomingMessage", "MessageSource"]


class MessageSource(Protocol):
    """The connection that a message comes from."""

    def read_body(self, message: IncomingMessage) -> object: ...
    def message_destroyed(self, message: IncomingMessage, error: Exception | None) -> object: ...


class IncomingMessage(IncomingHeaders):
    """A message that comes in.

    Attributes:
        socket: the connection (None for a message that a program made; a Duplex where a program gave the server one).
        method, url: of a request: "GET", and the request target as it came.
        status_code, status_message: of a response.
        complete: whether all of it came; look at it at `end`.

    Events:
        data (chunk), end: the body.
        aborted: the connection was lost before the message was complete.  Deprecated in Node: `close` tells too.
        error (exception): the same, as ECONNRESET; only for those who listen.
        timeout (socket): it was idle for the time of `set_timeout`, and the message is not complete.
        close: the message is done.  The socket may live on.

    Source: https://nodejs.org/api/http.html#class-httpincomingmessage
    """

    if TYPE_CHECKING:  # typed events, see events/signatures.py
        on = add_listener = once = incoming_on                      # type: ignore[assignment]
        prepend_listener = prepend_once_listener = incoming_on      # type: ignore[assignment]
        off = remove_listener = incoming_off

        # As they are where one asks for them: all but `url` are None in messages that have no such thing.
        socket: Socket
        method: str
        url: str
        status_code: int
        status_message: str
        complete: bool
        aborted: bool
        _source: MessageSource | None
        _controller: AbortController | None
        _dumped: bool
        _unheard_resume: bool       # it began to flow, and nobody was told
        _unheard_end: bool          # it is over, and nobody was told

    def __init__(self, socket: Duplex | None = None) -> None:
        self._start(socket, current() if socket is None else socket._loop)

    def _start(self, socket: Duplex | None, loop: Loop) -> None:
        """What __init__ does; to call a C function is cheaper than to call a class.

        It names every field, for the message may be one that served before: see `_is_spare`.
        """
        state = self._readable_state
        if state is None:
            state = ReadableState.__new__(ReadableState)
        ReadableState.start(state)
        state.continuous = True
        state.sync = False          # what comes is pushed after the listeners had the message
        # As _set_up does it, without what no message has: this is done for each one.
        self._loop = loop
        self._readable_state = state
        self._writable_state = None  # type: ignore[assignment]
        self.destroyed = self.closed = False
        self.errored = None
        self._constructed = self._emit_close = self._auto_destroy = True
        self._construct_answered = self._destroy_answered = self._error_emitted = False
        self.socket = socket        # type: ignore[assignment]
        self.method = self.status_code = self.status_message = None     # type: ignore[assignment]
        self.url = ""
        self.complete = self.aborted = self.join_duplicate_headers = self._dumped = self._unheard_resume = False
        self._unheard_end = False
        self._head = self._source = self._headers_read = self._trailer_fields = self._controller = None

    def _is_ending(self) -> bool:
        """Whether the listeners for `end` are being called."""
        return self._readable_state.end_emitted and not self.closed

    def _is_spare(self, references: int) -> bool:
        """Whether it is over, nobody listens any more, and these are all the references to it."""
        return (self.complete and not self._is_ending() and self._controller is None
                and self._listeners is None and not self._monitored and self._warned is None
                and self._max_listeners is None and self._capture_rejections is None
                and is_ours_alone(self, references))

    # --- for its source ------------------------------------------------------------------------------------------

    def _open(self, head: MessageHead, source: MessageSource, has_body: bool) -> None:
        """Begin."""
        self._head = head
        self._source = source
        if head.status:
            self.status_code = head.status
            self.status_message = head.reason
        else:
            self.method = head.method
            self.url = head.url
        if not has_body:
            self.complete = True
            self._readable_state.ended = True

    def _open_ended(self) -> None:
        """It has no body, and nobody shall hear of its end: the stream is over before anybody had it."""
        self._dumped = self.destroyed = self.closed = True
        self._readable_state.end_emitted = True

    def _receive(self, chunk: bytes) -> bool:
        """Take a chunk of the body; whether there is room for more."""
        if self._dumped:
            return True
        return push(self, chunk)

    def _complete_with(self, trailers: list[bytes] | None) -> None:
        """All of it came."""
        if self.complete:
            return
        self.complete = True
        self._trailer_fields = trailers
        self._source = None
        if self.destroyed:
            return
        push(self, None)
        if not self._readable_state.end_due:
            read(self, 0)

    def _dump(self) -> None:
        """Nobody will read the rest: let it pass, and end."""
        if self._dumped or self._readable_state.end_emitted:
            return
        if self.complete and self._listeners is None:
            self._readable_state.drop_buffer()
            self._end_unheard()
            return
        self._dumped = True
        for event in ("data", "readable"):
            self.remove_all_listeners(event)
        self._readable_state.drop_buffer()
        self.resume()

    def _pass_by(self) -> None:
        """It was answered: what nobody reads passes by, unless a task that exists is about to read it."""
        if self._dumped or self._is_read():
            return
        if not self.complete or self._readable_state.length > 0:
            self._loop.after_first_steps(_dump_unread, self)
        elif self._listeners is None:
            self._end_unheard()
        else:
            self._dump()

    def _end_unheard(self) -> None:
        """It is over, and nobody is told; who listens later still is."""
        self._open_ended()
        self._unheard_end = True

    def _is_read(self) -> bool:
        """Whether somebody reads the body, or did, or is about to and has paused it."""
        state = self._readable_state
        return (state.flowing or state.readable_listening or state.did_read
                or (state.paused and self._has_listeners("data")))

    def _abort(self, error: Exception) -> None:
        """The connection is lost.  Those who listen for `error` get this one."""
        if not self.complete:
            self._lose(error)
        elif self._controller is not None:
            self._controller.abort()

    def _lose(self, error: Exception) -> None:
        """The connection is lost, and with it the use of a request that is complete, but was not read to its end."""
        if self.destroyed or (self.complete and (self._dumped or self._readable_state.end_emitted)):
            if self._controller is not None:
                self._controller.abort()
            return
        self._mark_aborted()
        self._source = None
        self.destroy(error)

    def _mark_aborted(self) -> None:
        if not self.aborted:
            self.aborted = True
            self._announce("aborted")
        if self._controller is not None:
            self._controller.abort()

    # --- the stream ----------------------------------------------------------------------------------------------

    def _read(self, size: int) -> None:
        if self._source is not None and not self.complete:
            self._source.read_body(self)

    def _leave(self, error: Exception | None = None) -> None:
        """Who reads a request to its middle may answer all the same: the rest passes by, and the connection lives."""
        source = self._source
        if self.method is not None:
            self._dumped = True
        self.destroy(error)
        if self._dumped and source is not None and not self.complete:
            source.read_body(self)

    def _destroy(self, error: Exception | None, callback: Callback) -> None:
        source, self._source = self._source, None
        if not self._readable_state.end_emitted and not self._dumped:
            self._mark_aborted()
            if source is not None:
                source.message_destroyed(self, error)
        callback(error)

    def _listener_added(self, event: Hashable) -> None:
        if is_text(event, "data") and self._flows_by_itself():
            self._find_sink()
        elif is_text(event, "resume") and self._unheard_resume and not self._readable_state.did_read:
            self._unheard_resume = False
            self._loop.next_tick_of(resume_now, self)
        elif self._unheard_end and event in ("end", "close"):
            self._unheard_end = False
            self._loop.next_tick(self._tell_end)
        else:
            Readable._listener_added(self, event)

    def _tell_end(self) -> None:
        self._announce("end")
        self._emit_closed()

    def _flows_by_itself(self) -> bool:
        """The first listener came, nothing has yet, and nobody has to be asked for it: flow from now on, if so.

        By the way of all streams a tick would follow, to ask the source and to tell `resume`.
        """
        state = self._readable_state
        if (self._source is None or state.flow_decided or state.length > 0 or state.ended or self.destroyed
                or self._listeners is None or not self._listeners.is_single()):
            return False
        state.flow_decided = state.flowing = True
        state.reading = state.need_readable = True      # as if it had been asked
        self._unheard_resume = True
        return True

    def _on_readable_end(self) -> None:
        """Where nobody waits for `close`, nothing has to be put off until it."""
        if type(self) is not IncomingMessage or self._has_listeners("close"):
            Readable._on_readable_end(self)
        elif not self.destroyed:
            self._source = None
            self.destroyed = self.closed = True
            self._listeners = None

    def _emit_closed(self) -> None:
        """Nothing is emitted after that.

        Listeners usually refer to the response, and that to this: they would leave each request to the garbage collector.
        """
        try:
            self._emit0("close")
        finally:
            self._listeners = None

    def _emit_error(self, error: Exception) -> None:
        if self._has_listeners("error"):
            Readable._emit_error(self, error)

    # --- the connection ------------------------------------------------------------------------------------------

    @property
    def connection(self) -> Socket:
        """Deprecated: the same as `socket`."""
        return self.socket

    @property
    def signal(self) -> AbortSignal:
        """An `AbortSignal` for the work on this message: the client went away, or the message was destroyed.

        Source: https://nodejs.org/api/http.html#messagesignal
        """
        if self._controller is None:
            from ..events.abort import AbortController
            self._controller = AbortController()
            if self.aborted or (self.socket is not None and self.socket.destroyed):
                self._controller.abort()
        return self._controller.signal

    def set_timeout(self, timeout: float | timedelta, callback: OneSocket | None = None) -> Self:
        """Set the idle timeout of the socket, in milliseconds; returns the message.  `callback` is for `timeout`.

        Source: https://nodejs.org/api/http.html#messagesettimeoutmsecs-callback
        """
        if callback is not None:
            if not callable(callback):
                raise invalid_type("callback", "a function", callback)
            self.once("timeout", callback)
        if self.socket is not None and hasattr(self.socket, "set_timeout"):     # not every Duplex has a clock
            self.socket.set_timeout(timeout)
        return self

    def __repr__(self) -> str:
        if self._head is None:
            return "<IncomingMessage>"
        what = f"{self.method} {self.url}" if self.status_code is None else f"{self.status_code} {self.status_message}"
        return f"<IncomingMessage {what}{'' if self.complete else ', incomplete'}>"


def _dump_unread(message: IncomingMessage) -> None:
    if not (message.destroyed or message._is_read()):
        message._dump()
