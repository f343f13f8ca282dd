"""The option `verify_client` in its three forms: of one argument, with a callback, and as a coroutine function."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from .._engine.arity import most_arguments
from ..events.listener import call_fitting
from ..loop import current
from .errors import HandshakeError
from .server_handshake import UpgradeRequest

if TYPE_CHECKING:
    from ..stream.duplex import Duplex

__all__ = ["ClientInfo", "verify", "is_coroutine_listener"]

_COROUTINE = 0x80       # CO_COROUTINE of a code object's flags


class ClientInfo(NamedTuple):
    """Who wants to connect."""

    origin: str | None
    secure: bool
    request: Any


def verify(function: Callable[..., Any], request: Any, asked: UpgradeRequest, socket: Duplex,
           proceed: Callable[[HandshakeError | None], object]) -> None:
    """Ask `function`, and ``proceed(error_or_none)`` once it has answered."""
    info = ClientInfo(asked.origin, bool(getattr(socket, "encrypted", False)), request)
    if most_arguments(function) >= 2:
        function(info, lambda *answer: call_fitting(_answer, (proceed, *answer)))
        return
    result = function(info)
    if isinstance(result, Coroutine):
        current().spawn(_wait(result, proceed))
    else:
        _answer(proceed, result)


async def _wait(answer: Coroutine[Any, Any, Any], proceed: Callable[[HandshakeError | None], object]) -> None:
    _answer(proceed, await answer)


def _answer(proceed: Callable[[HandshakeError | None], object], accepted: Any, status: int = 401,
            message: str = "the client was not accepted", headers: Mapping[str, str] | None = None) -> None:
    proceed(None if accepted else HandshakeError(message, status, headers))


def is_coroutine_listener(listener: Any) -> bool:
    """Whether it is a coroutine function, or a method that is one."""
    code = getattr(getattr(listener, "__func__", listener), "__code__", None)
    return code is not None and bool(code.co_flags & _COROUTINE)
