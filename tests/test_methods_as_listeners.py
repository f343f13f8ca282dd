"""Every public method that needs no arguments is a listener for any event: it gets as many arguments as it takes.

In Node ``socket.on("data", other.pause)`` works because JavaScript leaves out what nobody takes.  So must compiled methods.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from netloop import dgram, http, https, net, stream, tls, websocket
from netloop.events import EventEmitter, EventEmitterAsyncResource
from netloop.websocket import WebSocket, WebSocketServer

CO_COROUTINE = 0x80

MAKERS: dict[type, Callable[[], Any]] = {
    EventEmitter: EventEmitter,
    EventEmitterAsyncResource: EventEmitterAsyncResource,
    stream.Readable: lambda: stream.Readable(read=lambda size: None),
    stream.Writable: lambda: stream.Writable(write=lambda chunk, encoding, done: done()),
    stream.Duplex: lambda: stream.Duplex(read=lambda size: None, write=lambda chunk, encoding, done: done()),
    stream.Transform: lambda: stream.Transform(transform=lambda chunk, encoding, done: done(None, chunk)),
    stream.PassThrough: stream.PassThrough,
    net.Server: net.Server,
    net.Socket: net.Socket,
    dgram.Socket: lambda: dgram.Socket("udp4"),
    tls.Server: tls.Server,
    tls.TLSSocket: lambda: tls.TLSSocket(stream.PassThrough()),
    http.Server: http.Server,
    http.IncomingMessage: http.IncomingMessage,
    http.ServerResponse: lambda: http.ServerResponse(http.IncomingMessage()),
    http.ClientRequest: lambda: http.request("http://localhost", agent=http.Agent(), create_connection=stream.PassThrough),
    http.Agent: http.Agent,
    https.Server: https.Server,
    https.Agent: https.Agent,
    WebSocket: WebSocket,
    WebSocketServer: lambda: WebSocketServer(no_server=True),
}
MODULES = [dgram, http, https, net, stream, tls, websocket]
ABSTRACT = {stream.Stream, http.OutgoingMessage}
TO_BE_AWAITED = {"to_array", "get_connections"}


def methods_without_required_arguments() -> Iterator[Any]:
    for made in MAKERS:
        for name in dir(made):
            function = inspect.getattr_static(made, name)
            code = getattr(function, "__code__", None)
            is_public = not name.startswith("_") and name not in TO_BE_AWAITED
            if is_public and code is not None and not code.co_flags & CO_COROUTINE:
                defaults = _defaults(function)
                if defaults is not None:
                    label = f"{made.__module__.removeprefix('netloop.')}.{made.__name__}.{name}"
                    yield pytest.param(made, name, defaults, id=label)


def _defaults(function: Any) -> list[Any] | None:
    """The defaults of the parameters by position; None if there is one without a default, or any number of them."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    positional = [each for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    takes_any = any(each.kind is each.VAR_POSITIONAL for each in parameters)
    if takes_any or any(each.default is each.empty for each in positional):
        return None
    return [each.default for each in positional]


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(("made", "name", "defaults"), list(methods_without_required_arguments()))
def test_a_method_that_needs_no_arguments_listens_to_any_event(
    made: type, name: str, defaults: list[Any], count: int
) -> None:
    surplus = [object()] * count
    emitter = EventEmitter().on("event", getattr(MAKERS[made](), name))
    try:
        emitter.emit("event", *(defaults + surplus)[:count])
    except Exception as error:
        if not getattr(error, "code", None):    # one of Python's calls, and no refusal of ours
            raise


def test_every_public_emitter_is_among_them() -> None:
    public = [getattr(module, name) for module in MODULES for name in module.__all__]
    emitters = {each for each in public if isinstance(each, type) and issubclass(each, EventEmitter)}
    assert emitters - ABSTRACT <= set(MAKERS)
