"""FrameReader: the heads of frames, in whatever pieces they arrive (RFC 6455 section 5.2).

It keeps what is not read yet, finds where a frame begins, checks the rules about heads, and hands over what follows: a
control frame when it is whole, a data frame as soon as its head is.  A head in pieces waits, and a control frame too: that
is at most 139 bytes.  `Receiver` makes messages of it.

To stop is possible after each frame: `pause` is obeyed before the next one, and what was received waits for `resume`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._engine.masking import mask
from .errors import WebSocketError, violation

__all__ = ["FrameReader", "MAX_BUFFERED_CHUNKS"]

MAX_BUFFERED_CHUNKS = 262144        # that arrived while paused, as in ws

# The first byte of a head.
_FIN, _RSV1, _RSV2_3, _OPCODE = 0x80, 0x40, 0x30, 0x0F
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PONG = 0, 1, 2, 8, 10
# The second byte.
_MASKED, _SIZE = 0x80, 0x7F
_TWO_BYTES = 126                    # the length follows in two bytes; 127: in eight
_MOST_CONTROL_BYTES = 125


class FrameReader:
    """Reads frames; what becomes of them is up to its subclass."""

    if TYPE_CHECKING:
        is_server: bool
        receiving: bool
        paused: bool
        held: bool

    def __init__(self, is_server: bool, may_compress: bool, max_buffered_chunks: int) -> None:
        self.is_server = is_server
        self.receiving = self.paused = self.held = self._finished = False
        self._may_compress = may_compress
        self._max_buffered_chunks = max_buffered_chunks
        self._chunk = b""
        self._at = 0
        self._waiting: list[bytes] | None = None
        self._opcode = self._remaining = self._key = 0

    # --- what the subclass overrides --------------------------------------------------------------------------------

    def _start_data_frame(self, first: int, size: int) -> bool:
        """Hook: the head of a data frame was read; `_at` is where its payload begins.  Returns as `_read_frame`."""
        return False

    def _read_payload(self) -> bool:
        """Hook: there are bytes for the data frame of which `_remaining` are missing.  Returns as `_read_frame`."""
        return False

    def _take_control_frame(self, opcode: int, payload: bytes) -> None:
        """Hook: a whole control frame."""

    def on_failure(self, error: WebSocketError) -> None:
        """Hook: the connection cannot go on."""

    # --- chunks -----------------------------------------------------------------------------------------------------

    def receive_data(self, chunk: bytes) -> None:
        """Take what the peer sent, and call the hooks for what is complete."""
        if self._finished:
            return
        if self.receiving or self.paused or self.held:
            self._keep(chunk)
            return
        self._chunk = self._chunk[self._at:] + chunk if self._at < len(self._chunk) else chunk
        self._at = 0
        self._run()

    def pause(self) -> None:
        """Call no hook until `resume`, not even for what has been received already."""
        self.paused = True

    def resume(self) -> None:
        """Go on, with what waits first."""
        self.paused = False
        if not self.receiving:
            self._run()

    def _keep(self, chunk: bytes) -> None:
        if self._waiting is None:
            self._waiting = []
        self._waiting.append(chunk)
        if 0 < self._max_buffered_chunks < len(self._waiting):
            self._fail("WS_ERR_TOO_MANY_BUFFERED_PARTS", "too many chunks while paused")

    def _run(self) -> None:
        """Frame after frame, as long as there are whole ones and nobody says stop."""
        self.receiving = True
        try:
            while not self.paused and not self.held and not self._finished:
                if self._waiting is not None:
                    self._chunk = b"".join([self._chunk[self._at:], *self._waiting])
                    self._at = 0
                    self._waiting = None
                if not (self._read_payload() if self._remaining else self._read_frame()) and self._waiting is None:
                    break
        finally:
            self.receiving = False
            if not self.paused:         # keep no large chunk for the sake of a few bytes
                self._chunk = self._chunk[self._at:] if self._at < len(self._chunk) else b""
                self._at = 0

    # --- the head of a frame ----------------------------------------------------------------------------------------

    def _read_frame(self) -> bool:
        """Take one frame, or as much of a data frame as there is; False when more bytes are needed."""
        chunk, at = self._chunk, self._at
        available = len(chunk) - at
        if available < 2:
            return False
        first, second = chunk[at], chunk[at + 1]
        size = second & _SIZE
        if not self._check_head(first, second, size):
            return False
        at += 2
        if size >= _TWO_BYTES:
            width = 2 if size == _TWO_BYTES else 8
            if available < 2 + width:
                return False
            size = self._read_size(chunk, at, width)
            if size < 0:
                return False
            at += width
        if self.is_server:
            if len(chunk) - at < 4:
                return False
            self._key = chunk[at] | chunk[at + 1] << 8 | chunk[at + 2] << 16 | chunk[at + 3] << 24
            at += 4
        if first & 0x08:
            if len(chunk) - at < size:
                return False
            self._at = at + size
            self._take_control_frame(first & _OPCODE, self._cut(chunk, at, at + size))
            return True
        self._at = at
        return self._start_data_frame(first, size)

    def _check_head(self, first: int, second: int, size: int) -> bool:
        """The rules about the first two bytes of a frame; False if one was broken."""
        opcode = first & _OPCODE
        if first & _RSV2_3:
            return self._fail("WS_ERR_UNEXPECTED_RSV_2_3", "RSV2 and RSV3 must be clear")
        if opcode > _PONG or _BINARY < opcode < _CLOSE:
            return self._fail("WS_ERR_INVALID_OPCODE", f"the opcode {opcode} is reserved")
        if first & _RSV1 and (not self._may_compress or not _TEXT <= opcode <= _BINARY):
            return self._fail("WS_ERR_UNEXPECTED_RSV_1", "RSV1 must be clear")
        if self.is_server and not second & _MASKED:
            return self._fail("WS_ERR_EXPECTED_MASK", "a client must mask its frames")
        if not self.is_server and second & _MASKED:
            return self._fail("WS_ERR_UNEXPECTED_MASK", "a server must not mask its frames")
        if opcode >= _CLOSE:
            if not first & _FIN:
                return self._fail("WS_ERR_EXPECTED_FIN", "a control frame must not be fragmented")
            if size > _MOST_CONTROL_BYTES:
                return self._fail("WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH", "a control frame has at most 125 bytes")
        elif opcode == _CONTINUATION and not self._opcode:
            return self._fail("WS_ERR_INVALID_OPCODE", "there is no message to continue")
        elif opcode != _CONTINUATION and self._opcode:
            return self._fail("WS_ERR_INVALID_OPCODE", "the message before was not finished")
        return True

    def _read_size(self, chunk: bytes, at: int, width: int) -> int:
        """A length in two or eight bytes; -1 if it breaks a rule."""
        if width == 2:
            size = chunk[at] << 8 | chunk[at + 1]
            if size < _TWO_BYTES:
                self._fail("WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH", "a length must take as few bytes as possible")
                return -1
            return size
        if chunk[at] or chunk[at + 1] >= 0x20:      # 2 ** 53 and more
            self._fail("WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH", "a frame must be smaller than 2 ** 53 bytes")
            return -1
        size = 0
        for place in range(at + 1, at + 8):
            size = size << 8 | chunk[place]
        if size < 65536:
            self._fail("WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH", "a length must take as few bytes as possible")
            return -1
        return size

    def _cut(self, chunk: bytes, start: int, stop: int) -> bytes:
        """The payload of a frame that is whole in the chunk.  A server's are not masked: the key is 0 and changes nothing."""
        return mask(chunk, start, stop, self._key)

    # --- failing ----------------------------------------------------------------------------------------------------

    def _fail(self, code: str, message: str) -> bool:
        """The peer broke a rule.  Returns False: no frame was read."""
        self._finish(violation(code, message))
        return False

    def _finish(self, error: WebSocketError) -> None:
        self._stop()
        self.on_failure(error)

    def _stop(self) -> None:
        """Nothing that was or will be received counts any more."""
        self._finished = True
        self._chunk, self._at, self._waiting = b"", 0, None
