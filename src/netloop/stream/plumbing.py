"""Pipeline: the streams, tasks and errors behind the function `pipeline`.

Neighbouring streams are joined by `pipe`.  A function or an iterable between two streams is iterated over by
a task, a pump, that writes into the next stream and waits for it to drain.  Every stream that is piped, and
every pump, is a part; the pipeline is done when no part is left.

The first error is the pipeline's.  It destroys every stream that is not over and cancels the pumps, which
ends the remaining parts; only then is the error told, so that whoever hears of it finds everything released.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import AbortError, StateError
from ..loop import current
from .base import Stream
from .functions import takes_signal
from .pumps import consume, pump
from .signals import when_aborted
from .stages import async_iterator, call_stage
from .watch import StreamWatch

if TYPE_CHECKING:
    import asyncio

    from ..events import AbortController
    from ..events.abort import Signal

__all__ = ["Pipeline"]


class Pipeline:
    """One run of a pipeline."""

    def __init__(self, stages: list[Any], callback: Callable[..., object], end: bool) -> None:
        self._loop = current()
        self._stages = stages
        self._callback = callback
        self._end = end
        self._parts = 1                                 # start() itself, so that nothing is told before
        self._error: Exception | None = None
        self._value: Any = None
        self._destroyed = False
        self._open: dict[int, Stream] = {}              # the streams that are not over, by their place
        self._tasks: list[asyncio.Task[None]] = []
        self._controller: AbortController | None = None     # for functions that take a signal
        self._forget_signal: Callable[[], object] | None = None
        self._last_watch: StreamWatch | None = None

    def start(self, signal: Signal | None) -> None:
        """Watch every stream, and only then connect them: whatever fails from here on can be destroyed."""
        for index, stage in enumerate(self._stages):
            if isinstance(stage, Stream):
                self._watch(stage, index)
        if signal is not None:
            self._forget_signal = when_aborted(signal, self.fail)
        try:
            if self._error is None:
                self._connect()
        except Exception as error:
            self.fail(error)
        self._part_over(None)

    # --- connect ---

    def _connect(self) -> None:
        """Go over the stages from first to last; `source` is what the stage before offers."""
        self._refuse_ended()
        source: Any = None
        generators: list[Any] = []                      # those to close, since the last stream
        last = len(self._stages) - 1
        for index, stage in enumerate(self._stages):
            if isinstance(stage, Stream):
                if isinstance(source, Stream):
                    source.pipe(stage, end=self._ends(index))  # type: ignore[attr-defined]
                elif index > 0:
                    self._start(pump, source, generators, stage, self._ends(index))
                source, generators = stage, []
            elif callable(stage):
                arguments = () if index == 0 else (source,)
                source = call_stage(self._with_signal(stage), arguments, index, index == last)
                if not isinstance(source, Stream | Awaitable):
                    source = async_iterator(source)
                    generators.append(source)
            else:
                source = async_iterator(stage)
                generators.append(source)
        if not isinstance(self._stages[-1], Stream):
            self._start(consume, source, generators)

    def _watch(self, stream: Stream, index: int) -> None:
        """Hear when the stream is over; it is a part as far as it is piped from, or written to.

        A stream that a function reads is no part: the function may leave it early, and then closes it.
        """
        piped = index + 1 < len(self._stages) and isinstance(self._stages[index + 1], Stream)
        written = index > 0
        is_part = piped or (written and self._ends(index))

        def on_over(error: Exception | None) -> None:
            if error is None:
                self._open.pop(index, None)
            if is_part:
                self._part_over(error)
            elif error is not None and written:
                self.fail(error)

        if is_part:
            self._parts += 1
        if self._ends(index):
            self._open[index] = stream
        self._last_watch = StreamWatch(stream, on_over, readable=piped or not written, writable=written)
        self._last_watch.start()

    def _refuse_ended(self) -> None:
        """Writing to a stream that was ended before would lose the data, and could go unnoticed."""
        for stage in self._stages[1:]:
            if isinstance(stage, Stream) and stage._writable_state.ending:
                raise StateError("write after end", "ERR_STREAM_WRITE_AFTER_END")

    def _ends(self, index: int) -> bool:
        return self._end or index < len(self._stages) - 1

    def _with_signal(self, stage: Callable[..., Any]) -> Callable[..., Any]:
        if not takes_signal(stage):
            return stage
        from ..events import AbortController

        if self._controller is None:
            self._controller = AbortController()
        return partial(stage, signal=self._controller.signal)

    # --- tasks ---

    def _start(self, work: Callable[..., Awaitable[Any]], source: Any, *arguments: Any) -> None:
        self._parts += 1
        task = self._loop.spawn(self._run(work, source, *arguments))
        task.add_done_callback(partial(self._on_task_over, source))
        self._tasks.append(task)

    async def _run(self, work: Callable[..., Awaitable[Any]], *arguments: Any) -> None:
        try:
            value = await work(*arguments)
        except Exception as error:
            self.fail(error)
        else:
            if value is not None:
                self._value = value

    def _on_task_over(self, source: Any, task: asyncio.Task[None]) -> None:
        """Count the part here and not in `_run`: a task that is cancelled before its first step runs no line of it."""
        if isinstance(source, Coroutine):
            source.close()                              # unless it began, it would complain that nobody awaited it
        broken_off = task.cancelled() or task.exception() is not None   # by us after an error, or with the loop
        self._part_over(AbortError() if broken_off and not self._destroyed else None)

    # --- end ---

    def fail(self, error: Exception) -> None:
        """Let the first error end everything.  A later one replaces it only if it says nothing."""
        if self._error is None or _is_premature_close(self._error):
            self._error = error
        self._destroy_open()

    def _part_over(self, error: Exception | None) -> None:
        if error is not None:
            self.fail(error)
        self._parts -= 1
        if self._parts == 0:
            self._finish()

    def _finish(self) -> None:
        self._destroy_open()
        arguments: tuple[Any, ...] = (self._error, self._value)
        if isinstance(self._stages[-1], Stream):
            arguments = (self._error,)
            if self._error is None or not self._end:
                self._let_go_of_last()
        self._loop.next_tick(self._callback, arguments)

    def _let_go_of_last(self) -> None:
        """The last stream lives on: leave nothing on it."""
        *_, source, target = self._stages
        if self._last_watch is not None:
            self._last_watch.stop()
        if isinstance(source, Stream):
            source.unpipe(target)  # type: ignore[attr-defined]

    def _destroy_open(self) -> None:
        """Release what is not over.  After a success that is only a source which was not read to its end."""
        if self._destroyed:
            return
        self._destroyed = True
        if self._forget_signal is not None:
            self._forget_signal()
        for stream in list(self._open.values()):
            stream._leave(self._error)
        for task in self._tasks:
            task.cancel()
        if self._controller is not None:
            self._controller.abort()


def _is_premature_close(error: Exception) -> bool:
    return isinstance(error, StateError) and error.code == "ERR_STREAM_PREMATURE_CLOSE"
