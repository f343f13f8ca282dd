"""A conversation over WebSocket: lines go out as messages, and messages come in, until one side closes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ..errors import ArgumentValueError, StateError
from .printable import printable

if TYPE_CHECKING:
    from ..websocket import WebSocket

__all__ = ["Conversation", "Ending", "Face", "closed_with"]

GOODBYE = 1000
HELP = """\
/ping [TEXT]             send a ping, and say when its pong comes
/binary HEX              send a binary message: /binary 00 ff
/close [CODE [REASON]]   close, with 1000 unless told otherwise
//TEXT                   send a line that begins with one /"""


class Face(Protocol):
    """What the conversation is held through."""

    has_commands: bool

    def lines(self) -> AsyncIterator[str]:
        """What is typed."""

    async def show(self, message: str | bytes) -> None:
        """Print a message, at the pace at which it can be."""

    def notice(self, text: str) -> None:
        """Print what is no message."""

    async def finish(self) -> None:
        """Wait until all is printed."""


class Ending(NamedTuple):
    """How it ended: the close code and reason, and whether it was this side that wanted to."""

    code: int
    reason: str
    is_ours: bool

    @property
    def text(self) -> str:
        return closed_with(self.code, self.reason)


def closed_with(code: int, reason: str) -> str:
    """A close code and reason in words."""
    if code == 1006:
        return "without a goodbye (1006)"
    if code == 1005:
        return "no code (1005)"
    return f"{code} {printable(reason)}".rstrip()


class Conversation:
    """Sends what is typed, shows what comes."""

    def __init__(self, websocket: WebSocket, face: Face, wait: float) -> None:
        """When the input has ended and nothing came for `wait` seconds, the connection is closed."""
        self._websocket = websocket
        self._face = face
        self._wait = wait
        self._patience: asyncio.Timeout | None = None
        self._input_ended = self._closing = False
        self._ending = Ending(1006, "", False)
        self._pings: dict[bytes, float] = {}
        websocket.on("ping", lambda data: face.notice(f"ping {shown(data)}".rstrip()))
        websocket.on("pong", self._on_pong)
        websocket.on("close", self._on_close)

    async def hold(self) -> Ending:
        """Talk, until the connection is closed."""
        sending = asyncio.create_task(self._send())
        receiving = asyncio.create_task(self._receive())
        try:
            await asyncio.wait([sending, receiving], return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
            await receiving
        finally:
            sending.cancel()
            receiving.cancel()
        self._face.notice(f"closed: {self._ending.text}")
        await self._face.finish()
        return self._ending

    # --- coming in --------------------------------------------------------------------------------------------------

    async def _receive(self) -> None:
        arriving = aiter(self._websocket)
        try:
            while True:
                async with asyncio.timeout(self._wait if self._input_ended else None) as self._patience:
                    message = await anext(arriving)
                self._patience = None
                await self._face.show(message)
        except TimeoutError:
            self._close(GOODBYE)
            async for message in arriving:
                await self._face.show(message)
        except StopAsyncIteration:
            pass

    def _on_pong(self, data: bytes) -> None:
        sent = self._pings.pop(data, None)
        took = "" if sent is None else f" after {(time.monotonic() - sent) * 1000:.1f} ms"
        self._face.notice(f"pong {shown(data)}".rstrip() + took)

    def _on_close(self, code: int, reason: str) -> None:
        self._ending = Ending(code, reason, self._closing)

    # --- going out --------------------------------------------------------------------------------------------------

    async def _send(self) -> None:
        async for line in self._face.lines():
            try:
                await self._take(line)
            except StateError:              # it is closed, which is told elsewhere
                return
        self._input_ended = True
        if self._wait == 0:
            self._close(GOODBYE)
        elif self._patience is not None:
            self._patience.reschedule(asyncio.get_running_loop().time() + self._wait)

    async def _take(self, line: str) -> None:
        if not self._face.has_commands or not line.startswith("/"):
            await self._websocket.send(line)
        elif line.startswith("//"):
            await self._websocket.send(line[1:])
        else:
            name, _, rest = line[1:].partition(" ")
            try:
                await self._obey(name, rest.strip())
            except ArgumentValueError as error:
                self._face.notice(str(error))
            except ValueError:
                self._face.notice(f"{rest.strip()!r} is not what /{name} takes.\n{HELP}")

    async def _obey(self, name: str, rest: str) -> None:
        if name == "ping":
            self._pings[rest.encode()] = time.monotonic()
            await self._websocket.ping(rest)
        elif name == "binary":
            await self._websocket.send(bytes.fromhex(rest))
        elif name == "close":
            code, _, reason = rest.partition(" ")
            self._close(int(code or GOODBYE), reason)
        else:
            self._face.notice(HELP if name == "help" else f"There is no /{name}.\n{HELP}")

    def _close(self, code: int, reason: str = "") -> None:
        self._websocket.close(code, reason)
        self._closing = True


def shown(data: bytes) -> str:
    """The data of a control frame, which is often text."""
    try:
        return printable(data.decode())
    except UnicodeDecodeError:
        return data.hex(" ")
