"""Descriptors that come from outside: numbers, Python sockets, and objects of ours, adopted for good."""

from __future__ import annotations

import os
import socket
from typing import Any

from ..errors import invalid_type, out_of_range, system_error

__all__ = ["adopted_fd", "descriptor_of"]


def descriptor_of(fd: int | None, handle: Any) -> int:
    """The non-blocking descriptor behind the options `fd` and `handle`; its owner so far lets go of it."""
    return adopted_fd("fd" if handle is None else "handle", fd if handle is None else handle)


def adopted_fd(name: str, source: Any) -> int:
    """Take over the descriptor of a number, of a Python socket, or of anything with `detach()`."""
    if isinstance(source, bool) or source is None:
        raise invalid_type(name, "a descriptor or a socket", source)
    if isinstance(source, int):
        if source < 0:
            raise out_of_range(name, ">= 0", source)
        fd = source
    elif hasattr(source, "detach") and hasattr(source, "fileno"):
        fd = source.detach()
    else:
        raise invalid_type(name, "a descriptor or a socket", source)
    try:
        os.set_blocking(fd, False)
        socket.socket(fileno=fd).detach()       # refuses what is no socket
    except OSError as error:
        raise system_error(error.errno or 0, "open") from error
    return fd
