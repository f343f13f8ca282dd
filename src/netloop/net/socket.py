"""Socket: a stream over TCP or a UNIX socket, with everything that users ask of one.

The bytes are `HandleStream`'s business, options and addresses that of `DescriptorStream`, the way to a connection that of
`connecting.py`; here is the rest: making, adopting, ending, and the state of the connection.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any

from ..addresses import descriptor
from ..addresses.arguments import check_block_list
from ..errors import StateError, check_options
from ..loop import current
from . import options
from .descriptor_stream import DescriptorStream
from .opening import descriptor_of
from .waiting import connected

if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Self, TypeAlias, Unpack, overload

    from ..addresses.block_list import BlockList
    from ..events import AbortSignal
    from .connecting import Connect
    from .keywords import ConnectKeywords, Path, Port
    from .server import Server
    from .signatures import socket_off, socket_on

    Listener: TypeAlias = Callable[[], object]

__all__ = ["Socket", "accepted"]


class Socket(DescriptorStream):
    """A TCP or UNIX socket: a `Duplex` of bytes.

    Options (keyword arguments):
        fd: an open descriptor to adopt; the socket owns it from then on.
        handle: a `BoundSocket` to connect from, or a Python socket to adopt.
        readable, writable: with `fd` or `handle`, False ends that half at once (default True).
        allow_half_open: False (default): when the peer has finished, this side ends by itself.
        no_delay: send small writes at once, without Nagle's algorithm (default False).
        keep_alive, keep_alive_initial_delay: TCP keepalive, and milliseconds of silence before the first probe.
        type_of_service: 0 to 255, the IP header's field.
        block_list: a `BlockList` of addresses that must not be connected to (ERR_IP_BLOCKED).
        high_water_mark: bytes, for both halves (default 64 KiB).
        onread: ``{"buffer": bytearray(n), "callback": fn(size, buffer)}``: receive into your buffer instead of `data` events.
            `buffer` may be a function that returns one; False from the callback pauses.
        signal: an `AbortSignal` that destroys the socket.

    Events:
        lookup (error, address, family, host): the name was resolved; once for each address.
        connection_attempt (ip, port, family), connection_attempt_failed (ip, port, family, error),
        connection_attempt_timeout (ip, port, family): the race to the first connection.
        connect, ready: connected.  Accepted sockets emit neither.
        data (bytes, or str after set_encoding): a chunk.  TCP keeps no boundaries of messages.
        end: the peer has finished, and all its data was consumed.
        drain: everything queued was sent, after a write() that returned False.
        timeout: nothing moved for the time of `set_timeout`.  It only reports.
        finish: everything was sent after end().
        error (exception): then `close` follows.
        close (had_error): nothing more will happen.

    ``await socket`` waits until it is connected, and returns it; ``async for chunk in socket`` reads to the end;
    ``await socket.drain()`` waits until it takes more.

    Source: https://nodejs.org/api/net.html#class-netsocket
    """

    if TYPE_CHECKING:  # typed events, see events/signatures.py
        on = add_listener = once = socket_on                        # type: ignore[assignment]
        prepend_listener = prepend_once_listener = socket_on        # type: ignore[assignment]
        off = remove_listener = socket_off

        server: Server | None
        _attempt: Connect | None
        _attempted_addresses: list[str] | None
        _block_list: BlockList | None
        _bound: tuple[Any, Any] | None      # what a BoundSocket gave, until it connects
        _host_name: str | None              # that it was told to connect to, for who verifies the peer by it
        _reset_when_connected: bool
        _ever_connected: bool

    def __init__(self, *, fd: int | None = None, handle: Any = None, readable: bool = True, writable: bool = True,
                 allow_half_open: bool = False, no_delay: bool = False, keep_alive: bool = False,
                 keep_alive_initial_delay: float | timedelta = 0, type_of_service: int | None = None,
                 block_list: BlockList | None = None, high_water_mark: int | None = None,
                 onread: Mapping[str, Any] | None = None, signal: AbortSignal | None = None) -> None:
        self._start(None, high_water_mark, allow_half_open)
        self._set_up_socket()
        check_block_list(block_list)
        self._block_list = block_list
        if onread is not None:
            self._buffer, self._buffer_source, self._buffer_callback = options.check_onread(onread)
        if no_delay:
            self.set_no_delay()
        if keep_alive:
            self.set_keep_alive(True, keep_alive_initial_delay)
        if type_of_service is not None:
            self.set_type_of_service(type_of_service)
        if fd is not None or handle is not None:
            self._take_handle(fd, handle, readable, writable)
        if signal is not None:
            self._take_options({}, signal)      # which may destroy it at once

    def _set_up_socket(self) -> None:
        self.server = self._attempt = self._settings = self._attempted_addresses = None
        self._local = self._remote = self._block_list = self._bound = self._host_name = None
        self._reset_when_connected = self._ever_connected = False

    def _take_handle(self, fd: int | None, handle: Any, readable: bool, writable: bool) -> None:
        from .bound_socket import BoundSocket
        if isinstance(handle, BoundSocket):
            self._bound = handle.take()
        else:
            self._open_adopted(descriptor_of(fd, handle), readable, writable)

    def _open_adopted(self, fd: int, readable: bool, writable: bool) -> None:
        self._own(fd, False)
        self._ever_connected = True
        self._apply_settings()
        if not readable:
            self.push(None)
        self.read(0)
        if not writable:
            self.end()

    # --- connecting ----------------------------------------------------------------------------------------------

    if TYPE_CHECKING:
        @overload
        def connect(self, port: Port, host: str | None, listener: Listener | None = None, /,
                    **options: Unpack[ConnectKeywords]) -> Self: ...
        @overload
        def connect(self, port_or_path: Port | Path, listener: Listener | None = None, /,
                    **options: Unpack[ConnectKeywords]) -> Self: ...
        @overload
        def connect(self, listener: Listener, /, **options: Unpack[ConnectKeywords]) -> Self: ...
        @overload
        def connect(self, **options: Unpack[ConnectKeywords]) -> Self: ...

    def connect(self, *args: Any, **options: Any) -> Self:
        """Connect; returns the socket at once.  `net.connect` has the forms and options.

        A socket may be connected again after `close`.  Errors come as `error` events, but for wrong arguments.

        Source: https://nodejs.org/api/net.html#socketconnect
        """
        from .connect_options import parse
        from .connecting import start
        try:
            wanted, listener = parse(args, options)
        except TypeError:
            from . import keywords
            check_options("connect", args, options, keywords.ConnectKeywords.__annotations__)
            raise
        start(self, wanted)
        if listener is not None:
            self.once("connect", listener)
        return self

    def _prepare_connect(self) -> None:
        """Become a socket that connects; one that was closed starts anew."""
        if self.connecting or self._handle is not None:
            raise StateError("Socket is connected, or connecting, already", "ERR_SOCKET_ALREADY_CONNECTED")
        if self.closed:
            self._restart()
        elif self.destroyed:
            raise StateError("Socket is being closed: it can be connected again after `close`", "ERR_SOCKET_CLOSED")
        elif self._loop is not current():
            raise StateError("Socket was made in another loop than this one", "ERR_SOCKET_CLOSED")
        self.connecting = True
        self._ever_connected = False

    def _restart(self) -> None:
        """Forget the life before `close`: streams do not open twice, so a socket gets new states."""
        refd, settings, block_list = self._refd, self._settings, self._block_list
        reading, writing = self._readable_state, self._writable_state
        buffer = self._buffer, self._buffer_source, self._buffer_callback
        if not self.allow_half_open:
            self.remove_listener("end", self._on_end)       # when it is connected again while `close` is emitted
            self.remove_listener("end", _on_no_end)
        self._start(current(), writing.high_water_mark, self.allow_half_open)
        self._set_up_socket()
        self._refd, self._settings, self._block_list = refd, settings, block_list
        self._buffer, self._buffer_source, self._buffer_callback = buffer
        if reading.encoding is not None:
            self.set_encoding(reading.encoding)
        if reading.flowing or self._has_listeners("data"):
            self.resume()

    def _connected(self, fd: int, tcp: bool) -> None:
        """The connection is there."""
        attempt, self._attempt = self._attempt, None
        self.connecting = False
        self._ever_connected = True
        self._own(fd, tcp)
        self._apply_settings()
        if attempt is not None:
            attempt.publish_end()
        if self._reset_when_connected:
            self.reset_and_destroy()
            return
        self._open()
        self._stir()
        self._tell("connect")
        if not self.destroyed:
            self._tell("ready")
        if self._handle is not None and not self.is_paused():
            self.read(0)

    def _tell(self, event: str, *arguments: Any) -> None:
        """Emit an event in the middle of something: what its listeners raise goes to the loop."""
        try:
            self.emit(event, *arguments)
        except Exception as raised:
            self._loop.report(raised)

    def _take_bound(self) -> Any:
        """The Python socket of the option `handle`, once; None if there is none."""
        if self._bound is None:
            return None
        python_socket, file = self._bound
        self._bound = None if file is None else (None, file)
        return python_socket

    def __await__(self) -> Generator[Any, Any, Self]:
        """Wait until the socket is connected; raises what prevented it.  Cancelling destroys it."""
        return connected(self).__await__()

    # --- ending --------------------------------------------------------------------------------------------------

    def destroy_soon(self) -> None:
        """End, and destroy as soon as everything was sent."""
        if self.writable:
            self.end()
        if self.writable_finished:
            self.destroy()
        else:
            self.once("finish", self._destroy_after_finish)

    def _destroy_after_finish(self) -> None:
        self.destroy()

    def reset_and_destroy(self) -> Self:
        """Close with a reset (RST): what is unsent is dropped and the peer sees ECONNRESET.  TCP only.

        While connecting it waits for the connection, in silence.  Raises StateError (ERR_INVALID_HANDLE_TYPE) on a
        UNIX socket.

        Source: https://nodejs.org/api/net.html#socketresetanddestroy
        """
        handle = self._handle
        if handle is not None:
            if descriptor.is_unix(handle.fd):
                raise StateError("a UNIX socket cannot be reset", "ERR_INVALID_HANDLE_TYPE")
            self._remember_addresses()
            handle.reset()
            self.destroy()
        elif self.connecting:
            if self._attempt is not None and self._attempt.options.path is not None:
                raise StateError("a UNIX socket cannot be reset", "ERR_INVALID_HANDLE_TYPE")
            self._reset_when_connected = True
        else:
            self.destroy(StateError("Socket is closed", "ERR_SOCKET_CLOSED"))
        return self

    def _destroy(self, error: Exception | None, callback: Callable[[Exception | None], object]) -> None:
        self.connecting = False
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            attempt.cancel()
        if self._bound is not None:
            self._release_bound()
        if self._handle is not None and self._has_listeners("close"):
            self._remember_addresses()
        server = self.server
        DescriptorStream._destroy(self, error, callback)
        if server is not None:
            server._connection_closed()

    def _may_be_awaited_yet(self) -> bool:
        return not self._ever_connected

    def _release_bound(self) -> None:
        """What is left of a `BoundSocket`: itself, if nothing connected from it, and its file."""
        bound, self._bound = self._bound, None
        if bound is not None:
            python_socket, file = bound
            if python_socket is not None:
                python_socket.close()
            if file is not None:
                file.remove()

    def _forget_listeners(self) -> None:
        """An accepted socket is never connected again.

        Its listeners usually refer to it, ``socket.on("data", socket.write)``, and would leave each connection of a busy
        server to the garbage collector.  Another socket keeps them, but for its own one, which refers to it always.
        """
        if self.server is not None:
            self._listeners = None
        elif self.closed and not self.allow_half_open:
            self._remove_newest("end", self._on_end)
            self._add("end", _on_no_end, True)              # in its place, until the socket is connected again

    def _write_error(self) -> Exception:
        if not self._ever_connected:
            return StateError("Socket closed before the connection was established",
                              "ERR_SOCKET_CLOSED_BEFORE_CONNECTION")
        return DescriptorStream._write_error(self)

    # --- asking --------------------------------------------------------------------------------------------------

    def ref(self) -> Self:
        """Let the socket keep the loop alive (the default), while it connects too."""
        if self._attempt is not None:
            self._attempt.ref()
        return DescriptorStream.ref(self)

    def unref(self) -> Self:
        """Let the loop end although the socket is open, or about to be."""
        if self._attempt is not None:
            self._attempt.unref()
        return DescriptorStream.unref(self)

    @property
    def pending(self) -> bool:
        """True until connected, also before connect()."""
        return self._handle is None or self.connecting

    @property
    def ready_state(self) -> str:
        """"opening", "open", "readOnly", "writeOnly" or "closed".  A new socket says "open", as in Node."""
        if self.connecting:
            return "opening"
        if self.readable and self.writable:
            return "open"
        if self.readable:
            return "readOnly"
        return "writeOnly" if self.writable else "closed"

    @property
    def auto_select_family_attempted_addresses(self) -> list[str]:
        """What the last connect tried: ``["::1:8124", "127.0.0.1:8124"]``."""
        return list(self._attempted_addresses or ())

    @property
    def buffer_size(self) -> int:
        """Deprecated: bytes queued for sending; use `writable_length`."""
        import warnings
        warnings.warn("socket.buffer_size is deprecated: use writable_length", DeprecationWarning, stacklevel=2)
        return self.writable_length

    def __repr__(self) -> str:
        if self.connecting:
            return f"<Socket connecting to {self._attempt}>"
        if self._handle is None and self._remote is None:
            return f"<Socket {'closed' if self.destroyed else 'not connected'}>"
        state = "" if self.ready_state == "open" else f" {self.ready_state}"
        if self._peer() is None:
            return f"<Socket fd {self.fileno()}{state}>"
        return f"<Socket {self.address()} to {self._peer()}{state}>"


def _on_no_end() -> None:
    """What a closed socket listens to `end` with."""


def accepted(server: Server, loop: Any, fd: int, high_water_mark: int | None, allow_half_open: bool,
             paused: bool, system_options: list[tuple[int, int, int]] | None) -> Socket:
    """The socket of a connection that `server` accepted: the way that does without the options of the constructor."""
    socket = Socket.__new__(Socket)
    socket._start(loop, high_water_mark, allow_half_open)
    socket._set_up_socket()
    socket.server = server
    socket._ever_connected = True
    socket._own(fd, server._tcp)
    if system_options is not None:
        for level, name, value in system_options:
            socket._handle.set_option(level, name, value)  # type: ignore[union-attr]
    if paused:
        socket.pause()
    else:
        state = socket._readable_state      # read(0) in short: the handle pushes by itself from now on
        state.reading, state.sync = True, False
        socket._handle.read_start()  # type: ignore[union-attr]
    return socket
