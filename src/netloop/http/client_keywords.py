"""The keyword arguments of requests, typed: for editors and type checkers.  `RequestOptions` checks them."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from ..net.keywords import Milliseconds, Port

if TYPE_CHECKING:
    from ..events.abort import Signal
    from ..net import BlockList
    from .head import Headers

__all__ = ["ConnectionKeywords", "RequestKeywords"]


class ConnectionKeywords(TypedDict, total=False):
    """Those for a new connection, as `net.connect` has them; an agent takes them too."""

    family: Literal[0, 4, 6]
    hints: int
    local_address: str | None
    local_port: int | None
    lookup: Callable[..., object] | None
    auto_select_family: bool | None
    auto_select_family_attempt_timeout: Milliseconds | None
    no_delay: bool
    keep_alive_initial_delay: Milliseconds
    type_of_service: int | None
    block_list: BlockList | None
    high_water_mark: int | None


class RequestKeywords(ConnectionKeywords, total=False):
    """The keyword arguments of `http.request`."""

    agent: Any
    auth: str | None
    create_connection: Callable[..., object] | None
    default_port: Port | None
    headers: Headers | None
    host: str | None
    hostname: str | None
    http_validation: Literal["strict", "relaxed", "insecure"] | None
    insecure_http_parser: bool | None
    join_duplicate_headers: bool
    max_header_size: int | None
    max_headers_count: int | None
    max_redirects: int | bool
    method: str | None
    path: str | None
    port: Port | None
    protocol: str | None
    set_default_headers: bool
    set_host: bool | None
    signal: Signal | None
    socket_path: str | bytes | PathLike[str] | None
    timeout: Milliseconds | None
    unique_headers: list[str] | None
    keep_alive: bool                # of the connection, by TCP
