"""EncryptedStream: the part of a TLSSocket that every byte goes through.

In:  ciphertext from the handle, or from the carrier -> the record layer -> `push`
Out: `CiphertextStream`, which this is one of
End: our goodbye (close_notify) and then that of the stream below; and the peer's, which may be missing

Until the connection is secure, the end may be under way already, and waits for it.
"""

from __future__ import annotations

from ssl import SSLError
from typing import TYPE_CHECKING

from .._engine.timer_lists import Timer
from ..diagnostics import channel
from ..errors import system_error
from ..net.handle_stream import HandleStream
from ..net.socket import Socket
from ..stream.intake import push
from .ciphertext import CiphertextStream
from .errors import with_code

if TYPE_CHECKING:
    from ..stream.state import Callback
    from .carrier import Carrier

__all__ = ["EncryptedStream"]

_READ = channel("socket.read")
_END = channel("socket.end")


class EncryptedStream(CiphertextStream):
    """A Socket whose bytes are encrypted on the way."""

    if TYPE_CHECKING:
        truncated: bool
        _is_client: bool
        _waiting_end: Callback | None           # for the handshake
        _close_timeout: int                     # milliseconds; 0: none
        _close_timer: CloseTimer | None

    def _set_up_stream(self, carrier: Carrier | None, is_client: bool, close_timeout: int) -> None:
        self._set_up_sending(carrier)
        self.truncated = False
        self._is_client = is_client
        self._waiting_end = self._close_timer = None
        self._close_timeout = close_timeout

    # --- opening -------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        """The handle is there: begin the handshake."""
        self._begin_handshake()

    def _become_secure(self) -> None:
        """The handshake is done: do what waited for it, and read what came with it."""
        self._secure = True
        if self._handle is not None:
            self._handle.unpack_early()
        self._announce_secure()
        self._encrypt_what_waited()
        callback = self._waiting_end
        if callback is not None and not self.destroyed:
            self._waiting_end = None
            self._final(callback)
        if not self.destroyed:
            self._deliver()

    # --- receiving -----------------------------------------------------------------------------------------------

    def _receive(self, data: bytes) -> None:
        self._stir()
        if not self._secure:
            self._receive_handshake(data)
        elif self._records is not None:
            if len(data) > 0:                   # else `_unpack` had it
                self._records.receive(data)
            self._deliver()

    def _unpack(self, data: bytes) -> bytes:
        """Decrypt it, right after what came for another connection."""
        self._records.receive(data)  # type: ignore[union-attr]  # it is there once we are secure
        return b""

    def _deliver(self) -> None:
        """Give on the plaintext of all that was received."""
        records = self._records
        more = self._delivering = True
        try:
            while True:
                plaintext = records.read()  # type: ignore[union-attr]  # it is there once we are secure
                if len(plaintext) > 0:
                    self._bytes_received += len(plaintext)
                    if _READ.subscribers is not None:
                        _READ.publish({"socket": self, "size": len(plaintext)})
                    more = push(self, plaintext)
                    if self.destroyed:
                        return
                if self._is_client and records.aside:  # type: ignore[union-attr]
                    self._look_for_session()        # now: OpenSSL knows the last one only
                    if self.destroyed:
                        return
                if not records.has_more():  # type: ignore[union-attr]
                    break
        except SSLError as error:
            self._protocol_failed(error)
            return
        finally:
            self._delivering = False
            self._pack_in_time()
            self._send_gathered()
        if self._close_timer is not None:
            self._close_timer.touch()
        if records.aside:  # type: ignore[union-attr]
            self._send_answer()
            if self.destroyed:
                return
        if records.ended:  # type: ignore[union-attr]
            self._finish_plaintext()
        elif not more:
            self._read_stop()

    def _finish_receiving(self) -> None:
        """The stream below has ended.  Without close_notify before it, somebody else may have cut it."""
        if not self._secure:
            self._handshake_cut()
        elif self._records is not None and not self._records.ended:
            self.truncated = True
            self._finish_plaintext()

    def _finish_plaintext(self) -> None:
        """The peer has finished; what may follow its close_notify is to be ignored (RFC 8446, section 6.1)."""
        self._read_stop()
        if self._readable_state.ended:
            return
        if _END.subscribers is not None:
            _END.publish({"socket": self})
        push(self, None)
        self.read(0)

    def _read(self, size: int) -> None:
        if not self._secure or not (self.truncated or self._records is None or self._records.ended):
            self._read_start()

    def _read_start(self) -> None:
        if self._carrier is not None:
            self._carrier.read_start()
        elif self._handle is not None:
            self._handle.read_start()

    def _read_stop(self) -> None:
        if self._carrier is not None:
            self._carrier.read_stop()
        elif self._handle is not None:
            self._handle.read_stop()

    def _protocol_failed(self, error: SSLError) -> None:
        """OpenSSL refuses what the peer sent, or the peer told us that it refuses what we did."""
        self._send_alert()
        self.destroy(with_code(error))

    # --- ending --------------------------------------------------------------------------------------------------

    def _final(self, callback: Callback) -> None:
        """All was written: say goodbye (close_notify), then finish the stream below."""
        if not self._secure:
            self._waiting_end = callback
            return
        self._pack()
        if self.destroyed:
            return
        self._final_callback = callback
        try:
            goodbye = self._records.close()  # type: ignore[union-attr]
        except SSLError:
            goodbye = b""           # the connection is broken already: reading tells how
        self._send_ciphertext([goodbye] if len(goodbye) > 0 else [], self._goodbye_sent)

    def _goodbye_sent(self, error: Exception | None) -> None:
        """The goodbye has left.  If it could not, the connection is gone, and reading tells how."""
        callback, self._final_callback = self._final_callback, None
        if callback is None:
            return
        if self._close_timeout and not (self.allow_half_open or self._readable_state.ended or self.destroyed):
            self._close_timer = CloseTimer()
            self._close_timer.socket = self
            self._close_timer.unref()
            self._close_timer.start(self._loop.timers, self._close_timeout)
        if self._carrier is not None and error is None:
            self._carrier.finish(callback)
            return
        if self._handle is not None and not self._peer_finished:
            self._handle.shutdown()
        callback(None)

    def _destroy(self, error: Exception | None, callback: Callback) -> None:
        self._end_handshake()
        self._pack()                            # it was written, as far as anybody knows
        self._send_gathered()
        if self._close_timer is not None:
            self._close_timer.stop()
            self._close_timer = None
        carrier, self._carrier = self._carrier, None
        self._records = self._behind = self._done = self._encrypted = None
        if carrier is not None:
            carrier.close()
        Socket._destroy(self, error, callback)

    def _handle_failed(self, error: int, syscall: str) -> None:
        if self._secure:
            HandleStream._handle_failed(self, error, syscall)
        else:
            self._handshake_failed(system_error(error, syscall))

    # --- what the carrier tells ----------------------------------------------------------------------------------

    def _carrier_received(self, data: bytes) -> None:
        self._receive(data)

    def _carrier_ended(self) -> None:
        self._finish_receiving()

    def _carrier_failed(self, error: Exception) -> None:
        if not self.destroyed:
            self._handshake_failed(error)

    def _carrier_closed(self, had_error: bool = False) -> None:
        """The stream below is gone.  After both goodbyes that is as it should be, and what we hold can still be read."""
        if not self._secure:
            self._handshake_cut()
        elif not (self._readable_state.ended and self._writable_state.finished):
            self.truncated = self.truncated or not self._readable_state.ended
            self.destroy()

    # --- hooks ---------------------------------------------------------------------------------------------------

    def _begin_handshake(self) -> None:
        """Hook: the stream below is open."""

    def _receive_handshake(self, data: bytes) -> None:
        """Hook: ciphertext before the connection is secure."""

    def _handshake_cut(self) -> None:
        """Hook: the stream below has ended before the connection was secure."""

    def _end_handshake(self) -> None:
        """Hook: let go of what only the handshake needs."""

    def _announce_secure(self) -> None:
        """Hook: tell the listeners."""

    def _look_for_session(self) -> None:
        """Hook, client: plaintext was read, and perhaps a session ticket."""


class CloseTimer(Timer):
    """How long a peer may be silent after our goodbye."""

    if TYPE_CHECKING:
        socket: EncryptedStream

    def on_timeout(self) -> None:
        socket = self.socket
        if not socket._readable_state.ended:
            socket.truncated = True
        socket.destroy()
