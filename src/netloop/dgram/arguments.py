"""The arguments of `create_socket`, `bind` and `connect`, checked."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

from ..addresses.arguments import check_port
from ..errors import ArgumentTypeError, ArgumentValueError, invalid_type, out_of_range

__all__ = ["Where", "check_buffer_size", "check_flag", "check_function", "check_remote_port", "parse_bind", "parse_connect"]

LARGEST_BUFFER = 2**31 - 1      # what setsockopt takes


class Where(NamedTuple):
    """What to bind to, or to connect to."""

    port: int = 0
    address: str | None = None      # a path for a UNIX socket
    fd: Any = None
    listener: Callable[..., object] | None = None


def check_remote_port(port: Any) -> int:
    """A port to send to, as an int: 0 is none."""
    number = check_port("port", port) if port is not None else 0
    if number == 0:
        raise ArgumentValueError(f"port must be an int from 1 to 65535; got {port!r}", "ERR_SOCKET_BAD_PORT")
    return number


def check_buffer_size(name: str, size: Any) -> int:
    wanted = f"{name} must be a positive int; got {size!r}"
    if not isinstance(size, int) or isinstance(size, bool):
        raise ArgumentTypeError(wanted, "ERR_SOCKET_BAD_BUFFER_SIZE")
    if not 0 < size <= LARGEST_BUFFER:
        raise ArgumentValueError(wanted, "ERR_SOCKET_BAD_BUFFER_SIZE")
    return size


def check_flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise invalid_type(name, "a bool", value)
    return value


def check_function(name: str, value: Any) -> Any:
    if value is not None and not callable(value):
        raise invalid_type(name, "a function", value)
    return value


# --- forms ----------------------------------------------------------------------------------------------------------

def parse_bind(type: str, args: tuple[Any, ...], options: dict[str, Any]) -> Where:
    """``([port][, address][, listener])``, ``(path[, listener])``, ``([listener, ]**options)``."""
    listener, options = _named("bind", type, args, options)
    return _bind_options(type, listener, **options)


def _bind_options(type: str, listener: Any, *, port: Any = None, address: Any = None, path: Any = None,
                  exclusive: bool = False, fd: Any = None) -> Where:
    check_flag("exclusive", exclusive)
    if fd is not None and (not isinstance(fd, int) or isinstance(fd, bool)):
        raise invalid_type("fd", "an int", fd)
    if fd is not None and fd < 0:
        raise out_of_range("fd", ">= 0", fd)
    if type == "unix_dgram":
        return Where(0, _path(type, port, address, path), fd, listener)
    _no_path(type, path)
    return Where(0 if port is None else check_port("port", port), _address(address), fd, listener)


def parse_connect(type: str, args: tuple[Any, ...], options: dict[str, Any]) -> Where:
    """``(port[, address][, listener])``, ``(path[, listener])``, ``([listener, ]**options)``."""
    listener, options = _named("connect", type, args, options)
    return _connect_options(type, listener, **options)


def _connect_options(type: str, listener: Any, *, port: Any = None, address: Any = None, path: Any = None) -> Where:
    if type == "unix_dgram":
        found = _path(type, port, address, path)
        if found is None:
            raise invalid_type("path", "a str, bytes or path", path)
        return Where(0, found, None, listener)
    _no_path(type, path)
    return Where(check_remote_port(port), _address(address), None, listener)


def _named(function: str, type: str, args: tuple[Any, ...], options: dict[str, Any]
           ) -> tuple[Callable[..., object] | None, dict[str, Any]]:
    """The listener, and the others by name."""
    names = ("path",) if type == "unix_dgram" else ("port", "address")
    listener = None
    if args and (callable(args[-1]) or (args[-1] is None and len(args) > len(names))):
        listener, args = args[-1], args[:-1]
    if len(args) > len(names):
        raise TypeError(f"{function}() takes {', '.join(names)} and a listener by position; got {len(args)} before it")
    for name, argument in zip(names, args, strict=False):
        if name in options:
            raise TypeError(f"{function}() got {name!r} both by position and by keyword")
        options[name] = argument
    return listener, options


def _address(address: Any) -> str | None:
    if address is not None and not isinstance(address, str):
        raise invalid_type("address", "a str", address)
    return address or None


def _path(type: str, port: Any, address: Any, path: Any) -> str | None:
    if port is not None or address is not None:
        raise TypeError(f"a socket of type {type} has a path, and no port and address")
    if path is None:
        return None
    from ..addresses.paths import path_of
    return os.fsdecode(path_of(path))


def _no_path(type: str, path: Any) -> None:
    if path is not None:
        raise TypeError(f"a socket of type {type} has a port and an address, and no path")
