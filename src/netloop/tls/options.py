"""How connections are made: the options of TLS that are not those of a context, checked once and shared by all of them."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import invalid_type, invalid_value, unavailable
from ..net import is_ip
from ..timers import milliseconds
from .alpn import checked_protocols
from .checks import check_flags
from .identity import check_server_identity as default_check
from .psk import checked_psk
from .secure_context import SecureContext, shared_context
from .session import checked_session

if TYPE_CHECKING:
    from datetime import timedelta

    from .psk import PreSharedKeys

__all__ = ["CLOSE_TIMEOUT_MS", "HANDSHAKE_TIMEOUT_MS", "OPTION_NAMES", "TLSOptions", "UnverifiedTLSWarning",
           "check_client_options", "checked_servername", "split_options"]

HANDSHAKE_TIMEOUT_MS = 120_000      # Node's, of servers
CLOSE_TIMEOUT_MS = 120_000          # long enough for a peer that works on its answer

_OF_TLS = ("secure_context", "reject_unauthorized", "request_cert", "alpn_protocols", "check_server_identity",
           "sni_callback", "alpn_callback", "handshake_timeout", "close_timeout", "enable_trace", "request_ocsp",
           "min_dh_size", "psk_callback", "psk_identity_hint")
_OF_CONTEXT = ("cert", "key", "passphrase", "pfx", "ca", "crl", "ciphers", "ecdh_curve", "dhparam", "honor_cipher_order",
               "min_version", "max_version", "secure_protocol", "secure_options", "allow_partial_trust_chain", "sigalgs",
               "ticket_keys", "session_timeout", "session_id_context", "certificate_compression", "client_cert_engine",
               "private_key_engine", "private_key_identifier")

OPTION_NAMES = (*_OF_TLS, *_OF_CONTEXT)

_ATTRIBUTES = ("is_server", "verify", "request_cert", "verify_mode", "protocols", "negotiates", "check_identity",
               "sni_callback", "alpn_callback", "psk", "handshake_timeout", "close_timeout")


class UnverifiedTLSWarning(RuntimeWarning):
    """Verification was switched off: the connection is encrypted, but nobody knows to whom it leads."""


class TLSOptions:
    """What a TLSSocket needs to know for its handshake."""

    if TYPE_CHECKING:
        is_server: bool
        context: SecureContext
        verify: bool
        request_cert: bool
        verify_mode: ssl.VerifyMode                 # a server's
        protocols: tuple[bytes, ...]
        negotiates: bool                            # whether a protocol may come of it
        check_identity: Callable[..., Any]
        sni_callback: Callable[..., Any] | None
        alpn_callback: Callable[..., Any] | None
        psk: PreSharedKeys | None
        handshake_timeout: int                      # milliseconds; 0: none
        close_timeout: int

    def __init__(self, is_server: bool, context: dict[str, Any], *, secure_context: SecureContext | None = None,
                 reject_unauthorized: bool = True, request_cert: bool = False, alpn_protocols: Any = None,
                 check_server_identity: Callable[..., Any] | None = None,
                 sni_callback: Callable[..., Any] | None = None, alpn_callback: Callable[..., Any] | None = None,
                 handshake_timeout: float | timedelta = HANDSHAKE_TIMEOUT_MS,
                 close_timeout: float | timedelta = CLOSE_TIMEOUT_MS,
                 psk_callback: Callable[..., Any] | None = None, psk_identity_hint: str | None = None,
                 **others: Any) -> None:
        for name, value in others.items():
            if value:
                raise unavailable(name, "Python's ssl does not offer it")
        for name, function in (("check_server_identity", check_server_identity), ("sni_callback", sni_callback),
                               ("alpn_callback", alpn_callback)):
            if function is not None and not callable(function):
                raise invalid_type(name, "a function", function)
        check_flags(reject_unauthorized=reject_unauthorized, request_cert=request_cert)
        if is_server and check_server_identity is not None:
            raise TypeError("check_server_identity is an option of clients")
        if not is_server and (request_cert or sni_callback is not None or alpn_callback is not None):
            raise TypeError("request_cert, sni_callback and alpn_callback are options of servers")
        if secure_context is not None:
            if not isinstance(secure_context, SecureContext):
                raise invalid_type("secure_context", "what create_secure_context returns", secure_context)
            beside = [name for name, value in context.items() if value is not None]
            if beside:
                raise TypeError(f"secure_context comes instead of {', '.join(beside)}")
        if alpn_callback is not None and alpn_protocols is not None:
            error = invalid_value("alpn_protocols", "left out when there is an alpn_callback", alpn_protocols)
            error.code = "ERR_TLS_ALPN_CALLBACK_WITH_PROTOCOLS"
            raise error
        self.is_server = is_server
        self.context = shared_context(context) if secure_context is None else secure_context
        self.verify = reject_unauthorized
        self.request_cert = request_cert
        self.verify_mode = ssl.CERT_NONE
        if request_cert:
            self.verify_mode = ssl.CERT_REQUIRED if self.verify else ssl.CERT_OPTIONAL
        self.protocols = checked_protocols(alpn_protocols)
        self.negotiates = bool(self.protocols) or alpn_callback is not None
        self.check_identity = default_check if check_server_identity is None else check_server_identity
        self.sni_callback = sni_callback
        self.alpn_callback = alpn_callback
        self.psk = checked_psk(psk_callback, psk_identity_hint, is_server)
        self.handshake_timeout = milliseconds("handshake_timeout", handshake_timeout)
        self.close_timeout = milliseconds("close_timeout", close_timeout)
        if not is_server and not self.verify:
            warnings.warn("reject_unauthorized=False: this TLS connection may lead to anybody", UnverifiedTLSWarning,
                          stacklevel=4)

    def ssl_context(self, context: SecureContext, protocols: tuple[bytes, ...]) -> ssl.SSLContext:
        """What `ssl` has to know for a connection with this context and these protocols."""
        if self.is_server:
            return context.for_server(self.verify_mode, protocols, self.psk)
        return context.for_client(self.verify, protocols, self.psk)

    def with_context(self, context: SecureContext) -> TLSOptions:
        """The same with another context."""
        changed = TLSOptions.__new__(TLSOptions)
        for name in _ATTRIBUTES:
            setattr(changed, name, getattr(self, name))
        changed.context = context
        return changed


def split_options(options: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take from `options` those of TLS, and those of a context."""
    of_tls = {name: options.pop(name) for name in _OF_TLS if name in options}
    of_context = {name: options.pop(name) for name in _OF_CONTEXT if name in options}
    return of_tls, of_context


def check_client_options(options: dict[str, Any]) -> None:
    """Raise what `connect` would raise for these options of TLS.  That verification is off, `connect` tells."""
    of_tls, of_context = split_options(dict(options))
    check_flags(reject_unauthorized=of_tls.pop("reject_unauthorized", True))
    TLSOptions(False, of_context, **of_tls)
    checked_servername(options.get("servername"))
    checked_session(options.get("session"))


def checked_servername(servername: Any) -> str | None:
    """The option `servername`; "" means that no name is sent (SNI)."""
    if servername is None or servername == "":
        return servername or None
    if not isinstance(servername, str):
        raise invalid_type("servername", "a str", servername)
    if is_ip(servername):
        raise invalid_value("servername", "a host name, not an IP address (RFC 6066, section 3)", servername)
    if not _can_be_asked_for(servername):
        raise invalid_value("servername", "a host name, with labels of 1 to 63 bytes", servername)
    return servername


def _can_be_asked_for(servername: str) -> bool:
    """Whether `ssl` can send it."""
    try:
        return b"\0" not in servername.encode("idna")
    except UnicodeError:        # a label is empty or too long, or has characters that no name has
        return False
