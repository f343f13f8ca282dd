"""Receiver: bytes from the peer in, messages and control frames out (RFC 6455 section 5).

It knows no socket.  Whoever owns it calls `receive_data` with each chunk as it came, and overrides the hooks:

    on_message(data, is_binary)     a message: str, or bytes (with `fragments` a list of bytes)
    on_ping(data), on_pong(data)    control frames, between the fragments of a message too
    on_close(code, reason)          the close frame; whatever follows it is ignored
    on_failure(error)               the peer broke a rule or a limit; whatever follows is ignored

A hook is called where the frame lies in the chunk, and obeyed before the next one: after `pause` none is called, and what
was received waits, until `resume`.  What a hook raises passes through, and `resume` goes on with the frame after it.

How a payload takes its way:
    a frame that is whole in a chunk        cut out of the chunk and unmasked in one go
    a data frame in several chunks,         written into one buffer as it arrives, unmasked on the way; text is validated
    or a message in several frames          there at once, so that a connection fails at the first byte that is wrong
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._engine.masking import unmasked_text
from .._engine.payload_buffer import PayloadBuffer
from ..diagnostics import channel
from .close import parse_close
from .errors import WebSocketError
from .frame_reader import MAX_BUFFERED_CHUNKS, FrameReader

if TYPE_CHECKING:
    from .deflate import Deflate

__all__ = ["Receiver", "MAX_PAYLOAD", "MAX_FRAGMENTS", "MAX_BUFFERED_CHUNKS"]

MAX_PAYLOAD = 100 * 1024 * 1024     # bytes of a message, as in ws
MAX_FRAGMENTS = 131072              # twice the 65,536 that a legitimate message may have; ws had it before 8.23

_FRAME = channel("websocket.frame")

_FIN, _RSV1, _OPCODE = 0x80, 0x40, 0x0F
_TEXT, _BINARY, _PING, _PONG = 1, 2, 9, 10
_NO_LIMIT = 2 ** 53 - 1             # bytes of a message: what one frame can have


class Receiver(FrameReader):
    """The receiving half of a connection."""

    if TYPE_CHECKING:
        owner: Any
        fragments: bool
        deflate: Deflate | None

    def __init__(self, is_server: bool, max_payload: int = MAX_PAYLOAD, max_fragments: int = MAX_FRAGMENTS,
                 max_buffered_chunks: int = MAX_BUFFERED_CHUNKS, deflate: Deflate | None = None,
                 skip_utf8_validation: bool = False, fragments: bool = False) -> None:
        """`max_payload` is in bytes, 0 means no limit, as it does for the two others; `deflate` is what was negotiated."""
        FrameReader.__init__(self, is_server, deflate is not None, max_buffered_chunks)
        self.deflate = deflate
        self.fragments = fragments
        self.owner = None
        self._max_payload = max_payload or _NO_LIMIT
        self._max_fragments = max_fragments
        self._validating = not skip_utf8_validation
        self._fragment_count = self._message_size = self._offset = 0
        self._compressed = self._final = False
        self._buffer: PayloadBuffer | None = None
        self._pieces: list[bytes] | None = None

    # --- what the owner overrides -----------------------------------------------------------------------------------

    def on_message(self, data: Any, is_binary: bool) -> None:
        """Hook: a message."""

    def on_ping(self, data: bytes) -> None:
        """Hook: a ping frame."""

    def on_pong(self, data: bytes) -> None:
        """Hook: a pong frame."""

    def on_close(self, code: int, reason: str) -> None:
        """Hook: the close frame; 1005 if it has no code."""

    # --- data frames ------------------------------------------------------------------------------------------------

    def _start_data_frame(self, first: int, size: int) -> bool:
        if not self._check_limits(first, size):
            return False
        if _FRAME.subscribers is not None:
            self._publish(first, size)
        start = self._at
        if first & _FIN and first & _OPCODE and not self.fragments and len(self._chunk) - start >= size:
            self._at = stop = start + size
            if first == _FIN | _TEXT and self._validating:
                self._finish_text(unmasked_text(self._chunk, start, stop, self._key))
            else:
                self._finish_message(first & _OPCODE, first & _RSV1 != 0, self._cut(self._chunk, start, stop))
            return True
        self._start_payload(first, size)
        return self._read_payload()

    def _check_limits(self, first: int, size: int) -> bool:
        """The limits that a data frame may exceed; False if it does."""
        if first & _OPCODE:
            self._fragment_count = self._message_size = 0
        self._fragment_count += 1
        if size > self._max_payload - self._message_size:
            return self._fail("WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", "the message is too large")
        if 0 < self._max_fragments < self._fragment_count:
            return self._fail("WS_ERR_TOO_MANY_BUFFERED_PARTS", "the message has too many fragments")
        self._message_size += size
        return True

    def _start_payload(self, first: int, size: int) -> None:
        if first & _OPCODE:
            self._opcode = first & _OPCODE
            self._compressed = first & _RSV1 != 0
            self._buffer = PayloadBuffer()
            self._pieces = [] if self.fragments and self._opcode == _BINARY and not self._compressed else None
        self._final = first & _FIN != 0
        self._remaining = size
        self._offset = 0
        self._buffer.expect(size)  # type: ignore[union-attr]  # a continuation has one: _check_head

    def _read_payload(self) -> bool:
        """Take what the chunk has of the frame under way; False when more bytes are needed."""
        buffer: Any = self._buffer
        start = self._at
        stop = min(len(self._chunk), start + self._remaining)
        if self.is_server:
            buffer.add_masked(self._chunk, start, stop, self._key, self._offset)
        else:
            buffer.add(self._chunk, start, stop)
        self._at = stop
        self._remaining -= stop - start
        self._offset = self._offset + stop - start & 3
        if self._opcode == _TEXT and self._validating and not self._compressed and not buffer.is_text_so_far():
            return self._fail("WS_ERR_INVALID_UTF8", "a text message must be UTF-8")
        if self._remaining:
            return False
        if self._pieces is not None:
            self._pieces.append(buffer.take())
        if self._final:
            opcode, pieces = self._opcode, self._pieces
            self._opcode, self._buffer, self._pieces = 0, None, None
            if pieces is not None:
                self.on_message(pieces, True)
            else:
                self._finish_message(opcode, self._compressed, buffer.take())
        return True

    # --- whole messages ---------------------------------------------------------------------------------------------

    def _finish_message(self, opcode: int, compressed: bool, payload: bytes) -> None:
        if compressed:
            if self._inflate_later(opcode, payload):
                return
            deflate: Any = self.deflate
            try:
                payload = deflate.decompress(payload, self._max_payload)
            except WebSocketError as error:
                self._finish(error)
                return
        self._finish_inflated(opcode, payload)

    def _inflate_later(self, opcode: int, payload: bytes) -> bool:
        """Hook: whether somebody inflates it elsewhere, and calls `_finish_inflated`.  Until then `held` must be on."""
        return False

    def _finish_inflated(self, opcode: int, payload: bytes) -> None:
        if opcode == _BINARY:
            self.on_message([payload] if self.fragments else payload, True)
            return
        self._finish_text(_text(payload, "strict" if self._validating else "replace"))

    def _finish_text(self, text: str | None) -> None:
        """A text message, or None: what it had was no UTF-8."""
        if text is None:
            self._fail("WS_ERR_INVALID_UTF8", "a text message must be UTF-8")
        else:
            self.on_message(text, False)

    # --- control frames ---------------------------------------------------------------------------------------------

    def _take_control_frame(self, opcode: int, payload: bytes) -> None:
        if _FRAME.subscribers is not None:
            self._publish(_FIN | opcode, len(payload))
        if opcode == _PING:
            self.on_ping(payload)
        elif opcode == _PONG:
            self.on_pong(payload)
        else:
            try:
                code, reason = parse_close(payload)
            except WebSocketError as error:
                self._finish(error)
                return
            self._stop()
            self.on_close(code, reason)

    def _stop(self) -> None:
        self._buffer = self._pieces = None
        FrameReader._stop(self)

    def _publish(self, first: int, size: int) -> None:
        _FRAME.publish({"websocket": self.owner or self, "sent": False, "opcode": first & _OPCODE,
                        "final": first & _FIN != 0, "compressed": first & _RSV1 != 0, "size": size})


def _text(payload: bytes, errors: str) -> str | None:
    try:
        return payload.decode("utf-8", errors)
    except UnicodeDecodeError:
        return None
