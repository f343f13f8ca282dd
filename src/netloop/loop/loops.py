"""The loop: a poller, and the asyncio loop that it lives in.

There are two ways to live with asyncio.  `OwnLoop` makes the asyncio loop: the standard selector loop on a selector of
ours, which does netloop's work while asyncio waits.  That is what `netloop.run` and `new_event_loop` give.  The other
way, in a loop that somebody else made, is `EmbeddedLoop` (embedded.py).

There is one loop per thread, or per running asyncio loop; `current` finds it, and makes it when it is first needed.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from .._engine.poller import Poller
from .at_end import at_end
from .reminder import remind_of

if sys.platform == "linux":
    from .._engine.epoll import EpollPoller as NativePoller
else:
    from .._engine.kqueue import KqueuePoller as NativePoller

if TYPE_CHECKING:
    import asyncio

__all__ = ["Loop", "OwnLoop", "current", "new_event_loop", "tell_asyncio"]

T = TypeVar("T")
LAST_TURNS = 100        # what closing may take: a few ticks for each object, but no endless chain of them


class Request(Protocol):
    """One operation that is under way: a look-up, a connect."""

    origin: str | None      # where in the user's program it was made

    def describe(self) -> str:
        """One line for those who ask what keeps the loop alive."""

    def on_abandon(self) -> object:
        """The loop ends while this is under way."""


class Loop(NativePoller):
    """A poller and the asyncio loop it lives in."""

    survives_failures = False       # what is reported goes to `on_unhandled`, and ends nothing

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[Any]] = set()
        self.requests: set[Request] = set()

    @property
    def asyncio_loop(self) -> asyncio.AbstractEventLoop:
        raise NotImplementedError

    # --- what keeps it alive, besides handles and timers ------------------------------------------------------------

    def spawn(self, coroutine: Coroutine[Any, Any, T],
              on_failure: Callable[[BaseException], object] | None = None) -> asyncio.Task[T]:
        """Start a coroutine as a task that keeps the loop alive; its failure is reported as a listener's would be."""
        task = self.asyncio_loop.create_task(coroutine)
        self.tasks.add(task)
        self.hold()
        task.add_done_callback(partial(self._on_task_done, on_failure or self.report))
        return task

    def after_first_steps(self, callback: Callable[..., object], *arguments: Any) -> None:
        """Call on a tick, once the tasks that exist have begun: one of them may be about to wait for what is to be told.

        A failure that comes at once would be nobody's otherwise: ``gather(net.connect(...))`` makes a task, which asks for
        the connection in its first step only.
        """
        self.hold()
        self.asyncio_loop.call_soon(self._steps_taken, callback, arguments)

    def _steps_taken(self, callback: Callable[..., object], arguments: tuple[Any, ...]) -> None:
        self.release()
        self.next_tick(callback, arguments)

    def _on_task_done(self, on_failure: Callable[[BaseException], object], task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        self.release()
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, KeyboardInterrupt | SystemExit):    # those two left the loop
            on_failure(error)

    def call(self, callback: Callable[..., object], *args: object) -> None:
        """Call a function; what a coroutine function returns is started as a task."""
        result = callback(*args)
        if isinstance(result, Coroutine):
            self.spawn(result)

    def start_request(self, request: Request) -> None:
        """Keep the loop alive until `end_request`."""
        if request not in self.requests:
            self.requests.add(request)
            self.hold()

    def end_request(self, request: Request) -> None:
        if request in self.requests:
            self.requests.discard(request)
            self.release()

    # --- ending -----------------------------------------------------------------------------------------------------

    def abandon(self) -> None:
        """Close everything as its owner does, and deliver the events that this brings about."""
        self.timers.clear()
        for open_ in [*self.handles(), *self.requests]:
            open_.on_abandon()
        for _ in range(LAST_TURNS):
            if not self.has_work():
                break
            self.settle()
            self.turn(0.0)

    def clear(self) -> None:
        """Close what is still open and forget what waits, in silence."""
        for request in [*self.requests]:
            request.on_abandon()            # what it wants to tell waits in a tick, and is forgotten below
        for handle in self.handles():
            handle.close()
        super().clear()


class OwnLoop(Loop):
    """A loop whose asyncio loop is ours: made when it is first needed, driven by `run`."""

    def __init__(self) -> None:
        super().__init__()
        self._asyncio_loop: asyncio.AbstractEventLoop | None = None
        self.on_failure: Callable[[BaseException], object] | None = None
        self.on_quiet: Callable[[], object] | None = None

    @property
    def asyncio_loop(self) -> asyncio.AbstractEventLoop:
        if self._asyncio_loop is None:
            self._asyncio_loop = _selector_loop(self)
        return self._asyncio_loop

    def report(self, error: BaseException) -> None:
        if self.on_failure is not None:
            self.on_failure(error)
        elif self.asyncio_loop.is_running():
            tell_asyncio(self.asyncio_loop, error)
        else:
            self.next_tick(_raise, (error,))        # whoever runs the loop will hear of it

    def on_idle(self) -> None:
        if self.on_quiet is not None:
            self.on_quiet()

    def end_with_asyncio(self) -> None:
        """Nobody calls `run`: close what is open when the asyncio loop, which runs now, ends."""
        self._until_the_end = at_end(self.abandon)

    def close(self) -> None:
        """The asyncio loop is closed: nothing of ours may stay open."""
        self.clear()
        super().close()


def _raise(error: BaseException) -> None:
    raise error


def tell_asyncio(asyncio_loop: asyncio.AbstractEventLoop, error: BaseException) -> None:
    """Nobody caught it: that is for the loop's exception handler."""
    asyncio_loop.call_exception_handler({"message": "Unhandled error in a netloop callback", "exception": error})


def _selector_loop(loop: OwnLoop) -> asyncio.AbstractEventLoop:
    import asyncio

    from .._engine.selector import Selector

    selector = Selector(loop)
    asyncio_loop = asyncio.SelectorEventLoop(selector)
    selector.attach(asyncio_loop)
    asyncio_loop.netloop = loop  # type: ignore[attr-defined]
    return asyncio_loop


def new_event_loop() -> asyncio.AbstractEventLoop:
    """An asyncio loop that does netloop's work at native speed: ``asyncio.Runner(loop_factory=new_event_loop)``."""
    loop = OwnLoop()
    loop.asyncio_loop.call_soon(loop.end_with_asyncio)
    return loop.asyncio_loop


# --- which loop is meant --------------------------------------------------------------------------------------------

_of_thread = threading.local()


def current() -> Loop:
    """The loop of the asyncio loop that runs in this thread, or the one that `run` will run here."""
    events = sys.modules.get("asyncio.events")
    running = events._get_running_loop() if events is not None else None
    if running is not None:
        loop = getattr(running, "netloop", None)
        return _embed(running) if loop is None else loop
    own: OwnLoop | None = getattr(_of_thread, "loop", None)
    if own is not None and not own.closed:
        return own
    _of_thread.loop = OwnLoop()
    if own is None:                     # the first of this thread
        remind_of(_of_thread.loop)
    return _of_thread.loop  # type: ignore[no-any-return]


def _embed(asyncio_loop: Any) -> Loop:
    from .embedded import EmbeddedLoop  # most programs have no use for it

    loop = asyncio_loop.netloop = EmbeddedLoop(asyncio_loop)
    return loop


assert issubclass(Loop, Poller)
