"""The functions of `tls`: short ways to a `Server` and a `TLSSocket`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Never, TypeAlias, Unpack, overload

from ..errors import check_options, unavailable
from ..net import is_ip
from ..net.connect_options import parse
from ..net.connecting import start
from ..timers import milliseconds
from .options import OPTION_NAMES, checked_servername
from .server import Server
from .socket import TLSSocket

if TYPE_CHECKING:
    from ..net.keywords import Path, Port
    from .keywords import ClientKeywords, ServerKeywords

__all__ = ["connect", "create_server", "get_certificate_compression_algorithms"]

Listener: TypeAlias = Callable[[], object]
OnSecureConnection: TypeAlias = Callable[[TLSSocket], object]

_WHERE = ("port", "host", "path", "family", "hints", "local_address", "local_port", "lookup", "auto_select_family",
          "auto_select_family_attempt_timeout")


def create_server(listener: OnSecureConnection | None = None, /, *more: Never,
                  **options: Unpack[ServerKeywords]) -> Server:
    """A new server; `listener` is called with each secure connection.  The options are those of `Server`.

    Source: https://nodejs.org/api/tls.html#tlscreateserveroptions-secureconnectionlistener
    """
    try:
        return Server(listener, *more, **options)
    except TypeError:
        from . import keywords
        check_options("tls.create_server", (listener, *more), options,
                      {*keywords.ServerKeywords.__annotations__, *OPTION_NAMES})
        raise


@overload
def connect(port: Port, host: str | None, listener: Listener | None = None, /,
            **options: Unpack[ClientKeywords]) -> TLSSocket: ...
@overload
def connect(port_or_path: Port | Path, listener: Listener | None = None, /,
            **options: Unpack[ClientKeywords]) -> TLSSocket: ...
@overload
def connect(listener: Listener, /, **options: Unpack[ClientKeywords]) -> TLSSocket: ...
@overload
def connect(**options: Unpack[ClientKeywords]) -> TLSSocket: ...


def connect(*args: Any, **options: Any) -> TLSSocket:
    """Connect to a server; returns the socket at once.  ``await`` it to wait until it is secure.

        connect(port[, host][, listener])       TCP; host is "localhost" by default
        connect(path[, listener])               a UNIX socket; `host` says who is to be verified there
        connect([listener, ]**options)
        connect([listener, ]socket=stream, **options)       over a stream that exists

    `listener` is called once, at `secure_connect`.  Options, besides those of `net.connect` and `create_secure_context`:
        secure_context: a `SecureContext`, instead of the options for one.
        servername: the host to ask for (default: `host`, unless that is an address; with `socket` the name that it was
            connected to; "" asks for none).
        reject_unauthorized: refuse a server that cannot be verified (default True; False warns).
        check_server_identity: a function instead of `tls.check_server_identity`.
        alpn_protocols: the protocols to offer, best first.
        session: a `TLSSession` to resume, from a connection with equal options.
        psk_callback: ``psk_callback(hint)`` returns ``{"identity": str, "psk": bytes}``, or None (Python 3.13).
        handshake_timeout: milliseconds (default 120000), then ERR_TLS_HANDSHAKE_TIMEOUT.
        close_timeout: milliseconds of silence after `end()`, then the socket is destroyed (default 120000, 0: never).

    Errors come as an `error` event: those of `net.connect`; ssl.SSLCertVerificationError (DEPTH_ZERO_SELF_SIGNED_CERT,
    CERT_HAS_EXPIRED, ERR_TLS_CERT_ALTNAME_INVALID, ...), ssl.SSLError (ERR_SSL_*), TimeoutError
    (ERR_TLS_HANDSHAKE_TIMEOUT), ConnectionResetError.  Wrong arguments raise at once.

    Source: https://nodejs.org/api/tls.html#tlsconnectoptions-callback
    """
    check_options("tls.connect", args, options, _names_for_connect())
    stream = options.pop("socket", None)
    where = {name: options.pop(name) for name in _WHERE if name in options}
    timeout = options.pop("timeout", None)
    idle_ms = 0 if timeout is None else milliseconds("timeout", timeout)
    wanted = listener = None
    if stream is None:
        wanted, listener = parse(args, where)           # wrong arguments raise before anything is opened
        # A path says where the server is, not who it is: that is the host, if one is given beside it.
        host = wanted.host if wanted.path is None else where.get("host") or None
    else:
        if args and callable(args[-1]):
            listener, args = args[-1], args[:-1]
        if args:
            raise TypeError("connect() takes either a socket or where to connect to")
        unused = where.keys() - {"host", "port"}            # which say who is at the other end
        if unused:
            raise TypeError(f"connect() takes no {', '.join(sorted(unused))} together with a socket")
        host = where.get("host") or getattr(stream, "_host_name", None)
    if "servername" in options:
        servername = checked_servername(options.pop("servername"))
    else:
        servername = None if host is None or is_ip(host) else host      # one that is no name is told when it is looked up
    socket = TLSSocket(stream, **options).set_timeout(idle_ms)
    socket.servername, socket._host = servername, servername or host
    if listener is not None:
        socket.once("secure_connect", listener)
    if wanted is not None and not socket.destroyed:     # by a signal that had been aborted
        start(socket, wanted)
    return socket


def get_certificate_compression_algorithms() -> list[str]:
    """Raises FeatureUnavailableError."""
    raise unavailable("get_certificate_compression_algorithms()", "Python's ssl does not offer it")


@cache
def _names_for_connect() -> frozenset[str]:
    """The options of `connect`: once, for connections are made more often than servers."""
    from . import keywords
    return frozenset((*keywords.ClientKeywords.__annotations__, *OPTION_NAMES))
