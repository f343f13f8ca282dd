"""The system's look-up of a name, loaded when the first name is looked up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import system_error

if TYPE_CHECKING:
    from ..dns.lookup import SystemLookup
    from ..loop import Loop

__all__ = ["system_lookup"]


def system_lookup(loop: Loop, host: str, done: Callable[[Exception | None, Sequence[Any]], object],
                  family: int = 0, hints: int = 0) -> SystemLookup | None:
    """Start a look-up, which calls ``done(error, addresses)`` later, and return it.

    A program that has no descriptor left to load it gets that as the answer, and None is returned: exhaustion is an
    `error` event, and not an exception out of the listener that wanted to connect.
    """
    try:
        from ..dns.lookup import SystemLookup
        return SystemLookup(loop, host, done, family=family, hints=hints)
    except OSError as error:
        failure: Exception = system_error(error.errno or 0, "getaddrinfo", host)
    except ImportError as error:
        failure = error
    loop.next_tick(done, (failure, ()))
    return None
