"""Endpoint: one native datagram handle, and the way of every message in and out.  It is the base of `Socket`.

In:  the handle took a batch from the kernel    -> `_receive` for each, to the `message` listener
Out: `send`, with bytes and a numeric address   -> a `Departure`, which the handle collects with others of this turn
     anything else                              -> `sending.send`, which ends in a departure too

A departure that somebody waits for comes back to `_departed`, and so does one that failed.  Its listener hears of it on a
later tick; without a listener, a failure is an `error` event.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .._engine.arity import most_arguments
from .._engine.datagram_batch import Departure, new_departure
from .._engine.datagram_handle import DatagramHandle
from .._engine.peers import find_peer
from ..diagnostics import channel
from ..errors import StateError, invalid_type, system_error
from ..events.emitter import EventEmitter
from ..events.listener import call_fitting
from ..loop import current
from ..loop.origin import add_origin, caller
from .sending import send

if TYPE_CHECKING:
    from typing import Self, overload

    from .._engine.remote_info import RemoteInfo
    from ..addresses.block_list import BlockList
    from ..loop import Loop
    from .keywords import Message, Path, Piece, Port, Sent

__all__ = ["Endpoint", "DatagramSocketHandle", "not_running"]

_MESSAGE = channel("dgram.message")
_SEND = channel("dgram.send")
_DROP = channel("dgram.drop")
_ERROR = channel("dgram.error")
_CLOSE = channel("dgram.close")

_LARGEST_FOR_SURE = 65507       # bytes of a datagram over IPv4; over IPv6 a few more may leave


class Endpoint(EventEmitter):
    """An emitter of `message` events over one datagram handle."""

    if TYPE_CHECKING:
        type: str
        _family: int
        _loop: Loop
        _handle: DatagramSocketHandle | None
        _connected: bool
        _closed: bool
        _closed_told: bool
        _refd: bool
        _pauses: int
        _message_listener: Callable[..., object] | None
        _receive_block_list: BlockList | None
        _send_block_list: BlockList | None

    def _set_up(self, type: str, family: int) -> None:
        self.type = type
        self._family = family
        self._loop = current()
        self._handle = self._message_listener = self._receive_block_list = self._send_block_list = None
        self._connected = self._closed = self._closed_told = False
        self._refd = True
        self._pauses = 0

    def _own(self, fd: int) -> DatagramSocketHandle:
        """A handle for a descriptor; it receives nothing before `_start`."""
        handle = DatagramSocketHandle(self._loop, fd)
        handle.socket = self
        return handle

    def _start(self, handle: DatagramSocketHandle) -> None:
        """The handle is bound: receive."""
        self._handle = handle
        if not self._refd:
            handle.unref()
        if not self._pauses:
            handle.read_start()

    # --- receiving -----------------------------------------------------------------------------------------------

    def _listener_added(self, event: Any) -> None:
        if event == "message":
            self._find_message_listener()

    def _listener_removed(self, event: Any) -> None:
        if event == "message":
            self._find_message_listener()

    def _find_message_listener(self) -> None:
        found = None if self._listeners is None else self._listeners.get("message")
        takes_both = type(found) is not tuple and most_arguments(found) not in (0, 1)
        self._message_listener = found if takes_both else None

    def _receive(self, message: bytes, sender: RemoteInfo) -> None:
        if self._receive_block_list is not None and self._receive_block_list.check(sender[0]):
            return
        if _MESSAGE.subscribers is not None:
            _MESSAGE.publish({"socket": self, "size": len(message), "sender": sender})
        listener = self._message_listener
        if listener is None:
            self._emit("message", (message, sender))
            return
        result = listener(message, sender)
        if result is not None and type(result) is not Departure and type(result) is not bool:
            self._adopt(result, "message", (message, sender))

    def _receive_failed(self, error: int, syscall: str) -> None:
        self._fail(system_error(error, syscall))

    def _fail(self, error: Exception) -> None:
        if _ERROR.subscribers is not None:
            _ERROR.publish({"socket": self, "error": error})
        self.emit("error", error)

    def _pause(self) -> None:
        """Leave what arrives in the kernel's buffer, until as many calls of `_resume`."""
        self._pauses += 1
        if self._pauses == 1 and self._handle is not None:
            self._handle.read_stop()

    def _resume(self) -> None:
        self._pauses -= 1
        if self._pauses == 0 and self._handle is not None:
            self._handle.read_start()

    # --- sending -------------------------------------------------------------------------------------------------

    if TYPE_CHECKING:
        @overload
        def send(self, message: Message, callback: Sent | None = None, /) -> Departure: ...
        @overload
        def send(self, message: Message, port_or_path: Port | Path, callback: Sent | None = None, /) -> Departure: ...
        @overload
        def send(self, message: Message, port: Port, address: str | None, callback: Sent | None = None, /) -> Departure: ...
        @overload
        def send(self, buffer: Piece, offset: int, length: int, callback: Sent | None = None, /) -> Departure: ...
        @overload
        def send(self, buffer: Piece, offset: int, length: int, port_or_path: Port | Path, callback: Sent | None = None, /
                 ) -> Departure: ...
        @overload
        def send(self, buffer: Piece, offset: int, length: int, port: Port, address: str | None,
                 callback: Sent | None = None, /) -> Departure: ...

    def send(self, message: Any, first: Any = None, second: Any = None, third: Any = None, fourth: Any = None,
             fifth: Any = None, /) -> Departure:
        """Send a datagram; what the callbacks of one turn send leaves together, at its end.

            send(message[, port][, address][, callback])
            send(buffer, offset, length[, port][, address][, callback])
            send(message, path[, callback])                                 a UNIX socket
            send(message[, callback])                                       a connected socket

        A message is bytes, anything else with bytes in it (which is copied), a str, sent as UTF-8, or a list of these.
        Without an address it goes to this host; a name is looked up.  A socket that is not bound is bound to any port.

        ``callback(error, size)`` is called when the kernel has taken the message, or with what prevented it.  Without a
        callback the result can be awaited, which gives the size or raises; done neither, an error is an `error` event.
        What the kernel's buffer has no room for is queued, up to 16,384 messages and 16 MiB; beyond that, ENOBUFS.

        Raises StateError (ERR_SOCKET_DGRAM_IS_CONNECTED, ERR_SOCKET_DGRAM_NOT_RUNNING), ArgumentTypeError,
        ArgumentValueError (ERR_SOCKET_BAD_PORT, ERR_BUFFER_OUT_OF_BOUNDS).

        Source: https://nodejs.org/api/dgram.html#socketsendmsg-offset-length-port-address-callback
        """
        if (third is None and self._handle is not None and not self._connected and self._send_block_list is None
                and type(message) is bytes and type(first) is int and first and type(second) is str):
            peer = find_peer(second, first, self._family)
            if peer is not None:
                return self._depart(new_departure(self, message, peer, None))
        return send(self, message, (first, second, third, fourth, fifth))

    def _depart(self, departure: Departure) -> Departure:
        """Give it to the handle, which sends it at the latest at the end of this turn."""
        if _SEND.subscribers is not None:
            peer = departure.peer
            _SEND.publish({"socket": self, "size": len(departure.message), "address": peer and peer.address,
                           "port": peer and peer.port})
        if len(departure.message) > _LARGEST_FOR_SURE:
            departure.origin = caller()         # no frame of the program's is left when the kernel refuses it
        if self._handle is None or self._handle.send(departure) < 0:
            departure.done, departure.error = True, errno.ENOBUFS
            self._departed(departure, None)
        return departure

    def _departed(self, departure: Departure, failure: Exception | None) -> None:
        """It went, or failed with its `error` or with `failure`; tell on a later tick.

        When nobody listens, tasks that are about to await it, as those of ``asyncio.gather`` are, get a turn before.
        """
        if departure.listener is None:
            self._loop.set_immediate(self._tell_departed, (departure, failure))
        else:
            self._loop.next_tick(self._tell_departed, (departure, failure))

    def _tell_departed(self, departure: Departure, failure: Exception | None) -> None:
        if departure.error:
            peer = departure.peer
            failure = system_error(departure.error, "send", *(() if peer is None else (peer.address, peer.port or None)))
            add_origin(failure, "send() was called", departure.origin)
        departure.done, departure.failure = True, failure
        if failure is not None and _DROP.subscribers is not None:
            _DROP.publish({"socket": self, "size": len(departure.message), "error": failure})
        if departure.listener is None:
            if failure is not None and not self._closed:
                self._fail(failure)
            return
        listener, departure.listener = departure.listener, None
        size = len(departure.message) if failure is None else None
        result = call_fitting(listener, (failure, size))
        if result is not None and type(result) is not bool:
            self._adopt(result, "error", ())

    # --- ending --------------------------------------------------------------------------------------------------

    def _check_running(self) -> None:
        if self._closed:
            raise not_running()

    def close(self, callback: Callable[..., object] | None = None) -> Self:
        """Close; what was sent in this turn leaves first, and `close` follows.  Once closed, a socket stays closed.

        What is still queued is dropped, and its callbacks get ECANCELED.  `callback` is a listener for `close`.  Closing
        again does nothing; a callback gets ERR_SOCKET_DGRAM_NOT_RUNNING then.

        Source: https://nodejs.org/api/dgram.html#socketclosecallback
        """
        if callback is not None and not callable(callback):
            raise invalid_type("callback", "a function", callback)
        if self._closed:
            if callback is not None:
                self._loop.next_tick(call_fitting, (callback, (not_running(),)))
            return self
        self._closed = True
        if callback is not None:
            self.once("close", callback)
        self._cancel()
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.close()
            handle.socket = None
        self._connected = False
        self._loop.next_tick(self._tell_closed)
        return self

    def _cancel(self) -> None:
        """Hook: nothing that is under way will be finished."""

    def _tell_closed(self) -> None:
        self._closed_told = True
        if _CLOSE.subscribers is not None:
            _CLOSE.publish({"socket": self})
        self.emit("close")

    # --- asking --------------------------------------------------------------------------------------------------

    def ref(self) -> Self:
        """Let the socket keep the loop alive while it is bound (the default)."""
        self._refd = True
        if self._handle is not None:
            self._handle.ref()
        return self

    def unref(self) -> Self:
        """Let the loop end although the socket is bound."""
        self._refd = False
        if self._handle is not None:
            self._handle.unref()
        return self


def not_running() -> StateError:
    return StateError("the socket is closed", "ERR_SOCKET_DGRAM_NOT_RUNNING")


class DatagramSocketHandle(DatagramHandle):
    """The native handle of a socket: tells it what happens."""

    if TYPE_CHECKING:
        socket: Endpoint | None

    def on_message(self, message: bytes, sender: RemoteInfo) -> None:
        if self.socket is not None:
            self.socket._receive(message, sender)

    def on_error(self, error: int, syscall: str) -> None:
        if self.socket is not None:
            self.socket._receive_failed(error, syscall)

    def on_departed(self, departure: Departure) -> None:
        departure.owner._departed(departure, None)

    def on_abandon(self) -> None:
        if self.socket is not None:
            self.socket.close()

    def describe(self) -> str:
        return repr(self.socket)
