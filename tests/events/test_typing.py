"""The events of a class are typed: what mypy makes of typed_events.py, line by line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SNIPPET = Path(__file__).with_name("typed_events.py")
SOURCE = Path(__file__).parents[2] / "src"


def test_mypy_knows_the_events_of_a_class(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    # In a process of its own: what mypy keeps in memory would make each later garbage collection slow.
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent",
                           f"--cache-dir={tmp_path}", str(SNIPPET)],
                          env={**os.environ, "MYPYPATH": str(SOURCE)}, capture_output=True, text=True)
    assert found(done.stdout) == expected(SNIPPET.read_text())


def expected(source: str) -> dict[int, str]:
    """The trailing comments of lines that reveal a type or are wrong, by line number."""
    comments = {}
    for number, line in enumerate(source.splitlines(), 1):
        comment = re.search(r"^(?:reveal_type|@).*  # (.*)$", line)
        if comment is not None:
            comments[number] = comment[1]
    return comments


def found(report: str) -> dict[int, str]:
    """What mypy says, by line number: a revealed type without the names of its modules, or ``error``."""
    messages = {}
    for number, kind, message in re.findall(r"typed_events.py:(\d+): (note|error): (.*)", report):
        revealed = message.removeprefix('Revealed type is ').strip('"')
        messages[int(number)] = "error" if kind == "error" else re.sub(r"\b[a-z_.]+\.(?=[A-Z])", "", revealed)
    return messages
