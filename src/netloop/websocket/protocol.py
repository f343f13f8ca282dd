"""Protocol: a WebSocket connection without its socket: bytes in, events out; messages in, bytes out (RFC 6455).

What drives it makes a subclass that overrides the hooks (see `Receiver`), and does, for its socket:

    a chunk arrived         protocol.receive_data(chunk), then write what take_output() has
    the peer has finished   protocol.receive_eof()
    send, ping, close       protocol.send(...), ..., then write what take_output() has, unless protocol.receiving: what is
                            sent from within a hook leaves together, after the chunk
    all was written         protocol.output_written()
    protocol.should_end     end the socket once all was written

Answers come by themselves: a pong for each ping, a close frame for a close frame, and one that says why for a violation.

The closing handshake is kept as facts, and everything else is derived from them:

    close_sent      the Close that we sent, or None             close_received      the peer's, or None
    failure         the WebSocketError that ended it, or None   eof_received        the peer has finished

After `close_sent` nothing more can be sent, and messages still come; after `close_received` or `failure` none come.  The
close code that a program gets to see is the peer's, 1005 if its frame had none, and 1006 if no frame came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._engine.framing import frame, frame_head, masked_frame
from .._engine.utf8 import validate
from ..diagnostics import channel
from ..encoding import encode
from ..errors import StateError, invalid_type, invalid_value, out_of_range
from .close import ABNORMAL, Close, serialise_close, shortened
from .masking_keys import KEYS, MaskingKeys
from .receiver import MAX_BUFFERED_CHUNKS, MAX_FRAGMENTS, MAX_PAYLOAD, Receiver

if TYPE_CHECKING:
    from .backlog import Backlog
    from .deflate import Deflate
    from .errors import WebSocketError

__all__ = ["Protocol", "MAX_PENDING_PONGS", "OPEN", "CLOSING", "CLOSED"]

OPEN, CLOSING, CLOSED = 1, 2, 3
MAX_PENDING_PONGS = 60              # as in ws; a peer that sends pings and reads no pongs would fill our memory

_FRAME = channel("websocket.frame")

_FIN, _RSV1 = 0x80, 0x40
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0, 1, 2, 8, 9, 10
_MOST_CONTROL_BYTES = 125
_JOINED_BYTES = 16384               # a payload up to this size is copied behind its head; a larger one is a piece of its own


class Protocol(Receiver):
    """One end of a WebSocket connection, from the end of the opening handshake on."""

    if TYPE_CHECKING:
        close_sent: Close | None
        close_received: Close | None
        failure: WebSocketError | None
        eof_received: bool
        output_size: int
        backlog_size: int
        _backlog: Backlog | None

    def __init__(self, is_server: bool, max_payload: int = MAX_PAYLOAD, max_fragments: int = MAX_FRAGMENTS,
                 max_buffered_chunks: int = MAX_BUFFERED_CHUNKS, deflate: Deflate | None = None,
                 skip_utf8_validation: bool = False, fragments: bool = False, auto_pong: bool = True,
                 max_pending_pongs: int = MAX_PENDING_PONGS, keys: MaskingKeys = KEYS) -> None:
        """`max_pending_pongs` is how many automatic pongs may wait to be written, 0 for no limit; a client uses `keys`."""
        Receiver.__init__(self, is_server, max_payload, max_fragments, max_buffered_chunks, deflate,
                          skip_utf8_validation, fragments)
        self.close_sent = self.close_received = self.failure = None
        self.eof_received = False
        self.output_size = self.backlog_size = 0
        self._backlog = None
        self._output: bytes | None = None           # the first piece: mostly the only one
        self._more_output: list[bytes] | None = None
        self._keys = keys
        self._auto_pong = auto_pong
        self._max_pending_pongs = max_pending_pongs
        self._pending_pongs = 0
        self._sending = self._sending_compressed = False

    # --- sending ----------------------------------------------------------------------------------------------------

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

    def send_close(self, code: int | None = None, reason: str = "") -> int:
        """Begin the closing handshake, or nothing if a close frame was sent already.

        Raises:
            ArgumentValueError: the code may not travel, or the reason is longer than 123 bytes.
        """
        payload = serialise_close(code, reason)
        if self.close_sent is not None or self.eof_received:
            return 0
        self.close_sent = Close(1005 if code is None else code, reason)
        return self._send_frame(_FIN | _CLOSE, payload)

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

    def take_output(self) -> list[bytes]:
        """What is to be written to the socket, in order; large payloads are the very objects that were sent."""
        first, more = self._output, self._more_output
        self._output = self._more_output = None
        self.output_size = 0
        return [] if first is None else [first] if more is None else [first, *more]

    def _put_out(self, piece: bytes) -> None:
        self.output_size += len(piece)
        if self._output is None:
            self._output = piece
        elif self._more_output is None:
            self._more_output = [piece]
        else:
            self._more_output.append(piece)

    def output_written(self) -> None:
        """Everything that was taken has gone to the kernel: the peer reads."""
        self._pending_pongs = 0

    def _check_open(self) -> None:
        if self.close_sent is not None or self._finished:
            raise StateError("the WebSocket is not open")

    def _send_control_frame(self, opcode: int, data: Any) -> int:
        self._check_open()
        payload = _payload(data)
        if len(payload) > _MOST_CONTROL_BYTES:
            raise out_of_range("data", f"at most {_MOST_CONTROL_BYTES} bytes", data)
        return self._send_frame(_FIN | opcode, payload)

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

    def _publish_sent(self, first: int, size: int) -> None:
        _FRAME.publish({"websocket": self.owner or self, "sent": True, "opcode": first & 0x0F,
                        "final": first & _FIN != 0, "compressed": first & _RSV1 != 0, "size": size})

    # --- receiving --------------------------------------------------------------------------------------------------

    def receive_eof(self) -> None:
        """The peer has finished, or the socket is gone: nothing more can come, and nothing be sent."""
        self.eof_received = True
        self._stop()

    def on_ping(self, data: bytes) -> None:
        """A ping is answered by a pong with its data.  An override calls this one first."""
        if not self._auto_pong or self.close_sent is not None:
            return
        self._pending_pongs += 1
        if 0 < self._max_pending_pongs < self._pending_pongs:
            self._fail("WS_ERR_TOO_MANY_PENDING_PONGS", "too many pings, and the pongs are not read")
            return
        self._send_frame(_FIN | _PONG, data)

    def on_close(self, code: int, reason: str) -> None:
        """A close frame is answered by one with the same code.  An override calls this one first."""
        self.close_received = Close(code, reason)
        if code == 1005:
            self.send_close()
        else:
            self.send_close(code, reason)

    def on_failure(self, error: WebSocketError) -> None:
        """The peer is told what was wrong, unless a close frame was sent already.  An override calls this one first."""
        self.failure = error
        self.send_close(error.close_code, shortened(error.reason))

    # --- asking -----------------------------------------------------------------------------------------------------

    @property
    def ready_state(self) -> int:
        """OPEN (1), CLOSING (2) once a close frame was sent or received or the connection failed, CLOSED (3)."""
        if self.eof_received:
            return CLOSED
        if self.close_sent is not None or self.close_received is not None or self.failure is not None:
            return CLOSING
        return OPEN

    @property
    def should_end(self) -> bool:
        """Whether to end the socket, once all was written: the server does it first, and whoever found a violation.

        A client waits for the server to do it (RFC 6455 section 7.1.1), and not for ever.
        """
        if self.failure is not None:
            return True
        return self.is_server and self.close_sent is not None and self.close_received is not None

    @property
    def close_code(self) -> int:
        """The peer's close code; 1005 if its close frame had none, 1006 if none came."""
        return ABNORMAL if self.close_received is None else self.close_received.code

    @property
    def close_reason(self) -> str:
        """The peer's close reason, or ""."""
        return "" if self.close_received is None else self.close_received.reason

    @property
    def was_clean(self) -> bool:
        """Whether both close frames were seen."""
        return self.close_sent is not None and self.close_received is not None and self.failure is None

    def __repr__(self) -> str:
        role = "server" if self.is_server else "client"
        state = ("open", "closing", "closed")[self.ready_state - 1]
        return f"<Protocol {role} {state}>"


def _payload(data: Any) -> bytes:
    """The bytes to send: a copy, where the program could still change them."""
    if type(data) is bytes:
        return data
    if isinstance(data, str):
        try:
            return data.encode()
        except UnicodeEncodeError:      # half a surrogate pair
            return encode(data)
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    raise invalid_type("data", "a str, bytes, bytearray or memoryview", data)
