"""How a loop learns that the asyncio loop around it, which somebody else drives, has come to its end.

asyncio tells nobody.  But ``asyncio.run``, and all that do their work like it, close the asynchronous generators that are
still open before they close the loop: so one of them is ours.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

__all__ = ["at_end"]


def at_end(callback: Callable[[], object]) -> AsyncGenerator[None]:
    """Call `callback()` when the asyncio loop that runs now ends.  What is returned must be kept until then."""
    generator = _wait_for_the_end(callback)
    try:
        generator.asend(None).send(None)    # up to its yield: from then on the asyncio loop knows it
    except StopIteration:
        pass
    return generator


async def _wait_for_the_end(callback: Callable[[], object]) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        callback()
