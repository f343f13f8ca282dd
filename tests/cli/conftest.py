"""What the tests of the command share: starting it as a process, and a terminal for it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, TypeAlias

import pytest

import netloop

Process: TypeAlias = "subprocess.Popen[Any]"
TIME_LIMIT_S = 30       # far above what any of them takes on a busy machine

# The package that is tested, from whatever folder, and no proxy but a test's own.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
ENVIRONMENT["PYTHONPATH"] = str(Path(netloop.__file__).parents[1])


class Command:
    """A `netloop` command that runs in a process of its own."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.pid = process.pid

    def line(self, *, of: str = "stdout") -> str:
        """The next line of its output."""
        return self._pipe(of).readline().decode()

    def line_with(self, text: str, *, of: str = "stdout") -> str:
        """The next line that contains `text`."""
        for line in iter(self._pipe(of).readline, b""):
            if text in line.decode():
                return line.decode()
        raise AssertionError(f"{of} ended without {text!r}")

    def _pipe(self, name: str) -> IO[bytes]:
        pipe: IO[bytes] = getattr(self.process, name)
        return pipe

    def end_input(self, data: bytes = b"") -> None:
        """Give it the rest of its input."""
        stdin, self.process.stdin = self.process.stdin, None
        assert stdin is not None
        with stdin:
            stdin.write(data)

    def finish(self, data: bytes | None = None) -> tuple[int, bytes, str]:
        """Give it the rest of its input, and wait for its end: the status, stdout and stderr."""
        stdout, stderr = self.process.communicate(data, timeout=TIME_LIMIT_S)
        return self.process.returncode, stdout or b"", (stderr or b"").decode()

    def signal(self, number: int) -> None:
        self.process.send_signal(number)


@pytest.fixture
def start() -> Iterator[Callable[..., Command]]:
    """``start("tcp", "localhost", "8124")``: a command with pipes for what the test does not redirect."""
    with ExitStack() as stack:

        def start_command(*arguments: object, environment: dict[str, str] | None = None, **options: Any) -> Command:
            options = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE) | options
            command = [sys.executable, "-m", "netloop", *map(str, arguments)]
            process = subprocess.Popen(command, env=ENVIRONMENT | (environment or {}), **options)
            stack.enter_context(process)
            stack.callback(process.kill)
            return Command(process)

        yield start_command


class Terminal:
    """A terminal that a test looks at and types on; `fd` is the end that a command gets."""

    def __init__(self) -> None:
        self._master, self.fd = pty.openpty()
        self.seen = b""

    def type(self, data: bytes) -> None:
        os.write(self._master, data)

    def read_until(self, text: bytes, times: int = 1) -> None:
        """Wait until `text` was on the screen, so many times."""
        while self.seen.count(text) < times:
            assert self._read(), f"{text!r} does not come in {self.seen!r}"

    def read_all(self) -> bytes:
        """All that was on the screen, when nobody writes any more."""
        self.let_go()
        while self._read():
            pass
        return self.seen

    def let_go(self) -> None:
        """Close the command's end here: it has its own copy."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def _read(self) -> bytes:
        ready, _, _ = select.select([self._master], [], [], TIME_LIMIT_S)
        assert ready, f"nothing more comes after {self.seen!r}"
        try:
            data = os.read(self._master, 65536)
        except OSError:                     # EIO: the other end is closed
            data = b""
        self.seen += data
        return data

    def close(self) -> None:
        self.let_go()
        os.close(self._master)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()
