"""PreparedMessage: one message for many connections, framed once, and compressed once for each way to compress.

A message that is compressed by itself refers to none before it, so every peer can read it; and its connection refers to
none before it afterwards, because the peer's window holds bytes that our compressor has not seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._engine.framing import frame
from ..encoding import encode

if TYPE_CHECKING:
    from .deflate import Deflate
    from .protocol import Protocol

__all__ = ["PreparedMessage"]

_FIN, _RSV1, _TEXT, _BINARY = 0x80, 0x40, 1, 2


class PreparedMessage:
    """A message, ready to be sent to whoever should get it."""

    def __init__(self, data: str | bytes | bytearray | memoryview, compress: bool = True) -> None:
        """A str is sent as text, everything else as binary."""
        self._data = data if isinstance(data, str) else bytes(data)
        self._payload = encode(data) if isinstance(data, str) else bytes(data)
        self._first = _FIN | (_TEXT if isinstance(data, str) else _BINARY)
        self._compress = compress
        self._frames: dict[tuple[int, ...], tuple[bytes, int]] = {}

    def send_to(self, protocol: Protocol) -> int:
        """Send it; returns the bytes of output.  A client masks each message anew, so for a client nothing is saved.

        Raises:
            StateError: the connection is not open, or in the middle of a message (ERR_INVALID_STATE).
        """
        if not protocol.is_server:
            return protocol.send(self._data, compress=self._compress)
        deflate = protocol.deflate
        if deflate is None or not self._compress or not deflate.is_worthwhile(len(self._payload)):
            whole, size = self._frame(None)
            return protocol.send_frame(whole, size)
        whole, size = self._frame(deflate)
        return protocol.send_frame(whole, size, True)

    @property
    def size(self) -> int:
        """Bytes of the message."""
        return len(self._payload)

    def _frame(self, deflate: Deflate | None) -> tuple[bytes, int]:
        """The frame, and the size of its payload."""
        kind = () if deflate is None else deflate.kind
        if kind not in self._frames:
            payload = self._payload if deflate is None else deflate.compress_alone(self._payload)
            first = self._first if deflate is None else self._first | _RSV1
            self._frames[kind] = frame(first, payload), len(payload)
        return self._frames[kind]
