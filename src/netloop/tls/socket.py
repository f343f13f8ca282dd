"""TLSSocket: a Socket that is encrypted; with what TLS adds to one.

The bytes are `EncryptedStream`'s business, the way to security that of `handshake.py`, and `InspectedStream` answers what is
asked; here is the rest: making one, what a handshake comes to, and events.
"""

from __future__ import annotations

import ssl
from collections.abc import Generator, Hashable
from typing import TYPE_CHECKING, Any

from ..errors import StateError, invalid_type, unavailable
from ..net.socket import Socket
from .carrier import Carrier, check_carrier
from .errors import UNVERIFIED, disconnected
from .handshake import Handshake
from .inspected import InspectedStream
from .options import TLSOptions, checked_servername, split_options
from .session import TLSSession, checked_session

if TYPE_CHECKING:
    from typing import Self, Unpack

    from ..stream import Duplex
    from .keywords import SocketKeywords
    from .secure_context import SecureContext
    from .server import Server
    from .signatures import tls_socket_off, tls_socket_on

__all__ = ["TLSSocket", "accepted"]


class TLSSocket(InspectedStream):
    """An encrypted connection: a `Socket` whose `data` and `write` are plaintext.

    `tls.connect` makes and connects one, a `tls.Server` accepts them.  By hand, over a stream that exists::

        socket = tls.TLSSocket(stream, is_server=True, cert=cert, key=key)

    Parameters:
        socket: a Duplex of bytes to encrypt; it belongs to the TLSSocket from then on.  Without one, `connect` it.
        is_server: which side of the handshake this is (default False).
        servername: the host to ask for (SNI), and to be verified; client only.
        server: a `tls.Server` whose options, certificates and added contexts it has, instead of options; server only.
        session: a `TLSSession` to resume; client only.
        and the options of `tls.connect` or `tls.Server`, of `create_secure_context`, and without `socket` of `net.Socket`.

    Events, besides those of `Socket`:
        secure: the handshake is done.
        secure_connect: client: the same, and the server was verified unless that is off.
        session (TLSSession): client: a session that can be resumed.
        keylog (line): secrets of the handshake, in the format of SSLKEYLOGFILE.

    Attributes:
        authorized: whether the peer's certificate was verified.
        authorization_error: the code that says why not, or None.
        alpn_protocol: the protocol agreed on, False for none, None before the handshake.
        servername: the host asked for; server: False when there was none.
        truncated: the connection ended without the peer's close_notify: data may be missing.

    ``await socket`` waits until it is secure.

    Source: https://nodejs.org/api/tls.html#class-tlstlssocket
    """

    if TYPE_CHECKING:  # typed events, see events/signatures.py
        on = add_listener = once = tls_socket_on                        # type: ignore[assignment]
        prepend_listener = prepend_once_listener = tls_socket_on        # type: ignore[assignment]
        off = remove_listener = tls_socket_off

        authorized: bool
        authorization_error: str | None
        alpn_protocol: str | bool | None
        servername: str | bool | None
        _handshake: Handshake | None
        _tls_server: Server | None      # that accepted it, and tells of it
        _model: Server | None           # whose names and certificates it has
        _host: str | None               # to verify, where there is no name to ask for
        _session: TLSSession | None     # to resume
        _last_session: bytes | None     # the one that was told last
        _handshaking: set[TLSSocket] | None     # its server's, while it is in there

    def __init__(self, socket: Duplex | None = None, *, is_server: bool = False, servername: str | None = None,
                 session: TLSSession | None = None, server: Server | None = None,
                 **options: Unpack[SocketKeywords]) -> None:
        of_tls, of_context = split_options(options)     # type: ignore[arg-type]  # what is left is net.Socket's
        if server is not None:
            tls_options = _options_of(server, is_server, of_tls or of_context)
        else:
            tls_options = TLSOptions(is_server, of_context, **of_tls)
        servername, session = checked_servername(servername), checked_session(session)
        if options.get("onread") is not None:
            raise unavailable("onread", "what arrives in the buffer would be ciphertext")
        if socket is None:
            self._carrier = None            # the options of a Socket ask what is below
            Socket.__init__(self, **options)     # type: ignore[misc, arg-type]
        elif options:
            raise TypeError(f"TLSSocket() takes no {', '.join(options)} together with a socket")
        else:
            check_carrier(socket)
            self._start(None, socket.readable_high_water_mark, socket.allow_half_open)
            self._set_up_socket()
            self._ever_connected = True
        self._set_up_tls(tls_options, None if socket is None else Carrier(socket, self), None)
        self.servername, self._session, self._model = servername, session, server
        self._host = servername or getattr(socket, "_host_name", None)
        if socket is not None:
            self._begin_over_carrier()

    def _set_up_tls(self, options: TLSOptions, carrier: Carrier | None, server: Server | None) -> None:
        self._set_up_stream(carrier, not options.is_server, options.close_timeout)
        self._options = options
        self._tls_server = self._model = server
        self.authorized = False
        self.authorization_error = self.alpn_protocol = self.servername = None
        self._handshake = self._host = self._session = self._last_session = self._handshaking = None
        if server is not None:
            self._handshaking = server._handshaking
            self._handshaking.add(self)

    def _listener_added(self, event: Hashable) -> None:
        if event == "ocsp_response":
            self.remove_all_listeners(event)
            raise unavailable("the event 'ocsp_response'", "Python's ssl does not offer it")
        InspectedStream._listener_added(self, event)

    def _begin_over_carrier(self) -> None:
        """Take over the stream now, and begin when the maker of this socket has added its listeners."""
        if self._carrier is not None:
            self._carrier.start()
            if getattr(self._carrier.stream, "connecting", False):
                self.connecting = True
                self._carrier.stream.once("connect", self._carrier_connected)
            self._loop.next_tick(self._begin_handshake)

    def _carrier_connected(self) -> None:
        """The socket below is; as in Node there is no `ready` of ours."""
        if not self.destroyed:
            self.connecting = False
            self._tell("connect")

    def _prepare_connect(self) -> None:
        if self._carrier is not None or self.closed:
            raise StateError("A TLSSocket connects once; make a new one", "ERR_SOCKET_CLOSED")
        InspectedStream._prepare_connect(self)

    def _forget_listeners(self) -> None:
        """It never connects again, so its listeners go, which usually refer to it."""
        self._listeners = None

    def __await__(self) -> Generator[Any, Any, Self]:
        """Wait until the connection is secure; raises what prevented it.  Cancelling destroys it."""
        from .waiting import secured
        return secured(self).__await__()

    # --- the handshake -------------------------------------------------------------------------------------------

    def _begin_handshake(self) -> None:
        if self._handshake is None and not (self._secure or self.destroyed):
            self._handshake = Handshake(self, self._options)
            self._handshake.begin()

    def _receive_handshake(self, data: bytes) -> None:
        if self._handshake is None and not self.destroyed:
            self._begin_handshake()             # a carrier's bytes may come before our tick
        if self._handshake is not None:
            self._handshake.receive(data)

    def _handshake_done(self) -> None:
        """OpenSSL is content; are we?"""
        self.alpn_protocol = False
        if self._options.negotiates:
            self.alpn_protocol = self._records.alpn_protocol() or False     # type: ignore[union-attr]  # it shook hands
        try:
            error = self._verify()
        except Exception as raised:             # a check's, or of a certificate that cannot be read
            error = raised
        if error is not None:
            self.authorization_error = getattr(error, "code", None) or str(error)
            self._handshake_failed(error)       # our last flight stays here: our certificate is not for who this is
            return
        if self._handshake is not None:
            self._handshake.publish_end(self)
        self._end_handshake()
        self._become_secure()

    def _verify(self) -> Exception | None:
        """Set `authorized`; the error when the connection must not be."""
        options = self._options
        wanted = options.request_cert if options.is_server else options.verify
        certificate = self.get_peer_x509_certificate() if wanted else None
        if options.is_server:
            self.authorized = options.request_cert and certificate is not None
            if options.request_cert and certificate is None:
                self.authorization_error = "UNABLE_TO_GET_ISSUER_CERT"      # as in Node
            return None
        if not options.verify:
            self.authorization_error = UNVERIFIED
            return None
        host = self._host or self._asked_name() or "localhost"
        error: Any = options.check_identity(host, {} if certificate is None else certificate.to_legacy_object())
        if error is None:
            self.authorized = True
        elif not isinstance(error, Exception):
            return invalid_type("what check_server_identity returns", "an exception or None", error)
        return error  # type: ignore[no-any-return]

    def _announce_secure(self) -> None:
        if self._has_listeners("secure"):
            self._tell("secure")
            if self.destroyed:
                return
        server = self._tls_server
        if server is not None:
            try:
                server._emit1("secure_connection", self)
            except Exception as raised:
                self._loop.report(raised)
        elif self._is_client:
            self._tell("secure_connect")
            if not self.destroyed and self.get_protocol() != "TLSv1.3":
                self._look_for_session()

    def _handshake_cut(self) -> None:
        self._handshake_failed(disconnected(not self._is_client))

    def _handshake_failed(self, error: Exception) -> None:
        """A failure before the connection is secure is the server's to tell, not the socket's."""
        if self.destroyed:
            return
        if self._secure or not (self._handshake is not None or self._tls_server is not None):
            self.destroy(error)
            return
        Handshake.publish_error(self, error)
        if self.authorization_error is None:
            self.authorization_error = getattr(error, "code", None) if isinstance(
                error, ssl.SSLCertVerificationError) else None
        server = self._tls_server
        if server is None:
            self.destroy(error)
            return
        self._end_handshake()
        server._handshake_failed(error, self)
        self.destroy()

    def _end_handshake(self) -> None:
        handshake, self._handshake = self._handshake, None
        if handshake is not None:
            handshake.close()
        if self._handshaking is not None:
            self._handshaking.discard(self)
            self._handshaking = None

    def _asked_name(self) -> str | None:
        return self.servername if isinstance(self.servername, str) else None

    def _context_for(self, name: str | None) -> SecureContext | None:
        """What the server has for that name."""
        model = self._model
        return model._context_for(name) if name is not None and model is not None and model._contexts else None

    # --- sessions and keys ---------------------------------------------------------------------------------------

    def _session_for(self, context: ssl.SSLContext) -> ssl.SSLSession | None:
        """The session to resume, if it was begun with the same options: `ssl` allows no other."""
        if self._session is None:
            return None
        self._last_session = self._session.id       # who gave it to us need not be told of it
        return self._session.for_context(context)

    def _look_for_session(self) -> None:
        if not self._has_listeners("session") or self._records is None:
            return
        session = self._tls.session
        if session is None or session.id == self._last_session:
            return
        if session.has_ticket or self.get_protocol() != "TLSv1.3":
            self._last_session = session.id
            self._tell("session", self.get_session())

    def _wants_key_log(self) -> bool:
        server = self._tls_server
        return self._has_listeners("keylog") or (server is not None and server._has_listeners("keylog"))

    def _tell_key(self, line: bytes) -> None:
        self._tell("keylog", line)
        if self._tls_server is not None:
            self._tls_server._tell_key(line, self)

    def __repr__(self) -> str:
        state = "closed" if self.destroyed else self.get_protocol() if self._secure else "not secure yet"
        below = f" over {self._carrier.stream!r}" if self._carrier is not None else ""
        return f"<TLSSocket {state}{below or Socket.__repr__(self).removeprefix('<Socket').removesuffix('>')}>"


def _options_of(server: Server, is_server: bool, others: dict[str, Any]) -> TLSOptions:
    from .server import Server
    if not isinstance(server, Server):
        raise invalid_type("server", "a tls.Server", server)
    if not is_server or others:
        raise TypeError("server comes with is_server=True, and instead of other options of TLS")
    return server._tls_options


def accepted(server: Server, options: TLSOptions, fd: int, system_options: list[tuple[int, int, int]] | None) -> TLSSocket:
    """The socket of a connection that `server` accepted; its handshake begins."""
    socket = TLSSocket.__new__(TLSSocket)
    socket._start(server._loop, server._high_water_mark, server.allow_half_open)
    socket._set_up_socket()
    socket._set_up_tls(options, None, server)
    socket.server = server
    socket._ever_connected = True
    socket._own(fd, server._tcp)
    if system_options is not None:
        for level, name, value in system_options:
            socket._handle.set_option(level, name, value)  # type: ignore[union-attr]
    if server.pause_on_connect:
        socket.pause()
    else:
        state = socket._readable_state      # read(0) in short: the handle pushes by itself from now on
        state.reading, state.sync = True, False
    socket._begin_handshake()
    return socket


def over_stream(server: Server, options: TLSOptions, stream: Duplex) -> TLSSocket:
    """A server's side of a connection over a stream that exists."""
    check_carrier(stream)
    socket = TLSSocket.__new__(TLSSocket)
    socket._start(server._loop, stream.readable_high_water_mark, stream.allow_half_open)
    socket._set_up_socket()
    socket._ever_connected = True
    socket._set_up_tls(options, Carrier(stream, socket), server)
    if server.pause_on_connect:
        socket.pause()
    socket._begin_over_carrier()
    return socket
