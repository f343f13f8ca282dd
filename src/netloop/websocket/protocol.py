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

from typing import TYPE_CHECKING

from .close import ABNORMAL, Close, serialise_close, shortened
from .masking_keys import KEYS, MaskingKeys
from .receiver import MAX_BUFFERED_CHUNKS, MAX_FRAGMENTS, MAX_PAYLOAD
from .sender import Sender

if TYPE_CHECKING:
    from .deflate import Deflate
    from .errors import WebSocketError

__all__ = ["Protocol", "MAX_PENDING_PONGS", "OPEN", "CLOSING", "CLOSED"]

OPEN, CLOSING, CLOSED = 1, 2, 3
MAX_PENDING_PONGS = 60              # as in ws; a peer that sends pings and reads no pongs would fill our memory

_FIN, _CLOSE, _PONG = 0x80, 8, 10


class Protocol(Sender):
    """One end of a WebSocket connection, from the end of the opening handshake on."""

    if TYPE_CHECKING:
        close_received: Close | None
        failure: WebSocketError | None
        eof_received: bool

    def __init__(self, is_server: bool, max_payload: int = MAX_PAYLOAD, max_fragments: int = MAX_FRAGMENTS,
                 max_buffered_chunks: int = MAX_BUFFERED_CHUNKS, deflate: Deflate | None = None,
                 skip_utf8_validation: bool = False, fragments: bool = False, auto_pong: bool = True,
                 max_pending_pongs: int = MAX_PENDING_PONGS, keys: MaskingKeys = KEYS) -> None:
        """`max_pending_pongs` is how many automatic pongs may wait to be written, 0 for no limit; a client uses `keys`."""
        Sender.__init__(self, is_server, max_payload, max_fragments, max_buffered_chunks, deflate,
                        skip_utf8_validation, fragments, keys)
        self.close_received = self.failure = None
        self.eof_received = False
        self._auto_pong = auto_pong
        self._max_pending_pongs = max_pending_pongs
        self._pending_pongs = 0

    # --- closing ----------------------------------------------------------------------------------------------------

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

    # --- receiving --------------------------------------------------------------------------------------------------

    def receive_eof(self) -> None:
        """The peer has finished, or the socket is gone: nothing more can come, and nothing be sent."""
        self.eof_received = True
        self._stop()

    def output_written(self) -> None:
        """Everything that was taken has gone to the kernel: the peer reads."""
        self._pending_pongs = 0

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
