"""Carrier: a stream that was there before, and carries ciphertext from now on.

A TLSSocket that connects by itself, or was accepted, has a native handle of its own.  One that was made over another
stream (STARTTLS, a tunnel, a pair in memory) has a Carrier: it stands for that stream, as the handle does for a
descriptor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..encoding import encode
from ..errors import invalid_type
from ..stream import Duplex

if TYPE_CHECKING:
    from ..stream.state import Callback
    from .encrypted import EncryptedStream

__all__ = ["Carrier", "check_carrier"]

_LISTENERS = {"data": "_carrier_received", "end": "_carrier_ended", "error": "_carrier_failed", "close": "_carrier_closed"}


def check_carrier(stream: Any) -> None:
    """Raises ArgumentTypeError for what is no duplex stream of bytes."""
    if not isinstance(stream, Duplex):
        raise invalid_type("socket", "a Duplex stream", stream)
    if stream.readable_object_mode or stream.writable_object_mode:
        raise invalid_type("socket", "a stream of bytes, not of objects", stream)


class Carrier:
    """The stream below a TLSSocket.

    From `start` on it is the TLSSocket's alone: whoever listened to its data would get ciphertext, and it must not end
    by itself, because we may have to answer after the peer has finished.
    """

    def __init__(self, stream: Any, owner: EncryptedStream) -> None:
        self.stream = stream
        self._owner = owner

    def start(self) -> None:
        stream = self.stream
        stream.allow_half_open = True
        stream.remove_all_listeners("data")
        stream.remove_all_listeners("readable")
        _undo_encoding(stream)
        for event, listener in _LISTENERS.items():
            stream.on(event, getattr(self._owner, listener))
        stream.resume()
        if stream.readable_ended:               # `end` was before our time
            self._owner._loop.next_tick(self._owner._carrier_ended)

    def read_start(self) -> None:
        self.stream.resume()

    def read_stop(self) -> None:
        self.stream.pause()

    def send(self, pieces: list[bytes], callback: Callback) -> None:
        """Write the pieces as one; ``callback(error_or_none)`` when the stream has handed on the last."""
        stream = self.stream
        stream.cork()
        for piece in pieces[:-1]:
            stream.write(piece)
        stream.write(pieces[-1], callback)
        stream.uncork()

    def send_at_once(self, data: bytes) -> None:
        if self.stream.writable:
            self.stream.write(data)

    def finish(self, callback: Callback) -> None:
        """Write no more; ``callback(None)`` when everything has left.  If it could not, the stream tells that."""
        self.stream.end(lambda: callback(None))

    def close(self) -> None:
        """The TLSSocket is gone.  What was written before, an alert perhaps, may still leave."""
        stream = self.stream
        for event, listener in _LISTENERS.items():
            if event != "error":                # which may follow, and would be nobody's
                stream.remove_listener(event, getattr(self._owner, listener))
        if stream.writable_length and stream.writable:
            stream.resume()
            stream.end(lambda error: stream.destroy())
        else:
            stream.destroy()


def _undo_encoding(stream: Any) -> None:
    """Ciphertext is no text.  What was decoded already is encoded again."""
    state = stream._readable_state
    encoding = state.encoding
    if encoding is None:
        return
    text = stream.read()
    state.decoder = None
    if text:
        stream.unshift(encode(text, encoding))
