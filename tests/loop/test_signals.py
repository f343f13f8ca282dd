"""SIGINT and SIGTERM end a run cleanly, unless the program has handlers of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest

from netloop import net, run, set_timeout
from netloop.loop import ending_signals

Start = Callable[..., Any]
SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])

SERVICE = """
    from netloop import net, run
    def serve(socket):
        socket.on("close", lambda had_error: print("connection closed", had_error))
        print("serving", flush=True)
    server = net.create_server(serve).on("close", lambda: print("server closed"))
    server.listen(0, "127.0.0.1", lambda: net.connect(server.address().port, "127.0.0.1"))
    print("returned", run())
"""


@pytest.mark.slow
@SIGNALS
def test_a_signal_closes_everything_and_run_returns_none(start: Start, number: int) -> None:
    program = start(SERVICE)
    program.wait_for("serving")
    program.process.send_signal(number)
    status, stdout, stderr = program.finish()
    assert stdout.splitlines() == ["connection closed False", "server closed", "returned None"]
    assert (status, stderr) == (0, "")


# --- in this process ---

@SIGNALS
def test_the_handlers_are_as_before_after_a_run(number: int) -> None:
    before = signal.getsignal(number)
    seen: list[Any] = []
    run(lambda: seen.append(signal.getsignal(number)))
    assert signal.getsignal(number) is before
    assert seen != [before]


@SIGNALS
def test_a_signal_cancels_main_and_run_returns_none(number: int) -> None:
    log: list[str] = []

    async def main() -> str:
        try:
            os.kill(os.getpid(), number)
            await asyncio.get_running_loop().create_future()        # for ever
        finally:
            log.append("cancelled")
        return "result"

    assert run(main) is None
    assert log == ["cancelled"]


@SIGNALS
def test_a_signal_delivers_close_events_before_run_returns(number: int) -> None:
    log: list[str] = []

    def main() -> None:
        server = net.create_server().on("close", lambda: log.append("close"))
        server.listen(0, "127.0.0.1", lambda: os.kill(os.getpid(), number))

    run(main)
    assert log == ["close"]


@SIGNALS
def test_the_next_run_knows_nothing_of_the_signal(number: int) -> None:
    set_timeout(os.kill, 1, os.getpid(), number)
    set_timeout(print, 60_000)
    assert run() is None
    log: list[str] = []
    set_timeout(log.append, 1, "timer")
    assert run(lambda: 42) == 42
    assert log == ["timer"]


@SIGNALS
def test_the_same_signal_sent_twice_is_one_clean_end(number: int) -> None:
    log: list[str] = []

    def main() -> None:
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
        log.append("not interrupted")

    assert run(main) is None
    assert log == ["not interrupted"]


@pytest.mark.parametrize(("number", "end"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)])
def test_another_signal_interrupts_a_callback_that_does_not_return(
        number: int, end: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending_signals, "PATIENCE_S", 0.0)
    before = signal.getsignal(number)

    def main() -> None:
        os.kill(os.getpid(), number)
        while True:
            os.kill(os.getpid(), number)

    with pytest.raises(end):
        run(main)
    assert signal.getsignal(number) is before


@SIGNALS
def test_a_handler_installed_while_it_runs_takes_over_and_stays(number: int) -> None:
    heard: list[int] = []
    before = signal.getsignal(number)

    def hear(found: int, frame: object) -> None:
        heard.append(found)

    def main() -> None:
        signal.signal(number, hear)
        os.kill(os.getpid(), number)
        set_timeout(heard.append, 1, 0)

    try:
        run(main)
        assert signal.getsignal(number) is hear
    finally:
        signal.signal(number, before)
    assert heard == [number, 0]


@SIGNALS
def test_a_handler_of_the_program_stays_in_place(number: int) -> None:
    heard: list[int] = []
    before = signal.signal(number, lambda found, frame: heard.append(found))
    try:
        set_timeout(os.kill, 1, os.getpid(), number)
        assert run(lambda: "result") == "result"
    finally:
        signal.signal(number, before)
    assert heard == [number]


def test_a_handler_of_the_program_that_raises_ends_the_run_with_that() -> None:
    def stop(number: int, frame: object) -> None:
        raise SystemExit(3)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        set_timeout(os.kill, 1, os.getpid(), signal.SIGTERM)
        set_timeout(print, 60_000)
        with pytest.raises(SystemExit) as caught:
            run()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert caught.value.code == 3


def test_a_run_in_another_thread_leaves_signals_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[Any] = []
    thread = threading.Thread(target=run, args=(lambda: seen.append(signal.getsignal(signal.SIGINT)),))
    thread.start()
    thread.join()
    assert seen == [before]
