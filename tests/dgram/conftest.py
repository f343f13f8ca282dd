"""What the dgram tests share: bound sockets, messages as they come, plain peers, and ports where nobody is."""

from __future__ import annotations

import asyncio
import socket as python_sockets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from netloop import dgram

LOOPBACK = "127.0.0.1"

Bound = Callable[..., AbstractAsyncContextManager[dgram.Socket]]


@pytest.fixture
def bound() -> Bound:
    """``async with bound() as socket``: a socket on the loopback interface; options are those of `create_socket`."""

    @asynccontextmanager
    async def open_socket(type: Any = "udp4", address: str | None = LOOPBACK, **options: Any) -> AsyncIterator[dgram.Socket]:
        async with dgram.create_socket(type, **options).bind(0, address) as socket:
            yield socket

    return open_socket


@pytest.fixture
def messages() -> Callable[..., Awaitable[list[Any]]]:
    """``await messages(socket, 2)``: the next two, each with its sender.  It listens from the call on."""

    def listen(socket: dgram.Socket, count: int = 1) -> Awaitable[list[Any]]:
        arriving = aiter(socket)

        async def take() -> list[Any]:
            return [await anext(arriving) for _ in range(count)]

        return take()

    return listen


@pytest.fixture
def event() -> Callable[..., Awaitable[tuple[Any, ...]]]:
    """``await event(socket, "error")``: the arguments of the next one, also of `error`.  It listens from the call on."""

    def listen(emitter: Any, name: str) -> Awaitable[tuple[Any, ...]]:
        future: asyncio.Future[tuple[Any, ...]] = asyncio.get_running_loop().create_future()
        emitter.once(name, lambda *arguments: future.set_result(arguments))
        return future

    return listen


@pytest.fixture
def peer() -> Iterator[python_sockets.socket]:
    """A plain UDP socket on the loopback interface."""
    with python_sockets.socket(type=python_sockets.SOCK_DGRAM) as socket:
        socket.bind((LOOPBACK, 0))
        socket.settimeout(10)
        yield socket


@pytest.fixture
def free_port() -> int:
    """A port where nobody listens."""
    with python_sockets.socket(type=python_sockets.SOCK_DGRAM) as socket:
        socket.bind((LOOPBACK, 0))
        port: int = socket.getsockname()[1]
    return port
