"""Handshake: from a stream to a secure one.  It exists only as long as that takes, and is its own timeout.

A client begins at once.  A server waits for the ClientHello, chooses a context by it (which may take a while: the
choice can be a callback's), and only then begins, with the bytes that had arrived.

It ends in ``socket._handshake_done()`` or ``socket._handshake_failed(error)``.
"""

from __future__ import annotations

import ssl
from time import monotonic_ns
from typing import TYPE_CHECKING

from .._engine.timer_lists import Timer
from ..diagnostics import channel
from .alpn import NO_APPLICATION_PROTOCOL
from .choice import Choice, NoApplicationProtocolError, protocols_in_common
from .client_hello import NEED_DATA, NO_HELLO, HelloReader, read_whole_hello
from .errors import handshake_timeout, note_plain_text, unreadable_hello, with_code
from .keylog import KeyLog
from .record import RecordLayer

if TYPE_CHECKING:
    from .client_hello import ClientHello
    from .options import TLSOptions
    from .secure_context import SecureContext
    from .socket import TLSSocket

__all__ = ["Handshake"]

_START = channel("tls.handshake.start")
_END = channel("tls.handshake.end")
_ERROR = channel("tls.handshake.error")
_MOST_RECEIVED = 65536      # bytes, while a choice takes its time: a client has little to say before it is answered
_HANDSHAKE_RECORD = b"\x16\x03"         # how one begins (RFC 8446, section 5.1); OpenSSL takes no other for a beginning
_DECODE_ERROR = b"\x15\x03\x03\x00\x02\x02\x32"        # an alert, before anything is encrypted


class Handshake(Timer):
    """The handshake of a TLSSocket."""

    if TYPE_CHECKING:
        _socket: TLSSocket | None
        _options: TLSOptions
        _hello: HelloReader | None          # a server's, while its ClientHello comes in pieces
        _received: bytes                    # a server's: what came before the choice
        _choice: Choice | None
        _waits: bool                        # and reads no more, because enough came meanwhile
        _key_log: KeyLog | None
        _context: ssl.SSLContext | None
        _began: int

    def __init__(self, socket: TLSSocket, options: TLSOptions) -> None:
        self._socket = socket
        self._options = options
        self._hello = self._choice = self._key_log = self._context = None
        self._received = b""
        self._waits = False
        self._began = monotonic_ns()

    def begin(self) -> None:
        socket, options = self._socket, self._options
        assert socket is not None
        if _START.subscribers is not None:
            _START.publish({"socket": socket})
        self.unref()
        if options.handshake_timeout:
            self.start(socket._loop.timers, options.handshake_timeout)
        socket._read_start()
        if not options.is_server:
            self._connect(options.context, options.protocols)

    def receive(self, data: bytes) -> None:
        """Ciphertext from the peer."""
        socket = self._socket
        if socket is None:
            return
        if socket._records is not None:
            socket._records.receive(data)
            self._step()
            return
        if self._choice is not None:
            self._received += data
            if len(self._received) > _MOST_RECEIVED and not self._waits:
                self._waits = True
                socket._read_stop()             # the choice takes its time, and memory is limited
            return
        if self._hello is None:
            whole = read_whole_hello(data)
            if whole is not None:
                self._received = data
                self._choose(whole)
                return
            self._hello = HelloReader()
        hello = self._hello.receive(data)
        if hello is not NEED_DATA:
            self._received = bytes(self._hello.received)
            self._hello = None
            self._choose(hello)

    # --- a server's choice ---------------------------------------------------------------------------------------

    def _choose(self, hello: ClientHello) -> None:
        socket = self._socket
        assert socket is not None
        options = self._options
        if hello is NO_HELLO and self._received.startswith(_HANDSHAKE_RECORD) and self._has_a_choice():
            self._refuse(unreadable_hello(), _DECODE_ERROR)
            return
        name, offered = hello
        socket.servername = name or False
        if options.sni_callback is None and options.alpn_callback is None:
            protocols = protocols_in_common(options, offered)
            if protocols is None:
                self._refuse(NoApplicationProtocolError("no application protocol in common"), NO_APPLICATION_PROTOCOL)
            else:
                self._connect(socket._context_for(name) or options.context, protocols, self._received)
            return
        choice = self._choice = Choice(self, socket, options, hello)
        choice.begin()                          # we go on reading: a client that leaves need not be answered

    def _has_a_choice(self) -> bool:
        """Whether it depends on the ClientHello how this server answers, and if."""
        options, model = self._options, self._socket._model  # type: ignore[union-attr]  # we are asked while there is one
        return (options.sni_callback is not None or options.alpn_callback is not None or len(options.protocols) > 0
                or (model is not None and len(model._contexts) > 0))

    def _chosen(self, context: SecureContext, protocols: tuple[bytes, ...]) -> None:
        socket = self._socket
        if socket is None:
            return
        if self._waits:
            socket._read_start()
        self._connect(context, protocols, self._received)

    def _refuse(self, error: Exception, alert: bytes) -> None:
        if self._socket is not None:
            self._socket._send_at_once(alert)
            self._socket._handshake_failed(error)

    # --- the steps -----------------------------------------------------------------------------------------------

    def _connect(self, chosen: SecureContext, protocols: tuple[bytes, ...], received: bytes = b"") -> None:
        socket, options = self._socket, self._options
        assert socket is not None
        self._received = b""
        if chosen is not options.context:
            socket._options = options.with_context(chosen)      # whose certificate `get_certificate` tells
        try:
            context = self._context = options.ssl_context(chosen, protocols)
            if socket._wants_key_log():
                self._key_log = KeyLog.start(context)
            is_server = options.is_server
            socket._records = RecordLayer(context, is_server, None if is_server else socket._asked_name(),
                                          socket._session_for(context))
        except Exception as error:              # a name that cannot be asked for, for example
            socket._handshake_failed(error)
            return
        if received:
            socket._records.receive(received)
        self._step()

    def _step(self) -> None:
        socket = self._socket
        assert socket is not None
        assert socket._records is not None
        failure: Exception | None = None
        done = False
        psk = self._options.psk
        if self._key_log is not None:
            self._key_log.clear()
        try:
            done = socket._records.handshake() if psk is None else psk.handshake(socket._records, socket)
        except ssl.SSLError as error:
            failure = with_code(error)
            if not self._options.is_server:
                note_plain_text(failure)
        except Exception as error:              # a psk_callback's
            failure = error
        if self._key_log is not None:
            self._tell_keys()
            if self._socket is None:            # a listener destroyed it
                return
        if failure is not None:
            socket._send_alert()
            socket._handshake_failed(failure)
            return
        if done:
            socket._handshake_done()            # what it and its listeners write leaves with our last flight
        else:
            socket._send_answer()

    def _tell_keys(self) -> None:
        assert self._key_log is not None
        for line in self._key_log.take():
            if self._socket is not None:
                self._socket._tell_key(line)

    def on_timeout(self) -> None:
        if self._socket is not None:
            self._socket._handshake_failed(handshake_timeout())

    # --- its end -------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Let go of everything."""
        self.stop()
        if self._choice is not None:
            self._choice.cancel()
        self._socket = self._choice = None
        if self._key_log is not None and self._context is not None:
            self._key_log.stop(self._context)
            self._key_log = None

    def publish_end(self, socket: TLSSocket) -> None:
        if _END.subscribers is not None:
            cipher = socket.get_cipher()
            _END.publish({"socket": socket, "protocol": socket.get_protocol(),
                          "cipher": None if cipher is None else cipher.name, "alpn_protocol": socket.alpn_protocol,
                          "servername": socket.servername, "reused": socket.is_session_reused(),
                          "elapsed_ms": round((monotonic_ns() - self._began) / 1e6, 3)})

    @staticmethod
    def publish_error(socket: TLSSocket, error: Exception) -> None:
        if _ERROR.subscribers is not None:
            _ERROR.publish({"socket": socket, "error": error})
