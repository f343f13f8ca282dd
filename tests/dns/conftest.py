"""What the tests of dns share: a name server on loopback, and a resolver that asks it."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pycares
import pytest

from netloop.dns import Resolver

_spec: Any = importlib.util.spec_from_file_location("name_server", Path(__file__).with_name("name_server.py"))
name_server: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(name_server)


@pytest.fixture(scope="session", autouse=True)
def _thread_of_pycares() -> None:
    """pycares has a thread in which channels end.  It starts with the first of them, and stays."""
    pycares.Channel(sock_state_cb=lambda *_: None).close()


@pytest.fixture
def server() -> Iterator[Any]:
    server = name_server.NameServer()
    yield server
    server.close()


@pytest.fixture
def resolver(server: Any) -> Resolver:
    """A resolver that asks `server`."""
    resolver = Resolver(timeout=5000)
    resolver.set_servers([server.address])
    return resolver
