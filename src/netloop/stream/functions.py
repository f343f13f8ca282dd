"""What kind of function a user handed to a stream, and whether it takes a signal.

The code object answers, also for compiled functions, so that the slow `inspect` is not needed.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

from ..errors import invalid_type

__all__ = ["check_function", "is_async_generator_function", "is_coroutine_function", "is_generator_function",
           "takes_signal"]

# Bits of co_flags, as `inspect` names them.
CO_GENERATOR = 0x20
CO_COROUTINE = 0x80
CO_ASYNC_GENERATOR = 0x200


def check_function(name: str, function: object) -> Callable[..., Any]:
    """The function, or ArgumentTypeError (ERR_INVALID_ARG_TYPE) if it is none; `name` is for the message."""
    if not callable(function):
        raise invalid_type(name, "a function", function)
    return function


def is_coroutine_function(function: object) -> bool:
    """Whether calling it gives a coroutine: ``async def`` without ``yield``."""
    return _has_flag(function, CO_COROUTINE)


def is_async_generator_function(function: object) -> bool:
    """Whether calling it gives an async generator: ``async def`` with ``yield``."""
    return _has_flag(function, CO_ASYNC_GENERATOR)


def is_generator_function(function: object) -> bool:
    """Whether calling it gives a generator: ``def`` with ``yield``."""
    return _has_flag(function, CO_GENERATOR)


def takes_signal(function: object) -> bool:
    """Whether it has a parameter named `signal`: then it gets an AbortSignal there.

    Node hands every such function an object with a signal, which JavaScript functions may ignore; Python's
    may not.
    """
    code = _code(function)
    if code is None:
        return False
    count = code.co_argcount + code.co_kwonlyargcount
    return "signal" in code.co_varnames[:count]


def _has_flag(function: object, flag: int) -> bool:
    code = _code(function)
    return code is not None and bool(code.co_flags & flag)


def _code(function: object) -> CodeType | None:
    """The code of a function, a method, a `functools.partial` of one, or an object with ``__call__``."""
    while hasattr(function, "func") and hasattr(function, "keywords"):
        function = function.func
    code = getattr(function, "__code__", None)
    if code is None and callable(function) and not isinstance(function, type):
        code = getattr(type(function).__call__, "__code__", None)
    return code
