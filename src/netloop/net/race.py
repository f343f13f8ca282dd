"""The race of a name's addresses to the first connection.

A name may have several addresses, and the first may be one that never answers.  As RFC 8305 (Happy Eyeballs) has it, the
attempts start one after another, IPv6 and IPv4 in turn, each `auto_select_family_attempt_timeout` after the one before, or
at once when one failed; none is given up because a later one was started.  The first connection wins and the others
are closed.  (Node gives up the attempt when the next one starts, and so fails where every path is slow.)
"""

from __future__ import annotations

import errno
import socket as _socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._engine.stream_handle import StreamHandle
from .._engine.timer_lists import Timer
from ..addresses.paths import shown
from ..errors import AggregateError, StateError, system_error
from ..ip import is_ip

if TYPE_CHECKING:
    from .connect_options import ConnectOptions
    from .connecting import Connect

__all__ = ["Race", "interleaved"]


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
    """The attempts of one connect: those that are under way, and the addresses that are still to be tried."""

    def __init__(self, connect: Connect, addresses: list[tuple[Any, int]]) -> None:
        self._connect = connect
        self._socket = connect.socket
        self._options = connect.options
        self._waiting = addresses
        self._running: list[Attempt] = []
        self._errors: list[Exception] = []
        self._timer: NextAttempt | None = NextAttempt(self)
        self._over = False

    def start(self) -> None:
        """Start the next attempt that can be started; if there is none and none runs, the race is lost."""
        while not self._over and self._waiting:
            address, family = self._waiting.pop(0)
            self._announce(address, family)
            if self._over:
                return              # by a listener
            try:
                attempt = Attempt(self, self._connect, address, family)
            except (OSError, StateError) as error:
                self._note_failure(address, family, error)
                continue
            self._running.append(attempt)
            if self._waiting and self._timer is not None:
                self._timer.start(self._socket._loop.timers, self._options.attempt_timeout)
            return
        if not self._over and not self._running:
            self._over = True
            self._connect.fail(self._errors[0] if len(self._errors) == 1 else AggregateError(self._errors))

    def cancel(self) -> None:
        """Let go of everything: who points here in turn would wait for the garbage collector, and the socket with it."""
        self._over = True
        self._stop_timer()
        self._timer = None
        for attempt in self._running:
            attempt.close()
        self._running.clear()

    def on_delay(self) -> None:
        """The newest attempt has had its time alone: it goes on beside the next one."""
        newest = self._running[-1]
        self._socket._tell("connection_attempt_timeout", newest.address, self._options.port, newest.family)
        self.start()

    def win(self, attempt: Attempt) -> None:
        self._running.remove(attempt)
        self.cancel()
        self._connect.succeed(attempt.detach())

    def lose(self, attempt: Attempt, error: Exception) -> None:
        self._running.remove(attempt)
        attempt.close()
        self._note_failure(attempt.address, attempt.family, error)
        self._stop_timer()
        self.start()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()

    # --- what the socket tells of them (a UNIX socket has one, and tells nothing) ---------------------------------

    def _announce(self, address: Any, family: int) -> None:
        if family:
            self._connect.attempted_addresses.append(f"{address}:{self._options.port}")
            self._socket._tell("connection_attempt", address, self._options.port, family)

    def _note_failure(self, address: Any, family: int, error: Exception) -> None:
        self._errors.append(error)
        if family:
            self._socket._tell("connection_attempt_failed", address, self._options.port, family, error)


class NextAttempt(Timer):
    """Starts the next attempt while the one before is still under way."""

    def __init__(self, race: Race) -> None:
        self._race = race
        self.unref()

    def on_timeout(self) -> None:
        self._race.on_delay()


# --- one attempt ----------------------------------------------------------------------------------------------------

class Attempt(StreamHandle):
    """One descriptor that connects.  The loop is kept alive by its `Connect`."""

    def __init__(self, race: Race, connect: Connect, address: Any, family: int) -> None:
        self._race = race
        self._connect = connect
        self.address = address
        self.family = family
        fd, result = _begin(connect, address, family)
        super().__init__(connect.socket._loop, fd)
        self.unref()
        if result == 0:
            self.poller.next_tick(self._connected_at_once)
        elif result == errno.EINPROGRESS:
            self.wait_connect()
        else:
            self.close()
            raise self._error(result)

    def _connected_at_once(self) -> None:
        if not self.closed:
            self._race.win(self)

    def on_connect(self, error: int) -> None:
        if error:
            self._race.lose(self, self._error(error))
        else:
            self._race.win(self)

    def _error(self, number: int) -> OSError:
        if self.family:
            return system_error(number, "connect", self.address, self._connect.options.port)
        return system_error(number, "connect", shown(self.address))

    def on_abandon(self) -> None:
        self._connect.on_abandon()


def _begin(connect: Connect, address: Any, family: int) -> tuple[int, int]:
    """A non-blocking descriptor on its way to the address, and what connect() said."""
    socket, options = connect.socket, connect.options
    if family and socket._block_list is not None and socket._block_list.check(address, f"ipv{family}"):
        raise StateError(f"{address} is blocked by the block list", "ERR_IP_BLOCKED")
    python_socket = socket._take_bound() or _new_socket(address, options.port, family)
    try:
        if options.local_address is not None or options.local_port:
            _bind(python_socket, family, options)
        result = python_socket.connect_ex(_target(python_socket, address, options.port, family))
        return python_socket.detach(), result
    except BaseException:
        python_socket.close()
        raise


def _new_socket(address: Any, port: int, family: int) -> _socket.socket:
    kind = {0: _socket.AF_UNIX, 4: _socket.AF_INET, 6: _socket.AF_INET6}[family]
    try:
        python_socket = _socket.socket(kind, _socket.SOCK_STREAM)
    except OSError as error:
        raise system_error(error.errno or 0, "socket", shown(address), port if family else None) from error
    python_socket.setblocking(False)
    return python_socket


def _bind(python_socket: _socket.socket, family: int, options: ConnectOptions) -> None:
    address = options.local_address or ("::" if family == 6 else "0.0.0.0")
    try:
        if is_ip(address) != family:
            raise OSError(errno.EINVAL, "of another family")
        python_socket.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
        python_socket.bind((address, options.local_port))
    except OSError as error:
        raise system_error(error.errno or errno.EINVAL, "bind", address, options.local_port) from error


def _target(python_socket: _socket.socket, address: Any, port: int, family: int) -> Any:
    """An address as connect() takes it; a socket that was bound before may be of another family."""
    if family == 0:
        if python_socket.family != _socket.AF_UNIX:
            raise system_error(errno.EAFNOSUPPORT, "connect", shown(address))
        return address
    if python_socket.family == _socket.AF_INET6 and family == 4:
        return f"::ffff:{address}", port        # RFC 4291 section 2.5.5.2
    if python_socket.family != (_socket.AF_INET6 if family == 6 else _socket.AF_INET):
        raise system_error(errno.EAFNOSUPPORT, "connect", address, port)
    if "%" not in address:
        return address, port
    try:
        return _socket.getaddrinfo(address, port, python_socket.family, _socket.SOCK_STREAM, 0, _socket.AI_NUMERICHOST)[0][4]
    except _socket.gaierror as error:
        raise system_error(errno.EINVAL, "connect", address, port) from error
