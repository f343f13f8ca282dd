"""The UDP service."""

from __future__ import annotations

from ...dgram import RemoteInfo, create_socket
from ...net import AddressInfo, is_ipv6
from .service import Service

__all__ = ["Datagrams"]


class Datagrams(Service):
    """Sends back each datagram, and outlives what goes wrong with one of them."""

    name = "udp"
    colour = "yellow"
    summary = "sends back each datagram"
    own_port = 41234

    async def start(self, host: str, port: int) -> int:
        self.socket = create_socket("udp6" if is_ipv6(host) else "udp4", self._on_message)
        self.log.show_datagrams(self.socket, self.name)
        await self.socket.bind(port, host)
        self.socket.on("error", self._on_error)
        address = self.socket.address()
        assert isinstance(address, AddressInfo)
        return address.port

    def try_it(self, host: str, port: int) -> str:
        return f"netloop udp {host} {port}"

    def _on_message(self, message: bytes, sender: RemoteInfo) -> None:
        self.socket.send(message, sender.port, sender.address)

    def _on_error(self, error: Exception) -> None:
        self.log.write(self.name, str(error))
