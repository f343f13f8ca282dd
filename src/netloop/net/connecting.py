"""The way to a connection: look-up, then a race of the addresses; `Connect` is one of them under way."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic_ns
from typing import TYPE_CHECKING, Any

from ..addresses.custom_lookup import CustomLookup
from ..addresses.system_lookup import system_lookup
from ..diagnostics import channel
from ..ip import is_ip
from ..loop.origin import add_origin, caller
from .race import Race, interleaved

if TYPE_CHECKING:
    from .connect_options import ConnectOptions
    from .socket import Socket

__all__ = ["Connect", "start"]

_START = channel("net.connect.start")
_END = channel("net.connect.end")
_ERROR = channel("net.connect.error")


def start(socket: Socket, options: ConnectOptions) -> None:
    """Begin to connect; raises StateError when the socket cannot."""
    socket._prepare_connect()
    if options.path is None and not is_ip(options.host):
        socket._host_name = options.host
    socket._attempt = Connect(socket, options)
    socket._attempt.start()


class Connect:
    """A connect under way.  It ends in ``socket._connected(fd, tcp)`` or ``socket.destroy(error)``, or is cancelled."""

    def __init__(self, socket: Socket, options: ConnectOptions) -> None:
        self.socket = socket
        self.options = options
        self.origin = caller()
        self._loop = socket._loop
        self._lookup: Any = None
        self._race: Race | None = None
        self.attempted_addresses: list[str] = []
        self._started = monotonic_ns()

    def start(self) -> None:
        options = self.options
        self.socket._attempted_addresses = self.attempted_addresses
        if _START.subscribers is not None:
            _START.publish({"socket": self.socket, "target": str(options)})
        if self.socket._refd:
            self.ref()
        if options.path is not None:
            self._begin_race([(options.path, 0)])
        elif is_ip(options.host):
            self._begin_race([(options.host, is_ip(options.host))])
        elif options.lookup is not None:
            self._lookup = CustomLookup(self._loop, options.lookup, options.host, self._resolved, options.family,
                                        options.hints, options.race)
        else:
            self._lookup = system_lookup(self._loop, options.host, self._resolved, options.family, options.hints)

    def cancel(self) -> None:
        """The socket was destroyed: let go of everything."""
        if self._lookup is not None:
            self._lookup.cancel()
        if self._race is not None:
            self._race.cancel()
        self.unref()
        self._lookup = self._race = None

    # --- as a request of the loop ---------------------------------------------------------------------------------

    def ref(self) -> None:
        """Keep the loop alive: no handle of the socket is open yet that would."""
        self._loop.start_request(self)

    def unref(self) -> None:
        self._loop.end_request(self)

    def on_abandon(self) -> None:
        self.socket.destroy()

    def describe(self) -> str:
        return repr(self.socket)

    # --- its steps ------------------------------------------------------------------------------------------------

    def _resolved(self, error: Exception | None, addresses: Sequence[tuple[str, int]]) -> None:
        if self.socket._attempt is not self:
            return
        self._lookup = None
        if error is not None:
            self.socket._tell("lookup", error, None, None, self.options.host)
            self.fail(error)
            return
        if not self.options.race or self.socket._bound is not None:
            addresses = addresses[:1]
        for address, family in addresses:
            self.socket._tell("lookup", None, address, family, self.options.host)
        if self.socket._attempt is self:        # a listener may have destroyed the socket
            self._begin_race(interleaved(addresses))

    def _begin_race(self, addresses: list[tuple[Any, int]]) -> None:
        self._race = Race(self, addresses)
        self._loop.next_tick(self._race.start)

    def succeed(self, fd: int) -> None:
        self.unref()
        self._race = None
        self.socket._connected(fd, self.options.path is None)

    def publish_end(self) -> None:
        """Called by the socket once it has the descriptor, and so its addresses, and before its listeners."""
        if _END.subscribers is not None:
            elapsed = round((monotonic_ns() - self._started) / 1e6, 3)
            _END.publish({"socket": self.socket, "target": str(self.options), "elapsed_ms": elapsed})

    def fail(self, error: Exception) -> None:
        add_origin(error, "connect() was called", self.origin)
        if _ERROR.subscribers is not None:
            _ERROR.publish({"socket": self.socket, "target": str(self.options), "error": error})
        self.socket.destroy(error)

    def __str__(self) -> str:
        return str(self.options)
