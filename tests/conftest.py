"""What holds for every test: it leaves nothing behind; and a coroutine test runs on each of three loops.

A test may be a coroutine function.  Then it runs three times: in `netloop.run`, in `asyncio.run`, and in uvloop.  It
fails when it takes longer than 10 s, when something that it opened is still open at the end, and when an error came up
that nobody handled, unless it asks for the fixture `unhandled`, the list of these errors.

Any other test fails after two minutes.  One that does not even hear of that signal ends the whole run after five, with a
traceback: see `faulthandler_timeout` in pyproject.toml.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from types import FrameType
from typing import Any

import hypothesis
import pytest

import netloop
from netloop.testing import nothing_open

try:
    import uvloop
except ImportError:         # it has no build for every platform
    uvloop = None
else:
    uvloop.new_event_loop().close()     # libuv keeps a pipe from the first loop on

TIME_LIMIT_S = 10.0         # of a coroutine test
LAST_LIMIT_S = 120.0        # of any test
SETTLING_TURNS = 100

Main = Callable[[], Awaitable[None]]
OnUnhandled = Callable[[Any], object]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes longer than 0.25 s")
    hypothesis.settings.register_profile("netloop", deadline=None)      # tests never assert times
    hypothesis.settings.load_profile("netloop")
    signal.signal(signal.SIGINT, signal.default_int_handler)    # a shell has its background jobs ignore it


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Leave no dots in a log: among 13,000 of them nobody finds the test that failed."""
    if report.passed and not sys.stdout.isatty():
        return (report.outcome if report.when == "call" else "", "", "PASSED")
    return None


def pytest_collection_finish() -> None:
    """Leave the thousands of collected tests out of the garbage collections that tests ask for."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def without_garbage_collector() -> Iterator[None]:
    """What is freed meanwhile was freed by its last reference."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


# --- coroutine tests ------------------------------------------------------------------------------------------

def run_in_netloop(main: Main, on_unhandled: OnUnhandled) -> None:
    netloop.run(main, on_unhandled=on_unhandled)


def run_in_asyncio(main: Main, on_unhandled: OnUnhandled, loop_factory: Any = None) -> None:
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.get_loop().set_exception_handler(
            lambda _, context: on_unhandled(context.get("exception") or RuntimeError(context["message"])))
        runner.run(main())


def run_in_uvloop(main: Main, on_unhandled: OnUnhandled) -> None:
    if uvloop is None:
        pytest.skip("uvloop is not installed")
    run_in_asyncio(main, on_unhandled, uvloop.new_event_loop)


LOOPS = {"netloop": run_in_netloop, "asyncio": run_in_asyncio, "uvloop": run_in_uvloop}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if inspect.iscoroutinefunction(metafunc.function):
        metafunc.fixturenames.append("run_on")
        metafunc.parametrize("run_on", LOOPS.values(), ids=LOOPS.keys())


@pytest.fixture
def unhandled() -> list[Any]:
    """The errors that nobody handled, so far; a coroutine test that asks for them may have some."""
    return []


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    test = pyfuncitem.obj
    if not inspect.iscoroutinefunction(test):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(test).parameters}
    unhandled = arguments.get("unhandled", [])

    async def main() -> None:
        async with asyncio.timeout(TIME_LIMIT_S):
            await test(**arguments)
            await nothing_open()
            await no_tasks()

    named(pyfuncitem.name, pyfuncitem.callspec.params["run_on"])(main, unhandled.append)
    if unhandled and "unhandled" not in arguments:
        raise unhandled[0]
    return True


def named(name: str, function: Callable[..., None]) -> Callable[..., None]:
    """The function behind another of this name: if a coroutine test hangs, its own frame is not in the traceback."""
    def call(*arguments: Any) -> None:
        function(*arguments)

    call.__code__ = call.__code__.replace(co_name=name)
    return call


async def no_tasks() -> None:
    """Wait until no task is left but this one."""
    for _ in range(SETTLING_TURNS):
        if len(asyncio.all_tasks()) == 1:
            return
        await asyncio.sleep(0)
    raise AssertionError(f"left running: {asyncio.all_tasks() - {asyncio.current_task()}}")


@pytest.fixture(autouse=True)
def last_limit() -> Iterator[None]:
    """A test fails that waits for what never comes."""
    def fail(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"the test took longer than {LAST_LIMIT_S:g} s")

    before = signal.signal(signal.SIGALRM, fail)
    signal.setitimer(signal.ITIMER_REAL, LAST_LIMIT_S)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


# --- nothing is left behind -----------------------------------------------------------------------------------

@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """A test fails that leaves descriptors, threads, or open handles of this thread's loop."""
    before, threads = resources(), set(threading.enumerate())
    yield
    left_open = close_own_loop()
    left = resources() - before
    if left:
        for thread in set(threading.enumerate()) - threads:
            thread.join(1)      # one that has done its work may not have ended yet
        gc.collect()            # some of it may only wait for that
        left = resources() - before
    assert not left_open, f"left open: {'; '.join(left_open)}"
    assert not left, f"left behind: {', '.join(sorted(left))}"


def resources() -> set[str]:
    return {f"thread {thread.name} {thread.ident}" for thread in threading.enumerate()} | descriptors()


def descriptors() -> set[str]:
    if sys.platform != "linux":
        return set()
    found = set()
    for fd in os.listdir("/proc/self/fd"):
        try:
            found.add(f"descriptor {fd} {os.readlink(f'/proc/self/fd/{fd}')}")
        except FileNotFoundError:       # the one that lists them
            pass
    return found


def close_own_loop() -> list[str]:
    """Close the loop that nobody ran; returns what was open in it."""
    loop = netloop.loop.current()
    left_open = [handle.describe() for handle in loop.handles()]
    loop.clear()
    loop.asyncio_loop.close()
    return left_open
