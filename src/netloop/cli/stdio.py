"""Streams over the standard input and output, whatever they are: terminals, pipes, regular files, devices.

Each has a thread that makes one blocking call at a time, because no other way serves them all.  A poller
cannot watch a regular file.  What it can watch it could only use without blocking, and O_NONBLOCK is not
ours to set: it belongs to the open file, which other processes share, the shell among them, and which on a
terminal is standard input, output and error at once.

The threads are daemons and not those of a pool: a read from a terminal where nobody types any more never
returns, and must not keep the process from its end.
"""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Sequence
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import system_error
from ..stream import Readable, Writable

if TYPE_CHECKING:
    from ..loop import Loop

__all__ = ["STDIN", "STDOUT", "STDERR", "Input", "Output", "open_closed"]

STDIN, STDOUT, STDERR = 0, 1, 2
CHUNK = 262144          # bytes of one read: a hand-over between threads costs as much as copying that many
HIGH_WATER_MARK = 1048576

Callback: TypeAlias = Callable[[Exception | None], object]
Answer: TypeAlias = Callable[[Any, OSError | None], object]


def open_closed() -> None:
    """Open what of the three is closed, lest a socket get its number and be taken for it.

    The input is empty then; and to write fails, as it does where nothing is open, instead of losing what is written.
    """
    for fd in (STDIN, STDOUT, STDERR):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)    # the lowest free number, which is this one


class Input(Readable):
    """The bytes that come in on a descriptor, which stays open.

    Emits `error` with the OSError of a read that failed.
    """

    def __init__(self, fd: int, name: str = "stdin") -> None:
        super().__init__(high_water_mark=HIGH_WATER_MARK)
        self._fd = fd
        self._name = name
        self._calls = BlockingCalls(self._loop, name)

    def _read(self, size: int) -> None:
        self._calls.make(partial(_read_some, self._fd), self._on_bytes)

    def _on_bytes(self, data: bytes | None, error: OSError | None) -> None:
        if error is not None:
            self.destroy(system_error(error.errno or 0, "read", self._name))
        else:
            self.push(data or None)         # nothing is the end

    def _destroy(self, error: Exception | None, callback: Callback) -> None:
        self._calls.stop()
        callback(error)


class Output(Writable):
    """A way out on a descriptor, which stays open.

    Emits `error` with the OSError of a write that failed: EPIPE when nobody reads any more.
    """

    def __init__(self, fd: int, name: str = "stdout") -> None:
        super().__init__(high_water_mark=HIGH_WATER_MARK)
        self._fd = fd
        self._name = name
        self._calls = BlockingCalls(self._loop, name)

    def _write(self, chunk: bytes, encoding: str, callback: Callback) -> None:
        self._send([chunk], callback)

    def _writev(self, chunks: list[tuple[Any, str]], callback: Callback) -> None:
        self._send([chunk for chunk, _ in chunks], callback)

    def _send(self, pieces: Sequence[bytes], callback: Callback) -> None:
        def on_written(result: None, error: OSError | None) -> None:
            callback(None if error is None else system_error(error.errno or 0, "write", self._name))

        self._calls.make(partial(_write_all, self._fd, pieces), on_written)

    def _destroy(self, error: Exception | None, callback: Callback) -> None:
        self._calls.stop()
        callback(error)


class BlockingCalls:
    """A thread that makes blocking calls, one at a time.  A call that is under way keeps the loop alive."""

    def __init__(self, loop: Loop, name: str) -> None:
        self._loop = loop
        self._tell = loop.asyncio_loop.call_soon_threadsafe
        self._queue: SimpleQueue[tuple[Callable[[], Any], Answer] | None] = SimpleQueue()
        self._waiting = False
        self._stopped = False
        Thread(target=self._work, name=name, daemon=True).start()

    def make(self, call: Callable[[], Any], answer: Answer) -> None:
        """Call ``call()`` there, then ``answer(result, error)`` here."""
        self._waiting = True
        self._loop.hold()
        self._queue.put((call, answer))

    def stop(self) -> None:
        """Nobody waits any more: the thread ends when its call returns, if ever, and nothing is answered."""
        if not self._stopped:
            self._stopped = True
            self._queue.put(None)
            self._release()

    def _answer(self, answer: Answer, result: Any, error: OSError | None) -> None:
        if not self._stopped:
            self._release()
            self._loop.next_tick(answer, (result, error))

    def _release(self) -> None:
        if self._waiting:
            self._waiting = False
            self._loop.release()

    def _work(self) -> None:
        while (work := self._queue.get()) is not None:
            call, answer = work
            result, failure = None, None
            try:
                result = call()
            except OSError as error:
                failure = error
            try:
                self._tell(self._answer, answer, result, failure)
            except RuntimeError:
                return                      # the loop was closed meanwhile


def _read_some(fd: int) -> bytes:
    while True:
        try:
            return os.read(fd, CHUNK)
        except BlockingIOError:             # somebody else made it non-blocking
            select.select([fd], [], [])


def _write_all(fd: int, pieces: Sequence[bytes]) -> None:
    rest = memoryview(b"".join(pieces))
    while rest:
        try:
            rest = rest[os.write(fd, rest):]
        except BlockingIOError:
            select.select([], [fd], [])
