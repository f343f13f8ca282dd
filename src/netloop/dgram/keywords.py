"""The keyword arguments of dgram, typed: for editors and type checkers.  The classes that take them check them."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

if TYPE_CHECKING:
    from ..addresses.block_list import BlockList
    from ..events.abort import Signal

SocketType: TypeAlias = Literal["udp4", "udp6", "unix_dgram"]
Port: TypeAlias = int | str
Path: TypeAlias = str | bytes | PathLike[str] | PathLike[bytes]
Piece: TypeAlias = bytes | bytearray | memoryview | str
Message: TypeAlias = Piece | list[Piece] | list[bytes] | list[str] | tuple[Piece, ...]
Sent: TypeAlias = (Callable[[Exception | None, int | None], object] | Callable[[Exception | None], object]
                   | Callable[[], object])


class SocketKeywords(TypedDict, total=False):
    """The keyword arguments of `create_socket`, besides `type`."""

    reuse_addr: bool
    reuse_port: bool
    ipv6_only: bool
    recv_buffer_size: int | None
    send_buffer_size: int | None
    lookup: Callable[..., object] | None
    signal: Signal | None
    receive_block_list: BlockList | None
    send_block_list: BlockList | None


class TypedSocketKeywords(SocketKeywords):
    """The same with `type`."""

    type: SocketType


class BindKeywords(TypedDict, total=False):
    """The keyword arguments of `Socket.bind`."""

    port: Port | None
    address: str | None
    path: Path | None
    exclusive: bool
    fd: int | None


class ConnectKeywords(TypedDict, total=False):
    """The keyword arguments of `Socket.connect`."""

    port: Port
    address: str | None
    path: Path | None
