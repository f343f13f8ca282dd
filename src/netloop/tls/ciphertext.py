"""CiphertextStream: the half of a TLSSocket that sends.

write() -> `_try_write`: encrypted, to the kernel at once when nothing is queued
           (what the kernel refuses: `_write`, which gets the same chunk next and finds it encrypted)

One receive may bring many records, and a listener may answer each.  What it writes while there are more to deliver is
gathered, and leaves with one system call after the last; a peer that waits is not woken up for each of them.  Short writes
are held as plaintext meanwhile, and while the listeners of other connections write too: they share a record then, and
OpenSSL encrypts for one connection after the other, without the rest of the program in between.

Ciphertext must leave in the order in which it was made, and not only writes make some: the handshake does, and the
peer can ask for new keys at any time.  So all of it goes through `_send_ciphertext`, one piece of work at a time; what
is made meanwhile waits behind.  A peer that asks and does not read what we answer is left when that is too much.

Until the connection is secure, one write may be under way already, and waits for it.
"""

from __future__ import annotations

from ssl import SSLError
from typing import TYPE_CHECKING, Any

from ..diagnostics import channel
from ..errors import StateError, system_error
from ..net.socket import Socket
from .errors import answers_unread, with_code
from .record import CHUNK_BYTES, RecordLayer

if TYPE_CHECKING:
    from ..stream.state import Callback
    from .carrier import Carrier

__all__ = ["CiphertextStream"]

_WRITE = channel("socket.write")
_CHUNK_BYTES = CHUNK_BYTES
_ENOUGH = 262144            # bytes gathered: send, whatever is still to be delivered
_MOST_HELD = 8192           # bytes of plaintext; what is longer does not wait for other connections anyway
_MOST_ANSWERS = 65536       # bytes: to two thousand requests for new keys; nobody means so many


class CiphertextStream(Socket):
    """A Socket that encrypts what it sends."""

    if TYPE_CHECKING:
        _records: RecordLayer | None            # None until the handshake begins, and after destroy()
        _carrier: Carrier | None
        _secure: bool                           # the handshake is done
        _sending: bool                          # ciphertext is on its way
        _promised: bool                         # some of it was written, and its writers believe that it has left
        _behind: list[bytes] | None             # ciphertext that waits for it
        _answers_behind: int                    # how many bytes of that nobody wrote
        _done: Callback | None                  # the write whose ciphertext is under way, or waits
        _encrypted: bytes | None                # of the chunk that `_write` gets next
        _held: bytes                            # plaintext that waits for more, and counts as sent
        _delivering: bool                       # what was received goes to the listeners
        _gathered: list[bytes] | None           # ciphertext that leaves when that is done
        _gathered_size: int
        _waiting: list[bytes] | None            # plaintext that waits for the handshake
        _waiting_callback: Callback | None

    def _set_up_sending(self, carrier: Carrier | None) -> None:
        self._secure = self._sending = self._promised = self._delivering = False
        self._answers_behind = 0
        self._records = None
        self._carrier = carrier
        self._behind = self._done = self._encrypted = None
        self._waiting = self._waiting_callback = self._gathered = None
        self._held = b""

    # --- writes --------------------------------------------------------------------------------------------------

    def _try_write(self, chunk: bytes) -> int:
        handle = self._handle
        if handle is None or not self._secure or self._sending or len(chunk) > _CHUNK_BYTES:
            return -1
        if not self._hold(chunk):
            try:
                data = self._records.encrypt(self._take_held() + chunk)  # type: ignore[union-attr]
            except SSLError:
                return -1               # `_write` meets it again, and tells
            if self._gathered is not None or self._is_delivering():
                self._gather(data)
            else:
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
        if len(self._held) > 0:
            chunks = [self._take_held(), *chunks]
        try:
            pieces = [encrypted] if encrypted is not None else records.encrypt_all(chunks)
        except SSLError as error:
            callback(with_code(error))
            return
        self._send_ciphertext(pieces, callback)

    def _encrypt_what_waited(self) -> None:
        """The connection is secure."""
        callback = self._waiting_callback
        if callback is not None and not self.destroyed:
            chunks, self._waiting, self._waiting_callback = self._waiting, None, None
            self._encrypt(chunks, callback)  # type: ignore[arg-type]  # both are set together

    # --- what waits for more -------------------------------------------------------------------------------------

    def _is_delivering(self) -> bool:
        """Whether listeners get more after this."""
        return self._delivering and self._records.has_more()  # type: ignore[union-attr]  # it is there while we deliver

    def _hold(self, chunk: bytes) -> bool:
        """Keep a chunk as plaintext, if it is short and something comes after it that calls `_pack`."""
        held = self._held
        if len(held) + len(chunk) > _MOST_HELD:
            return False
        if len(held) == 0 and not (self._handle.pack_later() or self._is_delivering()):  # type: ignore[union-attr]
            return False
        self._held = held + chunk
        return True

    def _take_held(self) -> bytes:
        held, self._held = self._held, b""
        return held

    def _pack(self) -> None:
        if len(self._held) == 0:
            return
        try:
            data = self._records.encrypt(self._take_held())  # type: ignore[union-attr]  # nothing is held after destroy()
        except SSLError as error:
            self._handshake_failed(with_code(error))
            return
        if self._gathered is None:
            taken = self._handle.try_write(data)  # type: ignore[union-attr]  # the same
            if taken == len(data):
                return
            data = data[max(taken, 0):]
        self._gather(data)
        self._send_gathered()

    def _pack_in_time(self) -> None:
        """All was delivered: have what was held packed with that of other connections, or now."""
        if len(self._held) > 0 and not self._handle.pack_later():  # type: ignore[union-attr]  # the same
            self._pack()

    def _gather(self, data: bytes) -> None:
        if self._gathered is None:
            self._gathered = []
            self._gathered_size = 0
        self._gathered.append(data)
        self._gathered_size += len(data)
        if self._gathered_size >= _ENOUGH:
            self._send_gathered()

    def _send_gathered(self) -> None:
        if self._gathered is not None:
            self._send_ciphertext([], None)     # which takes it along

    # --- what the record layer says by itself --------------------------------------------------------------------

    def _send_answer(self) -> None:
        """Send what the record layer has to say by itself, with what is held."""
        self._pack()
        if self._records is not None:
            data = self._records.data_to_send()
            if len(data) > 0:
                if self._sending:
                    self._answers_behind += len(data)
                    if self._answers_behind > _MOST_ANSWERS:
                        self.destroy(answers_unread())
                        return
                self._send_ciphertext([data], None)

    def _send_alert(self) -> None:
        """The same, right before destroy(): now or never."""
        data = b"" if self._records is None else self._records.data_to_send()
        if data:
            self._send_at_once(data)

    def _send_at_once(self, data: bytes) -> None:
        self._send_gathered()
        if self._carrier is not None:
            self._carrier.send_at_once(data)
        elif self._handle is not None:
            self._handle.try_write(data)

    # --- ciphertext ----------------------------------------------------------------------------------------------

    def _send_ciphertext(self, pieces: list[bytes], callback: Callback | None) -> None:
        """Send ciphertext, after what is on its way."""
        if self._gathered is not None:
            pieces = self._gathered + pieces
            self._gathered = None
            self._promised = True
        if callback is not None:
            self._done = callback
        if self._sending:
            self._behind = pieces if self._behind is None else self._behind + pieces
        elif not pieces:
            self._transmitted(None)
        else:
            self._sending = True
            self._transmit(pieces)

    def _transmit(self, pieces: list[bytes]) -> None:
        self._stir()
        handle = self._handle
        if self._carrier is not None:
            self._carrier.send(pieces, self._ciphertext_sent)
        elif handle is None:
            self._transmitted(StateError("Socket is closed", "ERR_SOCKET_CLOSED"))
        else:
            result = handle.write(pieces)
            if result == 0:
                self._sent_callback = self._ciphertext_sent     # `_flushed` calls it
            else:
                self._transmitted(None if result > 0 else system_error(-result, "write"))

    def _ciphertext_sent(self, error: Exception | None = None) -> None:
        """The callback of what is sent later."""
        self._transmitted(error)

    def _transmitted(self, error: Exception | None) -> None:
        if error is None and self._behind:
            pieces, self._behind = self._behind, None
            self._transmit(pieces)
            return
        promised = self._promised or not self._secure
        self._sending = self._promised = False
        self._behind = None
        self._answers_behind = 0
        callback, self._done = self._done, None
        if callback is not None:
            callback(error)
        elif error is not None and promised:
            self._handshake_failed(error)
        # Else nobody wrote what is lost, a ticket perhaps.  The peer is gone, but what it sent before may be here: to read
        # it, or to write, tells the rest.

    # --- hook ----------------------------------------------------------------------------------------------------

    def _handshake_failed(self, error: Exception) -> None:
        """Hook: the connection failed, perhaps before it was secure."""
