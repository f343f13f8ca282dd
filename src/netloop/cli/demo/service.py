"""What a demonstration service is, and what those with a server, and those over TCP, share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from ...net import AddressInfo, Server, Socket, create_server
from .log import Log

__all__ = ["ServerService", "Service", "TCPService"]


class Service(ABC):
    """A service that the demo starts."""

    name: ClassVar[str]
    colour: ClassVar[str]       # of its lines in the log, as rich names it
    summary: ClassVar[str]
    own_port: ClassVar[int | None] = None   # if not beside the others

    def __init__(self, log: Log) -> None:
        self.log = log

    @classmethod
    def missing(cls) -> str | None:
        """What to say of a service that cannot run here, or None."""
        return None

    @abstractmethod
    async def start(self, host: str, port: int) -> int:
        """Listen, on a port of the system's choice if `port` is 0; returns the port.  Raises OSError."""

    @abstractmethod
    def try_it(self, host: str, port: int) -> str:
        """What to type in a shell to try it."""


class ServerService(Service):
    """A service with a server of some kind, whose connections are shown in the log."""

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.server = self.make_server()
        log.show_connections(self.server, self.name)

    @abstractmethod
    def make_server(self) -> Server:
        """The server, which does not listen yet."""

    async def start(self, host: str, port: int) -> int:
        await self.server.listen(port, host)
        self.server.on("error", self._on_error)
        address = self.server.address()
        assert isinstance(address, AddressInfo)
        return address.port

    def _on_error(self, error: Exception) -> None:
        self.log.write(self.name, str(error))


class TCPService(ServerService):
    """A service that talks over TCP, and outlives the errors of each connection."""

    @abstractmethod
    def serve(self, socket: Socket) -> None:
        """Talk with a peer that has connected."""

    def make_server(self) -> Server:
        return create_server(self._on_connection)

    def try_it(self, host: str, port: int) -> str:
        return f"nc {host} {port}"

    def _on_connection(self, socket: Socket) -> None:
        socket.on("error", _ends_with_the_connection)
        self.serve(socket)


def _ends_with_the_connection(error: Exception) -> None:
    """A peer that vanished is no fault of the service: the log has told, and `close` follows."""
