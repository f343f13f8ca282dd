"""Bytes to test with: data in which a lost piece shows, and the ways to cut it."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["pattern", "splits"]


def pattern(length: int) -> bytes:
    """Bytes of which no four repeat, so that a piece which was lost, doubled or swapped shows."""
    return b"".join(index.to_bytes(4, "big") for index in range((length + 3) // 4))[:length]


def splits(data: bytes) -> Iterator[list[bytes]]:
    """The cuts of `data` that find mistakes in a parser: whole, byte by byte, in two at each place."""
    yield [data]
    yield [data[index:index + 1] for index in range(len(data))]
    for index in range(1, len(data)):
        yield [data[:index], data[index:]]
