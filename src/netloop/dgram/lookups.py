"""From an address or a name to the peer at it: by the system, or by the user's own function."""

from __future__ import annotations

import errno
import socket as _socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .._engine.peers import find_peer
from ..errors import system_error
from ..ip import is_ip

if TYPE_CHECKING:
    from .._engine.peers import Peer
    from .binding import Bindable

__all__ = ["Lookup", "loopback", "unspecified"]

Done = Callable[[Exception | None, "Peer | None"], object]


class Lookup:
    """Finds the peer at an address or name; ends in ``done(error, peer)``, at once when there is nothing to ask for."""

    def __init__(self, socket: Bindable, address: str, port: int, syscall: str, done: Done) -> None:
        self._socket = socket
        self._port = port
        self._syscall = syscall
        self._done = done
        self._question: Any = None
        peer = find_peer(address, port, socket._family)
        if peer is not None or is_ip(address):
            self._answer(address)
        else:
            self._question = _ask(socket, address, self._on_addresses)

    def cancel(self) -> None:
        if self._question is not None:
            self._question.cancel()

    def _on_addresses(self, error: Exception | None, addresses: Any) -> None:
        self._question = None
        if error is not None:
            self._done(error, None)
        else:
            self._answer(addresses[0][0])

    def _answer(self, address: str) -> None:
        peer = find_peer(address, self._port, self._socket._family)
        if peer is not None:
            self._done(None, peer)
        else:                       # an address of the other family
            self._done(system_error(errno.EINVAL, self._syscall, address, self._port), None)


def _ask(socket: Bindable, name: str, done: Callable[[Exception | None, Any], object]) -> Any:
    family = 6 if socket._family == _socket.AF_INET6 else 4
    if socket._lookup is not None:
        from ..addresses.custom_lookup import CustomLookup
        return CustomLookup(socket._loop, socket._lookup, name, done, family)
    from ..addresses.system_lookup import system_lookup
    return system_lookup(socket._loop, name, done, family)


def loopback(socket: Bindable) -> str:
    """Where a message without an address goes."""
    return "::1" if socket._family == _socket.AF_INET6 else "127.0.0.1"


def unspecified(socket: Bindable) -> str:
    """Where a socket without an address is bound: everywhere."""
    return "::" if socket._family == _socket.AF_INET6 else "0.0.0.0"
