"""The keyword arguments of net, typed: for editors and type checkers.  The classes that take them check them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

if TYPE_CHECKING:
    import socket as python_sockets
    from datetime import timedelta

    from ..addresses.block_list import BlockList
    from ..events.abort import Signal
    from .bound_socket import BoundSocket
    from .server import Server
    from .socket import Socket

Milliseconds: TypeAlias = "float | timedelta"
Port: TypeAlias = int | str
Path: TypeAlias = str | bytes | PathLike[str] | PathLike[bytes]
Handle: TypeAlias = "Server | Socket | BoundSocket | python_sockets.socket"


class ConnectKeywords(TypedDict, total=False):
    """The keyword arguments of `Socket.connect`."""

    port: Port
    host: str | None
    path: Path | None
    family: Literal[0, 4, 6]
    hints: int
    local_address: str | None
    local_port: int | None
    lookup: Callable[..., object] | None
    auto_select_family: bool | None
    auto_select_family_attempt_timeout: Milliseconds | None


class SocketKeywords(TypedDict, total=False):
    """The keyword arguments of `Socket` that also make sense for one that connects."""

    handle: BoundSocket | python_sockets.socket | None
    allow_half_open: bool
    no_delay: bool
    keep_alive: bool
    keep_alive_initial_delay: Milliseconds
    type_of_service: int | None
    block_list: BlockList | None
    high_water_mark: int | None
    onread: Mapping[str, Any] | None
    signal: Signal | None


class ClientKeywords(ConnectKeywords, SocketKeywords, total=False):
    """The keyword arguments of `net.connect`."""

    timeout: Milliseconds | None


class ServerKeywords(TypedDict, total=False):
    """The keyword arguments of `Server`."""

    allow_half_open: bool
    pause_on_connect: bool
    no_delay: bool
    keep_alive: bool
    keep_alive_initial_delay: Milliseconds
    high_water_mark: int | None
    block_list: BlockList | None


class ListenKeywords(TypedDict, total=False):
    """The keyword arguments of `Server.listen`."""

    port: Port | None
    host: str | None
    path: Path | None
    handle: Handle | int | None
    fd: int | None
    backlog: int | None
    ipv6_only: bool
    reuse_port: bool
    exclusive: bool
    readable_all: bool
    writable_all: bool
    signal: Signal | None


class ListeningServerKeywords(ServerKeywords, ListenKeywords, total=False):
    """The keyword arguments of `net.listen`."""
