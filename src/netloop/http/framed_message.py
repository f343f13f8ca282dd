"""FramedMessage: the lower half of `OutgoingMessage`, from a chunk to the wire.

    _frame(length)          the head is made, and with it how the body ends: `headers_sent` from then on
    _transmit               a chunk is framed as the head says, and goes to the outlet, the head before it
    _finish                 the rest goes: the last chunk, with trailers
    _send_whole             head and body in one, where nothing went before

A message has no outlet at first; until `_attach(outlet)` gives it one, a write waits in it, and those behind that one in
the stream's queue, so that write() says when it is enough.  `_detach()` takes the outlet away.

For subclasses, to override: `_complete_head(length)` returns the fields and sets ``_start_line``, ``_framing`` (and
``_content_length``); `_on_sent_all()`; `_on_outlet_failed(error)`; `_refuse_body(chunk)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import StateError
from .chunks import CRLF, LAST_CHUNK, chunk_line, encode_chunk, last_chunk
from .framing import CHUNKED, FIXED, NO_BODY, BodyLength
from .head import OutgoingHead
from .outgoing_headers import OutgoingHeaders
from .outlet import SMALL, Outlet

if TYPE_CHECKING:
    from ..net.socket import Socket
    from ..stream.state import Callback

__all__ = ["FramedMessage"]

_FIXED, _CHUNKED, _NO_BODY = FIXED, CHUNKED, NO_BODY
_SMALL = SMALL


class FramedMessage(OutgoingHeaders):
    """Its headers (see `OutgoingHeaders`), put before its body, which is framed."""

    if TYPE_CHECKING:
        strict_content_length: bool
        should_keep_alive: bool
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
    def socket(self) -> Socket | None:
        """Where the message goes; None before it has a connection, and after the message was sent."""
        return None if self._outlet is None else self._outlet.stream    # type: ignore[return-value]  # mostly

    @property
    def connection(self) -> Socket | None:
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

    # --- the body's length ----------------------------------------------------------------------------------------

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
            self._length.add(size, last)
        except StateError:
            if self.strict_content_length:
                raise
            self.should_keep_alive = False

    def _refuse_body(self, chunk: bytes) -> None:
        """Hook: a body where there can be none.  By default it is ignored."""

    # --- to the outlet -------------------------------------------------------------------------------------------

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
