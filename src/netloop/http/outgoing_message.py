"""OutgoingMessage: a message that is written; what `ServerResponse` and `ClientRequest` have in common.

It is a `Writable` that puts a head before what is written, and frames it.  From the program to the wire:

    set_header(), ...       kept by lower-case name until the head is made
    _frame(length)          the head is made: at the first write(), with the length of the body still unknown (-1), or
                            at an end() that brings the whole body, with its length; `headers_sent` from then on
    write() -> _transmit    chunks are framed as the head says, and go to the outlet
    end()   -> _finish      the rest goes: the last chunk, with trailers
    _on_sent_all()          hook: nothing more comes of this message; the outlet may serve the next one

For subclasses.  A message has no outlet at first; until `_attach(outlet)` gives it one, a write waits in it, and those
behind that one in the stream's queue, so that write() says when it is enough.  `_detach()` takes the outlet away.  To
override: `_complete_head(length)` returns the fields and sets ``_start_line``, ``_framing`` (and ``_content_length``);
`_on_sent_all()`; `_on_outlet_failed(error)`; `_destroy`.

The way of nearly every response is `end(data)` with nothing before it and nobody listening: then head and body are
serialised as one, nothing is queued, and no event is put on a tick.  Should somebody listen after that, he still hears of
`finish` and `close`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from ..encoding import encode
from ..errors import ArgumentTypeError, StateError, invalid_type
from ..loop import current
from ..stream.state import WritableState
from ..stream.writing import end, write
from .chunks import CRLF, LAST_CHUNK, chunk_line, encode_chunk, last_chunk
from .framing import CHUNKED, FIXED, NO_BODY, BodyLength
from .head import OutgoingHead
from .outgoing_headers import OutgoingHeaders
from .outlet import SMALL, Outlet

if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Self

    from ..loop import Loop
    from ..stream import Duplex
    from ..stream.state import Callback, Done
    from .head import Headers

__all__ = ["OutgoingMessage"]

_FIXED, _CHUNKED, _NO_BODY = FIXED, CHUNKED, NO_BODY
_SMALL = SMALL


class OutgoingMessage(OutgoingHeaders):
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
        timeout: the socket was idle for the time of `set_timeout`.
        error (exception), close: see `Stream`.

    Source: https://nodejs.org/api/http.html#class-httpoutgoingmessage
    """

    if TYPE_CHECKING:
        send_date: bool
        strict_content_length: bool
        should_keep_alive: bool
        use_chunked_encoding_by_default: bool
        _outlet: Outlet | None
        _framing: int
        _content_length: int
        _start_line: str
        _unsent_head: OutgoingHead | None
        _length: BodyLength | None
        _trailers: Any
        _waiting: bytes | None
        _sent_callback: Callback | None
        _final_callback: Callback | None
        _flush_wanted: bool
        _sent_all: bool
        _events_owed: bool
        _timeout: Any

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
        self._sent_callback = self._final_callback = self._timeout = self._joined_names = None

    # --- the socket ----------------------------------------------------------------------------------------------

    def _attach(self, outlet: Outlet) -> None:
        """Write to this from now on, what waits first."""
        self._outlet = outlet
        if self._timeout is not None and hasattr(outlet.stream, "set_timeout"):     # not every Duplex has a clock
            outlet.stream.set_timeout(self._timeout)
        if self._flush_wanted:
            self.flush_headers()
        chunk = self._waiting
        if chunk is not None:
            self._waiting = None
            self._transmit(chunk, self._on_sent)
        if self._final_callback is not None:
            callback, self._final_callback = self._final_callback, None
            self._finish(callback)

    def _detach(self) -> None:
        """Nothing more goes to the outlet."""
        self._outlet = None

    @property
    def socket(self) -> Duplex | None:
        """Where the message goes; None before it has a connection, and after the message was sent."""
        return None if self._outlet is None else self._outlet.stream

    @property
    def connection(self) -> Duplex | None:
        """Deprecated: the same as `socket`."""
        return self.socket

    # --- the head ------------------------------------------------------------------------------------------------

    def _complete_head(self, length: int) -> OutgoingHead:
        """Hook: the fields, complete.  `length` is that of the whole body, -1 when it is not known yet."""
        raise NotImplementedError

    def _frame(self, length: int) -> None:
        """Make the head; it leaves with what is sent next."""
        self._unsent_head = self._complete_head(length)
        self._framed = True

    def _take_head(self, body: bytes = b"") -> bytes:
        """The head, unless it was sent, and `body` after it."""
        head = self._unsent_head
        if head is None:
            return body
        self._unsent_head = None
        return head.serialise(self._start_line, body)

    def flush_headers(self) -> None:
        """Send the head now, instead of together with the first chunk.

        Source: https://nodejs.org/api/http.html#outgoingmessageflushheaders
        """
        if not self._framed and not self._writable_state.ending and not self.destroyed:
            self._frame(-1)
        outlet = self._outlet
        self._flush_wanted = outlet is None
        if self._unsent_head is not None and outlet is not None:
            outlet.send(self._take_head())

    @property
    def chunked_encoding(self) -> bool:
        return self._framed and self._framing == _CHUNKED

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
        if type(chunk) is not bytes:
            chunk = _as_bytes(chunk, encoding)
        if not (self._writable_state.ending or self.destroyed or self.errored is not None):
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
        if chunk is not None and type(chunk) is not bytes:
            chunk = _as_bytes(chunk, encoding)
        if self._writable_state.ending or self.destroyed or self.errored is not None:
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

    def _send_whole(self, body: bytes) -> None:
        """Send head and body as one, and be finished."""
        outlet = self._outlet
        if outlet is None:
            return
        if self._framing == _CHUNKED:
            body = encode_chunk(body) + LAST_CHUNK
        elif self._framing == _NO_BODY:
            body = b""
        if len(body) <= _SMALL:
            outlet.send(self._take_head(body))
        else:
            outlet.hold()
            outlet.send(self._take_head())
            outlet.send(body)
            outlet.release()
        state = self._writable_state
        state.ending = state.ended = state.finished = True
        self._events_owed = self._sent_all = True
        self._on_sent_all()

    def _check_whole(self, chunk: bytes | None) -> None:
        """Raise unless the body is as long as its head says, when `chunk` is the last of it."""
        if self._framing == _NO_BODY:
            if chunk:
                self._refuse_body(chunk)
        elif self._framing == _FIXED:
            size = 0 if chunk is None else len(chunk)
            if self._length is None and size == self._content_length:
                return                          # nearly always
            self._count(size, True)

    def _count(self, size: int, last: bool) -> None:
        """Keep a body to the length that its head says, or have it be the last one of its connection."""
        if self._length is None:
            self._length = BodyLength(self._content_length)
        try:
            self._length.add(size)
            if last:
                self._length.finish()
        except StateError:
            if self.strict_content_length:
                raise
            self.should_keep_alive = False

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

    def _refuse_body(self, chunk: bytes) -> None:
        """Hook: a body where there can be none.  By default it is ignored."""

    def add_trailers(self, headers: Headers) -> None:
        """Fields to send after a chunked body; dropped when the body is not chunked.

        Raises as `set_header` does, and ERR_INVALID_ARG_VALUE for a field that must not be a trailer.

        Source: https://nodejs.org/api/http.html#outgoingmessageaddtrailersheaders
        """
        last_chunk(headers)                     # checks them
        self._trailers = headers

    # --- to the outlet -------------------------------------------------------------------------------------------

    def _try_write(self, chunk: bytes) -> int:
        outlet = self._outlet
        if outlet is None or outlet.is_full():
            return -1
        self._transmit(chunk, None)
        return len(chunk)

    def _write(self, chunk: Any, encoding: str, callback: Callback) -> None:
        self._sent_callback = callback
        if self._outlet is None:
            self._waiting = chunk
        else:
            self._transmit(chunk, self._on_sent)

    def _transmit(self, chunk: bytes, callback: Callback | None) -> None:
        """Frame a chunk and send it, the head before it if that is still here."""
        outlet = self._outlet
        if outlet is None:
            return
        before = after = b""
        if self._framing == _NO_BODY:
            chunk = b""
        elif self._framing == _CHUNKED and chunk:
            before, after = chunk_line(len(chunk)), CRLF
        if len(chunk) <= _SMALL:
            outlet.send_soon(self._take_head(before + chunk + after if after else chunk), callback)
            return
        before = self._take_head(before)
        if before:
            outlet.send_soon(before)
        outlet.send_soon(chunk, None if after else callback)
        if after:
            outlet.send_soon(after, callback)

    def _on_sent(self, error: Exception | None = None) -> None:
        """The stream below has passed on what was written."""
        callback, self._sent_callback = self._sent_callback, None
        if callback is None:
            return
        if error is not None:
            self._on_outlet_failed(error)
        else:
            callback(None)

    def _on_outlet_failed(self, error: Exception) -> None:
        """Hook: the connection was lost with something of this message unsent.  By default that is no error of ours."""
        self.destroy()

    def _final(self, callback: Callback) -> None:
        if self._outlet is None:
            self._final_callback = callback
        else:
            self._finish(callback)

    def _finish(self, callback: Callback) -> None:
        """Everything was written: send what belongs to the end."""
        outlet = self._outlet
        data = self._take_head(last_chunk(self._trailers) if self._framing == _CHUNKED else b"")
        self._sent_callback = callback
        if outlet is not None:
            if data:
                outlet.send(data, self._on_sent)
            else:
                outlet.after_all(self._on_sent)
        self._sent_all = True
        self._on_sent_all()

    def _on_sent_all(self) -> None:
        """Hook: the outlet has all of this message; it may not be on the wire yet."""

    # --- afterwards ----------------------------------------------------------------------------------------------

    def _listener_added(self, event: Hashable) -> None:
        if self._events_owed and event in ("prefinish", "finish", "close"):
            self._events_owed = False
            self._loop.next_tick(self._tell_late)

    def _tell_late(self) -> None:
        self._announce("prefinish")
        self._announce("finish")
        self.destroy()

    def set_timeout(self, timeout: float | timedelta, callback: Callable[[], object] | None = None) -> Self:
        """Set the idle timeout of the socket, in milliseconds, as soon as there is one; returns the message.

        `callback` is a once-listener for `timeout`.

        Source: https://nodejs.org/api/http.html#outgoingmessagesettimeoutmsecs-callback
        """
        if callback is not None:
            if not callable(callback):
                raise invalid_type("callback", "a function", callback)
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
        return text.encode()
    except UnicodeEncodeError:
        return encode(text, "utf8")             # which has a character in place of half a pair
