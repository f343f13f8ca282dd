"""netloop: Node's networking model for Python, at the speed of the kernel.

    from netloop import net, run

    server = net.create_server(lambda socket: socket.pipe(socket))
    server.listen(8124)
    run()

Everything here is loaded when it is first used, so that ``import netloop`` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _modules

_modules.install()

from ._on_demand import names_on_demand  # noqa: E402  (only now are the compiled modules guarded)

if TYPE_CHECKING:
    from . import dgram, diagnostics, dns, errors, events, http, https, net, stream, testing, timers, tls, websocket
    from .events import AbortController, AbortSignal, EventEmitter
    from .loop import active_handles, new_event_loop, next_tick, run
    from .timers import clear_immediate, clear_interval, clear_timeout, set_immediate, set_interval, set_timeout
    from .websocket import WebSocket

__version__ = "0.1.0"

__all__ = [
    "run", "next_tick", "active_handles", "new_event_loop",
    "set_timeout", "clear_timeout", "set_interval", "clear_interval", "set_immediate", "clear_immediate",
    "EventEmitter", "AbortController", "AbortSignal", "WebSocket",
    "dgram", "diagnostics", "dns", "errors", "events", "http", "https", "net", "stream", "testing", "timers", "tls",
    "websocket",
]

if not TYPE_CHECKING:       # a checker would take it for any name at all, misspelled ones too
    __getattr__ = names_on_demand(__name__, {
        "run": "loop", "next_tick": "loop", "active_handles": "loop", "new_event_loop": "loop",
        "set_timeout": "timers", "clear_timeout": "timers", "set_interval": "timers", "clear_interval": "timers",
        "set_immediate": "timers", "clear_immediate": "timers",
        "EventEmitter": "events", "AbortController": "events", "AbortSignal": "events",
        "WebSocket": "websocket",
        "dgram": "dgram", "diagnostics": "diagnostics", "dns": "dns", "errors": "errors", "events": "events",
        "http": "http", "https": "https", "net": "net", "stream": "stream", "testing": "testing", "timers": "timers",
        "tls": "tls", "websocket": "websocket",
    })


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
