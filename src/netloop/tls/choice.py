"""Choice: which certificate and which protocol a server answers a ClientHello with; callbacks may take their time."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from ..errors import AbortError, ArgumentTypeError, NetloopError, invalid_type
from ..events.listener import call_fitting
from .alpn import NO_APPLICATION_PROTOCOL, choose
from .secure_context import SecureContext

if TYPE_CHECKING:
    from asyncio import Task

    from .client_hello import ClientHello
    from .handshake import Handshake
    from .options import TLSOptions
    from .socket import TLSSocket

__all__ = ["Choice", "NoApplicationProtocolError", "protocols_in_common"]

_INTERNAL_ERROR = b"\x15\x03\x03\x00\x02\x02\x50"       # an alert, before anything is encrypted


class NoApplicationProtocolError(NetloopError, ConnectionError):
    """The client and the server have no protocol in common."""

    code = "ERR_SSL_NO_APPLICATION_PROTOCOL"


def protocols_in_common(options: TLSOptions, offered: tuple[bytes, ...]) -> tuple[bytes, ...] | None:
    """What a server without an ALPN callback agrees to: at most one protocol; None: there is none in common."""
    if not options.protocols or not offered:
        return ()
    protocol = choose(options.protocols, offered)
    return None if protocol is None else (protocol,)


class Choice:
    """The choice when there are callbacks to ask.  It ends in ``handshake._chosen()`` or ``handshake._refuse()``."""

    if TYPE_CHECKING:
        _handshake: Handshake
        _socket: TLSSocket
        _options: TLSOptions
        _name: str | None
        _offered: tuple[bytes, ...]
        _context: SecureContext
        _task: Task[None] | None        # of a callback that is a coroutine function

    def __init__(self, handshake: Handshake, socket: TLSSocket, options: TLSOptions, hello: ClientHello) -> None:
        self._handshake = handshake
        self._socket = socket
        self._options = options
        self._name, self._offered = hello
        self._context = options.context
        self._task = None

    def begin(self) -> None:
        name = self._name
        if self._options.sni_callback is not None and name is not None:
            self._ask(self._options.sni_callback, (name,), self._named, with_callback=True)
        else:
            if name is not None:
                self._context = self._socket._context_for(name) or self._context
            self._choose_protocol()

    def _named(self, error: Exception | None, context: Any) -> None:
        """What the SNI callback answered; None: the default."""
        self._task = None
        if error is not None:
            self._handshake._refuse(error, _INTERNAL_ERROR)
        elif context is not None and not isinstance(context, SecureContext):
            error = ArgumentTypeError(f"sni_callback must answer a SecureContext or None; got {context!r}",
                                      "ERR_TLS_INVALID_CONTEXT")
            self._handshake._refuse(error, _INTERNAL_ERROR)
        else:
            if context is not None:
                self._context = context
            self._choose_protocol()

    def _choose_protocol(self) -> None:
        offered, options = self._offered, self._options
        if offered and options.alpn_callback is not None:
            names = [name.decode("latin-1") for name in offered]
            self._ask(options.alpn_callback, (self._name or "", names), self._answered)
        else:
            self._finish(protocols_in_common(options, offered))

    def _answered(self, error: Exception | None, answer: Any) -> None:
        """What the ALPN callback answered; None: refuse."""
        self._task = None
        protocol = answer.encode("latin-1", "backslashreplace") if isinstance(answer, str) else answer
        if error is None and protocol is not None and protocol not in self._offered:
            error = ArgumentTypeError("alpn_callback must answer one of the protocols that it got, or None; "
                                      f"got {answer!r}", "ERR_TLS_ALPN_CALLBACK_INVALID_RESULT")
        if error is not None:
            self._handshake._refuse(error, NO_APPLICATION_PROTOCOL)
        else:
            self._finish(None if protocol is None else (protocol,))

    def _finish(self, protocols: tuple[bytes, ...] | None) -> None:
        """The protocol, if one is spoken; None: there is none in common."""
        if protocols is None:
            self._handshake._refuse(NoApplicationProtocolError("no application protocol in common"),
                                    NO_APPLICATION_PROTOCOL)
        else:
            self._handshake._chosen(self._context, protocols)

    def cancel(self) -> None:
        """The handshake is over: nobody waits for an answer."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def _ask(self, function: Callable[..., Any], arguments: tuple[Any, ...],
             answer: Callable[[Exception | None, Any], None], with_callback: bool = False) -> None:
        """Call `function`, and `answer` once with (error, result): what it, or its coroutine, returns or calls back with."""
        socket = self._socket
        answered = False

        def once(error: Exception | None = None, result: Any = None) -> None:
            nonlocal answered
            if not answered and not socket.destroyed:
                answered = True
                if error is not None and not isinstance(error, Exception):
                    error = invalid_type("the error of a callback", "an exception or None", error)
                answer(error, result)

        async def wait(coroutine: Coroutine[Any, Any, Any]) -> None:
            from asyncio import CancelledError
            try:
                once(None, await coroutine)
            except CancelledError as cancelled:     # not by us, or nobody listens any more
                once(AbortError("a callback of the handshake was cancelled", cancelled))
                raise
            except Exception as error:
                once(error)

        try:
            result = call_fitting(function, (*arguments, once) if with_callback else arguments)
        except Exception as error:
            once(error)
            return
        if isinstance(result, Coroutine):
            self._task = socket._loop.spawn(wait(result))
        elif result is not None or not with_callback:
            once(None, result)
