"""Events: emitters and their listeners.  Source: https://nodejs.org/api/events.html"""

from __future__ import annotations

from .emitter import EventEmitter, capture_rejection_symbol, error_monitor

__all__ = ["EventEmitter", "error_monitor", "capture_rejection_symbol"]

default_max_listeners: float = 10
capture_rejections: bool = True
