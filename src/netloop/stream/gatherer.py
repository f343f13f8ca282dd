"""Gatherer: who keeps what is to be written to a stream until it leaves as one."""

from __future__ import annotations

__all__ = ["Gatherer"]


class Gatherer:
    """Who keeps what is to be written to a stream.

    As long as it does, it is the `gatherer` of the stream's `WritableState`: whoever writes past it comes after it.
    """

    def flush(self) -> None:
        """Hook: write what was gathered, and be the stream's gatherer no more."""
