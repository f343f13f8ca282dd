"""The errors of TLS: those of `ssl`, with the `code` that Node gives them.

    ssl.SSLError                            ERR_SSL_* (the protocol), ERR_OSSL_* (keys and certificates)
    └── ssl.SSLCertVerificationError        the chain: CERT_HAS_EXPIRED, ...; the host: ERR_TLS_CERT_ALTNAME_INVALID
    TimeoutError                            ERR_TLS_HANDSHAKE_TIMEOUT
    ConnectionResetError                    ECONNRESET: the connection ended in the middle of the handshake

Sources: https://nodejs.org/api/tls.html#x509-certificate-error-codes, https://nodejs.org/api/errors.html,
x509_vfy.h of OpenSSL
"""

from __future__ import annotations

import errno
import re
import ssl
from typing import Any, TypeVar

__all__ = ["UNVERIFIED", "altname_invalid", "answers_unread", "disconnected", "handshake_timeout", "note_plain_text",
           "unreadable_hello", "unusable", "with_code"]

UNVERIFIED = "UNVERIFIED"       # verification was off, so nobody can say what it would have found

_NO_WORD = re.compile(r"\W+")
AnySSLError = TypeVar("AnySSLError", bound=ssl.SSLError)

_VERIFICATION_CODES = {
    2: "UNABLE_TO_GET_ISSUER_CERT", 3: "UNABLE_TO_GET_CRL", 4: "UNABLE_TO_DECRYPT_CERT_SIGNATURE",
    5: "UNABLE_TO_DECRYPT_CRL_SIGNATURE", 6: "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY", 7: "CERT_SIGNATURE_FAILURE",
    8: "CRL_SIGNATURE_FAILURE", 9: "CERT_NOT_YET_VALID", 10: "CERT_HAS_EXPIRED", 11: "CRL_NOT_YET_VALID",
    12: "CRL_HAS_EXPIRED", 13: "ERROR_IN_CERT_NOT_BEFORE_FIELD", 14: "ERROR_IN_CERT_NOT_AFTER_FIELD",
    15: "ERROR_IN_CRL_LAST_UPDATE_FIELD", 16: "ERROR_IN_CRL_NEXT_UPDATE_FIELD", 17: "OUT_OF_MEM",
    18: "DEPTH_ZERO_SELF_SIGNED_CERT", 19: "SELF_SIGNED_CERT_IN_CHAIN", 20: "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    21: "UNABLE_TO_VERIFY_LEAF_SIGNATURE", 22: "CERT_CHAIN_TOO_LONG", 23: "CERT_REVOKED", 24: "INVALID_CA",
    25: "PATH_LENGTH_EXCEEDED", 26: "INVALID_PURPOSE", 27: "CERT_UNTRUSTED", 28: "CERT_REJECTED",
    62: "HOSTNAME_MISMATCH",
}


def with_code(error: AnySSLError) -> AnySSLError:
    """An error that `ssl` raised, with its `code`."""
    described: Any = error
    if hasattr(error, "code"):          # it is one of ours
        return error
    if isinstance(error, ssl.SSLCertVerificationError):
        described.code = _VERIFICATION_CODES.get(error.verify_code, "UNSPECIFIED")
    else:
        library = getattr(error, "library", None) or "SSL"
        reason = getattr(error, "reason", None) or _reason_in(str(error.args[-1]))
        prefix = "ERR_SSL_" if library == "SSL" else f"ERR_OSSL_{library}_"
        described.code = prefix + _NO_WORD.sub("_", reason).upper()
    return error


def _reason_in(message: str) -> str:
    """The reason in the message of an error that Python has no name for: ``[SSL] tlsv1 alert ... (_ssl.c:1)``."""
    if message == "No cipher can be selected.":     # Python's own words
        return "NO_CIPHER_MATCH"
    return message.rpartition("] ")[2].partition(" (")[0]


def note_plain_text(error: Any) -> None:
    """What a client can say of a server whose first bytes are no TLS."""
    if error.code == "ERR_SSL_WRONG_VERSION_NUMBER":
        error.add_note("The server may speak plain text at this port")


def altname_invalid(reason: str, host: str, certificate: dict[str, Any]) -> ssl.SSLCertVerificationError:
    """The certificate is another host's."""
    error = ssl.SSLCertVerificationError(1, f"Hostname/IP does not match certificate's altnames: {reason}")
    described: Any = error
    described.code = "ERR_TLS_CERT_ALTNAME_INVALID"
    described.reason, described.host, described.cert = reason, host, certificate
    return error


def handshake_timeout() -> TimeoutError:
    error: Any = TimeoutError("TLS handshake timeout")
    error.code = "ERR_TLS_HANDSHAKE_TIMEOUT"
    assert isinstance(error, TimeoutError)
    return error


def answers_unread() -> ssl.SSLError:
    """The peer makes us answer, again and again, and reads nothing."""
    error = ssl.SSLError(1, "too many key updates: the peer asks for new keys, and does not read the answers")
    described: Any = error
    described.code, described.reason = "ERR_SSL_TOO_MANY_KEY_UPDATES", "TOO_MANY_KEY_UPDATES"
    return error


def unusable(reason: str, message: str) -> ssl.SSLError:
    """A key or a certificate cannot be used; `reason` is OpenSSL's, with its library: ``PEM_NO_START_LINE``."""
    error = ssl.SSLError(1, message)
    described: Any = error
    described.code, described.reason = f"ERR_OSSL_{reason}", reason
    return error


def unreadable_hello() -> ssl.SSLError:
    """Nobody can say what the client wants, and it matters."""
    error = ssl.SSLError(1, "decode error: the ClientHello cannot be read")
    described: Any = error
    described.code, described.reason = "ERR_SSL_DECODE_ERROR", "DECODE_ERROR"
    return error


def disconnected(is_server: bool) -> ConnectionResetError:
    """The stream below ended before the connection was secure."""
    reason = ("socket hang up" if is_server
              else "Client network socket disconnected before secure TLS connection was established")
    error: Any = ConnectionResetError(errno.ECONNRESET, reason)
    error.code, error.syscall, error.address, error.port = "ECONNRESET", "read", None, None
    assert isinstance(error, ConnectionResetError)
    return error
