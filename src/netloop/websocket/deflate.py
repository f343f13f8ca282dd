"""permessage-deflate: the payloads of messages, compressed and inflated (RFC 7692 section 7.2).

Each direction has a window of 2 ** 8 to 2 ** 15 bytes, which a message may refer back to; with context takeover it holds
the messages before, too.  The end of a message is a flush, whose last four bytes are always 00 00 ff ff: they are left
out, and put back before inflating.

zlib has no compressor with a window of 8 bits.  One of 9 bits never refers back further than 250 bytes (the window less
the 262 bytes that zlib looks ahead), so what it makes can be read with a window of 8 bits as well.

The compressor and the decompressor, 256 KiB and 40 KiB with zlib's defaults, are made when the first message needs them;
without context takeover they are gone after each message.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from .errors import violation

if TYPE_CHECKING:
    from .deflate_options import DeflateOptions, DeflateParameters

__all__ = ["Deflate"]

_TAIL = b"\x00\x00\xff\xff"
_EMPTY_BLOCK = b"\x00" + _TAIL
_SMALLEST_ZLIB_WINDOW = 9
_MOST_FINAL_BLOCKS = 16             # in one message: each is a new start, and zlib's compressors make none


class Deflate:
    """Both directions of one connection, as it was negotiated."""

    if TYPE_CHECKING:
        threshold: int
        concurrency_limit: int

    def __init__(self, parameters: DeflateParameters, is_server: bool, options: DeflateOptions) -> None:
        self.threshold = options.threshold
        self.concurrency_limit = options.concurrency_limit
        self._level = options.level
        self._memory_level = options.mem_level
        self._strategy = options.strategy
        self._compressor: Any = None
        self._decompressor: Any = None
        own_bits, peer_bits = parameters.server_max_window_bits, parameters.client_max_window_bits
        forget, peer_forgets = parameters.server_no_context_takeover, parameters.client_no_context_takeover
        if not is_server:
            own_bits, peer_bits, forget, peer_forgets = peer_bits, own_bits, peer_forgets, forget
        self._bits, self._peer_bits = max(own_bits, _SMALLEST_ZLIB_WINDOW), peer_bits
        self._forget, self._peer_forgets = forget, peer_forgets

    def is_worthwhile(self, size: int) -> bool:
        """Whether to compress a message of so many bytes.

        Small ones are compressed as well where they may refer to the messages before, as ws does it.
        """
        return size >= self.threshold or not self._forget

    def compress(self, payload: bytes, final: bool = True) -> bytes:
        """The payload of a frame; `final` tells that its message ends there."""
        compressor = self._compressor
        if compressor is None:
            compressor = self._compressor = self._new_compressor()
        data: bytes = compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)
        if not data:                # zlib does not flush twice in a row
            data = _EMPTY_BLOCK
        if not final:
            return data
        if self._forget:
            self._compressor = None
        return data[:len(data) - len(_TAIL)]

    def compress_alone(self, payload: bytes) -> bytes:
        """The payload of a message that refers to no other: it can be sent on each connection with the same `kind`."""
        compressor = self._new_compressor()
        data: bytes = compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)
        return data[:len(data) - len(_TAIL)] or _EMPTY_BLOCK[:1]

    @property
    def kind(self) -> tuple[int, ...]:
        """What the compressed bytes depend on."""
        return self._bits, self._level, self._memory_level, self._strategy

    def _new_compressor(self) -> Any:
        return zlib.compressobj(self._level, zlib.DEFLATED, -self._bits, self._memory_level, self._strategy)

    def decompress(self, payload: bytes, most: int) -> bytes:
        """The message that has this payload; never inflated beyond `most` bytes.

        Raises:
            WebSocketError: it is larger (WS_ERR_UNSUPPORTED_MESSAGE_LENGTH), or no compressed data at all
                (WS_ERR_INVALID_COMPRESSED_DATA).
        """
        try:
            message = self._inflate(payload + _TAIL, most + 1)
        except zlib.error as error:
            raise violation("WS_ERR_INVALID_COMPRESSED_DATA", "the compressed data is invalid") from error
        if len(message) > most:
            raise violation("WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", "the message is too large")
        if self._peer_forgets:
            self._decompressor = None
        return message

    def _inflate(self, data: bytes, most: int) -> bytes:
        decompressor = self._decompressor
        if decompressor is None:
            decompressor = self._decompressor = zlib.decompressobj(-self._peer_bits)
        message: bytes = decompressor.decompress(data, most)
        starts = 0
        while decompressor.eof:     # after a block that says it is the last (BFINAL) everything starts anew
            data = decompressor.unused_data
            decompressor = self._decompressor = zlib.decompressobj(-self._peer_bits)
            if data == _TAIL or len(message) >= most:
                break
            starts += 1
            if starts > _MOST_FINAL_BLOCKS:
                raise violation("WS_ERR_INVALID_COMPRESSED_DATA", "the compressed data starts anew too often")
            message += decompressor.decompress(data, most - len(message))
        return message

    def forget(self) -> None:
        """Refer to no earlier message in what is sent next: the peer has been sent one that is not ours."""
        self._compressor = None
