"""The poller on kqueue, where there is one; elsewhere over a double of it."""

from __future__ import annotations

import errno
import importlib
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from netloop._engine.stream_handle import StreamHandle
from netloop._engine.timer_lists import Timer

HERE = Path(__file__).parent
READABLE, WRITABLE = 1, 2


def _double() -> ModuleType:
    spec = importlib.util.spec_from_file_location("kqueue_double", HERE / "kqueue_double.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def poller(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    if not hasattr(select, "kqueue"):
        _double().install(lambda module, name, value: monkeypatch.setattr(module, name, value, raising=False))
        monkeypatch.delitem(sys.modules, "netloop._engine.kqueue", raising=False)
    poller = importlib.import_module("netloop._engine.kqueue").KqueuePoller()
    yield poller
    for handle in poller.handles():
        handle.close()
    poller.close()
    sys.modules.pop("netloop._engine.kqueue")


def test_each_direction_is_reported_on_its_own(poller, pair):
    fd = pair[0].fileno()
    poller.control(fd, 0, READABLE | WRITABLE)
    assert poller.wait(0.0) == [(fd, WRITABLE)]
    pair[1].send(b"x")
    assert sorted(poller.wait(0.0)) == [(fd, READABLE), (fd, WRITABLE)]
    poller.control(fd, READABLE | WRITABLE, READABLE)
    assert poller.wait(0.0) == [(fd, READABLE)]
    poller.control(fd, READABLE, 0)
    assert poller.wait(0.0) == []


def test_what_does_not_change_costs_nothing_and_what_is_unknown_is_an_error(poller, pair):
    poller.control(pair[0].fileno(), READABLE, READABLE)
    with pytest.raises(OSError) as caught:
        poller.control(pair[0].fileno(), READABLE, 0)
    assert caught.value.errno == errno.ENOENT


def test_a_descriptor_is_forgotten_when_it_is_closed(poller, pair):
    fd = os.dup(pair[0].fileno())
    poller.control(fd, 0, WRITABLE)
    poller.control(pair[0].fileno(), 0, WRITABLE)
    os.close(fd)
    with pytest.raises(OSError) as caught:
        poller.control(fd, WRITABLE, 0)
    assert caught.value.errno in (errno.EBADF, errno.ENOENT)


def test_the_queue_itself_can_be_watched(poller, pair):
    poller.control(pair[0].fileno(), 0, READABLE)
    assert select.select([poller.fileno()], [], [], 0)[0] == []
    pair[1].send(b"x")
    assert select.select([poller.fileno()], [], [], 1)[0] == [poller.fileno()]


def test_a_handle_receives_the_last_data_and_then_the_end(poller, pair):
    class Reader(StreamHandle):
        def on_read(self, data: bytes) -> None:
            log.append(data)

        def on_end(self) -> None:
            log.append("end")

    log: list[Any] = []
    Reader(poller, pair[0].detach()).read_start()
    pair[1].send(b"last words")
    pair[1].close()
    for _ in range(3):
        poller.turn(0.0)
    assert log == [b"last words", "end"]


def test_a_large_write_is_flushed_as_the_peer_reads(poller, pair):
    class Writer(StreamHandle):
        def on_flush(self) -> None:
            log.append("flush")

    log: list[str] = []
    assert Writer(poller, pair[0].detach()).write([bytes(1 << 20)]) == 0
    received = 0
    while not log:
        received += len(pair[1].recv(1 << 20))
        poller.turn(0.0)
    assert received + len(pair[1].recv(1 << 20)) == 1 << 20


def test_timers_are_due_while_it_waits_without_end(poller):
    class Due(Timer):
        def on_timeout(self) -> None:
            log.append("due")

    log: list[str] = []
    Due().start(poller.timers, 1)
    while not log:
        poller.turn(-1.0)
    assert poller.refs == 0


def test_close_gives_the_queue_back(poller):
    assert not poller.closed
    poller.close()
    assert poller.closed


def test_an_echo_runs_over_it_in_a_loop_of_its_own_and_in_a_foreign_one():
    done = subprocess.run([sys.executable, "-W", "error", HERE / "kqueue_echo.py"],
                          capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("echoed\n", "")


@pytest.mark.skipif(hasattr(select, "kqueue"), reason="there is a kqueue here")
def test_a_platform_with_neither_is_told_so_at_import():
    sys.modules.pop("netloop._engine.kqueue", None)
    with pytest.raises(ImportError, match=r"epoll .* or kqueue"):
        importlib.import_module("netloop._engine.kqueue")
