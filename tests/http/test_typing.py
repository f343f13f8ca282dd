"""What an editor and a type checker know of http and https: what mypy makes of typed_http.py, line by line."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from netloop import http
from netloop._modules import PLAIN_MODE
from netloop.http.client_keywords import RequestKeywords
from netloop.http.client_options import CONNECT_NAMES, RequestOptions
from netloop.http.server_keywords import ServerKeywords
from netloop.https.agent import Agent as SecureAgent
from netloop.https.keywords import RequestKeywords as SecureRequestKeywords
from netloop.https.keywords import ServerKeywords as SecureServerKeywords
from netloop.net.keywords import ServerKeywords as NetServerKeywords
from netloop.tls.keywords import ServerKeywords as TLSServerKeywords

SNIPPET = Path(__file__).with_name("typed_http.py")
SOURCE = Path(__file__).parents[2] / "src"


def test_mypy_knows_events_and_options(tmp_path: Path) -> None:
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
        comment = re.search(r"\S  # (.*)$", line)
        if comment is not None:
            comments[number] = comment[1]
    return comments


def found(report: str) -> dict[int, str]:
    """What mypy says, by line number: a revealed type without the names of its modules, or ``error``."""
    messages = {}
    for number, kind, message in re.findall(r"typed_http.py:(\d+): (note|error): (.*)", report):
        revealed = re.search('Revealed type is "(.*)"', message)
        if kind == "error":
            messages[int(number)] = "error"
        elif revealed is not None:
            messages[int(number)] = re.sub(r"\b[a-z_.]+\.(?=[A-Za-z])", "", revealed[1])
    return messages


def keywords(function: Any) -> set[str]:
    return {name for name, parameter in inspect.signature(function).parameters.items()
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY}


def test_typed_options_of_servers_are_those_that_are_taken() -> None:
    taken = keywords(http.Server.__init__) | NetServerKeywords.__annotations__.keys()
    assert ServerKeywords.__annotations__.keys() == taken
    assert SecureServerKeywords.__annotations__.keys() == taken | TLSServerKeywords.__annotations__.keys()


@pytest.mark.skipif(not PLAIN_MODE, reason="a compiled constructor does not tell its keywords")
def test_typed_options_of_requests_are_those_that_are_taken() -> None:
    taken = keywords(RequestOptions.__init__) | {"agent", "default_port"}
    assert RequestKeywords.__annotations__.keys() == taken | CONNECT_NAMES
    assert SecureRequestKeywords.__annotations__.keys() <= taken | SecureAgent.connect_names
