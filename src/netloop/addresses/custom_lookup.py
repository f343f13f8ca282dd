"""The option `lookup`: the user's own function in place of the system's look-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentValueError, invalid_type, invalid_value
from ..ip import is_ip

if TYPE_CHECKING:
    from ..loop import Loop

__all__ = ["CustomLookup"]

Done = Callable[[Exception | None, list[tuple[str, int]]], object]


class CustomLookup:
    """A look-up by the user's function: ``lookup(hostname, callback, family=, hints=, all=)``, which may be ``async``.

    It calls back with ``(error)``, ``(None, address, family)`` or ``(None, addresses)``, each a pair of address and family.
    What it raises is its error.  Only the first answer counts.
    """

    def __init__(self, loop: Loop, function: Callable[..., Any], host: str, done: Done, family: int = 0, hints: int = 0,
                 every: bool = False) -> None:
        self._function = function
        self._question = {"family": family, "hints": hints, "all": every}
        self._host = host
        self._done: Done | None = done
        self._loop = loop
        loop.next_tick(self._start)

    def cancel(self) -> None:
        self._done = None

    def _start(self) -> None:
        if self._done is None:
            return
        try:
            result: Any = self._function(self._host, self._answer, **self._question)
        except Exception as error:
            self._answer(error)
            return
        if hasattr(result, "send") and hasattr(result, "throw"):
            self._loop.spawn(result, self._answer)

    def _answer(self, error: Any = None, address: Any = None, family: int | None = None) -> None:
        done, self._done = self._done, None
        if done is None:
            return
        try:
            addresses = _checked(error, address, family)
        except Exception as wrong:
            done(wrong, [])
        else:
            done(None, addresses)


def _checked(error: Any, address: Any, family: int | None) -> list[tuple[str, int]]:
    if isinstance(error, Exception):
        raise error
    if error is not None:
        raise invalid_type("error", "an exception or None from lookup", error)
    if isinstance(address, str):
        return [_checked_pair(address, family)]
    if not isinstance(address, list | tuple) or not address:
        raise _invalid("address", "an address, or a list of addresses with families, from lookup", address)
    for each in address:
        if not isinstance(each, list | tuple) or len(each) != 2:
            raise _invalid("address", "pairs of address and family from lookup", each)
    return [_checked_pair(*each) for each in address]


def _checked_pair(address: Any, family: Any) -> tuple[str, int]:
    actual = is_ip(address)
    if not actual:
        raise _invalid("address", "an IP address from lookup", address)
    if family not in (None, 0, actual):
        error = invalid_value("family", f"{actual} for {address}", family)
        error.code = "ERR_INVALID_ADDRESS_FAMILY"
        raise error
    return address, actual


def _invalid(name: str, expected: str, value: object) -> ArgumentValueError:
    error = invalid_value(name, expected, value)
    error.code = "ERR_INVALID_IP_ADDRESS"
    return error
