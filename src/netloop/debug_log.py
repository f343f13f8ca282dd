"""The debug log: ``NETLOOP_DEBUG=net,http python app.py`` prints a line for each message of those modules' channels.

    0.013 net.connect.start      <Socket connecting to localhost:8124> target=localhost:8124
    0.014 net.connect.end        <Socket 127.0.0.1:40612 to 127.0.0.1:8124> target=localhost:8124 elapsed=0.4 ms
    0.015 socket.read            <Socket 127.0.0.1:50412 to 127.0.0.1:8124> 7 bytes

The time is in seconds since the log was started.  A name without channels prints nothing.
"""

from __future__ import annotations

import sys
import time
from typing import Any, TextIO

__all__ = ["start"]

# The names of a module's channels, where they do not all begin with its own.
GROUPS = {"*": ("*",), "net": ("net.*", "socket.*")}


def start(modules: str, stream: TextIO | None = None) -> None:
    """Print what the channels of these modules say; `modules` is a list with commas, or ``*`` for all."""
    from .diagnostics import subscribe

    log = DebugLog(stream)
    names = dict.fromkeys(name.strip() for name in modules.split(","))
    patterns = [pattern for name in names if name for pattern in GROUPS.get(name, (f"{name}.*",))]
    for pattern in dict.fromkeys(["*"] if "*" in patterns else patterns):
        subscribe(pattern, log.write)


class DebugLog:
    """Writes a line for each message, with the seconds since it was made."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._started = time.monotonic()

    def write(self, message: dict[str, Any], name: str) -> None:
        details = " ".join(_detail(key, value) for key, value in message.items())
        elapsed = time.monotonic() - self._started
        stream = self._stream or sys.stderr
        try:
            if stream is not None:
                print(f"{elapsed:9.3f} {name:22} {details}", file=stream)
        except (OSError, ValueError):       # nobody reads it any more: no reason for the program to end
            pass


def _detail(key: str, value: object) -> str:
    if key in ("socket", "server"):
        return repr(value)
    if key == "size":
        return f"{value} bytes"
    if key.endswith("_ms"):
        return f"{key.removesuffix('_ms')}={value} ms"
    if isinstance(value, BaseException):
        return f"{key}={type(value).__name__}: {value}"
    return f"{key}={value}"
