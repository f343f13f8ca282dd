"""Socket: datagrams, with everything that users ask of a socket for them.

The messages are `Endpoint`'s business, options that of `Settings`, binding that of `Bindable`; here is the rest: making,
connecting, ending, and waiting.
"""

from __future__ import annotations

import errno
import socket as _socket
from collections.abc import Callable, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..addresses.arguments import check_block_list, check_reuse_port
from ..addresses.descriptor import peer_name
from ..addresses.paths import shown
from ..errors import ArgumentTypeError, StateError, invalid_type, system_error
from .arguments import Where, check_buffer_size, check_flag, check_function, parse_connect
from .binding import Bindable, BindOptions
from .opening import Connect, connect_handle
from .sending import PendingSends

if TYPE_CHECKING:
    from typing import Self, Unpack, overload

    from .._engine.datagram_batch import Departure
    from ..addresses.block_list import BlockList
    from ..addresses.socket_address import AddressInfo
    from ..events.abort import Signal
    from .iteration import Messages
    from .keywords import ConnectKeywords, Path, Port
    from .signatures import socket_off, socket_on

    Listener = Callable[[], object]

__all__ = ["Socket"]

_FAMILIES = {"udp4": _socket.AF_INET, "udp6": _socket.AF_INET6, "unix_dgram": getattr(_socket, "AF_UNIX", -1)}


class Socket(Bindable):
    """A socket for datagrams: UDP over IPv4 or IPv6, or UNIX.  `create_socket` makes it, and has its options.

    Attributes:
        type: "udp4", "udp6" or "unix_dgram".

    Events:
        message (bytes, RemoteInfo): a datagram arrived.
        listening: the socket is bound, by `bind` or because it was needed.
        connect: `connect` has noted the peer.
        error (exception): binding failed, or a send without a callback, or receiving; the socket stays open.
        close: closed.  No other event follows, `message` neither.

    ``await socket`` waits until a bind or connect under way is done, or after `close()` for `close`;
    ``async for message, sender in socket`` gives the messages; ``async with socket`` closes at the end.

    Source: https://nodejs.org/api/dgram.html#class-dgramsocket
    """

    if TYPE_CHECKING:  # typed events, see events/signatures.py
        on = add_listener = once = socket_on                        # type: ignore[assignment]
        prepend_listener = prepend_once_listener = socket_on        # type: ignore[assignment]
        off = remove_listener = socket_off

    def __init__(self, type: str, *, reuse_addr: bool = False, reuse_port: bool = False, ipv6_only: bool = False,
                 recv_buffer_size: int | None = None, send_buffer_size: int | None = None,
                 lookup: Callable[..., object] | None = None, signal: Signal | None = None,
                 receive_block_list: BlockList | None = None, send_block_list: BlockList | None = None) -> None:
        if not isinstance(type, str) or type not in _FAMILIES:
            raise ArgumentTypeError(f"type must be one of {', '.join(_FAMILIES)}; got {type!r}", "ERR_SOCKET_BAD_TYPE")
        for name, size in (("recv_buffer_size", recv_buffer_size), ("send_buffer_size", send_buffer_size)):
            if size is not None:
                check_buffer_size(name, size)
        check_reuse_port(reuse_port)
        check_block_list(receive_block_list)
        check_block_list(send_block_list)
        self._set_up(type, _FAMILIES[type])
        self._receive_block_list, self._send_block_list = receive_block_list, send_block_list
        self._bind_options = BindOptions(check_flag("reuse_addr", reuse_addr), reuse_port,
                                         check_flag("ipv6_only", ipv6_only), recv_buffer_size, send_buffer_size)
        self._lookup = check_function("lookup", lookup)
        self._pending = PendingSends()
        self._opening = None
        self._connecting: Connect | None = None
        self._file = None
        self._forget_signal: Callable[[], object] | None = None
        if signal is not None:
            from ..stream.signals import when_aborted
            self._forget_signal = when_aborted(signal, lambda error: self.close())

    # --- connecting ----------------------------------------------------------------------------------------------

    if TYPE_CHECKING:
        @overload
        def connect(self, port: Port, address: str | None, listener: Callable[..., object] | None = None, /) -> Self: ...
        @overload
        def connect(self, port_or_path: Port | Path, listener: Callable[..., object] | None = None, /,
                    **options: Unpack[ConnectKeywords]) -> Self: ...
        @overload
        def connect(self, listener: Callable[..., object], /, **options: Unpack[ConnectKeywords]) -> Self: ...
        @overload
        def connect(self, **options: Unpack[ConnectKeywords]) -> Self: ...

    def connect(self, *args: Any, **options: Any) -> Self:
        """Send to one peer, and receive from nobody else; returns the socket at once, and `connect` follows.

            connect(port[, address][, listener])    the loopback address without one
            connect(path[, listener])               of a UNIX socket
            connect([listener, ]port=, address=, path=)

        A name is looked up; a socket that is not bound is bound to any port.  `listener` is called at `connect`, or with
        the error; without it that is an `error` event.  Nobody is asked whether the peer is there.

        Raises StateError (ERR_SOCKET_DGRAM_IS_CONNECTED, ERR_SOCKET_DGRAM_NOT_RUNNING), and for wrong arguments
        ArgumentTypeError or ArgumentValueError (ERR_SOCKET_BAD_PORT, ...).

        Source: https://nodejs.org/api/dgram.html#socketconnectport-address-callback
        """
        where = self._where_to_connect(args, options)
        if where.listener is not None:
            self.once("connect", where.listener)
        Connect(self, where).start()
        return self

    def connect_sync(self, *args: Any, **options: Any) -> Self:
        """`connect`, but what fails raises at once.  Takes no names.

        Source: https://nodejs.org/api/dgram.html#socketconnectsyncport-address
        """
        from .lookups import loopback
        where = self._where_to_connect(args, options)
        if self._opening is not None and self._handle is None:
            raise StateError("the socket is about to be bound: wait for `listening`", "ERR_SOCKET_DGRAM_NOT_RUNNING")
        peer = self._numeric(where, loopback(self), "connect")
        if self._handle is None:
            self._open_unasked()
        error = connect_handle(self, self._handle, peer)
        if error is not None:
            raise error
        if where.listener is not None:
            self.once("connect", where.listener)
        self._loop.next_tick(self._tell_connected)
        return self

    def _tell_connected(self) -> None:
        if self._connected:
            self.emit("connect")

    def _where_to_connect(self, args: tuple[Any, ...], options: dict[str, Any]) -> Where:
        where = parse_connect(self.type, args, options)
        self._check_running()
        if self._connected or self._connecting is not None:
            raise StateError("the socket is connected already", "ERR_SOCKET_DGRAM_IS_CONNECTED")
        return where

    def disconnect(self) -> None:
        """Send to and receive from everybody again.  The socket keeps its address.

        Raises StateError (ERR_SOCKET_DGRAM_NOT_CONNECTED).
        """
        self._check_running()
        if not self._connected or self._handle is None:
            raise _not_connected()
        self._handle.flush()
        result = self._handle.disconnect()
        if result < 0:
            raise system_error(-result, "disconnect")
        self._connected = False

    # --- sending -------------------------------------------------------------------------------------------------

    def sendto(self, message: Any, offset: int, length: int, port: Port, address: str,
               callback: Callable[..., object] | None = None) -> Departure:
        """Deprecated: `send` with all of its arguments."""
        for name, value in (("offset", offset), ("length", length)):
            if not isinstance(value, int):
                raise invalid_type(name, "an int", value)
        if not isinstance(address, str):
            raise invalid_type("address", "a str", address)
        return self.send(message, offset, length, port, address, callback)

    # --- ending --------------------------------------------------------------------------------------------------

    def _cancel(self) -> None:
        if self._forget_signal is not None:
            self._forget_signal()
        closed = StateError("the socket was closed meanwhile", "ERR_SOCKET_DGRAM_NOT_RUNNING")
        opening, self._opening = self._opening, None
        connecting, self._connecting = self._connecting, None
        for under_way in (opening, connecting):
            if under_way is not None:
                under_way.cancel(closed)
        self._pending.fail(system_error(errno.ECANCELED, "send"))
        if self._file is not None:
            self._file.remove()
            self._file = None

    # --- asking --------------------------------------------------------------------------------------------------

    def remote_address(self) -> AddressInfo | Any:
        """Where it is connected to, as of `address`.

        Raises StateError (ERR_SOCKET_DGRAM_NOT_CONNECTED, ERR_SOCKET_DGRAM_NOT_RUNNING).
        """
        self._check_running()
        if not self._connected:
            raise _not_connected()
        with self._descriptor("getpeername") as python_socket:
            return peer_name(python_socket)

    def get_send_queue_size(self) -> int:
        """Bytes of the messages that the kernel did not take yet."""
        return self._pending.bytes + (0 if self._handle is None else self._handle.queued_bytes)

    def get_send_queue_count(self) -> int:
        """How many messages the kernel did not take yet."""
        return len(self._pending) + (0 if self._handle is None else self._handle.queued())

    def __repr__(self) -> str:
        state = "not bound"
        if self._closed:
            state = "closed"
        elif self._handle is not None:
            state = _shown(self.address())
            if self._connected:
                state += f" to {_shown(self.remote_address())}"
        return f"<Socket {self.type} {state}>"

    # --- asyncio -------------------------------------------------------------------------------------------------

    def __await__(self) -> Generator[Any, Any, Self]:
        from .waiting import ready_or_closed
        return ready_or_closed(self).__await__()

    async def _wait_for_departure(self, departure: Departure) -> int:
        from .waiting import departed
        return await departed(departure)

    async def __aenter__(self) -> Self:
        return await self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        traceback: TracebackType | None) -> None:
        await self.close()

    def __aiter__(self) -> Messages:
        from .iteration import Messages
        return Messages(self)


def _not_connected() -> StateError:
    return StateError("the socket is not connected", "ERR_SOCKET_DGRAM_NOT_CONNECTED")


def _shown(address: AddressInfo | str) -> str:
    return (shown(address) or "unnamed") if isinstance(address, str) else str(address)

