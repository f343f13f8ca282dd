"""HandleServer: what has a native listening handle, from listen() to `close`.  `Server` says what comes of a connection."""

from __future__ import annotations

import os
import socket as _socket
from collections.abc import Callable, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .._engine.listen_handle import ListenHandle
from ..addresses import descriptor
from ..addresses.paths import SocketFile, shown
from ..addresses.socket_address import AddressInfo
from ..diagnostics import channel
from ..errors import StateError, invalid_type, system_error
from ..events.emitter import EventEmitter
from ..events.listener import call_fitting
from ..loop import current
from .waiting import listening_or_closed

if TYPE_CHECKING:
    from typing import Self, TypeAlias, Unpack, overload

    from ..loop import Loop
    from .keywords import Handle, ListenKeywords, Path, Port
    from .listening import Listen

    Listener: TypeAlias = Callable[[], object]

__all__ = ["HandleServer"]

_LISTEN = channel("net.server.listen")
_CLOSE = channel("net.server.close")


class HandleServer(EventEmitter):
    """A server that listens, counts its connections, and closes."""

    if TYPE_CHECKING:
        _loop: Loop
        _handle: ServerHandle | None
        _connections: int
        _refd: bool
        _closing: bool
        _tcp: bool
        _listening: Listen | None
        _forget_signal: Callable[[], object] | None
        _address: AddressInfo | str | None
        _file: SocketFile | None                # ours to remove

    def __init__(self) -> None:
        self._loop = current()
        self._handle = self._listening = self._forget_signal = self._address = self._file = None
        self._connections = 0
        self._refd = True
        self._closing = self._tcp = False

    # --- listening -----------------------------------------------------------------------------------------------

    if TYPE_CHECKING:
        @overload
        def listen(self, port: Port | None, host: str | None, backlog: int | None = None,
                   listener: Listener | None = None, /, **options: Unpack[ListenKeywords]) -> Self: ...
        @overload
        def listen(self, port: Port | None, host: str | None, listener: Listener, /,
                   **options: Unpack[ListenKeywords]) -> Self: ...
        @overload
        def listen(self, where: Port | Path | Handle | None, backlog: int | None, listener: Listener | None = None, /,
                   **options: Unpack[ListenKeywords]) -> Self: ...
        @overload
        def listen(self, where: Port | Path | Handle | None, listener: Listener | None = None, /,
                   **options: Unpack[ListenKeywords]) -> Self: ...
        @overload
        def listen(self, listener: Listener, /, **options: Unpack[ListenKeywords]) -> Self: ...
        @overload
        def listen(self, **options: Unpack[ListenKeywords]) -> Self: ...

    def listen(self, *args: Any, **options: Any) -> Self:
        """Listen; returns the server at once, and `listening` or `error` follows.

            listen([port[, host[, backlog]]][, listener])   port 0 or none: the system chooses, see `address()`
            listen(path[, backlog][, listener])             a UNIX socket; a str beginning with NUL is an abstract name
            listen(handle[, backlog][, listener])           a `Server`, a `BoundSocket`, a Python socket
            listen([listener, ]port=, host=, path=, handle=, fd=, backlog=511, ipv6_only=False, reuse_port=False,
                   exclusive=False, readable_all=False, writable_all=False, signal=None)

        Without a host it listens on all addresses of both families.  A name is looked up, and its first address
        taken.  `backlog`: connections the kernel keeps until they are accepted.  `readable_all`, `writable_all`: who
        may use a UNIX socket.  `exclusive` is of Node's cluster: a netloop server never shares its handle.

        Raises StateError (ERR_SERVER_ALREADY_LISTEN), and for wrong arguments ArgumentTypeError or ArgumentValueError.

        Source: https://nodejs.org/api/net.html#serverlisten
        """
        from .listening import start
        if self._handle is None and self._listening is None and self._connections == 0:
            self._loop = current()              # that of the caller, wherever the server was made
        start(self, args, options)
        return self

    def _bound(self, python_socket: _socket.socket, backlog: int, file: SocketFile | None) -> None:
        """Own a bound socket, and accept from it."""
        try:
            python_socket.listen(backlog)
            address = descriptor.bound_name(python_socket)
        except OSError as error:
            python_socket.close()
            if file is not None:
                file.remove()
            raise system_error(error.errno or 0, "listen") from error
        self._address = address
        self._file = file
        self._tcp = python_socket.family in (_socket.AF_INET, _socket.AF_INET6)
        handle = self._handle = ServerHandle(self._loop, python_socket.detach())
        handle.server = self
        handle.origin = self._listening.origin if self._listening is not None else None
        if not self._refd:
            handle.unref()
        handle.start()
        if _LISTEN.subscribers is not None:
            _LISTEN.publish({"server": self})

    def _accept(self, fd: int) -> None:
        """Hook: a connection was accepted."""
        os.close(fd)

    def _accept_failed(self, error: int, syscall: str) -> None:
        self._emit1("error", system_error(error, syscall))

    # --- ending --------------------------------------------------------------------------------------------------

    def close(self, callback: Callable[..., object] | None = None) -> Self:
        """Stop accepting; connections live on, and `close` follows when the last one has ended.

        `callback` is called with nothing at `close`, or with ERR_SERVER_NOT_RUNNING when the server is not open.

        Source: https://nodejs.org/api/net.html#serverclosecallback
        """
        if callback is not None and not callable(callback):
            raise invalid_type("callback", "a function", callback)
        is_open = self._handle is not None or self._listening is not None
        if callback is not None:
            if is_open:
                self.once("close", callback)
            else:
                error = StateError("Server is not running", "ERR_SERVER_NOT_RUNNING")
                self.once("close", lambda: call_fitting(callback, (error,)))
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.cancel()
        self._leave_signal()
        self._release_handle()
        self._closing = True
        self._close_if_drained()
        return self

    def _leave_signal(self) -> None:
        forget, self._forget_signal = self._forget_signal, None
        if forget is not None:
            forget()

    def _release_handle(self) -> None:
        handle, self._handle = self._handle, None
        if handle is None:
            return
        handle.close()
        handle.server = None
        if self._file is not None:
            self._file.remove()
        self._address = self._file = None

    def _connection_closed(self) -> None:
        self._connections -= 1
        if self._closing:
            self._close_if_drained()

    def _close_if_drained(self) -> None:
        if self._handle is None and self._connections == 0 and self._closing:
            self._loop.next_tick(self._emit_closed)

    def _emit_closed(self) -> None:
        if not self._closing or self._connections:
            return
        self._closing = False
        if _CLOSE.subscribers is not None:
            _CLOSE.publish({"server": self})
        self._emit0("close")

    # --- asking --------------------------------------------------------------------------------------------------

    def address(self) -> AddressInfo | Any:
        """The bound address, family ("IPv4" or "IPv6") and port, or the path; None before `listening` and after `close`.

        Typed so that `address().port` may be written where it is known to be there.
        """
        return None if self._listening is not None else self._address

    @property
    def listening(self) -> bool:
        """Whether the server is bound."""
        return self._handle is not None

    @property
    def closing(self) -> bool:
        """Whether `close` was called and is still to come."""
        return bool(self._closing)

    def ref(self) -> Self:
        """Let the server keep the loop alive (the default)."""
        self._refd = True
        if self._handle is not None:
            self._handle.ref()
        return self

    def unref(self) -> Self:
        """Let the loop end although the server is open.  It goes on accepting."""
        self._refd = False
        if self._handle is not None:
            self._handle.unref()
        return self

    def __repr__(self) -> str:
        where = "not listening" if self._address is None else f"on {_shown(self._address)}"
        return f"<{type(self).__name__} {where}, {self._connections} connections>"

    # --- asyncio -------------------------------------------------------------------------------------------------

    def __await__(self) -> Generator[Any, Any, Self]:
        return listening_or_closed(self).__await__()

    async def __aenter__(self) -> Self:
        return await self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        traceback: TracebackType | None) -> None:
        """Close, and wait until the last connection has ended; a body that failed does not wait."""
        if self._handle is not None or self._listening is not None:
            self.close()
        if kind is None:
            await self


class ServerHandle(ListenHandle):
    """The native handle of a server: tells it what happens."""

    if TYPE_CHECKING:
        server: HandleServer | None

    def on_connection(self, fd: int) -> None:
        if self.server is None:
            os.close(fd)
        else:
            self.server._accept(fd)

    def on_error(self, error: int, syscall: str) -> None:
        if self.server is not None:
            self.server._accept_failed(error, syscall)

    def on_abandon(self) -> None:
        if self.server is not None:
            self.server.close()

    def describe(self) -> str:
        return repr(self.server)


def _shown(address: AddressInfo | str) -> str:
    return shown(address) if isinstance(address, str) else str(address)
