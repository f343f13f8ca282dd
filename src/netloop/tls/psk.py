"""Keys that both sides know already (TLS-PSK), instead of certificates; from Python 3.13 on.

`ssl` asks for a key with one function for each context, and does not say for which connection.  Handshakes go on in steps,
and the question comes within one: whose step it is, a context variable tells.  It also swallows what the function raises,
so that is kept, and raised behind the step.

Source: https://nodejs.org/api/tls.html#pre-shared-keys
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from ..errors import invalid_type, invalid_value, unavailable

if TYPE_CHECKING:
    from .record import RecordLayer
    from .socket import TLSSocket

__all__ = ["PreSharedKeys", "checked_psk"]

MOST_IDENTITY_BYTES = 128       # OpenSSL's limits, PSK_MAX_IDENTITY_LEN and PSK_MAX_PSK_LEN
MOST_KEY_BYTES = 256


class PreSharedKeys:
    """One side's callback.  Equal ones share contexts."""

    def __init__(self, callback: Callable[..., Any], hint: str | None) -> None:
        self._callback = callback
        self._hint = hint

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PreSharedKeys) and (self._callback, self._hint) == (other._callback, other._hint)

    def __hash__(self) -> int:
        return hash((self._callback, self._hint))

    def install(self, context: Any, is_server: bool) -> None:
        """Have `context`, an `ssl.SSLContext`, ask us."""
        if is_server:
            context.set_psk_server_callback(self._key_of, self._hint)
        else:
            context.set_psk_client_callback(self._own_key)

    def handshake(self, records: RecordLayer, socket: TLSSocket) -> bool:
        """`RecordLayer.handshake`; raises what the callback raised, too."""
        step = _Step(socket)
        before = _step.set(step)
        try:
            return records.handshake()
        finally:
            _step.reset(before)
            if step.failure is not None:
                raise step.failure

    def _own_key(self, hint: str | None) -> tuple[str | None, bytes]:
        """A client's identity and key; none ends the handshake."""
        step = _step.get()
        try:
            return _checked_answer(self._callback(hint))
        except Exception as error:
            step.failure = error
            return None, b""

    def _key_of(self, identity: str | None) -> bytes:
        """A server's key for a client; none refuses that."""
        step = _step.get()
        try:
            return _checked_key(self._callback(step.socket, identity))
        except Exception as error:
            step.failure = error
            return b""


class _Step:
    """A step of the handshake of `socket`, and what the callback raised in it."""

    def __init__(self, socket: TLSSocket) -> None:
        self.socket = socket
        self.failure: Exception | None = None


_step: ContextVar[_Step] = ContextVar("step")


def _checked_answer(answer: Any) -> tuple[str | None, bytes]:
    if answer is None:
        return None, b""
    if not isinstance(answer, Mapping):
        raise invalid_type("what psk_callback returns", "a dict with psk and identity, or None", answer)
    identity = answer.get("identity")
    if not isinstance(identity, str):
        raise invalid_type("identity", "a str", identity)
    if len(identity.encode()) > MOST_IDENTITY_BYTES:
        raise invalid_value("identity", f"of at most {MOST_IDENTITY_BYTES} bytes", identity)
    return identity, _checked_key(answer.get("psk", b""))


def _checked_key(key: Any) -> bytes:
    if key is None:
        return b""
    if not isinstance(key, (bytes, bytearray, memoryview)):
        raise invalid_type("psk", "bytes, bytearray or memoryview", key)
    key_bytes = bytes(key)
    if len(key_bytes) > MOST_KEY_BYTES:
        raise invalid_value("psk", f"of at most {MOST_KEY_BYTES} bytes", f"{len(key_bytes)} bytes")
    return key_bytes


def checked_psk(callback: Any, hint: Any, is_server: bool) -> PreSharedKeys | None:
    """The options `psk_callback` and `psk_identity_hint`."""
    for name, value in (("psk_callback", callback), ("psk_identity_hint", hint)):
        if value is not None and not getattr(ssl, "HAS_PSK", False):
            raise unavailable(name, "Python's ssl has pre-shared keys from 3.13 on, if its OpenSSL has them")
    if callback is not None and not callable(callback):
        raise invalid_type("psk_callback", "a function", callback)
    if hint is not None and not isinstance(hint, str):
        raise invalid_type("psk_identity_hint", "a str", hint)
    if hint is not None and len(hint.encode()) > MOST_IDENTITY_BYTES:
        error = invalid_value("psk_identity_hint", f"of at most {MOST_IDENTITY_BYTES} bytes", hint)
        error.code = "ERR_TLS_PSK_SET_IDENTITY_HINT_FAILED"
        raise error
    if hint is not None and (callback is None or not is_server):
        raise TypeError("psk_identity_hint is an option of servers, and comes with a psk_callback")
    return None if callback is None else PreSharedKeys(callback, hint)
