"""The keyword arguments of tls, typed: for editors and type checkers.  The classes that take them check them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

from ..net.keywords import ClientKeywords as NetClientKeywords
from ..net.keywords import Milliseconds
from ..net.keywords import ServerKeywords as NetServerKeywords
from ..net.keywords import SocketKeywords as NetSocketKeywords

if TYPE_CHECKING:
    import ssl

    from ..stream import Duplex
    from .secure_context import SecureContext
    from .session import TLSSession

PEM: TypeAlias = str | bytes | PathLike[str]
Key: TypeAlias = PEM | Mapping[str, Any]
Version: TypeAlias = Literal["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]


class ContextKeywords(TypedDict, total=False):
    """The keyword arguments of `create_secure_context`."""

    cert: PEM | list[PEM] | None
    key: Key | list[Key] | None
    passphrase: str | bytes | None
    pfx: PEM | list[Any] | None
    ca: PEM | list[PEM] | None
    crl: PEM | list[PEM] | None
    ciphers: str | None
    ecdh_curve: str
    dhparam: PEM | None
    honor_cipher_order: bool
    min_version: Version | None
    max_version: Version | None
    secure_protocol: str | None
    secure_options: int
    allow_partial_trust_chain: bool


class TLSKeywords(ContextKeywords, total=False):
    """What clients and servers take."""

    secure_context: SecureContext | None
    reject_unauthorized: bool
    alpn_protocols: Iterable[str | bytes] | bytes | None
    handshake_timeout: Milliseconds
    close_timeout: Milliseconds
    enable_trace: bool
    psk_callback: Callable[..., Any] | None


class SocketKeywords(TLSKeywords, NetSocketKeywords, total=False):
    """The keyword arguments of `TLSSocket`, besides those that it names."""

    check_server_identity: Callable[[str, dict[str, Any]], ssl.SSLError | Exception | None] | None
    request_cert: bool
    sni_callback: Callable[..., Any] | None
    alpn_callback: Callable[[str, list[str]], Any] | None
    psk_identity_hint: str | None


class ClientKeywords(TLSKeywords, NetClientKeywords, total=False):
    """The keyword arguments of `tls.connect`."""

    socket: Duplex | None
    servername: str | None
    session: TLSSession | None
    check_server_identity: Callable[[str, dict[str, Any]], ssl.SSLError | Exception | None] | None
    request_ocsp: bool


class ServerKeywords(TLSKeywords, NetServerKeywords, total=False):
    """The keyword arguments of `Server`."""

    request_cert: bool
    sni_callback: Callable[..., Any] | None
    alpn_callback: Callable[[str, list[str]], Any] | None
    psk_identity_hint: str | None
