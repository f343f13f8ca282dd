"""The debug log that NETLOOP_DEBUG switches on."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import netloop
from netloop import debug_log, diagnostics
from netloop.diagnostics import channel

Log = Callable[[str], io.StringIO]

NET_CHANNELS = {"net.server.listen", "net.server.connection", "net.server.drop", "net.server.close",
                "net.connect.start", "net.connect.end", "net.connect.error",
                "socket.read", "socket.write", "socket.end", "socket.timeout", "socket.error", "socket.close"}

# Something on every channel of net: a connection, one too many, silence, a few bytes, the end, one that is refused.
PROGRAM = """
from netloop import net, run

def connect():
    return net.connect(port, "127.0.0.1").on("error", lambda error: None).resume()

def begin():
    global port
    port = server.address().port
    client = connect().on("connect", connect)
    server.on("drop", lambda info: client.set_timeout(1))
    client.on("timeout", lambda: client.end(b"hello"))
    client.on("close", lambda had_error: (server.close(), connect()))

def serve(socket):
    server.max_connections = 1
    socket.resume()

server = net.create_server(serve)
server.listen(0, "127.0.0.1", begin)
run()
"""


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """``log("net")`` starts the log; what is returned gets its lines."""
    monkeypatch.setattr(diagnostics, "_subscriptions", [*diagnostics._subscriptions])

    def start(modules: str) -> io.StringIO:
        stream = io.StringIO()
        debug_log.start(modules, stream)
        return stream

    yield start
    monkeypatch.undo()
    diagnostics._update_all()


def say(*names: str, **message: Any) -> None:
    for name in names:
        channel(name).publish(message)


def names(stream: io.StringIO) -> list[str]:
    return [line.split()[1] for line in stream.getvalue().splitlines()]


# --- which channels ---

def test_a_module_stands_for_its_channels(log: Log) -> None:
    stream = log("left")
    say("left.one", "right.one", "left.two", "left", "leftover.one")
    assert names(stream) == ["left.one", "left.two"]


def test_net_stands_for_its_sockets_too(log: Log) -> None:
    stream = log("net")
    say("net.server.listen", "socket.read", "left.one")
    assert names(stream) == ["net.server.listen", "socket.read"]


@pytest.mark.parametrize("modules", ["left,right", " left , right ", "left,,right,", "right,left,left"])
def test_several_modules_stand_with_commas(log: Log, modules: str) -> None:
    stream = log(modules)
    say("left.one", "middle.one", "right.one")
    assert names(stream) == ["left.one", "right.one"]


@pytest.mark.parametrize("modules", ["*", "net,*", "*,*"])
def test_a_star_stands_for_all_of_them_once(log: Log, modules: str) -> None:
    stream = log(modules)
    say("left.one", "net.server.listen")
    assert names(stream) == ["left.one", "net.server.listen"]


@pytest.mark.parametrize("modules", ["", ",", " ", "1", "no_such_module"])
def test_unknown_names_print_nothing(log: Log, modules: str) -> None:
    stream = log(modules)
    say("left.one", "net.server.listen", "socket.read")
    assert stream.getvalue() == ""


# --- the lines ---

@pytest.mark.parametrize(("message", "shown"), [
    ({}, ""),
    ({"size": 7}, "7 bytes"),
    ({"elapsed_ms": 0.4}, "elapsed=0.4 ms"),
    ({"target": "localhost:8124"}, "target=localhost:8124"),
    ({"error": ValueError("broken")}, "error=ValueError: broken"),
    ({"socket": "a socket", "had_error": False}, "'a socket' had_error=False"),
], ids=["nothing", "size", "time", "text", "error", "socket"])
def test_a_line_has_the_time_the_channel_and_the_message(log: Log, message: dict[str, Any], shown: str) -> None:
    stream = log("left")
    say("left.one", **message)
    assert re.fullmatch(rf" +\d+\.\d\d\d left\.one +{re.escape(shown)}\n", stream.getvalue())


def test_a_stream_that_nobody_reads_any_more_is_no_error(log: Log) -> None:
    stream = log("left")
    stream.close()
    say("left.one")         # a subscriber that raises is reported to the loop, which would be seen at its end


def test_without_standard_error_nothing_is_printed(monkeypatch: pytest.MonkeyPatch,
                                                   capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    debug_log.DebugLog().write({}, "left.one")
    assert capsys.readouterr().out == ""


# --- a whole program ---

def run_program(**environment: str) -> tuple[str, str]:
    own = {name: value for name, value in os.environ.items() if name != "NETLOOP_DEBUG"}
    path = str(Path(netloop.__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=own | {"PYTHONPATH": path} | environment,
                          capture_output=True, text=True, timeout=30, check=True)
    return done.stdout, done.stderr


@pytest.mark.slow
def test_it_is_off_by_default() -> None:
    assert run_program() == ("", "")
    assert run_program(NETLOOP_DEBUG="") == ("", "")


@pytest.mark.slow
def test_net_prints_a_line_for_each_channel_of_net_and_its_sockets() -> None:
    stdout, stderr = run_program(NETLOOP_DEBUG="net")
    lines = [line.split(maxsplit=2) for line in stderr.splitlines()]
    assert {name for _, name, _ in lines} == NET_CHANNELS
    assert all(details.startswith(("<Socket ", "<Server ")) for _, _, details in lines)
    assert stdout == ""
