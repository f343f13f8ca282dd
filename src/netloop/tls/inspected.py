"""InspectedStream: what can be asked of a TLSSocket: version, cipher, certificates, session.

What Python's `ssl` does not tell, or cannot do, has its name here as well, and says so.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import StateError, unavailable
from . import asking
from .layered import LayeredStream
from .session import TLSSession
from .versions import CipherInfo

if TYPE_CHECKING:
    from .options import TLSOptions
    from .x509 import X509Certificate

__all__ = ["InspectedStream"]


class InspectedStream(LayeredStream):
    """An encrypted stream that tells about its connection."""

    if TYPE_CHECKING:
        _options: TLSOptions

    @property
    def _tls(self) -> ssl.SSLObject:
        if self._records is None:
            raise StateError("The connection is not there yet, or not any more", "ERR_SOCKET_CLOSED")
        return self._records.tls

    @property
    def encrypted(self) -> bool:
        """True."""
        return True

    @property
    def secure_connecting(self) -> bool:
        """Whether the handshake is still to be done."""
        return not (self._secure or self.destroyed)

    def get_protocol(self) -> str | None:
        """The version of TLS, "TLSv1.3"; None before the handshake, and after `close`."""
        return None if self._records is None else self._records.tls.version()

    def get_cipher(self) -> CipherInfo | None:
        """The cipher suite: its name, its name in the RFCs, and the version of TLS it came with."""
        return None if self._records is None else asking.cipher_info(self._records.tls)

    def get_peer_certificate(self, detailed: bool = False) -> dict[str, Any]:
        """The peer's certificate as a dict, ``{}`` when it has none; `detailed` adds ``issuer_certificate``, up the chain.

        The keys are Node's in the names of this package; see the reference.

        Source: https://nodejs.org/api/tls.html#tlssocketgetpeercertificatedetailed
        """
        from .certificate_object import certificate_object
        found = self.get_peer_x509_certificate()
        return {} if found is None else certificate_object(found, detailed)

    def get_peer_x509_certificate(self) -> X509Certificate | None:
        """The peer's certificate, or None when it has none."""
        return None if self._records is None else asking.peer_certificate(self._records.tls)

    def get_certificate(self) -> dict[str, Any]:
        """Our certificate as a dict, ``{}`` when there is none, or several: which of them was used `ssl` does not tell."""
        found = self.get_x509_certificate()
        return {} if found is None else found.to_legacy_object()

    def get_x509_certificate(self) -> X509Certificate | None:
        """Our certificate, or None."""
        return asking.own_certificate(self._options.context)

    def get_session(self) -> TLSSession | None:
        """The session, for the option `session` of another connection with equal options.

        With TLS 1.3 it can be resumed only after the server's ticket has come: better wait for the event `session`.
        """
        if self._records is None or self._records.tls.session is None:
            return None
        return TLSSession(self._records.tls.session, self._records.tls.context)

    def is_session_reused(self) -> bool:
        """Whether this connection resumed an earlier session."""
        return self._records is not None and bool(self._records.tls.session_reused)

    def get_finished(self) -> bytes | None:
        """The Finished message that we sent.

        Raises FeatureUnavailableError where OpenSSL's channel binding is another: in TLS 1.3, and on one of the sides.
        """
        return None if self._records is None else asking.finished(self._records.tls, ours=True)

    def get_peer_finished(self) -> bytes | None:
        """The Finished message that the peer sent; as `get_finished`."""
        return None if self._records is None else asking.finished(self._records.tls, ours=False)

    def disable_renegotiation(self) -> None:
        """Refuse renegotiation, which netloop always does."""

    # --- what `ssl` cannot do ------------------------------------------------------------------------------------

    def renegotiate(self, options: object = None, callback: Callable[..., object] | None = None) -> bool:
        """Raises FeatureUnavailableError."""
        raise unavailable("renegotiate()", "Python's ssl does not offer it, and TLS 1.3 does not have it")

    def get_ephemeral_key_info(self) -> dict[str, Any]:
        """Raises FeatureUnavailableError."""
        raise unavailable("get_ephemeral_key_info()", "Python's ssl does not tell")

    def get_shared_sigalgs(self) -> list[str]:
        """Raises FeatureUnavailableError."""
        raise unavailable("get_shared_sigalgs()", "Python's ssl does not tell")

    def get_tls_ticket(self) -> bytes | None:
        """Raises FeatureUnavailableError."""
        raise unavailable("get_tls_ticket()", "Python's ssl keeps it in the session: see get_session()")

    def export_keying_material(self, length: int, label: str, context: bytes | None = None) -> bytes:
        """Raises FeatureUnavailableError."""
        raise unavailable("export_keying_material()", "Python's ssl does not offer it")

    def enable_trace(self) -> None:
        """Raises FeatureUnavailableError."""
        raise unavailable("enable_trace()", "Python's ssl does not offer it; see netloop.diagnostics")

    def set_max_send_fragment(self, size: int) -> bool:
        """Raises FeatureUnavailableError."""
        raise unavailable("set_max_send_fragment()", "Python's ssl does not offer it")

    def set_key_cert(self, context: object) -> None:
        """Raises FeatureUnavailableError."""
        raise unavailable("set_key_cert()", "choose by sni_callback instead")
