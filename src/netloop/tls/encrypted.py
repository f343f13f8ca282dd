"""EncryptedStream: the part of a TLSSocket that every byte goes through.

In:  ciphertext from the handle, or from the carrier -> the record layer -> `push`
Out: write() -> `_try_write`: encrypted, to the kernel at once when nothing is queued
                (what the kernel refuses: `_write`, which gets the same chunk next and finds it encrypted)

Ciphertext must leave in the order in which it was made, and not only writes make some: the handshake does, and the
peer can ask for new keys at any time.  So all of it goes through `_send_ciphertext`, one piece of work at a time; what
is made meanwhile waits behind.

Until the connection is secure, one write and the end may be under way already, and wait for it.
"""

from __future__ import annotations

from ssl import SSLError
from typing import TYPE_CHECKING, Any

from .._engine.timer_lists import Timer
from ..diagnostics import channel
from ..errors import StateError, system_error
from ..net.handle_stream import HandleStream
from ..net.socket import Socket
from ..stream.intake import push
from .errors import with_code
from .record import LARGEST_PLAINTEXT, RecordLayer

if TYPE_CHECKING:
    from ..stream.state import Callback
    from .carrier import Carrier

__all__ = ["EncryptedStream"]

_READ = channel("socket.read")
_WRITE = channel("socket.write")
_END = channel("socket.end")
_LARGEST_PLAINTEXT = LARGEST_PLAINTEXT


class EncryptedStream(Socket):
    """A Socket whose bytes are encrypted on the way."""

    if TYPE_CHECKING:
        truncated: bool
        _records: RecordLayer | None            # None until the handshake begins, and after destroy()
        _carrier: Carrier | None
        _secure: bool                           # the handshake is done
        _is_client: bool
        _sending: bool                          # ciphertext is on its way
        _behind: list[bytes] | None             # ciphertext that waits for it
        _done: Callback | None                  # the write whose ciphertext is under way, or waits
        _encrypted: bytes | None                # of the chunk that `_write` gets next
        _waiting: list[bytes] | None            # plaintext that waits for the handshake
        _waiting_callback: Callback | None
        _waiting_end: Callback | None
        _close_timeout: int                     # milliseconds; 0: none
        _close_timer: CloseTimer | None

    def _set_up_stream(self, carrier: Carrier | None, is_client: bool, close_timeout: int) -> None:
        self.truncated = self._secure = self._sending = False
        self._is_client = is_client
        self._records = None
        self._carrier = carrier
        self._behind = self._done = self._encrypted = None
        self._waiting = self._waiting_callback = self._waiting_end = None
        self._close_timeout = close_timeout
        self._close_timer = None

    # --- opening -------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        """The handle is there: begin the handshake."""
        self._begin_handshake()

    def _become_secure(self) -> None:
        """The handshake is done: do what waited for it, and read what came with it."""
        self._secure = True
        self._announce_secure()
        callback = self._waiting_callback
        if callback is not None and not self.destroyed:
            chunks, self._waiting, self._waiting_callback = self._waiting, None, None
            self._encrypt(chunks, callback)  # type: ignore[arg-type]  # both are set together
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
            self._records.receive(data)
            self._deliver()

    def _deliver(self) -> None:
        """Give on the plaintext of all that was received."""
        records = self._records
        more = True
        try:
            while True:
                plaintext = records.read()  # type: ignore[union-attr]  # it is there once we are secure
                if len(plaintext) == 0:
                    break
                self._bytes_received += len(plaintext)
                if _READ.subscribers is not None:
                    _READ.publish({"socket": self, "size": len(plaintext)})
                more = push(self, plaintext)
                if self.destroyed:
                    return
        except SSLError as error:
            self._protocol_failed(error)
            return
        if self._close_timer is not None:
            self._close_timer.touch()
        self._send_answer()
        if self._is_client:
            self._look_for_session()
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

    # --- sending -------------------------------------------------------------------------------------------------

    def _try_write(self, chunk: bytes) -> int:
        handle = self._handle
        if handle is None or not self._secure or self._sending or len(chunk) > _LARGEST_PLAINTEXT:
            return -1
        try:
            data = self._records.encrypt(chunk)  # type: ignore[union-attr]
        except SSLError:
            return -1               # `_write` meets it again, and tells
        taken = handle.try_write(data)
        if taken != len(data):
            self._encrypted = data[taken:] if taken > 0 else data
            return -1
        self._bytes_sent += len(chunk)
        self._stir()
        if _WRITE.subscribers is not None:
            _WRITE.publish({"socket": self, "size": len(chunk)})
        return len(chunk)

    def _write(self, chunk: Any, encoding: str, callback: Callback) -> None:
        self._bytes_sent += len(chunk)
        self._encrypt([chunk], callback)

    def _writev(self, chunks: list[tuple[Any, str]], callback: Callback) -> None:
        pieces = [chunk for chunk, _ in chunks]
        self._bytes_sent += self._writable_state.flight_length
        self._encrypt(pieces, callback)

    def _encrypt(self, chunks: list[bytes], callback: Callback) -> None:
        if not self._secure:
            self._waiting, self._waiting_callback = chunks, callback
            return
        records = self._records
        if records is None:
            callback(StateError("Socket is closed", "ERR_SOCKET_CLOSED"))
            return
        if _WRITE.subscribers is not None:
            _WRITE.publish({"socket": self, "size": sum(map(len, chunks))})
        encrypted, self._encrypted = self._encrypted, None
        try:
            pieces = [encrypted] if encrypted is not None else records.encrypt_all(chunks)
        except SSLError as error:
            callback(with_code(error))
            return
        self._send_ciphertext(pieces, callback)

    def _send_answer(self) -> None:
        """Send what the record layer has to say by itself."""
        if self._records is not None:
            data = self._records.data_to_send()
            if len(data) > 0:
                self._send_ciphertext([data], None)

    def _send_alert(self) -> None:
        """The same, right before destroy(): now or never."""
        data = b"" if self._records is None else self._records.data_to_send()
        if data:
            self._send_at_once(data)

    def _send_at_once(self, data: bytes) -> None:
        if self._carrier is not None:
            self._carrier.send_at_once(data)
        elif self._handle is not None:
            self._handle.try_write(data)

    def _send_ciphertext(self, pieces: list[bytes], callback: Callback | None) -> None:
        """Send ciphertext, after what is on its way."""
        if callback is not None:
            self._done = callback
        if self._sending:
            self._behind = pieces if self._behind is None else self._behind + pieces
        elif not pieces:
            self._ciphertext_sent(None)
        else:
            self._sending = True
            self._transmit(pieces)

    def _transmit(self, pieces: list[bytes]) -> None:
        self._stir()
        handle = self._handle
        if self._carrier is not None:
            self._carrier.send(pieces, self._ciphertext_sent)
        elif handle is None:
            self._ciphertext_sent(StateError("Socket is closed", "ERR_SOCKET_CLOSED"))
        else:
            result = handle.write(pieces)
            if result == 0:
                self._sent_callback = self._ciphertext_sent     # `_flushed` calls it
            else:
                self._ciphertext_sent(None if result > 0 else system_error(-result, "write"))

    def _ciphertext_sent(self, error: Exception | None = None) -> None:
        if error is None and self._behind:
            pieces, self._behind = self._behind, None
            self._transmit(pieces)
            return
        self._sending = False
        self._behind = None
        callback, self._done = self._done, None
        if callback is not None:
            callback(error)
        elif error is not None:
            self._handshake_failed(error)

    # --- ending --------------------------------------------------------------------------------------------------

    def _final(self, callback: Callback) -> None:
        """All was written: say goodbye (close_notify), then finish the stream below."""
        if not self._secure:
            self._waiting_end = callback
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

    def _handshake_failed(self, error: Exception) -> None:
        """Hook: the connection failed, perhaps before it was secure."""

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
