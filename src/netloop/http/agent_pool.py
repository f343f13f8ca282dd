"""AgentPool: which connections an agent has, who waits for one, and what the limits allow.  It decides, and does no I/O.

    take_idle    a connection that is kept for this origin and can be used
    may_open     whether the limits allow one more
    next_waiting the request that has waited longest and may have a connection now

An origin is what connections are alike in: its name comes from `Agent.get_name`.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from .client_connection import ClientConnection

if TYPE_CHECKING:
    from .client_options import RequestOptions
    from .client_request import ClientRequest

__all__ = ["AgentPool", "Origin"]


class Origin:
    """The connections to one place, and the requests that wait for one."""

    if TYPE_CHECKING:
        name: str
        active: dict[ClientConnection, None]        # dicts, for each comes and goes with every request
        idle: dict[ClientConnection, None]          # in the order in which they became idle
        waiting: OrderedDict[ClientRequest, RequestOptions]     # whose first is found at once, unlike that of a dict
        opening: int                                # asked for, and not there yet

    def __init__(self, name: str) -> None:
        self.name = name
        self.active = {}
        self.idle = {}
        self.waiting = OrderedDict()
        self.opening = 0

    @property
    def empty(self) -> bool:
        return not (self.active or self.idle or self.waiting or self.opening)


class AgentPool:
    """The origins of an agent."""

    if TYPE_CHECKING:
        max_sockets: float              # per origin, without the idle ones
        max_total_sockets: float        # of all origins, with the idle ones
        max_free_sockets: float         # idle, per origin
        newest_first: bool
        origins: dict[str, Origin]
        total: int
        waiting: int                    # requests, of all origins

    def __init__(self, max_sockets: float, max_total_sockets: float, max_free_sockets: float,
                 newest_first: bool) -> None:
        self.max_sockets = max_sockets
        self.max_total_sockets = max_total_sockets
        self.max_free_sockets = max_free_sockets
        self.newest_first = newest_first
        self.origins = {}
        self.total = self.waiting = 0

    def origin(self, name: str) -> Origin:
        found = self.origins.get(name)
        if found is None:
            found = self.origins[name] = Origin(name)
        return found

    # --- a connection is wanted ----------------------------------------------------------------------------------

    def take_idle(self, origin: Origin) -> ClientConnection | None:
        """A kept connection, active from now on.  Those found dead are dropped: their `close` is on its way."""
        while origin.idle:
            connection = origin.idle.popitem()[0] if self.newest_first else next(iter(origin.idle))
            origin.idle.pop(connection, None)
            origin.active[connection] = None
            if connection.still_connected():
                return connection
            self.remove(connection)
            connection.retire()
        return None

    def may_open(self, origin: Origin) -> bool:
        return (len(origin.active) + origin.opening < self.max_sockets
                and (self.total < self.max_total_sockets or self._spare() is not None))

    def open(self, origin: Origin) -> ClientConnection | None:
        """One more is being opened.  Returns an idle one of another origin that has to go for it."""
        spare = self._spare() if self.total >= self.max_total_sockets else None
        if spare is not None:
            self.remove(spare)
        self.origins[origin.name] = origin      # it may have been empty a moment ago, and forgotten
        origin.opening += 1
        self.total += 1
        return spare

    def _spare(self) -> ClientConnection | None:
        """The idle connection that can best be done without: any that was idle longest in its origin."""
        for origin in self.origins.values():
            if origin.idle:
                return next(iter(origin.idle))
        return None

    def wait(self, origin: Origin, request: ClientRequest, options: RequestOptions) -> None:
        self.origins[origin.name] = origin
        origin.waiting[request] = options
        self.waiting += 1
        request._opening = Waiting(self, origin, request)

    def leave(self, origin: Origin, request: ClientRequest) -> None:
        """It does not wait any more: else those that give up on a stuck origin would gather."""
        del origin.waiting[request]
        self.waiting -= 1
        self._forget_empty(origin)

    # --- it is there, or is not ----------------------------------------------------------------------------------

    def opened(self, connection: ClientConnection) -> None:
        connection.origin.opening -= 1
        connection.origin.active[connection] = None

    def open_failed(self, origin: Origin) -> None:
        origin.opening -= 1
        self.total -= 1
        self._forget_empty(origin)

    # --- it is free, or gone -------------------------------------------------------------------------------------

    def may_keep(self, origin: Origin) -> bool:
        return len(origin.idle) < self.max_free_sockets and self.total <= self.max_total_sockets

    def keep(self, connection: ClientConnection) -> None:
        origin: Origin = connection.origin
        origin.active.pop(connection, None)
        origin.idle[connection] = None

    def remove(self, connection: ClientConnection) -> bool:
        """Forget a connection; False if it was not there any more."""
        origin: Origin = connection.origin
        if connection in origin.active:
            del origin.active[connection]
        elif connection in origin.idle:
            del origin.idle[connection]
        else:
            return False
        self.total -= 1
        self._forget_empty(origin)
        return True

    def _forget_empty(self, origin: Origin) -> None:
        if origin.empty and self.origins.get(origin.name) is origin:
            del self.origins[origin.name]

    # --- who is next ---------------------------------------------------------------------------------------------

    def next_waiting(self, origin: Origin) -> tuple[ClientRequest, RequestOptions] | None:
        """The request of this origin that has waited longest."""
        if not origin.waiting:
            return None
        waiting: tuple[ClientRequest, RequestOptions] = origin.waiting.popitem(last=False)
        self.waiting -= 1
        return waiting

    def next_to_open(self) -> tuple[Origin, ClientRequest, RequestOptions] | None:
        """A waiting request whose origin may have one more connection."""
        for origin in self.origins.values():
            waiting = self.next_waiting(origin) if self.may_open(origin) else None
            if waiting is not None:
                return origin, *waiting
        return None


class Waiting:
    """What a request has in place of a connection that is being opened: its place among those that wait."""

    def __init__(self, pool: AgentPool, origin: Origin, request: ClientRequest) -> None:
        self._pool = pool
        self._place = origin, request

    def give_up(self) -> None:
        self._pool.leave(*self._place)
