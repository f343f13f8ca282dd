"""What the stream tests share: recording events, and sources and sinks that a test steers by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings

from netloop.stream import Readable, Writable

settings.register_profile("netloop", deadline=None)     # the machine may be busy with something else
settings.load_profile("netloop")


@pytest.fixture
def record() -> Callable[..., list[Any]]:
    """``log = record(stream, "data", "end")``: a list that gets ``"end"`` or ``("data", b"...")``."""

    def start(stream: Any, *events: str, log: list[Any] | None = None) -> list[Any]:
        entries: list[Any] = [] if log is None else log
        for event in events:
            stream.on(event, lambda *arguments, event=event: entries.append(
                (event, *arguments) if arguments else event))
        return entries

    return start


class Sink(Writable):
    """A sink that is done when the test says so.  `writes` are the writes it got, each a list of chunks."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.writes: list[Any] = []
        self.callback: Any = None

    def _write(self, chunk: Any, encoding: str, callback: Any) -> None:
        self.writes.append(chunk)
        self.callback = callback

    def done(self, error: Exception | None = None) -> None:
        callback, self.callback = self.callback, None
        callback(error)


class BatchSink(Sink):
    """The same with `_writev`."""

    def _writev(self, chunks: list[tuple[Any, str]], callback: Any) -> None:
        self.writes.append([chunk for chunk, _ in chunks])
        self.callback = callback


class Source(Readable):
    """A source whose pushes the test makes.  `asked` counts the calls of `_read`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.asked = 0

    def _read(self, size: int) -> None:
        self.asked += 1


@pytest.fixture
def sink() -> type[Sink]:
    return Sink


@pytest.fixture
def batch_sink() -> type[BatchSink]:
    return BatchSink


@pytest.fixture
def source() -> type[Source]:
    return Source


def _code(error: Any) -> Any:
    return None if error is None else getattr(error, "code", type(error).__name__)


@pytest.fixture
def code() -> Callable[[Any], Any]:
    """The code of an error, or None."""
    return _code
