"""netloop: Node's networking model for Python, at the speed of the kernel.

    from netloop import net, run

    server = net.create_server(lambda socket: socket.pipe(socket))
    server.listen(8124)
    run()

Everything here is loaded when it is first used, so that ``import netloop`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import _modules

_modules.install()

if TYPE_CHECKING:
    from . import diagnostics, errors, events, net, stream, testing, timers
    from .events import AbortController, AbortSignal, EventEmitter
    from .loop import active_handles, new_event_loop, next_tick, run
    from .timers import clear_immediate, clear_interval, clear_timeout, set_immediate, set_interval, set_timeout

__version__ = "0.1.0"

_MODULES = ("diagnostics", "errors", "events", "net", "stream", "testing", "timers")
_HOME = {
    "run": "loop", "next_tick": "loop", "active_handles": "loop", "new_event_loop": "loop",
    "set_timeout": "timers", "clear_timeout": "timers", "set_interval": "timers", "clear_interval": "timers",
    "set_immediate": "timers", "clear_immediate": "timers",
    "EventEmitter": "events", "AbortController": "events", "AbortSignal": "events",
}

__all__ = [*_MODULES, *_HOME, "__version__"]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f".{name}", __name__)
    if name in _HOME:
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
