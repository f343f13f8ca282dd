"""Options of a TCP socket, and the checks of the arguments that set them."""

from __future__ import annotations

import socket
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..addresses.descriptor import borrowed
from ..errors import invalid_type, invalid_value, out_of_range, system_error
from ..timers import milliseconds

if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["KeepAlive", "KeepAliveWarning", "apply", "check_keep_alive", "check_onread", "check_type_of_service",
           "for_accepted", "get_type_of_service"]

LONGEST_KEEP_ALIVE_S = 32767        # of Linux, for the idle time and the interval
MOST_PROBES = 127

# macOS has one name for what Linux calls TCP_KEEPIDLE
_KEEP_IDLE = getattr(socket, "TCP_KEEPIDLE", getattr(socket, "TCP_KEEPALIVE", None))


class KeepAliveWarning(UserWarning):
    """A keepalive time of less than a second, which the system cannot express, and which is left as it is."""


class KeepAlive(NamedTuple):
    """TCP keepalive: times in whole seconds, as the system has them; 0 leaves what the system has."""

    enable: bool
    idle: int
    interval: int
    probes: int


# --- checks ---------------------------------------------------------------------------------------------------------

def check_keep_alive(enable: bool, initial_delay: float | timedelta, interval: float | timedelta,
                     count: int) -> KeepAlive:
    if not isinstance(count, int) or isinstance(count, bool):
        raise invalid_type("count", "an int", count)
    if not 0 <= count <= MOST_PROBES:
        raise out_of_range("count", f"from 0 to {MOST_PROBES} probes", count)
    return KeepAlive(bool(enable), _whole_seconds("initial_delay", initial_delay), _whole_seconds("interval", interval),
                     count)


def _whole_seconds(name: str, value: float | timedelta) -> int:
    """Rounded down, as Node does."""
    exact = milliseconds(name, value)
    if exact // 1000 > LONGEST_KEEP_ALIVE_S:
        raise out_of_range(name, f"at most {LONGEST_KEEP_ALIVE_S} s", value)
    if 0 < exact < 1000:
        warnings.warn(f"{name} of {exact} ms is less than a second and leaves what the system has", KeepAliveWarning,
                      stacklevel=4)
    return exact // 1000


def check_type_of_service(tos: int) -> int:
    if not isinstance(tos, int) or isinstance(tos, bool):
        raise invalid_type("type_of_service", "an int from 0 to 255", tos)
    if not 0 <= tos <= 255:
        raise out_of_range("type_of_service", "from 0 to 255", tos)
    return tos


def check_onread(onread: Mapping[str, Any]) -> tuple[Any, Callable[[], Any] | None, Callable[[int, Any], object]]:
    """The buffer, what makes the next one or None, and the callback."""
    if not isinstance(onread, Mapping) or set(onread) != {"buffer", "callback"}:
        raise invalid_type("onread", "a dict with 'buffer' and 'callback'", onread)
    source = onread["buffer"] if callable(onread["buffer"]) else None
    buffer = source() if source is not None else onread["buffer"]
    if not callable(onread["callback"]):
        raise invalid_type("onread['callback']", "a function of (size, buffer)", onread["callback"])
    try:
        view = memoryview(buffer)
    except TypeError:
        raise invalid_type("onread['buffer']", "a bytearray or another writable buffer", buffer) from None
    if view.readonly:
        raise invalid_type("onread['buffer']", "a writable buffer", buffer)
    if not view.nbytes:
        raise invalid_value("onread['buffer']", "a buffer of at least one byte", buffer)
    return buffer, source, onread["callback"]


# --- a descriptor ---------------------------------------------------------------------------------------------------

def apply(fd: int, settings: Mapping[str, Any]) -> None:
    """Set options of a connected descriptor.  TCP's mean nothing to a UNIX socket, and are ignored there, as in Node.

    Raises OSError as `system_error` makes it.
    """
    with borrowed(fd) as python_socket:
        if python_socket.family == socket.AF_UNIX:
            return
        try:
            for name, value in settings.items():
                _SETTERS[name](python_socket, value)
        except OSError as error:
            raise system_error(error.errno or 0, "setsockopt") from error


def for_accepted(no_delay: bool, keep_alive: KeepAlive | None) -> list[tuple[int, int, int]] | None:
    """What a server sets on each TCP connection, as arguments of setsockopt; None: nothing."""
    found = []
    if no_delay:
        found.append((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1))
    if keep_alive is not None:
        found.append((socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1))
        found += [(socket.IPPROTO_TCP, name, value) for name, value in _keep_alive_values(keep_alive)]
    return found or None


def _set_no_delay(python_socket: socket.socket, no_delay: bool) -> None:
    python_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, no_delay)


def _set_keep_alive(python_socket: socket.socket, wanted: KeepAlive) -> None:
    python_socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, wanted.enable)
    if wanted.enable:
        for name, value in _keep_alive_values(wanted):
            python_socket.setsockopt(socket.IPPROTO_TCP, name, value)


def _keep_alive_values(wanted: KeepAlive) -> list[tuple[int, int]]:
    values = [(_KEEP_IDLE, wanted.idle), (socket.TCP_KEEPINTVL, wanted.interval), (socket.TCP_KEEPCNT, wanted.probes)]
    return [(name, value) for name, value in values if name is not None and value]


def _set_type_of_service(python_socket: socket.socket, tos: int) -> None:
    python_socket.setsockopt(*_type_of_service_option(python_socket), tos)


def get_type_of_service(fd: int) -> int:
    with borrowed(fd) as python_socket:
        if python_socket.family == socket.AF_UNIX:
            return 0
        return python_socket.getsockopt(*_type_of_service_option(python_socket))


def _type_of_service_option(python_socket: socket.socket) -> tuple[int, int]:
    if python_socket.family == socket.AF_INET6:
        return socket.IPPROTO_IPV6, socket.IPV6_TCLASS
    return socket.IPPROTO_IP, socket.IP_TOS


_SETTERS: dict[str, Callable[[socket.socket, Any], None]] = {
    "no_delay": _set_no_delay, "keep_alive": _set_keep_alive, "type_of_service": _set_type_of_service,
}
