"""Wait for events: ``await once(emitter, "listening")``, ``async for arguments in on(emitter, "message")``.

Both listen from the moment of the call, so that nothing is missed before the ``await``.  Neither leaves a
listener behind, however it ends: with the event, with an error, or because the waiting task was cancelled or
left its loop.

Source: https://nodejs.org/api/events.html#eventsonceemitter-name-options
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from ..errors import AbortError, UnhandledError, invalid_type, out_of_range
from .abort import Signal, add_abort_listener, check_signal
from .emitter import EventEmitter
from .target import EventTarget
from .weak_listener import weakly

if TYPE_CHECKING:
    import asyncio

__all__ = ["once", "on", "EventIterator"]

Emitter: TypeAlias = EventEmitter | EventTarget


def once(emitter: Emitter, event: Hashable, *, signal: Signal | None = None) -> asyncio.Future[list[Any]]:
    """Wait for the next `event`; its arguments as a list, for an `EventTarget` the `Event` in a list.

    Raises, when awaited:
        the argument of an `error` event that comes first, unless that is what is waited for.
        AbortError: `signal` aborted.
    """
    from ..loop import current

    future: asyncio.Future[list[Any]] = current().asyncio_loop.create_future()
    if signal is not None and check_signal("signal", signal).aborted:
        future.set_exception(AbortError(cause=signal.reason))
        return future
    listening = _Listening()

    def succeed(*arguments: Any) -> None:
        if not future.done():
            listening.stop()
            future.set_result(list(arguments))

    def fail(error: Any = None) -> None:
        if not future.done():
            listening.stop()
            future.set_exception(_as_exception(error))

    listening.start(emitter, event, succeed)
    if event != "error" and isinstance(emitter, EventEmitter):
        listening.start(emitter, "error", fail)
    if signal is not None:
        listening.obey(signal, fail)
    future.add_done_callback(lambda _: listening.stop())  # for the case that it is cancelled
    return future


def on(
    emitter: Emitter, event: Hashable, *, signal: Signal | None = None, close: Iterable[Hashable] = (),
    high_water_mark: float = float("inf"), low_water_mark: float = 1,
) -> EventIterator:
    """Iterate over an event: each step gives the arguments of one emission as a list.

    Events that come between two steps wait in a queue.

    Parameters:
        signal: ends the iteration with an `AbortError`.
        close: names of events that end the iteration, after what is queued.
        high_water_mark: with more events than this queued, ``emitter.pause()`` is called.
        low_water_mark: with fewer than this left, ``emitter.resume()``.

    Raises:
        the argument of an `error` event, from the step after the queued ones.
        AbortError: `signal` has aborted already.

    Source: https://nodejs.org/api/events.html#eventsonemitter-eventname-options
    """
    for name, mark in (("high_water_mark", high_water_mark), ("low_water_mark", low_water_mark)):
        if not mark >= 1:
            raise out_of_range(name, ">= 1", mark)
    if signal is not None and check_signal("signal", signal).aborted:
        raise AbortError(cause=signal.reason)
    iterator = EventIterator(emitter, high_water_mark, low_water_mark)
    iterator._start(event, close, signal)
    return iterator


class EventIterator:
    """What `on` returns: an asynchronous iterator over the emissions of an event.

    The listeners know it weakly, so it is enough to drop it: ``break`` leaves nothing behind.  A step that a
    timeout cancelled can be taken again, and no event is lost.
    """

    def __init__(self, emitter: Emitter, high_water_mark: float, low_water_mark: float) -> None:
        self._emitter: Any = emitter
        self._high_water_mark = high_water_mark
        self._low_water_mark = low_water_mark
        self._queue: deque[list[Any]] = deque()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._listening = _Listening()
        self._paused = False
        self._closed = False
        self._error: BaseException | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[Any]:
        import asyncio

        while not self._queue and not self._closed:
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                self._waiting.remove(waiter)
                if self._queue:
                    self._wake_one()  # it was woken for an event that is now somebody else's
                del self  # or the traceback, which the task keeps, keeps the iterator and its listeners
                raise
            self._waiting.remove(waiter)
        if self._queue:
            return self._take()
        error, self._error = self._error, None
        if error is not None:
            raise error
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """End the iteration and forget what is queued; Node's ``return()``."""
        self._queue.clear()
        self._close()

    def throw(self, error: BaseException) -> None:
        """End the iteration with an error, after what is queued."""
        self._fail(error)

    def _take(self) -> list[Any]:
        arguments = self._queue.popleft()
        if self._paused and len(self._queue) < self._low_water_mark:
            self._paused = False
            self._emitter.resume()
        return arguments

    def _start(self, event: Hashable, close: Iterable[Hashable], signal: Signal | None) -> None:
        self._listening.start(self._emitter, event, weakly(self._receive))
        if event != "error" and isinstance(self._emitter, EventEmitter):
            self._listening.start(self._emitter, "error", weakly(self._fail))
        for name in close:
            self._listening.start(self._emitter, name, weakly(self._close))
        if signal is not None:
            self._listening.obey(signal, weakly(self._fail))

    def _receive(self, *arguments: Any) -> None:
        self._queue.append(list(arguments))
        self._wake_one()
        if not self._paused and len(self._queue) - len(self._waiting) > self._high_water_mark:
            self._paused = True
            self._emitter.pause()

    def _fail(self, error: Any = None) -> None:
        if not self._closed:
            self._error = _as_exception(error)
            self._close()

    def _close(self, *_: object) -> None:
        self._closed = True
        self._listening.stop()
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)

    def _wake_one(self) -> None:
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
                break

    def __del__(self) -> None:
        self._listening.stop()


class _Listening:
    """Listeners that are removed together."""

    def __init__(self) -> None:
        self._removals: list[Callable[[], object]] = []

    def start(self, emitter: Emitter, event: Hashable, listener: Callable[..., None]) -> None:
        if isinstance(emitter, EventEmitter):
            emitter.on(event, listener)
            self._removals.append(lambda: emitter.remove_listener(event, listener))
        elif isinstance(emitter, EventTarget):
            name: Any = event
            emitter.add_event_listener(name, listener)
            self._removals.append(lambda: emitter.remove_event_listener(name, listener))
        else:
            raise invalid_type("emitter", "an EventEmitter or an EventTarget", emitter)

    def obey(self, signal: Signal, fail: Callable[[BaseException], None]) -> None:
        subscription = add_abort_listener(signal, lambda _: fail(AbortError(cause=signal.reason)))
        self._removals.append(subscription.dispose)

    def stop(self) -> None:
        removals, self._removals = self._removals, []
        for remove in removals:
            remove()


def _as_exception(error: Any) -> BaseException:
    return error if isinstance(error, BaseException) else UnhandledError(error)
