"""Sink: a `data` listener that is compiled, for whoever parses what every connection of a busy server sends.

    class Lines(Sink):
        def take(self, chunk): ...

    socket.on("data", lines)

To everybody it is a listener like others.  But while it is the only one, the chunks of a stream that flows come to it by a
call between compiled methods: no listener is looked up, and no argument is packed.
"""

from __future__ import annotations

from typing import Any

__all__ = ["Sink"]


class Sink:
    """What the chunks of a stream go into; see the module."""

    def take(self, chunk: Any) -> None:
        """Hook: the next chunk.  What it raises goes to the loop."""

    def __call__(self, chunk: Any) -> None:
        self.take(chunk)
