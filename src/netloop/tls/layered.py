"""LayeredStream: what a TLSSocket over another socket leaves to that one: addresses, options, the descriptor.

One with a handle of its own answers by itself, and so does one over a stream that is no socket.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..addresses.socket_address import AddressInfo
from ..net.socket import Socket
from .encrypted import EncryptedStream

if TYPE_CHECKING:
    from typing import Self

__all__ = ["LayeredStream"]


class LayeredStream(EncryptedStream):
    """An encrypted stream that may have a socket below."""

    def _below(self) -> Any:
        """The socket below, if that is what we were made over."""
        return self._carrier.stream if self._carrier is not None and isinstance(self._carrier.stream, Socket) else None

    def _receive_now(self) -> None:
        below = self._below()
        if below is None:
            EncryptedStream._receive_now(self)
            return
        below._receive_now()
        state = below._readable_state
        if self._secure and state.ended and state.length == 0:
            self._finish_receiving()            # its `end` comes on the next tick

    def address(self) -> AddressInfo | None:
        below = self._below()
        return EncryptedStream.address(self) if below is None else below.address()

    def _peer(self) -> AddressInfo | None:
        below = self._below()
        return EncryptedStream._peer(self) if below is None else below._peer()

    def _set(self, name: str, value: Any) -> Self:
        below = self._below()
        if below is not None:
            below._set(name, value)
            return self
        return EncryptedStream._set(self, name, value)

    def ref(self) -> Self:
        below = self._below()
        if below is not None:
            below.ref()
        return EncryptedStream.ref(self)

    def unref(self) -> Self:
        below = self._below()
        if below is not None:
            below.unref()
        return EncryptedStream.unref(self)

    def reset_and_destroy(self) -> Self:
        below = self._below()
        if below is not None:
            below.reset_and_destroy()
            return self.destroy()
        return EncryptedStream.reset_and_destroy(self)

    def fileno(self) -> int:
        below = self._below()
        return EncryptedStream.fileno(self) if below is None else below.fileno()

    @property
    def pending(self) -> bool:
        """True until the stream below is connected."""
        if self._carrier is None:
            return self._handle is None or self.connecting
        below = self._below()
        return below is not None and bool(below.pending)
