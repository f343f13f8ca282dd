"""`create_socket`: the one function of `dgram`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from ..errors import check_options
from .socket import Socket

if TYPE_CHECKING:
    from typing import Unpack

    from .keywords import SocketKeywords, SocketType, TypedSocketKeywords
    from .signatures import OneMessage

__all__ = ["create_socket"]


@overload
def create_socket(type: SocketType, listener: OneMessage | None = None, /, **options: Unpack[SocketKeywords]) -> Socket: ...
@overload
def create_socket(listener: OneMessage, /, **options: Unpack[TypedSocketKeywords]) -> Socket: ...
@overload
def create_socket(**options: Unpack[TypedSocketKeywords]) -> Socket: ...


def create_socket(*args: Any, **options: Any) -> Socket:
    """A new socket, which is not bound yet; `listener` is called with each message and its sender.

        create_socket(type[, listener], **options)
        create_socket([listener, ]type=, **options)

    Options:
        type: "udp4", "udp6", or "unix_dgram", which Node does not have.
        reuse_addr: let several sockets be bound to one address, for multicast (default False).
        reuse_port: let several sockets be bound to one port, and share what comes (default False).
        ipv6_only: a ``udp6`` socket that does not take IPv4 (default False).
        recv_buffer_size, send_buffer_size: bytes to ask for in the kernel (default: what the system gives).
        lookup: a function instead of the system's look-up: ``lookup(hostname, callback, family=, hints=, all=)``.
        signal: an `AbortSignal` that closes the socket.
        receive_block_list: a `net.BlockList` of senders whose messages are dropped in silence.
        send_block_list: a `net.BlockList` of addresses to which nothing is sent (ERR_IP_BLOCKED).

    Raises ArgumentTypeError (ERR_SOCKET_BAD_TYPE, ...), ArgumentValueError.

    Source: https://nodejs.org/api/dgram.html#dgramcreatesocketoptions-callback
    """
    listener = None
    if args and (callable(args[-1]) or args[-1] is None):
        listener, args = args[-1], args[:-1]
    if len(args) > 1:
        raise TypeError(f"create_socket() takes a type and a listener by position; got {len(args)} before the listener")
    if args and "type" in options:
        raise TypeError("create_socket() got 'type' both by position and by keyword")
    kind: Any = args[0] if args else options.pop("type", None)
    try:
        socket = Socket(kind, **options)
    except TypeError:
        from . import keywords
        check_options("dgram.create_socket", args if listener is None else (*args, listener), options,
                      keywords.TypedSocketKeywords.__annotations__)
        raise
    if listener is not None:
        socket.on("message", listener)
    return socket
