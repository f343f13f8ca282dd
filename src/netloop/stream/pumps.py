"""The tasks of a pipeline: they iterate over what is no stream.

A pump closes the generators that it goes over, the last one first: closing a generator does not close the one
that it reads.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from .stages import null_value

__all__ = ["consume", "pump"]


async def pump(source: Any, generators: list[Any], target: Any, end: bool) -> None:
    """Write what `source` gives into the stream `target`, as fast as that takes it; then end it, if `end`."""
    try:
        async for item in source:
            if item is None:
                raise null_value()
            if not target.write(item):
                await target.drain()
    finally:
        await _close(generators)
    if end:
        target.end()


async def consume(source: Any, generators: list[Any]) -> Any:
    """Run a function in last place to its end: await what it returned, or drop the items that it gives."""
    try:
        if isinstance(source, Awaitable):
            return await source
        async for _ in source:
            pass
    finally:
        await _close(generators)


async def _close(generators: list[Any]) -> None:
    for generator in reversed(generators):
        if hasattr(generator, "aclose"):
            await generator.aclose()
