"""replay: a peer that plays a script, so that a protocol can be tested against bytes written down beforehand.

    peer = replay([b"HTTP/1.1 200 OK\\r\\n", b"Content-Length: 0\\r\\n\\r\\n", None])
    response = await read_response(peer.stream)
    assert peer.received == b"GET / HTTP/1.1\\r\\n\\r\\n"
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from ..errors import invalid_type
from ..loop import current
from ..stream import Duplex, duplex_pair
from .recorder import Recorder

__all__ = ["Replay", "replay"]

Step = bytes | Exception | Callable[[bytes], bool] | None


def replay(script: Iterable[Step], stream: Duplex | None = None) -> Replay:
    """Play `script` to the other end of a new pair in memory, which is `Replay.stream`; or into `stream`.

    The steps of a script, each taken when the one before is done:
        bytes: written, as one chunk.
        a function: waits until it gives something true for all bytes that were received so far.  When no more
            come, the script is over.
        None: ends the writing.
        an exception: destroys the peer with it; over a socket that is a reset.

    Over a socket: ``net.create_server(lambda socket: replay(script, socket))``.
    """
    if isinstance(script, bytes | str):
        raise invalid_type("script", "a list of steps", script)
    if stream is not None:
        return Replay(list(script), stream, stream)
    near, far = duplex_pair()
    return Replay(list(script), near, far)


class Replay:
    """A script that is being played.

    Attributes:
        stream: the stream to give to the code that is tested.
        received: all bytes that it has written so far.
    """

    def __init__(self, script: list[Step], stream: Duplex, peer: Duplex) -> None:
        self.stream = stream
        self._peer = peer
        self._record = Recorder(peer)
        self._played = current().spawn(self._play(script))

    @property
    def received(self) -> bytes:
        data: bytes = self._record.data
        return data

    def done(self) -> Awaitable[None]:
        """Wait until the whole script was played."""
        return self._played

    async def _play(self, script: list[Step]) -> None:
        for step in script:
            if self._peer.destroyed:
                return          # whoever is tested left before the end, as it may
            if step is None:
                self._peer.end()
            elif isinstance(step, Exception):
                self._peer.destroy(step)
            elif callable(step):
                if not await self._record.until_received(step):
                    return
            else:
                await self._write(step)

    async def _write(self, chunk: bytes) -> None:
        """One chunk at a time, so that the other side gets them as they are."""
        written = asyncio.Event()
        self._peer.write(chunk, lambda error: written.set())
        await written.wait()
