"""Starting an example as its docstring says, and waiting for the line that tells where it listens."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import netloop

EXAMPLES = Path(__file__).parents[2] / "examples"
PACKAGE = Path(netloop.__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PACKAGE), "PYTHONIOENCODING": "utf-8"}
TIME_LIMIT_S = 30


class Example:
    """An example that runs in a process of its own."""

    def __init__(self, name: str, arguments: tuple[object, ...], cwd: Path) -> None:
        command = [sys.executable, "-u", EXAMPLES / name, *map(str, arguments)]
        self.process: subprocess.Popen[Any] = subprocess.Popen(
            command, env=ENVIRONMENT, cwd=cwd, encoding="utf-8",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.port = 0

    def line(self) -> str:
        """The next line that it prints, without its end."""
        assert self.process.stdout is not None
        return str(self.process.stdout.readline()).rstrip("\n")

    def listens(self) -> None:
        """Wait for the line with the port."""
        line = self.line()
        match = re.search(r":(\d+)$", line)
        assert match is not None, f"{line!r}, and {self.stop()}"
        self.port = int(match[1])

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=TIME_LIMIT_S)

    def finish(self) -> tuple[int, str, str]:
        """Wait for its end: the status, what else it printed, and stderr."""
        stdout, stderr = self.process.communicate(timeout=TIME_LIMIT_S)
        return self.process.returncode, stdout, stderr

    def stop(self) -> tuple[int, str, str]:
        """End it as an administrator does."""
        self.process.send_signal(signal.SIGTERM)
        return self.finish()


@pytest.fixture
def run_example(tmp_path: Path) -> Iterator[Callable[..., Example]]:
    """``run_example("hello_client.py", port)``"""
    with ExitStack() as stack:

        def start(name: str, *arguments: object) -> Example:
            example = Example(name, arguments, tmp_path)
            stack.enter_context(example.process)
            stack.callback(example.process.kill)
            return example

        yield start


@pytest.fixture
def serve(run_example: Callable[..., Example]) -> Callable[..., Example]:
    """The same for servers: when it returns they listen."""

    def start(name: str, *arguments: object) -> Example:
        example = run_example(name, *arguments)
        example.listens()
        return example

    return start


def read_exactly(peer: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        chunk = peer.recv(size - len(data))
        assert chunk, f"ended after {data!r}"
        data += chunk
    return data


@pytest.fixture
def read() -> Callable[[socket.socket, int], bytes]:
    """``read(peer, 7)``: exactly so many bytes."""
    return read_exactly
