"""The errors of netloop: Python's own kinds, each with the ``code`` that Node gives it.

    NetloopError                        anything this package raises by itself; has .code
    ├── ArgumentTypeError   TypeError           ERR_INVALID_ARG_TYPE: the call is wrong
    ├── ArgumentValueError  ValueError          ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE, ERR_SOCKET_BAD_PORT, ...
    ├── StateError          RuntimeError        ERR_STREAM_*, ERR_SERVER_*, ERR_SOCKET_*: not now, or not any more
    ├── FeatureUnavailableError  NotImplementedError   ERR_FEATURE_UNAVAILABLE_ON_PLATFORM
    ├── UnhandledError                          ERR_UNHANDLED_ERROR: an `error` event whose argument is no exception
    └── AbortError                              ABORT_ERR: an abort signal ended the operation
    OSError and its built-in subclasses         from the operating system, made by system_error(): .code ("ECONNREFUSED"),
                                                .errno, .syscall, .address, .port
    AggregateError          ExceptionGroup      several attempts failed; .errors, .code

A message says what was expected and what came.  Source: https://nodejs.org/api/errors.html
"""

from __future__ import annotations

import errno as _errno
import os
from collections.abc import Collection, Sequence
from typing import Any, Self

__all__ = [
    "NetloopError", "ArgumentTypeError", "ArgumentValueError", "StateError", "FeatureUnavailableError", "UnhandledError",
    "AbortError", "AggregateError", "MaxListenersExceededWarning",
    "system_error", "resolution_error", "invalid_type", "invalid_value", "out_of_range", "bad_port", "unavailable",
    "check_options", "unknown_option",
]


class NetloopError(Exception):
    """Base of the errors that netloop raises by itself.  `code` is stable; the message may change."""

    code: str = "ERR_NETLOOP"

    def __init__(self, message: str = "", code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class ArgumentTypeError(NetloopError, TypeError):
    """An argument has the wrong type."""

    code = "ERR_INVALID_ARG_TYPE"


class ArgumentValueError(NetloopError, ValueError):
    """An argument has the right type and a value that cannot be used."""

    code = "ERR_INVALID_ARG_VALUE"


class StateError(NetloopError, RuntimeError):
    """The object is in a state in which this cannot be done."""

    code = "ERR_INVALID_STATE"


class FeatureUnavailableError(NetloopError, NotImplementedError):
    """Python or this platform cannot do it."""

    code = "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM"


class UnhandledError(NetloopError):
    """An ``error`` event without a listener carried something that is no exception; `context` is that something."""

    code = "ERR_UNHANDLED_ERROR"

    def __init__(self, context: object = None) -> None:
        super().__init__(f"Unhandled error. ({context!r})")
        self.context = context


class AbortError(NetloopError):
    """The operation was aborted by its signal; `cause` is the signal's reason."""

    code = "ABORT_ERR"

    def __init__(self, message: str = "The operation was aborted", cause: object = None) -> None:
        super().__init__(message)
        self.cause = cause
        if isinstance(cause, BaseException):
            self.__cause__ = cause


class AggregateError(ExceptionGroup[Exception]):
    """Every one of several attempts failed.  `errors` are the failures in order, `code` is that of the first."""

    code: str | None

    def __new__(cls, errors: Sequence[Exception]) -> Self:
        reasons = "; ".join(str(getattr(error, "strerror", None) or error) for error in errors)
        self = super().__new__(cls, f"all attempts failed: {reasons}", errors)
        self.code = getattr(errors[0], "code", None)
        return self

    def __init__(self, errors: Sequence[Exception]) -> None:
        super().__init__(self.message, errors)

    def derive(self, errors: Sequence[Any]) -> AggregateError:  # type: ignore[override]
        return AggregateError(errors)

    @property
    def errors(self) -> tuple[Exception, ...]:
        return self.exceptions


class MaxListenersExceededWarning(ResourceWarning):
    """More listeners for one event than `set_max_listeners` allows: perhaps they are added again and again."""


# --- builders: the messages are worded here, once ------------------------------------------------------------------

def system_error(number: int, syscall: str, address: str | None = None, port: int | None = None) -> OSError:
    """The built-in `OSError` subclass for an errno, with Node's attributes.

    The message reads as Node's: ``connect ECONNREFUSED 127.0.0.1:8124 (Connection refused)``.
    """
    code = _errno.errorcode.get(number, f"E{number}")
    where = f" {_address_text(address, port)}" if address is not None else ""
    error = OSError(number, f"{syscall} {code}{where} ({os.strerror(number)})")
    return _describe(error, code, syscall, address, port)


def resolution_error(code: str, hostname: str, reason: str, syscall: str = "getaddrinfo",
                     number: int | None = None) -> OSError:
    """A name that does not resolve: an `OSError` with `code` (``ENOTFOUND``, ``EAI_AGAIN``) and `hostname`.

    Few of these codes are numbers of the system too; without one, the message has no ``[Errno None]`` before it.
    """
    message = f"{syscall} {code} {hostname} ({reason})"
    error = OSError(message) if number is None else OSError(number, message)
    error.hostname = hostname  # type: ignore[attr-defined]
    return _describe(error, code, syscall, None, None)


def _describe(error: OSError, code: str, syscall: str, address: str | None, port: int | None) -> OSError:
    described: Any = error
    described.code, described.syscall, described.address, described.port = code, syscall, address, port
    return error


def _address_text(address: str, port: int | None) -> str:
    if port is None:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def invalid_type(name: str, expected: str, actual: object) -> ArgumentTypeError:
    """``port must be an int; got 'http' (str)``."""
    return ArgumentTypeError(f"{name} must be {expected}; got {_shown(actual)}")


def invalid_value(name: str, expected: str, actual: object) -> ArgumentValueError:
    """``encoding must be one of utf8, hex; got 'klingon' (str)``."""
    return ArgumentValueError(f"{name} must be {expected}; got {_shown(actual)}")


def out_of_range(name: str, expected: str, actual: object) -> ArgumentValueError:
    """``backlog must be >= 0; got -1 (int)``."""
    return ArgumentValueError(f"{name} must be {expected}; got {_shown(actual)}", "ERR_OUT_OF_RANGE")


def bad_port(name: str, actual: object) -> ArgumentValueError:
    """``port must be an int from 0 to 65535; got 70000 (int)``."""
    return ArgumentValueError(f"{name} must be an int from 0 to 65535; got {_shown(actual)}", "ERR_SOCKET_BAD_PORT")


def unavailable(feature: str, reason: str) -> FeatureUnavailableError:
    """``get_ticket_keys() is unavailable: Python's ssl does not offer them``."""
    return FeatureUnavailableError(f"{feature} is unavailable: {reason}")


def check_options(function: str, args: Sequence[object], options: Collection[str], known: Collection[str]) -> None:
    """Raise a TypeError that says more than Python's own: options came in a dict, as Node has them, or one is misspelt.

    `known` are the names of the options.  Most functions ask only when their call has raised a TypeError already, in whose
    place this one comes.
    """
    for argument in args:
        if isinstance(argument, dict):
            raise ArgumentTypeError(f"options are keyword arguments: {_call_with(function, args, argument)}") from None
    for name in options:
        if name not in known:
            raise unknown_option(function, name, known) from None


def unknown_option(function: str, name: str, known: Collection[str]) -> TypeError:
    """``net.connect() has no option 'allowHalfOpen'; did you mean 'allow_half_open'?``."""
    from difflib import get_close_matches  # only now: it takes as long to load as some packages
    close = get_close_matches(_snake_case(name), known, 1)
    return TypeError(f"{function}() has no option {name!r}" + (f"; did you mean {close[0]!r}?" if close else ""))


def _call_with(function: str, args: Sequence[object], options: dict[object, object]) -> str:
    """``net.connect(listener, port=8124)``: how a call is to be written."""
    by_position = [_written(argument) for argument in args if argument is not options and argument is not None]
    by_keyword = [f"{_snake_case(str(name))}={_written(value)}" for name, value in options.items()]
    return f"{function}({', '.join(by_position + by_keyword)})"


def _written(value: object) -> str:
    """Numbers as they are; what may be a secret, a key or a password, is nothing for a log."""
    if isinstance(value, int):
        return repr(value)
    return "listener" if callable(value) else "..."


def _snake_case(name: str) -> str:
    import re
    return re.sub("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _shown(value: object) -> str:
    text = repr(value)
    return f"{text if len(text) <= 80 else text[:77] + '...'} ({type(value).__name__})"
