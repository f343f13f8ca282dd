"""Options of several functions, checked in one way.  What is wrong raises at the call, before anything is opened."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentTypeError, ArgumentValueError, invalid_type, out_of_range, unavailable

__all__ = ["UNAVAILABLE", "check_available", "check_bits", "check_flags", "check_passphrase", "wrong_secret"]

UNAVAILABLE = {
    "sigalgs": "Python's ssl offers no choice of signature algorithms",
    "ticket_keys": "Python's ssl does not let them be set",
    "session_timeout": "Python's ssl does not let it be set",
    "session_id_context": "Python's ssl sets its own",
    "certificate_compression": "Python's ssl does not offer it",
    "client_cert_engine": "Python's ssl has no engines",
    "private_key_engine": "Python's ssl has no engines",
    "private_key_identifier": "Python's ssl has no engines",
}
_MOST_BITS = 2**63 - 1      # what `ssl` can take


def check_available(options: dict[str, Any]) -> None:
    """Refuse options of a context that `ssl` does not have, and what is no option."""
    for name, value in options.items():
        if name not in UNAVAILABLE:
            raise TypeError(f"create_secure_context() got an unexpected keyword argument {name!r}")
        if value is not None:
            raise unavailable(name, UNAVAILABLE[name])


def check_flags(**flags: Any) -> None:
    """A text such as "false" would count as True, and switch on what was to be off."""
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise invalid_type(name, "a bool", value)


def check_bits(name: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid_type(name, "an int, of bits ssl.OP_*", value)
    if not 0 <= value <= _MOST_BITS:
        raise out_of_range(name, f"from 0 to {_MOST_BITS}", value)


def check_passphrase(value: Any) -> None:
    if value is not None and not isinstance(value, str | bytes | bytearray):
        raise ArgumentTypeError(f"passphrase must be a str or bytes; got {_kind(value)}")


def wrong_secret(name: str, expected: str, value: Any) -> ArgumentValueError:
    """An `invalid_value` that keeps the value to itself."""
    return ArgumentValueError(f"{name} must be {expected}; got {_kind(value)}")


def _kind(value: Any) -> str:
    """What a secret is, not what is in it."""
    return f"something of type {type(value).__name__}"
