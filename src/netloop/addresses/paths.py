"""Paths of UNIX sockets: in the file system, or abstract names of Linux, which begin with a NUL."""

from __future__ import annotations

import os
import sys
from typing import Any, NamedTuple

from ..errors import invalid_type, invalid_value, unavailable

__all__ = ["SocketFile", "is_abstract", "path_of", "shown"]

LONGEST = 107 if sys.platform == "linux" else 103       # bytes in sun_path, but for the NUL at the end


def path_of(path: Any) -> str | bytes:
    """A path argument checked: str, bytes or `os.PathLike`; an abstract name stays as it is.

    Raises ArgumentTypeError, ArgumentValueError (ERR_INVALID_ARG_VALUE) when it is empty or too long for the system.
    """
    if not isinstance(path, str | bytes | os.PathLike):
        raise invalid_type("path", "a str, bytes or path", path)
    plain: str | bytes = os.fspath(path)
    try:
        encoded = os.fsencode(plain)
    except UnicodeEncodeError:
        raise invalid_value("path", "text that the names of files can be encoded from", path) from None
    if not encoded:
        raise invalid_value("path", "not empty", path)
    if encoded[0] == 0:
        if sys.platform != "linux":
            raise unavailable("an abstract UNIX socket name", "only Linux has them")
        if len(encoded) > LONGEST + 1:
            raise invalid_value("path", f"at most {LONGEST} bytes after the NUL", path)
    elif b"\0" in encoded:
        raise invalid_value("path", "without a NUL inside", path)
    elif len(encoded) > LONGEST:
        raise invalid_value("path", f"at most {LONGEST} bytes, which is what the system takes", path)
    return plain


def is_abstract(path: str | bytes) -> bool:
    """Whether this names no file."""
    return os.fsencode(path).startswith(b"\0")


def shown(path: str | bytes) -> str:
    """A path for people: an abstract name begins with ``@``."""
    text = os.fsdecode(path)
    return "@" + text[1:] if text.startswith("\0") else text


class SocketFile(NamedTuple):
    """The file of a UNIX socket that we bound, and must remove: until somebody else has put his own in its place."""

    path: str | bytes
    device: int
    inode: int

    @classmethod
    def of(cls, path: str | bytes) -> SocketFile | None:
        """The file that bind() has just made; None for an abstract name."""
        if is_abstract(path):
            return None
        status = os.stat(path)
        return cls(path, status.st_dev, status.st_ino)

    def remove(self) -> None:
        try:
            status = os.stat(self.path)
            if (status.st_dev, status.st_ino) == (self.device, self.inode):
                os.unlink(self.path)
        except OSError:
            pass                        # somebody was faster, or took our rights away
