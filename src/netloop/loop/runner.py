"""`run`: the loop from its start until nothing is open any more, or a signal, or an error that nobody handled."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ..errors import StateError, invalid_type, out_of_range
from .ending_signals import EndingSignals
from .loops import OwnLoop, current, tell_asyncio

if TYPE_CHECKING:
    import asyncio
    import signal

__all__ = ["Run", "run"]

LONGEST_BUSY_POLL_US = 1_000_000     # whoever looks for longer than that has lost a processor, and gained nothing

T = TypeVar("T")
Main = Coroutine[Any, Any, T] | Callable[[], Coroutine[Any, Any, T]]


@overload
def run(main: Main[T], *, on_unhandled: Callable[[Exception], object] | None = None, busy_poll: float = 0) -> T: ...
@overload
def run(main: Callable[[], T], *, on_unhandled: Callable[[Exception], object] | None = None,
        busy_poll: float = 0) -> T: ...
@overload
def run(main: None = None, *, on_unhandled: Callable[[Exception], object] | None = None,
        busy_poll: float = 0) -> None: ...


def run(main: Any = None, *, on_unhandled: Callable[[Exception], object] | None = None, busy_poll: float = 0) -> Any:
    """Run this thread's loop until nothing that is open and ref'd is left; returns the result of `main`.

    `main` is a coroutine, a coroutine function or a function; it is called inside the loop, and the loop goes on after
    it returned for as long as something is open.  What was made before, at the top of a script, runs too.

    An ``error`` event without a listener, or an exception that a listener raises, ends the loop: everything is closed
    and `run` raises it.  With `on_unhandled` the function gets the error instead and the loop goes on.  What `main`
    raises always ends the loop, and `run` raises it.

    SIGINT and SIGTERM end the loop cleanly: everything is destroyed, ``close`` events are delivered, and `run` returns
    None.  A callback that does not return is interrupted by another signal, a second later or more (KeyboardInterrupt or
    SystemExit).  A handler that the program installed itself stays in place.

    `busy_poll`: microseconds, up to a second, for which the loop goes on looking for events before it falls asleep,
    while it was just busy.  It trades CPU time for the wake-up, some 10 us of each round trip.

    Raises StateError (ERR_LOOP_RUNNING) when an asyncio loop runs in this thread already: await instead; and
    ArgumentTypeError, ArgumentValueError (ERR_OUT_OF_RANGE) for wrong arguments.
    """
    if main is not None and not callable(main) and not isinstance(main, Coroutine):
        raise invalid_type("main", "a coroutine, a function or None", main)
    if on_unhandled is not None and not callable(on_unhandled):
        raise invalid_type("on_unhandled", "a function or None", on_unhandled)
    if not isinstance(busy_poll, int | float) or isinstance(busy_poll, bool):
        raise invalid_type("busy_poll", "a number of microseconds", busy_poll)
    if not 0 <= busy_poll <= LONGEST_BUSY_POLL_US:
        raise out_of_range("busy_poll", f"from 0 to {LONGEST_BUSY_POLL_US} microseconds", busy_poll)
    return Run(on_unhandled, busy_poll)(main)


class Run:
    """One run of the loop of this thread.  `signal` tells afterwards which signal ended it, if one did."""

    def __init__(self, on_unhandled: Callable[[Exception], object] | None = None, busy_poll: float = 0) -> None:
        loop = current()
        if not isinstance(loop, OwnLoop) or loop.asyncio_loop.is_running():
            raise StateError("run() was called while an asyncio loop runs in this thread: there, await instead",
                             "ERR_LOOP_RUNNING")
        self.signal: signal.Signals | None = None
        self._loop = loop
        self._on_unhandled = on_unhandled
        self._failure: BaseException | None = None
        self._result: Any = None
        loop.busy_poll = int(busy_poll * 1000)

    def __call__(self, main: Any) -> Any:
        loop = self._loop
        loop.on_failure, loop.on_quiet = self._fail, loop.asyncio_loop.stop
        loop.survives_failures = self._on_unhandled is not None
        if main is not None:
            loop.next_tick(self._start, (main,))
        try:
            with EndingSignals(loop.asyncio_loop) as signals:
                loop.asyncio_loop.run_forever()
            self.signal = signals.received
        except BaseException as error:      # KeyboardInterrupt, SystemExit
            self._failure = error
        self._close()
        if self._failure is not None:
            from .._tracebacks import trim
            trim(self._failure)
            raise self._failure
        return None if self.signal is not None else self._result

    def _start(self, main: Any) -> None:
        try:
            result = main() if callable(main) else main
        except Exception as error:
            self._end_with(error)
            return
        if isinstance(result, Coroutine):
            self._loop.spawn(result, self._end_with).add_done_callback(self._keep_result)
        else:
            self._result = result

    def _keep_result(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and task.exception() is None:
            self._result = task.result()

    # --- ending -----------------------------------------------------------------------------------------------------

    def _fail(self, error: BaseException) -> None:
        """Nobody caught it."""
        left = self._hand_over(error)
        if left is not None:
            self._end_with(left)

    def _hand_over(self, error: BaseException) -> BaseException | None:
        """Give an error to `on_unhandled`; returns what is left of it to raise."""
        if self._on_unhandled is None or not isinstance(error, Exception):
            return error
        try:
            self._on_unhandled(error)
        except Exception as worse:
            return worse
        return None

    def _end_with(self, error: BaseException) -> None:
        if self._failure is None:
            self._failure = error
            self._loop.halt()
            self._loop.asyncio_loop.stop()

    def _close(self) -> None:
        """Close what is open: with its events after a signal, at once after an error.  The next run starts anew."""
        import asyncio

        loop, asyncio_loop = self._loop, self._loop.asyncio_loop
        loop.on_quiet = None
        loop.on_failure = self._note_late_failure
        if self._failure is not None:
            loop.clear()
        loop.halt(False)
        try:
            self._cancel_tasks()
            if self._failure is None:
                loop.abandon()
                asyncio_loop.run_until_complete(asyncio.sleep(0))   # coroutine listeners of `close` begin
                self._cancel_tasks()
            loop.clear()
            asyncio_loop.run_until_complete(asyncio_loop.shutdown_asyncgens())
            asyncio_loop.run_until_complete(asyncio_loop.shutdown_default_executor())
        finally:
            loop.on_failure, loop.survives_failures = None, False
            asyncio_loop.close()

    def _cancel_tasks(self) -> None:
        import asyncio

        asyncio_loop = self._loop.asyncio_loop
        tasks = asyncio.all_tasks(asyncio_loop)
        if not tasks:
            return
        for task in tasks:
            task.cancel()
        theirs = tasks - self._loop.tasks
        asyncio_loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        for task in theirs:
            error = None if task.cancelled() else task.exception()
            if error is not None:
                tell_asyncio(asyncio_loop, error)

    def _note_late_failure(self, error: BaseException) -> None:
        """What listeners raise while everything is closed is the run's failure, if it had none."""
        left = self._hand_over(error)
        if self._failure is None:
            self._failure = left
