"""RecordLayer: ciphertext in, plaintext out, and the other way round.  No I/O: it knows no socket, loop or clock.

OpenSSL stands between two buffers in memory.  Four things about it decide how this file works:

    It must be asked at the right moment.  Asked for plaintext when only a part of a record is there, it answers with an
    exception, which costs more than to decrypt a small record.  So the bytes that arrive are cut at the ends of records
    (RFC 8446, section 5.1: type, version, and the length of what follows), and it is asked when one is complete.

    What it was given must be read before we say goodbye.  When close_notify is sent while plaintext of the peer waits in
    it, it fails, and the connection with it.  So it gets one record at a time; the rest waits here.

    What follows the handshake is no part of it.  A peer need not wait, and its plaintext, or its mistakes, may arrive with
    the last flight.  OpenSSL gets them when they are read: once it has failed, it no longer says who the peer is.

    Its buffers grow and never shrink.  One record at a time keeps that of what arrives small, also with a connection that
    was busy once, and in the processor's nearest cache.

A record that comes alone, as in a dialogue, is opened when it comes and read later: who has many connections does that
for all of them in a row, before anybody is told.

Each call into it has its price, and each chunk that goes up or down a stream.  So up to `CHUNK_BYTES` of plaintext are one
chunk, and so much is encrypted at once: with a record each, an echo of large chunks needs a fifteenth more CPU time.

A busy connection has one short record after the other, and what surrounds OpenSSL's own work is paid for each.  So it is
asked for no more than the record can hold, because it allocates what it is asked for; and whether it has something to
send only after a record that gave no plaintext, because others make it say nothing.  `ssl.SSLObject` forwards every call
to another object, which is asked directly where it can be had.

What is no TLS at all goes to OpenSSL as it is: the error that it finds has the name that everybody knows.
"""

from __future__ import annotations

from importlib import import_module
from ssl import MemoryBIO, SSLError, SSLObject, SSLWantReadError, SSLZeroReturnError
from typing import TYPE_CHECKING, Any

from .._engine.attempt import succeeds

if TYPE_CHECKING:
    from ssl import SSLContext, SSLSession

__all__ = ["CHUNK_BYTES", "RecordLayer"]

CHUNK_BYTES = 65536             # of plaintext, at most, at once: decrypted and encrypted
LARGEST_PLAINTEXT = 16384       # of one record (RFC 8446, section 5.1)
HEADER_BYTES = 5
_CHUNK_BYTES = CHUNK_BYTES
_LARGEST_PLAINTEXT = LARGEST_PLAINTEXT
_HEADER_BYTES = HEADER_BYTES
_LARGEST_RECORD = LARGEST_PLAINTEXT + 2048      # what TLS 1.2 allows encryption to add; OpenSSL refuses more
_LEAST_OVERHEAD = HEADER_BYTES + 9              # a record has 14 bytes more than its plaintext: TLS 1.3 with AES_128_CCM_8
_CHANGE_CIPHER_SPEC, _APPLICATION_DATA = 20, 23     # the first and the last of the record types
_NO_TLS = -1

_Connection: Any = getattr(import_module("_ssl"), "_SSLSocket", SSLObject)      # what SSLObject forwards to
_is_bare = _Connection is not SSLObject
# Methods without their objects: to look them up for each record costs as much as some of them, and to bind them more.
_give, _take = MemoryBIO.write, MemoryBIO.read
_shake_hands, _decrypt, _encrypt = _Connection.do_handshake, _Connection.read, _Connection.write
_say_goodbye = _Connection.shutdown if _is_bare else SSLObject.unwrap


class RecordLayer:
    """One side of a TLS connection.

    The owner hands what arrived to `receive`, then calls `handshake` until it is done, and after that `read`, again as long
    as it `has_more`.  Whatever it called, it sends what `data_to_send` gives.

    `ended` is True when the peer's close_notify was received: nothing follows it.

    `aside` is True when there was more than plaintext since `data_to_send` was called: a step of the handshake, a session
    ticket, new keys, an alert.  Otherwise there is nothing to send.
    """

    if TYPE_CHECKING:
        ended: bool
        aside: bool
        _failure: SSLError | None
        _connection: Any
        _incoming: MemoryBIO
        _outgoing: MemoryBIO
        _begun: bool
        _established: bool      # the handshake is done
        _plaintext: bytes       # of a record that was decrypted when it came
        _data: bytes            # ciphertext that OpenSSL did not get yet, from _offset on
        _offset: int
        _header: bytes          # the beginning of a record, too short to tell its length
        _missing: int           # how much of the current record is still to come; _NO_TLS: this is something else
        _given: int             # bytes that OpenSSL was given since the current record began

    def __init__(self, context: SSLContext, is_server: bool, servername: str | None = None,
                 session: SSLSession | None = None) -> None:
        self._incoming, self._outgoing = MemoryBIO(), MemoryBIO()
        if is_server and _is_bare:
            self._connection = context._wrap_bio(self._incoming, self._outgoing, True)  # type: ignore[attr-defined]
        else:
            tls = context.wrap_bio(self._incoming, self._outgoing, is_server, servername, session)
            self._connection = getattr(tls, "_sslobj", tls)
        self.ended = self.aside = False
        self._failure = None
        self._begun = self._established = False
        self._data = self._header = self._plaintext = b""
        self._offset = self._missing = self._given = 0

    @property
    def tls(self) -> SSLObject:
        """For who asks what was negotiated."""
        if not _is_bare:
            return self._connection  # type: ignore[no-any-return]
        tls = SSLObject.__new__(SSLObject)
        tls._sslobj = self._connection  # type: ignore[attr-defined]
        return tls

    def alpn_protocol(self) -> str | None:
        """The protocol that was agreed on."""
        return self._connection.selected_alpn_protocol()  # type: ignore[no-any-return]

    # --- receiving -----------------------------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Take ciphertext.  A record that comes alone is decrypted at once; `read` tells what came of it."""
        if self._comes_alone(data):
            _give(self._incoming, data)
            self._given = len(data)
            self._plaintext = self._open_record()
            return
        if self._offset < len(self._data):
            data = self._data[self._offset:] + data
        self._data = data
        self._offset = 0

    def _comes_alone(self, data: bytes) -> bool:
        """Whether this is one whole record after the handshake, and all before it was read."""
        size = len(data)
        return (_LEAST_OVERHEAD < size <= _HEADER_BYTES + _LARGEST_RECORD
                and data[0] == _APPLICATION_DATA and data[1] == 3 and data[3] << 8 | data[4] == size - _HEADER_BYTES
                and self._established and len(self._data) == 0 and self._missing == 0 and len(self._header) == 0
                and len(self._plaintext) == 0 and self._failure is None and not self.ended)

    def handshake(self) -> bool:
        """Go on with the handshake; whether it is done.  Raises ssl.SSLError, and an alert is to be sent then too."""
        while self._feed(1) or not self._begun:
            self._begun = self.aside = True
            if succeeds(_shake_hands, self._connection, SSLWantReadError):
                self._established = True
                return True
        return False

    def read(self) -> bytes:
        """Some plaintext of what was received.  Raises ssl.SSLError.

        It ends behind a record of another kind, so that the owner can see what that brought; before more plaintext it
        gives nothing, then.
        """
        pieces = None
        first, self._plaintext = self._plaintext, b""
        size = len(first)
        while size <= _CHUNK_BYTES - _LARGEST_PLAINTEXT and self._failure is None and not self.ended and self._feed(1):
            piece = self._open_record()
            if len(piece) == 0:
                break
            if size == 0:
                first = piece
            else:
                if pieces is None:
                    pieces = [first]
                pieces.append(piece)
            size += len(piece)
        if size == 0 and self._failure is not None:
            raise self._failure             # what came before it was good
        return first if pieces is None else b"".join(pieces)

    def has_more(self) -> bool:
        """Whether `read` has more to tell of what was received; nothing is behind the peer's close_notify."""
        return ((self._offset < len(self._data) and not self.ended) or len(self._plaintext) > 0
                or self._failure is not None)

    def _open_record(self) -> bytes:
        """The plaintext of the next record that OpenSSL was given; nothing if that was something else."""
        size = self._given - _LEAST_OVERHEAD
        if not 0 < size < _LARGEST_PLAINTEXT:
            size = _LARGEST_PLAINTEXT
        try:
            plaintext: bytes = _decrypt(self._connection, size)
            if len(plaintext) > 0:
                return plaintext
            self.ended = True
        except SSLWantReadError:            # a session ticket, or new keys
            pass
        except SSLZeroReturnError:          # close_notify, after our own
            self.ended = True
        except SSLError as error:
            self._failure = error
        self.aside = True
        return b""

    def _feed(self, limit: int) -> bool:
        """Give OpenSSL the records that are complete, until they are `limit` bytes; whether any is."""
        data, start = self._data, self._offset
        size = len(data)
        if start == size:
            return False
        if self._missing == 0 and len(self._header) == 0:
            self._given = 0
        at = complete = start
        while at < size and complete - start < limit:
            if self._missing == 0:
                at = self._read_header(data, at)
            elif self._missing == _NO_TLS:
                break
            else:
                step = min(self._missing, size - at)
                at += step
                self._missing -= step
                if self._missing == 0:
                    complete = at
        if self._missing == _NO_TLS:
            at = complete = size
        elif complete > start:              # what was begun after it is looked at again
            at = complete
            self._missing, self._header = 0, b""
        _give(self._incoming, data if start == 0 and at == size else memoryview(data)[start:at])
        self._given += at - start
        self._offset = at
        if at == size:
            self._data, self._offset = b"", 0
        return complete > start

    def _read_header(self, data: bytes, at: int) -> int:
        """Read the header of the record that begins at `at`; the place after it.  `_missing` is what follows."""
        header = self._header
        if header or len(data) - at < _HEADER_BYTES:
            taken = min(_HEADER_BYTES - len(header), len(data) - at)
            header = self._header = header + data[at:at + taken]
            at += taken
            if len(header) < _HEADER_BYTES:
                return at
            kind, version, length = header[0], header[1], header[3] << 8 | header[4]
            self._header = b""
        else:
            kind, version, length = data[at], data[at + 1], data[at + 3] << 8 | data[at + 4]
            at += _HEADER_BYTES
        if _CHANGE_CIPHER_SPEC <= kind <= _APPLICATION_DATA and version == 3 and 0 < length <= _LARGEST_RECORD:
            self._missing = length
        else:
            self._missing = _NO_TLS
        return at

    # --- sending -------------------------------------------------------------------------------------------------

    def encrypt(self, plaintext: bytes) -> bytes:
        """A chunk as ciphertext, with whatever was to be sent before it."""
        _encrypt(self._connection, plaintext)
        return _take(self._outgoing)

    def encrypt_all(self, chunks: list[bytes]) -> list[bytes]:
        """Chunks as pieces of ciphertext.  Small ones share a record."""
        whole = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        if len(whole) <= _CHUNK_BYTES:
            return [self.encrypt(whole)] if whole else []
        view = memoryview(whole)
        return [self._encrypt_view(view[at:at + _CHUNK_BYTES]) for at in range(0, len(whole), _CHUNK_BYTES)]

    def _encrypt_view(self, view: memoryview) -> bytes:
        _encrypt(self._connection, view)
        return _take(self._outgoing)

    def data_to_send(self) -> bytes:
        """What OpenSSL wants sent: flights of the handshake, alerts, answers to new keys."""
        if not self.aside:
            return b""
        self.aside = False
        return _take(self._outgoing)

    def close(self) -> bytes:
        """Say goodbye (close_notify); what to send.  Reading goes on, sending does not."""
        succeeds(_say_goodbye, self._connection, SSLWantReadError)      # if the peer's is still to come, we do not wait
        return _take(self._outgoing)
