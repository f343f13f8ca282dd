"""AbortController and AbortSignal: tell many operations that nobody wants them any more.

    controller = AbortController()
    socket = net.connect(8124, signal=controller.signal)
    controller.abort()

A signal that depends on others (`AbortSignal.any`) or on the clock (`AbortSignal.timeout`) is often made for
one request, while what it depends on lives longer.  So that holds it weakly, and strongly only while somebody
listens to it: a signal that was forgotten leaves nothing behind, and one that is listened to aborts although
nobody else holds it.

Source: https://nodejs.org/api/globals.html#class-abortcontroller
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol, Self
from weakref import WeakValueDictionary

from ..errors import AbortError, ArgumentTypeError, invalid_type
from .abort_trigger import Clock, Foreign, Trigger
from .event import Event
from .listener import call_fitting
from .target import Entry, EventHandler, EventTarget

if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["AbortController", "AbortSignal", "AbortSubscription", "Signal", "add_abort_listener",
           "check_signal"]

_KEY = object()     # only this module makes signals


class Signal(Protocol):
    """What the option `signal` takes everywhere: an `AbortSignal`, or anything with these members."""

    @property
    def aborted(self) -> bool: ...
    @property
    def reason(self) -> Any: ...
    def add_event_listener(self, type: str, listener: Callable[[Any], object], /) -> object: ...
    def remove_event_listener(self, type: str, listener: Callable[[Any], object], /) -> object: ...


class AbortController:
    """Aborts the operations that were given its `signal`."""

    def __init__(self) -> None:
        self.signal = AbortSignal(_KEY)

    def abort(self, reason: Any = None) -> None:
        """Abort, with an `AbortError` as the reason unless another is given.  Only the first call counts."""
        self.signal._abort(reason)


class AbortSignal(EventTarget):
    """Whether an operation shall be aborted, and why.  A controller has one, static methods make others.

    Attributes:
        aborted: whether it has aborted.
        reason: why; None before.
        onabort: a listener for the event, or None.

    Events:
        abort (Event): it aborts; at most once.
    """

    onabort = EventHandler("abort")

    _max_listeners = 0      # one signal may well stop a thousand operations

    def __init__(self, key: object = None, sources: Iterable[AbortSignal] = ()) -> None:
        if key is not _KEY:
            raise ArgumentTypeError("AbortSignal cannot be called; take the signal of an AbortController",
                                    "ERR_ILLEGAL_CONSTRUCTOR")
        self.aborted = False
        self.reason: Any = None
        self._sources = list(sources)       # the signals that abort this one
        self._triggers: list[Trigger] = []  # what else aborts it
        self._dependents: WeakValueDictionary[int, AbortSignal] | None = None   # in the order they were made
        self._kept: set[AbortSignal] = set()  # the dependents that are listened to
        for source in self._sources:
            if source._dependents is None:
                source._dependents = WeakValueDictionary()
            source._dependents[id(self)] = self

    @staticmethod
    def abort(reason: Any = None) -> AbortSignal:
        """A signal that has aborted already."""
        signal = AbortSignal(_KEY)
        signal._abort(reason)
        return signal

    @staticmethod
    def timeout(delay: float | timedelta) -> AbortSignal:
        """A signal that aborts in `delay` milliseconds, with a `TimeoutError` whose `code` is TIMEOUT_ERR.

        The clock does not keep the loop alive.
        """
        signal = AbortSignal(_KEY)
        signal._triggers.append(Clock(signal, delay))
        return signal

    @staticmethod
    def any(signals: Iterable[Signal]) -> AbortSignal:
        """A signal that aborts as soon as one of `signals` does, with the same reason."""
        given = [check_signal("signals", signal) for signal in signals]
        for signal in given:
            if signal.aborted:
                return AbortSignal.abort(signal.reason)
        dependent = AbortSignal(_KEY, (signal for signal in given if isinstance(signal, AbortSignal)))
        for signal in given:
            if not isinstance(signal, AbortSignal):
                dependent._triggers.append(Foreign(dependent, signal))
        return dependent

    def throw_if_aborted(self) -> None:
        """Raise the reason, if the signal has aborted; as `cause` of an AbortError if it is no exception."""
        if self.aborted:
            raise self.reason if isinstance(self.reason, BaseException) else AbortError(cause=self.reason)

    def _abort(self, reason: Any = None) -> None:
        if self.aborted:
            return
        if reason is None:
            reason = AbortError("This operation was aborted")
        signals = [signal for signal in self._with_dependents() if not signal.aborted]
        # All of them know before the first listener runs: it may look at any of them.
        for signal in signals:
            signal.aborted, signal.reason = True, reason
        for signal in signals:
            event = Event("abort")
            event.is_trusted = True
            signal.dispatch_event(event)
            for trigger in signal._triggers:
                trigger.stop()
            signal._consider_keeping()

    def _with_dependents(self) -> list[AbortSignal]:
        found = {self: None}
        for dependent in [] if self._dependents is None else list(self._dependents.values()):
            found.update(dict.fromkeys(dependent._with_dependents()))
        return list(found)

    # --- life ----------------------------------------------------------------------------------------------

    def _add(self, type: str, entry: Entry) -> bool:
        added = super()._add(type, entry)
        self._consider_keeping()
        return added

    def _remove(self, type: str, entry: Entry) -> None:
        super()._remove(type, entry)
        self._consider_keeping()

    def _consider_keeping(self) -> None:
        """Let what can abort this signal hold it, while it matters that it does."""
        wanted = not self.aborted and bool(self._entries or self._kept)
        for source in self._sources:
            (source._kept.add if wanted else source._kept.discard)(self)
            source._consider_keeping()
        for trigger in self._triggers:
            trigger.kept = self if wanted else None

    def __repr__(self) -> str:
        return f"<AbortSignal {f'aborted: {self.reason!r}' if self.aborted else 'not aborted'}>"


class AbortSubscription:
    """What `add_abort_listener` returns: `dispose`, or the end of a ``with`` block, removes the listener."""

    def __init__(self, dispose: Callable[[], object]) -> None:
        self._dispose: Callable[[], object] | None = dispose

    def dispose(self) -> None:
        """Remove the listener, if it is still there."""
        dispose, self._dispose = self._dispose, None
        if dispose is not None:
            dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.dispose()


def add_abort_listener(signal: Signal, listener: Callable[[Any], object]) -> AbortSubscription:
    """Call `listener` once, with the event, when `signal` aborts; on the next tick if it has aborted already.

    No other listener can prevent it with ``event.stop_immediate_propagation()``.

    Raises:
        ArgumentTypeError: `signal` is none, or `listener` is not callable (ERR_INVALID_ARG_TYPE).

    Source: https://nodejs.org/api/events.html#eventsaddabortlistenersignal-listener
    """
    check_signal("signal", signal)
    if not callable(listener):
        raise invalid_type("listener", "callable", listener)
    if signal.aborted:
        from ..loop import next_tick

        pending = [listener]
        next_tick(lambda: pending and call_fitting(pending.pop(), (Event("abort"),)))
        return AbortSubscription(pending.clear)
    if not isinstance(signal, AbortSignal):
        signal.add_event_listener("abort", listener)
        return AbortSubscription(lambda: signal.remove_event_listener("abort", listener))
    entry = Entry(listener, once=True, unstoppable=True)
    signal._add("abort", entry)
    return AbortSubscription(lambda: signal._remove("abort", entry))


def check_signal(name: str, signal: Any) -> Any:
    """The signal itself; ArgumentTypeError (ERR_INVALID_ARG_TYPE) if it is none."""
    for member in ("aborted", "reason", "add_event_listener", "remove_event_listener"):
        if not hasattr(signal, member):
            raise invalid_type(name, "an AbortSignal", signal)
    return signal
