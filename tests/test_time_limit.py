"""A test that hangs in compiled code, where neither signals nor timers are heard, ends with a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# The traceback is made by a thread that does not wait for the one that hangs: it may crash on frames that come and go.
HANGING = """
import functools
import netloop

async def test_that_lets_nothing_else_happen():
    next_tick = netloop.loop.current().next_tick
    again = functools.partial(next_tick)
    again.__setstate__((next_tick, (again,), {}, None))
    again()

def test_that_waits_for_what_never_comes():
    server = netloop.net.create_server().listen(0, "127.0.0.1")
    netloop.run()
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["test_that_lets_nothing_else_happen", "test_that_waits_for_what_never_comes"])
def test_a_test_that_hangs_ends_the_run_and_says_where_it_was(tmp_path: Path, name: str) -> None:
    (tmp_path / "test_hanging.py").write_text(HANGING, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "-o", "faulthandler_timeout=0.5",
               "-p", "no:cacheprovider", "-p", "conftest", "-k", name, tmp_path]
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT / 'tests'}"}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 1
    assert "Timeout (" in run.stderr
    assert f" in {name}" in run.stderr
