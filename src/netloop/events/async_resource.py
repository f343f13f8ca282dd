"""EventEmitterAsyncResource: an emitter whose listeners run in the context in which it was made.

Node's async resources carry `AsyncLocalStorage` along; Python has `contextvars` for that.  Whoever emits, for
instance a connection pool on behalf of another request, the listeners see their own variables.

Source: https://nodejs.org/api/events.html#class-eventseventemitterasyncresource-extends-eventemitter
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextvars import ContextVar, copy_context
from itertools import count
from typing import Any, TypeVar

from .emitter import EventEmitter

__all__ = ["AsyncResource", "EventEmitterAsyncResource"]

T = TypeVar("T")

_ids = count(2)     # 1 is the program itself, as in Node
_running: ContextVar[int] = ContextVar("netloop.events.async_id", default=1)


class AsyncResource:
    """The context of an operation, and its number.

    Attributes:
        event_emitter: the emitter it belongs to.
    """

    def __init__(self, name: str, event_emitter: EventEmitter, trigger_async_id: int | None = None) -> None:
        self.name = name
        self.event_emitter = event_emitter
        self._async_id = next(_ids)
        self._trigger_async_id = _running.get() if trigger_async_id is None else trigger_async_id
        self._context = copy_context()
        self._context.run(_running.set, self._async_id)

    def async_id(self) -> int:
        """The number of this resource."""
        return self._async_id

    def trigger_async_id(self) -> int:
        """The number of the resource in whose context this one was made."""
        return self._trigger_async_id

    def run_in_async_scope(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function in the context of this resource."""
        # A copy, because a context cannot be entered again while it is active, and emissions may nest.
        return self._context.copy().run(function, *arguments)

    def __repr__(self) -> str:
        return f"<AsyncResource {self.name} {self._async_id}>"


class EventEmitterAsyncResource(EventEmitter):
    """An EventEmitter that calls its listeners in the `contextvars` context in which it was made.

    Parameters:
        name: what kind of operation it is, for people; by default the name of the class.
        trigger_async_id: the number of the resource that caused it; by default the one that is running.
        capture_rejections: as for `EventEmitter`.
    """

    def __init__(
        self, *, name: str | None = None, trigger_async_id: int | None = None,
        capture_rejections: bool | None = None,
    ) -> None:
        super().__init__(capture_rejections=capture_rejections)
        self.async_resource = AsyncResource(name or type(self).__name__, self, trigger_async_id)

    @property
    def async_id(self) -> int:
        """The number of the resource."""
        return self.async_resource.async_id()

    @property
    def trigger_async_id(self) -> int:
        """The number of the resource in whose context the emitter was made."""
        return self.async_resource.trigger_async_id()

    def emit(self, event: Hashable, *arguments: Any) -> bool:
        """As `EventEmitter.emit`, in the context of the resource."""
        return self.async_resource.run_in_async_scope(super().emit, event, *arguments)

    def emit_destroy(self) -> None:
        """Node calls destroy hooks here; Python has none, and a context needs no end."""
