"""The way to a connection: arguments, look-up, and a race of the addresses.

A name may have several addresses, and the first may be one that never answers.  As RFC 8305 (Happy Eyeballs) has it, the
attempts start one after another, IPv6 and IPv4 in turn, each `auto_select_family_attempt_timeout` after the one before, or
at once when that one failed; none is given up because a later one was started.  The first connection wins and the others
are closed.  (Node gives up the attempt when the next one starts, and so fails where every path is slow.)

    Connect         one connect(): look-up, addresses, then a Race
    Race            the attempts that are under way, and the addresses that are still to be tried
    Attempt         one descriptor that connects
"""

from __future__ import annotations

import errno
import os
import socket as _socket
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from .._engine.stream_handle import StreamHandle
from .._engine.timer_lists import Timer
from ..diagnostics import channel
from ..errors import AggregateError, NetloopError, StateError, invalid_type, invalid_value, system_error
from ..loop.origin import caller
from ..timers import milliseconds
from .address import check_port, is_ip
from .paths import path_of

if TYPE_CHECKING:
    from .socket import Socket

__all__ = ["Connect", "ConnectOptions", "start"]

_START = channel("net.connect.start")
_END = channel("net.connect.end")
_ERROR = channel("net.connect.error")

MINIMUM_ATTEMPT_MS = 10     # as in Node: a shorter delay would start all attempts at once

_default_auto_select_family = True
_default_attempt_timeout = 500


def get_default_auto_select_family() -> bool:
    """Whether `connect` races the addresses of a name unless told otherwise: True."""
    return _default_auto_select_family


def set_default_auto_select_family(value: bool) -> None:
    global _default_auto_select_family
    if not isinstance(value, bool):
        raise invalid_type("value", "a bool", value)
    _default_auto_select_family = value


def get_default_auto_select_family_attempt_timeout() -> int:
    """Milliseconds before the next address is tried as well: 500."""
    return _default_attempt_timeout


def set_default_auto_select_family_attempt_timeout(value: float | timedelta) -> None:
    """Change the default; less than 10 ms becomes 10."""
    global _default_attempt_timeout
    _default_attempt_timeout = max(MINIMUM_ATTEMPT_MS, milliseconds("value", value))


# --- arguments ------------------------------------------------------------------------------------------------------

class ConnectOptions:
    """Where to connect to and how, checked.  The keyword arguments of `net.connect`."""

    def __init__(self, *, port: int | str | None = None, host: str | None = None, path: Any = None, family: int = 0,
                 hints: int = 0, local_address: str | None = None, local_port: int | None = None,
                 lookup: Callable[..., object] | None = None, auto_select_family: bool | None = None,
                 auto_select_family_attempt_timeout: float | timedelta | None = None) -> None:
        if path is None and port is None:
            raise NetloopArgumentMissing("connect() needs a port, or the path of a UNIX socket")
        self.path = None if path is None or port is not None else path_of(path)
        self.port = 0 if port is None else check_port("port", port)
        self.host = "localhost" if host is None else host
        if not isinstance(self.host, str):
            raise invalid_type("host", "a str", host)
        if family not in (0, 4, 6):
            raise invalid_value("family", "0, 4 or 6", family)
        self.family = family
        if not isinstance(hints, int):
            raise invalid_type("hints", "an int of socket.AI_* flags", hints)
        self.hints = hints
        if local_address is not None and not is_ip(local_address):
            raise invalid_value("local_address", "an IP address", local_address)
        self.local_address = local_address
        self.local_port = 0 if local_port is None else check_port("local_port", local_port)
        if lookup is not None and not callable(lookup):
            raise invalid_type("lookup", "a function", lookup)
        self.lookup = lookup
        if auto_select_family is not None and not isinstance(auto_select_family, bool):
            raise invalid_type("auto_select_family", "a bool", auto_select_family)
        wanted = _default_auto_select_family if auto_select_family is None else auto_select_family
        self.race = wanted and family == 0 and local_address is None
        self.attempt_timeout = _default_attempt_timeout
        if auto_select_family_attempt_timeout is not None:
            self.attempt_timeout = max(MINIMUM_ATTEMPT_MS, milliseconds("auto_select_family_attempt_timeout",
                                                                        auto_select_family_attempt_timeout))

    def __str__(self) -> str:
        if self.path is not None:
            return str(self.path).replace("\0", "@", 1)
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class NetloopArgumentMissing(NetloopError, TypeError):
    """An argument that cannot be done without is missing."""

    code = "ERR_MISSING_ARGS"


def parse(args: tuple[Any, ...], options: dict[str, Any]) -> tuple[ConnectOptions, Callable[[], object] | None]:
    """The forms ``(port[, host][, listener])``, ``(path[, listener])`` and ``([listener, ]**options)``."""
    listener = None
    if args and callable(args[-1]):
        listener, args = args[-1], args[:-1]
    if len(args) > 2:
        raise TypeError(f"connect() takes port, host and a listener by position; got {len(args)} arguments before it")
    if args:
        name = "port" if _is_port(args[0]) else "path"
        positional = dict(zip((name, "host") if name == "port" else (name,), args, strict=False))
        if name == "path" and len(args) > 1:
            raise invalid_type("port", "an int, before a host", args[0])
        for key in positional:
            if key in options:
                raise TypeError(f"connect() got {key!r} both by position and by keyword")
        options = {**options, **positional}
    return ConnectOptions(**options), listener


def _is_port(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().isdigit()
    return not isinstance(value, bytes | os.PathLike)


def start(socket: Socket, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    """What `socket.connect` does."""
    wanted, listener = parse(args, options)
    socket._prepare_connect()
    if listener is not None:
        socket.once("connect", listener)
    socket._attempt = Connect(socket, wanted)
    socket._attempt.start()


# --- one connect ----------------------------------------------------------------------------------------------------

class Connect:
    """A connect under way.  It ends in ``socket._connected(fd)`` or ``socket.destroy(error)``, or is cancelled."""

    def __init__(self, socket: Socket, options: ConnectOptions) -> None:
        self.socket = socket
        self.options = options
        self.origin = caller()
        self._loop = socket._loop
        self._lookup: Any = None
        self._race: Race | None = None
        self._held = False
        self._started = self._loop.now

    def start(self) -> None:
        options = self.options
        self.socket._attempted_addresses = []
        if _START.subscribers is not None:
            _START.publish({"socket": self.socket, "target": str(options)})
        self._hold()
        if options.path is not None:
            self._begin_race([(options.path, 0)])
        elif is_ip(options.host):
            self._begin_race([(options.host, is_ip(options.host))])
        else:
            self._start_lookup()

    def cancel(self) -> None:
        """The socket was destroyed: let go of everything."""
        if self._lookup is not None:
            self._lookup.cancel()
        if self._race is not None:
            self._race.cancel()
        self._release()
        self._lookup = self._race = None

    def _hold(self) -> None:
        """Nothing of the socket is open yet that would keep the loop alive."""
        if self.socket._refd:
            self._held = True
            self._loop.hold()

    def _release(self) -> None:
        if self._held:
            self._held = False
            self._loop.release()

    # --- the look-up ----------------------------------------------------------------------------------------------

    def _start_lookup(self) -> None:
        options = self.options
        if options.lookup is not None:
            self._lookup = CustomLookup(options, self._resolved)
            self._loop.next_tick(self._lookup.start)
            return
        from ..dns.lookup import SystemLookup
        self._lookup = SystemLookup(self._loop, options.host, self._resolved, family=options.family,
                                    hints=options.hints)

    def _resolved(self, error: Exception | None, addresses: Sequence[tuple[str, int]]) -> None:
        if self.socket._attempt is not self:
            return
        self._lookup = None
        if error is not None:
            self.socket.emit("lookup", error, None, None, self.options.host)
            self.fail(error)
            return
        if not self.options.race or self.socket._bound is not None:
            addresses = addresses[:1]
        for address, family in addresses:
            self.socket.emit("lookup", None, address, family, self.options.host)
        if self.socket._attempt is self:        # a listener may have destroyed the socket
            self._begin_race(interleaved(addresses))

    # --- the race -------------------------------------------------------------------------------------------------

    def _begin_race(self, addresses: list[tuple[Any, int]]) -> None:
        self._race = Race(self, addresses)
        self._loop.next_tick(self._race.start)

    def succeed(self, fd: int) -> None:
        self._release()
        if _END.subscribers is not None:
            elapsed = round((self._loop.now - self._started) / 1e6, 3)
            _END.publish({"socket": self.socket, "target": str(self.options), "elapsed_ms": elapsed})
        self.socket._connected(fd)

    def fail(self, error: Exception) -> None:
        if _ERROR.subscribers is not None:
            _ERROR.publish({"socket": self.socket, "target": str(self.options), "error": error})
        self.socket.destroy(error)

    def __str__(self) -> str:
        return str(self.options)


class CustomLookup:
    """A look-up by the user's own function: ``lookup(hostname, callback, family=, hints=, all=)``.

    It calls back with ``(error)``, ``(None, address, family)`` or ``(None, addresses)``, each a pair of address and family.
    """

    def __init__(self, options: ConnectOptions, done: Callable[[Exception | None, list[tuple[str, int]]], object]) -> None:
        self._options = options
        self._done: Callable[..., object] | None = done

    def start(self) -> None:
        if self._done is None:
            return
        options = self._options
        assert options.lookup is not None
        try:
            options.lookup(options.host, self._answer, family=options.family, hints=options.hints, all=options.race)
        except Exception as error:
            self._answer(error)

    def cancel(self) -> None:
        self._done = None

    def _answer(self, error: Exception | None, address: Any = None, family: int | None = None) -> None:
        done, self._done = self._done, None
        if done is None:
            return
        if error is not None:
            done(error, [])
            return
        answers = [(address, family)] if isinstance(address, str) else list(address or ())
        try:
            addresses = [_checked_answer(*answer) for answer in answers]
            if not addresses:
                raise invalid_value("address", "at least one address from lookup", address)
        except (TypeError, ValueError) as wrong:
            done(wrong, [])
        else:
            done(None, addresses)


def _checked_answer(address: Any, family: Any = None) -> tuple[str, int]:
    actual = is_ip(address)
    if not actual:
        error = invalid_value("address", "an IP address from lookup", address)
        error.code = "ERR_INVALID_IP_ADDRESS"
        raise error
    if family not in (None, 0, actual):
        error = invalid_value("family", f"{actual} for {address}", family)
        error.code = "ERR_INVALID_ADDRESS_FAMILY"
        raise error
    return address, actual


def interleaved(addresses: Sequence[tuple[str, int]]) -> list[tuple[Any, int]]:
    """Families in turn, beginning with that of the first address (RFC 8305 section 4)."""
    if not addresses:
        return []
    first = [each for each in addresses if each[1] == addresses[0][1]]
    other = [each for each in addresses if each[1] != addresses[0][1]]
    mixed = [each for pair in zip(first, other, strict=False) for each in pair]
    paired = min(len(first), len(other))
    return mixed + first[paired:] + other[paired:]


class Race:
    """The attempts of one connect."""

    def __init__(self, connect: Connect, addresses: list[tuple[Any, int]]) -> None:
        self._connect = connect
        self._socket = connect.socket
        self._waiting = addresses
        self._running: list[Attempt] = []
        self._errors: list[Exception] = []
        self._timer: NextAttempt | None = None
        self._over = False

    def start(self) -> None:
        self._start_next()

    def cancel(self) -> None:
        self._over = True
        if self._timer is not None:
            self._timer.stop()
        for attempt in self._running:
            attempt.close()
        self._running.clear()

    def _start_next(self) -> None:
        """Start the next attempt that can be started; if there is none and none runs, the race is lost."""
        while not self._over and self._waiting:
            address, family = self._waiting.pop(0)
            if family:
                self._socket._attempted_addresses.append(f"{address}:{self._connect.options.port}")  # type: ignore[union-attr]
                self._socket.emit("connection_attempt", address, self._connect.options.port, family)
            if self._over:
                return
            try:
                attempt = Attempt(self, address, family, self._connect.options)
            except (OSError, StateError) as error:
                self._note_failure(address, family, error)
                continue
            self._running.append(attempt)
            self._set_timer()
            return
        if not self._over and not self._running:
            self._lose()

    def _set_timer(self) -> None:
        if not self._waiting:
            return
        if self._timer is None:
            self._timer = NextAttempt(self)
        self._timer.start(self._socket._loop.timers, self._connect.options.attempt_timeout)

    def take_too_long(self) -> None:
        """The newest attempt has had its time alone: it goes on beside the next one."""
        attempt = self._running[-1]
        self._socket.emit("connection_attempt_timeout", attempt.address, self._connect.options.port, attempt.family)
        self._start_next()

    def win(self, attempt: Attempt) -> None:
        self._running.remove(attempt)
        self.cancel()
        self._connect.succeed(attempt.detach())

    def lose_one(self, attempt: Attempt, error: Exception) -> None:
        self._running.remove(attempt)
        attempt.close()
        self._note_failure(attempt.address, attempt.family, error)
        if not self._over:
            if self._timer is not None:
                self._timer.stop()
            self._start_next()

    def _note_failure(self, address: Any, family: int, error: Exception) -> None:
        self._errors.append(error)
        if family:
            self._socket.emit("connection_attempt_failed", address, self._connect.options.port, family, error)

    def _lose(self) -> None:
        self._over = True
        self._connect.fail(self._errors[0] if len(self._errors) == 1 else AggregateError(self._errors))


class NextAttempt(Timer):
    """Starts the next attempt while the one before is still under way."""

    def __init__(self, race: Race) -> None:
        self._race = race
        self.unref()

    def on_timeout(self) -> None:
        self._race.take_too_long()


class Attempt(StreamHandle):
    """One descriptor that connects."""

    def __init__(self, race: Race, address: Any, family: int, options: ConnectOptions) -> None:
        self._race = race
        self.address = address
        self.family = family
        self._port = options.port
        fd, result = _begin(race._socket, address, family, options)
        super().__init__(race._socket._loop, fd)
        if not race._socket._refd:
            self.unref()
        self.origin = race._connect.origin
        if result == 0:
            self.poller.next_tick(self._connected_at_once)
        elif result in (errno.EINPROGRESS, errno.EWOULDBLOCK) and family:
            self.wait_connect()
        else:
            self.close()
            raise self._error(result)

    def _connected_at_once(self) -> None:
        if not self.closed:
            self._race.win(self)

    def on_connect(self, error: int) -> None:
        if error:
            self._race.lose_one(self, self._error(error))
        else:
            self._race.win(self)

    def _error(self, number: int) -> OSError:
        if self.family:
            return system_error(number, "connect", self.address, self._port)
        return system_error(number, "connect", str(self.address).replace("\0", "@", 1))

    def on_abandon(self) -> None:
        self._race._socket.destroy()

    def describe(self) -> str:
        return repr(self._race._socket)


def _begin(socket: Socket, address: Any, family: int, options: ConnectOptions) -> tuple[int, int]:
    """A non-blocking descriptor on its way to the address, and what connect() said."""
    if family and socket._block_list is not None and socket._block_list.check(address, f"ipv{family}"):
        raise StateError(f"{address} is blocked by the block list", "ERR_IP_BLOCKED")
    python_socket = _bound(socket) or _new_socket(address, family)
    try:
        if options.local_address is not None or options.local_port:
            _bind(python_socket, family, options)
        if family:
            target: Any = _socket.getaddrinfo(address, options.port, python_socket.family, _socket.SOCK_STREAM, 0,
                                              _socket.AI_NUMERICHOST)[0][4]
        else:
            target = address
        result = python_socket.connect_ex(target)
        return python_socket.detach(), result
    except BaseException:
        python_socket.close()
        raise


def _new_socket(address: Any, family: int) -> _socket.socket:
    kind = {0: _socket.AF_UNIX, 4: _socket.AF_INET, 6: _socket.AF_INET6}[family]
    try:
        python_socket = _socket.socket(kind, _socket.SOCK_STREAM)
    except OSError as error:
        raise system_error(error.errno or 0, "socket", str(address)) from error
    python_socket.setblocking(False)
    return python_socket


def _bound(socket: Socket) -> _socket.socket | None:
    """The descriptor of a `BoundSocket` given as the option `handle`; it serves one attempt."""
    bound, socket._bound = socket._bound, None
    return None if bound is None else bound.take()


def _bind(python_socket: _socket.socket, family: int, options: ConnectOptions) -> None:
    address = options.local_address or ("::" if family == 6 else "0.0.0.0")
    try:
        python_socket.bind((address, options.local_port))
    except OSError as error:
        raise system_error(error.errno or errno.EINVAL, "bind", address, options.local_port) from error
