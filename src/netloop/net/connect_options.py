"""Where to connect to, and how: the arguments of `connect`, checked."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..addresses.arguments import check_port
from ..addresses.paths import path_of, shown
from ..addresses.socket_address import format_address
from ..errors import ArgumentTypeError, invalid_type, invalid_value
from ..ip import is_ip
from ..timers import milliseconds

if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["ConnectOptions", "get_default_auto_select_family", "get_default_auto_select_family_attempt_timeout", "parse",
           "set_default_auto_select_family", "set_default_auto_select_family_attempt_timeout"]

MINIMUM_ATTEMPT_MS = 10     # as in Node: a shorter delay would start all attempts at once

_default_auto_select_family = True
_default_attempt_timeout = 500


# --- defaults -------------------------------------------------------------------------------------------------------

def get_default_auto_select_family() -> bool:
    """Whether `connect` races the addresses of a name unless told otherwise: True."""
    return _default_auto_select_family


def set_default_auto_select_family(value: bool) -> None:
    """Change the default of the option `auto_select_family`."""
    global _default_auto_select_family
    if not isinstance(value, bool):
        raise invalid_type("value", "a bool", value)
    _default_auto_select_family = value


def get_default_auto_select_family_attempt_timeout() -> int:
    """Milliseconds before the next address is tried as well: 500."""
    return _default_attempt_timeout


def set_default_auto_select_family_attempt_timeout(value: float | timedelta) -> None:
    """Change the default of the option `auto_select_family_attempt_timeout`; less than 10 ms becomes 10."""
    global _default_attempt_timeout
    _default_attempt_timeout = max(MINIMUM_ATTEMPT_MS, milliseconds("value", value))


# --- arguments ------------------------------------------------------------------------------------------------------

class ConnectOptions:
    """The keyword arguments of `connect`; `ConnectKeywords` in signatures.py has their types."""

    def __init__(self, *, port: int | str | None = None, host: str | None = None, path: Any = None, family: int = 0,
                 hints: int = 0, local_address: str | None = None, local_port: int | None = None,
                 lookup: Callable[..., object] | None = None, auto_select_family: bool | None = None,
                 auto_select_family_attempt_timeout: float | timedelta | None = None) -> None:
        if path is None and port is None:
            raise ArgumentTypeError("connect() needs a port, or the path of a UNIX socket", "ERR_MISSING_ARGS")
        self.path = None if path is None or port is not None else path_of(path)
        self.port = 0 if port is None else check_port("port", port)
        self.host = "localhost" if host is None else _checked_host(host)
        self.family = _checked_family(family)
        self.hints = _checked_hints(hints)
        self.local_address = None if local_address is None else _checked_ip("local_address", local_address)
        self.local_port = 0 if local_port is None else check_port("local_port", local_port)
        if lookup is not None and not callable(lookup):
            raise invalid_type("lookup", "a function", lookup)
        self.lookup = lookup
        if auto_select_family is None:
            auto_select_family = _default_auto_select_family
        elif not isinstance(auto_select_family, bool):
            raise invalid_type("auto_select_family", "a bool", auto_select_family)
        self.race = auto_select_family and family == 0 and local_address is None
        self.attempt_timeout = _default_attempt_timeout
        if auto_select_family_attempt_timeout is not None:
            self.attempt_timeout = max(MINIMUM_ATTEMPT_MS, milliseconds("auto_select_family_attempt_timeout",
                                                                        auto_select_family_attempt_timeout))

    def __str__(self) -> str:
        return format_address(self.host, self.port) if self.path is None else shown(self.path)


def _checked_host(host: object) -> str:
    if not isinstance(host, str):
        raise invalid_type("host", "a str", host)
    return host or "localhost"


def _checked_family(family: object) -> int:
    if family not in (0, 4, 6) or not isinstance(family, int):
        raise invalid_value("family", "0, 4 or 6", family)
    return family


def _checked_hints(hints: object) -> int:
    if not isinstance(hints, int):
        raise invalid_type("hints", "an int of socket.AI_* flags", hints)
    return hints


def _checked_ip(name: str, address: object) -> str:
    if not isinstance(address, str):
        raise invalid_type(name, "a str", address)
    if not is_ip(address):
        error = invalid_value(name, "an IP address", address)
        error.code = "ERR_INVALID_IP_ADDRESS"
        raise error
    return address


# --- forms ----------------------------------------------------------------------------------------------------------

def parse(args: tuple[Any, ...], options: dict[str, Any]) -> tuple[ConnectOptions, Callable[[], object] | None]:
    """The forms ``(port[, host][, listener])``, ``(path[, listener])`` and ``([listener, ]**options)``."""
    listener = None
    if args and callable(args[-1]):
        listener, args = args[-1], args[:-1]
    names = ("port", "host") if not args or _is_port(args[0]) else ("path",)
    if len(args) > len(names):
        raise TypeError(f"connect() takes {' and '.join(names)} and a listener by position; "
                        f"got {len(args)} arguments before it")
    for name, argument in zip(names, args, strict=False):
        if name in options:
            raise TypeError(f"connect() got {name!r} both by position and by keyword")
        options[name] = argument
    return ConnectOptions(**options), listener


def _is_port(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().isdigit()
    return not isinstance(value, bytes | os.PathLike)
