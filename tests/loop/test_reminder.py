"""The word at exit for a program that opened something and never ran the loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Start = Callable[..., Any]

SERVER = """
from netloop import net
server = net.create_server()
server.listen(0, "127.0.0.1")
"""
FORGOTTEN = {
    "server": (SERVER, "<Server on 127.0.0.1:", "app.py:4.  "),
    "connection": ("from netloop import net; net.connect(1, '127.0.0.1')", "<Socket connecting to ", "app.py:1.  "),
    "timer": ("from netloop import set_timeout; set_timeout(print, 1)", "<Timeout print after 1 ms>", "app.py:1.  "),
    "tick": ("from netloop import next_tick; next_tick(print)", "what next_tick was told", ".  "),
    "two timers": ("from netloop import set_timeout; set_timeout(print, 1); set_timeout(print, 1000)",
                   "<Timeout print after 1 ms>", ", and 1 more.  "),
    "sys.exit": (f"{SERVER}\nimport sys; sys.exit()", "<Server on ", "app.py:4.  "),
}
SILENT = {
    "nothing open": "from netloop import net; net.create_server(); net.Socket()",
    "run": f"{SERVER}server.unref()\nfrom netloop import run; run()",
    "run, and something after it": "from netloop import run, set_timeout; run(); set_timeout(print, 1)",
    "unref'd": "from netloop import set_timeout; set_timeout(print, 1).unref()",
    "closed again": f"{SERVER}server.close(); server._loop.clear()",
    "asyncio": "import asyncio\nfrom netloop import net\n"
               "async def main():\n    await net.create_server().listen(0, '127.0.0.1')\nasyncio.run(main())",
    "new_event_loop": "import asyncio\nfrom netloop import net, new_event_loop\n"
                      "async def main():\n    await net.create_server().listen(0, '127.0.0.1')\n"
                      "with asyncio.Runner(loop_factory=new_event_loop) as runner:\n    runner.run(main())",
    "no stderr": f"{SERVER}import sys; sys.stderr = None",
}


@pytest.mark.slow
@pytest.mark.parametrize(("source", "what", "ending"), FORGOTTEN.values(), ids=FORGOTTEN.keys())
def test_a_program_that_never_runs_its_loop_is_told_so_in_one_line(start: Start, source: str, what: str,
                                                                   ending: str) -> None:
    status, stdout, stderr = start(source).finish()
    assert stderr.startswith(f"netloop: the loop never ran, and so nothing came of {what}")
    assert ending in stderr
    assert stderr.endswith("End the program with netloop.run(), or start it by: netloop run\n")
    assert stderr.count("\n") == 1
    assert (status, stdout) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("source", SILENT.values(), ids=SILENT.keys())
def test_a_program_that_has_no_need_of_it_is_told_nothing(start: Start, source: str) -> None:
    assert start(source).finish() == (0, "", "")


@pytest.mark.slow
def test_a_traceback_stands_alone(start: Start) -> None:
    status, _, stderr = start(f"{SERVER}raise ValueError('broken')").finish()
    assert stderr.endswith("ValueError: broken\n")
    assert "never ran" not in stderr
    assert status == 1


@pytest.mark.slow
def test_the_command_runs_the_loop_and_says_nothing(start: Start) -> None:
    program = start(f"{SERVER}import sys; sys.exit(3)", "-m", "netloop", "run")
    assert program.finish() == (3, "", "")
