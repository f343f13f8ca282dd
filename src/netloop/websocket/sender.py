"""Sender: messages and control frames in, bytes out (RFC 6455 section 5).

Frames are put out in the order in which they were sent.  Output is mostly a single piece, and no list is made for it.  What
is sent while a message before it is compressed elsewhere waits in a `Backlog`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._engine.framing import frame, frame_head, masked_frame
from .._engine.utf8 import validate
from ..diagnostics import channel
from ..encoding import encode
from ..errors import StateError, invalid_type, invalid_value, out_of_range
from .masking_keys import KEYS, MaskingKeys
from .receiver import MAX_BUFFERED_CHUNKS, MAX_FRAGMENTS, MAX_PAYLOAD, Receiver

if TYPE_CHECKING:
    from .backlog import Backlog
    from .close import Close
    from .deflate import Deflate

__all__ = ["Sender"]

_FRAME = channel("websocket.frame")

_FIN, _RSV1 = 0x80, 0x40
_TEXT, _BINARY, _PING, _PONG = 1, 2, 9, 10
_MOST_CONTROL_BYTES = 125
_JOINED_BYTES = 16384               # a payload up to this size is copied behind its head; a larger one is a piece of its own


class Sender(Receiver):
    """The sending half of a connection."""

    if TYPE_CHECKING:
        close_sent: Close | None
        output_size: int
        backlog_size: int
        _backlog: Backlog | None

    def __init__(self, is_server: bool, max_payload: int = MAX_PAYLOAD, max_fragments: int = MAX_FRAGMENTS,
                 max_buffered_chunks: int = MAX_BUFFERED_CHUNKS, deflate: Deflate | None = None,
                 skip_utf8_validation: bool = False, fragments: bool = False, keys: MaskingKeys = KEYS) -> None:
        """A client masks with `keys`; for the rest see `Receiver`."""
        Receiver.__init__(self, is_server, max_payload, max_fragments, max_buffered_chunks, deflate,
                          skip_utf8_validation, fragments)
        self.close_sent = None
        self.output_size = self.backlog_size = 0
        self._backlog = None
        self._output: bytes | None = None           # the first piece: mostly the only one
        self._more_output: list[bytes] | None = None
        self._keys = keys
        self._sending = self._sending_compressed = False

    def send(self, data: str | bytes | bytearray | memoryview, final: bool = True, binary: bool | None = None,
             compress: bool = True) -> int:
        """Send a message, or with `final` off a fragment of one: the next call continues it.

        Returns the bytes of output; 0 where it waits for a message before that is compressed elsewhere, or is one.

        A str is text and the rest binary, unless `binary` says otherwise; the first fragment decides for the message, on
        compression (where it was negotiated) as well.

        Raises:
            StateError: a close frame was sent, or the connection is over (ERR_INVALID_STATE).
            ArgumentTypeError: the data is of another type.
            ArgumentValueError: bytes that are sent as text are not UTF-8.
        """
        self._check_open()
        payload = _payload(data)
        if binary is None:
            binary = not isinstance(data, str)
        elif not binary and not isinstance(data, str) and validate(0, payload, 0, len(payload)):
            raise invalid_value("data", "UTF-8, to be sent as text", data)
        first = _FIN if final else 0
        deflate = self.deflate
        if not self._sending:
            first |= _BINARY if binary else _TEXT
            self._sending_compressed = compress and deflate is not None and deflate.is_worthwhile(len(payload))
            if self._sending_compressed:
                first |= _RSV1
        self._sending = not final
        if self._sending_compressed and deflate is not None:
            if self._compress_later(first, payload, final):
                return 0
            payload = deflate.compress(payload, final)
        return self._send_frame(first, payload)

    def send_ping(self, data: str | bytes | bytearray | memoryview = b"") -> int:
        """Send a ping; the peer's pong brings the same data, at most 125 bytes.  For the errors see `send`."""
        return self._send_control_frame(_PING, data)

    def send_pong(self, data: str | bytes | bytearray | memoryview = b"") -> int:
        """Send a pong, unasked; those for pings are sent by themselves."""
        return self._send_control_frame(_PONG, data)

    def send_frame(self, whole: bytes, size: int, forget: bool = False) -> int:
        """Send a frame that exists already, with a payload of `size` bytes (see `PreparedMessage`).

        `forget` tells that it was compressed elsewhere, so that no later message refers back beyond it.  For the errors
        see `send`.
        """
        self._check_open()
        if self._sending:
            raise StateError("the WebSocket is in the middle of a message")
        if self._backlog is not None:
            self._backlog.add_whole(whole, size, forget)
            return 0
        return self.put_whole(whole, size, forget)

    def put_whole(self, whole: bytes, size: int, forget: bool) -> int:
        """`send_frame`, when its turn has come."""
        if forget and self.deflate is not None:
            self.deflate.forget()
        if _FRAME.subscribers is not None:
            self._publish_sent(whole[0], size)
        self._put_out(whole)
        return len(whole)

    def _check_open(self) -> None:
        if self.close_sent is not None or self._finished:
            raise StateError("the WebSocket is not open")

    def _send_control_frame(self, opcode: int, data: Any) -> int:
        self._check_open()
        payload = _payload(data)
        if len(payload) > _MOST_CONTROL_BYTES:
            raise out_of_range("data", f"at most {_MOST_CONTROL_BYTES} bytes", data)
        return self._send_frame(_FIN | opcode, payload)

    # --- output -----------------------------------------------------------------------------------------------------

    def _compress_later(self, first: int, payload: bytes, final: bool) -> bool:
        """Hook: whether somebody compresses it elsewhere, with all that is sent until then in a `Backlog`."""
        return False

    def _send_frame(self, first: int, payload: bytes) -> int:
        if self._backlog is not None:
            self._backlog.add_frame(first, payload)
            return 0
        return self.put_frame(first, payload)

    def put_frame(self, first: int, payload: bytes) -> int:
        """A frame to the output, when its turn has come."""
        size = len(payload)
        if _FRAME.subscribers is not None:
            self._publish_sent(first, size)
        if not self.is_server:
            whole = masked_frame(first, payload, self._keys.take())
        elif size <= _JOINED_BYTES:
            whole = frame(first, payload)
        else:
            whole = frame_head(first, size)
            self._put_out(whole)
            self._put_out(payload)
            return len(whole) + size
        self._put_out(whole)
        return len(whole)

    def _put_out(self, piece: bytes) -> None:
        self.output_size += len(piece)
        if self._output is None:
            self._output = piece
        elif self._more_output is None:
            self._more_output = [piece]
        else:
            self._more_output.append(piece)

    def take_output(self) -> list[bytes]:
        """What is to be written to the socket, in order; large payloads are the very objects that were sent."""
        first, more = self._output, self._more_output
        self._output = self._more_output = None
        self.output_size = 0
        return [] if first is None else [first] if more is None else [first, *more]

    def _publish_sent(self, first: int, size: int) -> None:
        _FRAME.publish({"websocket": self.owner or self, "sent": True, "opcode": first & 0x0F,
                        "final": first & _FIN != 0, "compressed": first & _RSV1 != 0, "size": size})


def _payload(data: Any) -> bytes:
    """The bytes to send: a copy, where the program could still change them."""
    if type(data) is bytes:
        return data
    if isinstance(data, str):
        try:
            text = data if type(data) is str else str.__str__(data)    # no subclass: no look-up
            return text.encode()
        except UnicodeEncodeError:      # half a surrogate pair
            return encode(data)
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    raise invalid_type("data", "a str, bytes, bytearray or memoryview", data)
