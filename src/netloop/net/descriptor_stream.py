"""DescriptorStream: what a stream's descriptor is asked and told: the options of TCP, and the addresses of both ends.

Options that are set before there is a descriptor wait for it.  Addresses are asked for once, and stay when it is closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..addresses import descriptor
from ..addresses.socket_address import AddressInfo
from ..errors import StateError
from . import options
from .handle_stream import HandleStream

if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Self

    from .tcp_info import TCPInfo

__all__ = ["DescriptorStream"]


class DescriptorStream(HandleStream):
    """A stream whose descriptor has options and addresses."""

    if TYPE_CHECKING:
        _settings: dict[str, Any] | None
        _local: AddressInfo | None
        _remote: AddressInfo | None

    # --- options -------------------------------------------------------------------------------------------------

    def set_no_delay(self, no_delay: bool = True) -> Self:
        """Send small writes at once (True), or let the kernel gather them (Nagle's algorithm)."""
        return self._set("no_delay", bool(no_delay))

    def set_keep_alive(self, enable: bool = False, initial_delay: float | timedelta = 0,
                       interval: float | timedelta = 1000, count: int = 10) -> Self:
        """Probe a silent peer: after `initial_delay` ms (0: the system's), every `interval` ms, `count` times.

        The system counts in seconds: less than 1000 ms becomes 1 s.

        Source: https://nodejs.org/api/net.html#socketsetkeepaliveenable-initialdelay-interval-count
        """
        return self._set("keep_alive", options.check_keep_alive(enable, initial_delay, interval, count))

    def set_type_of_service(self, tos: int) -> Self:
        """Set the IP header's type of service (traffic class for IPv6), 0 to 255."""
        return self._set("type_of_service", options.check_type_of_service(tos))

    def get_type_of_service(self) -> int:
        """The IP header's type of service, 0 to 255."""
        if self._handle is None:
            return 0 if self._settings is None else int(self._settings.get("type_of_service", 0))
        return options.get_type_of_service(self._handle.fd)

    def _set(self, name: str, value: Any) -> Self:
        if self._settings is None:
            self._settings = {}
        self._settings[name] = value
        if self._handle is not None:
            options.apply(self._handle.fd, {name: value})
        return self

    def _apply_settings(self) -> None:
        if self._settings is None or self._handle is None:
            return
        try:
            options.apply(self._handle.fd, self._settings)
        except OSError:
            pass                        # the peer is gone already, which reading will tell

    # --- addresses -----------------------------------------------------------------------------------------------

    def address(self) -> AddressInfo | None:
        """The local address, family ("IPv4" or "IPv6") and port; None when not bound, or a UNIX socket."""
        if self._local is None and self._handle is not None:
            self._local = descriptor.local_address(self._handle.fd)
        return self._local

    def _peer(self) -> AddressInfo | None:
        if self._remote is None and self._handle is not None:
            self._remote = descriptor.remote_address(self._handle.fd)
        return self._remote

    def _remember_addresses(self) -> None:
        """Keep both addresses beyond the descriptor: who listens to `close` wants to say which connection it was."""
        self.address()
        self._peer()

    @property
    def local_address(self) -> str | None:
        """Our IP address, or None."""
        found = self.address()
        return None if found is None else found.address

    @property
    def local_port(self) -> int | None:
        found = self.address()
        return None if found is None else found.port

    @property
    def local_family(self) -> str | None:
        """"IPv4" or "IPv6"."""
        found = self.address()
        return None if found is None else found.family

    @property
    def remote_address(self) -> str | None:
        """The peer's IP address, or None: not connected, or a UNIX socket."""
        found = self._peer()
        return None if found is None else found.address

    @property
    def remote_port(self) -> int | None:
        found = self._peer()
        return None if found is None else found.port

    @property
    def remote_family(self) -> str | None:
        """"IPv4" or "IPv6"."""
        found = self._peer()
        return None if found is None else found.family

    # --- asking --------------------------------------------------------------------------------------------------

    def fileno(self) -> int:
        """The descriptor, or -1 when there is none."""
        return -1 if self._handle is None else self._handle.fd

    def tcp_info(self) -> TCPInfo:
        """What the kernel knows of the connection (round-trip time, retransmissions, windows): Linux, TCP.

        Raises StateError (ERR_SOCKET_CLOSED) when not connected, FeatureUnavailableError elsewhere.
        """
        from .tcp_info import read
        if self._handle is None:
            raise StateError("Socket is closed", "ERR_SOCKET_CLOSED")
        return read(self._handle.fd)
