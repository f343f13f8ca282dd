"""What an editor and a type checker know of names, events and options: what mypy makes of the files typed_*.py, line by line.

The examples are as strict as the package.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import netloop

SNIPPETS = sorted(Path(__file__).parent.rglob("typed_*.py"))
EXAMPLES = sorted(Path(__file__).parents[1].glob("examples/*.py"))
SOURCE = Path(netloop.__file__).parents[1]
PACKAGES = ["netloop", *(f"netloop.{path.parent.name}" for path in sorted(SOURCE.glob("netloop/[a-z]*/__init__.py")))]


@pytest.fixture(scope="module")
def public_names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that uses every public name."""
    path = tmp_path_factory.mktemp("program") / "public_names.py"
    names = [f"{package}.{name}" for package in PACKAGES for name in getattr(import_module(package), "__all__", ())]
    path.write_text("\n".join([f"import {package}" for package in PACKAGES] + [f"print({name})" for name in names]))
    return path


@pytest.fixture(scope="module")
def report(public_names: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What mypy says of all of them."""
    pytest.importorskip("mypy")
    # In a process of its own: what mypy keeps in memory would make each later garbage collection slow.
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent",
                           f"--cache-dir={tmp_path_factory.mktemp('mypy')}", *map(str, [*SNIPPETS, *EXAMPLES, public_names])],
                          env={**os.environ, "MYPYPATH": str(SOURCE)}, capture_output=True, text=True)
    return done.stdout


@pytest.mark.parametrize("snippet", SNIPPETS, ids=[snippet.stem for snippet in SNIPPETS])
def test_mypy_knows_names_events_and_options(snippet: Path, report: str) -> None:
    assert found(report, snippet.name) == expected(snippet.read_text())


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.stem for example in EXAMPLES])
def test_mypy_finds_nothing_in_an_example(example: Path, report: str) -> None:
    assert found(report, example.name) == {}


def test_mypy_finds_every_public_name(public_names: Path, report: str) -> None:
    assert "(netloop.http.create_server)" in public_names.read_text()
    assert found(report, public_names.name) == {}


def test_there_are_snippets_and_examples() -> None:
    assert len(SNIPPETS) >= 3
    assert len(EXAMPLES) >= 20


def expected(source: str) -> dict[int, str]:
    """The trailing comments of lines that reveal a type or are wrong, by line number."""
    comments = {}
    for number, line in enumerate(source.splitlines(), 1):
        comment = re.search(r"\S  # (?!type: )(.*)$", line)
        if comment is not None:
            comments[number] = comment[1]
    return comments


def found(report: str, name: str) -> dict[int, str]:
    """What mypy says, by line number: a revealed type without the names of its modules, or ``error``."""
    messages = {}
    for number, kind, message in re.findall(rf"\b{name}:(\d+): (note|error): (.*)", report):
        revealed = re.search('Revealed type is "(.*)"', message)
        if kind == "error":
            messages[int(number)] = "error"
        elif revealed is not None:
            messages[int(number)] = re.sub(r"\b[a-z_.]+\.(?=[A-Za-z])", "", revealed[1])
    return messages
