"""A listener that does not keep its object alive: of an iterator that a program forgot in the middle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakMethod

__all__ = ["weakly"]


def weakly(method: Callable[..., None]) -> Callable[..., None]:
    """A function that calls the method while its object is alive, and does nothing then."""
    reference = WeakMethod(method)

    def call(*arguments: Any) -> None:
        alive = reference()
        if alive is not None:
            alive(*arguments)

    return call
