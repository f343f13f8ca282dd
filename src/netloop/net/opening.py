"""Descriptors that come from outside: numbers, Python sockets, and objects of ours, adopted for good."""

from __future__ import annotations

import os
import socket
from typing import Any

from ..errors import invalid_type, invalid_value, out_of_range, system_error

__all__ = ["adopted_fd", "descriptor_of"]


def descriptor_of(fd: int | None, handle: Any) -> int:
    """The non-blocking descriptor behind the options `fd` and `handle`; its owner so far lets go of it."""
    return adopted_fd("fd" if handle is None else "handle", fd if handle is None else handle)


def adopted_fd(name: str, source: Any) -> int:
    """Take over the descriptor of a number, or of a Python socket.

    Raises ArgumentTypeError, ArgumentValueError (ERR_OUT_OF_RANGE, ERR_INVALID_FD_TYPE when it is no stream socket),
    OSError (EBADF, ...); the owner keeps it then.
    """
    if isinstance(source, int) and not isinstance(source, bool):
        if source < 0:
            raise out_of_range(name, ">= 0", source)
        _check_kind(name, source)
        fd = source
    elif isinstance(source, socket.socket):
        _check_kind(name, source.fileno())
        fd = source.detach()
    else:
        raise invalid_type(name, "a descriptor or a socket", source)
    os.set_blocking(fd, False)
    return fd


def _check_kind(name: str, fd: int) -> None:
    try:
        python_socket = socket.socket(fileno=fd)
    except OSError as error:
        raise system_error(error.errno or 0, "open") from error
    kind = python_socket.type
    python_socket.detach()
    if kind != socket.SOCK_STREAM:
        wrong = invalid_value(name, "a stream socket", fd)
        wrong.code = "ERR_INVALID_FD_TYPE"
        raise wrong
