"""What the tests of the WebSocket core share: a protocol that writes down its events, and frames as its peer sends them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from netloop._engine.framing import frame, masked_frame
from netloop.websocket.errors import WebSocketError
from netloop.websocket.protocol import Protocol

KEY = 0x3D21FA37


class RecordingProtocol(Protocol):
    """`events` has what happened, in order: ("message", data), ("ping", data), ("close", code, reason), ("failure", code)."""

    def __init__(self, is_server: bool, **options: Any) -> None:
        super().__init__(is_server, **options)
        self.events: list[tuple[Any, ...]] = []

    def on_message(self, data: Any, is_binary: bool) -> None:
        assert is_binary is not isinstance(data, str)
        self.events.append(("message", data))

    def on_ping(self, data: bytes) -> None:
        super().on_ping(data)
        self.events.append(("ping", data))

    def on_pong(self, data: bytes) -> None:
        self.events.append(("pong", data))

    def on_close(self, code: int, reason: str) -> None:
        super().on_close(code, reason)
        self.events.append(("close", code, reason))

    def on_failure(self, error: WebSocketError) -> None:
        super().on_failure(error)
        self.events.append(("failure", error.code))

    def output(self) -> bytes:
        return b"".join(self.take_output())


@pytest.fixture(scope="session")
def new_protocol() -> type[RecordingProtocol]:
    """``new_protocol(is_server, **options)``: one end of a connection, with a list of its `events`."""
    return RecordingProtocol


@pytest.fixture(scope="session")
def sent_to() -> Callable[..., bytes]:
    """``sent_to(protocol, first, payload)``: a frame as its peer sends it, masked for a server."""
    def build(protocol: Protocol, first: int, payload: bytes = b"") -> bytes:
        return masked_frame(first, payload, KEY) if protocol.is_server else frame(first, payload)
    return build


@pytest.fixture(params=[True, False], ids=["server", "client"])
def protocol(request: pytest.FixtureRequest) -> RecordingProtocol:
    """A protocol in each role."""
    return RecordingProtocol(request.param)
