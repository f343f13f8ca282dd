"""Which frames a traceback keeps."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from netloop import events, net
from netloop._tracebacks import trim
from netloop.errors import system_error


def functions(error: BaseException) -> list[str]:
    return [frame.name for frame in traceback.extract_tb(error.__traceback__)]


def raised_by(function: Callable[[], object]) -> BaseException:
    """What the function raises, with its traceback trimmed."""
    with pytest.raises(Exception) as caught:
        function()
    trim(caught.value)
    return caught.value


def test_frames_of_netloop_between_those_of_the_user_are_left_out() -> None:
    def listener() -> None:
        raise KeyError

    emitter = events.EventEmitter().on("event", listener)
    assert functions(raised_by(lambda: emitter.emit("event")))[-2:] == ["<lambda>", "listener"]


def test_error_made_on_purpose_ends_at_the_users_line() -> None:
    assert functions(raised_by(lambda: net.create_server().listen(70000)))[-1] == "<lambda>"


def test_fault_inside_netloop_keeps_its_frames() -> None:
    module: dict[str, Any] = {"__name__": "netloop.net.faulty"}
    exec("def connect(): return choose([])\ndef choose(addresses): return addresses[0]", module)
    assert functions(raised_by(lambda: module["connect"]()))[-3:] == ["<lambda>", "connect", "choose"]


def test_cause_of_an_error_of_the_system_is_not_told_twice() -> None:
    def fail() -> None:
        try:
            os.stat("/nowhere")
        except OSError as error:
            raise system_error(error.errno or 0, "stat", "/nowhere") from error

    assert raised_by(fail).__cause__ is None


def test_cause_of_a_users_error_stays_and_is_trimmed_too() -> None:
    def listener() -> None:
        raise KeyError

    def fail() -> None:
        try:
            events.EventEmitter().on("event", listener).emit("event")
        except KeyError as error:
            raise LookupError from error

    cause = raised_by(fail).__cause__
    assert cause is not None
    assert functions(cause) == ["fail", "listener"]


def test_a_chain_of_errors_may_be_longer_than_the_stack_is_deep() -> None:
    def listener() -> None:
        raise KeyError("first")

    with pytest.raises(KeyError) as caught:
        events.EventEmitter().on("event", listener).emit("event")
    first = last = caught.value
    for number in range(2 * sys.getrecursionlimit()):
        error = KeyError(number)
        error.__context__, last = last, error
    first.__cause__ = last                  # and go in a circle
    trim(last)
    assert functions(first)[-1] == "listener"
    assert "emit" not in functions(first)


def test_errors_of_a_group_are_trimmed() -> None:
    def fail() -> None:
        try:
            net.create_server().listen(70000)
        except ValueError as error:
            raise ExceptionGroup("several", [error]) from None

    group = raised_by(fail)
    assert isinstance(group, ExceptionGroup)
    assert functions(group.exceptions[0]) == ["fail"]


def test_run_shows_no_lines_of_a_users_file_that_has_the_name_of_one_of_ours(tmp_path: Any) -> None:
    script = tmp_path / "server.py"
    script.write_text("from netloop import net, run\n\n\ndef on_close():\n    raise KeyError('mine')\n\n\n"
                      "net.create_server().listen(0).close(on_close)\nrun()\n" + "# a line of the user's\n" * 500)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=False)
    assert "raise KeyError('mine')" in done.stderr
    assert "a line of the user's" not in done.stderr
    assert "net/server" not in done.stderr
