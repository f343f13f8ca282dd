"""What the tests of the message core share: see core_log.py."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_spec: Any = importlib.util.spec_from_file_location("core_log", Path(__file__).with_name("core_log.py"))
core_log: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(core_log)


@pytest.fixture(scope="session")
def requests() -> Callable[..., Any]:
    """``requests(data)``: the log of a server that gets these bytes."""
    return core_log.requests


@pytest.fixture(scope="session")
def responses() -> Callable[..., Any]:
    """``responses(data)``: the log of a client that gets these bytes."""
    return core_log.responses


@pytest.fixture(scope="session")
def log() -> type[Any]:
    """A receiver that writes down what it is told."""
    return core_log.Log


@pytest.fixture(scope="session")
def every_cut() -> Callable[[bytes], list[list[bytes]]]:
    """The bytes whole, one by one, and in two pieces with the cut at every place."""
    return core_log.every_cut
