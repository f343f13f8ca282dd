"""SecureContext: certificates, trust, versions and ciphers, ready for many connections.

`ssl.SSLContext` mixes two things: what one loads once (keys, trust), and how a connection is made (verification,
protocols to offer).  Here the first is a SecureContext, and it keeps an `ssl.SSLContext` for each way in which it was
used.  That the same options lead to the same `ssl.SSLContext` is what lets sessions be resumed.
"""

from __future__ import annotations

import ssl
from collections import OrderedDict
from os import PathLike
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentValueError, invalid_type, invalid_value, unavailable
from .checks import check_available, check_bits, check_flags, check_passphrase
from .errors import with_code
from .loading import in_pairs, load_authority, load_pair
from .material import KeyMaterial, as_file, as_list, certificates_and_keys, pem, pem_certificates, read_pfx, version_of
from .trust import default_authorities, load_default_trust
from .versions import DEFAULT_CIPHERS, split_ciphers, version_range

if TYPE_CHECKING:
    from typing import Unpack

    from .keywords import ContextKeywords
    from .psk import PreSharedKeys

__all__ = ["SecureContext", "create_secure_context", "shared_context"]

MOST_USES = 64          # `ssl.SSLContext`s that one SecureContext keeps; an ALPN callback may ask for more
MOST_SHARED = 64        # contexts that connections with equal options share

_CURVES = {"P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1"}     # NIST's names, which Python's ssl lacks


class SecureContext:
    """What `create_secure_context` makes; it has the options."""

    def __init__(self, *, cert: Any = None, key: Any = None, passphrase: str | bytes | None = None, pfx: Any = None,
                 ca: Any = None, crl: Any = None, ciphers: str | None = None, ecdh_curve: str = "auto",
                 dhparam: Any = None, honor_cipher_order: bool = True, min_version: str | None = None,
                 max_version: str | None = None, secure_protocol: str | None = None, secure_options: int = 0,
                 allow_partial_trust_chain: bool = False, **others: Any) -> None:
        check_available(others)
        check_flags(honor_cipher_order=honor_cipher_order, allow_partial_trust_chain=allow_partial_trust_chain)
        check_bits("secure_options", secure_options)
        check_passphrase(passphrase)
        self._keys = in_pairs(*certificates_and_keys(cert, key, passphrase))
        self._authorities: list[bytes] | None = None if ca is None else [pem("ca", each) for each in as_list(ca)]
        self._in_pfx: list[bytes] = []          # whom we trust besides
        for each in as_list(pfx):
            given = each if isinstance(each, dict) else {"buf": each}
            material, authorities = read_pfx(given.get("buf"), given.get("passphrase", passphrase))
            self._keys.append(material)
            self._in_pfx += authorities
        self._revocations = [pem("crl", each) for each in as_list(crl)]
        self._versions = version_range(min_version, max_version, secure_protocol)
        self._ciphers = self._choose_ciphers(DEFAULT_CIPHERS if ciphers is None else ciphers)
        if not isinstance(ecdh_curve, str):
            raise invalid_type("ecdh_curve", "a str", ecdh_curve)
        if ":" in ecdh_curve:
            raise unavailable("a list of curves as ecdh_curve", "Python's ssl takes one")
        self._curve = None if ecdh_curve == "auto" else _CURVES.get(ecdh_curve, ecdh_curve)
        self._dhparam = _dh_group(dhparam)
        self._options = secure_options
        self._server_order = honor_cipher_order
        self._partial_chain = allow_partial_trust_chain
        self._uses: OrderedDict[Any, ssl.SSLContext] = OrderedDict()
        if (self._keys or self._authorities or self._revocations or ciphers is not None or self._curve is not None
                or self._dhparam is not None):
            self._context(False, ssl.CERT_REQUIRED, ())     # what is broken is told where it was given

    def _choose_ciphers(self, ciphers: str) -> str:
        """The suites up to TLS 1.2; a list without any for a version makes do without that version, as in Node."""
        modern, older = split_ciphers(ciphers)
        oldest, newest = self._versions
        if not modern and newest is ssl.TLSVersion.TLSv1_3:
            newest = ssl.TLSVersion.TLSv1_2
        if not older and oldest is not ssl.TLSVersion.TLSv1_3:
            oldest = ssl.TLSVersion.TLSv1_3
        if oldest > newest:
            raise invalid_value("ciphers", "suites of a version from min_version to max_version", ciphers)
        self._versions = oldest, newest
        return older

    # --- the contexts of ssl -------------------------------------------------------------------------------------

    @property
    def context(self) -> ssl.SSLContext:
        """The `ssl.SSLContext` for a client that verifies."""
        return self._context(False, ssl.CERT_REQUIRED, ())

    def for_client(self, verify: bool, protocols: tuple[bytes, ...], psk: PreSharedKeys | None = None) -> ssl.SSLContext:
        """The `ssl.SSLContext` for a client that offers these protocols, and asks `psk` for a key."""
        return self._context(False, ssl.CERT_REQUIRED if verify else ssl.CERT_NONE, protocols, psk)

    def for_server(self, verify: ssl.VerifyMode, protocols: tuple[bytes, ...],
                   psk: PreSharedKeys | None = None) -> ssl.SSLContext:
        """The `ssl.SSLContext` for a server that speaks these protocols, and asks `psk` for keys."""
        return self._context(True, verify, protocols, psk)

    def _context(self, is_server: bool, verify: ssl.VerifyMode, protocols: tuple[bytes, ...],
                 psk: PreSharedKeys | None = None) -> ssl.SSLContext:
        use = (is_server, int(verify), protocols, psk)      # an enum's hash is a function in Python
        found = self._uses.get(use)
        if found is None:
            try:
                found = self._build(is_server, verify, protocols)
            except ssl.SSLError as error:
                raise with_code(error) from None
            if psk is not None:
                psk.install(found, is_server)
            self._uses[use] = found
            if len(self._uses) > MOST_USES:
                self._uses.popitem(last=False)
        return found

    def _build(self, is_server: bool, verify: ssl.VerifyMode, protocols: tuple[bytes, ...]) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if is_server else ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False          # `check_server_identity` does that
        context.verify_mode = verify
        context.options |= self._options | ssl.OP_NO_RENEGOTIATION
        if is_server and not self._server_order:
            context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
        context.minimum_version, context.maximum_version = self._versions
        if self._ciphers:
            context.set_ciphers(self._ciphers)
        if self._curve is not None:
            _set_curve(context, self._curve)
        if protocols:
            context.set_alpn_protocols([each.decode("latin-1") for each in protocols])
        self._load_keys(context)
        if verify is not ssl.CERT_NONE:
            self._load_trust(context)
        return context

    def _load_keys(self, context: ssl.SSLContext) -> None:
        for material in self._keys:
            load_pair(context, material)
        if self._dhparam is not None:
            with as_file(self._dhparam) as path:
                context.load_dh_params(path)

    def _load_trust(self, context: ssl.SSLContext) -> None:
        if self._authorities is None:
            load_default_trust(context)
        for authority in [*(self._authorities or ()), *self._in_pfx]:
            certificates: list[str | bytes] = [*pem_certificates(authority)]
            for certificate in certificates or [authority]:     # what is not PEM is DER
                load_authority(context, certificate)
        if self._partial_chain:
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        for revocations in self._revocations:
            with as_file(revocations) as path:
                context.load_verify_locations(cafile=path)
        if self._revocations:
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN

    # --- asking --------------------------------------------------------------------------------------------------

    def own_certificate(self) -> bytes | None:
        """Our certificate as PEM; None when there is none, or several: which one was used `ssl` does not tell."""
        keys: list[KeyMaterial] = self._keys
        return keys[0][0] if len(keys) == 1 else None

    def __repr__(self) -> str:
        oldest, newest = (each.name.replace("_", ".") for each in self._versions)
        return f"<SecureContext {len(self._keys)} certificates, {oldest} to {newest}>"


def _dh_group(dhparam: Any) -> bytes | None:
    if dhparam == "auto":
        from .dh_groups import FFDHE2048
        return FFDHE2048
    return None if dhparam is None else pem("dhparam", dhparam)


def _set_curve(context: ssl.SSLContext, curve: str) -> None:
    try:
        context.set_ecdh_curve(curve)
    except ValueError:
        raise ArgumentValueError(f"ecdh_curve must be the name of a curve that OpenSSL knows; got {curve!r}",
                                 "ERR_CRYPTO_OPERATION_FAILED") from None


def create_secure_context(**options: Unpack[ContextKeywords]) -> SecureContext:
    """Certificates, keys, trust, versions and ciphers, ready for connections; the `secure_context` of many of them.

    Options:
        cert, key: PEM as str or bytes, or a path; lists of them for several kinds of keys, in any
            order.  A key may be ``{"pem": ..., "passphrase": ...}``.
        passphrase: of the keys.
        pfx: PKCS#12, instead of cert and key (needs the package cryptography); authorities in it are trusted as well.
        ca: whom to trust instead of the system's authorities: PEM, a path, or a list.
        crl: revocation lists; every certificate of a chain must be covered then.
        ciphers: OpenSSL's format (default `DEFAULT_CIPHERS`).
        ecdh_curve: one curve (default "auto").
        dhparam: PEM, or "auto": for suites with DHE, which there are none of without it.
        honor_cipher_order: the server's order counts (default True).
        min_version, max_version: "TLSv1" to "TLSv1.3" (default "TLSv1.2", "TLSv1.3").
        secure_protocol: an old name for both, such as "TLSv1_2_method".
        secure_options: bits of ``ssl.OP_*`` to add.
        allow_partial_trust_chain: a `ca` may be no root (default False).

    Raises ArgumentTypeError, ArgumentValueError; ssl.SSLError (ERR_OSSL_*) for certificates and keys that are broken or
    do not belong together; FeatureUnavailableError for sigalgs, ticket_keys, session_timeout, session_id_context,
    certificate_compression, client_cert_engine, private_key_engine and private_key_identifier.

    Source: https://nodejs.org/api/tls.html#tlscreatesecurecontextoptions
    """
    return SecureContext(**options)


# --- contexts that connections share ------------------------------------------------------------------------------

_shared: OrderedDict[Any, SecureContext] = OrderedDict()


def shared_context(options: dict[str, Any]) -> SecureContext:
    """The context for these options, which equal ones get as well: to load the system's trust takes a while."""
    options = {name: value for name, value in options.items() if value is not None}
    try:
        key = (default_authorities(), tuple(sorted((name, _frozen(value)) for name, value in options.items())))
        hash(key)
    except TypeError:
        return SecureContext(**options)
    found = _shared.get(key)
    if found is None:
        found = _shared[key] = SecureContext(**options)
        if len(_shared) > MOST_SHARED:
            _shared.popitem(last=False)
    else:
        _shared.move_to_end(key)
    return found


def _frozen(value: Any) -> Any:
    """A value that can be compared later; of a path, with what it leads to now."""
    if isinstance(value, list | tuple):
        return tuple(map(_frozen, value))
    if isinstance(value, dict):
        return tuple(sorted((name, _frozen(each)) for name, each in value.items()))
    if isinstance(value, str | bytes | int | None):
        return value
    if isinstance(value, PathLike):
        return version_of(value)
    raise TypeError(value)
