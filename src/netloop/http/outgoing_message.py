"""OutgoingMessage: a message that is written; what `ServerResponse` and `ClientRequest` have in common.

It is a `Writable` that puts a head before what is written, and frames it.  From the program to the wire:

    set_header(), ...       kept by lower-case name until the head is made
    _frame(length)          the head is made: at the first write(), with the length of the body still unknown (-1), or
                            at an end() that brings the whole body, with its length; `headers_sent` from then on
    write() -> _transmit    chunks are framed as the head says, and go to the outlet
    end()   -> _finish      the rest goes: the last chunk, with trailers
    _on_sent_all()          hook: nothing more comes of this message; the outlet may serve the next one

What is framed, and where it waits for its outlet, is in `framed_message`; here is what programs call.

The way of nearly every response is `end(data)` with nothing before it and nobody listening: then head and body are
serialised as one, nothing is queued, and no event is put on a tick.  Should somebody listen after that, he still hears of
`finish` and `close`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from ..encoding import encode
from ..errors import ArgumentTypeError, StateError, invalid_type
from ..events.listener import call_fitting
from ..loop import current
from ..stream.state import WritableState
from ..stream.writing import end, write
from .chunks import last_chunk
from .framed_message import FramedMessage
from .framing import FIXED, NO_BODY

if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Self

    from ..loop import Loop
    from ..stream.state import Done
    from .head import Headers

__all__ = ["OutgoingMessage"]

_FIXED, _NO_BODY = FIXED, NO_BODY


class OutgoingMessage(FramedMessage):
    """A message that is written: its headers (see `OutgoingHeaders`), its body, and its trailers.

    Attributes:
        send_date: add a Date header (default True for responses).
        strict_content_length: a body that differs from its Content-Length raises (default True; Node's is False).  If not, it
            is the last on its connection: where it ends nobody knows.
        chunked_encoding: the body is sent in chunks, once the head was made.
        should_keep_alive: whether the connection may go on after this message.

    Events:
        prefinish, finish: everything was handed to the operating system.
        drain: write() returned False, and now nothing waits any more.
        timeout (the socket, for a server): it was idle for the time of `set_timeout`.
        error (exception), close: see `Stream`.

    Source: https://nodejs.org/api/http.html#class-httpoutgoingmessage
    """

    if TYPE_CHECKING:
        send_date: bool
        use_chunked_encoding_by_default: bool

    def __init__(self) -> None:
        self._start(None)

    def _start(self, loop: Loop | None) -> None:
        """It names every field, for the message may be one that served before."""
        state = self._writable_state
        if state is None:
            state = WritableState.__new__(WritableState)
        WritableState.start(state)
        state.direct = True
        # As _set_up does it, without what no message has: this is done for each one.
        self._loop = current() if loop is None else loop
        self._readable_state = None  # type: ignore[assignment]
        self._writable_state = state
        self.destroyed = self.closed = False
        self.errored = None
        self._constructed = self._emit_close = self._auto_destroy = True
        self._construct_answered = self._destroy_answered = self._error_emitted = False
        self.strict_content_length = self.should_keep_alive = self.use_chunked_encoding_by_default = True
        self.send_date = self._framed = self._flush_wanted = self._sent_all = self._events_owed = False
        self._framing = _NO_BODY
        self._content_length = -1
        self._start_line = ""
        self._headers = self._outlet = self._unsent_head = self._length = self._trailers = self._waiting = None
        self._sent_callback = self._final_callback = self._timeout = self._joined_names = self._removed = None

    # --- the body ------------------------------------------------------------------------------------------------

    def write(self, chunk: Any, encoding: str | Done | None = None, callback: Done | None = None) -> bool:
        """Send a chunk of the body; False means: wait for `drain` before more.  It is accepted in any case.

        The first one sends the head.  Where there can be no body (HEAD, 204, 304) it is ignored.

        Raises:
            StateError: more than Content-Length said (ERR_HTTP_CONTENT_LENGTH_MISMATCH).
            ArgumentTypeError: `chunk` is None (ERR_STREAM_NULL_VALUES) or no data (ERR_INVALID_ARG_TYPE).

        Source: https://nodejs.org/api/http.html#outgoingmessagewritechunk-encoding-callback
        """
        if encoding is not None and callable(encoding):
            encoding, callback = None, encoding
        if callback is not None:
            check_callback(callback)
        if type(chunk) is not bytes:
            chunk = _as_bytes(chunk, encoding)
        if self._writable_state.ending:
            self._refuse_late(callback)
            return False
        if not (self.destroyed or self.errored is not None):
            if not self._framed:
                self._frame(-1)
            if self._framing == _NO_BODY:
                self._refuse_body(chunk)
            elif self._framing == _FIXED:
                self._count(len(chunk), False)
        return write(self, chunk, None, callback)

    def end(self, chunk: Any = None, encoding: str | Done | None = None, callback: Done | None = None) -> Self:
        """Send the last chunk, if one is given, and finish the message; returns it.

        When nothing was written before, the body is all of `chunk`, and the head says its length.

        Raises:
            StateError: the body is not as long as Content-Length said (ERR_HTTP_CONTENT_LENGTH_MISMATCH).

        Source: https://nodejs.org/api/http.html#outgoingmessageendchunk-encoding-callback
        """
        if callable(chunk):
            chunk, callback = None, chunk
        elif encoding is not None and callable(encoding):
            encoding, callback = None, encoding
        if callback is not None:
            check_callback(callback)
        if chunk is not None and type(chunk) is not bytes:
            chunk = _as_bytes(chunk, encoding)
        if self._writable_state.ending and chunk is not None:
            self._refuse_late(callback)
        elif self._writable_state.ending or self.destroyed or self.errored is not None:
            end(self, chunk, None, callback)
        elif callback is not None or not self._end_at_once(chunk):
            self._end_in_steps(chunk, callback)
        return self

    def _end_at_once(self, chunk: bytes | None) -> bool:
        """The short way, see the module; False when there is a reason for the other."""
        outlet = self._outlet
        if outlet is None or self._framed or self._listeners is not None or self._trailers is not None:
            return False
        body = b"" if chunk is None else chunk
        self._frame(len(body))
        self._check_whole(body)
        self._send_whole(body)
        return True

    def _end_in_steps(self, chunk: bytes | None, callback: Done | None) -> None:
        if not self._framed:
            self._frame(0 if chunk is None else len(chunk))
        self._check_whole(chunk)
        outlet = self._outlet
        if outlet is None:
            end(self, chunk, None, callback)
            return
        outlet.hold()
        try:
            end(self, chunk, None, callback)
        finally:
            outlet.release()

    def _refuse_late(self, callback: Done | None) -> None:
        """A write after the end is an error, but not one of the message, which may be on the wire."""
        self._loop.next_tick(self._tell_late_write, (callback,))

    def _tell_late_write(self, callback: Done | None) -> None:
        error = StateError("write after end", "ERR_STREAM_WRITE_AFTER_END")
        if callback is not None:
            call_fitting(callback, (error,))
        if not self.destroyed:
            self._emit_error(error)

    def add_trailers(self, headers: Headers) -> None:
        """Fields to send after a chunked body, which it is if a `Trailer` field announces them; else they are dropped.

        Raises as `set_header` does, and ERR_INVALID_ARG_VALUE for a field that must not be a trailer.

        Source: https://nodejs.org/api/http.html#outgoingmessageaddtrailersheaders
        """
        last_chunk(headers)                     # checks them
        self._trailers = headers

    # --- afterwards ----------------------------------------------------------------------------------------------

    def _listener_added(self, event: Hashable) -> None:
        if self._events_owed and event in ("prefinish", "finish", "close"):
            self._events_owed = False
            self._loop.next_tick(self._tell_late)

    def _tell_late(self) -> None:
        self._announce("prefinish")
        self._announce("finish")
        self.destroy()

    def set_timeout(self, timeout: float | timedelta, callback: Callable[..., object] | None = None) -> Self:
        """Set the idle timeout of the socket, in milliseconds, as soon as there is one; returns the message.

        `callback` is a once-listener for `timeout`.

        Source: https://nodejs.org/api/http.html#outgoingmessagesettimeoutmsecs-callback
        """
        if callback is not None:
            check_callback(callback)
            self.once("timeout", callback)
        if self._outlet is None:
            self._timeout = timeout
        elif hasattr(self._outlet.stream, "set_timeout"):
            self._outlet.stream.set_timeout(timeout)
        return self

    @property
    def finished(self) -> bool:
        """Deprecated: the same as `writable_ended`."""
        return self._writable_state.ending

    def pipe(self, destination: Any, *, end: bool = True) -> Any:
        """Raises StateError (ERR_STREAM_CANNOT_PIPE): there is nothing to read here."""
        raise StateError("Cannot pipe, not readable", "ERR_STREAM_CANNOT_PIPE")


def check_callback(callback: Any) -> None:
    """Now: called later, what is no function would raise where nobody can catch it."""
    if not callable(callback):
        raise invalid_type("callback", "a function", callback)


def _as_bytes(chunk: Any, encoding: Any) -> bytes:
    if type(chunk) is str and encoding is None:
        return _as_utf8(chunk)
    if isinstance(chunk, str):
        return encode(chunk, encoding or "utf8")
    if isinstance(chunk, (bytes, bytearray, memoryview)):
        return bytes(chunk)
    if chunk is None:
        raise ArgumentTypeError("May not write null values to stream", "ERR_STREAM_NULL_VALUES")
    raise invalid_type("chunk", "bytes, bytearray, memoryview or str", chunk)


def _as_utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")             # by name, which compiles to the short way
    except UnicodeEncodeError:
        return encode(text, "utf8")             # which has a character in place of half a pair
