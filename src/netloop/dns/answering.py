"""Callback or await: how a function of `dns` gives its result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from ..errors import invalid_type
from ..loop import Loop
from .request import Done, Request

__all__ = ["Callback", "answer", "check_callback"]

Callback: TypeAlias = Callable[..., object]


def check_callback(callback: object) -> None:
    if callback is not None and not callable(callback):
        raise invalid_type("callback", "a function or None", callback)


def answer(loop: Loop, callback: Callback | None, start: Callable[[Done], Request], *, width: int = 0) -> Any:
    """``start(done)`` a request, and give its result to the callback or to a future.

    The callback gets ``(error, value)``; with `width`, the items of the value, which are as many, as arguments of their
    own.  It gets as many arguments when there was an error, so that a function with that many parameters always fits.
    It may be a coroutine function.
    """
    if callback is not None:
        start(_Caller(loop, callback, width))
        return None
    from ..stream.promise import promise

    future, settle = promise(loop, lambda: request.cancel())
    request = start(settle)
    return future


class _Caller:
    def __init__(self, loop: Loop, callback: Callback, width: int) -> None:
        self._loop = loop
        self._callback = callback
        self._width = width

    def __call__(self, error: Exception | None, value: Any = None) -> None:
        arguments: Sequence[Any] = (value,)
        if self._width:
            arguments = value if error is None else (None,) * self._width
        self._loop.call(self._callback, error, *arguments)
