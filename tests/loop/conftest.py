"""What the loop's tests share: programs that run in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import netloop

TIME_LIMIT_S = 30       # far above what any of them takes on a busy machine
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(netloop.__file__).parents[1])}


class Program:
    """A Python program that runs in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def wait_for(self, line: str) -> None:
        """Wait until it has printed this line."""
        assert self.process.stdout is not None
        for found in self.process.stdout:
            if found == f"{line}\n":
                return
        raise AssertionError(f"it ended without {line!r}")

    def finish(self) -> tuple[int, str, str]:
        """Wait for its end: the status, and the rest of stdout and stderr."""
        stdout, stderr = self.process.communicate(timeout=TIME_LIMIT_S)
        return self.process.returncode, stdout, stderr


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """``start(source)``: ``app.py`` with this source, as ``python app.py`` runs it."""
    with ExitStack() as stack:
        def start_program(source: str, *command: str, **environment: str) -> Program:
            path = tmp_path / "app.py"
            path.write_text(textwrap.dedent(source))
            process = subprocess.Popen([sys.executable, *command, str(path)], text=True, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, env=ENVIRONMENT | environment)
            stack.enter_context(process)
            stack.callback(process.kill)
            return Program(process)

        yield start_program
