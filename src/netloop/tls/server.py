"""Server: a `net.Server` whose connections are encrypted."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Hashable
from typing import TYPE_CHECKING, Any

from ..diagnostics import channel
from ..errors import invalid_type, unavailable
from ..net.server import Server as NetServer
from ..net.waiting import connections
from .options import TLSOptions, split_options
from .secure_context import SecureContext, create_secure_context
from .socket import TLSSocket, accepted, over_stream

if TYPE_CHECKING:
    from typing import Unpack

    from ..stream import Duplex
    from .keywords import ContextKeywords, ServerKeywords
    from .signatures import tls_server_off, tls_server_on

__all__ = ["Server"]

_CONNECTION = channel("net.server.connection")
_UNAVAILABLE = ("new_session", "resume_session", "ocsp_request")


class Server(NetServer):
    """A server of encrypted connections.

    Options, besides those of `net.Server` and `create_secure_context`:
        secure_context: a `SecureContext`, instead of the options for one.
        request_cert: ask clients for a certificate (default False).
        reject_unauthorized: with `request_cert`, refuse clients without one (default True).
        alpn_protocols: the protocols, best first; a client that offers others only is refused.
        alpn_callback: ``alpn_callback(servername, protocols)`` returns one of `protocols`, or None to refuse.
        sni_callback: ``sni_callback(servername, callback)``, then ``callback(error, secure_context_or_none)``, now or later.
            Both callbacks may be coroutine functions that return the answer.
        psk_callback: ``psk_callback(socket, identity)`` returns the pre-shared key, or None to refuse (Python 3.13).
        psk_identity_hint: what clients are told, up to TLS 1.2.
        handshake_timeout: milliseconds (default 120000).
        close_timeout: milliseconds of silence after `end()`, then the socket is destroyed (default 120000, 0: never).

    Events, besides those of `net.Server`:
        connection (socket): before the handshake.  ``emit("connection", stream)`` begins one over any Duplex.
        secure_connection (TLSSocket): the handshake is done.
        tls_client_error (exception, TLSSocket): it failed.  The socket is destroyed, the server goes on.
        keylog (line, TLSSocket): secrets of a handshake, in the format of SSLKEYLOGFILE.

    ``async for socket in server`` gives the secure connections.

    Source: https://nodejs.org/api/tls.html#class-tlsserver
    """

    if TYPE_CHECKING:  # typed events, see events/signatures.py
        on = add_listener = once = tls_server_on                        # type: ignore[assignment]
        prepend_listener = prepend_once_listener = tls_server_on        # type: ignore[assignment]
        off = remove_listener = tls_server_off

        _tls_options: TLSOptions
        _contexts: list[tuple[re.Pattern[str], SecureContext]]
        _alone: bool                    # nobody but us listens to `connection`
        _handshaking: set[TLSSocket]    # those whose handshake is still to be done

    def __init__(self, listener: Callable[[TLSSocket], object] | None = None, **options: Unpack[ServerKeywords]) -> None:
        if listener is not None and not callable(listener):
            raise invalid_type("listener", "a function of the secure socket", listener)
        of_tls, of_context = split_options(options)     # type: ignore[arg-type]  # what is left is net.Server's
        self._tls_options = TLSOptions(True, of_context, **of_tls)
        self._contexts = []
        self._alone = False
        self._handshaking = set()
        NetServer.__init__(self, None, **options)       # type: ignore[misc]
        self.on("connection", self._encrypt)
        if listener is not None:
            self.on("secure_connection", listener)

    def _listener_added(self, event: Hashable) -> None:
        if event in _UNAVAILABLE:
            self.remove_all_listeners(event)
            raise unavailable(f"the event {event!r}", "Python's ssl does not offer it")
        self._listener_removed(event)

    def _listener_removed(self, event: Hashable) -> None:
        if event == "connection":
            self._alone = self.listeners("connection") == [self._encrypt]

    # --- connections ---------------------------------------------------------------------------------------------

    def _accept(self, fd: int) -> None:
        """A connection: check it as `net.Server` does, then begin its handshake.

        Nobody but us listens to `connection` as a rule.  Then the TLSSocket gets the descriptor itself, and no stream
        stands between them.
        """
        if not self._alone:
            NetServer._accept(self, fd)
            return
        if not self._admits(fd):
            return
        socket = accepted(self, self._tls_options, fd, self._options_for_tcp if self._tcp else None)
        if _CONNECTION.subscribers is not None:
            _CONNECTION.publish({"server": self, "socket": socket})

    def _encrypt(self, stream: Duplex) -> None:
        """The listener for `connection`: encrypt it."""
        over_stream(self, self._tls_options, stream)

    def _handshake_failed(self, error: Exception, socket: TLSSocket) -> None:
        self._tell("tls_client_error", error, socket)

    def _tell_key(self, line: bytes, socket: TLSSocket) -> None:
        self._tell("keylog", line, socket)

    def _tell(self, event: str, *arguments: Any) -> None:
        """Emit in the middle of a handshake: what listeners raise goes to the loop."""
        try:
            self.emit(event, *arguments)
        except Exception as raised:
            self._loop.report(raised)

    # --- certificates --------------------------------------------------------------------------------------------

    def add_context(self, hostname: str, context: SecureContext | dict[str, Any]) -> None:
        """Answer clients that ask for `hostname` (SNI) with another certificate; the last one added wins.

        A ``*`` in `hostname` stands for any letters but a dot: ``*.example.org``, ``api-*.example.org``.  `context` may be
        a dict of the options of `create_secure_context`.

        Source: https://nodejs.org/api/tls.html#serveraddcontexthostname-context
        """
        if not isinstance(hostname, str) or not hostname:
            raise invalid_type("hostname", "a host name", hostname)
        if isinstance(context, dict):
            context = SecureContext(**context)
        if not isinstance(context, SecureContext):
            raise invalid_type("context", "a SecureContext, or a dict of its options", context)
        pattern = re.compile("[^.]*".join(re.escape(part) for part in hostname.split("*")), re.IGNORECASE)
        self._contexts.append((pattern, context))

    def _context_for(self, servername: str) -> SecureContext | None:
        """The context that was added for a name."""
        for pattern, context in reversed(self._contexts):
            if pattern.fullmatch(servername):
                return context
        return None

    def set_secure_context(self, **options: Unpack[ContextKeywords]) -> None:
        """Use these options of `create_secure_context` from now on; connections that exist keep what they have.

        Source: https://nodejs.org/api/tls.html#serversetsecurecontextoptions
        """
        self._tls_options = self._tls_options.with_context(create_secure_context(**options))

    def get_ticket_keys(self) -> bytes:
        """Raises FeatureUnavailableError."""
        raise unavailable("get_ticket_keys()", "Python's ssl does not tell them")

    def set_ticket_keys(self, keys: bytes) -> None:
        """Raises FeatureUnavailableError."""
        raise unavailable("set_ticket_keys()", "Python's ssl does not let them be set")

    def __repr__(self) -> str:
        return "<tls." + NetServer.__repr__(self)[1:]

    def __aiter__(self) -> AsyncIterator[TLSSocket]:
        return connections(self, "secure_connection")
