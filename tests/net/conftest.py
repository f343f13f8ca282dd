"""What the net tests share: both ends of a connection, ports that refuse or never answer, and event records."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from netloop import net

LOOPBACK = "127.0.0.1"

Pair = Callable[..., Awaitable[tuple[net.Socket, net.Socket]]]


@pytest.fixture
def pair() -> Pair:
    """``client, accepted = await pair(...)``: both ends of a new TCP connection.

    Options are those of the client; `server` has those of the server; `path` makes a UNIX connection.
    """
    async def connect(*, server: dict[str, Any] | None = None, path: Any = None, **options: Any) -> Any:
        accepted = asyncio.get_running_loop().create_future()
        listening = net.create_server(accepted.set_result, **(server or {}))
        if path is None:
            await listening.listen(0, LOOPBACK)
            options |= {"port": listening.address().port, "host": LOOPBACK}
        else:
            await listening.listen(path)
            options |= {"path": path}
        client = await net.connect(**options)
        both = client, await accepted
        listening.close()
        return both

    return connect


@pytest.fixture
def with_python_peer() -> Callable[..., Awaitable[tuple[net.Socket, socket.socket]]]:
    """``client, peer = await with_python_peer(**options)``: a connected socket, and the Python socket at the other end."""
    async def connect(**options: Any) -> Any:
        with socket.create_server((LOOPBACK, 0)) as listening:
            client = await net.connect(listening.getsockname()[1], LOOPBACK, **options)
            peer, _ = listening.accept()
        return client, peer

    return connect


@pytest.fixture
def record() -> Callable[..., list[Any]]:
    """``log = record(emitter, "data", "close")``: a list that gets ``"end"`` or ``("close", False)`` as they come."""

    def start(emitter: Any, *events: str, log: list[Any] | None = None) -> list[Any]:
        entries: list[Any] = [] if log is None else log
        for event in events:
            def note(*arguments: Any, event: str = event) -> None:
                entries.append((event, *arguments) if arguments else event)
            emitter.on(event, note)
        return entries

    return start


@pytest.fixture
def closed() -> Callable[[net.Socket], Awaitable[None]]:
    """``await closed(socket)``: read to the end, and wait until the socket is closed, if it is not yet."""

    async def wait(socket: net.Socket) -> None:
        socket.resume()
        if not socket.closed:
            over = asyncio.get_running_loop().create_future()
            socket.once("close", over.set_result)
            await over

    return wait


@pytest.fixture
def refused_port() -> Iterator[int]:
    """A port of the loopback addresses on which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("0.0.0.0", 0))
        yield bound.getsockname()[1]


class SilentListener:
    """Listens on a loopback address, and leaves connections without an answer until `answer` is called.

    Its backlog is full, so that the kernel drops what asks for a connection.
    """

    def __init__(self, address: str, port: int = 0) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((address, port))
        except OSError as taken:        # a port that is free on one address may be another program's on the next
            self._socket.close()
            pytest.skip(f"port {port} of {address}: {taken}")
        self._socket.listen(0)
        self.port = self._socket.getsockname()[1]
        self._waiting = [self._fill(address) for _ in range(2)]

    def _fill(self, address: str) -> socket.socket:
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex((address, self.port))
        return client

    def answer(self) -> None:
        """Make room: the kernel answers when it is asked again, which is a second after the first time."""
        self._socket.listen(100)

    def close(self) -> None:
        for client in self._waiting:
            client.close()
        self._socket.close()


@pytest.fixture
def silent() -> Iterator[Callable[..., SilentListener]]:
    """``port = silent("127.0.0.2").port``: a port of that address where connections are not answered."""
    with contextlib.ExitStack() as stack:
        def listen(address: str = LOOPBACK, port: int = 0) -> SilentListener:
            listener = SilentListener(address, port)
            stack.callback(listener.close)
            return listener

        yield listen


def _code(error: Any) -> Any:
    return None if error is None else getattr(error, "code", type(error).__name__)


@pytest.fixture
def code() -> Callable[[Any], Any]:
    """The code of an error, or None."""
    return _code
