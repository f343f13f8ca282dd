"""wrap(): a Readable over an old-style emitter of `data` and `end`.  Source: Node's Readable.wrap()."""

from __future__ import annotations

from types import MethodType
from typing import Any

__all__ = ["wrap"]


def wrap(readable: Any, stream: Any) -> None:
    source = _OldStream(readable, stream)
    stream.on("data", source.on_data)
    stream.on("end", source.on_end)
    stream.on("error", readable._fail)
    stream.on("close", source.on_close)
    readable._read = MethodType(_OldStream.read, source)


class _OldStream:
    """The emitter, and whether we paused it."""

    def __init__(self, readable: Any, stream: Any) -> None:
        self.readable = readable
        self.stream = stream
        self.paused = False

    def on_data(self, chunk: Any) -> None:
        if not self.readable.push(chunk) and hasattr(self.stream, "pause"):
            self.paused = True
            self.stream.pause()

    def on_end(self) -> None:
        self.readable.push(None)

    def on_close(self) -> None:
        # After `end` the stream destroys itself, once that was consumed.
        if not self.readable._readable_state.ended:
            self.readable.destroy()

    def read(self, size: int) -> None:
        if self.paused and hasattr(self.stream, "resume"):
            self.paused = False
            self.stream.resume()
