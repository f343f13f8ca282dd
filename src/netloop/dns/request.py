"""What every question has in common, whoever answers it: it keeps the loop alive, and ends once."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic_ns
from typing import Any, TypeAlias

from ..loop import Loop
from ..loop.origin import caller

__all__ = ["Done", "Request"]

Done: TypeAlias = Callable[[Exception | None, Any], object]


class Request:
    """A question under way.  It ends in ``done(error, value)``, on a later tick, or is cancelled."""

    def __init__(self, loop: Loop, description: str, done: Done) -> None:
        self.origin = caller()
        self._loop = loop
        self._description = description
        self._done: Done | None = done
        self._started = monotonic_ns()
        loop.start_request(self)

    def cancel(self) -> None:
        """Nobody is interested any more: `done` is not called."""
        self._done = None
        self._loop.end_request(self)

    def on_abandon(self) -> None:
        self.cancel()

    def describe(self) -> str:
        return self._description

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._description}{'' if self._done is not None else ', over'}>"

    @property
    def _over(self) -> bool:
        return self._done is None

    def _elapsed_ms(self) -> float:
        return round((monotonic_ns() - self._started) / 1e6, 3)

    def _end(self, error: Exception | None, value: Any = None) -> None:
        done, self._done = self._done, None
        if done is not None:
            self._loop.end_request(self)
            done(error, value)
