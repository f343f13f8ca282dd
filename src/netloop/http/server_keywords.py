"""The keyword arguments of servers, typed: for editors and type checkers.  `Server` checks them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal, TypedDict

from ..net.keywords import Milliseconds
from ..net.keywords import ServerKeywords as NetServerKeywords

if TYPE_CHECKING:
    from .incoming_message import IncomingMessage
    from .server_response import ServerResponse

__all__ = ["OwnKeywords", "ServerKeywords"]


class OwnKeywords(TypedDict, total=False):
    """What servers of HTTP take, over whatever transport."""

    request_timeout: Milliseconds
    headers_timeout: Milliseconds | None
    keep_alive_timeout: Milliseconds
    keep_alive_timeout_buffer: Milliseconds
    connections_checking_interval: Milliseconds | None
    max_header_size: int | None
    max_requests_per_socket: int
    require_host_header: bool
    join_duplicate_headers: bool
    unique_headers: Iterable[str] | None
    http_validation: Literal["strict", "relaxed", "insecure"] | None
    insecure_http_parser: bool | None
    reject_non_standard_body_writes: bool
    optimize_empty_requests: bool
    should_upgrade_callback: Callable[[IncomingMessage], object] | None
    incoming_message: type[IncomingMessage] | None
    server_response: type[ServerResponse] | None
    cancel_handlers: bool


class ServerKeywords(OwnKeywords, NetServerKeywords, total=False):
    """The keyword arguments of `http.Server`."""
