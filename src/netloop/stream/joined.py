"""JoinedDuplex: one Duplex over two streams, of which one is written and the other read.

    writes -> write half ......... read half -> reads
              (what happens between is theirs)

Source: https://nodejs.org/api/stream.html#streamduplexfromsrc
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .duplex import Duplex
from .watch import StreamWatch

if TYPE_CHECKING:
    from .state import Callback

__all__ = ["JoinedDuplex"]


class JoinedDuplex(Duplex):
    """Writes go to `write_half`, reads come from `read_half`; either may be None, and is switched off then.

    Backpressure passes through in both directions.  It fails when either half fails, and destroys both when
    it is destroyed.
    """

    def __init__(self, read_half: Any = None, write_half: Any = None) -> None:
        super().__init__(readable=read_half is not None, writable=write_half is not None,
                         readable_object_mode=read_half is not None and read_half.readable_object_mode,
                         writable_object_mode=write_half is not None and write_half.writable_object_mode)
        self._read_half = read_half
        self._write_half = write_half
        self._wants_data = False                    # _read was called, and the read half had nothing
        self._written: Callback | None = None       # waits for the write half to drain
        self._finished: Callback | None = None      # waits for the write half to finish
        if read_half is not None:
            read_half.on("readable", self._on_readable)
            StreamWatch(read_half, self._on_read_half_over, writable=False).start()
        if write_half is not None:
            write_half.on("drain", self._on_drain)
            StreamWatch(write_half, self._on_write_half_over, readable=False).start()

    # --- read ---

    def _read(self, size: int) -> None:
        while True:
            chunk = self._read_half.read()
            if chunk is None:
                self._wants_data = True
                return
            if not self.push(chunk):
                return

    def _on_readable(self) -> None:
        if self._wants_data and not self.destroyed:
            self._wants_data = False
            self._read(0)

    def _on_read_half_over(self, error: Exception | None) -> None:
        if error is not None:
            self.destroy(error)
        else:
            self.push(None)

    # --- write ---

    def _write(self, chunk: Any, encoding: str, callback: Callback) -> None:
        encodings = (encoding,) if isinstance(chunk, str) else ()
        if self._write_half.write(chunk, *encodings):
            callback(None)
        else:
            self._written = callback

    def _on_drain(self) -> None:
        written, self._written = self._written, None
        if written is not None:
            written(None)

    def _final(self, callback: Callback) -> None:
        self._finished = callback
        self._write_half.end()

    def _on_write_half_over(self, error: Exception | None) -> None:
        if error is not None:
            self.destroy(error)
        elif self._finished is not None:
            self._finished(None)

    # --- out ---

    def _destroy(self, error: Exception | None, callback: Callback) -> None:
        for half in (self._write_half, self._read_half):
            if half is not None:
                half.destroy(error)
        callback(error)
