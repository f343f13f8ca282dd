"""in_loop: coroutine tests for any test runner.

    @in_loop
    async def test_echo():
        ...

A test that hangs, or leaves something open behind, fails and says what it was; without that, it would run for
ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec

from ..loop import ActiveHandle, active_handles, current, run

__all__ = ["TIME_LIMIT_S", "in_loop", "nothing_open", "settle"]

TIME_LIMIT_S = 10.0     # far above what any test takes on a busy machine
SETTLING_TURNS = 100    # what is being closed needs a few turns of the loop; a closing handshake some more

P = ParamSpec("P")


def in_loop(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """A plain function that runs the coroutine function `test` inside `netloop.run`.

    Raises:
        whatever the test raises; an error that nobody handled.
        AssertionError: it left handles, timers or tasks open.
        TimeoutError: it took longer than 10 s.
    """

    @wraps(test)
    def run_test(*args: P.args, **kwargs: P.kwargs) -> None:
        failures: list[BaseException] = []

        async def main() -> None:
            try:
                async with asyncio.timeout(TIME_LIMIT_S):
                    await test(*args, **kwargs)
                    await nothing_open()
            except BaseException as error:      # what a test runner raises may be no Exception
                failures.append(error)
                raise

        run(main)                       # raises what failed, unless that is no Exception
        if failures:
            raise failures[0]

    return run_test


async def settle() -> None:
    """Let everything happen that happens without anybody doing more: several turns of the loop."""
    for _ in range(20):
        await asyncio.sleep(0)


async def nothing_open() -> None:
    """Wait until everything that is being closed is closed.

    Raises:
        AssertionError: something else stays open: the message lists it.
    """
    for _ in range(SETTLING_TURNS):
        if not _open():
            return
        await asyncio.sleep(0)
    raise AssertionError("left open: " + "; ".join(map(str, _open())))


def _open() -> list[ActiveHandle]:
    """What keeps the loop alive besides the task that asks."""
    ours = asyncio.current_task()
    tasks = [task for task in current().tasks if task is not ours]
    return ([handle for handle in active_handles() if handle.kind != "task"]
            + [ActiveHandle("task", repr(task.get_coro()), None) for task in tasks])
