"""check_duplex: one stream contract, run over every kind of stream.

A rule is a coroutine function that gets a fresh pair of linked streams and asserts one sentence about them,
its name.  Most of them need no more than two streams that are connected; those of `duplex_half_close` need a
pair of which one direction can end alone.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from . import duplex_await, duplex_data, duplex_end, duplex_half_close
from .in_loop import TIME_LIMIT_S, nothing_open

__all__ = ["DUPLEX_RULES", "HALF_CLOSE_RULES", "MakePair", "check_duplex", "check_rule"]

MakePair: TypeAlias = Callable[[], Awaitable[tuple[Any, Any]]]
Rule: TypeAlias = Callable[[Any, Any], Awaitable[None]]


def _rules(*modules: Any) -> tuple[Rule, ...]:
    """The public coroutine functions that a module defines, in its order."""
    return tuple(rule for module in modules for name, rule in vars(module).items()
                 if asyncio.iscoroutinefunction(rule) and not name.startswith("_")
                 and rule.__module__ == module.__name__)


DUPLEX_RULES = _rules(duplex_data, duplex_end, duplex_await)
HALF_CLOSE_RULES = _rules(duplex_half_close)


async def check_duplex(make_pair: MakePair, *, half_close: bool = True) -> None:
    """Check the whole contract, each rule on a new pair.

    Parameters:
        make_pair: a coroutine function that gives two connected Duplex streams of bytes, each time new ones;
            for sockets, those at both ends, made with ``allow_half_open=True``.
        half_close: False for streams that can end in both directions only, as a WebSocket.

    Raises:
        AssertionError: a rule does not hold; its note says which.
    """
    for rule in DUPLEX_RULES + (HALF_CLOSE_RULES if half_close else ()):
        await check_rule(rule, make_pair)


async def check_rule(rule: Rule, make_pair: MakePair) -> None:
    """Check one rule on a new pair, and that nothing stays open: for a test of each rule by its name."""
    pair = list(await make_pair())
    references = [weakref.ref(stream) for stream in pair]       # a rule may want them to be forgotten
    try:
        async with asyncio.timeout(TIME_LIMIT_S):
            await rule(pair.pop(0), pair.pop(0))
    except Exception as error:
        streams = ", ".join(repr(reference()) for reference in references)
        error.add_note(f"rule: {rule.__name__.replace('_', ' ')}; streams: {streams}")
        raise
    finally:
        for reference in references:
            stream = reference()
            if stream is not None:
                stream.destroy()
            del stream
    await nothing_open()
