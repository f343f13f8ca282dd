"""Streams over descriptors: files, pipes, and what goes wrong with them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netloop import run
from netloop.cli.stdio import Input, Output

DATA = os.urandom(1_000_003)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """The two ends of a pipe: where to read, where to write."""
    ends = os.pipe()
    yield ends
    for fd in ends:
        try:
            os.close(fd)
        except OSError:
            pass                    # the test closed it


def test_input_reads_a_file_to_its_end_and_leaves_it_open(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(DATA)
    with path.open("rb") as file:
        async def main() -> list[bytes]:
            return await Input(file.fileno()).to_array()

        assert b"".join(run(main)) == DATA
        assert file.read() == b""


def test_input_gives_what_a_pipe_has_without_waiting_for_more(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    chunks: list[bytes] = []
    os.write(writing, b"first")

    def on_data(chunk: bytes) -> None:
        chunks.append(chunk)
        if len(chunks) == 1:
            os.write(writing, b"second")
            os.close(writing)

    def main() -> None:
        Input(reading).on("data", on_data)

    run(main)
    assert chunks == [b"first", b"second"]


def test_input_that_nobody_wants_any_more_does_not_keep_the_loop_alive(pipe: tuple[int, int]) -> None:
    events: list[str] = []

    def main() -> None:
        stream = Input(pipe[0])
        stream.on("close", lambda: events.append("close")).on("data", events.append)
        stream.on("resume", lambda: stream.destroy())       # by then it waits in a read that never returns

    run(main)
    assert events == ["close"]


def test_input_that_cannot_be_read_emits_the_error(pipe: tuple[int, int]) -> None:
    errors: list[Any] = []

    def main() -> None:
        Input(pipe[1], "the wrong end").on("error", errors.append).resume()

    run(main)
    [error] = errors
    assert (error.code, error.syscall, error.address) == ("EBADF", "read", "the wrong end")


def test_output_writes_everything_to_a_reader_that_takes_little_at_a_time(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    received = bytearray()

    async def main() -> None:
        sink = Output(writing)
        sink.on("finish", lambda: os.close(writing))
        source = Input(reading)
        source.on("data", received.extend)
        for start in range(0, len(DATA), 100_000):
            if not sink.write(DATA[start:start + 100_000]):
                await sink.drain()
        sink.end()

    run(main)
    assert received == DATA


def test_output_that_nobody_reads_emits_the_error(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.close(reading)
    errors: list[Any] = []

    def main() -> None:
        Output(writing).on("error", errors.append).end(b"data")

    run(main)
    [error] = errors
    assert (error.code, error.syscall, error.address) == ("EPIPE", "write", "stdout")


def test_descriptors_that_others_made_non_blocking_work_as_well(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    received = bytearray()

    def main() -> None:
        Input(reading).on("data", received.extend)          # nothing there yet
        Output(writing).on("finish", lambda: os.close(writing)).end(DATA)

    run(main)
    assert received == DATA
