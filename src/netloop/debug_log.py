"""The debug log: ``NETLOOP_DEBUG=net,http python app.py`` prints a line for each message of those modules' channels.

    0.013 net.connect.start      <Socket connecting to localhost:8124>
    0.014 net.connect.end        <Socket 127.0.0.1:50412 to 127.0.0.1:8124> after 0.4 ms
    0.015 net.socket.read        <Socket 127.0.0.1:50412 to 127.0.0.1:8124> 7 bytes
"""

from __future__ import annotations

import sys
import time
from typing import Any, TextIO

__all__ = ["start"]


def start(modules: str, stream: TextIO | None = None) -> None:
    """Print what the channels of these modules say; `modules` is a list with commas, or ``*`` for all."""
    from .diagnostics import subscribe

    log = DebugLog(stream)
    for module in modules.split(","):
        name = module.strip()
        if name:
            subscribe("*" if name == "*" else f"{name}.*", log.write)


class DebugLog:
    """Writes a line for each message, with the seconds since it was made."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._started = time.monotonic()

    def write(self, message: dict[str, Any], name: str) -> None:
        details = " ".join(_detail(key, value) for key, value in message.items())
        elapsed = time.monotonic() - self._started
        print(f"{elapsed:9.3f} {name:22} {details}", file=self._stream or sys.stderr)


def _detail(key: str, value: object) -> str:
    if key in ("socket", "server"):
        return repr(value)
    if key == "size":
        return f"{value} bytes"
    if key.endswith("_ms"):
        return f"{key.removesuffix('_ms')} {value} ms"
    return f"{key}={value}"
