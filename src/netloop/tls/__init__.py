"""Encrypted connections: TLS over TCP, over UNIX sockets, and over any other duplex stream.

    from netloop import run, tls

    server = tls.create_server(lambda socket: socket.pipe(socket), cert=certificate, key=key)
    server.listen(8443, lambda: print("listening on", server.address()))
    run()

Source: https://nodejs.org/api/tls.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._on_demand import names_on_demand
from .functions import connect, create_server, get_certificate_compression_algorithms
from .identity import check_server_identity
from .options import UnverifiedTLSWarning
from .secure_context import SecureContext, create_secure_context
from .server import Server
from .session import TLSSession
from .socket import TLSSocket
from .trust import get_ca_certificates, set_default_ca_certificates
from .versions import (
    CLIENT_RENEG_LIMIT,
    CLIENT_RENEG_WINDOW,
    DEFAULT_CIPHERS,
    DEFAULT_ECDH_CURVE,
    DEFAULT_MAX_VERSION,
    DEFAULT_MIN_VERSION,
    CipherInfo,
    get_ciphers,
)

if TYPE_CHECKING:
    from .x509 import X509Certificate

    root_certificates: tuple[str, ...]

__all__ = [
    "create_server", "Server", "connect", "TLSSocket", "TLSSession",
    "create_secure_context", "SecureContext", "check_server_identity", "X509Certificate",
    "get_ciphers", "CipherInfo", "get_ca_certificates", "set_default_ca_certificates", "root_certificates",
    "get_certificate_compression_algorithms", "UnverifiedTLSWarning",
    "DEFAULT_CIPHERS", "DEFAULT_ECDH_CURVE", "DEFAULT_MAX_VERSION", "DEFAULT_MIN_VERSION",
    "CLIENT_RENEG_LIMIT", "CLIENT_RENEG_WINDOW",
]

_on_demand = names_on_demand(__name__, {"X509Certificate": "x509"})


if not TYPE_CHECKING:       # a checker would take it for any name at all, misspelled ones too
    def __getattr__(name: str) -> Any:
        if name == "root_certificates":     # the system's; read when somebody asks for them
            from .trust import system_certificates
            return system_certificates()
        return _on_demand(name)
