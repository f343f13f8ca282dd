"""Masking keys: unpredictable, one for each frame (RFC 6455 section 5.3), and drawn from the system in blocks.

Whoever could guess the key of a frame could choose what bytes are on the wire, and make a proxy believe that they are a
request.  So they come from `os.urandom`; a call for each frame would cost more than the frame.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import invalid_value

__all__ = ["MaskingKeys", "CustomKeys", "KEYS"]

_BLOCK_BYTES = 4096


class MaskingKeys:
    """A supply of keys, each an int whose first byte is the lowest."""

    if TYPE_CHECKING:
        _block: bytes
        _at: int

    def __init__(self) -> None:
        self.discard()

    def take(self) -> int:
        """The next key."""
        at = self._at
        if at == len(self._block):
            self._block = os.urandom(_BLOCK_BYTES)
            at = 0
        self._at = at + 4
        block = self._block
        return block[at] | block[at + 1] << 8 | block[at + 2] << 16 | block[at + 3] << 24

    def discard(self) -> None:
        """Draw anew: a forked process must not use its parent's."""
        self._block = b""
        self._at = 0


class CustomKeys(MaskingKeys):
    """Keys that a program generates itself, for tests: `generate` returns four bytes."""

    if TYPE_CHECKING:
        _generate: Callable[[], bytes]

    def __init__(self, generate: Callable[[], bytes]) -> None:
        self._generate = generate

    def take(self) -> int:
        key = self._generate()
        if not isinstance(key, bytes) or len(key) != 4:
            raise invalid_value("generate_mask()", "four bytes", key)
        return int.from_bytes(key, "little")


KEYS = MaskingKeys()        # for every connection
os.register_at_fork(after_in_child=KEYS.discard)
