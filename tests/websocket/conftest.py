"""What the tests of the WebSocket core share: a protocol that writes down its events, and what its peer says to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from netloop._engine.framing import frame, masked_frame
from netloop.websocket.errors import WebSocketError
from netloop.websocket.protocol import Protocol

KEY = 0x3D21FA37
CLOSE = 0x88
Frame = tuple[int, bytes]       # its first byte, and its payload


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


# --- conversations ------------------------------------------------------------------------------------------------------

class EchoProtocol(RecordingProtocol):
    """Sends every message back."""

    def on_message(self, data: Any, is_binary: bool) -> None:
        super().on_message(data, is_binary)
        self.send(data)


def frames_of(data: bytes, are_masked: bool) -> list[Frame]:
    """The frames that one end has sent."""
    frames, at = [], 0
    while at < len(data):
        size, mask = data[at + 1] & 0x7F, data[at + 1] & 0x80
        assert bool(mask) is are_masked
        start = at + 2 + {126: 2, 127: 8}.get(size, 0)
        size = int.from_bytes(data[at + 2:start], "big") if size > 125 else size
        payload = data[start + 4:start + 4 + size] if mask else data[start:start + size]
        assert len(payload) == size
        if mask:
            key = int.from_bytes(data[start:start + 4], "little")
            payload = masked_frame(0, payload, key)[-size:] if size else b""
        frames.append((data[at], payload))
        at = start + (4 if mask else 0) + size
    return frames


def read_close(frames: list[Frame]) -> list[Frame | int]:
    """The same, with the code in place of a close frame: 1005 if it has none."""
    return [(first, payload) if first != CLOSE else int.from_bytes(payload[:2], "big") or 1005 for first, payload in frames]


class Conversation:
    """What an end that echoes answers.

    Calling it with frames gives the frames of the answer, with the code in place of a close frame.  The frames are sent three
    times, in different pieces, and the answer must be the same each time.
    """

    def __init__(self, is_server: bool) -> None:
        self.is_server = is_server

    def __call__(self, *sent: Frame, **options: Any) -> list[Frame | int]:
        frames = [self.frame(first, payload) for first, payload in sent]
        whole = b"".join(frames)
        step = 1 if len(whole) < 2000 else 997
        answers = [self.answer(pieces, **options) for pieces in (
            [whole], frames, [whole[at:at + step] for at in range(0, len(whole), step)])]
        assert answers[0] == answers[1] == answers[2]
        return answers[0]

    def answer(self, pieces: list[bytes], **options: Any) -> list[Frame | int]:
        """The answer to bytes that come in these pieces."""
        end = EchoProtocol(self.is_server, **options)
        for piece in pieces:
            end.receive_data(piece)
        return read_close(frames_of(end.output(), not self.is_server))

    def bytes_until_failure(self, first: int, payload: bytes) -> int:
        """After how many bytes of the payload the connection fails; -1 if it does not."""
        end = EchoProtocol(self.is_server)
        frame = self.frame(first, payload)
        head = len(frame) - len(payload)
        end.receive_data(frame[:head])
        for at in range(len(payload)):
            end.receive_data(frame[head + at:head + at + 1])
            if end.failure is not None:
                return at + 1
        return -1

    def frame(self, first: int, payload: bytes) -> bytes:
        """A frame as the peer sends it."""
        return masked_frame(first, payload, KEY) if self.is_server else frame(first, payload)


@pytest.fixture(params=[True, False], ids=["server", "client"])
def converse(request: pytest.FixtureRequest) -> Conversation:
    """``converse((0x81, b"hi"), (0x88, b""))``: what an end in each role answers, if it echoes."""
    return Conversation(request.param)
