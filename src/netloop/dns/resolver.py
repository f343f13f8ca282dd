"""`Resolver`: questions to name servers, with settings of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pycares import AresError
from pycares.errno import ARES_ENOTINITIALIZED

from ..errors import StateError, invalid_type, invalid_value, out_of_range, unavailable
from ..ip import is_ip
from ..loop import Loop, current
from ..timers import LONGEST_MS, milliseconds
from .answering import Callback, answer
from .channel import Channel, Settings, new_ares_channel
from .query import Query
from .questions import Questions
from .request import Done
from .servers import format_server, parse_server

if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["Resolver"]


class Resolver(Questions):
    """Asks name servers, by the DNS protocol.

    `timeout`: milliseconds for the first try, or a timedelta; -1, the default, is c-ares' choice of 2000.  Each round of the
    servers doubles it.  `tries`: how often each server is asked.  `max_timeout`: 0, no limit to the doubling, is all that
    pycares can do; anything else raises FeatureUnavailableError.

    A resolver has sockets open only while a question is under way, and each question keeps the loop alive.  It
    works in every loop that calls it.
    Raises ArgumentTypeError, or ArgumentValueError (ERR_OUT_OF_RANGE).
    Source: https://nodejs.org/api/dns.html#class-dnsresolver
    """

    def __init__(self, *, timeout: float | timedelta = -1, tries: int = 4, max_timeout: float | timedelta = 0) -> None:
        if not isinstance(tries, int) or isinstance(tries, bool):
            raise invalid_type("tries", "an int", tries)
        if not 1 <= tries <= LONGEST_MS:
            raise out_of_range("tries", ">= 1", tries)
        if milliseconds("max_timeout", max_timeout):
            raise unavailable("max_timeout", "pycares does not offer it")
        self._settings = Settings(-1 if timeout == -1 else milliseconds("timeout", timeout), tries)
        self._newest: dict[Loop, Channel] = {}      # those that take questions
        self._channels: list[Channel] = []          # those that wait for answers too

    # --- settings -------------------------------------------------------------------------------------------------

    def get_servers(self) -> list[str]:
        """The servers that are asked, in their order: ``["192.0.2.1", "[2001:db8::1]:5353"]``."""
        ares = new_ares_channel(self._settings, sock_state_cb=_ignore)
        try:
            return [format_server(server) for server in ares.servers if server]
        finally:
            ares.close()

    def set_servers(self, servers: Sequence[str]) -> None:
        """Change whom to ask: addresses, with a port or without (53).

        Raises ArgumentTypeError; ArgumentValueError (ERR_INVALID_IP_ADDRESS); StateError (ERR_DNS_SET_SERVERS_FAILED)
        while a question is under way.
        """
        if not isinstance(servers, list | tuple):
            raise invalid_type("servers", "a list of addresses", servers)
        parsed = tuple([parse_server(server) for server in servers])
        if any(channel.busy for channel in self._channels):
            raise StateError("set_servers() was called while questions are under way", "ERR_DNS_SET_SERVERS_FAILED")
        self._change(self._settings._replace(servers=parsed))

    def set_local_address(self, ipv4: str | None = None, ipv6: str | None = None) -> None:
        """Send questions from these addresses from now on; None, the default, leaves it to the system.

        Each of the two may come first, but there is one of a family.  Raises ArgumentTypeError or ArgumentValueError.
        """
        families = []
        for name, address in (("ipv4", ipv4), ("ipv6", ipv6)):
            if address is None:
                continue
            if not isinstance(address, str):
                raise invalid_type(name, "a str or None", address)
            families.append(is_ip(address))
            if families[-1] == 0 or "%" in address:
                raise invalid_value(name, "an IP address", address)
        if families in ([4, 4], [6, 6]):
            raise invalid_value("ipv6", "an address of the other family", ipv6)
        self._change(self._settings._replace(local_addresses=tuple([each for each in (ipv4, ipv6) if each is not None])))

    def _change(self, settings: Settings) -> None:
        """Channels keep the settings that they were made with."""
        self._settings = settings
        self._newest.clear()

    # --- questions ------------------------------------------------------------------------------------------------

    def cancel(self) -> None:
        """Let every question that is under way fail with ECANCELLED."""
        for channel in self._channels:
            channel.cancel()

    def _start(self, syscall: str, name: str, ask: Callable[[Any, Any], object], read: Callable[[Any], list[Any]],
               callback: Callback | None, first_only: bool = False) -> Any:
        loop = current()

        def start(done: Done) -> Query:
            def first(error: Exception | None, records: list[Any]) -> None:
                done(error, records[0] if records else None)

            def all_of_them(error: Exception | None, records: list[Any]) -> None:
                done(error, records or None)

            query = Query(loop, syscall, name, ask, read, first if first_only else all_of_them)
            try:
                channel = self._channel(loop)
            except AresError:           # out of memory, or of descriptors to read its files with
                loop.next_tick(query.finish, (None, ARES_ENOTINITIALIZED))
            else:
                channel.start(query)
            return query

        return answer(loop, callback, start)

    def _channel(self, loop: Loop) -> Channel:
        channel = self._newest.get(loop)
        if channel is None or not channel.fresh:
            self._forget_old_channels()
            channel = self._newest[loop] = Channel(loop, self._settings)
            self._channels.append(channel)
        return channel

    def _forget_old_channels(self) -> None:
        """Let go of channels that are done, and of those whose loop ended by an error, which tells nobody."""
        for channel in self._channels:
            if channel.loop.closed:
                self._newest.pop(channel.loop, None)
                channel.abandon()
            elif not channel.busy and not channel.fresh:
                channel.abandon()
        self._channels = [channel for channel in self._channels if channel.busy or channel.fresh]


def _ignore(fd: int, readable: bool, writable: bool) -> None:
    """A channel that asks nothing has no sockets."""
