"""KeyLog: the secrets of a handshake, for tools that decrypt what they captured.

`ssl` writes them to a file, and nowhere else.  So a context gets a file of ours for the time of a handshake.  OpenSSL
works only while we call it: what a step of a handshake writes to the file belongs to that handshake, and what was there
before it to others, whom nobody listens to.
"""

from __future__ import annotations

import os
import ssl
from typing import Any
from weakref import WeakKeyDictionary

__all__ = ["KeyLog"]

_open: WeakKeyDictionary[ssl.SSLContext, KeyLog] = WeakKeyDictionary()


class KeyLog:
    """The file of a context, shared by the handshakes that are under way with it."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._users = 0
        self._file: Any = None
        if hasattr(os, "memfd_create"):         # no name, and on no disk
            self._fd = os.memfd_create("netloop-keylog")
            path = f"/proc/self/fd/{self._fd}"
        else:
            from tempfile import NamedTemporaryFile
            self._file = NamedTemporaryFile(prefix="netloop-keylog-")   # noqa: SIM115  (closed by `stop`)
            self._fd, path = self._file.fileno(), self._file.name
        context.keylog_filename = path

    @staticmethod
    def start(context: ssl.SSLContext) -> KeyLog:
        """The log of a context, for one more handshake; `stop` ends that."""
        found = _open.get(context)
        if found is None:
            found = _open[context] = KeyLog(context)
        found._users += 1
        return found

    def clear(self) -> None:
        """Forget what was written: a step begins."""
        os.ftruncate(self._fd, 0)               # it is written in append mode

    def take(self) -> list[bytes]:
        """The lines that were written since."""
        size = os.fstat(self._fd).st_size
        if not size:
            return []
        text = os.pread(self._fd, size, 0)
        self.clear()
        return [line for line in text.splitlines(keepends=True) if not line.startswith(b"#")]

    def stop(self, context: ssl.SSLContext) -> None:
        self._users -= 1
        if self._users:
            return
        _open.pop(context, None)
        context.keylog_filename = None          # type: ignore[assignment]  # typeshed: it may be None
        if self._file is not None:
            self._file.close()
        else:
            os.close(self._fd)
